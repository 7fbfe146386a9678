/* What fc__decl_parse refuses, and the whole text of the error. */
#ifndef FC_TESTS_DECL_REFUSE_H
#define FC_TESTS_DECL_REFUSE_H

#include "harness.h"

#include "decl_text.h"

static inline void refuse_bytes(const char *source, size_t len, int code, const char *text) {
    struct fc__unit unit;
    struct fc__error err;
    char *exact = malloc(len + (len == 0)); /* so that a read past the end is seen */
    assert_non_null(exact);
    memcpy(exact, source, len);
    memset(&unit, 0x55, sizeof unit);
    struct fc__unit untouched = unit;
    int error = fc__decl_parse(exact, len, "test", &unit, &err);
    free(exact);
    assert_int_not_equal(error, FC_OK);
    assert_string_equal(err.text, text);
    assert_int_equal(error, code);
    assert_int_equal(err.code, code);
    assert_memory_equal(&unit, &untouched, sizeof unit);
}

static inline void refuse(const char *source, int code, const char *text) {
    refuse_bytes(source, strlen(source), code, text);
}

/* One line of source, the column of the error, and its message. */
struct row {
    const char *source;
    unsigned column;
    const char *message;
};

static inline void refuse_rows(const struct row *rows, size_t count, int code) {
    for (size_t i = 0; i < count; i++) {
        char text[1000];
        snprintf(text, sizeof text, "test:1:%u: %s\n%s\n%*s^", rows[i].column, rows[i].message, rows[i].source,
                 (int)rows[i].column - 1, "");
        refuse(rows[i].source, code, text);
    }
}

#define REFUSE(code, ...)                                                                                              \
    do {                                                                                                               \
        static const struct row rows[] = {__VA_ARGS__};                                                                \
        refuse_rows(rows, sizeof rows / sizeof rows[0], code);                                                         \
    } while (0)

/* The first line of the error; the text is long. */
static inline void refuse_long(const char *before, const char *part, size_t count, const char *behind,
                               const char *line) {
    struct fc__unit unit;
    struct fc__error err;
    char *source = decl_repeat(before, part, count, behind);
    assert_int_equal(fc__decl_parse(source, strlen(source), "test", &unit, &err), FC_EPARSE);
    free(source);
    assert_non_null(strchr(err.text, '\n'));
    *strchr(err.text, '\n') = '\0';
    assert_string_equal(err.text, line);
}

#endif
