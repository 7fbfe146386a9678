/* image: CLI metadata: the root, streams, tables and heaps.
 * Source: ECMA-335 II.24.2. */
#include "image/metadata.h"

#include <stdlib.h>

enum { CLI_METADATA = 8, ROOT_SIZE = 16, TABLES_SIZE = 24, HEAP_SIZES_EXTRA = 0x40 };

static const struct fc__bytes *bytes_of(const struct fc_metadata *metadata) {
    return &metadata->image->bytes;
}

/* -- Root and streams --------------------------------------------------------------------------------------------- */

static int cut(const struct fc_metadata *metadata, const char *what, uint64_t offset, struct fc__error *err) {
    return fc__error_set(err, FC_EFORMAT, "CLI metadata: %s at offset 0x%" PRIx64 " goes past its end, 0x%" PRIx64,
                         what, offset, metadata->whole.offset + metadata->whole.len);
}

static bool has(const struct fc_metadata *metadata, uint64_t offset, uint64_t size) {
    return offset >= metadata->whole.offset &&
           fc__range_within(offset - metadata->whole.offset, size, metadata->whole.len);
}

/* What the CLI header leads to. Its size is not believed: some tools write another, and runtimes read on. */
static int find_root(struct fc_metadata *metadata, struct fc__error *err) {
    const struct fc__bytes *bytes = bytes_of(metadata);
    uint32_t rva = fc__bytes_u32(bytes, metadata->image->pe.cli + CLI_METADATA);
    uint64_t root = 0, room = fc__pe_room(metadata->image, rva, &root);
    if (rva == 0 || room < ROOT_SIZE) {
        return fc__error_set(err, FC_EFORMAT, "CLI metadata: the %d bytes at RVA 0x%" PRIx32 " are not in the file",
                             ROOT_SIZE, rva);
    }
    metadata->whole = (struct fc__part){root, room};
    if (!fc__bytes_match(bytes, root, "BSJB", 4)) {
        return fc__error_set(err, FC_EFORMAT, "CLI metadata: no signature BSJB at offset 0x%" PRIx64, root);
    }
    uint64_t len = ((uint64_t)fc__bytes_u32(bytes, root + 12) + 3) & ~UINT64_C(3);
    uint64_t after = root + ROOT_SIZE + len;
    if (len > FC__VERSION_MAX + 1 || !has(metadata, after, 4)) {
        return fc__error_set(err, FC_EFORMAT,
                             "CLI metadata: a version string of %" PRIu64 " bytes at offset 0x%" PRIx64, len,
                             root + ROOT_SIZE);
    }
    metadata->version = fc__bytes_string(bytes, root + ROOT_SIZE, len);
    if (metadata->version == NULL) {
        return fc__error_set(err, FC_EFORMAT, "CLI metadata: the version string at offset 0x%" PRIx64 " has no end",
                             root + ROOT_SIZE);
    }
    metadata->stream_count = fc__bytes_u16(bytes, after + 2);
    metadata->streams = after + 4;
    return FC_OK;
}

/* The header at `*offset`, which moves on to the next one. */
static bool read_stream(const struct fc_metadata *metadata, uint64_t *offset, const char **ret_name,
                        struct fc__part *ret_part) {
    const struct fc__bytes *bytes = bytes_of(metadata);
    const char *name = fc__bytes_string(bytes, *offset + 8, FC__STREAM_NAME_MAX);
    if (!has(metadata, *offset, 9) || name == NULL || !has(metadata, *offset, 8 + strlen(name) + 1)) {
        return false;
    }
    *ret_part =
        (struct fc__part){metadata->whole.offset + fc__bytes_u32(bytes, *offset), fc__bytes_u32(bytes, *offset + 4)};
    *ret_name = name;
    *offset += 8 + ((strlen(name) + 4) & ~(size_t)3);
    return true;
}

