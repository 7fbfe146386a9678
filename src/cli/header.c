#include "cli/header.h"

#include "cli/cli.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMPILER_WORDS_MAX = 16, COMPLAINT_MAX = 2000 };

/* -- options ------------------------------------------------------------------------------------------------------- */

static void add(const char **list, unsigned *count, unsigned most, const char *text) {
    if (*count < most) { /* what is too much is noticed when the list is read */
        list[*count] = text;
    }
    ++*count;
}

bool cli_header_option(struct cli_header *header, int option, const char *argument) {
    switch (option) {
    case CLI_HEADER_FILE:
        add(header->files, &header->file_count, CLI_HEADER_FILES_MAX, argument);
        return true;
    case CLI_HEADER_SIDECAR:
        add(header->sidecars, &header->sidecar_count, CLI_HEADER_FILES_MAX, argument);
        return true;
    case 'I':
    case CLI_HEADER_INCLUDE:
        add(header->flags, &header->flag_count, CLI_HEADER_FLAGS_MAX, "-I");
        add(header->flags, &header->flag_count, CLI_HEADER_FLAGS_MAX, argument);
        return true;
    case 'D':
    case CLI_HEADER_DEFINE:
        add(header->flags, &header->flag_count, CLI_HEADER_FLAGS_MAX, "-D");
        add(header->flags, &header->flag_count, CLI_HEADER_FLAGS_MAX, argument);
        return true;
    default:
        return false;
    }
}

/* -- the compiler -------------------------------------------------------------------------------------------------- */

static const char *machine_flag(const char *target) {
    return strcmp(target, "i386-linux") == 0 ? "-m32" : strcmp(target, "x86_64-linux") == 0 ? "-m64" : NULL;
}

/* What includes the headers: a file that is there by its path, else a name that the compiler looks for. */
static int write_includes(const struct cli_header *header, FILE *file) {
    for (unsigned i = 0; i < header->file_count; i++) {
        char *path = access(header->files[i], R_OK) == 0 ? realpath(header->files[i], NULL) : NULL;
        if (path != NULL) {
            fprintf(file, "#include \"%s\"\n", path);
        } else {
            fprintf(file, "#include <%s>\n", header->files[i]);
        }
        free(path);
    }
    return fflush(file) == 0 && lseek(fileno(file), 0, SEEK_SET) == 0 ? CLI_OK : CLI_FAILED;
}

static char *read_whole(FILE *file) {
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

/* The words of $CC, then what is asked of it. */
static void make_command(const struct cli_header *header, const char *flag, char *compiler, char **command) {
    size_t count = 0;
    char *rest = compiler;
    for (char *word; (word = strsep(&rest, " \t")) != NULL && count < COMPILER_WORDS_MAX;) {
        if (*word != '\0') {
            command[count++] = word;
        }
    }
    command[count++] = (char *)"-E";
    command[count++] = (char *)flag;
    for (unsigned i = 0; i < header->flag_count; i++) {
        command[count++] = (char *)header->flags[i];
    }
    command[count++] = (char *)"-xc";
    command[count++] = (char *)"-";
    command[count] = NULL;
}

static int run_compiler(char *const *command, FILE *in, FILE *out, FILE *complaints, int *ret_status) {
    posix_spawn_file_actions_t actions;
    pid_t process;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(complaints), STDERR_FILENO);
    int rc = posix_spawnp(&process, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    while (rc == 0 && waitpid(process, ret_status, 0) < 0) {
        rc = errno == EINTR ? 0 : errno;
    }
    return rc;
}

static int preprocess_into(const struct cli_header *header, const char *target, FILE *in, FILE *out, FILE *complaints) {
    const char *name = getenv("CC");
    char *compiler = strdup(name != NULL && name[strspn(name, " \t")] != '\0' ? name : "cc");
    char *command[COMPILER_WORDS_MAX + CLI_HEADER_FLAGS_MAX + 8];
    int process_status = 0;
    if (compiler == NULL || write_includes(header, in) != CLI_OK) {
        cli_error("%s: no room for what is to be preprocessed", header->verb);
        free(compiler);
        return CLI_FAILED;
    }
    make_command(header, machine_flag(target), compiler, command);
    int error = run_compiler(command, in, out, complaints, &process_status);
    if (error != 0) {
        cli_error("%s: --header needs a C compiler, and '%s' does not run: %s. Install one (on Debian: gcc and "
                  "gcc-multilib), or name it in the environment variable CC",
                  header->verb, command[0], strerror(error));
    } else if (process_status != 0) {
        char *text = read_whole(complaints);
        size_t len = text != NULL ? strlen(text) : 0;
        while (len > 0 && text[len - 1] == '\n') {
            text[--len] = '\0';
        }
        cli_error("%s: '%s -E %s' failed:\n%.*s", header->verb, command[0], machine_flag(target), COMPLAINT_MAX,
                  text != NULL ? text : "");
        free(text);
    }
    free(compiler);
    return error == 0 && process_status == 0 ? CLI_OK : CLI_FAILED;
}

/* The headers as a compiler for the target sees them; to be freed. */
static int preprocess(const struct cli_header *header, const char *target, char **ret_text) {
    FILE *in = tmpfile(), *out = tmpfile(), *complaints = tmpfile();
    int status = CLI_FAILED;
    if (machine_flag(target) == NULL) {
        cli_error("%s: --header: how to preprocess for %s is not known", header->verb, target);
    } else if (in == NULL || out == NULL || complaints == NULL) {
        cli_error("%s: no temporary file: %s", header->verb, strerror(errno));
    } else {
        status = preprocess_into(header, target, in, out, complaints);
    }
    if (status == CLI_OK) {
        *ret_text = read_whole(out);
        if (*ret_text == NULL) {
            cli_error("%s: out of memory", header->verb);
            status = CLI_FAILED;
        }
    }
    FILE *const files[] = {in, out, complaints};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (files[i] != NULL) {
            fclose(files[i]);
        }
    }
    return status;
}

