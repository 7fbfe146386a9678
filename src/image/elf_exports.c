/* image: the symbols that the dynamic linker finds in an ELF image, and their versions.
 * The number of symbols stands nowhere: it is DT_HASH's chain count, or one more than the last symbol that
 * DT_GNU_HASH reaches. An image without either exports nothing, since the dynamic linker cannot look anything up.
 * Sources: System V gABI chapter 5; LSB core, "Symbol Versioning"; glibc's elf/dl-lookup.c for DT_GNU_HASH. */
#include "image/elf.h"

#include <stdlib.h>
#include <string.h>

enum { EM_S390 = 22, EM_ALPHA = 0x9026 };
enum { STB_GLOBAL = 1, STB_WEAK = 2, STB_GNU_UNIQUE = 10 };
enum { STT_NOTYPE = 0, STT_OBJECT = 1, STT_FUNC = 2, STT_COMMON = 5, STT_TLS = 6, STT_GNU_IFUNC = 10 };
enum { STV_DEFAULT = 0, STV_PROTECTED = 3, SHN_UNDEF = 0, SHN_ABS = 0xfff1 };
enum { VER_NDX_FIRST = 2, VERSYM_HIDDEN = 0x8000, VERSYM_INDEX = 0x7fff, VER_FLG_BASE = 1 };
enum { VERDEF_SIZE = 20, VERDAUX_SIZE = 8, SHT_DYNSYM = 11 };

static const struct fc__elf_field st_name = {0, 4, 0, 4}, st_value = {4, 4, 8, 8}, st_info = {12, 1, 4, 1},
                                  st_other = {13, 1, 5, 1}, st_shndx = {14, 2, 6, 2}, st_size = {8, 4, 16, 8};

/* A part of the file that an address of the dynamic section leads to. */
struct part {
    uint64_t offset, room;
};

struct symbols {
    const struct fc_image *image;
    struct part table, versym; /* versym.room 0: no versions */
    uint64_t count;
    const char **versions; /* by version index, each may be NULL */
    size_t version_count;
};

static int locate(const struct fc_image *image, const char *what, uint64_t address, struct part *ret_part,
                  struct fc__error *err) {
    if (!fc__elf_locate(image, address, &ret_part->offset, &ret_part->room)) {
        return fc__error_set(err, FC_EFORMAT,
                             "%s: address 0x%" PRIx64 " lies in no segment (dynamic section at offset 0x%" PRIx64 ")",
                             what, address, image->elf.dynamic);
    }
    return FC_OK;
}

static int short_error(const char *what, uint64_t need, struct part part, struct fc__error *err) {
    return fc__error_set(err, FC_EFORMAT,
                         "%s: 0x%" PRIx64 " bytes at offset 0x%" PRIx64 ", but the segment ends after 0x%" PRIx64, what,
                         need, part.offset, part.room);
}

static int count_by_hash(const struct fc_image *image, uint64_t *ret_count, struct fc__error *err) {
    /* The gABI says 4 bytes an entry; these two machines chose 8. */
    bool is_eight = image->elf.is_wide && (image->machine_number == EM_S390 || image->machine_number == EM_ALPHA);
    unsigned width = is_eight ? 8 : 4, header_len = 2 * width;
    struct part hash;
    int result = locate(image, "DT_HASH", image->elf.hash_address, &hash, err);
    if (result != FC_OK) {
        return result;
    }
    if (hash.room < header_len) {
        return short_error("DT_HASH", header_len, hash, err);
    }
    *ret_count = fc__bytes_number(&image->bytes, hash.offset + width, width);
    return FC_OK;
}

