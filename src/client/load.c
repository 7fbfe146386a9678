/* client: libraries loaded into the caller's own process. The loader reads LD_LIBRARY_PATH when a program starts, so a
 * session's folders are searched here: what the loader finds loaded already, it does not search. */
#include "client/client.h"
#include "image/image.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { NEEDS_MAX = 64 }; /* of one library that are searched */

/* A library that is being loaded, with those that need it. */
struct loading {
    const char *path;
    const struct loading *outer;
};

/* A library of this program's target; others of the name are passed over, as the loader does it. */
static bool find_file(const char *folders, const char *name, char *ret_path, size_t size) {
    struct fc__error ignored;
    const struct fc__target *target = NULL;
    for (const char *folder = folders;;) {
        const int len = (int)strcspn(folder, ":");
        const int used = snprintf(ret_path, size, "%.*s/%s", len != 0 ? len : 1, len != 0 ? folder : ".", name);
        if (used > 0 && (size_t)used < size && fc__explain_target(ret_path, &target, &ignored) == FC_OK &&
            target == fc__target_native()) {
            return true;
        }
        if (folder[len] == '\0') {
            return false;
        }
        folder += len + 1;
    }
}

static bool is_loading(const struct loading *loading, const char *path) {
    while (loading != NULL && strcmp(loading->path, path) != 0) {
        loading = loading->outer;
    }
    return loading != NULL;
}

static void *load_file(const char *path, const char *folders, const struct loading *outer, char *ret_why, size_t size);

/* What a library needs, if the folders have it. A failure is not told here: the loader will when it finds no other. */
static void *load_needed(const char *name, const char *folders, const struct loading *outer) {
    char path[PATH_MAX], why[256];
    if (strchr(name, '/') != NULL) {
        return NULL;
    }
    void *library = fc__os_library_loaded(name);
    if (library == NULL && find_file(folders, name, path, sizeof path) && !is_loading(outer, path)) {
        library = load_file(path, folders, outer, why, sizeof why);
    }
    return library;
}

static unsigned load_needs(const struct loading *loading, const char *folders, void **ret_needs) {
    const void *data = NULL;
    size_t len = 0;
    struct fc_image *image = NULL;
    struct fc__error ignored;
    unsigned count = 0;
    if (fc__os_file_map(loading->path, &data, &len) != 0) {
        return 0;
    }
    if (fc__image_open(data, len, &ignored, &image) == FC_OK) {
        size_t cursor = 0;
        for (const char *name; count < NEEDS_MAX && (name = fc_image_needed_next(image, &cursor)) != NULL;) {
            ret_needs[count] = load_needed(name, folders, loading);
            count += ret_needs[count] != NULL;
        }
        fc_image_close(image);
    }
    fc__os_file_unmap(data, len);
    return count;
}

static void *load_file(const char *path, const char *folders, const struct loading *outer, char *ret_why, size_t size) {
    const struct loading loading = {.path = path, .outer = outer};
    void *needs[NEEDS_MAX];
    const unsigned count = load_needs(&loading, folders, needs);
    void *library = fc__os_library_open(path, ret_why, size);
    for (unsigned i = 0; i < count; i++) {
        fc__os_library_close(needs[i]); /* the library that needs them keeps them */
    }
    return library;
}

void *fc__load(const char *name, const char *folders, char *ret_why, size_t size) {
    char path[PATH_MAX];
    if (folders == NULL) {
        return fc__os_library_open(name, ret_why, size);
    }
    if (strchr(name, '/') != NULL) {
        return load_file(name, folders, NULL, ret_why, size);
    }
    void *library = fc__os_library_loaded(name);
    if (library != NULL) {
        return library;
    }
    return find_file(folders, name, path, sizeof path) ? load_file(path, folders, NULL, ret_why, size)
                                                       : fc__os_library_open(name, ret_why, size);
}
