/* image: what import libraries import: short objects, which are one header and two names, and the long ones of dlltool,
 * where an object of each import leads by a symbol to another object that has the library's name.
 * Sources: Microsoft's "PE Format", import library format; binutils' dlltool.c. */
#include "image/archive.h"

#include <stdlib.h>

enum { SHORT_LEN = 20, COFF_LEN = 20, SECTION_LEN = 40, SYMBOL_LEN = 18, NAME_MAX_LEN = 4096, SHORT_NAME = 8 };
enum { BY_ORDINAL, BY_NAME, WITHOUT_PREFIX, UNDECORATED, EXPORT_AS };

struct text {
    const char *at;
    size_t len;
};

/* -- Short objects ------------------------------------------------------------------------------------------------ */

/* The name in the library: the symbol's, without the decoration that the object says to take off. */
static const char *imported_name(const char *symbol, unsigned way, const char *export_as, char buffer[NAME_MAX_LEN]) {
    if (way == BY_ORDINAL || way == EXPORT_AS) {
        return way == EXPORT_AS ? export_as : NULL;
    }
    if (way >= WITHOUT_PREFIX && (*symbol == '?' || *symbol == '@' || *symbol == '_')) {
        symbol++;
    }
    const char *at = way == UNDECORATED ? strchr(symbol, '@') : NULL;
    if (at == NULL) {
        return symbol;
    }
    memcpy(buffer, symbol, (size_t)(at - symbol)); /* fc__bytes_string's limit is the buffer's */
    buffer[at - symbol] = '\0';
    return buffer;
}

static int visit_short(const struct fc__bytes *bytes, fc_import_visit_fn *visit, void *user_data,
                       struct fc__error *err) {
    char buffer[NAME_MAX_LEN];
    unsigned way = fc__bytes_u16(bytes, 18) >> 2 & 7;
    const char *symbol = fc__bytes_string(bytes, SHORT_LEN, NAME_MAX_LEN);
    uint64_t at = SHORT_LEN + (symbol != NULL ? strlen(symbol) + 1 : 0);
    const char *library = fc__bytes_string(bytes, at, NAME_MAX_LEN), *export_as = NULL;
    if (library != NULL && way == EXPORT_AS) {
        export_as = fc__bytes_string(bytes, at + strlen(library) + 1, NAME_MAX_LEN);
    }
    if (symbol == NULL || library == NULL || way > EXPORT_AS || (way == EXPORT_AS && export_as == NULL)) {
        return fc__error_set(err, FC_EFORMAT, "COFF import: its names are not those of an import object");
    }
    struct fc_import import = {.library = library, .name = imported_name(symbol, way, export_as, buffer)};
    import.ordinal = import.name == NULL ? fc__bytes_u16(bytes, 16) : 0;
    return visit(user_data, &import);
}

/* -- Long objects ------------------------------------------------------------------------------------------------- */

/* The bytes of a section; false if it is not there or empty. */
static bool find_section(const struct fc__bytes *bytes, const char name[SHORT_NAME + 1], uint64_t *ret_at,
                         uint64_t *ret_len) {
    uint16_t count = fc__bytes_u16(bytes, 2);
    for (uint64_t i = 0, at = COFF_LEN; i < count && fc__bytes_has(bytes, at, SECTION_LEN); i++, at += SECTION_LEN) {
        if (fc__bytes_match(bytes, at, name, SHORT_NAME)) {
            *ret_len = fc__bytes_u32(bytes, at + 16);
            *ret_at = fc__bytes_u32(bytes, at + 20);
            return *ret_len > 0 && fc__bytes_has(bytes, *ret_at, *ret_len);
        }
    }
    return false;
}

/* The string that a section begins with, after `skip` bytes; NULL if it is empty or goes on past the section. */
static const char *section_string(const struct fc__bytes *bytes, const char *name, uint64_t skip) {
    uint64_t at, len;
    if (!find_section(bytes, name, &at, &len) || len <= skip) {
        return NULL;
    }
    const char *text = fc__bytes_string(bytes, at + skip, len - skip);
    return text != NULL && *text != '\0' ? text : NULL;
}

static struct text symbol_name(const struct fc__bytes *bytes, uint64_t symbol, uint64_t strings) {
    struct text name = {(const char *)bytes->data + (size_t)symbol, 0};
    if (fc__bytes_u32(bytes, symbol) != 0) {
        name.len = strnlen(name.at, SHORT_NAME);
        return name;
    }
    const char *text = fc__bytes_string(bytes, strings + fc__bytes_u32(bytes, symbol + 4), NAME_MAX_LEN);
    return text != NULL ? (struct text){text, strlen(text)} : name;
}

