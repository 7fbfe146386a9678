/* image: what else a PE image says of itself: numbers of its headers, sections, checksum, certificates, load
 * configuration, resources.
 * Source: Microsoft's "PE Format"; IMAGE_LOAD_CONFIG_DIRECTORY of winnt.h; "Arm64X PE files". */
#include "image/pe.h"

enum { RESOURCE_DIRECTORY = 16, RESOURCE_ENTRY = 8, RESOURCE_DATA = 16, RESOURCE_LEVELS = 3 };

/* -- Numbers ------------------------------------------------------------------------------------------------------ */

/* Where each number lies, from the COFF header or from the optional header. */
static const struct {
    bool is_coff;
    uint8_t offset, size, wide_offset, wide_size;
} numbers[] = {
    [FC_PE_TIMESTAMP] = {true, 4, 4, 4, 4},
    [FC_PE_CHARACTERISTICS] = {true, 18, 2, 18, 2},
    [FC_PE_LINKER_MAJOR] = {false, 2, 1, 2, 1},
    [FC_PE_LINKER_MINOR] = {false, 3, 1, 3, 1},
    [FC_PE_ENTRY_POINT] = {false, 16, 4, 16, 4},
    [FC_PE_IMAGE_BASE] = {false, 28, 4, 24, 8},
    [FC_PE_SECTION_ALIGNMENT] = {false, 32, 4, 32, 4},
    [FC_PE_FILE_ALIGNMENT] = {false, 36, 4, 36, 4},
    [FC_PE_SYSTEM_MAJOR] = {false, 40, 2, 40, 2},
    [FC_PE_SYSTEM_MINOR] = {false, 42, 2, 42, 2},
    [FC_PE_SUBSYSTEM_MAJOR] = {false, 48, 2, 48, 2},
    [FC_PE_SUBSYSTEM_MINOR] = {false, 50, 2, 50, 2},
    [FC_PE_WIN32_VERSION] = {false, 52, 4, 52, 4},
    [FC_PE_IMAGE_SIZE] = {false, 56, 4, 56, 4},
    [FC_PE_HEADERS_SIZE] = {false, 60, 4, 60, 4},
    [FC_PE_CHECKSUM] = {false, FC__PE_CHECKSUM_AT, 4, FC__PE_CHECKSUM_AT, 4},
    [FC_PE_SUBSYSTEM] = {false, 68, 2, 68, 2},
    [FC_PE_DLL_CHARACTERISTICS] = {false, 70, 2, 70, 2},
    [FC_PE_DIRECTORY_COUNT] = {false, 92, 4, 108, 4},
};

const char *fc_pe_number_name(enum fc_pe_number number) {
    switch (number) {
#define NAME_CASE(name, text)                                                                                          \
    case name:                                                                                                         \
        return text;
        FC_PE_NUMBERS(NAME_CASE)
#undef NAME_CASE
    default:
        return "?";
    }
}

bool fc_image_pe_number(const struct fc_image *image, enum fc_pe_number number, uint64_t *ret_value) {
    if (image->format != FC_FORMAT_PE || (size_t)number >= sizeof numbers / sizeof *numbers) {
        return false;
    }
    bool is_wide = image->pe.is_wide;
    uint64_t from = numbers[number].is_coff ? image->pe.optional - 20 : image->pe.optional;
    *ret_value =
        fc__bytes_number(&image->bytes, from + (is_wide ? numbers[number].wide_offset : numbers[number].offset),
                         is_wide ? numbers[number].wide_size : numbers[number].size);
    return true;
}

/* -- Sections ----------------------------------------------------------------------------------------------------- */

struct fc_section {
    char name[9];
    uint32_t rva, virtual_size, offset, raw_size, characteristics;
};

int fc_image_visit_sections(const struct fc_image *image, fc_section_visit_fn *visit, void *user_data) {
    unsigned count = image->format == FC_FORMAT_PE ? image->pe.section_count : 0;
    int result = FC_OK;
    for (unsigned i = 0; result == FC_OK && i < count; i++) {
        uint64_t at = image->pe.sections + (uint64_t)i * FC__PE_SECTION_SIZE;
        struct fc_section section = {.rva = fc__bytes_u32(&image->bytes, at + 12),
                                     .virtual_size = fc__bytes_u32(&image->bytes, at + 8),
                                     .offset = fc__bytes_u32(&image->bytes, at + 20),
                                     .raw_size = fc__bytes_u32(&image->bytes, at + 16),
                                     .characteristics = fc__bytes_u32(&image->bytes, at + 36)};
        memcpy(section.name, image->bytes.data + (size_t)at, 8);
        result = visit(user_data, &section);
    }
    return result;
}

