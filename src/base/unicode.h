/* base: characters in UTF-8, UTF-16 and UTF-32, told apart by how many bytes a unit has: 1, 2 or 4. A half of a
 * surrogate pair that stands alone is a character here, since names of files on Windows have them; in UTF-8 it takes
 * three bytes.
 * Threads: pure.
 * Does not: know other character sets, or normalise. */
#ifndef FC_BASE_UNICODE_H
#define FC_BASE_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

enum { FC__UNICODE_LAST = 0x10ffff, FC__UNICODE_UNITS_MAX = 4 };

/* "UTF-8" */
const char *fc__unicode_name(unsigned unit_bytes);
/* One unit. */
uint32_t fc__unicode_unit(const void *text, unsigned unit_bytes, uint64_t index);
/* The character at *inout_at, of `count` units, which are more; moves behind it. False, and moves nowhere, if none
 * begins there: only in UTF-8. One of UTF-32 may be beyond the last. */
bool fc__unicode_get(const void *text, unsigned unit_bytes, uint64_t count, uint64_t *inout_at,
                     uint32_t *ret_character);
/* How many units it is, which go to `ret_units`; 0: there is no such character in UTF-8 or UTF-16. */
unsigned fc__unicode_put(uint32_t character, unsigned unit_bytes, uint32_t ret_units[FC__UNICODE_UNITS_MAX]);

#endif
