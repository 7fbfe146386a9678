/* image: PE headers and the CLI header.
 * Sources: Microsoft's "PE Format"; ECMA-335 II.25.3.3; where files and the format disagree, what loaders do. */
#include "image/pe.h"

enum { DOS_SIZE = 0x40, E_LFARLC = 0x18, E_LFANEW = 0x3c };
enum { COFF_SIZE = 20, SECTION_SIZE = FC__PE_SECTION_SIZE, CLI_SIZE = 72, PAGE = 0x1000 };
enum { PE32 = 0x10b, PE32_PLUS = 0x20b, CHARACTERISTIC_DLL = 0x2000 };
enum { CLI_VERSION_2_5 = 0x20005 };

/* A DOS header that leads to a PE header; or promises to, as its relocations lie past the header, but leads past the
 * end. */
bool fc__pe_matches(const struct fc__bytes *bytes) {
    if (!fc__bytes_match(bytes, 0, "MZ", 2)) {
        return false;
    }
    uint64_t header = fc__bytes_u32(bytes, E_LFANEW);
    bool is_cut = !fc__bytes_has(bytes, 0, DOS_SIZE) || !fc__bytes_has(bytes, header, 4);
    return fc__bytes_match(bytes, header, "PE\0\0", 4) || (is_cut && fc__bytes_u16(bytes, E_LFARLC) >= DOS_SIZE);
}

/* The optional header's part before the data directories. */
static unsigned fixed_size(const struct fc__pe *pe) {
    return pe->is_wide ? 112 : 96;
}

static uint64_t directory_at(const struct fc__pe *pe, uint64_t index) {
    return pe->optional + fixed_size(pe) + index * 8;
}

bool fc__pe_directory(const struct fc_image *image, enum fc__pe_directory index, struct fc__pe_span *ret_span) {
    uint64_t at = directory_at(&image->pe, index);
    if (index >= image->pe.directory_count || !fc__bytes_has(&image->bytes, at, 8) ||
        fc__bytes_u32(&image->bytes, at) == 0) {
        return false;
    }
    *ret_span =
        (struct fc__pe_span){.rva = fc__bytes_u32(&image->bytes, at), .size = fc__bytes_u32(&image->bytes, at + 4)};
    return true;
}

static int read_optional_header(struct fc_image *image, struct fc__error *err) {
    const struct fc__bytes *bytes = &image->bytes;
    struct fc__pe *pe = &image->pe;
    uint16_t magic = fc__bytes_u16(bytes, pe->optional);
    if (!fc__bytes_has(bytes, pe->optional, 2)) {
        return fc__image_cut(image, "PE optional header", 1, 2, pe->optional, err);
    }
    if (magic != PE32 && magic != PE32_PLUS) {
        return fc__error_set(err, FC_EFORMAT,
                             "PE optional header: magic 0x%x at offset 0x%" PRIx64
                             " is neither PE32 (0x10b) nor PE32+ (0x20b)",
                             magic, pe->optional);
    }
    pe->is_wide = magic == PE32_PLUS;
    image->bits = pe->is_wide ? 64 : 32;
    unsigned size = fixed_size(pe);
    if (!fc__bytes_has(bytes, pe->optional, size)) {
        return fc__image_cut(image, "PE optional header", 1, size, pe->optional, err);
    }
    pe->image_base = fc__bytes_number(bytes, pe->optional + (pe->is_wide ? 24 : 28), pe->is_wide ? 8 : 4);
    pe->section_alignment = fc__bytes_u32(bytes, pe->optional + 32);
    pe->headers_len = fc__bytes_u32(bytes, pe->optional + 60);
    pe->subsystem = fc__bytes_u16(bytes, pe->optional + 68);
    pe->directory_count = fc__bytes_u32(bytes, pe->optional + size - 4);
    return FC_OK;
}

/* Fills in what the COFF header says; `header` is the offset of "PE\0\0". */
static int read_coff_header(struct fc_image *image, uint64_t header, struct fc__error *err) {
    const struct fc__bytes *bytes = &image->bytes;
    struct fc__pe *pe = &image->pe;
    uint64_t coff = header + 4;
    if (!fc__bytes_has(bytes, coff, COFF_SIZE)) {
        return fc__image_cut(image, "COFF header", 1, COFF_SIZE, coff, err);
    }
    image->machine_number = fc__bytes_u16(bytes, coff);
    pe->section_count = fc__bytes_u16(bytes, coff + 2);
    pe->characteristics = fc__bytes_u16(bytes, coff + 18);
    pe->optional = coff + COFF_SIZE;
    pe->sections = pe->optional + fc__bytes_u16(bytes, coff + 16); /* the only use of SizeOfOptionalHeader */
    if (!fc__bytes_has_table(bytes, pe->sections, pe->section_count, SECTION_SIZE)) {
        return fc__image_cut(image, "PE section table", pe->section_count, SECTION_SIZE, pe->sections, err);
    }
    return FC_OK;
}

