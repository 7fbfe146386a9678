/* Objects that outlive calls, and numbers that differ between the sides. */
#include "call.h"
#include "meter.h"

#include <limits.h>
#include <wchar.h>

#define INT(library, prototype, ...)                                                                                   \
    ({                                                                                                                 \
        int int_result = 0x7777;                                                                                       \
        assert_ok(fc_call(call_bind(library, prototype), &int_result, ##__VA_ARGS__));                                 \
        int_result;                                                                                                    \
    })

static struct fc_session *session_of(const char *target, struct fc_library **ret_library) {
    struct fc_options *options = fc_options_new();
    struct fc_session *session = NULL;
    assert_ok(fc_options_set_target(options, target));
    assert_ok(fc_session_open(options, &session));
    assert_ok(fc_library_open(session, harness_library(target, "lasting"), ret_library));
    fc_options_free(options);
    return session;
}

/* -- what is larger ------------------------------------------------------------------------------------------------ */

/* Only what is declared crosses: what the caller has behind it is not there, and stays. */
TEST(lasting_base_of_a_larger_object_is_all_that_crosses) {
    struct {
        struct {
            int kind;
            long count;
        } base;
        char behind[64];
        void *own;
    } objects[3];
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        struct fc_function *count = call_bind(library, "struct base { int kind; long count; };"
                                                       "long base_count(_Fc_base_ _Inout_ struct base *base, int by)");
        memset(objects, 0x3c, sizeof objects);
        for (int i = 0; i < 3; i++) {
            objects[i].base.kind = i;
            objects[i].base.count = 10;
        }
        for (int i = 0; i < 3; i++) {
            long result = 0;
            assert_ok(fc_call(count, &result, &objects[i], i + 1));
            assert_int_equal(result, i * 1000 + 10 + i + 1);
            assert_int_equal(objects[i].base.count, 10 + i + 1);
            assert_int_equal(objects[i].base.kind, i);
            for (size_t j = 0; j < sizeof objects[i].behind; j++) {
                assert_int_equal(objects[i].behind[j], 0x3c);
            }
            assert_int_equal((unsigned char)(uintptr_t)objects[i].own, 0x3c);
        }
        fc_session_close(session);
    }
}

/* -- what is kept -------------------------------------------------------------------------------------------------- */

#define PUT "int shelf_put(struct shelf *shelf, _In_z_ _Fc_kept_until_(shelf_drop) const char *text)"
#define DROP "int shelf_drop(struct shelf *shelf)"
#define NEW "struct shelf *shelf_new(void)"

static void *shelf_new(struct fc_library *library) {
    void *shelf = NULL;
    assert_ok(fc_call(call_bind(library, NEW), &shelf));
    assert_non_null(shelf);
    return shelf;
}

TEST(lasting_strings_are_kept_for_as_long_as_their_handle) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        void *shelves[2] = {shelf_new(library), shelf_new(library)};
        char texts[8][32];
        for (int i = 0; i < 8; i++) {
            snprintf(texts[i], sizeof texts[i], "text %d, of %d", i, i % 2);
            assert_int_equal(INT(library, PUT, shelves[i % 2], texts[i]), i / 2 + 1);
        }
        const char *back = NULL;
        assert_ok(fc_call(call_bind(library, "_Ret_z_ const char *shelf_text(struct shelf *shelf, int index)"), &back,
                          shelves[1], 2));
        assert_ptr_equal(back, texts[5]); /* the caller's own */
        assert_int_equal(INT(library, "int shelf_length(struct shelf *shelf, int index)", shelves[0], 3), 12);
        assert_int_equal(INT(library, DROP, shelves[0]), 4);
        assert_int_equal(INT(library, "int shelf_length(struct shelf *shelf, int index)", shelves[1], 3), 12);
        assert_int_equal(INT(library, DROP, shelves[1]), 4);
        fc_session_close(session);
    }
}

