/* image: the exports of PE images.
 * Source: Microsoft's "PE Format", the .edata section. */
#include "image/pe.h"

#include <stdlib.h>

enum { EXPORTS_SIZE = 40, SECTION_EXECUTE = 0x20000000 };

struct exports {
    const struct fc_image *image;
    struct fc__pe_span span; /* a function whose RVA lies in it is a forwarder */
    struct fc__steps steps;
    uint32_t base, function_count, name_count;
    uint64_t functions, names, ordinals; /* offsets of the three tables */
    unsigned char *is_named;             /* a bit for each function */
};

static int find_exports(struct exports *exports, struct fc__error *err) {
    const struct fc_image *image = exports->image;
    uint64_t header;
    int result =
        fc__pe_find(image, "PE export directory", exports->span.rva, EXPORTS_SIZE, &exports->steps, &header, err);
    if (result != FC_OK) {
        return result;
    }
    exports->base = fc__bytes_u32(&image->bytes, header + 16);
    exports->function_count = fc__bytes_u32(&image->bytes, header + 20);
    exports->name_count = fc__bytes_u32(&image->bytes, header + 24);
    if (exports->function_count > 0) {
        result = fc__pe_find(image, "PE export addresses", fc__bytes_u32(&image->bytes, header + 28),
                             (uint64_t)exports->function_count * 4, &exports->steps, &exports->functions, err);
    }
    if (result == FC_OK && exports->name_count > 0) {
        result = fc__pe_find(image, "PE export names", fc__bytes_u32(&image->bytes, header + 32),
                             (uint64_t)exports->name_count * 4, &exports->steps, &exports->names, err);
    }
    if (result == FC_OK && exports->name_count > 0) {
        result = fc__pe_find(image, "PE export ordinals", fc__bytes_u32(&image->bytes, header + 36),
                             (uint64_t)exports->name_count * 2, &exports->steps, &exports->ordinals, err);
    }
    return result;
}

/* By the section it lies in. */
static enum fc_export_type type_of(struct exports *exports, uint32_t rva) {
    const struct fc_image *image = exports->image;
    fc__steps_take(&exports->steps, image->pe.section_count);
    for (unsigned i = 0; i < image->pe.section_count; i++) {
        uint64_t section = image->pe.sections + (uint64_t)i * FC__PE_SECTION_SIZE;
        uint32_t start = fc__bytes_u32(&image->bytes, section + 12), size = fc__bytes_u32(&image->bytes, section + 8);
        uint32_t raw_size = fc__bytes_u32(&image->bytes, section + 16);
        if (rva >= start && rva - start < (size != 0 ? size : raw_size)) {
            bool is_code = fc__bytes_u32(&image->bytes, section + 36) & SECTION_EXECUTE;
            return is_code ? FC_EXPORT_FUNCTION : FC_EXPORT_DATA;
        }
    }
    return FC_EXPORT_OTHER;
}

/* Function `index`, if its slot is not empty. */
static int visit_function(struct exports *exports, uint32_t index, const char *name, fc_export_visit_fn *visit,
                          void *user_data, struct fc__error *err) {
    uint32_t rva = fc__bytes_u32(&exports->image->bytes, exports->functions + (uint64_t)index * 4);
    struct fc_export symbol = {.name = name, .ordinal = exports->base + index, .is_default = true};
    int result = FC_OK;
    if (rva == 0 && name == NULL) {
        return FC_OK;
    }
    if (rva >= exports->span.rva && rva - exports->span.rva < exports->span.size) {
        result = fc__pe_string(exports->image, "PE export forwarder", rva, &exports->steps, &symbol.forwarder, err);
    } else {
        symbol.type = type_of(exports, rva);
        symbol.address = rva;
    }
    return result == FC_OK ? visit(user_data, &symbol) : result;
}

static int visit_named(struct exports *exports, fc_export_visit_fn *visit, void *user_data, struct fc__error *err) {
    const struct fc__bytes *bytes = &exports->image->bytes;
    int result = FC_OK;
    for (uint32_t i = 0; result == FC_OK && i < exports->name_count; i++) {
        const char *name;
        uint32_t index = fc__bytes_u16(bytes, exports->ordinals + (uint64_t)i * 2);
        result = fc__pe_string(exports->image, "PE export name", fc__bytes_u32(bytes, exports->names + (uint64_t)i * 4),
                               &exports->steps, &name, err);
        if (result != FC_OK) {
            return result;
        }
        if (index >= exports->function_count) {
            return fc__error_set(err, FC_EFORMAT,
                                 "PE export name %" PRIu32 " belongs to function %" PRIu32 " of %" PRIu32, i, index,
                                 exports->function_count);
        }
        exports->is_named[index / 8] |= (unsigned char)(1u << index % 8);
        result = visit_function(exports, index, name, visit, user_data, err);
    }
    return result;
}

int fc__pe_visit_exports(const struct fc_image *image, fc_export_visit_fn *visit, void *user_data,
                         struct fc__error *err) {
    struct exports exports = {.image = image, .steps = fc__steps_for(image)};
    if (!fc__pe_directory(image, FC__PE_EXPORTS, &exports.span)) {
        return FC_OK;
    }
    int result = find_exports(&exports, err);
    if (result != FC_OK) {
        return result;
    }
    exports.is_named = calloc(exports.function_count / 8 + 1, 1); /* the file has four bytes for each bit */
    if (exports.is_named == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory for the exports of an image");
    }
    result = visit_named(&exports, visit, user_data, err);
    for (uint32_t i = 0; result == FC_OK && i < exports.function_count; i++) {
        if ((exports.is_named[i / 8] & 1u << i % 8) == 0) {
            result = visit_function(&exports, i, NULL, visit, user_data, err);
        }
    }
    free(exports.is_named);
    return result;
}

const char *fc_export_forwarder(const struct fc_export *symbol) {
    return symbol->forwarder;
}

uint32_t fc_export_ordinal(const struct fc_export *symbol) {
    return symbol->ordinal;
}

/* stdcall `_Name@8`, fastcall `@Name@8`, vectorcall `Name@@8`; `Name@8` too, as some linkers drop the underscore.
 * C++ names begin with a question mark and mean other things by their at-signs. */
int fc_export_stack_bytes(const struct fc_export *symbol) {
    const char *at = symbol->name != NULL && symbol->name[0] != '?' ? strrchr(symbol->name, '@') : NULL;
    if (at == NULL || at == symbol->name || symbol->version != NULL) {
        return -1;
    }
    char *end;
    unsigned long bytes = at[1] >= '0' && at[1] <= '9' ? strtoul(at + 1, &end, 10) : 1;
    return at[1] >= '0' && at[1] <= '9' && *end == '\0' && bytes % 4 == 0 && bytes <= 0xffff ? (int)bytes : -1;
}
