/* abi: formats of printf, C11 7.21.6.1, with what POSIX and the GNU C library add. */
#include "abi/format.h"

#include <string.h>

/* -- kinds of arguments -------------------------------------------------------------------------------------------- */

#define SCALAR(name, scalar_)                                                                                          \
    static const struct fc__type name = {.kind = FC__TYPE_SCALAR, .scalar = FC__SCALAR_##scalar_}
SCALAR(of_int, INT);
SCALAR(of_uint, UINT);
SCALAR(of_long, LONG);
SCALAR(of_ulong, ULONG);
SCALAR(of_llong, LLONG);
SCALAR(of_ullong, ULLONG);
SCALAR(of_i64, I64);
SCALAR(of_u64, U64);
SCALAR(of_ssize, SSIZE);
SCALAR(of_size, SIZE);
SCALAR(of_ptrdiff, PTRDIFF);
SCALAR(of_uintptr, UINTPTR);
SCALAR(of_double, DOUBLE);
SCALAR(of_ldouble, LDOUBLE);
SCALAR(of_schar, SCHAR);
SCALAR(of_short, SHORT);
static const struct fc__type of_char = {.kind = FC__TYPE_SCALAR, .scalar = FC__SCALAR_CHAR, .is_const = true};
static const struct fc__type of_wide = {.kind = FC__TYPE_SCALAR, .scalar = FC__SCALAR_WCHAR, .is_const = true};
static const struct fc__type of_void = {.kind = FC__TYPE_VOID};

#define POINTER(name, to_) static const struct fc__type name = {.kind = FC__TYPE_POINTER, .to = &(to_), .depth = 1}
POINTER(to_char, of_char);
POINTER(to_wide, of_wide);
POINTER(to_void, of_void);
POINTER(to_schar, of_schar);
POINTER(to_short, of_short);
POINTER(to_int, of_int);
POINTER(to_long, of_long);
POINTER(to_llong, of_llong);
POINTER(to_i64, of_i64);
POINTER(to_ssize, of_ssize);
POINTER(to_ptrdiff, of_ptrdiff);

#define STRING                                                                                                         \
    { .direction = FC__DIRECTION_IN, .extent = FC__EXTENT_STRING, .is_optional = true }
#define OUTPUT                                                                                                         \
    { .direction = FC__DIRECTION_OUT, .extent = FC__EXTENT_ONE }

static const struct {
    char letter;
    struct fc__param param;
} kinds[] = {
    {'i', {.type = &of_int}},
    {'u', {.type = &of_uint}},
    {'l', {.type = &of_long}},
    {'m', {.type = &of_ulong}},
    {'q', {.type = &of_llong}},
    {'r', {.type = &of_ullong}},
    {'j', {.type = &of_i64}},
    {'k', {.type = &of_u64}},
    {'y', {.type = &of_ssize}},
    {'z', {.type = &of_size}},
    {'t', {.type = &of_ptrdiff}},
    {'v', {.type = &of_uintptr}},
    {'d', {.type = &of_double}},
    {'D', {.type = &of_ldouble}},
    {'s', {.type = &to_char, .annotation = STRING}},
    {'S', {.type = &to_wide, .annotation = STRING}},
    {'p', {.type = &to_void, .annotation = {.is_opaque = true}}},
    {'1', {.type = &to_schar, .annotation = OUTPUT}},
    {'2', {.type = &to_short, .annotation = OUTPUT}},
    {'3', {.type = &to_int, .annotation = OUTPUT}},
    {'4', {.type = &to_long, .annotation = OUTPUT}},
    {'5', {.type = &to_llong, .annotation = OUTPUT}},
    {'6', {.type = &to_i64, .annotation = OUTPUT}},
    {'7', {.type = &to_ssize, .annotation = OUTPUT}},
    {'8', {.type = &to_ptrdiff, .annotation = OUTPUT}},
};

const char fc__format_kinds[] = "iulmqrjkyztvdDsSp";

const struct fc__param *fc__format_kind(char letter) {
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].letter == letter) {
            return &kinds[i].param;
        }
    }
    return NULL;
}

/* -- reading ------------------------------------------------------------------------------------------------------- */

enum length { LENGTH_NONE, LENGTH_HH, LENGTH_H, LENGTH_L, LENGTH_LL, LENGTH_J, LENGTH_Z, LENGTH_T, LENGTH_COUNT };

struct reader {
    const char *at;
    const char *start; /* of the conversion, its '%' */
    const char *own, *function;
    enum fc__format_for whose;
    uint32_t number; /* of the conversion, from 1 */
    bool has_limit, passes_limit, is_characters;
    uint64_t limit;
    enum length length;
    struct fc__format *format;
    struct fc__error *err;
};

static int refuse(const struct reader *r, const char *why) {
    enum { SHOWN_MAX = 20 };
    size_t len = (size_t)(r->at - r->start) + (*r->at != '\0');
    return fc__error_set(r->err, FC_EINVAL, "conversion %u of the format of %s, `%.*s`, %s; %s", r->number, r->function,
                         (int)(len < SHOWN_MAX ? len : SHOWN_MAX), r->start, why,
                         r->whose == FC__FORMAT_FOR_CALLEE ? "nothing was sent" : "the function was not called");
}

static int take(struct reader *r, char kind) {
    struct fc__format *format = r->format;
    if (format->fixed_count + format->count >= FC__FRAME_ARGUMENTS_MAX) {
        return refuse(r, "is of an argument too many");
    }
    format->kinds[format->count++] = kind;
    format->kinds[format->count] = '\0';
    return FC_OK;
}

