/* proxy: which exports there are, and which of them can be bridged. */
#include "base/list.h"
#include "proxy/constants.h"
#include "proxy/types.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct fc__error *err) {
    return fc__error_set(err, FC_ENOMEM, "out of memory");
}

/* -- collecting ---------------------------------------------------------------------------------------------------- */

/* The name that C has for it. "#12": it has none. */
static int name_it(struct fc__proxy *proxy, struct fc__proxy_export *export) {
    char number[16];
    size_t len;
    const char *name = fc__export_plain_name(&export->symbol, &len);
    if (name == NULL) {
        len = (size_t)snprintf(number, sizeof number, "#%" PRIu32, export->symbol.ordinal);
        name = number;
    }
    if (name != export->symbol.name || name[len] != '\0') {
        export->symbol.name = fc__arena_copy(&proxy->arena, name, len);
    }
    return export->symbol.name != NULL ? FC_OK : FC_ENOMEM;
}

static int add(void *data, const struct fc_export *symbol) {
    struct fc__proxy *proxy = data;
    if (symbol->name != NULL && fc__export_is_linkers(symbol)) {
        return FC_OK;
    }
    struct fc__proxy_export *list =
        fc__list_room(proxy->exports, proxy->count, &proxy->capacity, sizeof *proxy->exports);
    if (list == NULL) {
        return FC_ENOMEM;
    }
    proxy->exports = list;
    struct fc__proxy_export *export = &list[proxy->count++];
    *export = (struct fc__proxy_export){.symbol = *symbol,
                                        .is_data = symbol->type == FC_EXPORT_DATA || symbol->type == FC_EXPORT_TLS,
                                        .is_old = symbol->version != NULL && !symbol->is_default};
    proxy->hash += symbol->name != NULL ? fc__export_hash(symbol) : 0;
    proxy->has_versions = proxy->has_versions || symbol->version != NULL;
    return name_it(proxy, export);
}

static int mark_used(void *data, const char *name) {
    struct fc__proxy *proxy = data;
    for (size_t i = 0; i < proxy->count; i++) {
        proxy->exports[i].is_used = proxy->exports[i].is_used || strcmp(proxy->exports[i].symbol.name, name) == 0;
    }
    return FC_OK;
}

static int read_user(struct fc__proxy *proxy, struct fc__error *err) {
    struct fc_image *image = NULL;
    if (proxy->request.user == NULL) {
        return FC_OK;
    }
    int rc = fc__image_open(proxy->request.user, proxy->request.user_bytes, err, &image);
    if (rc == FC_OK && image->format != FC_FORMAT_ELF) {
        rc = fc__error_set(err, FC_EFORMAT, "what uses the library is no ELF file: %s", fc_format_name(image->format));
    }
    rc = rc == FC_OK ? fc__elf_visit_imports(image, mark_used, proxy, err) : rc;
    fc_image_close(image);
    return rc;
}

/* A DLL's own name is none that a linker here would look for. */
static const char *soname_of_dll(struct fc__proxy *proxy) {
    const char *file = proxy->file, *end = strrchr(file, '.');
    const size_t len = end != NULL ? (size_t)(end - file) : strlen(file);
    char *name = fc__arena_alloc(&proxy->arena, len + sizeof "lib.so");
    if (name != NULL) {
        snprintf(name, len + sizeof "lib.so", "lib%.*s.so", (int)len, file);
    }
    return name;
}

static int find_names(struct fc__proxy *proxy, struct fc__error *err) {
    const char *soname = fc_image_soname(proxy->image);
    proxy->file = soname != NULL ? soname : proxy->request.name;
    proxy->name = proxy->request.soname != NULL          ? proxy->request.soname
                  : proxy->image->format == FC_FORMAT_PE ? soname_of_dll(proxy)
                                                         : proxy->file;
    if (proxy->name == NULL) {
        return no_memory(err);
    }
    const char *const names[] = {proxy->name, proxy->file};
    for (size_t i = 0; i < 2; i++) {
        if (names[i][0] == '\0' || strpbrk(names[i], "/,\"\\\n$*") != NULL) {
            return fc__error_set(err, FC_EFORMAT, "its soname is no file name: %.200s", names[i]);
        }
    }
    return FC_OK;
}