static int count_by_gnu_hash(const struct fc_image *image, uint64_t *ret_count, struct fc__error *err) {
    const struct fc__bytes *bytes = &image->bytes;
    struct part hash;
    int result = locate(image, "DT_GNU_HASH", image->elf.gnu_hash_address, &hash, err);
    if (result != FC_OK) {
        return result;
    }
    if (hash.room < 16) {
        return short_error("DT_GNU_HASH", 16, hash, err);
    }
    uint64_t bucket_count = fc__bytes_u32(bytes, hash.offset), first = fc__bytes_u32(bytes, hash.offset + 4);
    uint64_t bloom_words = fc__bytes_u32(bytes, hash.offset + 8);
    uint64_t buckets = 16 + bloom_words * (image->elf.is_wide ? 8 : 4); /* none of these can overflow: 32-bit factors */
    uint64_t chains = buckets + bucket_count * 4;
    if (chains > hash.room) {
        return short_error("DT_GNU_HASH", chains, hash, err);
    }
    uint64_t last = 0;
    for (uint64_t i = 0; i < bucket_count; i++) {
        uint64_t start = fc__bytes_u32(bytes, hash.offset + buckets + i * 4);
        last = start > last ? start : last;
    }
    if (last < first) {
        *ret_count = 0; /* every bucket is empty */
        return FC_OK;
    }
    for (;; last++) { /* to the end of the last chain, which has bit 0 set */
        uint64_t link = chains + (last - first) * 4;
        if (link > hash.room || hash.room - link < 4) {
            return short_error("DT_GNU_HASH", link + 4, hash, err);
        }
        if (fc__bytes_u32(bytes, hash.offset + link) & 1) {
            *ret_count = last + 1;
            return FC_OK;
        }
    }
}

static int find_symbols(struct symbols *symbols, struct fc__error *err) {
    const struct fc_image *image = symbols->image;
    const struct fc__elf *elf = &image->elf;
    if (elf->symtab_address == 0 || (elf->gnu_hash_address == 0 && elf->hash_address == 0)) {
        return FC_OK;
    }
    int result = elf->gnu_hash_address != 0 ? count_by_gnu_hash(image, &symbols->count, err)
                                            : count_by_hash(image, &symbols->count, err);
    if (result != FC_OK || symbols->count == 0) {
        return result;
    }
    result = locate(image, "DT_SYMTAB", elf->symtab_address, &symbols->table, err);
    if (result != FC_OK) {
        return result;
    }
    unsigned size = fc__elf_symbol_size(image);
    if (symbols->count > symbols->table.room / size) {
        return fc__error_set(err, FC_EFORMAT,
                             "DT_SYMTAB: %" PRIu64 " symbols of %u bytes at offset 0x%" PRIx64
                             ", but the segment ends after 0x%" PRIx64,
                             symbols->count, size, symbols->table.offset, symbols->table.room);
    }
    return FC_OK;
}

/* Walks the version definitions once with `versions` NULL, to find the greatest index, and once to fill it. */
static int walk_versions(struct symbols *symbols, struct part verdef, struct fc__error *err) {
    const struct fc__bytes *bytes = &symbols->image->bytes;
    uint64_t at = 0;
    for (uint64_t i = 0; i < symbols->image->elf.verdef_count; i++) {
        uint64_t base = verdef.offset + at;
        if (!fc__range_within(at, VERDEF_SIZE, verdef.room)) {
            return short_error("DT_VERDEF", at + VERDEF_SIZE, verdef, err);
        }
        uint16_t flags = fc__bytes_u16(bytes, base + 2), index = fc__bytes_u16(bytes, base + 4) & VERSYM_INDEX;
        uint64_t aux = at + fc__bytes_u32(bytes, base + 12), next = fc__bytes_u32(bytes, base + 16);
        if (!fc__range_within(aux, VERDAUX_SIZE, verdef.room)) {
            return short_error("DT_VERDEF", aux + VERDAUX_SIZE, verdef, err);
        }
        uint32_t name = fc__bytes_u32(bytes, verdef.offset + aux);
        if (fc__elf_string(symbols->image, name) == NULL) {
            return fc__error_set(err, FC_EFORMAT,
                                 "DT_VERDEF: version at offset 0x%" PRIx64 " has a name 0x%" PRIx32
                                 " outside the string table",
                                 base, name);
        }
        if (symbols->versions == NULL) {
            symbols->version_count = index >= symbols->version_count ? index + 1u : symbols->version_count;
        } else if ((flags & VER_FLG_BASE) == 0) { /* the base definition names the file */
            symbols->versions[index] = fc__elf_string(symbols->image, name);
        }
        if (next == 0) {
            break;
        }
        at += next;
    }
    return FC_OK;
}

