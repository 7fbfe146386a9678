/* image: the columns of the metadata tables.
 * Source: ECMA-335 II.22 (columns), II.24.2.6 (widths and coded indexes). */
#include "image/metadata.h"

/* A column: a number of 2 or 4 bytes, an index into a heap, into one table (TABLE + its number), or into one of several
 * (CODED + the kind). */
enum { END, U2, U4, STRING, GUID, BLOB, CODED = 0x20, TABLE = 0x40 };
enum coded {
    TYPE_DEF_OR_REF,
    HAS_CONSTANT,
    HAS_CUSTOM_ATTRIBUTE,
    HAS_FIELD_MARSHAL,
    HAS_DECL_SECURITY,
    MEMBER_REF_PARENT,
    HAS_SEMANTICS,
    METHOD_DEF_OR_REF,
    MEMBER_FORWARDED,
    IMPLEMENTATION,
    CUSTOM_ATTRIBUTE_TYPE,
    RESOLUTION_SCOPE,
    TYPE_OR_METHOD_DEF,
};

#define T(name) (TABLE + FC_TABLE_##name)
#define C(name) (CODED + name)
static const uint8_t schema[FC_TABLE_COUNT][FC__COLUMNS_MAX + 1] = {
    [FC_TABLE_MODULE] = {U2, STRING, GUID, GUID, GUID},
    [FC_TABLE_TYPE_REF] = {C(RESOLUTION_SCOPE), STRING, STRING},
    [FC_TABLE_TYPE_DEF] = {U4, STRING, STRING, C(TYPE_DEF_OR_REF), T(FIELD), T(METHOD_DEF)},
    [FC_TABLE_FIELD_PTR] = {T(FIELD)},
    [FC_TABLE_FIELD] = {U2, STRING, BLOB},
    [FC_TABLE_METHOD_PTR] = {T(METHOD_DEF)},
    [FC_TABLE_METHOD_DEF] = {U4, U2, U2, STRING, BLOB, T(PARAM)},
    [FC_TABLE_PARAM_PTR] = {T(PARAM)},
    [FC_TABLE_PARAM] = {U2, U2, STRING},
    [FC_TABLE_INTERFACE_IMPL] = {T(TYPE_DEF), C(TYPE_DEF_OR_REF)},
    [FC_TABLE_MEMBER_REF] = {C(MEMBER_REF_PARENT), STRING, BLOB},
    [FC_TABLE_CONSTANT] = {U2, C(HAS_CONSTANT), BLOB},
    [FC_TABLE_CUSTOM_ATTRIBUTE] = {C(HAS_CUSTOM_ATTRIBUTE), C(CUSTOM_ATTRIBUTE_TYPE), BLOB},
    [FC_TABLE_FIELD_MARSHAL] = {C(HAS_FIELD_MARSHAL), BLOB},
    [FC_TABLE_DECL_SECURITY] = {U2, C(HAS_DECL_SECURITY), BLOB},
    [FC_TABLE_CLASS_LAYOUT] = {U2, U4, T(TYPE_DEF)},
    [FC_TABLE_FIELD_LAYOUT] = {U4, T(FIELD)},
    [FC_TABLE_STAND_ALONE_SIG] = {BLOB},
    [FC_TABLE_EVENT_MAP] = {T(TYPE_DEF), T(EVENT)},
    [FC_TABLE_EVENT_PTR] = {T(EVENT)},
    [FC_TABLE_EVENT] = {U2, STRING, C(TYPE_DEF_OR_REF)},
    [FC_TABLE_PROPERTY_MAP] = {T(TYPE_DEF), T(PROPERTY)},
    [FC_TABLE_PROPERTY_PTR] = {T(PROPERTY)},
    [FC_TABLE_PROPERTY] = {U2, STRING, BLOB},
    [FC_TABLE_METHOD_SEMANTICS] = {U2, T(METHOD_DEF), C(HAS_SEMANTICS)},
    [FC_TABLE_METHOD_IMPL] = {T(TYPE_DEF), C(METHOD_DEF_OR_REF), C(METHOD_DEF_OR_REF)},
    [FC_TABLE_MODULE_REF] = {STRING},
    [FC_TABLE_TYPE_SPEC] = {BLOB},
    [FC_TABLE_IMPL_MAP] = {U2, C(MEMBER_FORWARDED), STRING, T(MODULE_REF)},
    [FC_TABLE_FIELD_RVA] = {U4, T(FIELD)},
    [FC_TABLE_ENC_LOG] = {U4, U4},
    [FC_TABLE_ENC_MAP] = {U4},
    [FC_TABLE_ASSEMBLY] = {U4, U2, U2, U2, U2, U4, BLOB, STRING, STRING},
    [FC_TABLE_ASSEMBLY_PROCESSOR] = {U4},
    [FC_TABLE_ASSEMBLY_OS] = {U4, U4, U4},
    [FC_TABLE_ASSEMBLY_REF] = {U2, U2, U2, U2, U4, BLOB, STRING, STRING, BLOB},
    [FC_TABLE_ASSEMBLY_REF_PROCESSOR] = {U4, T(ASSEMBLY_REF)},
    [FC_TABLE_ASSEMBLY_REF_OS] = {U4, U4, U4, T(ASSEMBLY_REF)},
    [FC_TABLE_FILE] = {U4, STRING, BLOB},
    [FC_TABLE_EXPORTED_TYPE] = {U4, U4, STRING, STRING, C(IMPLEMENTATION)},
    [FC_TABLE_MANIFEST_RESOURCE] = {U4, U4, STRING, C(IMPLEMENTATION)},
    [FC_TABLE_NESTED_CLASS] = {T(TYPE_DEF), T(TYPE_DEF)},
    [FC_TABLE_GENERIC_PARAM] = {U2, U2, C(TYPE_OR_METHOD_DEF), STRING},
    [FC_TABLE_METHOD_SPEC] = {C(METHOD_DEF_OR_REF), BLOB},
    [FC_TABLE_GENERIC_PARAM_CONSTRAINT] = {T(GENERIC_PARAM), C(TYPE_DEF_OR_REF)},
};
#undef T
#undef C

