/* The sidecars of well-known libraries: every function that the library exports and its header declares can be bound, or
 * is among those that the sidecar says are refused. */
#include "real.h"

#include <ctype.h>

struct sidecar {
    const char *library, *header, *name, *flags;
    unsigned least; /* functions that it has */
};

/* The sidecar's own list: "Refused: a, b: why." */
static bool is_refused(const char *sidecar, const char *name) {
    const size_t len = strlen(name);
    for (const char *at = strstr(sidecar, "Refused: "); at != NULL; at = strstr(at + 1, "Refused: ")) {
        const char *end = strchr(at + strlen("Refused: "), ':');
        for (const char *found = strstr(at, name); found != NULL && found < end; found = strstr(found + 1, name)) {
            if (!isalnum((unsigned char)found[len]) && found[len] != '_' && !isalnum((unsigned char)found[-1]) &&
                found[-1] != '_') {
                return true;
            }
        }
    }
    return false;
}

static FILE *exports_of(const char *target, const char *library) {
    char command[256];
    snprintf(command, sizeof command, "nm -D --defined-only --without-symbol-versions /usr/lib/%s-gnu/%s", target,
             library);
    FILE *output = popen(command, "re"); /* NOLINT(cert-env33-c): of the compiler's tools */
    require(output != NULL);
    return output;
}

static void check(const struct sidecar *sidecar) {
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = real_open(target, sidecar->library, sidecar->header, sidecar->name, sidecar->flags);
        char *text = real_sidecar(sidecar->name), line[256], name[200], kind;
        FILE *exports = exports_of(target, sidecar->library);
        unsigned bound = 0, failed = 0;
        while (fgets(line, sizeof line, exports) != NULL) {
            struct fc_function *function = NULL;
            if (sscanf(line, "%*s %c %199s", &kind, name) != 2 || kind != 'T') {
                continue;
            }
            const int rc = fc_bind(lib->library, name, &function);
            if (rc == FC_EINVAL && strstr(fc_error_text(), "is not declared in") != NULL) {
                continue; /* for the library itself */
            }
            if (is_refused(text, name) ? rc == FC_OK : rc != FC_OK) {
                print_error("%s, %s: %s\n", target, name, rc == FC_OK ? "is not refused" : fc_error_text());
                failed++;
            }
            bound += rc == FC_OK;
        }
        assert_int_equal(pclose(exports), 0);
        assert_int_equal(failed, 0);
        assert_true(bound >= sidecar->least);
        free(text);
        real_close(lib);
    }
}

TEST(zlib_is_bound_whole) {
    check(&(struct sidecar){"libz.so.1", "zlib.h", "zlib.h", "-D_LARGEFILE64_SOURCE", 80});
}

TEST(expat_is_bound_whole) {
    check(&(struct sidecar){"libexpat.so.1", "expat.h", "expat.h", "-DXML_DTD", 60});
}

TEST(sqlite_is_bound_whole) {
    check(&(struct sidecar){"libsqlite3.so.0", "sqlite3.h", "sqlite3.h", "", 250});
}
