/* image: ELF headers, segments and the dynamic section, read as the dynamic linker reads them: by program header.
 * Section headers are asked only for what nothing else tells: counts that overflow the header, and debug files.
 * Source: System V gABI chapters 4 and 5, <elf.h>. */
#include "image/elf.h"

enum { ELFCLASS32 = 1, ELFCLASS64 = 2, ELFDATA2LSB = 1, ELFDATA2MSB = 2, EV_CURRENT = 1 };
enum { EI_CLASS = 4, EI_DATA = 5, EI_VERSION = 6, EI_OSABI = 7, ELFOSABI_NONE = 0, ELFOSABI_GNU = 3 };
enum { ET_REL = 1, ET_EXEC = 2, ET_DYN = 3, ET_CORE = 4 };
enum { EM_386 = 3, EM_X86_64 = 62 };
enum { PT_LOAD = 1, PT_DYNAMIC = 2, PT_INTERP = 3, PN_XNUM = 0xffff };
enum { SHT_NOBITS = 8, SHF_WRITE = 1, SHF_ALLOC = 2, SHF_EXECINSTR = 4 };
enum { DT_NULL = 0, DT_NEEDED = 1, DF_1_PIE = 0x08000000 };

static const struct fc__elf_field e_type = {16, 2, 16, 2}, e_machine = {18, 2, 18, 2}, e_version = {20, 4, 20, 4};
static const struct fc__elf_field e_phoff = {28, 4, 32, 8}, e_phentsize = {42, 2, 54, 2}, e_phnum = {44, 2, 56, 2};
static const struct fc__elf_field e_shoff = {32, 4, 40, 8}, e_shentsize = {46, 2, 58, 2}, e_shnum = {48, 2, 60, 2};
static const struct fc__elf_field p_type = {0, 4, 0, 4}, p_offset = {4, 4, 8, 8}, p_vaddr = {8, 4, 16, 8},
                                  p_filesz = {16, 4, 32, 8};
static const struct fc__elf_field sh_type = {4, 4, 4, 4}, sh_flags = {8, 4, 8, 8}, sh_size = {20, 4, 32, 8},
                                  sh_info = {28, 4, 44, 4};
static const struct fc__elf_field d_tag = {0, 4, 0, 8}, d_val = {4, 4, 8, 8};

static unsigned header_size(const struct fc_image *image) {
    return image->elf.is_wide ? 64 : 52;
}
static unsigned segment_size(const struct fc_image *image) {
    return image->elf.is_wide ? 56 : 32;
}
static unsigned section_size(const struct fc_image *image) {
    return image->elf.is_wide ? 64 : 40;
}
static unsigned dynamic_size(const struct fc_image *image) {
    return image->elf.is_wide ? 16 : 8;
}

static uint64_t segment_at(const struct fc_image *image, uint64_t index) {
    return image->elf.segments + index * segment_size(image);
}

static uint64_t dynamic_at(const struct fc_image *image, uint64_t index) {
    return image->elf.dynamic + index * dynamic_size(image);
}

bool fc__elf_matches(const struct fc__bytes *bytes) {
    return fc__bytes_match(bytes, 0, "\177ELF", 4);
}

static int read_ident(struct fc_image *image, struct fc__error *err) {
    const struct fc__bytes *bytes = &image->bytes;
    if (!fc__bytes_has(bytes, 0, 16)) {
        return fc__image_cut(image, "ELF identification", 1, 16, 0, err);
    }
    uint8_t class = fc__bytes_u8(bytes, EI_CLASS);
    if (class != ELFCLASS32 && class != ELFCLASS64) {
        return fc__error_set(err, FC_EFORMAT, "ELF class %u at offset 0x4 is neither 32-bit (1) nor 64-bit (2)", class);
    }
    uint8_t data = fc__bytes_u8(bytes, EI_DATA);
    if (data != ELFDATA2LSB && data != ELFDATA2MSB) {
        return fc__error_set(err, FC_EFORMAT, "ELF byte order %u at offset 0x5 is neither little (1) nor big (2)",
                             data);
    }
    if (fc__bytes_u8(bytes, EI_VERSION) != EV_CURRENT) {
        return fc__error_set(err, FC_EFORMAT, "ELF version %u at offset 0x6 is not 1", fc__bytes_u8(bytes, EI_VERSION));
    }
    image->elf.is_wide = class == ELFCLASS64;
    image->bits = class == ELFCLASS64 ? 64 : 32;
    image->bytes.is_big_endian = data == ELFDATA2MSB;
    image->order = data == ELFDATA2MSB ? FC_ORDER_BIG : FC_ORDER_LITTLE;
    return FC_OK;
}

