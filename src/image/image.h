/* image: what binary files say about themselves. ELF and PE images, CLI headers and metadata.
 * Runs in: the caller.  Threads: an image is immutable after fc__image_open, then shareable.
 * Does not: open files, ask the system, print, or allocate in proportion to what a file claims.
 *
 * Each reader takes an image whose `bytes` are set, fills in the rest, and answers FC_EFORMAT with what is wrong and at
 * which offset. Limits: FC__ELF_VERSIONS_MAX below, and those of pe.h and metadata.h. */
#ifndef FC_IMAGE_IMAGE_H
#define FC_IMAGE_IMAGE_H

#include "base/error.h"
#include "image/bytes.h"

#include <farcall/image.h>
#include <inttypes.h>

#define FC__ELF_VERSIONS_MAX 0x7fffu /* version definitions: the width of a symbol's version index */

/* A string table of which the last byte is NUL, so that any index below `len` is a string. */
struct fc__elf_strings {
    uint64_t offset, len;
};

struct fc__elf {
    bool is_wide; /* ELFCLASS64 */
    uint16_t type;
    uint64_t segments, segment_count; /* program header table */
    uint64_t sections, section_count; /* section header table; count 0 if it is not all there */
    uint64_t dynamic, dynamic_count;  /* entries before DT_NULL */
    struct fc__elf_strings strings;   /* DT_STRTAB */
    /* Addresses as they stand in the dynamic section, 0 where absent. */
    uint64_t symtab_address, hash_address, gnu_hash_address, versym_address, verdef_address, verdef_count;
    bool has_interpreter, is_pie;
    const char *soname, *interpreter, *runpath, *rpath;
};

struct fc__pe {
    bool is_wide; /* PE32+ */
    uint16_t characteristics, subsystem, section_count;
    uint64_t optional; /* optional header */
    uint64_t sections; /* section table */
    uint64_t image_base;
    uint32_t directory_count, section_alignment, headers_len;
    bool is_mismatched;       /* machine and optional header are of different bitness */
    uint64_t cli;             /* CLI header; 0 if there is none */
    bool is_managed;          /* and its directory has a size that loaders accept */
    bool is_cli_beyond_count; /* its directory lies past NumberOfRvaAndSizes: runtimes honour it, the format does not */
    uint32_t cli_flags, cli_version;
};

struct fc_image {
    struct fc__bytes bytes;
    enum fc_format format;
    enum fc_kind kind;
    enum fc_byte_order order;
    int bits;
    uint32_t machine_number;
    const char *machine; /* NULL where the format has none */
    const char *target, *target_problem;
    union {
        struct fc__elf elf;
        struct fc__pe pe;
    };
};

/* FNV-1a. */
#define FC__HASH_START UINT64_C(0xcbf29ce484222325)
static inline uint64_t fc__hash_add(uint64_t hash, unsigned value) {
    return (hash ^ value) * UINT64_C(0x100000001b3);
}

/* During a visit; lives on the visitor's stack. */
struct fc_export {
    const char *name, *version, *forwarder;
    uint32_t ordinal;
    enum fc_export_type type;
    bool is_default;
    uint64_t address, size_bytes; /* as the symbol says; of PE an RVA, and 0 */
};

struct fc_import {
    const char *library, *name;
    uint32_t ordinal;
    bool is_delayed;
};

/* fc_image_open, with the explanation in `err`. */
int fc__image_open(const void *data, size_t len_bytes, struct fc__error *err, struct fc_image **ret_image);

/* Says that `what`, `count` entries of `size` bytes at `offset`, goes past the end of the file. Returns FC_EFORMAT. */
int fc__image_cut(const struct fc_image *image, const char *what, uint64_t count, unsigned size, uint64_t offset,
                  struct fc__error *err);

/* elf.c, elf_exports.c */
bool fc__elf_matches(const struct fc__bytes *bytes);
int fc__elf_read(struct fc_image *image, struct fc__error *err);
const char *fc__elf_needed_next(const struct fc_image *image, size_t *cursor);
int fc__elf_visit_exports(const struct fc_image *image, fc_export_visit_fn *visit, void *user_data,
                          struct fc__error *err);
/* The names that the image wants of other images, weakly or not, and then those of variables that a program has a copy
 * of. */
int fc__elf_visit_imports(const struct fc_image *image, int (*visit)(void *user_data, const char *name),
                          void *user_data, struct fc__error *err);

/* export.c: what a proxy is made for, of both formats. */
int fc__image_visit_exports(const struct fc_image *image, fc_export_visit_fn *visit, void *user_data,
                            struct fc__error *err);
/* The name that C has for it, without what Windows' linkers put around it; not NUL-terminated. NULL: it has only an
 * ordinal. */
const char *fc__export_plain_name(const struct fc_export *symbol, size_t *ret_len);
/* To be summed up over all exports with a name, in whatever order. */
uint64_t fc__export_hash(const struct fc_export *symbol);
/* Symbols that every linker adds (_end) are not the library's. */
bool fc__export_is_linkers(const struct fc_export *symbol);

/* A word that the loader writes. */
struct fc__image_pointer {
    uint64_t place;     /* its address */
    uint64_t to;        /* is_own: what it points to */
    bool is_own;        /* it points into the image; else into another, or it is no plain pointer */
    const char *copied; /* no pointer: of a program, the variable of a library that is copied there; else NULL */
};
/* Called for each, in no order, as long as it returns FC_OK; what it returned last is returned. */
typedef int fc__image_pointer_visit_fn(void *user_data, const struct fc__image_pointer *pointer);

/* memory.c: what is at an address, as exports have it, in images of both formats. */
int fc__image_visit_pointers(const struct fc_image *image, fc__image_pointer_visit_fn *visit, void *user_data,
                             struct fc__error *err);
/* How many bytes the file has from there, and at which offset they begin; false if none. */
bool fc__image_locate(const struct fc_image *image, uint64_t address, uint64_t *ret_offset, uint64_t *ret_room);
/* True if nothing can write to `size` bytes there, once the image is loaded. */
bool fc__image_is_constant(const struct fc_image *image, uint64_t address, uint64_t size);

/* pe.c */
bool fc__pe_matches(const struct fc__bytes *bytes);
int fc__pe_read(struct fc_image *image, struct fc__error *err);
bool fc__pe_is_neutral(const struct fc_image *image);

/* archive.c: the machine of an archive is that of the first object among its first members. Cannot fail. */
void fc__archive_read(struct fc_image *image);

/* import_library.c: of an archive or an import object */
int fc__archive_visit_imports(const struct fc_image *image, fc_import_visit_fn *visit, void *user_data,
                              struct fc__error *err);

/* recognise.c: names what is neither ELF nor PE. Cannot fail. */
void fc__recognise(struct fc_image *image);

/* machine.c: the name of a machine number, "unknown" if it has none. Of a PE machine also the bitness that it implies,
 * or 0, and the system that it is for, since .NET hides other systems in the number. */
const char *fc__machine_of_elf(uint32_t number, bool is_wide);
const char *fc__machine_of_pe(uint32_t number, int *ret_bits, const char **ret_os);
const char *fc__machine_of_macho(uint32_t number);

#endif