static struct text without_underscores(struct text text) {
    while (text.len > 0 && *text.at == '_') {
        text.at++;
        text.len--;
    }
    return text;
}

/* What the objects of one library have in common: X of `_head_X`, which imports want, and of `X_iname`, which is
 * defined where the library's name is. Empty if the object has no such symbol. */
static struct text stem_of(const struct fc__bytes *bytes, bool is_import) {
    static const char head[] = "head_", tail[] = "_iname";
    uint64_t symbols = fc__bytes_u32(bytes, 8), count = fc__bytes_u32(bytes, 12),
             strings = symbols + count * SYMBOL_LEN;
    for (uint64_t i = 0; i < count && fc__bytes_has(bytes, symbols + i * SYMBOL_LEN, SYMBOL_LEN); i++) {
        struct text name = without_underscores(symbol_name(bytes, symbols + i * SYMBOL_LEN, strings));
        if (is_import && name.len > sizeof head - 1 && memcmp(name.at, head, sizeof head - 1) == 0) {
            return without_underscores((struct text){name.at + sizeof head - 1, name.len - (sizeof head - 1)});
        }
        if (!is_import && name.len > sizeof tail - 1 &&
            memcmp(name.at + name.len - (sizeof tail - 1), tail, sizeof tail - 1) == 0) {
            return (struct text){name.at, name.len - (sizeof tail - 1)};
        }
    }
    return (struct text){NULL, 0};
}

/* The library that the last import led to: imports of one library follow each other, so it is rarely looked for. */
struct found {
    struct text stem;
    const char *library; /* NULL if no object has its name */
    uint64_t searched;
};

static const char *find_library(const struct fc_image *image, struct text stem, struct found *found) {
    struct fc__walk walk;
    struct fc_member member;
    struct fc__error err;
    bool is_end = false;
    if (stem.len == found->stem.len && memcmp(stem.at, found->stem.at, stem.len) == 0) {
        return found->library;
    }
    *found = (struct found){stem, NULL, found->searched};
    fc__walk_begin(image, &walk);
    while (found->searched + walk.at < FC__SEARCHED_MAX && fc__walk_next(&walk, &member, &is_end, &err) == FC_OK &&
           !is_end) {
        struct fc__bytes bytes = {.data = member.data, .len = member.len};
        const char *library = section_string(&bytes, ".idata$7", 0);
        struct text other = library != NULL ? stem_of(&bytes, false) : (struct text){NULL, 0};
        if (other.len == stem.len && memcmp(other.at, stem.at, stem.len) == 0) {
            found->library = library;
            break;
        }
    }
    found->searched += walk.at;
    return found->library;
}

static int visit_long(const struct fc_image *image, const struct fc__bytes *bytes, struct found *found,
                      fc_import_visit_fn *visit, void *user_data) {
    struct fc_import import = {.name = section_string(bytes, ".idata$6", 2)}; /* after a hint of two bytes */
    uint64_t at, len;
    if (import.name == NULL && find_section(bytes, ".idata$5", &at, &len) && len <= 8) {
        uint64_t entry = fc__bytes_number(bytes, at, (unsigned)len);
        import.ordinal = entry >> (len * 8 - 1) != 0 ? (uint32_t)(entry & 0xffff) : 0;
    }
    struct text stem = import.name != NULL || import.ordinal != 0 ? stem_of(bytes, true) : (struct text){NULL, 0};
    import.library = stem.len > 0 ? find_library(image, stem, found) : NULL;
    return import.library != NULL ? visit(user_data, &import) : (int)FC_OK;
}

int fc__archive_visit_imports(const struct fc_image *image, fc_import_visit_fn *visit, void *user_data,
                              struct fc__error *err) {
    struct fc__walk walk;
    struct fc_member member;
    struct found found = {{NULL, 0}, NULL, 0};
    bool is_end = false;
    int result = FC_OK;
    if (image->format == FC_FORMAT_COFF_IMPORT) {
        return visit_short(&image->bytes, visit, user_data, err);
    }
    fc__walk_begin(image, &walk);
    while (result == FC_OK && !is_end) {
        result = fc__walk_next(&walk, &member, &is_end, err);
        if (result != FC_OK || is_end) {
            break;
        }
        struct fc_image inner = {.bytes = {.data = member.data, .len = member.len}};
        fc__recognise(&inner);
        if (inner.format == FC_FORMAT_COFF_IMPORT) {
            result = visit_short(&inner.bytes, visit, user_data, err);
        } else if (inner.format == FC_FORMAT_COFF) {
            result = visit_long(image, &inner.bytes, &found, visit, user_data);
        }
    }
    return result;
}