static int read_header(struct fc_image *image, struct fc__error *err) {
    if (!fc__bytes_has(&image->bytes, 0, header_size(image))) {
        return fc__image_cut(image, "ELF header", 1, header_size(image), 0, err);
    }
    uint64_t version = fc__elf_get(image, 0, e_version);
    if (version != EV_CURRENT) {
        return fc__error_set(err, FC_EFORMAT, "ELF version %" PRIu64 " at offset 0x14 is not 1", version);
    }
    image->elf.type = (uint16_t)fc__elf_get(image, 0, e_type);
    image->machine_number = (uint32_t)fc__elf_get(image, 0, e_machine);
    image->machine = fc__machine_of_elf(image->machine_number, image->elf.is_wide);
    return FC_OK;
}

static int size_error(const struct fc_image *image, const char *what, uint64_t size, struct fc__elf_field at,
                      unsigned expected, struct fc__error *err) {
    return fc__error_set(err, FC_EFORMAT, "ELF %s header size %" PRIu64 " at offset 0x%x is not %u", what, size,
                         image->elf.is_wide ? at.wide_offset : at.offset, expected);
}

/* The loader does not read section headers, so a table that is cut off or of another entry size is only fatal where
 * there is nothing else, in object files. */
static int read_section_table(struct fc_image *image, struct fc__error *err) {
    struct fc__elf *elf = &image->elf;
    uint64_t count = fc__elf_get(image, 0, e_shnum);
    elf->sections = fc__elf_get(image, 0, e_shoff);
    if (elf->sections == 0) {
        return FC_OK;
    }
    if (count == 0) {
        count = fc__elf_get(image, elf->sections, sh_size); /* of entry 0, where e_shnum has no room */
    }
    uint64_t size = fc__elf_get(image, 0, e_shentsize);
    bool is_whole = fc__bytes_has_table(&image->bytes, elf->sections, count, section_size(image));
    if (elf->type == ET_REL && size != section_size(image)) {
        return size_error(image, "section", size, e_shentsize, section_size(image), err);
    }
    if (elf->type == ET_REL && !is_whole) {
        return fc__image_cut(image, "ELF section headers", count, section_size(image), elf->sections, err);
    }
    elf->section_count = is_whole && size == section_size(image) ? count : 0;
    return FC_OK;
}

static int read_segment_table(struct fc_image *image, struct fc__error *err) {
    struct fc__elf *elf = &image->elf;
    uint64_t count = fc__elf_get(image, 0, e_phnum);
    if (count == PN_XNUM && elf->sections != 0) { /* entry 0 has the number */
        if (!fc__bytes_has(&image->bytes, elf->sections, section_size(image))) {
            return fc__image_cut(image, "ELF section header 0", 1, section_size(image), elf->sections, err);
        }
        count = fc__elf_get(image, elf->sections, sh_info);
    }
    if (count == 0) {
        return FC_OK;
    }
    uint64_t size = fc__elf_get(image, 0, e_phentsize);
    if (size != segment_size(image)) {
        return size_error(image, "program", size, e_phentsize, segment_size(image), err);
    }
    elf->segments = fc__elf_get(image, 0, e_phoff);
    if (!fc__bytes_has_table(&image->bytes, elf->segments, count, size)) {
        return fc__image_cut(image, "ELF program headers", count, segment_size(image), elf->segments, err);
    }
    elf->segment_count = count;
    return FC_OK;
}

/* A file of debug information keeps the headers of the image that it was split from, but not the contents: its code
 * is a section without bytes. (Code in a writable section without bytes is an old PowerPC .plt.) */
static bool is_debug_file(const struct fc_image *image) {
    for (uint64_t i = 0; i < image->elf.section_count; i++) {
        uint64_t section = image->elf.sections + i * section_size(image);
        uint64_t flags = fc__elf_get(image, section, sh_flags) & (SHF_WRITE | SHF_ALLOC | SHF_EXECINSTR);
        if (fc__elf_get(image, section, sh_type) == SHT_NOBITS && flags == (SHF_ALLOC | SHF_EXECINSTR)) {
            return true;
        }
    }
    return false;
}