static int read_library(struct fc__proxy *proxy, struct fc__error *err) {
    int rc = fc__image_open(proxy->request.library, proxy->request.library_bytes, err, &proxy->image);
    if (rc != FC_OK) {
        return rc;
    }
    const char *target = fc_image_target(proxy->image);
    proxy->callee = target != NULL ? fc__target_find(target) : NULL;
    if (proxy->image->kind != FC_KIND_LIBRARY || proxy->callee == NULL) {
        return fc__error_set(err, proxy->callee == NULL ? FC_ETARGET : FC_EFORMAT,
                             "it is no library that a host can load: %s %s%s%s", fc_format_name(proxy->image->format),
                             fc_kind_name(proxy->image->kind), target != NULL ? " for " : "",
                             target != NULL ? target : "");
    }
    rc = find_names(proxy, err);
    rc = rc == FC_OK ? fc__image_visit_exports(proxy->image, add, proxy, err) : rc;
    return rc == FC_ENOMEM ? no_memory(err) : rc;
}

/* -- what becomes of each ------------------------------------------------------------------------------------------ */

static int refuse(struct fc__proxy *proxy, struct fc__proxy_export *export, const char *why, struct fc__error *err) {
    export->state = FC__PROXY_REFUSED;
    export->why = fc__arena_copy(&proxy->arena, why, strlen(why));
    return export->why != NULL ? FC_OK : no_memory(err);
}

static bool has_default(const struct fc__proxy *proxy, const struct fc__proxy_export *old) {
    for (size_t i = 0; i < proxy->count; i++) {
        const struct fc__proxy_export *other = &proxy->exports[i];
        if (other != old && !other->is_old && strcmp(other->symbol.name, old->symbol.name) == 0) {
            return true;
        }
    }
    return false;
}

static int judge_function(struct fc__proxy *proxy, struct fc__proxy_export *export, struct fc__error *err) {
    if (export->is_old && has_default(proxy, export)) {
        return refuse(proxy, export, "it is an old version of the function, and hosts find only the latest", err);
    }
    int rc = fc__declarations_plan(&proxy->declarations, export->symbol.name, NULL, &export->plan, err);
    if (rc == FC_OK) {
        const char *why = fc__proxy_unwritable(export->plan);
        return why != NULL ? refuse(proxy, export, why, err) : FC_OK;
    }
    if (rc == FC_EINVAL) {
        export->state = FC__PROXY_UNDECLARED;
        return FC_OK;
    }
    return rc != FC_ENOMEM ? refuse(proxy, export, err->text, err) : rc;
}

/* Of an array without a length, the symbol tells it. */
static int plan_of_row(struct fc__proxy *proxy, struct fc__proxy_export *export, uint64_t length,
                       struct fc__error *err) {
    char text[1024];
    const char *name = export->symbol.name;
    const int len = snprintf(text, sizeof text, "extern __typeof__(*%s) %s[%" PRIu64 "];", name, name, length);
    if (len < 0 || (size_t)len >= sizeof text) {
        return fc__error_set(err, FC_EPARSE, "its name is too long");
    }
    export->declaration = fc__arena_copy(&proxy->arena, text, (size_t)len);
    return export->declaration != NULL
               ? fc__declarations_plan(&proxy->declarations, text, fc__plan_variable, &export->plan, err)
               : no_memory(err);
}

static int plan_of_variable(struct fc__proxy *proxy, struct fc__proxy_export *export, struct fc__error *err) {
    struct fc__error of_row;
    uint64_t length = 1;
    export->declaration = export->symbol.name;
    int rc = fc__declarations_plan(&proxy->declarations, export->symbol.name, fc__plan_variable, &export->plan, err);
    for (int tries = 0; tries < 2 && rc == FC_EUNSUPPORTED; tries++) { /* the first says how large one element is */
        const int row_rc = plan_of_row(proxy, export, length, &of_row);
        if (row_rc == FC_EPARSE) {
            return rc; /* it is no array */
        }
        if (row_rc != FC_OK) {
            *err = of_row;
            return row_rc;
        }
        const uint64_t size = export->plan->result_shape->size[FC__THERE];
        if (size == export->symbol.size_bytes || size == 0) {
            return FC_OK;
        }
        fc__plan_free(export->plan);
        export->plan = NULL;
        if (proxy->image->format == FC_FORMAT_PE) {
            return fc__error_set(err, rc,
                                 "it has no length, and a DLL says none: repeat its declaration with the "
                                 "length, in a sidecar");
        }
        length = export->symbol.size_bytes / size;
        fc__error_set(err, rc,
                      "the library has %" PRIu64 " bytes of it, which are no whole number of elements of %" PRIu64,
                      export->symbol.size_bytes, size);
    }
    return rc;
}

