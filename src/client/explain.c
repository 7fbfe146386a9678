/* client: why a library or a function could not be had, and what to do about it. */
#include "client/client.h"
#include "image/image.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUGGESTIONS = 3, NAME_MAX_FOR_DISTANCE = 128, PATH_SHOWN = 1000 };

struct file {
    const void *data;
    size_t len;
    struct fc_image *image;
};

static void file_close(struct file *file) {
    fc_image_close(file->image);
    fc__os_file_unmap(file->data, file->len);
}

static int code_of(int rc) {
    switch (rc) {
    case -ENOENT:
    case -ENOTDIR:
    case -EACCES:
    case -ELOOP:
    case -ENAMETOOLONG:
        return FC_ENOENT;
    case -EISDIR:
    case -EINVAL:
        return FC_EFORMAT;
    case -ENOMEM:
    case -EFBIG:
        return FC_ENOMEM;
    default:
        return FC_ESYS;
    }
}

static int file_open(const char *path, struct file *ret_file, struct fc__error *err) {
    struct file file = {0};
    int rc = fc__os_file_map(path, &file.data, &file.len);
    if (rc != 0) {
        return fc__error_set(err, code_of(rc), "%.*s%s: %s", PATH_SHOWN, path, strlen(path) > PATH_SHOWN ? "..." : "",
                             rc == -EINVAL ? "not a regular file" : strerror(-rc));
    }
    struct fc__error why;
    if (fc__image_open(file.data, file.len, &why, &file.image) != FC_OK) {
        fc__os_file_unmap(file.data, file.len);
        return fc__error_set(err, why.code, "%s: %s", path, why.text);
    }
    *ret_file = file;
    return FC_OK;
}

int fc__explain_target(const char *path, const struct fc__target **ret_target, struct fc__error *err) {
    struct file file = {0};
    int rc = file_open(path, &file, err);
    if (rc != FC_OK) {
        return rc;
    }
    const struct fc_image *image = file.image;
    const char *target = fc_image_target(image);
    const struct fc__target *known = target != NULL ? fc__target_find(target) : NULL;
    const char *format = fc_format_name(fc_image_format(image));
    if (fc_image_format(image) != FC_FORMAT_ELF && fc_image_format(image) != FC_FORMAT_PE) {
        rc = fc__error_set(err, FC_EFORMAT, "%s is no library that can be loaded: %s", path, format);
    } else if (fc_image_kind(image) != FC_KIND_LIBRARY) {
        rc =
            fc__error_set(err, FC_EFORMAT, "%s is no library: %s %s", path, format, fc_kind_name(fc_image_kind(image)));
    } else if (known == NULL) {
        const char *problem = fc_image_target_problem(image);
        rc = fc__error_set(err, FC_ETARGET, "%s is for %s (%s, %d bits%s%s), for which there is no host", path,
                           target != NULL ? target : fc_image_machine(image), format, fc_image_bits(image),
                           problem != NULL ? ", " : "", problem != NULL ? problem : "");
    } else {
        *ret_target = known;
    }
    file_close(&file);
    return rc;
}

int fc__explain_file(const char *path, const struct fc__target *callee, struct fc__error *err) {
    const struct fc__target *target = NULL;
    int rc = fc__explain_target(path, &target, err);
    if (rc == FC_OK && target != NULL && strcmp(target->host, callee->host) != 0) {
        return fc__error_set(err, FC_ETARGET,
                             "%s is a library for %s (%u bits), but the session is for %s (%u bits). Open it in a "
                             "session whose target is %s",
                             path, target->name, target->pointer_bytes * 8u, callee->name, callee->pointer_bytes * 8u,
                             target->name);
    }
    return rc;
}

/* -- what the loader said ------------------------------------------------------------------------------------------ */

/* True if `missing` is among the libraries that `path` needs itself; for the message. */
static bool needs_directly(const char *path, const char *missing, size_t missing_len) {
    struct file file = {0};
    struct fc__error ignored;
    bool found = false;
    if (file_open(path, &file, &ignored) == FC_OK) {
        size_t cursor = 0;
        for (const char *name; (name = fc_image_needed_next(file.image, &cursor)) != NULL;) {
            found = found || (strlen(name) == missing_len && memcmp(name, missing, missing_len) == 0);
        }
        file_close(&file);
    }
    return found;
}

