/* image: opening one, and what its readers found. */
#include "image/pe.h"

#include <stdlib.h>

int fc__image_cut(const struct fc_image *image, const char *what, uint64_t count, unsigned size, uint64_t offset,
                  struct fc__error *err) {
    const char *end = ", but the file ends at";
    if (count == 1) {
        return fc__error_set(err, FC_EFORMAT, "%s: %u bytes at offset 0x%" PRIx64 "%s 0x%" PRIx64, what, size, offset,
                             end, image->bytes.len);
    }
    return fc__error_set(err, FC_EFORMAT, "%s: %" PRIu64 " of %u bytes at offset 0x%" PRIx64 "%s 0x%" PRIx64, what,
                         count, size, offset, end, image->bytes.len);
}

int fc__image_open(const void *data, size_t len_bytes, struct fc__error *err, struct fc_image **ret_image) {
    if (ret_image == NULL || (data == NULL && len_bytes > 0)) {
        return fc__error_set(err, FC_EINVAL, "fc_image_open: no bytes or no place for the image");
    }
    struct fc_image *image = calloc(1, sizeof *image);
    if (image == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory for an image");
    }
    image->bytes = (struct fc__bytes){.data = data, .len = len_bytes};
    int result = FC_OK;
    if (fc__elf_matches(&image->bytes)) {
        result = fc__elf_read(image, err);
    } else if (fc__pe_matches(&image->bytes)) {
        result = fc__pe_read(image, err);
    } else {
        fc__recognise(image);
        if (image->kind == FC_KIND_ARCHIVE) {
            fc__archive_read(image);
        }
    }
    if (result != FC_OK) {
        free(image);
        return result;
    }
    *ret_image = image;
    return FC_OK;
}

int fc_image_open(const void *data, size_t len_bytes, struct fc_image **ret_image) {
    return fc__image_open(data, len_bytes, fc__error_here(), ret_image);
}

void fc_image_close(struct fc_image *image) {
    free(image);
}

const char *fc_format_name(enum fc_format format) {
    switch (format) {
#define FORMAT_CASE(name, text)                                                                                        \
    case name:                                                                                                         \
        return text;
        FC_FORMATS(FORMAT_CASE)
#undef FORMAT_CASE
    default:
        return "?";
    }
}

const char *fc_kind_name(enum fc_kind kind) {
    switch (kind) {
#define KIND_CASE(name, text)                                                                                          \
    case name:                                                                                                         \
        return text;
        FC_KINDS(KIND_CASE)
#undef KIND_CASE
    default:
        return "?";
    }
}

enum fc_format fc_image_format(const struct fc_image *image) {
    return image->format;
}

enum fc_kind fc_image_kind(const struct fc_image *image) {
    return image->kind;
}

int fc_image_bits(const struct fc_image *image) {
    return image->bits;
}

enum fc_byte_order fc_image_byte_order(const struct fc_image *image) {
    return image->order;
}

const char *fc_image_machine(const struct fc_image *image) {
    return image->machine;
}

uint32_t fc_image_machine_number(const struct fc_image *image) {
    return image->machine_number;
}

const char *fc_image_target(const struct fc_image *image) {
    return image->target;
}

const char *fc_image_target_problem(const struct fc_image *image) {
    return image->target == NULL ? image->target_problem : NULL;
}

bool fc_image_is_managed(const struct fc_image *image) {
    return image->format == FC_FORMAT_PE && image->pe.is_managed;
}

uint32_t fc_image_cli_flags(const struct fc_image *image) {
    return fc_image_is_managed(image) ? image->pe.cli_flags : 0;
}

uint32_t fc_image_cli_version(const struct fc_image *image) {
    return fc_image_is_managed(image) ? image->pe.cli_version : 0;
}

bool fc_image_is_neutral(const struct fc_image *image) {
    return fc_image_is_managed(image) && fc__pe_is_neutral(image);
}

const char *fc_image_soname(const struct fc_image *image) {
    return image->format == FC_FORMAT_ELF ? image->elf.soname : NULL;
}

const char *fc_image_interpreter(const struct fc_image *image) {
    return image->format == FC_FORMAT_ELF ? image->elf.interpreter : NULL;
}

const char *fc_image_runpath(const struct fc_image *image) {
    return image->format == FC_FORMAT_ELF ? image->elf.runpath : NULL;
}

const char *fc_image_rpath(const struct fc_image *image) {
    return image->format == FC_FORMAT_ELF ? image->elf.rpath : NULL;
}

const char *fc_image_needed_next(const struct fc_image *image, size_t *cursor) {
    return image->format == FC_FORMAT_ELF ? fc__elf_needed_next(image, cursor) : NULL;
}

int fc_image_visit_imports(const struct fc_image *image, fc_import_visit_fn *visit, void *user_data) {
    switch (image->format) {
    case FC_FORMAT_PE:
        return fc__pe_visit_imports(image, visit, user_data, fc__error_here());
    case FC_FORMAT_AR:
    case FC_FORMAT_COFF_IMPORT:
        return fc__archive_visit_imports(image, visit, user_data, fc__error_here());
    default:
        return FC_OK;
    }
}

const char *fc_export_name(const struct fc_export *symbol) {
    return symbol->name;
}

const char *fc_export_version(const struct fc_export *symbol) {
    return symbol->version;
}

enum fc_export_type fc_export_type(const struct fc_export *symbol) {
    return symbol->type;
}

bool fc_export_is_default(const struct fc_export *symbol) {
    return symbol->is_default;
}

const char *fc_import_library(const struct fc_import *import) {
    return import->library;
}

const char *fc_import_name(const struct fc_import *import) {
    return import->name;
}

uint32_t fc_import_ordinal(const struct fc_import *import) {
    return import->ordinal;
}

bool fc_import_is_delayed(const struct fc_import *import) {
    return import->is_delayed;
}
