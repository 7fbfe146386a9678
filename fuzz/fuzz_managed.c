/* fuzz: reads whatever the metadata of a managed image made of the input has to say, and edits its header. */
#include <farcall/corflags.h>
#include <farcall/managed.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 64 }; /* of each table; they are all read alike */

static volatile uint64_t total; /* so that the reads below are not optimised away */

static void read_text(const char *text) {
    if (text != NULL) {
        total += strlen(text);
    }
}

static int on_assembly(void *user_data, const struct fc_assembly *assembly) {
    size_t *room = user_data, len;
    const unsigned char *key = fc_assembly_key(assembly, &len);
    total += len > 0 ? key[len - 1] : 0;
    read_text(fc_assembly_name(assembly));
    read_text(fc_assembly_culture(assembly));
    return --*room == 0;
}

static int on_pinvoke(void *user_data, const struct fc_pinvoke *pinvoke) {
    size_t *room = user_data;
    read_text(fc_pinvoke_library(pinvoke));
    read_text(fc_pinvoke_entry(pinvoke));
    read_text(fc_pinvoke_type(pinvoke));
    read_text(fc_pinvoke_method(pinvoke));
    read_text(fc_pinvoke_suspicion(pinvoke));
    return --*room == 0;
}

static void read_cell(const struct fc_metadata *metadata, uint32_t cell) {
    size_t len;
    const unsigned char *blob = fc_metadata_blob(metadata, cell, &len);
    total += blob != NULL && len > 0 ? blob[len - 1] : 0;
    read_text(fc_metadata_string(metadata, cell));
}

static void read_metadata(const struct fc_metadata *metadata) {
    size_t references = 1000, pinvokes = 1000;
    const char *name;
    uint32_t offset, len;
    for (unsigned i = 0; i < FC_TABLE_COUNT; i++) {
        for (uint32_t row = 0; row < ROWS_MAX; row++) {
            for (unsigned column = 0; column < 10; column++) {
                read_cell(metadata, fc_metadata_cell(metadata, (enum fc_table)i, row, column));
            }
        }
    }
    for (unsigned i = 0; fc_metadata_stream(metadata, i, &name, &offset, &len); i++) {
        read_text(name);
    }
    read_text(fc_metadata_version(metadata));
    read_text(fc_metadata_framework(metadata));
    fc_metadata_visit_references(metadata, on_assembly, &references);
    fc_metadata_visit_pinvokes(metadata, on_pinvoke, &pinvokes);
    total += fc_metadata_ties(metadata);
}

/* The edits lie within the copy. */
static void edit(const uint8_t *data, size_t size, const struct fc_image *image) {
    struct fc_edits *edits = NULL;
    uint8_t *copy = malloc(size);
    if (copy != NULL && fc_edits_new(image, FC_CLI_32BIT_REQUIRED, 0, FC_CLI_VERSION_2_5, &edits) == FC_OK) {
        memcpy(copy, data, size);
        fc_edits_apply(edits, copy);
    }
    fc_edits_free(edits);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fc_image *image = NULL;
    struct fc_metadata *metadata = NULL;
    if (fc_image_open(data, size, &image) != FC_OK) {
        return 0;
    }
    total += (uint64_t)fc_image_precompiled(image) + (uint64_t)fc_image_apphost(image) + fc_image_bundle_files(image);
    int result = fc_metadata_open(image, &metadata);
    if (result == FC_OK) {
        read_metadata(metadata);
        fc_metadata_close(metadata);
        edit(data, size, image);
    } else if (metadata != NULL || strlen(fc_error_text()) == 0) {
        __builtin_trap();
    }
    fc_image_close(image);
    return 0;
}
