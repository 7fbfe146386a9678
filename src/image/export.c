/* image: exports, whatever the format. */
#include "image/image.h"
#include "image/pe.h"

#include <string.h>

int fc__image_visit_exports(const struct fc_image *image, fc_export_visit_fn *visit, void *user_data,
                            struct fc__error *err) {
    switch (image->format) {
    case FC_FORMAT_ELF:
        return fc__elf_visit_exports(image, visit, user_data, err);
    case FC_FORMAT_PE:
        return fc__pe_visit_exports(image, visit, user_data, err);
    default:
        return FC_OK;
    }
}

int fc_image_visit_exports(const struct fc_image *image, fc_export_visit_fn *visit, void *user_data) {
    return fc__image_visit_exports(image, visit, user_data, fc__error_here());
}

const char *fc__export_plain_name(const struct fc_export *symbol, size_t *ret_len) {
    const char *name = symbol->name;
    *ret_len = name != NULL ? strlen(name) : 0;
    if (symbol->ordinal != 0 && fc_export_stack_bytes(symbol) >= 0) { /* _Name@8, @Name@8, Name@@8, Name@8 */
        name += *name == '_' || *name == '@';
        *ret_len = strcspn(name, "@");
    }
    return name;
}

static uint64_t hash_text(uint64_t hash, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        hash = fc__hash_add(hash, (unsigned char)text[i]);
    }
    return hash;
}

static uint64_t hash_string(uint64_t hash, const char *text) {
    return hash_text(hash, text, strlen(text));
}

uint64_t fc__export_hash(const struct fc_export *symbol) {
    const bool is_data = symbol->type == FC_EXPORT_DATA || symbol->type == FC_EXPORT_TLS;
    size_t len;
    const char *name = fc__export_plain_name(symbol, &len);
    uint64_t hash = hash_text(FC__HASH_START, name, len);
    hash = hash_string(hash, symbol->version == NULL ? "" : symbol->is_default ? "@@" : "@");
    hash = hash_string(hash, symbol->version == NULL ? "" : symbol->version);
    return hash_string(hash, is_data ? ":data" : ":function");
}

bool fc__export_is_linkers(const struct fc_export *symbol) {
    static const char *const names[] = {"_init", "_fini", "_end", "_edata", "_etext", "__bss_start"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (symbol->ordinal == 0 && symbol->version == NULL && strcmp(symbol->name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}