static int find_versions(struct symbols *symbols, struct fc__error *err) {
    const struct fc__elf *elf = &symbols->image->elf;
    struct part verdef;
    if (elf->versym_address == 0) {
        return FC_OK;
    }
    int result = locate(symbols->image, "DT_VERSYM", elf->versym_address, &symbols->versym, err);
    if (result != FC_OK) {
        return result;
    }
    if (symbols->count > symbols->versym.room / 2) {
        return short_error("DT_VERSYM", symbols->count * 2, symbols->versym, err);
    }
    if (elf->verdef_address == 0) {
        return FC_OK;
    }
    if (elf->verdef_count > FC__ELF_VERSIONS_MAX) {
        return fc__error_set(err, FC_EFORMAT,
                             "DT_VERDEFNUM: %" PRIu64 " version definitions, but symbols can tell only %u apart"
                             " (dynamic section at offset 0x%" PRIx64 ")",
                             elf->verdef_count, FC__ELF_VERSIONS_MAX, elf->dynamic);
    }
    result = locate(symbols->image, "DT_VERDEF", elf->verdef_address, &verdef, err);
    if (result == FC_OK) {
        result = walk_versions(symbols, verdef, err);
    }
    if (result != FC_OK || symbols->version_count == 0) {
        return result;
    }
    symbols->versions = calloc(symbols->version_count, sizeof *symbols->versions);
    if (symbols->versions == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory for %zu symbol versions", symbols->version_count);
    }
    return walk_versions(symbols, verdef, err);
}

static enum fc_export_type type_of(unsigned type) {
    switch (type) {
    case STT_FUNC:
    case STT_GNU_IFUNC:
        return FC_EXPORT_FUNCTION;
    case STT_OBJECT:
    case STT_COMMON:
        return FC_EXPORT_DATA;
    case STT_TLS:
        return FC_EXPORT_TLS;
    default:
        return FC_EXPORT_OTHER;
    }
}

static bool is_exported(const struct fc_image *image, uint64_t symbol) {
    unsigned info = (unsigned)fc__elf_get(image, symbol, st_info), binding = info >> 4, type = info & 15;
    unsigned visibility = (unsigned)fc__elf_get(image, symbol, st_other) & 3;
    return fc__elf_get(image, symbol, st_shndx) != SHN_UNDEF &&
           (binding == STB_GLOBAL || binding == STB_WEAK || binding == STB_GNU_UNIQUE) &&
           (visibility == STV_DEFAULT || visibility == STV_PROTECTED) &&
           (type <= STT_FUNC || type == STT_COMMON || type == STT_TLS || type == STT_GNU_IFUNC);
}