/* Why none of its kind can be had; NULL: it may be. */
static const char *unfit(const struct fc__proxy_export *export) {
    const struct fc__plan *plan = export->plan;
    if (export->symbol.type == FC_EXPORT_TLS) {
        return "each thread has one of its own: use a function of the library that gets or sets it";
    }
    if (plan->result_shape->size[FC__THERE] != export->symbol.size_bytes) {
        return "it has another size than its declaration";
    }
    if (!plan->is_constant && !plan->result_shape->is_plain) {
        return "it may change, and is not the same on both sides, or has pointers in it, which `_Fc_sync_` does not "
               "help: use a function of the library that gets or sets it";
    }
    if (!plan->is_constant && !plan->is_synced) {
        return "it may change: write `_Fc_sync_` before its declaration to have it made equal around each call";
    }
    return NULL;
}

/* What is the same on both sides is copied when the proxy is made, and kept equal if it is `_Fc_sync_`; without that
 * what may change is refused. Other constants are written anew. */
static int judge_variable(struct fc__proxy *proxy, struct fc__proxy_export *export, struct fc__error *err) {
    uint64_t offset = 0, room = 0;
    int rc = plan_of_variable(proxy, export, err);
    if (rc != FC_OK) {
        export->state = FC__PROXY_UNDECLARED;
        return rc == FC_EINVAL ? FC_OK : rc != FC_ENOMEM ? refuse(proxy, export, err->text, err) : rc;
    }
    const struct fc__shape *shape = export->plan->result_shape;
    if (proxy->image->format == FC_FORMAT_PE) { /* which does not say */
        export->symbol.size_bytes = shape->size[FC__THERE];
    }
    const char *why = unfit(export);
    if (why == NULL && shape->is_plain &&
        fc__proxy_is_relocated(proxy, export->symbol.address, shape->size[FC__THERE])) {
        why = "it has an address in it where a number is declared, which means nothing on the other side";
    }
    if (why != NULL) {
        return refuse(proxy, export, why, err);
    }
    if (shape->is_plain && fc__image_locate(proxy->image, export->symbol.address, &offset, &room) &&
        room >= export->symbol.size_bytes) {
        export->value = (const unsigned char *)proxy->request.library + offset;
    } /* else it is in memory that no file fills */
    proxy->has_variables = proxy->has_variables || !export->plan->is_constant;
    return FC_OK;
}

static int copy_constant(struct fc__proxy *proxy, struct fc__proxy_export *export, struct fc__error *err) {
    if (!export->is_data || export->state != FC__PROXY_BRIDGED || export->plan->result_shape->is_plain) {
        return FC_OK;
    }
    int rc = fc__proxy_read_constants(proxy, export, err);
    return rc == FC_OK || rc == FC_ENOMEM ? rc : refuse(proxy, export, err->text, err);
}

static bool same_types(const struct fc__plan *left, const struct fc__plan *right) {
    bool is_same = left->count == right->count;
    for (uint32_t i = 0; is_same && i <= left->count; i++) {
        is_same = strcmp(left->types[i], right->types[i]) == 0;
    }
    return is_same;
}

/* Names of one function stay names of one function, whose addresses are equal: unless the linker only found that two
 * are the same code, which are then declared differently. */
static void find_aliases(struct fc__proxy *proxy) {
    for (size_t i = 0; i < proxy->count; i++) {
        struct fc__proxy_export *export = &proxy->exports[i];
        for (size_t k = 0; k < proxy->count && !export->is_data; k++) {
            const struct fc__proxy_export *first = &proxy->exports[k];
            const bool is_candidate = k != i && !export->is_odd && first->plan != NULL && first->same_as == NULL &&
                                      !first->is_data && first->symbol.address == export->symbol.address &&
                                      export->symbol.forwarder == NULL && first->symbol.forwarder == NULL;
            const bool is_unknown = export->state == FC__PROXY_UNDECLARED || export->is_old;
            if (is_candidate && (export->plan == NULL ? is_unknown : k < i && same_types(first->plan, export->plan))) {
                export->same_as = first;
                export->state = FC__PROXY_BRIDGED;
                break;
            }
        }
    }
}

/* Names stand in C, in assembly and in the linker's script. */
static bool is_writable_name(const char *name) {
    static const char others[] = "_.$";
    for (; *name != '\0'; name++) {
        const bool is_plain = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
                              (*name >= '0' && *name <= '9') || strchr(others, *name) != NULL;
        if (!is_plain) {
            return false;
        }
    }
    return true;
}