enum { CODED_TABLES_MAX = 22 };

/* The tables of a kind, in any order, and the bits that tell them apart. Module is 0, so the lists have lengths. */
static const struct {
    uint8_t bits, count, tables[CODED_TABLES_MAX];
} codeds[] = {
    [TYPE_DEF_OR_REF] = {2, 3, {FC_TABLE_TYPE_DEF, FC_TABLE_TYPE_REF, FC_TABLE_TYPE_SPEC}},
    [HAS_CONSTANT] = {2, 3, {FC_TABLE_FIELD, FC_TABLE_PARAM, FC_TABLE_PROPERTY}},
    [HAS_CUSTOM_ATTRIBUTE] = {5,
                              22,
                              {FC_TABLE_METHOD_DEF,
                               FC_TABLE_FIELD,
                               FC_TABLE_TYPE_REF,
                               FC_TABLE_TYPE_DEF,
                               FC_TABLE_PARAM,
                               FC_TABLE_INTERFACE_IMPL,
                               FC_TABLE_MEMBER_REF,
                               FC_TABLE_MODULE,
                               FC_TABLE_DECL_SECURITY,
                               FC_TABLE_PROPERTY,
                               FC_TABLE_EVENT,
                               FC_TABLE_STAND_ALONE_SIG,
                               FC_TABLE_MODULE_REF,
                               FC_TABLE_TYPE_SPEC,
                               FC_TABLE_ASSEMBLY,
                               FC_TABLE_ASSEMBLY_REF,
                               FC_TABLE_FILE,
                               FC_TABLE_EXPORTED_TYPE,
                               FC_TABLE_MANIFEST_RESOURCE,
                               FC_TABLE_GENERIC_PARAM,
                               FC_TABLE_METHOD_SPEC,
                               FC_TABLE_GENERIC_PARAM_CONSTRAINT}},
    [HAS_FIELD_MARSHAL] = {1, 2, {FC_TABLE_FIELD, FC_TABLE_PARAM}},
    [HAS_DECL_SECURITY] = {2, 3, {FC_TABLE_TYPE_DEF, FC_TABLE_METHOD_DEF, FC_TABLE_ASSEMBLY}},
    [MEMBER_REF_PARENT] =
        {3, 5, {FC_TABLE_TYPE_DEF, FC_TABLE_TYPE_REF, FC_TABLE_MODULE_REF, FC_TABLE_METHOD_DEF, FC_TABLE_TYPE_SPEC}},
    [HAS_SEMANTICS] = {1, 2, {FC_TABLE_EVENT, FC_TABLE_PROPERTY}},
    [METHOD_DEF_OR_REF] = {1, 2, {FC_TABLE_METHOD_DEF, FC_TABLE_MEMBER_REF}},
    [MEMBER_FORWARDED] = {1, 2, {FC_TABLE_FIELD, FC_TABLE_METHOD_DEF}},
    [IMPLEMENTATION] = {2, 3, {FC_TABLE_FILE, FC_TABLE_ASSEMBLY_REF, FC_TABLE_EXPORTED_TYPE}},
    [CUSTOM_ATTRIBUTE_TYPE] = {3, 2, {FC_TABLE_METHOD_DEF, FC_TABLE_MEMBER_REF}},
    [RESOLUTION_SCOPE] = {2, 4, {FC_TABLE_MODULE, FC_TABLE_MODULE_REF, FC_TABLE_ASSEMBLY_REF, FC_TABLE_TYPE_REF}},
    [TYPE_OR_METHOD_DEF] = {1, 2, {FC_TABLE_TYPE_DEF, FC_TABLE_METHOD_DEF}},
};

static unsigned coded_width(const struct fc_metadata *metadata, enum coded kind) {
    uint32_t most = 0;
    for (unsigned i = 0; i < codeds[kind].count; i++) {
        uint32_t rows = metadata->table[codeds[kind].tables[i]].rows;
        most = rows > most ? rows : most;
    }
    return most < 1u << (16 - codeds[kind].bits) ? 2 : 4;
}

unsigned fc__schema_width(const struct fc_metadata *metadata, enum fc_table table, unsigned column,
                          unsigned heap_sizes) {
    uint8_t type = column < FC__COLUMNS_MAX ? schema[table][column] : (uint8_t)END;
    switch (type) {
    case END:
        return 0;
    case U2:
        return 2;
    case U4:
        return 4;
    case STRING:
        return heap_sizes & 1 ? 4 : 2;
    case GUID:
        return heap_sizes & 2 ? 4 : 2;
    case BLOB:
        return heap_sizes & 4 ? 4 : 2;
    default:
        return type < TABLE                                   ? coded_width(metadata, (enum coded)(type - CODED))
               : metadata->table[type - TABLE].rows < 0x10000 ? 2
                                                              : 4;
    }
}

const char *fc_table_name(enum fc_table table) {
    switch (table) {
#define NAME_CASE(name, text)                                                                                          \
    case name:                                                                                                         \
        return text;
        FC_TABLES(NAME_CASE)
#undef NAME_CASE
    default:
        return "?";
    }
}
