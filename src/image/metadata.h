/* image: what the readers of CLI metadata share. See image.h for the rules. */
#ifndef FC_IMAGE_METADATA_H
#define FC_IMAGE_METADATA_H

#include "image/pe.h"

#include <farcall/managed.h>

enum {
    FC__COLUMNS_MAX = 9,
    FC__ROWS_MAX = 0xffffff, /* a row's number has 24 bits in a token */
    FC__VERSION_MAX = 255,   /* bytes of the version string */
    FC__STREAM_NAME_MAX = 32,
    FC__STREAMS_MAX = 256,
    FC__STRING_MAX = 4096, /* a longer string counts as none; runtimes allow names of 1023 bytes */
    FC__FRAMEWORK_MAX = 256,
    FC__PARAMS_MAX = 32, /* parameters of a signature that are looked at one by one */
};

/* A part of the image's bytes. */
struct fc__part {
    uint64_t offset, len;
};

struct fc__table {
    uint32_t rows;
    uint64_t offset;
    uint8_t column_count, size;
    uint8_t column_at[FC__COLUMNS_MAX + 1];
};

struct fc_assembly {
    const char *name, *culture;
    uint64_t version;
    uint32_t flags;
    const void *key;
    size_t key_len;
};

struct fc_metadata {
    const struct fc_image *image;
    struct fc__part whole, strings, blobs, guids, tables;
    const char *version;
    uint64_t streams; /* headers */
    unsigned stream_count;
    struct fc__table table[FC_TABLE_COUNT];
    struct fc_assembly own;
    char framework[FC__FRAMEWORK_MAX];
};

/* metadata_schema.c: the width of a column, given how many rows each table has; 0 after the last column. `heap_sizes`
 * is the byte of the tables stream. */
unsigned fc__schema_width(const struct fc_metadata *metadata, enum fc_table table, unsigned column,
                          unsigned heap_sizes);

/* A coded index: which table, in the order of its kind in ECMA-335 II.24.2.6, and which row. */
enum { FC__ATTRIBUTE_PARENT_BITS = 5, FC__ATTRIBUTE_TYPE_BITS = 3, FC__MEMBER_PARENT_BITS = 3, FC__SECURITY_BITS = 2 };

/* The row of TypeDef that has a method or field, by the column of TypeDef that says where its own begin; 0 if none. */
uint32_t fc__metadata_owner(const struct fc_metadata *metadata, unsigned list_column, uint32_t member);

/* The name of the type of the attribute in a row of CustomAttribute; "" if it cannot be told. */
const char *fc__metadata_attribute(const struct fc_metadata *metadata, uint32_t row);

/* signature.c: a signature, of a method or a field, as far as it is asked about. */
struct fc__signature {
    bool is_valid, has_pointer;
    uint32_t param_count;
    uint8_t types[FC__PARAMS_MAX + 1]; /* ELEMENT_TYPE of the result or field, then of the parameters */
};
struct fc__signature fc__signature_read(const void *data, size_t len);

#endif