/* More than there are addresses, if none of it were given back. */
TEST(lasting_function_may_end_what_it_was_given_before) {
    enum { TITLES = 10, BYTES = 16 << 20 };
    char *text = malloc(BYTES);
    require(text != NULL);
    memset(text, 't', BYTES);
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        struct fc_function *set =
            call_bind(library, "int set_title(_In_opt_z_ _Fc_kept_until_(set_title) const char *text)");
        struct fc_function *length = call_bind(library, "int title_length(void)");
        int before = 0, result = -1;
        for (int i = 0; i < TITLES; i++) {
            const int len = BYTES - 1 - i;
            text[len] = '\0';
            assert_ok(fc_call(set, &result, text));
            assert_int_equal(result, before);
            assert_true(call_shared_bytes() <= 4ULL * BYTES); /* the earlier ones were given back */
            text[0] = '\0';                                   /* the library's is its own */
            assert_ok(fc_call(length, &result));
            assert_int_equal(result, len);
            text[0] = text[len] = 't';
            before = len;
        }
        assert_ok(fc_call(set, &result, NULL));
        assert_int_equal(result, before);
        assert_ok(fc_call(length, &result));
        assert_int_equal(result, 0);
        fc_session_close(session);
    }
    free(text);
}

TEST(lasting_memory_that_is_kept_is_given_back) {
    const char *const target = HARNESS_OTHER_TARGET;
    struct fc_library *library;
    struct fc_session *session = session_of(target, &library);
    char *const large = malloc(3000001);
    memset(large, 'x', 3000000);
    large[3000000] = '\0';
    unsigned long long before = 0;
    for (int i = 0; i < 40; i++) {
        void *shelf = shelf_new(library);
        assert_int_equal(INT(library, PUT, shelf, large), 1);
        assert_int_equal(INT(library, PUT, shelf, large), 2); /* the same again: one copy */
        assert_int_equal(INT(library, "int shelf_length(struct shelf *shelf, int index)", shelf, 1), 3000000);
        assert_int_equal(INT(library, DROP, shelf), 2);
        before = i == 3 ? call_shared_bytes() : before;
    }
    assert_true(call_shared_bytes() <= before + ((unsigned long long)8 << 20));
    free(large);
    fc_session_close(session);
}

TEST(lasting_buffer_comes_back_when_it_ends) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        void *shelf = shelf_new(library);
        long numbers[3] = {1, -2, 3};
        /* Bound before anything says that it ends a life: it would take the short way. */
        struct fc_function *add = call_bind(library, "int shelf_add(struct shelf *shelf, int by)");
        struct fc_function *drop = call_bind(library, DROP);
        int count = 0;
        assert_int_equal(INT(library,
                             "int shelf_numbers(struct shelf *shelf, _Inout_updates_(count) "
                             "_Fc_kept_until_(shelf_drop) long *numbers, int count)",
                             shelf, numbers, 3),
                         3);
        assert_ok(fc_call(add, &count, shelf, 10));
        assert_ok(fc_call(add, &count, shelf, 10));
        assert_ok(fc_call(drop, &count, shelf));
        assert_int_equal(numbers[0], 21);
        assert_int_equal(numbers[1], 18);
        assert_int_equal(numbers[2], 23);
        fc_session_close(session);
    }
}

TEST(lasting_buffer_is_left_alone_where_the_library_leaves_it_alone) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        void *shelf = shelf_new(library);
        long numbers[3] = {1, -2, 3};
        struct fc_function *change = call_bind(library, "int shelf_change(struct shelf *shelf, int index, int by)");
        int rc = 77;
        assert_int_equal(INT(library,
                             "int shelf_numbers(struct shelf *shelf, _Inout_updates_(count) "
                             "_Fc_kept_until_(shelf_drop) long *numbers, int count)",
                             shelf, numbers, 3),
                         3);
        numbers[0] = 50;
        assert_ok(fc_call(change, &rc, shelf, 1, 10));
        numbers[2] = 60;
        assert_int_equal(INT(library, DROP, shelf), 0);
        assert_int_equal(numbers[0], 50);
        assert_int_equal(numbers[1], 8);
        assert_int_equal(numbers[2], 60);
        fc_session_close(session);
    }
}

