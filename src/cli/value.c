#include "cli/value.h"

#include "base/unicode.h"
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* -- reading ------------------------------------------------------------------------------------------------------- */

static const char *described(const struct fc_function *function, size_t index, char *buffer, size_t size) {
    const char *name = fc_parameter_name(function, index);
    snprintf(buffer, size, name[0] != '\0' ? "argument %zu (%s)" : "argument %zu", index + 1, name);
    return buffer;
}

static bool read_signed(const char *text, size_t size, uint64_t *ret_value) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 0);
    long long most = size >= 8 ? INT64_MAX : (1LL << (size * 8 - 1)) - 1;
    *ret_value = (uint64_t)value;
    return errno == 0 && end != text && *end == '\0' && value <= most && value >= -most - 1;
}

static bool read_unsigned(const char *text, size_t size, uint64_t *ret_value) {
    char *end;
    errno = 0;
    while (isspace((unsigned char)*text)) {
        text++;
    }
    unsigned long long value = *text == '-' ? 0 : strtoull(text, &end, 0);
    uint64_t most = size >= 8 ? UINT64_MAX : (UINT64_C(1) << (size * 8)) - 1;
    *ret_value = value;
    return *text != '-' && errno == 0 && end != text && *end == '\0' && value <= most;
}

static bool read_float(const char *text, size_t size, uint64_t *ret_value) {
    char *end;
    double value = strtod(text, &end);
    float narrow = (float)value;
    *ret_value = 0;
    memcpy(ret_value, size == 4 ? (const void *)&narrow : &value, size == 4 ? sizeof narrow : sizeof value);
    return end != text && *end == '\0';
}

static bool read_bool(const char *text, uint64_t *ret_value) {
    *ret_value = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
    return *ret_value != 0 || strcmp(text, "0") == 0 || strcmp(text, "false") == 0;
}

/* A single character stands for itself, unless it is a digit: 5 is 5, 'a' and a are 97. */
static bool read_char(const char *text, size_t size, uint64_t *ret_value) {
    size_t len = strlen(text);
    if (len == 3 && text[0] == '\'' && text[2] == '\'') {
        *ret_value = (unsigned char)text[1];
        return true;
    }
    if (len == 1 && !isdigit((unsigned char)text[0])) {
        *ret_value = (unsigned char)text[0];
        return true;
    }
    return read_signed(text, size, ret_value) || read_unsigned(text, size, ret_value);
}

static bool read_scalar(enum fc_class class, size_t size, const char *text, uint64_t *ret_value) {
    switch (class) {
    case FC_CLASS_BOOL:
        return read_bool(text, ret_value);
    case FC_CLASS_CHAR:
        return read_char(text, size, ret_value);
    case FC_CLASS_SIGNED:
        return read_signed(text, size, ret_value);
    case FC_CLASS_FLOAT:
        return read_float(text, size, ret_value);
    case FC_CLASS_POINTER:
    case FC_CLASS_CALLBACK:
        *ret_value = 0;
        return strcmp(text, "NULL") == 0 || read_unsigned(text, size, ret_value);
    default:
        return read_unsigned(text, size, ret_value);
    }
}

static const char *expected(enum fc_class class, size_t size, char *buffer, size_t buffer_size) {
    switch (class) {
    case FC_CLASS_BOOL:
        return "0, 1, true or false";
    case FC_CLASS_FLOAT:
        return "a number";
    case FC_CLASS_POINTER:
    case FC_CLASS_CALLBACK:
        return "NULL or an address";
    case FC_CLASS_CHAR:
        return "a character or its number";
    default:
        snprintf(buffer, buffer_size, "%s integer of %zu bits", class == FC_CLASS_SIGNED ? "a signed" : "an unsigned",
                 size * 8);
        return buffer;
    }
}

static int not_a_value(const struct fc_function *function, size_t index, enum fc_class class, size_t size,
                       const char *text) {
    char what[160], wanted[64];
    cli_error("call: %s of %s: '%s' is not %s", described(function, index, what, sizeof what),
              fc_function_name(function), text, expected(class, size, wanted, sizeof wanted));
    return CLI_USAGE;
}

static int copy_bytes(const void *bytes, uint64_t len, struct cli_value *value) {
    value->data = malloc((size_t)len + 1); /* and a NUL, so that strings are strings */
    if (value->data == NULL) {
        cli_error("call: out of memory");
        return CLI_FAILED;
    }
    memcpy(value->data, bytes, (size_t)len);
    ((char *)value->data)[len] = '\0';
    value->data_bytes = len;
    return CLI_OK;
}

static int read_file(const char *path, struct cli_value *value) {
    struct cli_file file;
    int status = cli_file_open(path, &file);
    if (status == CLI_OK) {
        status = copy_bytes(file.data != NULL ? file.data : "", file.len_bytes, value);
        cli_file_close(&file);
    }
    return status;
}

