/* What a callee can do with the objects of a call: the marshalling over a fake session, whose callee answers what the
 * test likes. Nothing that it says makes the caller read or write beyond what is the caller's. */
#include "desk.h"

/* -- flexible arrays ----------------------------------------------------------------------------------------------- */

#define PACKET "struct packet { int count; _Field_size_(count) long values[]; }; "
struct packet {
    int count;
    long values[];
};

TEST(objects_take_no_more_elements_than_they_have) {
    struct desk *desk = desk_new(PACKET "void f(_Inout_ struct packet *p)");
    struct packet *packet = block(desk, sizeof *packet + 2 * sizeof(long));
    packet->count = 2;
    packet->values[0] = 10;
    packet->values[1] = 11;
    assert_int_equal(send(desk, packet), FC_OK);
    const int many = 1000;
    unsigned char *theirs = argument(desk, 0);
    memcpy(theirs, &many, sizeof many);
    store_word(desk, theirs + word_bytes(desk), 77);
    assert_int_equal(receive(desk, 0, NULL), FC_OK);
    assert_int_equal(packet->count, 1000);
    assert_int_equal(packet->values[0], 77);
    assert_int_equal(packet->values[1], 11);
    desk_free(desk);
}

/* Memory that both sides see may change while it is converted. */
static void grow_packet(struct desk *desk) {
    int *count = desk->subject;
    *count = 4000;
}

TEST(objects_send_no_more_elements_than_were_counted) {
    struct desk *desk = desk_new("struct h; struct tagged { int count; struct h *handle; _Field_size_(count) long "
                                 "values[]; }; void f(_Inout_ struct tagged *p)");
    struct tagged {
        int count;
        void *handle;
        long values[2];
    } *tagged = block(desk, sizeof *tagged);
    tagged->count = 2;
    tagged->handle = desk->low;
    desk->subject = &tagged->count;
    desk->on_pointer = grow_packet;
    assert_int_equal(send(desk, tagged), FC_ERANGE);
    assert_non_null(strstr(desk->err.text, "member `values`"));
    assert_non_null(strstr(desk->err.text, "is said to have 4000 elements, but has 2"));
    desk_free(desk);
}

TEST(objects_returned_with_a_flexible_array_have_all_of_it) {
    static const int counts[] = {3, 0, 1 << 20, -1}, codes[] = {FC_OK, FC_OK, FC_ELOAD, FC_EINVAL};
    for (int i = 0; i < 4; i++) {
        struct desk *desk = desk_new(PACKET "_Ret_valid_ struct packet *f(void)");
        struct packet *packet = NULL;
        memcpy(desk->remote, &counts[i], sizeof counts[i]);
        for (unsigned at = 0; at < 4; at++) {
            store_word(desk, desk->remote + (at + 1) * word_bytes(desk), 70 + at);
        }
        assert_int_equal(send(desk), FC_OK);
        assert_int_equal(receive(desk, REMOTE, &packet), codes[i]);
        if (codes[i] == FC_OK) {
            assert_int_equal(packet->count, counts[i]);
        }
        for (int at = 0; codes[i] == FC_OK && at < counts[i]; at++) {
            assert_int_equal(packet->values[at], 70 + at);
        }
        desk_free(desk);
    }
}

/* -- lengths ------------------------------------------------------------------------------------------------------- */

TEST(objects_of_any_length_are_fetched_before_memory_is_held_for_them) {
    struct desk *desk =
        desk_new("struct list { int count; _Field_size_(count) long *values; }; _Ret_valid_ struct list *f(void)");
    struct {
        int count;
        long *values;
    } *list = NULL;
    const int count = 1 << 26; /* less than an address space of any width */
    memcpy(desk->remote, &count, sizeof count);
    store_word(desk, desk->remote + word_bytes(desk), REMOTE + 64);
    assert_int_equal(send(desk), FC_OK);
    assert_int_equal(receive(desk, REMOTE, &list), FC_ELOAD);
    assert_int_equal(desk->holds, 1); /* the list itself */
    desk_free(desk);
}

