#include "base/unicode.h"

#include <string.h>

const char *fc__unicode_name(unsigned unit_bytes) {
    return unit_bytes == 1 ? "UTF-8" : unit_bytes == 2 ? "UTF-16" : "UTF-32";
}

uint32_t fc__unicode_unit(const void *text, unsigned unit_bytes, uint64_t index) {
    uint32_t unit = 0;
    memcpy(&unit, (const unsigned char *)text + index * unit_bytes, unit_bytes); /* little-endian, as all targets are */
    return unit;
}

/* Unicode 15, table 3-7, and surrogates as three bytes. */
static bool get_utf8(const void *text, uint64_t count, uint64_t *inout_at, uint32_t *ret_character) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint64_t at = *inout_at;
    const uint32_t first = fc__unicode_unit(text, 1, at);
    const unsigned units = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (units == 0 || first >= 0xf8 || units > count - at) {
        return false;
    }
    uint32_t character = units == 1 ? first : first & (0x7fu >> units);
    for (unsigned i = 1; i < units; i++) {
        const uint32_t unit = fc__unicode_unit(text, 1, at + i);
        if ((unit & 0xc0) != 0x80) {
            return false;
        }
        character = character << 6 | (unit & 0x3f);
    }
    if (character < least[units] || character > FC__UNICODE_LAST) {
        return false;
    }
    *inout_at = at + units;
    *ret_character = character;
    return true;
}

bool fc__unicode_get(const void *text, unsigned unit_bytes, uint64_t count, uint64_t *inout_at,
                     uint32_t *ret_character) {
    if (unit_bytes == 1) {
        return get_utf8(text, count, inout_at, ret_character);
    }
    uint32_t character = fc__unicode_unit(text, unit_bytes, (*inout_at)++);
    if (unit_bytes == 2 && character >> 10 == 0xd800 >> 10 && *inout_at < count) {
        const uint32_t low = fc__unicode_unit(text, unit_bytes, *inout_at);
        if (low >> 10 == 0xdc00 >> 10) {
            character = 0x10000 + ((character & 0x3ff) << 10 | (low & 0x3ff));
            (*inout_at)++;
        }
    }
    *ret_character = character;
    return true;
}

unsigned fc__unicode_put(uint32_t character, unsigned unit_bytes, uint32_t ret_units[FC__UNICODE_UNITS_MAX]) {
    const bool is_one = unit_bytes == 4 || character < 0x80 || (unit_bytes == 2 && character < 0x10000);
    ret_units[0] = character;
    if (is_one || character > FC__UNICODE_LAST) {
        return is_one;
    }
    if (unit_bytes == 2) {
        ret_units[0] = 0xd800 | (character - 0x10000) >> 10;
        ret_units[1] = 0xdc00 | (character & 0x3ff);
        return 2;
    }
    const unsigned units = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (unsigned i = units - 1; i > 0; i--) {
        ret_units[i] = 0x80 | (character & 0x3f);
        character >>= 6;
    }
    ret_units[0] = (0xf00u >> units & 0xff) | character;
    return units;
}