/* The same as fc__pe_room in one section, given its header's offset: a raw pointer is rounded down to a disk sector; a
 * virtual size of 0 means the raw size; raw data beyond the last virtual page is not mapped. */
static uint64_t room_in_section(const struct fc_image *image, uint64_t section, uint32_t rva, uint64_t *ret_offset) {
    const struct fc__bytes *bytes = &image->bytes;
    uint64_t virtual_size = fc__bytes_u32(bytes, section + 8), start = fc__bytes_u32(bytes, section + 12);
    uint64_t raw_size = fc__bytes_u32(bytes, section + 16), raw = fc__bytes_u32(bytes, section + 20) & ~0x1ffu;
    uint64_t mapped = virtual_size == 0 ? raw_size : (virtual_size + PAGE - 1) / PAGE * PAGE;
    uint64_t room = raw_size < mapped ? raw_size : mapped;
    if (rva < start || rva - start >= room || raw >= bytes->len || rva - start >= bytes->len - raw) {
        return 0;
    }
    *ret_offset = raw + (rva - start);
    uint64_t in_section = room - (rva - start), in_file = bytes->len - *ret_offset;
    return in_section < in_file ? in_section : in_file;
}

uint64_t fc__pe_room(const struct fc_image *image, uint32_t rva, uint64_t *ret_offset) {
    const struct fc__pe *pe = &image->pe;
    bool is_flat = pe->section_alignment < PAGE; /* then the file is mapped as it is */
    uint64_t room = 0;
    for (unsigned i = 0; !is_flat && room == 0 && i < pe->section_count; i++) {
        room = room_in_section(image, pe->sections + (uint64_t)i * SECTION_SIZE, rva, ret_offset);
    }
    uint64_t end = is_flat || pe->headers_len > image->bytes.len ? image->bytes.len : pe->headers_len;
    if (room == 0 && rva < end) {
        *ret_offset = rva;
        room = end - rva;
    }
    return room;
}

bool fc__pe_locate(const struct fc_image *image, uint32_t rva, uint32_t size, uint64_t *ret_offset) {
    uint64_t offset = 0;
    if (size > fc__pe_room(image, rva, &offset)) {
        return false;
    }
    *ret_offset = offset;
    return true;
}

/* Every step reads few bytes, so honest files take far fewer; small ones get some for their sections. */
struct fc__steps fc__steps_for(const struct fc_image *image) {
    return (struct fc__steps){.left = (UINT64_C(1) << 20) + 16 * image->bytes.len};
}

int fc__steps_over(const char *what, struct fc__error *err) {
    return fc__error_set(err, FC_EFORMAT, "%s: far more of them than the file has room for, so they overlap", what);
}

int fc__pe_find(const struct fc_image *image, const char *what, uint32_t rva, uint64_t size, struct fc__steps *steps,
                uint64_t *ret_offset, struct fc__error *err) {
    if (!fc__steps_take(steps, image->pe.section_count + 1u)) {
        return fc__steps_over(what, err);
    }
    if (size > UINT32_MAX || !fc__pe_locate(image, rva, (uint32_t)size, ret_offset)) {
        return fc__error_set(err, FC_EFORMAT, "%s: the %" PRIu64 " bytes at RVA 0x%" PRIx32 " are not in the file",
                             what, size, rva);
    }
    return FC_OK;
}

int fc__pe_string(const struct fc_image *image, const char *what, uint32_t rva, struct fc__steps *steps,
                  const char **ret_text, struct fc__error *err) {
    uint64_t offset;
    int result = fc__pe_find(image, what, rva, 1, steps, &offset, err);
    if (result != FC_OK) {
        return result;
    }
    uint64_t room = fc__pe_room(image, rva, &offset);
    const char *text = fc__bytes_string(&image->bytes, offset, room < FC__PE_NAME_MAX ? room : FC__PE_NAME_MAX);
    if (text == NULL) {
        return fc__error_set(err, FC_EFORMAT, "%s: the string at RVA 0x%" PRIx32 " has no end within %u bytes", what,
                             rva, room < FC__PE_NAME_MAX ? (unsigned)room : (unsigned)FC__PE_NAME_MAX);
    }
    if (!fc__steps_take(steps, strlen(text))) {
        return fc__steps_over(what, err);
    }
    *ret_text = text;
    return FC_OK;
}

/* A directory beyond NumberOfRvaAndSizes is none by the format, yet .NET and Mono honour it. So it counts if it leads
 * to a CLI header, and is no error if it does not. */