const char *fc_section_name(const struct fc_section *section) {
    return section->name;
}

uint32_t fc_section_rva(const struct fc_section *section) {
    return section->rva;
}

uint32_t fc_section_virtual_size(const struct fc_section *section) {
    return section->virtual_size;
}

uint32_t fc_section_offset(const struct fc_section *section) {
    return section->offset;
}

uint32_t fc_section_raw_size(const struct fc_section *section) {
    return section->raw_size;
}

uint32_t fc_section_characteristics(const struct fc_section *section) {
    return section->characteristics;
}

/* -- Checksum and certificates ------------------------------------------------------------------------------------ */

/* The sum of all words, taking the field itself for 0, without the carries. */
uint64_t fc__pe_sum(const struct fc_image *image) {
    const struct fc__bytes *bytes = &image->bytes;
    uint64_t sum = 0, field = image->pe.optional + FC__PE_CHECKSUM_AT;
    for (uint64_t at = 0; at < bytes->len; at++) {
        uint64_t byte = at - field < 4 ? 0 : bytes->data[(size_t)at];
        sum += byte << (at % 2 * 8);
    }
    return sum;
}

/* With the carries added in, and the length. */
uint32_t fc__pe_checksum_of(uint64_t sum, uint64_t len) {
    while (sum >> 16 != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint32_t)(sum + len);
}

uint32_t fc_image_checksum(const struct fc_image *image) {
    return image->format == FC_FORMAT_PE ? fc__pe_checksum_of(fc__pe_sum(image), image->bytes.len) : 0;
}

bool fc_image_has_certificate(const struct fc_image *image) {
    struct fc__pe_span span;
    return image->format == FC_FORMAT_PE && fc__pe_directory(image, FC__PE_CERTIFICATES, &span) && span.size >= 8 &&
           fc__bytes_has(&image->bytes, span.rva, span.size);
}

/* -- Load configuration: code for two machines in one image ------------------------------------------------------- */

enum fc_hybrid fc_image_hybrid(const struct fc_image *image) {
    struct fc__pe_span span;
    uint64_t config;
    if (image->format != FC_FORMAT_PE || !fc__pe_directory(image, FC__PE_LOAD_CONFIG, &span)) {
        return FC_HYBRID_NONE;
    }
    unsigned field = image->pe.is_wide ? 0xc8 : 0x7c, size = image->pe.is_wide ? 8 : 4;
    if (!fc__pe_locate(image, span.rva, field + size, &config) || fc__bytes_u32(&image->bytes, config) < field + size ||
        fc__bytes_number(&image->bytes, config + field, size) == 0) {
        return FC_HYBRID_NONE;
    }
    switch (image->machine_number) {
    case FC__PE_I386:
        return FC_HYBRID_CHPE;
    case FC__PE_AMD64:
        return FC_HYBRID_ARM64EC;
    case FC__PE_ARM64:
        return FC_HYBRID_ARM64X;
    default:
        return FC_HYBRID_NONE;
    }
}

const char *fc_hybrid_name(enum fc_hybrid hybrid) {
    static const char *const names[] = {"", "CHPE", "Arm64EC", "Arm64X"};
    return (size_t)hybrid < sizeof names / sizeof *names ? names[hybrid] : "?";
}

/* -- Resources ---------------------------------------------------------------------------------------------------- */

struct fc_resource {
    uint32_t ids[RESOURCE_LEVELS]; /* type, name, language */
    const void *data;
    uint32_t len_bytes;
};

struct resources {
    const struct fc_image *image;
    uint32_t root; /* RVA that all offsets count from */
    struct fc__steps steps;
    fc_resource_visit_fn *visit;
    void *user_data;
    struct fc_resource resource;
};

static int visit_resource(struct resources *resources, uint32_t rva, struct fc__error *err) {
    const struct fc__bytes *bytes = &resources->image->bytes;
    uint64_t entry, data;
    int result = fc__pe_find(resources->image, "PE resource entry", rva, RESOURCE_DATA, &resources->steps, &entry, err);
    if (result != FC_OK) {
        return result;
    }
    uint32_t len = fc__bytes_u32(bytes, entry + 4);
    result =
        fc__pe_find(resources->image, "PE resource", fc__bytes_u32(bytes, entry), len, &resources->steps, &data, err);
    if (result != FC_OK) {
        return result;
    }
    resources->resource.data = bytes->data + (size_t)data;
    resources->resource.len_bytes = len;
    return resources->visit(resources->user_data, &resources->resource);
}