TEST(sizes_are_not_read_through_pointers_of_the_callee_that_lead_nowhere) {
    struct row {
        int *count;
        long *values;
    } row;
    int count = 2;
    for (int where = 0; where < 2; where++) {
        struct desk *desk = desk_new("struct row { _Field_size_(1) int *count; _Field_size_(*count) long *values; }; "
                                     "void f(_Inout_ struct row *p)");
        row.count = &count;
        row.values = block(desk, 2 * sizeof(long));
        assert_int_equal(send(desk, &row), FC_OK);
        unsigned char *theirs = argument(desk, 0);
        unsigned char *values = (unsigned char *)(uintptr_t)load_word(desk, theirs + word_bytes(desk));
        /* The end of an object, and then the callee's own values, of which `count` says how many there are. */
        store_word(desk, theirs, where == 0 ? (uintptr_t)(values + 2 * word_bytes(desk)) : REMOTE);
        store_word(desk, theirs + word_bytes(desk), REMOTE + 64);
        int rc = receive(desk, 0, NULL);
        assert_int_equal(rc, where == 0 ? FC_EPROTO : FC_OK);
        desk_free(desk);
    }
}

TEST(sizes_name_members_of_structs_that_are_arguments) {
    struct desk *desk = desk_new("struct range { short first, count; }; "
                                 "void f(struct range r, _In_reads_(r.count) const long *values)");
    const struct { short first, count; } range = {7, 2};
    const long values[] = {5, -6};
    assert_int_equal(send(desk, range, values), FC_OK);
    const unsigned char *theirs = argument(desk, 1);
    assert_int_equal((int32_t)load_word(desk, theirs), 5);
    assert_int_equal((int32_t)load_word(desk, theirs + word_bytes(desk)), -6);
    assert_int_equal(receive(desk, 0, NULL), FC_OK);
    desk_free(desk);
}

TEST(objects_measure_wide_strings_anywhere) {
    struct desk *desk = desk_new("void f(_In_z_ const unsigned short *text)");
    unsigned char *bytes = block(desk, 7);
    memcpy(bytes + 1, "a\0b\0\0", 6);
    assert_int_equal(send(desk, bytes + 1), FC_OK);
    assert_memory_equal(argument(desk, 0), "a\0b\0\0", 6);
    assert_int_equal(receive(desk, 0, NULL), FC_OK);
    desk_free(desk);
}

/* -- two pointers to one thing ------------------------------------------------------------------------------------- */

TEST(objects_read_by_one_pointer_and_written_by_another_come_back) {
    struct pair {
        int x;
        long y;
    } pair = {1, 2};
    struct desk *desk = desk_new("struct pair { int x; long y; }; "
                                 "void f(_In_ const struct pair *from, _Inout_ struct pair *to)");
    assert_int_equal(send(desk, &pair, &pair), FC_OK);
    assert_ptr_equal(argument(desk, 0), argument(desk, 1));
    store_word(desk, argument(desk, 1) + word_bytes(desk), 99);
    assert_int_equal(receive(desk, 0, NULL), FC_OK);
    assert_int_equal(pair.x, 1);
    assert_int_equal(pair.y, 99);
    desk_free(desk);
}

TEST(objects_read_by_a_ring_that_is_written_come_back) {
    struct node {
        struct node *next;
        int value;
    } node = {&node, 3};
    struct desk *desk = desk_new("struct node { _Field_size_(1) struct node *next; int value; }; "
                                 "void f(_In_ const struct node *first)");
    assert_int_equal(send(desk, &node), FC_OK);
    const int value = 4;
    unsigned char *theirs = argument(desk, 0);
    assert_int_equal(load_word(desk, theirs), (uintptr_t)theirs);
    memcpy(theirs + word_bytes(desk), &value, sizeof value);
    assert_int_equal(receive(desk, 0, NULL), FC_OK);
    assert_ptr_equal(node.next, &node);
    assert_int_equal(node.value, 4);
    desk_free(desk);
}

TEST(objects_may_begin_where_an_empty_one_is) {
    struct desk *desk =
        desk_new("void f(_Inout_updates_(m) long *empty, int m, _Inout_updates_(n) long *values, int n)");
    long values[2] = {1, 2};
    for (int at = 0; at < 2; at++) {
        assert_int_equal(send(desk, &values[at], 0, values, 2), FC_OK);
        store_word(desk, argument(desk, 2), 10);
        assert_int_equal(receive(desk, 0, NULL), FC_OK);
        assert_int_equal(values[0], 10);
        assert_int_equal(values[1], 2);
        values[0] = 1;
    }
    desk_free(desk);
}

