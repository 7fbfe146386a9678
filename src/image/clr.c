/* image: machine code compiled ahead of time, and the native programs that start .NET.
 * Sources: dotnet/runtime, readytorun.h, bundle_marker.cpp, header.h of the bundle. */
#include "image/metadata.h"

enum { CLI_NATIVE_HEADER = 64, SIGNATURE_READYTORUN = 0x00525452, SIGNATURE_NGEN = 0x0045474e };

enum fc_precompiled fc_image_precompiled(const struct fc_image *image) {
    uint64_t header;
    if (image->format != FC_FORMAT_PE || image->pe.cli == 0 ||
        !fc__pe_locate(image, fc__bytes_u32(&image->bytes, image->pe.cli + CLI_NATIVE_HEADER), 4, &header)) {
        return FC_PRECOMPILED_NONE;
    }
    uint32_t signature = fc__bytes_u32(&image->bytes, header);
    return signature == SIGNATURE_READYTORUN ? FC_PRECOMPILED_READYTORUN
           : signature == SIGNATURE_NGEN     ? FC_PRECOMPILED_NGEN
                                             : FC_PRECOMPILED_NONE;
}

bool fc_image_has_strong_name(const struct fc_image *image) {
    return fc_image_is_managed(image) && fc__bytes_u32(&image->bytes, image->pe.cli + FC__CLI_STRONG_NAME) != 0;
}

/* The offset of a bundle's header stands before this mark; 0 in an apphost. */
static const unsigned char mark[] = {0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93,
                                     0x02, 0x14, 0xd7, 0xa0, 0x32, 0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae,
                                     0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae};

/* A bundle's header: version, then the number of files. 0 if there is none at the offset. */
static uint32_t files_at(const struct fc_image *image, uint64_t header) {
    struct fc__bytes bytes = image->bytes;
    bytes.is_big_endian = false;
    uint32_t major = fc__bytes_u32(&bytes, header), count = fc__bytes_u32(&bytes, header + 8);
    bool is_known = (major == 1 || major == 2 || major == 6) && fc__bytes_has(&bytes, header, 12);
    return is_known && count <= INT32_MAX ? count : 0;
}

static enum fc_apphost find_mark(const struct fc_image *image, uint32_t *ret_files) {
    const unsigned char *data = image->bytes.data;
    bool is_program = image->format == FC_FORMAT_PE || image->format == FC_FORMAT_ELF;
    size_t len = is_program ? (size_t)image->bytes.len : 0;
    const unsigned char *at = len >= sizeof mark + 8 ? memmem(data + 8, len - 8, mark, sizeof mark) : NULL;
    if (at == NULL) {
        return FC_APPHOST_NONE;
    }
    struct fc__bytes bytes = {.data = data, .len = image->bytes.len};
    *ret_files = files_at(image, fc__bytes_u64(&bytes, (uint64_t)(at - 8 - data)));
    return *ret_files > 0 ? FC_APPHOST_BUNDLE : FC_APPHOST_PLAIN;
}

enum fc_apphost fc_image_apphost(const struct fc_image *image) {
    uint32_t files = 0;
    return find_mark(image, &files);
}

uint32_t fc_image_bundle_files(const struct fc_image *image) {
    uint32_t files = 0;
    find_mark(image, &files);
    return files;
}