TEST(lasting_member_is_kept) {
    struct label {
        long id;
        const char *name;
    };
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        void *shelf = shelf_new(library);
        char name[] = "label";
        struct label label = {41, name};
        assert_int_equal(INT(library,
                             "struct label { long id; _Field_z_ _Fc_kept_until_(shelf_drop) const char *name; }; "
                             "int shelf_label(struct shelf *shelf, _In_ const struct label *label)",
                             shelf, &label),
                         41);
        assert_int_equal(INT(library, "int shelf_length(struct shelf *shelf, int index)", shelf, 0), 5);
        assert_int_equal(INT(library, DROP, shelf), 1);
        fc_session_close(session);
    }
}

/* -- what is pinned ------------------------------------------------------------------------------------------------ */

static struct meter *reached_with;
static void on_reached(struct meter *meter) {
    reached_with = meter;
    meter->limit += 100;
}

TEST(lasting_pinned_object_is_the_same_in_calls_and_upcalls) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        struct meter meter = {5, 10, on_reached, &library, "volts"};
        struct fc_function *add =
            call_bind(library, METER "int meter_add(_Fc_pinned_ _Inout_ struct meter *meter, long by)");
        int rc = 77;
        assert_int_equal(
            INT(library, METER "_Fc_begins_ int meter_begin(_Fc_pinned_ _Inout_ struct meter *meter)", &meter), 0);
        assert_ok(fc_call(add, &rc, &meter, 4L));
        assert_int_equal(rc, 0);
        assert_int_equal(meter.value, 4);
        reached_with = NULL;
        assert_ok(fc_call(add, &rc, &meter, 8L));
        assert_ptr_equal(reached_with, &meter);
        assert_int_equal(meter.value, 12);
        assert_int_equal(meter.limit, 110);
        assert_int_equal(rc, 0); /* by the new limit */
        reached_with = NULL;
        assert_int_equal(INT(library, "int meter_of_the_library(long by)", 100L), 0); /* not passed, and called back */
        assert_ptr_equal(reached_with, &meter);
        assert_int_equal(meter.limit, 210);
        assert_int_equal(meter.value, 112);
        assert_true(meter.reached == on_reached && meter.user == &library && strcmp(meter.unit, "volts") == 0);
        assert_int_equal(INT(library, "int meter_is(_Fc_opaque_ const void *meter)", &meter), 1);
        struct {
            struct meter *meter;
            int reads;
        } board = {&meter, 0};
        assert_int_equal(INT(library,
                             METER "struct board { _Field_size_(1) struct meter *meter; int reads; }; "
                                   "int board_add(_Inout_ struct board *board, long by)",
                             &board, 1L),
                         0);
        assert_int_equal(board.reads, 1);
        assert_ptr_equal(board.meter, &meter);
        assert_int_equal(meter.value, 113);
        assert_int_equal(INT(library, METER "_Fc_ends_ int meter_end(_Fc_pinned_ _Inout_ struct meter *meter)", &meter),
                         1);
        assert_error(fc_call(add, &rc, &meter, 4L), FC_EINVAL, "or one with _Fc_ends_ was since");
        fc_session_close(session);
    }
}

/* -- the library's own --------------------------------------------------------------------------------------------- */

struct pixel {
    long red;
    short green;
    struct pixel *next;
};
#define PIXEL "struct pixel { long red; short green; _Fc_opaque_ struct pixel *next; };"

static struct pixel *pixel_new(struct fc_library *library, long red, struct pixel *next) {
    struct pixel *pixel = NULL;
    assert_ok(fc_call(
        call_bind(library, PIXEL "_Ret_valid_ struct pixel *pixel_new(long red, _Fc_opaque_ struct pixel *next)"),
        &pixel, red, next));
    return pixel;
}
static long pixel_sum(struct fc_library *library, const struct pixel *pixel) {
    long sum = 0;
    assert_ok(fc_call(call_bind(library, PIXEL "long pixel_sum(_In_ const struct pixel *pixel)"), &sum, pixel));
    return sum;
}