/* The host's words end with the system's number: "NAME: WORDS (error 126)", or "NAME needs OTHER, ...". */
static int explain_windows(const char *name, const struct fc__target *callee, const char *text, struct fc__error *err) {
    enum { BAD_EXE_FORMAT = 193, MOD_NOT_FOUND = 126 };
    const char *number = strstr(text, "(error ");
    const long error = number != NULL ? strtol(number + sizeof "(error " - 1, NULL, 10) : 0;
    const int shown = strlen(name) > PATH_SHOWN ? PATH_SHOWN : (int)strlen(name);
    if (error == MOD_NOT_FOUND && strstr(text, " needs ") != NULL) {
        return fc__error_set(err, FC_EDEPENDENCY,
                             "%.*s cannot be loaded: %s. Put it beside the library, or name its folder in the library "
                             "path",
                             shown, name, text);
    }
    if (error == MOD_NOT_FOUND) {
        return fc__error_set(err, FC_ENOENT,
                             "the %s loader finds no library %.*s. Give its path, or name its folder in the library "
                             "path",
                             callee->name, shown, name);
    }
    return fc__error_set(err, error == BAD_EXE_FORMAT ? FC_ETARGET : FC_ELOAD, "the %s loader cannot load %.*s: %s",
                         callee->name, shown, name, text);
}

int fc__explain_open(const char *name, const struct fc__target *callee, const char *loader_text,
                     struct fc__error *err) {
    if (callee->is_windows) {
        return explain_windows(name, callee, loader_text, err);
    }
    const char *colon = strstr(loader_text, ": cannot open shared object file");
    const size_t name_len = strlen(name);
    const int shown = name_len > PATH_SHOWN ? PATH_SHOWN : (int)name_len;
    const char *dots = name_len > PATH_SHOWN ? "..." : "";
    bool is_path = strchr(name, '/') != NULL;
    /* A name that no file can have fills the loader's text, so that its end may be lacking. */
    bool is_name = colon != NULL ? (size_t)(colon - loader_text) == name_len && memcmp(loader_text, name, name_len) == 0
                                 : !is_path && name_len > NAME_MAX;
    if (colon == NULL && !is_name) {
        return fc__error_set(err, strstr(loader_text, "wrong ELF class") != NULL ? FC_ETARGET : FC_ELOAD,
                             "the %s loader cannot load %.*s%s: %s", callee->name, shown, name, dots, loader_text);
    }
    const char *hint = callee->pointer_bytes == 4 ? " with the suffix :i386" : "";
    if (!is_name) {
        int missing_len = (int)(colon - loader_text);
        bool directly = is_path && needs_directly(name, loader_text, (size_t)missing_len);
        return fc__error_set(err, FC_EDEPENDENCY,
                             "%.*s%s%s needs %.*s, which the %s loader does not find. Install it for this target (on "
                             "Debian, the package%s), or name its folder in "
                             "the library path",
                             shown, name, dots, directly ? "" : " (or a library that it uses)",
                             missing_len < PATH_SHOWN ? missing_len : PATH_SHOWN, loader_text, callee->name, hint);
    }
    return fc__error_set(err, FC_ENOENT,
                         "the %s loader finds no library %.*s%s. Install it for this target (on Debian, the "
                         "package%s), give its path, or name its folder in the "
                         "library path",
                         callee->name, shown, name, dots, hint);
}

/* -- symbols ------------------------------------------------------------------------------------------------------- */

struct nearest {
    const char *wanted;
    size_t wanted_len;
    const char *decorated; /* an export that is `wanted` with another convention, or with other arguments */
    unsigned count;
    struct {
        const char *name;
        unsigned distance;
    } best[SUGGESTIONS];
};

