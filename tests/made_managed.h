/* tests: managed PE images made by hand. */
#ifndef FC_TESTS_MADE_MANAGED_H
#define FC_TESTS_MADE_MANAGED_H

#include "made_images.h"

#include <farcall/managed.h>

/* In the image's one section: the CLI header at RVA 0x1008, metadata at 0x1100 with its tables, strings and blobs. */
enum { META_RVA = 0x1100, META = 0x500, META_TABLES = 0x580, META_STRINGS = 0x900, META_BLOBS = 0xc00 };
enum { META_ROOM = 0xc00, META_STREAMS = META + 16 + 12 + 4 };

/* Where the next row, string and blob go. */
struct made_rows {
    struct made *made;
    size_t at, string_at, blob_at;
};

static inline void put_stream(struct made *made, size_t *at, size_t offset, size_t len, const char *name) {
    put(made, *at, offset - META, 4);
    put(made, *at + 4, len, 4);
    strcpy((char *)made->bytes + *at + 8, name);
    *at += 8 + ((strlen(name) + 4) & ~(size_t)3);
}

/* A managed image whose metadata has a root, three streams and, yet, no tables. */
static inline struct made make_managed(bool is_wide, unsigned characteristics, const char *version) {
    struct made made = make_pe(is_wide, is_wide ? AMD64 : I386, characteristics);
    size_t section = PE_OPTIONAL + (is_wide ? 240u : 224u), at = META_STREAMS;
    put(&made, section + 8, META_ROOM, 4);
    put(&made, section + 16, META_ROOM, 4);
    add_cli(&made, 5, ILONLY);
    put(&made, CLI + 8, META_RVA, 4);
    put(&made, CLI + 12, 0xb00, 4);
    memcpy(made.bytes + META, "BSJB", 4);
    put(&made, META + 12, 12, 4);
    strcpy((char *)made.bytes + META + 16, version);
    put(&made, META_STREAMS - 2, 3, 2);
    put_stream(&made, &at, META_TABLES, META_STRINGS - META_TABLES, "#~");
    put_stream(&made, &at, META_STRINGS, META_BLOBS - META_STRINGS, "#Strings");
    put_stream(&made, &at, META_BLOBS, 0x400, "#Blob");
    put(&made, META_TABLES + 4, 2, 1);
    return made;
}

/* Row counts must be complete before the first row. */
static inline void put_row_count(struct made *made, unsigned table, unsigned rows) {
    uint64_t valid = 0;
    memcpy(&valid, made->bytes + META_TABLES + 8, sizeof valid);
    put(made, META_TABLES + 8, valid | UINT64_C(1) << table, 8);
    put(made, META_TABLES + 24 + 4u * (unsigned)__builtin_popcountll(valid), rows, 4);
}

static inline struct made_rows begin_rows(struct made *made) {
    uint64_t valid;
    memcpy(&valid, made->bytes + META_TABLES + 8, sizeof valid);
    return (struct made_rows){.made = made,
                              .at = META_TABLES + 24 + 4u * (unsigned)__builtin_popcountll(valid),
                              .string_at = META_STRINGS + 1,
                              .blob_at = META_BLOBS + 1};
}

static inline void put_cell(struct made_rows *rows, uint64_t value, unsigned size) {
    put(rows->made, rows->at, value, size);
    rows->at += size;
}

/* A cell of two bytes with the index of a new string or blob. */
static inline void put_string(struct made_rows *rows, const char *text) {
    put_cell(rows, text[0] != '\0' ? rows->string_at - META_STRINGS : 0, 2);
    strcpy((char *)rows->made->bytes + rows->string_at, text);
    rows->string_at += text[0] != '\0' ? strlen(text) + 1 : 0;
}

static inline void put_blob(struct made_rows *rows, const void *data, size_t len) {
    put_cell(rows, rows->blob_at - META_BLOBS, 2);
    rows->made->bytes[rows->blob_at] = (unsigned char)len;
    memcpy(rows->made->bytes + rows->blob_at + 1, data, len);
    rows->blob_at += len + 1;
}

static inline struct fc_metadata *open_metadata(const struct fc_image *image) {
    struct fc_metadata *metadata = NULL;
    if (fc_metadata_open(image, &metadata) != FC_OK) {
        fail_msg("fc_metadata_open: %s", fc_error_text());
    }
    return metadata;
}

#endif
