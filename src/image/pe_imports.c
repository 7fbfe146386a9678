/* image: what PE images import, at start and at the first call.
 * Source: Microsoft's "PE Format", the .idata section and delay-load import tables. */
#include "image/pe.h"

#include <stdlib.h>

enum { IMPORT_SIZE = 20, DELAY_SIZE = 32, DELAY_HAS_RVAS = 1 };

struct imports {
    const struct fc_image *image;
    struct fc__steps steps;
    fc_import_visit_fn *visit;
    void *user_data;
};

/* The table of names and ordinals of one library. */
static int visit_names(struct imports *imports, uint32_t table, struct fc_import *import, struct fc__error *err) {
    const struct fc_image *image = imports->image;
    unsigned size = image->pe.is_wide ? 8 : 4;
    for (int result = FC_OK;; table += size) {
        uint64_t offset;
        result = fc__pe_find(image, "PE import names", table, size, &imports->steps, &offset, err);
        if (result != FC_OK) {
            return result;
        }
        uint64_t entry = fc__bytes_number(&image->bytes, offset, size);
        if (entry == 0) {
            return FC_OK;
        }
        bool is_ordinal = entry >> (size * 8 - 1) != 0;
        import->name = NULL;
        import->ordinal = is_ordinal ? (uint32_t)(entry & 0xffff) : 0;
        if (!is_ordinal) { /* a hint of two bytes stands before the name */
            result = fc__pe_string(image, "PE import name", (uint32_t)entry + 2, &imports->steps, &import->name, err);
        }
        result = result == FC_OK ? imports->visit(imports->user_data, import) : result;
        if (result != FC_OK) {
            return result;
        }
    }
}

static int visit_library(struct imports *imports, uint32_t name, uint32_t table, bool is_delayed,
                         struct fc__error *err) {
    struct fc_import import = {.is_delayed = is_delayed};
    int result = fc__pe_string(imports->image, "PE import of a library", name, &imports->steps, &import.library, err);
    return result == FC_OK ? visit_names(imports, table, &import, err) : result;
}

/* The list ends with an entry without a name or without addresses to fill in. */
static int visit_static(struct imports *imports, uint32_t rva, struct fc__error *err) {
    const struct fc__bytes *bytes = &imports->image->bytes;
    for (;; rva += IMPORT_SIZE) {
        uint64_t entry;
        int result = fc__pe_find(imports->image, "PE import directory", rva, IMPORT_SIZE, &imports->steps, &entry, err);
        if (result != FC_OK) {
            return result;
        }
        uint32_t names = fc__bytes_u32(bytes, entry), name = fc__bytes_u32(bytes, entry + 12);
        uint32_t addresses = fc__bytes_u32(bytes, entry + 16);
        if (name == 0 || addresses == 0) {
            return FC_OK;
        }
        result = visit_library(imports, name, names != 0 ? names : addresses, false, err);
        if (result != FC_OK) {
            return result;
        }
    }
}

/* Entries of old linkers hold addresses instead of RVAs. */
static int visit_delayed(struct imports *imports, uint32_t rva, struct fc__error *err) {
    const struct fc_image *image = imports->image;
    for (;; rva += DELAY_SIZE) {
        uint64_t entry;
        int result = fc__pe_find(image, "PE delay import directory", rva, DELAY_SIZE, &imports->steps, &entry, err);
        if (result != FC_OK) {
            return result;
        }
        uint32_t name = fc__bytes_u32(&image->bytes, entry + 4), names = fc__bytes_u32(&image->bytes, entry + 16);
        bool has_rvas = fc__bytes_u32(&image->bytes, entry) & DELAY_HAS_RVAS;
        uint32_t base = has_rvas ? 0 : (uint32_t)image->pe.image_base;
        if (name == 0) {
            return FC_OK;
        }
        result = visit_library(imports, name - base, names - base, true, err);
        if (result != FC_OK) {
            return result;
        }
    }
}

int fc__pe_visit_imports(const struct fc_image *image, fc_import_visit_fn *visit, void *user_data,
                         struct fc__error *err) {
    struct imports imports = {.image = image, .steps = fc__steps_for(image), .visit = visit, .user_data = user_data};
    struct fc__pe_span span;
    int result = FC_OK;
    if (fc__pe_directory(image, FC__PE_IMPORTS, &span)) {
        result = visit_static(&imports, span.rva, err);
    }
    if (result == FC_OK && fc__pe_directory(image, FC__PE_DELAY_IMPORTS, &span)) {
        result = visit_delayed(&imports, span.rva, err);
    }
    return result;
}
