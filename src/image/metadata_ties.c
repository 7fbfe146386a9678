/* image: what ties managed code to a platform: P/Invoke, native code, pointers, COM, layouts.
 * Source: ECMA-335 II.22, II.23.1. */
#include "image/metadata.h"

#include <stdio.h>

enum { TYPE_NAME_MAX = 1024 };
enum { TYPE_DEF_FIELDS = 4, TYPE_DEF_METHODS = 5 };
enum { LAYOUT_MASK = 0x18, LAYOUT_EXPLICIT = 0x10, TYPE_IMPORT = 0x1000 };
enum { CODE_TYPE_MASK = 3, CODE_NATIVE = 1, CODE_UNMANAGED = 4 };
enum { CLI_VTABLE_FIXUPS = 48 };
enum { ELEMENT_I4 = 0x08, ELEMENT_U4 = 0x09, ELEMENT_STRING = 0x0e, ELEMENT_PTR = 0x0f, ELEMENT_CLASS = 0x12 };
enum { ELEMENT_I = 0x18, ELEMENT_U = 0x19, ELEMENT_FNPTR = 0x1b, ELEMENT_OBJECT = 0x1c, ELEMENT_SZARRAY = 0x1d };
enum { MODULE_PARENT = 1 << FC__ATTRIBUTE_PARENT_BITS | 7, ASSEMBLY_SECURITY = 1 << FC__SECURITY_BITS | 2 };

struct fc_pinvoke {
    const char *library, *entry, *type, *method, *suspicion;
    uint32_t flags;
};

/* -- Types of members --------------------------------------------------------------------------------------------- */

