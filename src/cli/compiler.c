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

static const struct {
    const char *target, *flag, *program;
} compilers[] = {
    {"i386-linux", "-m32", NULL},
    {"x86_64-linux", "-m64", NULL},
    {"i386-windows", "-mlong-double-64", "i686-w64-mingw32-gcc"},
    {"x86_64-windows", "-mlong-double-64", "x86_64-w64-mingw32-gcc"},
    {"i386-windows-gnu", "-mlong-double-80", "i686-w64-mingw32-gcc"},
    {"x86_64-windows-gnu", "-mlong-double-80", "x86_64-w64-mingw32-gcc"},
};

const char *cli_compiler_flag(const char *target, const char **ret_program) {
    for (size_t i = 0; i < sizeof compilers / sizeof compilers[0]; i++) {
        if (strcmp(compilers[i].target, target) == 0) {
            *ret_program = compilers[i].program;
            return compilers[i].flag;
        }
    }
    return NULL;
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
    cli_error("%s: '%s %s %s' failed:\n%.*s", verb, command[0], command[1], command[2], COMPLAINT_MAX,
              text != NULL ? text : "");
    free(text);
}

int cli_compiler_run(const char *verb, const char *what, const char *program, const char *const *arguments, FILE *in,
                     FILE *out) {
    const char *name = getenv("CC");
    char *compiler = strdup(program != NULL                                     ? program
                            : name != NULL && name[strspn(name, " \t")] != '\0' ? name
                                                                                : "cc");
    char **command = compiler != NULL ? make_command(compiler, arguments) : NULL;
    FILE *complaints = tmpfile();
    int process_status = 0, error = ENOMEM;
    if (command != NULL && command[0] != NULL && complaints != NULL) {
        error = run_command(command, in, out, complaints, &process_status);
    }
    if (error != 0 && program != NULL) {
        cli_error("%s: %s needs a C compiler for Windows, and '%s' does not run: %s. Install it (on Debian: "
                  "gcc-mingw-w64)",
                  verb, what, program, strerror(error));
    } else if (error != 0) {
        cli_error("%s: %s needs a C compiler, and '%s' does not run: %s. Install one (on Debian: gcc and "
                  "gcc-multilib), or name it in the environment variable CC",
                  verb, what, command != NULL && command[0] != NULL ? command[0] : "cc", strerror(error));
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