/* A width or a precision: digits, or an argument. */
static int read_number(struct reader *r, bool *ret_is_passed, uint64_t *ret_number) {
    enum { LARGEST = 0x7fffffff };
    *ret_number = 0;
    *ret_is_passed = *r->at == '*';
    if (*ret_is_passed) {
        r->at++;
        return take(r, 'i');
    }
    for (; *r->at >= '0' && *r->at <= '9'; r->at++) {
        *ret_number = *ret_number * 10 + (uint64_t)(*r->at - '0');
        if (*ret_number > LARGEST) {
            return refuse(r, "has a number that is too large");
        }
    }
    return FC_OK;
}

/* The library's own letter as the one of printf that takes the same. */
static char common(const struct reader *r, char letter) {
    for (const char *pair = r->own; pair != NULL && letter != '\0' && *pair != '\0'; pair += 2) {
        if (*pair == letter) {
            return pair[1];
        }
    }
    return letter;
}

static enum length read_length(struct reader *r) {
    const char first = *r->at;
    const bool is_double = (first == 'h' || first == 'l') && r->at[1] == first;
    static const struct {
        char letter;
        enum length one, two;
    } rows[] = {{'h', LENGTH_H, LENGTH_HH},  {'l', LENGTH_L, LENGTH_LL}, {'q', LENGTH_LL, LENGTH_LL},
                {'L', LENGTH_LL, LENGTH_LL}, {'j', LENGTH_J, LENGTH_J},  {'z', LENGTH_Z, LENGTH_Z},
                {'Z', LENGTH_Z, LENGTH_Z},   {'t', LENGTH_T, LENGTH_T}};
    for (size_t i = 0; first != '\0' && i < sizeof rows / sizeof rows[0]; i++) {
        /* A letter that the library uses for a conversion of its own is that. */
        if (rows[i].letter == first && common(r, first) == first) {
            r->at += is_double ? 2 : 1;
            return is_double ? rows[i].two : rows[i].one;
        }
    }
    return LENGTH_NONE;
}

static int take_string(struct reader *r, bool is_wide) {
    struct fc__format *format = r->format;
    int rc = take(r, is_wide ? 'S' : 's');
    if (rc == FC_OK && r->has_limit) {
        format->cuts[format->cut_count++] = (struct fc__format_cut){
            .index = (uint8_t)(format->fixed_count + format->count - 1),
            .is_passed = r->passes_limit,
            .is_wide = is_wide,
            .is_characters = r->is_characters && !is_wide,
            .limit = r->limit,
        };
    }
    return rc;
}

static int read_letter(struct reader *r) {
    static const char signed_kinds[LENGTH_COUNT + 1] = "iiilqjyt", unsigned_kinds[LENGTH_COUNT + 1] = "uuumrkzv",
                                                  output_kinds[LENGTH_COUNT + 1] = "31245678";
    const char letter = common(r, *r->at);
    switch (letter) {
    case 'd':
    case 'i':
        return take(r, signed_kinds[r->length]);
    case 'o':
    case 'u':
    case 'x':
    case 'X':
    case 'b':
    case 'B':
        return take(r, unsigned_kinds[r->length]);
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        return r->length == LENGTH_NONE || r->length == LENGTH_L ? take(r, 'd')
               : r->length == LENGTH_LL                          ? take(r, 'D')
                                        : refuse(r, "has a length that is none of numbers with a point");
    case 'c':
        return take(r, r->length == LENGTH_L ? 'u' : 'i');
    case 'C':
        return take(r, 'u');
    case 's':
        return take_string(r, r->length == LENGTH_L);
    case 'S':
        return take_string(r, true);
    case 'p':
        return take(r, 'p');
    case 'n':
        return r->whose == FC__FORMAT_FOR_CALLEE
                   ? take(r, output_kinds[r->length])
                   : refuse(r, "has the function write to where the library says, which is not supported");
    case '%':
        return FC_OK;
    case '\0':
        return refuse(r, "is cut off by the end of the format");
    case '$':
        return refuse(r, "names its argument by a number, which is not supported");
    case 'm':
        return r->whose == FC__FORMAT_FOR_CALLEE
                   ? refuse(r, "is about the caller's errno, which a library in another process does not see")
                   : FC_OK;
    default:
        return refuse(r, "is unknown; _Fc_conversions_ declares those that a library adds to printf's");
    }
}

static int read_conversion(struct reader *r) {
    bool is_passed;
    uint64_t number;
    r->start = r->at++;
    r->number++;
    r->has_limit = r->passes_limit = r->is_characters = false;
    while (*r->at != '\0' && strchr(r->own != NULL ? "-+ #0'I!," : "-+ #0'I", *r->at) != NULL) {
        r->is_characters = r->is_characters || *r->at == '!';
        r->at++;
    }
    int rc = read_number(r, &is_passed, &number);
    if (rc == FC_OK && *r->at == '.') {
        r->at++;
        r->has_limit = true;
        rc = read_number(r, &r->passes_limit, &r->limit);
    }
    if (rc != FC_OK) {
        return rc;
    }
    r->length = read_length(r);
    rc = read_letter(r);
    r->at += rc == FC_OK;
    return rc;
}

int fc__format_read(const char *format, const char *own, const char *function, uint32_t fixed_count,
                    enum fc__format_for whose, struct fc__format *ret_format, struct fc__error *err) {
    struct reader r = {
        .at = format, .own = own, .function = function, .whose = whose, .format = ret_format, .err = err};
    ret_format->fixed_count = fixed_count;
    ret_format->count = ret_format->cut_count = 0;
    ret_format->kinds[0] = '\0';
    int rc = FC_OK;
    while (rc == FC_OK && (r.at = strchr(r.at, '%')) != NULL) {
        rc = read_conversion(&r);
    }
    return rc;
}