/* Types own consecutive members, in the order of the table, so the owner is found by halving. */
uint32_t fc__metadata_owner(const struct fc_metadata *metadata, unsigned list_column, uint32_t member) {
    uint32_t low = 0, high = fc_metadata_rows(metadata, FC_TABLE_TYPE_DEF);
    while (low < high) { /* the last row of which the first member is not after this one */
        uint32_t middle = low + (high - low + 1) / 2;
        if (fc_metadata_cell(metadata, FC_TABLE_TYPE_DEF, middle, list_column) <= member) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

const char *fc__metadata_attribute(const struct fc_metadata *metadata, uint32_t row) {
    enum { METHOD_DEF = 2, MEMBER_REF = 3, TYPE_REF = 1 };
    uint32_t type = fc_metadata_cell(metadata, FC_TABLE_CUSTOM_ATTRIBUTE, row, 1);
    uint32_t constructor = type >> FC__ATTRIBUTE_TYPE_BITS;
    switch (type & ((1 << FC__ATTRIBUTE_TYPE_BITS) - 1)) {
    case METHOD_DEF: {
        uint32_t owner = fc__metadata_owner(metadata, TYPE_DEF_METHODS, constructor);
        return fc_metadata_string(metadata, fc_metadata_cell(metadata, FC_TABLE_TYPE_DEF, owner, 1));
    }
    case MEMBER_REF: {
        uint32_t parent = fc_metadata_cell(metadata, FC_TABLE_MEMBER_REF, constructor, 0);
        bool is_type_ref = (parent & ((1 << FC__MEMBER_PARENT_BITS) - 1)) == TYPE_REF;
        uint32_t name = fc_metadata_cell(metadata, FC_TABLE_TYPE_REF, parent >> FC__MEMBER_PARENT_BITS, 1);
        return is_type_ref ? fc_metadata_string(metadata, name) : "";
    }
    default:
        return "";
    }
}

/* -- P/Invoke ----------------------------------------------------------------------------------------------------- */

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

static bool ends_in(const char *text, const char *end) {
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Hungarian hWnd, pData, lpBuffer; wParam and lParam; and the words themselves. */
static bool names_a_pointer(const char *name) {
    return (name[0] == 'h' && is_upper(name[1])) || (name[0] == 'p' && is_upper(name[1])) ||
           (name[0] == 'l' && name[1] == 'p' && is_upper(name[2])) || strcmp(name, "hwnd") == 0 ||
           strcmp(name, "wParam") == 0 || strcmp(name, "lParam") == 0 || strcmp(name, "dwNewLong") == 0 ||
           ends_in(name, "handle") || ends_in(name, "Handle") || ends_in(name, "Ptr") || strcmp(name, "ptr") == 0;
}

static bool is_int(const struct fc__signature *signature, uint32_t position) {
    return position <= FC__PARAMS_MAX && position <= signature->param_count &&
           (signature->types[position] == ELEMENT_I4 || signature->types[position] == ELEMENT_U4);
}

/* A parameter that is named like a pointer; or the result of functions that are known to return one. */
static const char *suspicion_of(const struct fc_metadata *metadata, uint32_t method, const char *entry) {
    size_t len = 0;
    const void *blob = fc_metadata_blob(metadata, fc_metadata_cell(metadata, FC_TABLE_METHOD_DEF, method, 4), &len);
    struct fc__signature signature = fc__signature_read(blob, blob != NULL ? len : 0);
    uint32_t param = fc_metadata_cell(metadata, FC_TABLE_METHOD_DEF, method, 5);
    bool is_last = method == fc_metadata_rows(metadata, FC_TABLE_METHOD_DEF);
    uint32_t end = is_last ? fc_metadata_rows(metadata, FC_TABLE_PARAM) + 1
                           : fc_metadata_cell(metadata, FC_TABLE_METHOD_DEF, method + 1, 5);
    if (!signature.is_valid) {
        return NULL;
    }
    for (uint32_t i = 0; i <= signature.param_count && i <= FC__PARAMS_MAX && param + i < end; i++) {
        uint32_t position = fc_metadata_cell(metadata, FC_TABLE_PARAM, param + i, 1);
        const char *name = fc_metadata_string(metadata, fc_metadata_cell(metadata, FC_TABLE_PARAM, param + i, 2));
        if (position > 0 && is_int(&signature, position) && names_a_pointer(name)) {
            return name;
        }
    }
    bool returns_pointer = strncmp(entry, "GetWindowLong", 13) == 0 || strncmp(entry, "SetWindowLong", 13) == 0;
    return returns_pointer && strstr(entry, "Ptr") == NULL && is_int(&signature, 0) ? "the result" : NULL;
}

static int visit_pinvoke(const struct fc_metadata *metadata, uint32_t row, fc_pinvoke_visit_fn *visit,
                         void *user_data) {
    uint32_t forwarded = fc_metadata_cell(metadata, FC_TABLE_IMPL_MAP, row, 1);
    uint32_t module = fc_metadata_cell(metadata, FC_TABLE_IMPL_MAP, row, 3);
    uint32_t method = forwarded & 1 ? forwarded >> 1 : 0; /* else a field, which no runtime honours */
    uint32_t owner = fc__metadata_owner(metadata, TYPE_DEF_METHODS, method);
    const char *type = fc_metadata_string(metadata, fc_metadata_cell(metadata, FC_TABLE_TYPE_DEF, owner, 1));
    const char *space = fc_metadata_string(metadata, fc_metadata_cell(metadata, FC_TABLE_TYPE_DEF, owner, 2));
    char name[TYPE_NAME_MAX];
    snprintf(name, sizeof name, "%s%s%s", space, space[0] != '\0' ? "." : "", type);
    struct fc_pinvoke pinvoke = {
        .library = fc_metadata_string(metadata, fc_metadata_cell(metadata, FC_TABLE_MODULE_REF, module, 0)),
        .entry = fc_metadata_string(metadata, fc_metadata_cell(metadata, FC_TABLE_IMPL_MAP, row, 2)),
        .type = name,
        .method = fc_metadata_string(metadata, fc_metadata_cell(metadata, FC_TABLE_METHOD_DEF, method, 3)),
        .flags = fc_metadata_cell(metadata, FC_TABLE_IMPL_MAP, row, 0)};
    pinvoke.suspicion = suspicion_of(metadata, method, pinvoke.entry);
    return visit(user_data, &pinvoke);
}

int fc_metadata_visit_pinvokes(const struct fc_metadata *metadata, fc_pinvoke_visit_fn *visit, void *user_data) {
    struct fc__steps steps = fc__steps_for(metadata->image);
    int result = FC_OK;
    for (uint32_t row = 1; result == FC_OK && row <= fc_metadata_rows(metadata, FC_TABLE_IMPL_MAP); row++) {
        /* Strings may share their bytes, so their lengths are counted for each row. */
        uint32_t entry = fc_metadata_cell(metadata, FC_TABLE_IMPL_MAP, row, 2);
        if (!fc__steps_take(&steps, 64 + strlen(fc_metadata_string(metadata, entry)))) {
            return fc__steps_over("P/Invoke methods", fc__error_here());
        }
        result = visit_pinvoke(metadata, row, visit, user_data);
    }
    return result;
}

const char *fc_pinvoke_library(const struct fc_pinvoke *pinvoke) {
    return pinvoke->library;
}

const char *fc_pinvoke_entry(const struct fc_pinvoke *pinvoke) {
    return pinvoke->entry;
}

const char *fc_pinvoke_type(const struct fc_pinvoke *pinvoke) {
    return pinvoke->type;
}

const char *fc_pinvoke_method(const struct fc_pinvoke *pinvoke) {
    return pinvoke->method;
}

uint32_t fc_pinvoke_flags(const struct fc_pinvoke *pinvoke) {
    return pinvoke->flags;
}

const char *fc_pinvoke_suspicion(const struct fc_pinvoke *pinvoke) {
    return pinvoke->suspicion;
}

/* -- Ties --------------------------------------------------------------------------------------------------------- */

static bool is_unsafe(const struct fc_metadata *metadata, struct fc__steps *steps) {
    for (uint32_t row = 1; row <= fc_metadata_rows(metadata, FC_TABLE_CUSTOM_ATTRIBUTE); row++) {
        if (fc_metadata_cell(metadata, FC_TABLE_CUSTOM_ATTRIBUTE, row, 0) == MODULE_PARENT &&
            strcmp(fc__metadata_attribute(metadata, row), "UnverifiableCodeAttribute") == 0) {
            return true;
        }
    }
    for (uint32_t row = 1; row <= fc_metadata_rows(metadata, FC_TABLE_DECL_SECURITY); row++) {
        size_t len = 0;
        const char *blob = fc_metadata_blob(metadata, fc_metadata_cell(metadata, FC_TABLE_DECL_SECURITY, row, 2), &len);
        if (fc_metadata_cell(metadata, FC_TABLE_DECL_SECURITY, row, 1) == ASSEMBLY_SECURITY && blob != NULL &&
            fc__steps_take(steps, len) && memmem(blob, len, "SkipVerification", 16) != NULL) {
            return true;
        }
    }
    return false;
}

static bool has_pointer(const struct fc_metadata *metadata, enum fc_table table, unsigned column,
                        struct fc__steps *steps) {
    for (uint32_t row = 1; row <= fc_metadata_rows(metadata, table); row++) {
        size_t len = 0;
        const void *blob = fc_metadata_blob(metadata, fc_metadata_cell(metadata, table, row, column), &len);
        if (blob != NULL && fc__steps_take(steps, len) && fc__signature_read(blob, len).has_pointer) {
            return true;
        }
    }
    return false;
}

static bool has_native_method(const struct fc_metadata *metadata) {
    for (uint32_t row = 1; row <= fc_metadata_rows(metadata, FC_TABLE_METHOD_DEF); row++) {
        uint32_t flags = fc_metadata_cell(metadata, FC_TABLE_METHOD_DEF, row, 1);
        if ((flags & CODE_TYPE_MASK) == CODE_NATIVE || (flags & CODE_UNMANAGED) != 0) {
            return true;
        }
    }
    return false;
}

static bool has_com_import(const struct fc_metadata *metadata) {
    for (uint32_t row = 1; row <= fc_metadata_rows(metadata, FC_TABLE_TYPE_DEF); row++) {
        if (fc_metadata_cell(metadata, FC_TABLE_TYPE_DEF, row, 0) & TYPE_IMPORT) {
            return true;
        }
    }
    return false;
}

static bool is_of_pointer_size(const struct fc_metadata *metadata, uint32_t field) {
    size_t len = 0;
    const void *blob = fc_metadata_blob(metadata, fc_metadata_cell(metadata, FC_TABLE_FIELD, field, 2), &len);
    uint8_t type = blob != NULL ? fc__signature_read(blob, len).types[0] : 0;
    return type == ELEMENT_STRING || type == ELEMENT_PTR || type == ELEMENT_CLASS || type == ELEMENT_I ||
           type == ELEMENT_U || type == ELEMENT_FNPTR || type == ELEMENT_OBJECT || type == ELEMENT_SZARRAY;
}

/* Two fields of one type of explicit layout, the one after the other: the first is a pointer, the second lies where a
 * pointer of 64 bits would still be. */
static bool has_tight_layout(const struct fc_metadata *metadata) {
    for (uint32_t row = 1; row < fc_metadata_rows(metadata, FC_TABLE_FIELD_LAYOUT); row++) {
        uint32_t at = fc_metadata_cell(metadata, FC_TABLE_FIELD_LAYOUT, row, 0);
        uint32_t next = fc_metadata_cell(metadata, FC_TABLE_FIELD_LAYOUT, row + 1, 0);
        uint32_t field = fc_metadata_cell(metadata, FC_TABLE_FIELD_LAYOUT, row, 1);
        if (next > at && next - at < 8 && fc_metadata_cell(metadata, FC_TABLE_FIELD_LAYOUT, row + 1, 1) == field + 1 &&
            is_of_pointer_size(metadata, field) &&
            fc__metadata_owner(metadata, TYPE_DEF_FIELDS, field) ==
                fc__metadata_owner(metadata, TYPE_DEF_FIELDS, field + 1)) {
            return true;
        }
    }
    return false;
}

static int on_pinvoke(void *user_data, const struct fc_pinvoke *pinvoke) {
    *(uint32_t *)user_data |= FC_TIE_PINVOKE | (pinvoke->suspicion != NULL ? FC_TIE_INT_FOR_POINTER : 0u);
    return FC_OK;
}

uint32_t fc_metadata_ties(const struct fc_metadata *metadata) {
    const struct fc_image *image = metadata->image;
    struct fc__steps steps = fc__steps_for(image);
    uint32_t ties = 0, flags = image->pe.cli_flags;
    ties |= (flags & FC_CLI_IL_ONLY) == 0 ? FC_TIE_NATIVE_CODE : 0u;
    ties |= flags & FC_CLI_NATIVE_ENTRYPOINT ? FC_TIE_NATIVE_ENTRY : 0u;
    ties |= fc__bytes_u32(&image->bytes, image->pe.cli + CLI_VTABLE_FIXUPS) != 0 ? FC_TIE_VTABLE_FIXUPS : 0u;
    ties |= has_native_method(metadata) ? FC_TIE_NATIVE_METHODS : 0u;
    ties |= is_unsafe(metadata, &steps) ? FC_TIE_UNSAFE : 0u;
    ties |= has_pointer(metadata, FC_TABLE_METHOD_DEF, 4, &steps) || has_pointer(metadata, FC_TABLE_FIELD, 2, &steps)
                ? FC_TIE_POINTERS
                : 0u;
    ties |= has_com_import(metadata) ? FC_TIE_COM : 0u;
    ties |= has_tight_layout(metadata) ? FC_TIE_LAYOUT : 0u;
    fc_metadata_visit_pinvokes(metadata, on_pinvoke, &ties);
    return ties;
}

const char *fc_tie_text(enum fc_tie tie) {
    switch (tie) {
#define TEXT_CASE(name, bit, text)                                                                                     \
    case name:                                                                                                         \
        return text;
        FC_TIES(TEXT_CASE)
#undef TEXT_CASE
    default:
        return "?";
    }
}