/* Of streams with one name the first counts. */
static int find_streams(struct fc_metadata *metadata, struct fc__error *err) {
    const struct {
        const char *name;
        struct fc__part *part;
    } wanted[] = {{"#Strings", &metadata->strings},
                  {"#Blob", &metadata->blobs},
                  {"#GUID", &metadata->guids},
                  {"#~", &metadata->tables},
                  {"#-", &metadata->tables}};
    uint64_t at = metadata->streams;
    if (metadata->stream_count > FC__STREAMS_MAX) {
        return fc__error_set(err, FC_EFORMAT, "CLI metadata: %u streams, more than %d", metadata->stream_count,
                             FC__STREAMS_MAX);
    }
    for (unsigned i = 0; i < metadata->stream_count; i++) {
        const char *name;
        struct fc__part part;
        if (!read_stream(metadata, &at, &name, &part)) {
            return cut(metadata, "the header of a stream", at, err);
        }
        for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
            if (strcmp(name, wanted[k].name) != 0 || wanted[k].part->offset != 0) {
                continue;
            }
            if (!has(metadata, part.offset, part.len)) {
                return cut(metadata, name, part.offset, err);
            }
            *wanted[k].part = part;
        }
    }
    return FC_OK;
}

/* -- Tables ------------------------------------------------------------------------------------------------------- */

static int read_row_counts(struct fc_metadata *metadata, uint64_t *ret_end, struct fc__error *err) {
    const struct fc__bytes *bytes = bytes_of(metadata);
    uint64_t valid = fc__bytes_u64(bytes, metadata->tables.offset + 8), at = metadata->tables.offset + TABLES_SIZE;
    if (valid >> FC_TABLE_COUNT != 0) {
        return fc__error_set(err, FC_EFORMAT,
                             "CLI metadata: tables that this program does not know (mask 0x%" PRIx64 ")", valid);
    }
    for (unsigned i = 0; i < FC_TABLE_COUNT; i++) {
        if ((valid >> i & 1) == 0) {
            continue;
        }
        uint32_t rows = fc__bytes_u32(bytes, at);
        if (!has(metadata, at, 4)) {
            return cut(metadata, "the row counts", at, err);
        }
        if (rows > FC__ROWS_MAX) {
            return fc__error_set(err, FC_EFORMAT,
                                 "CLI metadata: table %s with %" PRIu32 " rows, more than tokens can number",
                                 fc_table_name((enum fc_table)i), rows);
        }
        metadata->table[i].rows = rows;
        at += 4;
    }
    *ret_end = at;
    return FC_OK;
}

static int read_tables(struct fc_metadata *metadata, struct fc__error *err) {
    const struct fc__bytes *bytes = bytes_of(metadata);
    uint64_t at = 0;
    if (metadata->tables.offset == 0) {
        return fc__error_set(err, FC_EFORMAT, "CLI metadata: no stream of tables (#~)");
    }
    if (metadata->tables.len < TABLES_SIZE) {
        return cut(metadata, "the header of the tables", metadata->tables.offset, err);
    }
    unsigned heap_sizes = fc__bytes_u8(bytes, metadata->tables.offset + 6);
    int result = read_row_counts(metadata, &at, err);
    if (result != FC_OK) {
        return result;
    }
    at += heap_sizes & HEAP_SIZES_EXTRA ? 4 : 0;
    for (unsigned i = 0; i < FC_TABLE_COUNT; i++) {
        struct fc__table *table = &metadata->table[i];
        unsigned size = 0, count = 0;
        for (unsigned width; (width = fc__schema_width(metadata, (enum fc_table)i, count, heap_sizes)) != 0; count++) {
            size += width;
            table->column_at[count + 1] = (uint8_t)size;
        }
        table->column_count = (uint8_t)count;
        table->size = (uint8_t)size;
        table->offset = at;
        if (!has(metadata, at, (uint64_t)table->rows * size)) {
            return fc__error_set(err, FC_EFORMAT,
                                 "CLI metadata: table %s, %" PRIu32 " rows of %u bytes at offset 0x%" PRIx64
                                 ", goes past the end, 0x%" PRIx64,
                                 fc_table_name((enum fc_table)i), table->rows, size, at,
                                 metadata->whole.offset + metadata->whole.len);
        }
        at += (uint64_t)table->rows * size;
    }
    return FC_OK;
}

