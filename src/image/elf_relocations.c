/* image: which words of an ELF image are pointers, going by its dynamic relocations, and what does not change once these
 * are done.
 * Sources: System V gABI chapter 5, DT_RELR; the psABIs of i386 and x86-64, "Relocation Types". */
#include "image/elf.h"

enum { EM_386 = 3, EM_X86_64 = 62 };
enum { PT_LOAD = 1, PT_GNU_RELRO = 0x6474e552, PF_W = 2, SHN_UNDEF = 0 };
enum { DT_RELA = 7, DT_RELASZ = 8, DT_REL = 17, DT_RELSZ = 18, DT_RELRSZ = 35, DT_RELR = 36 };
enum { R_ABSOLUTE = 1, R_COPY = 5, R_RELATIVE = 8 }; /* the same on both machines */

static const struct fc__elf_field d_tag = {0, 4, 0, 8}, d_val = {4, 4, 8, 8};
static const struct fc__elf_field p_type = {0, 4, 0, 4}, p_vaddr = {8, 4, 16, 8}, p_memsz = {20, 4, 40, 8},
                                  p_flags = {24, 4, 4, 4};
static const struct fc__elf_field e_shstrndx = {50, 2, 62, 2}, sh_name = {0, 4, 0, 4}, sh_addr = {12, 4, 16, 8},
                                  sh_offset = {16, 4, 24, 8}, sh_size = {20, 4, 32, 8};
static const struct fc__elf_field r_offset = {0, 4, 0, 8}, r_info = {4, 4, 8, 8}, r_addend = {8, 4, 16, 8};
static const struct fc__elf_field st_name = {0, 4, 0, 4}, st_value = {4, 4, 8, 8}, st_shndx = {14, 2, 6, 2};
static const struct fc__elf_field word = {0, 4, 0, 8};

static unsigned word_size(const struct fc_image *image) {
    return image->elf.is_wide ? 8 : 4;
}

/* -- memory -------------------------------------------------------------------------------------------------------- */

/* Constants that have to be relocated are in a section of this name, also where no segment protects them afterwards: in
 * libraries of old linkers, and those of `-z norelro`. */
static bool is_in_constant_section(const struct fc_image *image, uint64_t address, uint64_t size) {
    static const char name[] = ".data.rel.ro";
    const uint64_t entry = image->elf.is_wide ? 64 : 40, names = fc__elf_get(image, 0, e_shstrndx);
    if (names >= image->elf.section_count) {
        return false;
    }
    const uint64_t strings = fc__elf_get(image, image->elf.sections + names * entry, sh_offset);
    for (uint64_t i = 0; i < image->elf.section_count; i++) {
        const uint64_t section = image->elf.sections + i * entry, start = fc__elf_get(image, section, sh_addr);
        if (address >= start && fc__range_within(address - start, size, fc__elf_get(image, section, sh_size)) &&
            fc__bytes_match(&image->bytes, strings + fc__elf_get(image, section, sh_name), name, sizeof name)) {
            return true;
        }
    }
    return false;
}

bool fc__elf_is_constant(const struct fc_image *image, uint64_t address, uint64_t size) {
    bool is_constant = is_in_constant_section(image, address, size);
    for (uint64_t i = 0; i < image->elf.segment_count; i++) {
        const uint64_t segment = image->elf.segments + i * (image->elf.is_wide ? 56 : 32);
        const uint64_t type = fc__elf_get(image, segment, p_type);
        const uint64_t start = fc__elf_get(image, segment, p_vaddr), length = fc__elf_get(image, segment, p_memsz);
        const bool is_it =
            type == PT_GNU_RELRO || (type == PT_LOAD && (fc__elf_get(image, segment, p_flags) & PF_W) == 0);
        is_constant = is_constant || (is_it && address >= start && fc__range_within(address - start, size, length));
    }
    return is_constant;
}

/* What the file has at an address; 0 where it has nothing. */
static uint64_t word_at(const struct fc_image *image, uint64_t address) {
    uint64_t offset = 0, room = 0;
    return fc__elf_locate(image, address, &offset, &room) && room >= word_size(image) ? fc__elf_get(image, offset, word)
                                                                                      : 0;
}

/* -- relocations --------------------------------------------------------------------------------------------------- */

struct walk {
    const struct fc_image *image;
    fc__image_pointer_visit_fn *visit;
    void *user_data;
    struct fc__error *err;
};

static uint64_t dynamic_value(const struct fc_image *image, uint64_t tag) {
    uint64_t value = 0;
    for (uint64_t i = 0; i < image->elf.dynamic_count; i++) {
        const uint64_t entry = image->elf.dynamic + i * 2 * word_size(image);
        value = fc__elf_get(image, entry, d_tag) == tag ? fc__elf_get(image, entry, d_val) : value;
    }
    return value;
}