TEST(objects_twice_written_in_part_keep_the_rest) {
    struct desk *desk =
        desk_new("struct s { long x; }; void f(_Out_writes_to_(3, *n) struct s *a, _Out_writes_to_(3, *m) struct s *b, "
                 "_Out_ int *n, _Out_ int *m)");
    long values[3] = {1, 2, 3};
    int n = 0, m = 0;
    assert_int_equal(send(desk, values, values, &n, &m), FC_OK);
    store_word(desk, argument(desk, 0), 50);
    assert_int_equal(receive(desk, 0, NULL), FC_OK);
    assert_int_equal(values[0], 50);
    assert_int_equal(values[1], 2);
    assert_int_equal(values[2], 3);
    desk_free(desk);
}

/* -- types that are refused ---------------------------------------------------------------------------------------- */

TEST(shapes_that_were_refused_are_refused_wherever_they_are_met_again) {
    static const char *const texts[] = {
        "struct b; struct a { _Field_size_(1) struct b *b; int *bad; }; struct b { _Field_size_(1) struct a *a; long "
        "x; };"
        "int f(void (*see)(_In_ struct a *a), _In_ struct b *b)",
        "struct a; typedef void see(_In_ struct a *a); struct a { see *see; int *bad; };"
        "struct c { see *see; long x; }; int f(void (*one)(_In_ struct a *a), _In_ struct a *a, _In_ struct c *c)",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct fc__plan *plan = NULL;
        struct fc__error err;
        assert_int_equal(plan_of(texts[i], fc__target_native(), fc__target_find(HARNESS_OTHER_TARGET), &plan, &err),
                         FC_EANNOTATION);
        assert_non_null(strstr(err.text, "member `bad` of `struct a`"));
    }
}

TEST(shapes_that_were_refused_leave_callbacks_that_are_refused) {
    static const char text[] = "struct a; typedef void see(_In_ struct a *a); struct a { see *see; int *bad; };"
                               "int f(void (*one)(_In_ struct a *a), see *two)";
    struct fc__plan *plan = new_plan(text, fc__target_native(), fc__target_find(HARNESS_OTHER_TARGET));
    assert_non_null(plan->steps[0].callback->refused);
    assert_non_null(plan->steps[1].callback->refused);
    fc__plan_free(plan);
}

TEST(sizes_of_what_comes_out_are_read_through_arguments) {
    struct desk *desk = desk_new("void f(_Outptr_result_buffer_(*n) long **values, _Out_ int *n)");
    long *values = NULL;
    int n = 0;
    assert_int_equal(send(desk, &values, &n), FC_OK);
    const int count = 3;
    fill_remote(desk, 3);
    store_word(desk, argument(desk, 0), REMOTE);
    memcpy(argument(desk, 1), &count, sizeof count);
    assert_int_equal(receive(desk, 0, NULL), FC_OK);
    assert_int_equal(n, 3);
    assert_int_equal(values[2], 3);
    desk_free(desk);
}

TEST(sizes_in_what_is_returned_are_read_through_its_pointers) {
    struct desk *desk = desk_new("struct row { _Field_size_(1) int *count; _Field_size_(*count) long *values; }; "
                                 "_Ret_valid_ struct row *f(void)");
    const struct {
        int *count;
        long *values;
    } *row = NULL;
    const int count = 3;
    assert_int_equal(send(desk), FC_OK);
    fill_remote(desk, 3);
    memcpy(desk->remote + 64, &count, sizeof count);
    store_word(desk, desk->remote + 128, REMOTE + 64);
    store_word(desk, desk->remote + 128 + word_bytes(desk), REMOTE);
    assert_int_equal(receive(desk, REMOTE + 128, &row), FC_OK);
    assert_int_equal(*row->count, 3);
    assert_int_equal(row->values[2], 3);
    desk_free(desk);
}

/* Each length is behind the next element of a list without an end. */
TEST(sizes_that_depend_on_sizes_for_ever_are_refused) {
    struct desk *desk =
        desk_new("struct link { int count; _Field_size_(1) struct link *next; _Field_size_(next->count) "
                 "long *values; }; _Ret_valid_ struct link *f(void)");
    void *first = NULL;
    assert_int_equal(send(desk), FC_OK);
    const size_t bytes = 4 * word_bytes(desk);
    for (unsigned i = 0; i < REMOTE_BYTES / bytes; i++) {
        store_word(desk, desk->remote + i * bytes + word_bytes(desk), REMOTE + (i + 1) * bytes);
        store_word(desk, desk->remote + i * bytes + 2 * word_bytes(desk), REMOTE);
    }
    assert_int_equal(receive(desk, REMOTE, &first), FC_EUNSUPPORTED);
    assert_non_null(strstr(desk->err.text, "depends on a size"));
    desk_free(desk);
}