uint32_t fc_metadata_rows(const struct fc_metadata *metadata, enum fc_table table) {
    return (unsigned)table < FC_TABLE_COUNT ? metadata->table[table].rows : 0;
}

unsigned fc_metadata_row_size(const struct fc_metadata *metadata, enum fc_table table) {
    return fc_metadata_rows(metadata, table) > 0 ? metadata->table[table].size : 0;
}

uint32_t fc_metadata_cell(const struct fc_metadata *metadata, enum fc_table number, uint32_t row, unsigned column) {
    if (row == 0 || row > fc_metadata_rows(metadata, number) || column >= metadata->table[number].column_count) {
        return 0;
    }
    const struct fc__table *table = &metadata->table[number];
    uint64_t at = table->offset + (uint64_t)(row - 1) * table->size + table->column_at[column];
    return (uint32_t)fc__bytes_number(bytes_of(metadata), at,
                                      (unsigned)(table->column_at[column + 1] - table->column_at[column]));
}

/* -- Heaps -------------------------------------------------------------------------------------------------------- */

const char *fc_metadata_string(const struct fc_metadata *metadata, uint32_t index) {
    const struct fc__part *strings = &metadata->strings;
    if (index >= strings->len) {
        return "";
    }
    uint64_t room = strings->len - index;
    const char *text =
        fc__bytes_string(bytes_of(metadata), strings->offset + index, room < FC__STRING_MAX ? room : FC__STRING_MAX);
    return text != NULL ? text : "";
}

/* A length of one, two or four bytes stands before a blob (II.24.2.4). */
const void *fc_metadata_blob(const struct fc_metadata *metadata, uint32_t index, size_t *ret_len_bytes) {
    const struct fc__bytes *bytes = bytes_of(metadata);
    const struct fc__part *blobs = &metadata->blobs;
    if (index == 0 || index >= blobs->len) {
        return NULL;
    }
    struct fc__bytes big = {.data = bytes->data, .len = blobs->offset + blobs->len, .is_big_endian = true};
    uint64_t at = blobs->offset + index;
    uint8_t first = fc__bytes_u8(&big, at);
    unsigned size = first < 0x80 ? 1 : first < 0xc0 ? 2 : 4;
    static const uint32_t masks[] = {[1] = 0x7f, [2] = 0x3fff, [4] = 0x1fffffff};
    uint32_t len = (uint32_t)fc__bytes_number(&big, at, size) & masks[size];
    if (!fc__bytes_has(&big, at, size) || !fc__bytes_has(&big, at + size, len)) {
        return NULL;
    }
    *ret_len_bytes = len;
    return bytes->data + (size_t)(at + size);
}

/* -- Opening ------------------------------------------------------------------------------------------------------ */

static void read_assembly(const struct fc_metadata *metadata, enum fc_table table, uint32_t row,
                          struct fc_assembly *ret_assembly) {
    unsigned first = table == FC_TABLE_ASSEMBLY ? 1 : 0; /* a hash algorithm stands before the version */
    struct fc_assembly assembly = {0};
    for (unsigned i = 0; i < 4; i++) {
        assembly.version = assembly.version << 16 | fc_metadata_cell(metadata, table, row, first + i);
    }
    assembly.flags = fc_metadata_cell(metadata, table, row, first + 4);
    assembly.key = fc_metadata_blob(metadata, fc_metadata_cell(metadata, table, row, first + 5), &assembly.key_len);
    assembly.name = fc_metadata_string(metadata, fc_metadata_cell(metadata, table, row, first + 6));
    assembly.culture = fc_metadata_string(metadata, fc_metadata_cell(metadata, table, row, first + 7));
    *ret_assembly = assembly;
}

/* The argument of TargetFrameworkAttribute: after a prolog of two bytes a text with its length. */
static void read_framework(struct fc_metadata *metadata, uint32_t row) {
    size_t len = 0;
    const unsigned char *blob =
        fc_metadata_blob(metadata, fc_metadata_cell(metadata, FC_TABLE_CUSTOM_ATTRIBUTE, row, 2), &len);
    size_t text_len = blob != NULL && len > 3 ? blob[2] : 0; /* no framework's name has 128 bytes */
    if (text_len > 0 && text_len < 0x80 && text_len <= len - 3) {
        memcpy(metadata->framework, blob + 3, text_len);
    }
}