static int check_segment(const struct fc_image *image, uint64_t index, const char *what, struct fc__error *err) {
    uint64_t segment = segment_at(image, index);
    uint64_t offset = fc__elf_get(image, segment, p_offset), size = fc__elf_get(image, segment, p_filesz);
    if (size != 0 && !fc__bytes_has(&image->bytes, offset, size)) {
        return fc__error_set(err, FC_EFORMAT,
                             "ELF segment %" PRIu64 " (%s): 0x%" PRIx64 " bytes at offset 0x%" PRIx64
                             ", but the file ends at 0x%" PRIx64,
                             index, what, size, offset, image->bytes.len);
    }
    return FC_OK;
}

bool fc__elf_locate(const struct fc_image *image, uint64_t address, uint64_t *ret_offset, uint64_t *ret_room) {
    for (uint64_t i = 0; i < image->elf.segment_count; i++) {
        uint64_t segment = segment_at(image, i);
        uint64_t start = fc__elf_get(image, segment, p_vaddr), size = fc__elf_get(image, segment, p_filesz);
        if (fc__elf_get(image, segment, p_type) == PT_LOAD && address >= start && address - start < size) {
            *ret_offset = fc__elf_get(image, segment, p_offset) + (address - start);
            *ret_room = size - (address - start);
            return fc__bytes_has(&image->bytes, *ret_offset, *ret_room);
        }
    }
    return false;
}

const char *fc__elf_string(const struct fc_image *image, uint64_t index) {
    const struct fc__elf_strings *strings = &image->elf.strings;
    return index < strings->len ? (const char *)image->bytes.data + (size_t)(strings->offset + index) : NULL;
}

/* The entries of the dynamic section that are of interest. */
enum entry {
    STRTAB,
    STRSZ,
    SYMTAB,
    SYMENT,
    SONAME,
    RPATH,
    RUNPATH,
    HASH,
    GNU_HASH,
    VERSYM,
    VERDEF,
    VERDEFNUM,
    FLAGS_1,
    ENTRY_COUNT
};
static const struct {
    uint32_t tag;
    const char *name;
} entries[ENTRY_COUNT] = {
    [STRTAB] = {5, "DT_STRTAB"},
    [STRSZ] = {10, "DT_STRSZ"},
    [SYMTAB] = {6, "DT_SYMTAB"},
    [SYMENT] = {11, "DT_SYMENT"},
    [SONAME] = {14, "DT_SONAME"},
    [RPATH] = {15, "DT_RPATH"},
    [RUNPATH] = {29, "DT_RUNPATH"},
    [HASH] = {4, "DT_HASH"},
    [GNU_HASH] = {0x6ffffef5, "DT_GNU_HASH"},
    [VERSYM] = {0x6ffffff0, "DT_VERSYM"},
    [VERDEF] = {0x6ffffffc, "DT_VERDEF"},
    [VERDEFNUM] = {0x6ffffffd, "DT_VERDEFNUM"},
    [FLAGS_1] = {0x6ffffffb, "DT_FLAGS_1"},
};

struct dynamic {
    bool has[ENTRY_COUNT];
    uint64_t value[ENTRY_COUNT]; /* of the last entry with that tag, as the loader has it */
};

static void collect_dynamic(struct fc_image *image, uint64_t max, struct dynamic *ret_dynamic) {
    struct fc__elf *elf = &image->elf;
    for (uint64_t i = 0; i < max; i++) {
        uint64_t tag = fc__elf_get(image, dynamic_at(image, i), d_tag);
        if (tag == DT_NULL) {
            break;
        }
        elf->dynamic_count = i + 1;
        for (size_t entry = 0; entry < ENTRY_COUNT; entry++) {
            if (tag == entries[entry].tag) {
                ret_dynamic->has[entry] = true;
                ret_dynamic->value[entry] = fc__elf_get(image, dynamic_at(image, i), d_val);
            }
        }
    }
}