TEST(lasting_structs_of_the_library_are_passed_back_as_themselves) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        struct pixel *const last = pixel_new(library, 5, NULL), *const first = pixel_new(library, 7, last);
        assert_int_equal(first->red, 7);
        assert_int_equal(first->green, -7);
        assert_int_equal(pixel_sum(library, first), 12);
        /* What the library changed without a word is not undone by the copy. */
        assert_ok(
            fc_call(call_bind(library, PIXEL "void pixel_lighten_hidden(_Fc_opaque_ struct pixel *pixel, long by)"),
                    NULL, first, 100L));
        assert_int_equal(pixel_sum(library, first), 112);
        /* What the caller changes is seen there, and what comes back is seen here. */
        last->red = 1000;
        assert_int_equal(pixel_sum(library, last), 1000);
        assert_int_equal(pixel_sum(library, first), 1107);
        assert_ok(fc_call(call_bind(library, PIXEL "void pixel_lighten(_Inout_ struct pixel *pixel, long by)"), NULL,
                          first, 1L));
        assert_int_equal(first->red, 108);
        struct fc_function *drop = call_bind(library, PIXEL "void pixel_free(_Fc_opaque_ struct pixel *pixel)");
        assert_ok(fc_call(drop, NULL, first));
        assert_ok(fc_call(drop, NULL, last));
        fc_session_close(session);
    }
}

/* Memory that only the host sees. */
TEST(lasting_static_struct_of_the_library_is_written_where_it_is) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        struct pixel *pixel = NULL;
        long red = 0;
        assert_ok(fc_call(call_bind(library, PIXEL "_Ret_valid_ struct pixel *pixel_static(void)"), &pixel));
        assert_int_equal(pixel->red, 7);
        pixel->red = 70;
        assert_ok(fc_call(call_bind(library, PIXEL "void pixel_lighten(_Inout_ struct pixel *pixel, long by)"), NULL,
                          pixel, 1L));
        assert_int_equal(pixel->red, 71);
        assert_ok(fc_call(call_bind(library, "long pixel_static_red(void)"), &red));
        assert_int_equal(red, 71);
        fc_session_close(session);
    }
}

TEST(lasting_struct_of_a_dead_host_is_refused) {
    for (EACH_TARGET(target)) {
        struct fc_library *library, *deadly;
        struct fc_session *session = session_of(target, &library);
        struct pixel *const pixel = pixel_new(library, 5, NULL);
        long sum = 0;
        assert_ok(fc_library_open(session, harness_library(target, "process"), &deadly));
        assert_int_equal(fc_call(call_bind(deadly, "void end_abort(void)"), NULL), FC_EDIED);
        if (strcmp(target, HARNESS_OWN_TARGET) != 0) { /* else it is the library's memory itself, and in place */
            assert_int_equal(pixel->red, 5);
        }
        assert_int_equal(
            fc_call(call_bind(library, PIXEL "long pixel_sum(_In_ const struct pixel *pixel)"), &sum, pixel),
            FC_EINVAL);
        assert_error_text("in a host that died");
        assert_int_equal(
            fc_call(call_bind(library, PIXEL "void pixel_free(_Fc_opaque_ struct pixel *pixel)"), NULL, pixel),
            FC_EINVAL);
        assert_error_text("in a host that died");
        fc_session_close(session);
    }
}

/* -- lists and wide strings of the library's ----------------------------------------------------------------------- */

TEST(lasting_lists_and_wide_strings_are_taken_over) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        struct host {
            long number;
            const char *const *constant;
            char **allocated;
            const char *block;
        } *host = NULL;
        const wchar_t *wide = NULL;
        assert_ok(
            fc_call(call_bind(library, "struct host { long number; _NullNull_terminated_ const char *const *constant;"
                                       " _NullNull_terminated_ char **allocated;"
                                       " _NullNull_terminated_ const char *block; }; "
                                       "_Ret_valid_ const struct host *host_of(long number)"),
                    &host, -5L));
        assert_int_equal(host->number, -5);
        assert_string_equal(host->constant[0], "one");
        assert_string_equal(host->constant[2], "three");
        assert_null(host->constant[3]);
        assert_string_equal(host->allocated[1], "second");
        assert_null(host->allocated[2]);
        assert_memory_equal(host->block, "alpha\0beta\0gamma\0", 18);
        for (int i = 0; i < 2; i++) {
            assert_ok(
                fc_call(call_bind(library, "typedef int wchar_t; _Ret_z_ const wchar_t *wide_name(int is_allocated)"),
                        &wide, i));
            assert_true(wcscmp(wide, i ? L"allocated \x20ac" : L"constant \x20ac") == 0);
        }
        fc_session_close(session);
    }
}