static void find_framework(struct fc_metadata *metadata) {
    enum { ASSEMBLY = 1 << FC__ATTRIBUTE_PARENT_BITS | 14 };
    for (uint32_t row = 1; row <= fc_metadata_rows(metadata, FC_TABLE_CUSTOM_ATTRIBUTE); row++) {
        if (fc_metadata_cell(metadata, FC_TABLE_CUSTOM_ATTRIBUTE, row, 0) == ASSEMBLY &&
            strcmp(fc__metadata_attribute(metadata, row), "TargetFrameworkAttribute") == 0) {
            read_framework(metadata, row);
            return;
        }
    }
}

int fc_metadata_open(const struct fc_image *image, struct fc_metadata **ret_metadata) {
    struct fc__error *err = fc__error_here();
    if (image == NULL || ret_metadata == NULL || image->format != FC_FORMAT_PE || image->pe.cli == 0) {
        return fc__error_set(err, FC_EINVAL, "fc_metadata_open: the image has no CLI header, so no metadata");
    }
    struct fc_metadata *metadata = calloc(1, sizeof *metadata);
    if (metadata == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory for metadata");
    }
    metadata->image = image;
    int result = find_root(metadata, err);
    if (result == FC_OK) {
        result = find_streams(metadata, err);
    }
    if (result == FC_OK) {
        result = read_tables(metadata, err);
    }
    if (result != FC_OK) {
        free(metadata);
        return result;
    }
    read_assembly(metadata, FC_TABLE_ASSEMBLY, 1, &metadata->own);
    find_framework(metadata);
    *ret_metadata = metadata;
    return FC_OK;
}

void fc_metadata_close(struct fc_metadata *metadata) {
    free(metadata);
}

const char *fc_metadata_version(const struct fc_metadata *metadata) {
    return metadata->version;
}

const char *fc_metadata_framework(const struct fc_metadata *metadata) {
    return metadata->framework[0] != '\0' ? metadata->framework : NULL;
}

bool fc_metadata_stream(const struct fc_metadata *metadata, unsigned index, const char **ret_name, uint32_t *ret_offset,
                        uint32_t *ret_len_bytes) {
    uint64_t at = metadata->streams;
    struct fc__part part = {0, 0};
    for (unsigned i = 0; i <= index; i++) {
        if (index >= metadata->stream_count || !read_stream(metadata, &at, ret_name, &part)) {
            return false;
        }
    }
    *ret_offset = (uint32_t)(part.offset - metadata->whole.offset);
    *ret_len_bytes = (uint32_t)part.len;
    return true;
}

const struct fc_assembly *fc_metadata_assembly(const struct fc_metadata *metadata) {
    return fc_metadata_rows(metadata, FC_TABLE_ASSEMBLY) > 0 ? &metadata->own : NULL;
}

int fc_metadata_visit_references(const struct fc_metadata *metadata, fc_assembly_visit_fn *visit, void *user_data) {
    int result = FC_OK;
    for (uint32_t row = 1; result == FC_OK && row <= fc_metadata_rows(metadata, FC_TABLE_ASSEMBLY_REF); row++) {
        struct fc_assembly assembly;
        read_assembly(metadata, FC_TABLE_ASSEMBLY_REF, row, &assembly);
        result = visit(user_data, &assembly);
    }
    return result;
}

const char *fc_assembly_name(const struct fc_assembly *assembly) {
    return assembly->name;
}

const char *fc_assembly_culture(const struct fc_assembly *assembly) {
    return assembly->culture;
}

uint64_t fc_assembly_version(const struct fc_assembly *assembly) {
    return assembly->version;
}

uint32_t fc_assembly_flags(const struct fc_assembly *assembly) {
    return assembly->flags;
}

const void *fc_assembly_key(const struct fc_assembly *assembly, size_t *ret_len_bytes) {
    bool has_key = assembly->key != NULL && assembly->key_len > 0;
    *ret_len_bytes = has_key ? assembly->key_len : 0;
    return has_key ? assembly->key : NULL;
}