/* A directory's entries; those of the last level are resources. A resource may also stand higher up. */
static int visit_directory(struct resources *resources, uint32_t offset, unsigned level, struct fc__error *err) {
    const struct fc__bytes *bytes = &resources->image->bytes;
    uint64_t directory;
    int result = fc__pe_find(resources->image, "PE resource directory", resources->root + offset, RESOURCE_DIRECTORY,
                             &resources->steps, &directory, err);
    if (result != FC_OK) {
        return result;
    }
    uint32_t count = (uint32_t)fc__bytes_u16(bytes, directory + 12) + fc__bytes_u16(bytes, directory + 14);
    for (uint32_t i = 0; result == FC_OK && i < count; i++) {
        uint64_t entry;
        result = fc__pe_find(resources->image, "PE resource directory entry",
                             resources->root + offset + RESOURCE_DIRECTORY + i * RESOURCE_ENTRY, RESOURCE_ENTRY,
                             &resources->steps, &entry, err);
        if (result != FC_OK) {
            return result;
        }
        uint32_t next = fc__bytes_u32(bytes, entry + 4), below = next & 0x7fffffff;
        resources->resource.ids[level] = fc__bytes_u32(bytes, entry);
        if (next == below) {
            memset(resources->resource.ids + level + 1, 0, (RESOURCE_LEVELS - 1 - level) * sizeof(uint32_t));
            result = visit_resource(resources, resources->root + below, err);
        } else if (level + 1 < RESOURCE_LEVELS) {
            result = visit_directory(resources, below, level + 1, err);
        } else {
            return fc__error_set(err, FC_EFORMAT, "PE resource directory: deeper than type, name and language");
        }
    }
    return result;
}

int fc_image_visit_resources(const struct fc_image *image, fc_resource_visit_fn *visit, void *user_data) {
    struct resources resources = {
        .image = image, .steps = fc__steps_for(image), .visit = visit, .user_data = user_data};
    struct fc__pe_span span;
    if (image->format != FC_FORMAT_PE || !fc__pe_directory(image, FC__PE_RESOURCES, &span)) {
        return FC_OK;
    }
    resources.root = span.rva;
    return visit_directory(&resources, 0, 0, fc__error_here());
}

/* A name instead of a number has the high bit set. */
static uint32_t id_at(const struct fc_resource *resource, unsigned level) {
    return resource->ids[level] >> 31 ? 0 : resource->ids[level];
}

uint32_t fc_resource_type(const struct fc_resource *resource) {
    return id_at(resource, 0);
}

uint32_t fc_resource_id(const struct fc_resource *resource) {
    return id_at(resource, 1);
}

uint32_t fc_resource_language(const struct fc_resource *resource) {
    return id_at(resource, 2);
}

const void *fc_resource_data(const struct fc_resource *resource, size_t *ret_len_bytes) {
    *ret_len_bytes = resource->len_bytes;
    return resource->data;
}

/* The first resource of a type. */
struct first {
    uint32_t type;
    const void *data;
    size_t len_bytes;
};

static int on_resource(void *user_data, const struct fc_resource *resource) {
    struct first *first = user_data;
    if (fc_resource_type(resource) != first->type) {
        return FC_OK;
    }
    first->data = fc_resource_data(resource, &first->len_bytes);
    return 1;
}

static bool find_first(const struct fc_image *image, uint32_t type, struct first *ret_first) {
    struct first first = {.type = type};
    bool is_found = fc_image_visit_resources(image, on_resource, &first) == 1;
    *ret_first = first;
    return is_found;
}

const char *fc_image_manifest(const struct fc_image *image, size_t *ret_len_bytes) {
    struct first manifest;
    if (!find_first(image, FC_RESOURCE_MANIFEST, &manifest)) {
        return NULL;
    }
    *ret_len_bytes = manifest.len_bytes;
    return manifest.data;
}

/* VS_VERSIONINFO: three numbers of 16 bits, the key L"VS_VERSION_INFO", padding, VS_FIXEDFILEINFO. */
uint64_t fc_image_file_version(const struct fc_image *image) {
    struct first version;
    if (!find_first(image, FC_RESOURCE_VERSION, &version)) {
        return 0;
    }
    struct fc__bytes bytes = {.data = version.data, .len = version.len_bytes};
    bool is_fixed = fc__bytes_u32(&bytes, 40) == 0xfeef04bd;
    return is_fixed ? (uint64_t)fc__bytes_u32(&bytes, 48) << 32 | fc__bytes_u32(&bytes, 52) : 0;
}