static int read_cli_header(struct fc_image *image, struct fc__error *err) {
    const struct fc__bytes *bytes = &image->bytes;
    struct fc__pe *pe = &image->pe;
    uint64_t directory = directory_at(pe, FC__PE_CLI);
    bool is_beyond_count = pe->directory_count <= FC__PE_CLI;
    if (is_beyond_count && directory + 8 > pe->sections) {
        return FC_OK; /* the section table has these bytes */
    }
    if (!is_beyond_count && !fc__bytes_has(bytes, directory, 8)) {
        return fc__image_cut(image, "PE data directory 14 (CLI header)", 1, 8, directory, err);
    }
    uint32_t rva = fc__bytes_u32(bytes, directory), size = fc__bytes_u32(bytes, directory + 4);
    uint64_t cli = 0;
    bool is_there = fc__pe_locate(image, rva, CLI_SIZE, &cli);
    if (rva == 0 || (is_beyond_count && (size < CLI_SIZE || !is_there))) {
        return FC_OK;
    }
    if (!is_there) {
        return fc__error_set(err, FC_EFORMAT,
                             "CLI header: the %d bytes at RVA 0x%" PRIx32 " (directory at offset 0x%" PRIx64
                             ") are not in the file",
                             CLI_SIZE, rva, directory);
    }
    pe->cli = cli;
    pe->is_managed = size >= CLI_SIZE; /* of a shorter one the loader sees nothing, but Mono runs the image */
    pe->is_cli_beyond_count = is_beyond_count;
    pe->cli_version = (uint32_t)fc__bytes_u16(bytes, cli + 4) << 16 | fc__bytes_u16(bytes, cli + 6);
    pe->cli_flags = fc__bytes_u32(bytes, cli + 16);
    return FC_OK;
}

bool fc__pe_is_neutral(const struct fc_image *image) {
    const struct fc__pe *pe = &image->pe;
    return pe->is_managed && !pe->is_wide && image->machine_number == FC__PE_I386 &&
           (pe->cli_flags & (FC_CLI_IL_ONLY | FC_CLI_32BIT_REQUIRED)) == FC_CLI_IL_ONLY &&
           (image->kind == FC_KIND_LIBRARY || pe->cli_version >= CLI_VERSION_2_5);
}

/* Subsystems of firmware, consoles and other systems; the rest, drivers included, are Windows. */
static bool is_for_windows(uint16_t subsystem) {
    return !(subsystem >= 9 && subsystem <= 14) && subsystem != 16;
}

static void set_target(struct fc_image *image, const char *os) {
    const struct fc__pe *pe = &image->pe;
    if (pe->is_mismatched) {
        image->target_problem = pe->is_wide ? "a 64-bit header for a 32-bit machine, which Windows refuses"
                                            : "a 32-bit header for a 64-bit machine, which Windows refuses";
    } else if (strcmp(os, "Windows") != 0) {
        image->target_problem = "compiled for a system other than Windows";
    } else if (!is_for_windows(pe->subsystem)) {
        image->target_problem =
            pe->subsystem >= 10 && pe->subsystem <= 13 ? "an EFI image" : "made for a system other than Windows";
    } else if (fc__pe_is_neutral(image)) {
        image->target_problem = "managed code that runs at either bitness";
    } else if (image->machine_number == FC__PE_I386) {
        image->target = "i386-windows";
    } else if (image->machine_number == FC__PE_AMD64) {
        image->target = "x86_64-windows";
    } else {
        image->target_problem = "farcall has no host for this machine";
    }
}

int fc__pe_read(struct fc_image *image, struct fc__error *err) {
    image->format = FC_FORMAT_PE;
    image->order = FC_ORDER_LITTLE;
    if (!fc__bytes_has(&image->bytes, 0, DOS_SIZE)) {
        return fc__image_cut(image, "DOS header", 1, DOS_SIZE, 0, err);
    }
    uint64_t header = fc__bytes_u32(&image->bytes, E_LFANEW);
    if (!fc__bytes_has(&image->bytes, header, 4)) {
        return fc__image_cut(image, "PE signature", 1, 4, header, err);
    }
    int result = read_coff_header(image, header, err);
    if (result == FC_OK) {
        result = read_optional_header(image, err);
    }
    if (result != FC_OK) {
        return result;
    }
    int machine_bits;
    const char *os;
    image->machine = fc__machine_of_pe(image->machine_number, &machine_bits, &os);
    image->pe.is_mismatched = machine_bits != 0 && machine_bits != image->bits;
    image->kind = image->pe.characteristics & CHARACTERISTIC_DLL ? FC_KIND_LIBRARY : FC_KIND_EXECUTABLE;
    result = read_cli_header(image, err);
    if (result == FC_OK) {
        set_target(image, os);
    }
    return result;
}
