/* cli: running the system's C compiler. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMPILER_WORDS_MAX = 16, COMPLAINT_MAX = 2000 };

/* How C is compiled for a target. */
static const struct row {
    const char *target, *compiler, *flag; /* NULL: the system's compiler */
} rows[] = {
    {"i386-linux", NULL, "-m32"},
    {"x86_64-linux", NULL, "-m64"},
    {"i386-windows", "i686-w64-mingw32-gcc", "-mlong-double-64"},
    {"x86_64-windows", "x86_64-w64-mingw32-gcc", "-mlong-double-64"},
    {"i386-windows-gnu", "i686-w64-mingw32-gcc", "-mlong-double-80"},
    {"x86_64-windows-gnu", "x86_64-w64-mingw32-gcc", "-mlong-double-80"},
};

static const struct row *row_of(const char *target) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].target, target) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *cli_compiler_flag(const char *target) {
    const struct row *row = row_of(target);
    return row != NULL ? row->flag : NULL;
}

bool cli_compiler_is_foreign(const char *target) {
    const struct row *row = row_of(target);
    return row != NULL && row->compiler != NULL;
}

char *cli_compiler_output(FILE *file) {
    char *text = NULL;
    size_t used = 0, size = 0;
    rewind(file);
    do {
        size = size * 2 + 65536;
        char *larger = realloc(text, size + 1);
        if (larger == NULL) {
            free(text);
            return NULL;
        }
        text = larger;
        used += fread(text + used, 1, size - used, file);
    } while (used == size);
    text[used] = '\0';
    return text;
}

/* The words of $CC, then what is asked of it; to be freed. */
static char **make_command(char *compiler, const char *const *arguments) {
    size_t count = 0, argument_count = 0;
    while (arguments[argument_count] != NULL) {
        argument_count++;
    }
    char **command = calloc(COMPILER_WORDS_MAX + argument_count + 1, sizeof *command), *rest = compiler;
    for (char *word; command != NULL && (word = strsep(&rest, " \t")) != NULL && count < COMPILER_WORDS_MAX;) {
        if (*word != '\0') {
            command[count++] = word;
        }
    }
    if (command != NULL) {
        memcpy(command + count, arguments, argument_count * sizeof *command);
    }
    return command;
}

static int run_command(char *const *command, FILE *in, FILE *out, FILE *complaints, int *ret_status) {
    posix_spawn_file_actions_t actions;
    pid_t process;
    posix_spawn_file_actions_init(&actions);
    if (in != NULL) {
        posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
    }
    posix_spawn_file_actions_adddup2(&actions, fileno(out != NULL ? out : complaints), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(complaints), STDERR_FILENO);
    int rc = posix_spawnp(&process, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    while (rc == 0 && waitpid(process, ret_status, 0) < 0) {
        rc = errno == EINTR ? 0 : errno;
    }
    return rc;
}

static void say_complaints(const char *verb, char *const *command, FILE *complaints) {
    char *text = cli_compiler_output(complaints);
    size_t len = text != NULL ? strlen(text) : 0;
    while (len > 0 && text[len - 1] == '\n') {
        text[--len] = '\0';
    }
    cli_error("%s: '%s %s %s' failed%s%.*s", verb, command[0], command[1], command[2],
              len > 0 ? ":\n" : ", and did not say why", COMPLAINT_MAX, len > 0 ? text : "");
    free(text);
}

static const char *compiler_for(const char *target) {
    const char *name = getenv("CC");
    return cli_compiler_is_foreign(target)                     ? row_of(target)->compiler
           : name != NULL && name[strspn(name, " \t")] != '\0' ? name
                                                               : "cc";
}

int cli_compiler_run(const char *verb, const char *what, const char *target, const char *const *arguments, FILE *in,
                     FILE *out) {
    char *compiler = strdup(compiler_for(target));
    char **command = compiler != NULL ? make_command(compiler, arguments) : NULL;
    FILE *complaints = tmpfile();
    int process_status = 0, error = ENOMEM;
    if (command != NULL && command[0] != NULL && complaints != NULL) {
        error = run_command(command, in, out, complaints, &process_status);
    }
    if (error != 0) {
        cli_error("%s: %s needs a C compiler, and '%s' does not run: %s. Install one (on Debian: %s", verb, what,
                  command != NULL && command[0] != NULL ? command[0] : "cc", strerror(error),
                  cli_compiler_is_foreign(target) ? "gcc-mingw-w64)"
                                                  : "gcc and gcc-multilib), or name it in the environment variable CC");
    } else if (process_status != 0) {
        say_complaints(verb, command, complaints);
    }
    if (complaints != NULL) {
        fclose(complaints);
    }
    free(command);
    free(compiler);
    return error == 0 && process_status == 0 ? CLI_OK : CLI_FAILED;
}