/* Its offset in the file; 0 if it is not there. */
static uint64_t find_symbol(const struct fc_image *image, uint64_t index) {
    uint64_t offset = 0, room = 0;
    const unsigned size = fc__elf_symbol_size(image);
    const bool is_there = fc__elf_locate(image, image->elf.symtab_address, &offset, &room) && index < room / size;
    return is_there ? offset + index * size : 0;
}

static int visit_entry(const struct walk *walk, uint64_t entry, bool has_addend) {
    const struct fc_image *image = walk->image;
    const uint64_t info = fc__elf_get(image, entry, r_info);
    const uint64_t type = image->elf.is_wide ? info & 0xffffffff : info & 0xff;
    const uint64_t symbol = image->elf.is_wide ? info >> 32 : info >> 8;
    struct fc__image_pointer pointer = {.place = fc__elf_get(image, entry, r_offset)};
    const uint64_t at = type == R_ABSOLUTE || type == R_COPY ? find_symbol(image, symbol) : 0;
    const bool is_defined = at != 0 && fc__elf_get(image, at, st_shndx) != SHN_UNDEF;
    const uint64_t base = type == R_ABSOLUTE && is_defined ? fc__elf_get(image, at, st_value) : 0;
    pointer.copied = type == R_COPY && at != 0 ? fc__elf_string(image, fc__elf_get(image, at, st_name)) : NULL;
    pointer.is_own = type == R_RELATIVE || (type == R_ABSOLUTE && is_defined);
    pointer.to = base + (has_addend ? fc__elf_get(image, entry, r_addend) : word_at(image, pointer.place));
    pointer.to = image->elf.is_wide ? pointer.to : (uint32_t)pointer.to;
    return walk->visit(walk->user_data, &pointer);
}

/* Of what a tag leads to, so many bytes, which may be none. */
static int find_table(const struct walk *walk, const char *what, uint64_t address, uint64_t bytes,
                      uint64_t *ret_offset) {
    uint64_t room = 0;
    if (bytes == 0 || (fc__elf_locate(walk->image, address, ret_offset, &room) && bytes <= room)) {
        return FC_OK;
    }
    return fc__error_set(walk->err, FC_EFORMAT,
                         "%s: 0x%" PRIx64 " bytes of relocations at address 0x%" PRIx64
                         " lie in no segment (dynamic section at offset 0x%" PRIx64 ")",
                         what, bytes, address, walk->image->elf.dynamic);
}

static int visit_table(const struct walk *walk, const char *what, uint64_t address, uint64_t bytes, bool has_addend) {
    const unsigned size = word_size(walk->image) * (has_addend ? 3 : 2);
    uint64_t offset = 0;
    int rc = find_table(walk, what, address, bytes, &offset);
    for (uint64_t i = 0; rc == FC_OK && i < bytes / size; i++) {
        rc = visit_entry(walk, offset + i * size, has_addend);
    }
    return rc;
}

static int visit_relative(const struct walk *walk, uint64_t place) {
    return walk->visit(walk->user_data,
                       &(struct fc__image_pointer){.place = place, .to = word_at(walk->image, place), .is_own = true});
}

/* An even entry is a place; an odd one says which of the words behind the last ones are places too. */
static int visit_packed(const struct walk *walk, uint64_t address, uint64_t bytes) {
    const unsigned size = word_size(walk->image);
    uint64_t offset = 0, next = 0;
    int rc = find_table(walk, "DT_RELR", address, bytes, &offset);
    for (uint64_t i = 0; rc == FC_OK && i < bytes / size; i++) {
        const uint64_t entry = fc__elf_get(walk->image, offset + i * size, word);
        if ((entry & 1) == 0) {
            rc = visit_relative(walk, entry);
            next = entry + size;
            continue;
        }
        for (unsigned bit = 1; rc == FC_OK && bit < 8 * size; bit++) {
            rc = (entry >> bit & 1) != 0 ? visit_relative(walk, next + (uint64_t)(bit - 1) * size) : FC_OK;
        }
        next += (uint64_t)(8 * size - 1) * size;
    }
    return rc;
}

int fc__elf_visit_pointers(const struct fc_image *image, fc__image_pointer_visit_fn *visit, void *user_data,
                           struct fc__error *err) {
    const struct walk walk = {image, visit, user_data, err};
    if (image->machine_number != EM_386 && image->machine_number != EM_X86_64) {
        return FC_OK;
    }
    int rc = visit_table(&walk, "DT_REL", dynamic_value(image, DT_REL), dynamic_value(image, DT_RELSZ), false);
    if (rc == FC_OK) {
        rc = visit_table(&walk, "DT_RELA", dynamic_value(image, DT_RELA), dynamic_value(image, DT_RELASZ), true);
    }
    return rc == FC_OK ? visit_packed(&walk, dynamic_value(image, DT_RELR), dynamic_value(image, DT_RELRSZ)) : rc;
}
