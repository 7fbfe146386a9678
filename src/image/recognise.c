/* image: files that are neither ELF nor PE images, named for what they are.
 * They are what people find where they expected a library: an import library, a linker script, a binary of another
 * system. */
#include "image/image.h"

#define MATCH(bytes, magic) fc__bytes_match((bytes), 0, (magic), sizeof(magic) - 1)

static void read_macho(struct fc_image *image) {
    static const enum fc_kind kinds[] = {
        [1] = FC_KIND_OBJECT,  [2] = FC_KIND_EXECUTABLE, [4] = FC_KIND_CORE,    [5] = FC_KIND_EXECUTABLE,
        [6] = FC_KIND_LIBRARY, [7] = FC_KIND_LIBRARY,    [8] = FC_KIND_LIBRARY, [10] = FC_KIND_DEBUG,
    };
    struct fc__bytes *bytes = &image->bytes;
    bytes->is_big_endian = fc__bytes_u8(bytes, 0) == 0xfe;
    image->format = FC_FORMAT_MACHO;
    image->order = bytes->is_big_endian ? FC_ORDER_BIG : FC_ORDER_LITTLE;
    image->bits = fc__bytes_u32(bytes, 0) == 0xfeedfacf ? 64 : 32;
    image->machine_number = fc__bytes_u32(bytes, 4);
    image->machine = fc__machine_of_macho(image->machine_number);
    uint32_t type = fc__bytes_u32(bytes, 12);
    image->kind = type < sizeof kinds / sizeof *kinds ? kinds[type] : FC_KIND_UNKNOWN;
}

/* 0xcafebabe opens a fat Mach-O and a Java class; there the next word counts architectures, here it is a version of
 * which the major half is at least 45. */
static enum fc_format fat_or_java(const struct fc__bytes *bytes) {
    struct fc__bytes big = *bytes;
    big.is_big_endian = true;
    return fc__bytes_u32(&big, 4) < 45 ? FC_FORMAT_MACHO_FAT : FC_FORMAT_JAVA;
}

/* A DOS header leads to a newer one at e_lfanew, or to none. PE is not asked here. */
static void read_dos(struct fc_image *image) {
    const struct fc__bytes *bytes = &image->bytes;
    uint32_t next = fc__bytes_u32(bytes, 0x3c);
    image->order = FC_ORDER_LITTLE;
    image->kind = FC_KIND_EXECUTABLE;
    image->format = FC_FORMAT_DOS;
    if (fc__bytes_match(bytes, next, "NE", 2)) {
        image->format = FC_FORMAT_NE;
        image->kind = fc__bytes_u16(bytes, (uint64_t)next + 0x0c) & 0x8000 ? FC_KIND_LIBRARY : FC_KIND_EXECUTABLE;
    } else if (fc__bytes_match(bytes, next, "LE", 2) || fc__bytes_match(bytes, next, "LX", 2)) {
        image->format = fc__bytes_match(bytes, next, "LE", 2) ? FC_FORMAT_LE : FC_FORMAT_LX;
        uint32_t type = fc__bytes_u32(bytes, (uint64_t)next + 0x10) & 0x38000; /* 0x8000 library, 0x20000 driver */
        image->kind = type == 0 ? FC_KIND_EXECUTABLE : FC_KIND_LIBRARY;
    }
}

static void set_coff(struct fc_image *image, enum fc_format format, uint64_t machine_offset) {
    const char *os;
    image->format = format;
    image->kind = FC_KIND_OBJECT;
    image->order = FC_ORDER_LITTLE;
    image->machine_number = fc__bytes_u16(&image->bytes, machine_offset);
    image->machine = fc__machine_of_pe(image->machine_number, &image->bits, &os);
}

/* COFF objects have no magic: the machine must be known and every part of the header must fit the file. */
static bool looks_like_coff(const struct fc__bytes *bytes) {
    int bits;
    const char *os;
    fc__machine_of_pe(fc__bytes_u16(bytes, 0), &bits, &os);
    uint16_t section_count = fc__bytes_u16(bytes, 2);
    uint32_t symbols = fc__bytes_u32(bytes, 8), symbol_count = fc__bytes_u32(bytes, 12);
    uint16_t characteristics = fc__bytes_u16(bytes, 18);
    return bits != 0 && strcmp(os, "Windows") == 0 && section_count > 0 && section_count <= 0xfeff &&
           fc__bytes_has_table(bytes, 20, section_count, 40) && fc__bytes_has_table(bytes, symbols, symbol_count, 18) &&
           fc__bytes_u16(bytes, 16) == 0 && (characteristics & 2) == 0;
}

/* Machine 0 and section count 0xffff open an import object (version 0) and the newer objects (1 and more). */
static bool read_coff(struct fc_image *image) {
    const struct fc__bytes *bytes = &image->bytes;
    if (MATCH(bytes, "\0\0\xff\xff") && fc__bytes_has(bytes, 0, 20)) {
        set_coff(image, fc__bytes_u16(bytes, 4) == 0 ? FC_FORMAT_COFF_IMPORT : FC_FORMAT_COFF, 6);
        return true;
    }
    if (looks_like_coff(bytes)) {
        set_coff(image, FC_FORMAT_COFF, 0);
        return true;
    }
    return false;
}

struct magic {
    const char *text;
    size_t len;
    enum fc_format format;
    enum fc_kind kind;
};

#define ROW(text, format, kind)                                                                                        \
    { text, sizeof text - 1, format, kind }
static const struct magic magics[] = {
    ROW("!<arch>\n", FC_FORMAT_AR, FC_KIND_ARCHIVE),
    ROW("!<thin>\n", FC_FORMAT_AR_THIN, FC_KIND_ARCHIVE),
    ROW("\0asm", FC_FORMAT_WASM, FC_KIND_UNKNOWN),
    ROW("WbIL", FC_FORMAT_WEBCIL, FC_KIND_LIBRARY),
    ROW("BC\xc0\xde", FC_FORMAT_BITCODE, FC_KIND_OBJECT),
    ROW("\xde\xc0\x17\x0b", FC_FORMAT_BITCODE, FC_KIND_OBJECT),
    ROW("/* GNU ld script", FC_FORMAT_LD_SCRIPT, FC_KIND_UNKNOWN),
    ROW("#!", FC_FORMAT_SCRIPT, FC_KIND_UNKNOWN),
};
#undef ROW

void fc__recognise(struct fc_image *image) {
    const struct fc__bytes *bytes = &image->bytes;
    image->target_problem = "neither an ELF nor a PE image";
    if (bytes->len == 0) {
        image->format = FC_FORMAT_EMPTY;
    } else if (MATCH(bytes, "\xfe\xed\xfa\xce") || MATCH(bytes, "\xfe\xed\xfa\xcf") ||
               MATCH(bytes, "\xce\xfa\xed\xfe") || MATCH(bytes, "\xcf\xfa\xed\xfe")) {
        read_macho(image);
    } else if (MATCH(bytes, "\xca\xfe\xba\xbe") && fc__bytes_has(bytes, 4, 4)) {
        image->format = fat_or_java(bytes);
    } else if (MATCH(bytes, "MZ") && fc__bytes_has(bytes, 0, 0x1c)) {
        read_dos(image);
    } else if (!read_coff(image)) {
        for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
            if (fc__bytes_match(bytes, 0, magics[i].text, magics[i].len)) {
                image->format = magics[i].format;
                image->kind = magics[i].kind;
                return;
            }
        }
    }
}