/* -- reading ------------------------------------------------------------------------------------------------------- */

static const char *own_target(void) {
    return sizeof(void *) == 8 ? "x86_64-linux" : "i386-linux";
}

static int failed(const struct cli_header *header, int error) {
    if (error == FC_OK) {
        return CLI_OK;
    }
    cli_error("%s: %s", header->verb, fc_error_text());
    return cli_status_of(error);
}

static int read_headers(const struct cli_header *header, const char *target, struct fc_declarations *declarations) {
    char *here = NULL, *there = NULL;
    int status = preprocess(header, own_target(), &here);
    status = status == CLI_OK ? preprocess(header, target, &there) : status;
    if (status == CLI_OK) {
        status = failed(header, fc_declarations_read(declarations, header->files[0], here, there));
    }
    free(here);
    free(there);
    return status;
}

/* A name that is no file's is that of a sidecar which came with this program: DIR/share/farcall/sidecars/NAME.h, for a DIR
 * above it. False: there is none. */
static bool find_sidecar(const char *name, char *ret_path, size_t size) {
    char folder[PATH_MAX];
    if (strchr(name, '/') != NULL || access(name, F_OK) == 0 ||
        fc__os_module_path((const void *)(uintptr_t)find_sidecar, folder, sizeof folder) != 0) {
        return false;
    }
    const size_t len = strlen(name);
    const char *ending = len > 2 && strcmp(name + len - 2, ".h") == 0 ? "" : ".h";
    for (char *slash; (slash = strrchr(folder, '/')) != NULL;) {
        *slash = '\0';
        if ((size_t)snprintf(ret_path, size, "%s/share/farcall/sidecars/%s%s", folder, name, ending) < size &&
            access(ret_path, R_OK) == 0) {
            return true;
        }
    }
    return false;
}

static int read_sidecar(const struct cli_header *header, const char *path, struct fc_declarations *declarations) {
    struct cli_file file;
    char found[PATH_MAX];
    path = find_sidecar(path, found, sizeof found) ? found : path;
    int status = cli_file_open(path, &file);
    if (status != CLI_OK) {
        return status;
    }
    char *text = strndup(file.data != NULL ? file.data : "", file.len_bytes);
    cli_file_close(&file);
    if (text == NULL) {
        cli_error("%s: out of memory", header->verb);
        return CLI_FAILED;
    }
    status = failed(header, fc_declarations_amend(declarations, path, text));
    free(text);
    return status;
}

int cli_header_read(const struct cli_header *header, const char *target, struct fc_declarations **ret_declarations) {
    *ret_declarations = NULL;
    if (header->file_count > CLI_HEADER_FILES_MAX || header->sidecar_count > CLI_HEADER_FILES_MAX ||
        header->flag_count > CLI_HEADER_FLAGS_MAX) {
        return cli_usage_error(header->verb, "too many headers, sidecars, folders or macros");
    }
    if (header->file_count == 0 && header->sidecar_count == 0) {
        return header->flag_count == 0 ? CLI_OK : cli_usage_error(header->verb, "-I and -D are for --header");
    }
    struct fc_declarations *declarations;
    int status = failed(header, fc_declarations_new(target, &declarations));
    if (status != CLI_OK) {
        return status;
    }
    status = header->file_count > 0 ? read_headers(header, target, declarations) : CLI_OK;
    for (unsigned i = 0; status == CLI_OK && i < header->sidecar_count; i++) {
        status = read_sidecar(header, header->sidecars[i], declarations);
    }
    if (status != CLI_OK) {
        fc_declarations_free(declarations);
        return status;
    }
    *ret_declarations = declarations;
    return CLI_OK;
}