static int read_strings(struct fc_image *image, const struct dynamic *dynamic, struct fc__error *err) {
    if (!dynamic->has[STRTAB] || !dynamic->has[STRSZ]) {
        return FC_OK;
    }
    uint64_t offset, room, len = dynamic->value[STRSZ];
    if (!fc__elf_locate(image, dynamic->value[STRTAB], &offset, &room)) {
        return fc__error_set(err, FC_EFORMAT,
                             "DT_STRTAB: address 0x%" PRIx64 " lies in no segment (dynamic section at offset 0x%" PRIx64
                             ")",
                             dynamic->value[STRTAB], image->elf.dynamic);
    }
    if (len > room) {
        return fc__error_set(err, FC_EFORMAT,
                             "DT_STRSZ: 0x%" PRIx64 " bytes of strings at offset 0x%" PRIx64
                             ", but the segment ends after 0x%" PRIx64,
                             len, offset, room);
    }
    while (len > 0 && image->bytes.data[(size_t)(offset + len - 1)] != '\0') {
        len--; /* an unterminated last string is none */
    }
    image->elf.strings = (struct fc__elf_strings){.offset = offset, .len = len};
    return FC_OK;
}

static int string_error(const struct fc_image *image, const char *what, uint64_t index, struct fc__error *err) {
    return fc__error_set(err, FC_EFORMAT,
                         "%s: string 0x%" PRIx64 " is outside the string table, 0x%" PRIx64
                         " bytes at offset 0x%" PRIx64,
                         what, index, image->elf.strings.len, image->elf.strings.offset);
}

static int read_string(const struct fc_image *image, const struct dynamic *dynamic, enum entry entry,
                       const char **ret_text, struct fc__error *err) {
    if (!dynamic->has[entry]) {
        return FC_OK;
    }
    const char *text = fc__elf_string(image, dynamic->value[entry]);
    if (text == NULL) {
        return string_error(image, entries[entry].name, dynamic->value[entry], err);
    }
    *ret_text = text;
    return FC_OK;
}

static int check_needed(const struct fc_image *image, struct fc__error *err) {
    for (uint64_t i = 0; i < image->elf.dynamic_count; i++) {
        uint64_t entry = dynamic_at(image, i), index = fc__elf_get(image, entry, d_val);
        if (fc__elf_get(image, entry, d_tag) == DT_NEEDED && fc__elf_string(image, index) == NULL) {
            return string_error(image, "DT_NEEDED", index, err);
        }
    }
    return FC_OK;
}

static int read_dynamic(struct fc_image *image, uint64_t segment, struct fc__error *err) {
    struct fc__elf *elf = &image->elf;
    struct dynamic dynamic = {0};
    elf->dynamic = fc__elf_get(image, segment, p_offset);
    collect_dynamic(image, fc__elf_get(image, segment, p_filesz) / dynamic_size(image), &dynamic);
    elf->symtab_address = dynamic.value[SYMTAB];
    elf->hash_address = dynamic.value[HASH];
    elf->gnu_hash_address = dynamic.value[GNU_HASH];
    elf->versym_address = dynamic.value[VERSYM];
    elf->verdef_address = dynamic.value[VERDEF];
    elf->verdef_count = dynamic.value[VERDEFNUM];
    elf->is_pie = (dynamic.value[FLAGS_1] & DF_1_PIE) != 0;
    if (dynamic.has[SYMENT] && dynamic.value[SYMENT] != fc__elf_symbol_size(image)) {
        return fc__error_set(err, FC_EFORMAT,
                             "DT_SYMENT: symbols of %" PRIu64 " bytes, not %u (dynamic section at offset 0x%" PRIx64
                             ")",
                             dynamic.value[SYMENT], fc__elf_symbol_size(image), elf->dynamic);
    }
    int result = read_strings(image, &dynamic, err);
    if (result == FC_OK) {
        result = read_string(image, &dynamic, SONAME, &elf->soname, err);
    }
    if (result == FC_OK) {
        result = read_string(image, &dynamic, RUNPATH, &elf->runpath, err);
    }
    if (result == FC_OK) {
        result = read_string(image, &dynamic, RPATH, &elf->rpath, err);
    }
    return result == FC_OK ? check_needed(image, err) : result;
}

static int read_interpreter(struct fc_image *image, uint64_t segment, struct fc__error *err) {
    uint64_t offset = fc__elf_get(image, segment, p_offset), size = fc__elf_get(image, segment, p_filesz);
    image->elf.has_interpreter = true;
    if (size == 0) {
        return FC_OK;
    }
    image->elf.interpreter = fc__bytes_string(&image->bytes, offset, size);
    if (image->elf.interpreter == NULL) {
        return fc__error_set(err, FC_EFORMAT,
                             "PT_INTERP: the 0x%" PRIx64 " bytes at offset 0x%" PRIx64 " do not end in a NUL", size,
                             offset);
    }
    return FC_OK;
}

