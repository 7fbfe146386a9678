/* Conformance: functions of the caller's that are told what a format says. */
#define CONFORMANCE_TEST "formats"
#include "conformance/cases.h"

#include "conformance/formats.h"

#include <stdio.h>

static char told[1000];

static int tell(void *user, const char *format, ...) {
    va_list list;
    SEE(user == told);
    SEE(format);
    va_start(list, format);
    const int len = vsnprintf(told, sizeof told, format, list);
    va_end(list);
    SEE(told);
    return len;
}

static long tell_a_list(double before, void *user, const char *format, va_list list) {
    SEE(before);
    SEE(user == told);
    SEE(format);
    const int len = vsnprintf(told, sizeof told, format, list);
    SEE(told);
    return len;
}

CASE(format_of_integers_tells_a_callback) {
    SEE(CALL(tell_integers, tell, told, any_int(), (unsigned)any_int(), (long)any_int(), (long long)any_bits(),
             (size_t)any_of(0, 1 << 30)));
}
CASE(format_of_small_integers_tells_a_callback) {
    SEE(CALL(tell_small, tell, told, (signed char)any_of(-128, 127), (unsigned short)any_of(0, 65535), any_bool(),
             (char)any_of('a', 'z')));
}
CASE(format_of_reals_tells_a_callback) {
    SEE(CALL(tell_reals, tell, told, any_int() / 8.0, (float)any_of(-1000, 1000) / 4, any_of(-100000, 100000) / 2.0L,
             any_of(-20, 20), any_of(-1, 9)));
}
CASE(format_of_strings_tells_a_callback) {
    SEE(CALL(tell_texts, tell, told, any_of(0, 9) == 0 ? NULL : any_text(40), any_of(-1, 50)));
}
CASE(format_of_strings_without_end_tells_a_callback) {
    const int size = any_of(1, 60);
    char *text = SCRATCH(char, size);
    memset(text, any_of('a', 'z'), (size_t)size);
    SEE(CALL(tell_unended, tell, told, text, size));
}
CASE(format_of_wide_strings_tells_a_callback) {
    const int length = any_of(1, 30);
    wchar_t *text = SCRATCH(wchar_t, length + 1);
    for (int i = 0; i < length; i++) {
        text[i] = (wchar_t)any_of('a', 'z');
    }
    text[length] = L'\0';
    SEE(CALL(tell_wide, tell, told, text, any_of(-1, 40)));
}
CASE(format_of_pointers_tells_a_callback) {
    SEE(CALL(tell_pointers, tell, told, any_bool() ? NULL : &told[any_of(0, 99)]));
}
CASE(format_of_many_arguments_tells_a_callback) {
    SEE(CALL(tell_many, tell, told, any_int()));
}
CASE(format_of_nothing_tells_a_callback) {
    SEE(CALL(tell_nothing, tell, told));
}

CASE(format_with_a_list_tells_a_callback) {
    SEE(CALL(tell_list, tell_a_list, told, any_of(0, 3), any_int(), any_int() / 2.0, (long)any_int(),
             any_of(-9999, 9999) / 4.0L, any_text(20)));
}
CASE(format_with_a_list_tells_a_callback_twice) {
    SEE(CALL(tell_list_twice, tell_a_list, told, (long long)any_bits()));
}
CASE(formats_tell_callbacks_in_a_struct) {
    const struct told members = {tell, tell_a_list, told};
    SEE(CALL(tell_members, &members, any_int(), any_text(30)));
}
CASE(format_tells_a_callback_that_is_kept) {
    CALL_VOID(keep_teller, tell, told);
    SEE(CALL(tell_kept, any_of(0, 4)));
}

static int tell_letters(void *user, const char *format, ...) {
    va_list list;
    SEE(user == told);
    SEE(format);
    va_start(list, format);
    const char *text = va_arg(list, const char *);
    SEE(text);
    const int number = va_arg(list, int);
    const char *end = va_arg(list, const char *);
    SEE(end);
    va_end(list);
    return number;
}
CASE(format_with_letters_of_its_own_tells_a_callback) {
    SEE(CALL(tell_own, tell_letters, told, any_text(20), any_int()));
}

/* A callback that is told something calls the library, which tells it something else. */
static int tell_and_ask(void *user, const char *format, ...) {
    char before[200];
    va_list list;
    va_start(list, format);
    vsnprintf(before, sizeof before, format, list);
    va_end(list);
    SEE(before);
    const int inner = CALL(tell_nothing, tell, told);
    va_start(list, format);
    vsnprintf(told, sizeof told, format, list); /* what it was given is still there */
    va_end(list);
    SEE(told);
    SEE(user == told);
    return inner;
}
CASE(format_tells_a_callback_that_is_told_more_meanwhile) {
    SEE(CALL(tell_texts, tell_and_ask, told, any_text(20), any_of(0, 9)));
}
