/* client: whether a file is the library that a proxy was made for: its exports, and the constants that it has. */
#include "client/client.h"
#include "image/pointers.h"

#include <farcall/proxy.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 5 };

/* An export of the proxy's, in the file. */
struct seen {
    bool is_there, is_other; /* is_other: a constant, which the proxy has otherwise */
    uint64_t address;
};

struct comparison {
    const struct fc_proxy *proxy;
    uint64_t hash;
    struct seen *seen; /* by export; NULL: only the hash is wanted */
};

static int compare(void *data, const struct fc_export *symbol) {
    struct comparison *comparison = data;
    const struct fc_proxy *proxy = comparison->proxy;
    size_t len;
    const char *name = fc__export_plain_name(symbol, &len);
    if (name == NULL) {
        return FC_OK;
    }
    if (!fc__export_is_linkers(symbol)) {
        comparison->hash += fc__export_hash(symbol);
    }
    for (size_t i = 0; comparison->seen != NULL && i < proxy->export_count; i++) {
        const struct fc_proxy_export *mine = &proxy->exports[i];
        const bool same_version =
            mine->version == NULL || (symbol->version != NULL && strcmp(mine->version, symbol->version) == 0);
        const bool is_data = symbol->type == FC_EXPORT_DATA || symbol->type == FC_EXPORT_TLS;
        if (strncmp(mine->name, name, len) == 0 && mine->name[len] == '\0' && same_version &&
            is_data == ((mine->flags & FC_PROXY_DATA) != 0)) {
            comparison->seen[i] = (struct seen){.is_there = true, .address = symbol->address};
        }
    }
    return FC_OK;
}

/* Which exports are not as they were, if any. */
static int say_which(const struct fc_proxy *proxy, const char *path, const struct seen *seen, bool is_other,
                     struct fc__error *err) {
    unsigned count = 0;
    for (size_t i = 0; i < proxy->export_count; i++) {
        const struct fc_proxy_export *mine = &proxy->exports[i];
        if (is_other ? !seen[i].is_other : seen[i].is_there) {
            continue;
        }
        if (++count == 1) {
            fc__error_set(err, FC_ESYMBOL, "%s is not the library that this proxy was made for: %s", path,
                          is_other ? "of what it exports, other values have" : "it does not export");
        }
        if (count <= SHOWN) {
            fc__error_add(err, "%s %s%s%s", count == 1 ? "" : ",", mine->name, mine->version != NULL ? "@" : "",
                          mine->version != NULL ? mine->version : "");
        }
    }
    if (count > SHOWN) {
        fc__error_add(err, " and %u more", count - SHOWN);
    }
    if (count > 0) {
        fc__error_add(err, ". Generate the proxy anew from it, or set %s to the right one", proxy->variable);
    }
    return count == 0 ? FC_OK : FC_ESYMBOL;
}

/* Where the bytes of a constant begin: at its symbol, or where the pointer in another one leads to. */
static bool find_constant(const struct fc_proxy_constant *constant, const struct seen *seen,
                          const struct fc__image_pointers *pointers, const uint64_t *places, uint64_t *ret_place) {
    if (constant->from < 0) {
        *ret_place = seen[constant->export].address;
        return true;
    }
    const uint64_t place = places[constant->from] + constant->offset;
    const struct fc__image_pointer *pointer = fc__image_pointer_from(pointers, place);
    *ret_place = pointer != NULL ? pointer->to : 0;
    return pointer != NULL && pointer->place == place && pointer->is_own;
}

static bool is_same(const struct fc_proxy_constant *constant, const struct fc_image *image, const struct seen *seen,
                    const struct fc__image_pointers *pointers, uint64_t place) {
    uint64_t hash = 0;
    return constant->into >= 0
               ? place == seen[constant->into].address + constant->size
               : fc__image_hash(image, pointers, place, constant->size, &hash) && hash == constant->hash;
}

/* The proxy has them as they were when it was made. */
static int check_constants(const struct fc_proxy *proxy, const struct fc_image *image, struct seen *seen,
                           struct fc__error *err) {
    struct fc__image_pointers pointers = {0};
    uint64_t *places = calloc(proxy->constant_count + 1, sizeof *places);
    int rc = places != NULL ? fc__image_pointers_read(&pointers, image, err)
                            : fc__error_set(err, FC_ENOMEM, "out of memory");
    for (size_t i = 0; rc == FC_OK && i < proxy->constant_count; i++) {
        const struct fc_proxy_constant *constant = &proxy->constants[i];
        struct seen *its = &seen[constant->export];
        its->is_other = its->is_other || !find_constant(constant, seen, &pointers, places, &places[i]) ||
                        !is_same(constant, image, seen, &pointers, places[i]);
    }
    fc__image_pointers_done(&pointers);
    free(places);
    return rc;
}

/* A library that exports more than it did is as good. */
static int check_exports(const struct fc_proxy *proxy, const struct fc_image *image, const char *path,
                         struct fc__error *err) {
    struct comparison comparison = {.proxy = proxy};
    int rc = fc__image_visit_exports(image, compare, &comparison, err);
    if (rc != FC_OK || (comparison.hash == proxy->exports_hash && proxy->constant_count == 0)) {
        return rc;
    }
    struct seen *seen = calloc(proxy->export_count + 1, sizeof *seen);
    if (seen == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    const bool is_equal = comparison.hash == proxy->exports_hash;
    comparison.seen = seen;
    rc = fc__image_visit_exports(image, compare, &comparison, err);
    rc = rc == FC_OK && !is_equal ? say_which(proxy, path, seen, false, err) : rc;
    rc = rc == FC_OK ? check_constants(proxy, image, seen, err) : rc;
    rc = rc == FC_OK ? say_which(proxy, path, seen, true, err) : rc;
    free(seen);
    return rc;
}

int fc__proxy_check(const struct fc_proxy *proxy, const char *path, struct fc__error *err) {
    const struct fc__target *target = fc__target_find(proxy->target), *found = NULL;
    const void *data = NULL;
    size_t len = 0;
    struct fc_image *image = NULL;
    int rc = target != NULL ? fc__explain_target(path, &found, err)
                            : fc__error_set(err, FC_ETARGET, "there is no target %.100s", proxy->target);
    if (rc == FC_OK && found != NULL && strcmp(found->host, target->host) != 0) {
        rc =
            fc__error_set(err, FC_ETARGET,
                          "%s is a library for %s, but this proxy was made for one for %s. Set %s to that, or generate "
                          "the proxy anew",
                          path, found->name, target->name, proxy->variable);
    }
    if (rc != FC_OK) {
        return rc;
    }
    if (fc__os_file_map(path, &data, &len) != 0) {
        return fc__error_set(err, FC_ENOENT, "%s cannot be read", path);
    }
    rc = fc__image_open(data, len, err, &image);
    rc = rc == FC_OK ? check_exports(proxy, image, path, err) : rc;
    fc_image_close(image);
    fc__os_file_unmap(data, len);
    return rc;
}