static int judge_export(struct fc__proxy *proxy, struct fc__proxy_export *export, struct fc__error *err) {
    const char *name = export->symbol.name, *version = export->symbol.version;
    export->is_odd = !is_writable_name(name) || (version != NULL && !is_writable_name(version));
    if (export->is_odd) {
        return refuse(proxy, export, "its name or version cannot be written, and nothing stands for it", err);
    }
    if (!fc__declarations_is_name(name)) {
        export->state = FC__PROXY_UNDECLARED;
        return FC_OK;
    }
    return export->is_data ? judge_variable(proxy, export, err) : judge_function(proxy, export, err);
}

/* One that is refused may be what another points into. */
static int link_constants(struct fc__proxy *proxy, struct fc__error *err) {
    int rc = FC_OK;
    for (bool is_changed = true; rc == FC_OK && is_changed;) {
        is_changed = false;
        for (size_t i = 0; rc == FC_OK && i < proxy->count; i++) {
            struct fc__proxy_export *export = &proxy->exports[i];
            if (export->state == FC__PROXY_BRIDGED && !fc__proxy_is_linked(export)) {
                rc = refuse(proxy, export, "it points into a variable of the library that is not bridged", err);
                is_changed = true;
            }
        }
    }
    return rc;
}

static int judge(struct fc__proxy *proxy, struct fc__error *err) {
    int rc = FC_OK;
    for (size_t i = 0; rc == FC_OK && i < proxy->count; i++) {
        rc = judge_export(proxy, &proxy->exports[i], err);
    }
    for (size_t i = 0; rc == FC_OK && i < proxy->count; i++) { /* now that all sizes are known */
        rc = copy_constant(proxy, &proxy->exports[i], err);
    }
    if (rc == FC_OK) {
        find_aliases(proxy);
        rc = link_constants(proxy, err);
    }
    return rc;
}

/* -- the whole ----------------------------------------------------------------------------------------------------- */

static int declare(struct fc__proxy *proxy, struct fc__error *err) {
    const struct fc__proxy_request *request = &proxy->request;
    int rc = FC_OK;
    fc__declarations_init(&proxy->declarations, proxy->caller, proxy->callee);
    for (size_t i = 0; rc == FC_OK && i < request->text_count; i++) {
        const struct fc_proxy_text *text = &request->texts[i];
        rc = fc__declarations_read(&proxy->declarations, text->name, text->caller, text->callee,
                                   text->caller != text->callee, err);
    }
    return rc;
}

int fc__proxy_new(const struct fc__proxy_request *request, struct fc__proxy **ret_proxy, struct fc__error *err) {
    struct fc__proxy *proxy = calloc(1, sizeof *proxy);
    if (proxy == NULL) {
        return no_memory(err);
    }
    proxy->request = *request;
    proxy->caller = fc__target_find(request->caller);
    int rc = proxy->caller != NULL ? read_library(proxy, err)
                                   : fc__error_set(err, FC_ETARGET, "there is no target `%.100s`", request->caller);
    rc = rc == FC_OK ? read_user(proxy, err) : rc;
    if (rc == FC_OK) {
        rc = declare(proxy, err);
        rc = rc == FC_OK ? fc__image_pointers_read(&proxy->pointers, proxy->image, err) : rc;
        rc = rc == FC_OK ? judge(proxy, err) : rc;
    }
    if (rc != FC_OK) {
        fc__proxy_free(proxy);
        return rc;
    }
    *ret_proxy = proxy;
    return FC_OK;
}

void fc__proxy_free(struct fc__proxy *proxy) {
    if (proxy == NULL) {
        return;
    }
    for (size_t i = 0; i < proxy->count; i++) {
        fc__plan_free(proxy->exports[i].plan);
    }
    free(proxy->exports);
    fc__image_pointers_done(&proxy->pointers);
    fc__declarations_done(&proxy->declarations);
    fc__arena_done(&proxy->arena);
    fc_image_close(proxy->image);
    free(proxy);
}

const char *fc__proxy_name(const struct fc__proxy *proxy) {
    return proxy->name;
}

size_t fc__proxy_gaps(const struct fc__proxy *proxy) {
    size_t gaps = 0;
    for (size_t i = 0; i < proxy->count; i++) {
        const struct fc__proxy_export *export = &proxy->exports[i];
        gaps += proxy->request.user != NULL ? export->is_used && export->state != FC__PROXY_BRIDGED
                                            : export->state == FC__PROXY_REFUSED;
    }
    return gaps;
}

size_t fc__proxy_used(const struct fc__proxy *proxy) {
    size_t used = 0;
    for (size_t i = 0; i < proxy->count; i++) {
        used += proxy->exports[i].is_used;
    }
    return used;
}

bool fc__proxy_has_versions(const struct fc__proxy *proxy) {
    return proxy->has_versions;
}