/* Elements separated by commas; none if there is no text. */
static int read_list(const struct fc_function *function, size_t index, const char *text, struct cli_value *value) {
    const enum fc_class class = fc_element_class(function, index);
    const size_t size = fc_element_size(function, index);
    const bool is_array = fc_parameter_has_size(function, index) != 0;
    if (is_array && text[0] == '\0') {
        return copy_bytes("", 0, value);
    }
    size_t count = 1;
    for (const char *at = text; is_array && *at != '\0'; at++) { /* one value may be a comma itself */
        count += *at == ',';
    }
    value->data = calloc(count, size);
    char *copy = strdup(text), *rest = copy;
    int status = value->data != NULL && copy != NULL ? CLI_OK : CLI_FAILED;
    if (status != CLI_OK) {
        cli_error("call: out of memory");
    }
    for (size_t i = 0; i < count && status == CLI_OK; i++) {
        const char *element = is_array ? strsep(&rest, ",") : copy;
        uint64_t number;
        if (!read_scalar(class, size, element, &number)) {
            status = not_a_value(function, index, class, size, element);
        } else {
            memcpy((char *)value->data + i * size, &number, size);
        }
    }
    free(copy);
    value->data_bytes = count * size;
    return status;
}

/* Bytes are given as text, unless it is a pointer to a single one. */
static bool is_bytes(const struct fc_function *function, size_t index) {
    return fc_element_size(function, index) == 1 && fc_element_class(function, index) != FC_CLASS_BOOL &&
           fc_parameter_has_size(function, index) != 0;
}

int cli_value_read(const struct fc_function *function, size_t index, const char *text, struct cli_value *ret_value) {
    const enum fc_class class = fc_parameter_class(function, index);
    const size_t size = fc_parameter_size(function, index);
    struct cli_value value = {0};
    int status = CLI_OK;
    char what[160];
    if (strcmp(text, "_") == 0) {
        value.is_output = true;
        if (!fc_parameter_is_output(function, index)) {
            cli_error("call: %s of %s is no output, so '_' cannot stand for it",
                      described(function, index, what, sizeof what), fc_function_name(function));
            return CLI_USAGE;
        }
    } else if ((class == FC_CLASS_STRING || class == FC_CLASS_BUFFER) && strcmp(text, "NULL") == 0) {
        value.data = NULL;
    } else if (class == FC_CLASS_STRING || class == FC_CLASS_BUFFER) {
        status = text[0] == '@'                                          ? read_file(text + 1, &value)
                 : class == FC_CLASS_STRING || is_bytes(function, index) ? copy_bytes(text, strlen(text), &value)
                                                                         : read_list(function, index, text, &value);
        value.storage = (uintptr_t)value.data;
        if (status == CLI_OK && class == FC_CLASS_STRING && memchr(value.data, 0, (size_t)value.data_bytes) != NULL) {
            cli_error("call: %s of %s is a string, but %s holds a NUL byte",
                      described(function, index, what, sizeof what), fc_function_name(function), text);
            status = CLI_FAILED;
        }
    } else if (!read_scalar(class, size, text, &value.storage)) {
        status = not_a_value(function, index, class, size, text);
    }
    if (status != CLI_OK) {
        cli_value_done(&value);
        return status;
    }
    *ret_value = value;
    return CLI_OK;
}

int cli_value_make_room(const struct fc_function *function, size_t index, size_t count, void *const *arguments,
                        struct cli_value *value) {
    const size_t size = fc_element_size(function, index);
    uint64_t elements = 0, bytes;
    char what[160];
    if (!value->is_output && value->data == NULL) {
        return CLI_OK; /* NULL */
    }
    int rc = fc_parameter_capacity(function, index, count, arguments, &elements);
    if (rc != FC_OK) {
        cli_error("call: %s", fc_error_text());
        return CLI_FAILED;
    }
    value->room = elements;
    if (__builtin_mul_overflow(elements, size, &bytes)) {
        bytes = UINT64_MAX;
    }
    if (bytes <= value->data_bytes && !value->is_output) {
        return CLI_OK;
    }
    if (!fc_parameter_is_output(function, index)) {
        cli_error("call: %s of %s has %" PRIu64 " element%s, but its annotation says that %" PRIu64 " are read",
                  described(function, index, what, sizeof what), fc_function_name(function), value->data_bytes / size,
                  value->data_bytes / size == 1 ? "" : "s", elements);
        return CLI_FAILED;
    }
    char *room = bytes < PTRDIFF_MAX ? calloc(1, (size_t)bytes + 1) : NULL;
    if (room == NULL) {
        cli_error("call: no memory for %s of %s, %" PRIu64 " elements", described(function, index, what, sizeof what),
                  fc_function_name(function), elements);
        return CLI_FAILED;
    }
    if (value->data_bytes > 0) {
        memcpy(room, value->data, (size_t)value->data_bytes);
    }
    free(value->data);
    value->data = room;
    value->data_bytes = bytes;
    value->storage = (uintptr_t)room;
    return CLI_OK;
}