/* As loaders do: the first PT_INTERP and the last PT_DYNAMIC count. */
static int read_segments(struct fc_image *image, struct fc__error *err) {
    uint64_t dynamic = 0;
    for (uint64_t i = 0; i < image->elf.segment_count; i++) {
        uint64_t segment = segment_at(image, i);
        uint64_t type = fc__elf_get(image, segment, p_type);
        int result = FC_OK;
        if (type == PT_LOAD) {
            result = check_segment(image, i, "load", err);
        } else if (type == PT_DYNAMIC) {
            result = check_segment(image, i, "dynamic", err);
            dynamic = segment;
        } else if (type == PT_INTERP && !image->elf.has_interpreter) {
            result = check_segment(image, i, "interpreter", err);
            result = result == FC_OK ? read_interpreter(image, segment, err) : result;
        }
        if (result != FC_OK) {
            return result;
        }
    }
    return dynamic != 0 ? read_dynamic(image, dynamic, err) : FC_OK;
}

/* ET_DYN is a library or a position-independent executable. DF_1_PIE settles it where the linker was young enough to
 * write it (dlopen refuses such a file too); libc.so.6 has an interpreter although it is a library. */
static enum fc_kind kind_of(const struct fc_image *image) {
    switch (image->elf.type) {
    case ET_REL:
        return FC_KIND_OBJECT;
    case ET_EXEC:
        return FC_KIND_EXECUTABLE;
    case ET_DYN:
        return image->elf.is_pie || (image->elf.has_interpreter && image->elf.soname == NULL) ? FC_KIND_EXECUTABLE
                                                                                              : FC_KIND_LIBRARY;
    case ET_CORE:
        return FC_KIND_CORE;
    default:
        return FC_KIND_UNKNOWN;
    }
}

static void set_target(struct fc_image *image) {
    uint8_t abi = fc__bytes_u8(&image->bytes, EI_OSABI);
    bool is_wide = image->elf.is_wide;
    if (image->machine_number != EM_386 && image->machine_number != EM_X86_64) {
        image->target_problem = "farcall has no host for this machine";
    } else if (image->order != FC_ORDER_LITTLE) {
        image->target_problem = "big-endian data for a little-endian machine";
    } else if (image->machine_number == EM_X86_64 && !is_wide) {
        image->target_problem = "the x32 ABI";
    } else if (image->machine_number == EM_386 && is_wide) {
        image->target_problem = "64-bit headers for a 32-bit machine";
    } else if (abi != ELFOSABI_NONE && abi != ELFOSABI_GNU) {
        image->target_problem = "made for a system other than Linux";
    } else {
        image->target = is_wide ? "x86_64-linux" : "i386-linux";
    }
}

int fc__elf_read(struct fc_image *image, struct fc__error *err) {
    image->format = FC_FORMAT_ELF;
    int result = read_ident(image, err);
    if (result == FC_OK) {
        result = read_header(image, err);
    }
    if (result == FC_OK) {
        result = read_section_table(image, err);
    }
    if (result == FC_OK) {
        result = read_segment_table(image, err);
    }
    if (result != FC_OK) {
        return result;
    }
    set_target(image);
    bool is_loadable = image->elf.type == ET_EXEC || image->elf.type == ET_DYN;
    if (is_loadable && is_debug_file(image)) {
        image->kind = FC_KIND_DEBUG;
        return FC_OK;
    }
    result = is_loadable ? read_segments(image, err) : FC_OK;
    image->kind = kind_of(image);
    return result;
}

const char *fc__elf_needed_next(const struct fc_image *image, size_t *cursor) {
    for (uint64_t i = *cursor; i < image->elf.dynamic_count; i++) {
        uint64_t entry = dynamic_at(image, i);
        if (fc__elf_get(image, entry, d_tag) == DT_NEEDED) {
            *cursor = (size_t)i + 1;
            return fc__elf_string(image, fc__elf_get(image, entry, d_val));
        }
    }
    *cursor = (size_t)image->elf.dynamic_count;
    return NULL;
}
