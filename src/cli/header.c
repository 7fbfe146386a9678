#include "cli/header.h"

#include "cli/cli.h"
#include "os/os.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -- options ------------------------------------------------------------------------------------------------------- */

static void add(const char **list, unsigned *count, unsigned most, const char *text) {
    if (*count < most) { /* what is too much is noticed when the list is read */
        list[*count] = text;
    }
    ++*count;
}

/* What libraries with a sidecar of farcall's are declared by: their headers, with the macros that they are themselves
 * compiled with, where the headers ask for such. */
static const struct preset {
    const char *name, *header, *macro;
} presets[] = {
    {"expat", "expat.h", "XML_DTD"},
    {"png", "png.h", NULL},
    {"sqlite3", "sqlite3.h", NULL},
    {"zlib", "zlib.h", "_LARGEFILE64_SOURCE"},
};

static void add_preset(struct cli_header *header, const char *name) {
    for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++) {
        if (strcmp(presets[i].name, name) == 0) {
            cli_header_option(header, CLI_HEADER_FILE, presets[i].header);
            if (presets[i].macro != NULL) {
                cli_header_option(header, CLI_HEADER_DEFINE, presets[i].macro);
            }
            cli_header_option(header, CLI_HEADER_SIDECAR, name);
            return;
        }
    }
    header->unknown_preset = name;
}

bool cli_header_option(struct cli_header *header, int option, const char *argument) {
    switch (option) {
    case CLI_HEADER_PRESET:
        add_preset(header, argument);
        return true;
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

/* -- preprocessing ------------------------------------------------------------------------------------------------- */

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

/* DIR/share/farcall/NAME, for a DIR above this program. False: there is none. */
static bool find_share(const char *name, char *ret_path, size_t size) {
    char folder[PATH_MAX];
    if (fc__os_module_path((const void *)(uintptr_t)find_share, folder, sizeof folder) != 0) {
        return false;
    }
    for (char *slash; (slash = strrchr(folder, '/')) != NULL;) {
        *slash = '\0';
        if ((size_t)snprintf(ret_path, size, "%s/share/farcall/%s", folder, name) < size &&
            access(ret_path, R_OK) == 0) {
            return true;
        }
    }
    return false;
}

static int preprocess_into(const struct cli_header *header, const char *target, bool is_for_windows, FILE *in,
                           FILE *out) {
    const char *arguments[CLI_HEADER_FLAGS_MAX + 12];
    char windows[PATH_MAX];
    size_t count = 0;
    if (write_includes(header, in) != CLI_OK) {
        cli_error("%s: no room for what is to be preprocessed", header->verb);
        return CLI_FAILED;
    }
    arguments[count++] = "-E";
    arguments[count++] = cli_compiler_flag(target);
    if (cli_compiler_is_foreign(target)) {
        arguments[count++] = "-DSAL_HXX"; /* mingw's sal.h, which takes the annotations away */
    }
    for (unsigned i = 0; i < header->flag_count; i++) {
        arguments[count++] = header->flags[i];
    }
    if (is_for_windows && find_share("windows", windows, sizeof windows)) {
        arguments[count++] = "-idirafter";
        arguments[count++] = windows;
    }
    arguments[count++] = "-xc";
    arguments[count++] = "-";
    arguments[count] = NULL;
    return cli_compiler_run(header->verb, "--header", target, arguments, in, out);
}

int cli_header_preprocess(const struct cli_header *header, const char *target, const char *callee, char **ret_text) {
    FILE *in = tmpfile(), *out = tmpfile();
    int status = CLI_FAILED;
    if (cli_compiler_flag(target) == NULL) {
        cli_error("%s: --header: how to preprocess for %s is not known", header->verb, target);
    } else if (in == NULL || out == NULL) {
        cli_error("%s: no temporary file: %s", header->verb, strerror(errno));
    } else {
        status = preprocess_into(header, target, cli_compiler_is_foreign(callee), in, out);
    }
    if (status == CLI_OK) {
        *ret_text = cli_compiler_output(out);
        if (*ret_text == NULL) {
            cli_error("%s: out of memory", header->verb);
            status = CLI_FAILED;
        }
    }
    FILE *const files[] = {in, out};
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
    int status = cli_header_preprocess(header, own_target(), target, &here);
    status = status == CLI_OK ? cli_header_preprocess(header, target, target, &there) : status;
    if (status == CLI_OK) {
        status = failed(header, fc_declarations_read(declarations, header->files[0], here, there));
    }
    free(here);
    free(there);
    return status;
}

/* A name that is no file's is that of a sidecar which came with this program. False: there is none. */
static bool find_sidecar(const char *name, char *ret_path, size_t size) {
    char file[NAME_MAX];
    const size_t len = strlen(name);
    const char *ending = len > 2 && strcmp(name + len - 2, ".h") == 0 ? "" : ".h";
    return strchr(name, '/') == NULL && access(name, F_OK) != 0 &&
           (size_t)snprintf(file, sizeof file, "sidecars/%s%s", name, ending) < sizeof file &&
           find_share(file, ret_path, size);
}

int cli_header_sidecar(const struct cli_header *header, unsigned index, char **ret_text) {
    struct cli_file file;
    char found[PATH_MAX];
    const char *path = header->sidecars[index];
    int status = cli_file_open(find_sidecar(path, found, sizeof found) ? found : path, &file);
    if (status != CLI_OK) {
        return status;
    }
    *ret_text = strndup(file.data != NULL ? file.data : "", file.len_bytes);
    cli_file_close(&file);
    if (*ret_text == NULL) {
        cli_error("%s: out of memory", header->verb);
        return CLI_FAILED;
    }
    return CLI_OK;
}

static int read_sidecar(const struct cli_header *header, unsigned index, struct fc_declarations *declarations) {
    char *text = NULL;
    int status = cli_header_sidecar(header, index, &text);
    if (status == CLI_OK) {
        status = failed(header, fc_declarations_amend(declarations, header->sidecars[index], text));
    }
    free(text);
    return status;
}

int cli_header_check(const struct cli_header *header) {
    if (header->unknown_preset != NULL) {
        return cli_usage_error(header->verb, "no preset is called '%s'; there are expat, png, sqlite3 and zlib",
                               header->unknown_preset);
    }
    return header->file_count > CLI_HEADER_FILES_MAX || header->sidecar_count > CLI_HEADER_FILES_MAX ||
                   header->flag_count > CLI_HEADER_FLAGS_MAX
               ? cli_usage_error(header->verb, "too many headers, sidecars, folders or macros")
               : CLI_OK;
}

int cli_header_read(const struct cli_header *header, const char *target, struct fc_declarations **ret_declarations) {
    *ret_declarations = NULL;
    int checked = cli_header_check(header);
    if (checked != CLI_OK) {
        return checked;
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
        status = read_sidecar(header, i, declarations);
    }
    if (status != CLI_OK) {
        fc_declarations_free(declarations);
        return status;
    }
    *ret_declarations = declarations;
    return CLI_OK;
}
