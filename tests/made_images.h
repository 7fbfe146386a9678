/* tests: ELF and PE images made by hand, for the tests of image and of what stands on it. */
#ifndef FC_TESTS_MADE_IMAGES_H
#define FC_TESTS_MADE_IMAGES_H

#include "harness.h"

#include <farcall/image.h>
#include <stdlib.h>
#include <string.h>

/* -- Opening ------------------------------------------------------------------------------------------------------ */

static inline struct fc_image *open_bytes(const void *data, size_t len) {
    struct fc_image *image = NULL;
    int result = fc_image_open(data, len, &image);
    if (result != FC_OK) {
        fail_msg("fc_image_open: %s", fc_error_text());
    }
    return image;
}

/* Opening must fail, with a text that has `expected` in it. */
static inline void assert_malformed(const void *data, size_t len, const char *expected) {
    struct fc_image *image = NULL;
    assert_int_equal(fc_image_open(data, len, &image), FC_EFORMAT);
    assert_null(image);
    if (strstr(fc_error_text(), expected) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", fc_error_text(), expected);
    }
}

static inline void assert_text(const char *actual, const char *expected) {
    if (expected == NULL) {
        assert_null(actual);
    } else {
        assert_non_null(actual);
        assert_string_equal(actual, expected);
    }
}

/* -- An ELF image made by hand ------------------------------------------------------------------------------------ */

enum { MADE_LEN = 0x1000, MADE_ADDRESS = 0x10000 };
enum { SEGMENTS = 0x40, DYNAMIC = 0x200, STRINGS = 0x400, SYMBOLS = 0x500, HASH = 0x700, VERSYM = 0x800 };
enum { VERDEF = 0x900, INTERPRETER = 0xa00, SECTIONS = 0xb00 };
enum { ET_REL = 1, ET_EXEC = 2, ET_DYN = 3, ET_CORE = 4, EM_386 = 3, EM_X86_64 = 62, EM_AARCH64 = 183, EM_RISCV = 243 };
enum { PT_LOAD = 1, PT_DYNAMIC = 2, PT_INTERP = 3 };
enum { DT_NEEDED = 1, DT_HASH = 4, DT_STRTAB = 5, DT_SYMTAB = 6, DT_STRSZ = 10, DT_SYMENT = 11, DT_SONAME = 14 };
enum { DT_RPATH = 15, DT_RUNPATH = 29, DT_GNU_HASH = 0x6ffffef5, DT_VERSYM = 0x6ffffff0, DT_FLAGS_1 = 0x6ffffffb };
enum { DT_VERDEF = 0x6ffffffc, DT_VERDEFNUM = 0x6ffffffd, DF_1_PIE = 0x08000000 };
enum { GLOBAL = 0x10, WEAK = 0x20, LOCAL = 0, OBJECT = 1, FUNC = 2, TLS = 6, IFUNC = 10 };

struct made {
    unsigned char bytes[MADE_LEN];
    bool is_wide, is_big;
    unsigned segments, entries, symbols, string_len;
};

static inline void put(struct made *made, size_t offset, uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; i++) {
        made->bytes[offset + (made->is_big ? size - 1 - i : i)] = (unsigned char)(value >> (8 * i));
    }
}

/* At one offset in 32-bit and at another in 64-bit images, with the width of an address. */
static inline void put_word(struct made *made, size_t offset, size_t wide_offset, uint64_t value) {
    put(made, made->is_wide ? wide_offset : offset, value, made->is_wide ? 8 : 4);
}

static inline void put_half(struct made *made, size_t offset, size_t wide_offset, unsigned value) {
    put(made, made->is_wide ? wide_offset : offset, value, 2);
}

static inline void add_segment(struct made *made, unsigned type, uint64_t offset, uint64_t size) {
    size_t at = SEGMENTS + made->segments * (made->is_wide ? 56u : 32u);
    put(made, at, type, 4);
    put_word(made, at + 4, at + 8, offset);
    put_word(made, at + 8, at + 16, MADE_ADDRESS + offset);
    put_word(made, at + 16, at + 32, size);
    made->segments++;
    put_half(made, 44, 56, made->segments);
}

static inline void add_entry(struct made *made, uint64_t tag, uint64_t value) {
    size_t at = DYNAMIC + made->entries * (made->is_wide ? 16u : 8u);
    put_word(made, at, at, tag);
    put_word(made, at + 4, at + 8, value);
    made->entries++;
}

static inline unsigned add_string(struct made *made, const char *text) {
    unsigned index = made->string_len;
    strcpy((char *)made->bytes + STRINGS + index, text);
    made->string_len += (unsigned)strlen(text) + 1;
    return index;
}

static inline void add_symbol(struct made *made, const char *name, unsigned info, unsigned other, unsigned section) {
    size_t at = SYMBOLS + made->symbols * (made->is_wide ? 24u : 16u);
    put(made, at, add_string(made, name), 4);
    put(made, at + (made->is_wide ? 4 : 12), info, 1);
    put(made, at + (made->is_wide ? 5 : 13), other, 1);
    put(made, at + (made->is_wide ? 6 : 14), section, 2);
    made->symbols++;
    put(made, HASH + 4, made->symbols, 4);
}