void cli_value_done(struct cli_value *value) {
    free(value->data);
    *value = (struct cli_value){0};
}

/* -- printing ------------------------------------------------------------------------------------------------------ */

static void print_escaped(unsigned char byte, char quote) {
    static const char special[] = "\a\b\f\n\r\t\v", letters[] = "abfnrtv";
    const char *found = byte != 0 ? strchr(special, byte) : NULL;
    if (found != NULL) {
        printf("\\%c", letters[found - special]);
    } else if (byte == (unsigned char)quote || byte == '\\') {
        printf("\\%c", byte);
    } else if (byte >= 0x20 && byte < 0x7f) {
        putchar(byte);
    } else {
        printf("\\%03o", byte); /* three digits always, so that what follows is not taken for one */
    }
}

static void print_string(const unsigned char *bytes, uint64_t len) {
    putchar('"');
    for (uint64_t i = 0; i < len; i++) {
        print_escaped(bytes[i], '"');
    }
    putchar('"');
}

/* What was made of UTF-16: UTF-8, of which halves of surrogate pairs are none, and control characters are not for
 * terminals. */
void cli_value_print_utf8(const char *text, uint64_t most) {
    const uint64_t len = strnlen(text, (size_t)most);
    putchar('"');
    for (uint64_t at = 0, start; at < len;) {
        uint32_t character = 0;
        start = at;
        const bool is_character = fc__unicode_get(text, 1, len, &at, &character);
        at += !is_character;
        if (is_character && character >= 0xa0 && character >> 11 != 0xd800 >> 11) {
            fwrite(text + start, 1, (size_t)(at - start), stdout);
            continue;
        }
        for (uint64_t i = start; i < at; i++) {
            print_escaped((unsigned char)text[i], '"');
        }
    }
    putchar('"');
}

/* The shortest digits that read back as the same value. */
static void print_float(size_t size, const void *data) {
    char text[64];
    double value;
    float narrow = 0;
    if (size == 4) {
        memcpy(&narrow, data, sizeof narrow);
        value = (double)narrow;
    } else {
        memcpy(&value, data, sizeof value);
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (size == 4 ? strtof(text, NULL) == narrow : strtod(text, NULL) == value) {
            break;
        }
    }
    bool is_integral = strspn(text, "-0123456789") == strlen(text);
    printf("%s%s",
           strcmp(text, "inf") == 0      ? "INFINITY"
           : strcmp(text, "-inf") == 0   ? "-INFINITY"
           : strstr(text, "nan") != NULL ? "NAN"
                                         : text,
           is_integral ? ".0" : "");
}

static void print_one(enum fc_class class, size_t size, const void *data) {
    uint64_t value = 0;
    memcpy(&value, data, size <= sizeof value ? size : sizeof value);
    unsigned spare = (unsigned)(64 - size * 8);
    switch (class) {
    case FC_CLASS_BOOL:
        printf("%s", value != 0 ? "true" : "false");
        break;
    case FC_CLASS_CHAR:
        putchar('\'');
        print_escaped((unsigned char)value, '\'');
        putchar('\'');
        break;
    case FC_CLASS_SIGNED:
        printf("%" PRId64, (int64_t)(value << spare) >> spare);
        break;
    case FC_CLASS_FLOAT:
        print_float(size, data);
        break;
    case FC_CLASS_POINTER:
    case FC_CLASS_CALLBACK:
    case FC_CLASS_BUFFER:
    case FC_CLASS_OBJECT:
        if (value == 0) {
            printf("NULL");
        } else {
            printf("(void *)0x%" PRIx64, value);
        }
        break;
    default:
        printf("%" PRIu64, value);
        break;
    }
}

void cli_value_print(enum fc_class class, size_t size, const void *data, uint64_t elements, bool is_array) {
    if (class == FC_CLASS_STRING) {
        const char *string;
        memcpy(&string, data, sizeof string);
        if (string == NULL) {
            printf("NULL");
        } else {
            print_string((const unsigned char *)string, strlen(string));
        }
    } else if (!is_array) {
        print_one(class, size, data);
    } else if (size == 1 && class != FC_CLASS_BOOL) {
        print_string(data, elements);
    } else {
        putchar('{');
        for (uint64_t i = 0; i < elements; i++) {
            printf("%s", i == 0 ? "" : ", ");
            print_one(class, size, (const char *)data + i * size);
        }
        putchar('}');
    }
}