/* Reads symbol `index`; *ret_is_exported says whether it is one. */
static int read_symbol(const struct symbols *symbols, uint64_t index, struct fc_export *ret_export,
                       bool *ret_is_exported, struct fc__error *err) {
    const struct fc_image *image = symbols->image;
    uint64_t symbol = symbols->table.offset + index * fc__elf_symbol_size(image);
    *ret_is_exported = false;
    if (!is_exported(image, symbol)) {
        return FC_OK;
    }
    const char *name = fc__elf_string(image, fc__elf_get(image, symbol, st_name));
    if (name == NULL) {
        return fc__error_set(err, FC_EFORMAT,
                             "symbol %" PRIu64 " at offset 0x%" PRIx64 " has a name 0x%" PRIx64
                             " outside the string table",
                             index, symbol, fc__elf_get(image, symbol, st_name));
    }
    *ret_export = (struct fc_export){.name = name,
                                     .type = type_of((unsigned)fc__elf_get(image, symbol, st_info) & 15),
                                     .is_default = true,
                                     .address = fc__elf_get(image, symbol, st_value),
                                     .size_bytes = fc__elf_get(image, symbol, st_size)};
    if (symbols->versym.room > 0) { /* index 0 says local, but glibc finds it all the same */
        unsigned versym = fc__bytes_u16(&image->bytes, symbols->versym.offset + index * 2);
        unsigned version = versym & VERSYM_INDEX;
        if (version >= VER_NDX_FIRST && version < symbols->version_count) {
            ret_export->version = symbols->versions[version];
        }
        ret_export->is_default = (versym & VERSYM_HIDDEN) == 0;
    }
    /* The linker also writes a symbol for each version itself. */
    bool is_version = fc__elf_get(image, symbol, st_shndx) == SHN_ABS && fc__elf_get(image, symbol, st_value) == 0 &&
                      ret_export->version != NULL && strcmp(name, ret_export->version) == 0;
    *ret_is_exported = name[0] != '\0' && !is_version;
    return FC_OK;
}

int fc__elf_visit_exports(const struct fc_image *image, fc_export_visit_fn *visit, void *user_data,
                          struct fc__error *err) {
    struct symbols symbols = {.image = image};
    int result = find_symbols(&symbols, err);
    if (result == FC_OK && symbols.count > 0) {
        result = find_versions(&symbols, err);
    }
    for (uint64_t i = 1; result == FC_OK && i < symbols.count; i++) {
        struct fc_export symbol;
        bool is_export;
        result = read_symbol(&symbols, i, &symbol, &is_export, err);
        if (result == FC_OK && is_export) {
            result = visit(user_data, &symbol);
        }
    }
    free(symbols.versions);
    return result;
}

/* Hash tables leave out what is not exported, and so may say nothing of the table's length: its section does. */
static void count_by_section(const struct fc_image *image, struct symbols *symbols) {
    static const struct fc__elf_field sh_offset = {16, 4, 24, 8}, sh_size = {20, 4, 32, 8};
    const unsigned header = image->elf.is_wide ? 64 : 40;
    for (uint64_t i = 0; i < image->elf.section_count; i++) {
        const uint64_t at = image->elf.sections + i * header;
        const uint64_t offset = fc__elf_get(image, at, sh_offset), size = fc__elf_get(image, at, sh_size);
        if (fc__bytes_u32(&image->bytes, at + 4) == SHT_DYNSYM && fc__range_within(offset, size, image->bytes.len)) {
            symbols->table = (struct part){offset, size};
            symbols->count = size / fc__elf_symbol_size(image);
        }
    }
}

struct imports {
    int (*visit)(void *user_data, const char *name);
    void *user_data;
};

static int visit_copied(void *data, const struct fc__image_pointer *pointer) {
    const struct imports *imports = data;
    return pointer->copied != NULL ? imports->visit(imports->user_data, pointer->copied) : FC_OK;
}

int fc__elf_visit_imports(const struct fc_image *image, int (*visit)(void *user_data, const char *name),
                          void *user_data, struct fc__error *err) {
    struct symbols symbols = {.image = image};
    int result = find_symbols(&symbols, err);
    count_by_section(image, &symbols);
    for (uint64_t i = 1; result == FC_OK && i < symbols.count; i++) {
        const uint64_t symbol = symbols.table.offset + i * fc__elf_symbol_size(image);
        const char *name = fc__elf_string(image, fc__elf_get(image, symbol, st_name));
        if (fc__elf_get(image, symbol, st_shndx) == SHN_UNDEF && name != NULL && name[0] != '\0') {
            result = visit(user_data, name);
        }
    }
    /* A program defines the variables of libraries that it uses: with a copy. */
    struct imports imports = {visit, user_data};
    return result == FC_OK ? fc__elf_visit_pointers(image, visit_copied, &imports, err) : result;
}