/* A shared library with an empty dynamic section, a string table and a DT_HASH, to which more is added. */
static inline struct made make_elf(bool is_wide, bool is_big, unsigned type, unsigned machine) {
    struct made made = {.is_wide = is_wide, .is_big = is_big, .string_len = 1, .symbols = 1};
    memcpy(made.bytes, "\177ELF", 4);
    made.bytes[4] = is_wide ? 2 : 1;
    made.bytes[5] = is_big ? 2 : 1;
    made.bytes[6] = 1;
    put(&made, 16, type, 2);
    put(&made, 18, machine, 2);
    put(&made, 20, 1, 4);
    put_word(&made, 28, 32, SEGMENTS);
    put_half(&made, 42, 54, is_wide ? 56 : 32);
    add_segment(&made, PT_LOAD, 0, MADE_LEN);
    add_segment(&made, PT_DYNAMIC, DYNAMIC, 0x200);
    add_entry(&made, DT_STRTAB, MADE_ADDRESS + STRINGS);
    add_entry(&made, DT_STRSZ, 0x100);
    add_entry(&made, DT_SYMTAB, MADE_ADDRESS + SYMBOLS);
    add_entry(&made, DT_SYMENT, is_wide ? 24 : 16);
    add_entry(&made, DT_HASH, MADE_ADDRESS + HASH);
    put(&made, HASH, 1, 4);
    put(&made, HASH + 4, 1, 4);
    return made;
}

static inline struct made make_library(void) {
    return make_elf(true, false, ET_DYN, EM_X86_64);
}

/* Symbols from `first` on in one bucket, the chain ends with the last symbol. */
static inline void make_gnu_hash(struct made *made, unsigned first) {
    add_entry(made, DT_GNU_HASH, MADE_ADDRESS + HASH);
    memset(made->bytes + HASH, 0, 0x100);
    put(made, HASH, 1, 4);
    put(made, HASH + 4, first, 4);
    put(made, HASH + 8, 1, 4); /* one bloom word */
    put(made, HASH + 16 + 8, first, 4);
    put(made, HASH + 16 + 8 + 4 + (made->symbols - 1 - first) * 4, 1, 4);
}

/* Two definitions, the second of the version `name`, with the index 2. */
static inline void make_versions(struct made *made, const char *name) {
    add_entry(made, DT_VERSYM, MADE_ADDRESS + VERSYM);
    add_entry(made, DT_VERDEF, MADE_ADDRESS + VERDEF);
    add_entry(made, DT_VERDEFNUM, 2);
    put(made, VERDEF + 2, 1, 2); /* VER_FLG_BASE */
    put(made, VERDEF + 4, 1, 2);
    put(made, VERDEF + 12, 20, 4);
    put(made, VERDEF + 16, 28, 4);
    put(made, VERDEF + 28 + 4, 2, 2);
    put(made, VERDEF + 28 + 12, 20, 4);
    put(made, VERDEF + 48, add_string(made, name), 4);
}

/* -- A PE image made by hand -------------------------------------------------------------------------------------- */

enum { PE_LEN = 0x600, PE_HEADER = 0x80, PE_OPTIONAL = PE_HEADER + 24, CLI_RVA = 0x1008, CLI = 0x408 };
enum { I386 = 0x14c, AMD64 = 0x8664, ARM64 = 0xaa64, DLL = 0x2000 };
enum { ILONLY = 1, REQUIRED = 2, PREFERRED = 0x20000 };

static inline size_t pe_directory(const struct made *made, unsigned index) {
    return PE_OPTIONAL + (made->is_wide ? 112u : 96u) + 8u * index;
}

/* An image with one section, of 0x200 bytes, at RVA 0x1000 and file offset 0x400. */
static inline struct made make_pe(bool is_wide, unsigned machine, unsigned characteristics) {
    struct made made = {.is_wide = is_wide};
    unsigned optional_size = is_wide ? 240 : 224;
    size_t section = PE_OPTIONAL + optional_size;
    memcpy(made.bytes, "MZ", 2);
    put(&made, 0x18, 0x40, 2);
    put(&made, 0x3c, PE_HEADER, 4);
    memcpy(made.bytes + PE_HEADER, "PE\0\0", 4);
    put(&made, PE_HEADER + 4, machine, 2);
    put(&made, PE_HEADER + 6, 1, 2);
    put(&made, PE_HEADER + 20, optional_size, 2);
    put(&made, PE_HEADER + 22, characteristics | 2, 2);
    put(&made, PE_OPTIONAL, is_wide ? 0x20b : 0x10b, 2);
    put(&made, PE_OPTIONAL + 32, 0x1000, 4);
    put(&made, PE_OPTIONAL + 36, 0x200, 4);
    put(&made, PE_OPTIONAL + 60, 0x400, 4);
    put(&made, PE_OPTIONAL + 68, 3, 2);
    put(&made, pe_directory(&made, 0) - 4, 16, 4);
    put(&made, section + 8, 0x200, 4);
    put(&made, section + 12, 0x1000, 4);
    put(&made, section + 16, 0x200, 4);
    put(&made, section + 20, 0x400, 4);
    return made;
}

static inline void add_cli(struct made *made, unsigned minor, uint32_t flags) {
    put(made, pe_directory(made, 14), CLI_RVA, 4);
    put(made, pe_directory(made, 14) + 4, 72, 4);
    put(made, CLI, 72, 4);
    put(made, CLI + 4, 2, 2);
    put(made, CLI + 6, minor, 2);
    put(made, CLI + 16, flags, 4);
}

#endif