/* Microsoft, "Decorated names": `_Add@8` is stdcall, `@Add@8` fastcall; GCC's stdcall may be `Add@8`. */
static bool is_decorated(const char *name, const struct nearest *nearest) {
    const char *rest = name + (name[0] == '_' || name[0] == '@');
    return strncmp(rest, nearest->wanted, nearest->wanted_len) == 0 && rest[nearest->wanted_len] == '@' &&
           rest[nearest->wanted_len + 1] != '\0' &&
           strspn(rest + nearest->wanted_len + 1, "0123456789") == strlen(rest + nearest->wanted_len + 1);
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* Levenshtein's distance, a change of case counting as nothing much (it is what people get wrong). */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len) {
    unsigned row[NAME_MAX_FOR_DISTANCE + 1];
    for (size_t j = 0; j <= b_len; j++) {
        row[j] = (unsigned)j * 2;
    }
    for (size_t i = 1; i <= a_len; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i * 2;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned change = a[i - 1] == b[j - 1] ? 0 : (a[i - 1] | 0x20) == (b[j - 1] | 0x20) ? 1 : 2;
            unsigned next = least(diagonal + change, least(row[j], row[j - 1]) + 2);
            diagonal = row[j];
            row[j] = next;
        }
    }
    return row[b_len];
}

static int visit(void *user_data, const struct fc_export *symbol) {
    struct nearest *nearest = user_data;
    const char *name = fc_export_name(symbol);
    size_t len = name != NULL ? strlen(name) : SIZE_MAX; /* a PE export may have but an ordinal */
    if (len > NAME_MAX_FOR_DISTANCE || fc_export_type(symbol) == FC_EXPORT_DATA) {
        return 0;
    }
    if (is_decorated(name, nearest)) {
        nearest->decorated = name;
    }
    unsigned far = distance(nearest->wanted, nearest->wanted_len, name, len);
    if (far > nearest->wanted_len) { /* more than half of it is different */
        return 0;
    }
    for (unsigned i = 0; i < nearest->count; i++) {
        if (strcmp(nearest->best[i].name, name) == 0) { /* another version of it */
            return 0;
        }
    }
    unsigned at = nearest->count < SUGGESTIONS ? nearest->count++ : SUGGESTIONS;
    for (; at > 0 && nearest->best[at - 1].distance > far; at--) {
        if (at < SUGGESTIONS) {
            nearest->best[at] = nearest->best[at - 1];
        }
    }
    if (at < SUGGESTIONS) {
        nearest->best[at].name = name;
        nearest->best[at].distance = far;
    }
    return 0;
}

static void add_decorated(const struct nearest *nearest, const struct fc__plan *plan, struct fc__error *err) {
    fc__error_add(
        err,
        "; but it does export `%s`, which is %s and takes %s bytes of arguments. The prototype's takes %u, and "
        "is %s",
        nearest->decorated, nearest->decorated[0] == '@' ? "__fastcall" : "__stdcall",
        strrchr(nearest->decorated, '@') + 1, plan->arguments_bytes, plan->calling->text);
}

int fc__explain_symbol(const struct fc_library *library, const struct fc__plan *plan, struct fc__error *err) {
    const char *symbol = plan->symbol;
    struct file file = {0};
    struct fc__error ignored;
    fc__error_set(err, FC_ESYMBOL, "%s does not export `%s`", library->path, symbol);
    if (strlen(symbol) <= NAME_MAX_FOR_DISTANCE && file_open(library->path, &file, &ignored) == FC_OK) {
        struct nearest nearest = {.wanted = symbol, .wanted_len = strlen(symbol)};
        fc_image_visit_exports(file.image, visit, &nearest);
        if (nearest.decorated != NULL && plan->calling != NULL) {
            add_decorated(&nearest, plan, err);
        }
        for (unsigned i = 0; nearest.decorated == NULL && i < nearest.count; i++) {
            fc__error_add(err, "%s`%s`", i == 0 ? "; the nearest names that it does export are " : ", ",
                          nearest.best[i].name);
        }
        file_close(&file);
    }
    return FC_ESYMBOL;
}