TEST(lasting_texts_one_behind_the_other_go_in) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        struct fc_function *count = call_bind(library, "int count_names(_In_ _NullNull_terminated_ const char *block)");
        static const char *const blocks[] = {"\0", "one\0", "one\0two\0three\0"};
        for (int i = 0; i < 3; i++) {
            int names = -1;
            assert_ok(fc_call(count, &names, blocks[i]));
            assert_int_equal(names, i == 2 ? 3 : i);
        }
        fc_session_close(session);
    }
}

TEST(lasting_string_that_may_have_no_end_goes_in) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        const char text[4] = {'a', 'b', 'c', 'd'};
        struct fc_function *length =
            call_bind(library, "int length_of(_In_reads_or_z_(most) const char *text, int most)");
        int got = -1;
        assert_ok(fc_call(length, &got, text, 4));
        assert_int_equal(got, 4);
        assert_ok(fc_call(length, &got, "ab", 4000)); /* nothing behind its end is looked at */
        assert_int_equal(got, 2);
        fc_session_close(session);
    }
}

/* -- numbers that differ ------------------------------------------------------------------------------------------- */

TEST(lasting_numbers_are_the_other_sides) {
    struct options {
        size_t size;
        long level;
        void *user;
    };
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        struct options options = {sizeof options, 5, &library};
        struct fc_function *check = call_bind(
            library, "struct options { _Fc_sizeof_(struct options) size_t size; long level; _Fc_local_ void *user; }; "
                     "int check_options(_Inout_ struct options *options)");
        int rc = 77;
        assert_ok(fc_call(check, &rc, &options));
        assert_int_equal(rc, 5);
        assert_int_equal(options.size, sizeof options);
        assert_ptr_equal(options.user, &library);
        options.size--;
        assert_error(fc_call(check, &rc, &options), FC_EINVAL,
                     "member `size` of argument `options` of check_options is");
        assert_int_equal(INT(library,
                             "struct options { size_t size; long level; void *user; }; "
                             "int check_size(_Fc_sizeof_(struct options) size_t size)",
                             sizeof options),
                         1);
        struct fc_function *category = call_bind(library, "int category(_Fc_replace_(6, -1) int category)");
        assert_ok(fc_call(category, &rc, 6));
        assert_int_equal(rc, -1);
        assert_ok(fc_call(category, &rc, 5));
        assert_int_equal(rc, 5);
        struct fc_function *cut = call_bind(library, "int category(_Fc_bits_ long category)");
        assert_ok(fc_call(cut, &rc, LONG_MAX));
        assert_int_equal(rc, (int)LONG_MAX);
        assert_int_equal(INT(library, "int sees(_Fc_local_ const void *pointer, _Fc_local_ int number)", &library, 9),
                         0);
        fc_session_close(session);
    }
}

/* -- what fails ---------------------------------------------------------------------------------------------------- */

TEST(lasting_failure_leaves_what_has_a_length_alone) {
    for (EACH_TARGET(target)) {
        struct fc_library *library;
        struct fc_session *session = session_of(target, &library);
        long numbers[4] = {-1, -2, -3, -4};
        int used = -5, rc = 77;
        struct fc_function *fill = call_bind(
            library, "_Success_(return == 0) int fill(int how_many, _Out_writes_to_(room, *used) long *numbers, "
                     "int room, _Out_ int *used)");
        assert_ok(fc_call(fill, &rc, 9, numbers, 4, &used));
        assert_int_equal(rc, -1);
        assert_int_equal(used, 9);
        for (int i = 0; i < 4; i++) {
            assert_int_equal(numbers[i], -1 - i);
        }
        assert_ok(fc_call(fill, &rc, 2, numbers, 4, &used));
        assert_int_equal(numbers[1], 2);
        assert_int_equal(numbers[2], -3);
        fc_session_close(session);
    }
}
