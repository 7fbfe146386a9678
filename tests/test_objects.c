/* What a callee can do with the objects of a call: the marshalling over a fake session, whose callee answers what the
 * test likes. Nothing that it says makes the caller read or write beyond what is the caller's. */
#include "plans.h"

#include "abi/upcall.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif

enum {
    LOW_BYTES = 65536,
    SCRATCH_OFFSET = 32768,
    REMOTE = 0x30000000, /* the callee's own memory, which the caller does not see */
    REMOTE_BYTES = 4096,
    CANARY_BYTES = 64,
    BLOCKS_MAX = 400,
};

/* A session for one call. Memory that is held for the callee's has canaries behind it. */
struct desk {
    struct fc__upcall upcall; /* its marshal is that of a call, too, and the context */
    struct fc__objects objects;
    struct fc__plan *plan;
    struct fc__error err;
    unsigned char *low, *line; /* below 4 GiB, where both sides see it */
    unsigned char remote[REMOTE_BYTES];
    struct {
        unsigned char *bytes;
        uint64_t size;
    } blocks[BLOCKS_MAX];
    unsigned block_count, holds;
    void (*on_pointer)(struct desk *desk); /* while an opaque pointer is converted */
    void *subject;
};

static struct desk *desk_of(void *context) {
    return context;
}

static void *block(struct desk *desk, uint64_t size) {
    require(desk->block_count < BLOCKS_MAX && size < LOW_BYTES);
    unsigned char *bytes = calloc(1, (size_t)size + CANARY_BYTES);
    require(bytes != NULL);
    memset(bytes + size, 0xc5, CANARY_BYTES);
    desk->blocks[desk->block_count].bytes = bytes;
    desk->blocks[desk->block_count++].size = size;
    return bytes;
}

static int desk_grow(void *context, uint64_t size, unsigned char **ret_memory) {
    (void)ret_memory;
    return fc__error_set(desk_of(context)->upcall.marshal.err, FC_ENOMEM, "no %llu bytes more",
                         (unsigned long long)size);
}

static bool desk_is_shared(void *context, uint64_t address, uint64_t size) {
    (void)context, (void)address, (void)size;
    return false;
}

static void see_pointer(struct desk *desk) {
    if (desk->on_pointer != NULL) {
        desk->on_pointer(desk);
    }
}

static int desk_narrow(void *context, uint64_t pointer, uint32_t *ret_narrow) {
    see_pointer(context);
    *ret_narrow = (uint32_t)pointer;
    return FC_OK;
}

static int desk_widen(void *context, uint32_t narrow, uint64_t *ret_pointer) {
    see_pointer(context);
    *ret_pointer = narrow;
    return FC_OK;
}

static int desk_fetch(void *context, uint64_t address, uint64_t size, void **ret_copy) {
    struct desk *desk = context;
    if (address < REMOTE || size > REMOTE_BYTES || address - REMOTE > REMOTE_BYTES - size) {
        return fc__error_set(desk->upcall.marshal.err, FC_ELOAD, "the callee has no such memory");
    }
    *ret_copy = block(desk, size);
    memcpy(*ret_copy, desk->remote + (address - REMOTE), (size_t)size);
    return FC_OK;
}

static int desk_give_back(void *context, uint64_t address, uint64_t size, void *copy) {
    memcpy(desk_of(context)->remote + (address - REMOTE), copy, (size_t)size);
    return FC_OK;
}

static int desk_hold(void *context, uint64_t address, uint64_t size, bool outlives, void **ret_memory) {
    (void)outlives;
    struct desk *desk = context;
    (void)address;
    desk->holds++;
    *ret_memory = block(desk, size);
    return FC_OK;
}

static int desk_text(void *context, uint64_t address, const char **ret_string) {
    struct desk *desk = context;
    const char *from = (const char *)desk->remote + (address - REMOTE);
    require(address >= REMOTE && address < REMOTE + REMOTE_BYTES);
    const size_t len = strnlen(from, (size_t)(REMOTE_BYTES - (address - REMOTE)));
    char *copy = block(desk, len + 1);
    memcpy(copy, from, len);
    *ret_string = copy;
    return FC_OK;
}

static void desk_enter(void *context) {
    (void)context;
}
static int desk_leave(void *context) {
    (void)context;
    return FC_OK;
}

static const struct fc__marshal_ops marshal_ops = {.grow = desk_grow,
                                                   .is_shared = desk_is_shared,
                                                   .narrow = desk_narrow,
                                                   .widen = desk_widen,
                                                   .fetch = desk_fetch,
                                                   .give_back = desk_give_back,
                                                   .hold = desk_hold,
                                                   .text = desk_text};
static const struct fc__upcall_ops upcall_ops = {.enter = desk_enter, .leave = desk_leave};

static struct desk *desk_new(const char *prototype) {
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    desk->low = mmap(NULL, LOW_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    assert_true(desk->low != MAP_FAILED && (uintptr_t)desk->low + LOW_BYTES <= UINT32_MAX);
    memset(desk->low, 0xcc, LOW_BYTES);
    desk->line = desk->low;
    struct fc__marshal *m = &desk->upcall.marshal;
    memset(m, 0xaa, sizeof *m); /* as sessions leave it */
    desk->plan = new_plan(prototype, fc__target_native(), fc__target_find(HARNESS_OTHER_TARGET));
    m->plan = desk->plan;
    m->ops = &marshal_ops;
    m->context = desk;
    m->objects = &desk->objects;
    m->err = &desk->err;
    m->line = (uintptr_t)desk->line;
    m->keeps_off_line = false;
    m->scratch = desk->low + SCRATCH_OFFSET;
    m->scratch_end = desk->low + LOW_BYTES;
    desk->upcall.ops = &upcall_ops;
    return desk;
}

static void check_canaries(const struct desk *desk) {
    for (unsigned i = 0; i < desk->block_count; i++) {
        for (unsigned at = 0; at < CANARY_BYTES; at++) {
            assert_int_equal(desk->blocks[i].bytes[desk->blocks[i].size + at], 0xc5);
        }
    }
}

static void desk_free(struct desk *desk) {
    check_canaries(desk);
    for (unsigned i = 0; i < desk->block_count; i++) {
        free(desk->blocks[i].bytes);
    }
    assert_int_equal(desk->objects.count, 0);
    fc__objects_done(&desk->objects);
    fc__plan_free(desk->plan);
    munmap(desk->low, LOW_BYTES);
    free(desk);
}

static int send(struct desk *desk, ...) {
    struct fc__marshal *m = &desk->upcall.marshal;
    va_list list;
    va_start(list, desk);
    fc__marshal_fetch_list(m, &list);
    va_end(list);
    int rc = fc__marshal_send(m);
    if (rc == FC_OK) {
        memcpy(desk->line + FC__FRAME_WORDS_OFFSET, m->image, m->image_bytes);
    }
    return rc;
}

/* The answer lies over the words of the line, as a host's does. */
static int receive(struct desk *desk, uint64_t value, void *ret_result) {
    memset(desk->line, 0xdd, 32);
    return fc__marshal_receive(&desk->upcall.marshal, &(struct fc__answer){.value = value}, ret_result);
}

/* The callee's word at `at`, and in it a pointer or a long. */
static uint64_t load_word(const struct desk *desk, const void *at) {
    uint64_t word = 0;
    memcpy(&word, at, desk->plan->callee->pointer_bytes);
    return word;
}
static void store_word(const struct desk *desk, void *at, uint64_t word) {
    memcpy(at, &word, desk->plan->callee->pointer_bytes);
}
static unsigned char *argument(const struct desk *desk, unsigned index) {
    return (unsigned char *)(uintptr_t)load_word(desk,
                                                 desk->line + FC__FRAME_WORDS_OFFSET + desk->plan->steps[index].offset);
}
static size_t word_bytes(const struct desk *desk) {
    return desk->plan->callee->pointer_bytes;
}

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

/* -- upcalls ------------------------------------------------------------------------------------------------------- */

static int sums, sum_of_first, sum_of_second;
static void add_up(const long *first, int first_count, const long *second, int second_count) {
    sums++;
    sum_of_first = sum_of_second = 0;
    for (int i = 0; i < first_count; i++) {
        sum_of_first += (int)first[i];
    }
    for (int i = 0; i < second_count; i++) {
        sum_of_second += (int)second[i];
    }
}

/* An upcall whose words are `count` values, as the callee's target has them in a row. */
static int upcall(struct desk *desk, const void *function, unsigned count, const uint64_t *values) {
    unsigned char words[FC__FRAME_WORDS_BYTES_MAX + 8] = {0};
    const struct fc__callback *callback = desk->plan->steps[0].callback;
    struct fc__answer answer;
    assert_null(callback->refused);
    for (unsigned i = 0; i < count; i++) {
        memcpy(words + callback->there->steps[i].offset, &values[i], callback->there->callee->word_bytes);
    }
    desk->upcall.callback = callback;
    desk->upcall.function = (uintptr_t)function;
    return fc__upcall_run(&desk->upcall, words, &answer);
}

#define ADDER(qualifier_)                                                                                              \
    "void f(void (*add)(_In_reads_(n) " qualifier_ "long *first, int n, _In_reads_(m) " qualifier_                     \
    "long *second, int m))"

static void fill_remote(struct desk *desk, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        store_word(desk, desk->remote + i * word_bytes(desk), i + 1);
    }
}

TEST(upcalls_tell_adjacent_objects_from_one) {
    struct desk *desk = desk_new(ADDER("const "));
    fill_remote(desk, 8);
    const uint64_t values[] = {REMOTE, 2, REMOTE + 2 * word_bytes(desk), 3};
    assert_int_equal(upcall(desk, (const void *)add_up, 4, values), FC_OK);
    assert_int_equal(sum_of_first, 1 + 2);
    assert_int_equal(sum_of_second, 3 + 4 + 5);
    desk_free(desk);
}

TEST(upcalls_see_all_of_an_object_that_begins_like_a_smaller_one) {
    struct desk *desk = desk_new(ADDER("const "));
    fill_remote(desk, 8);
    for (unsigned skipped = 0; skipped < 2; skipped++) {
        const uint64_t values[] = {REMOTE + skipped * word_bytes(desk), 2, REMOTE, 8};
        assert_int_equal(upcall(desk, (const void *)add_up, 4, values), FC_OK);
        assert_int_equal(sum_of_first, skipped == 0 ? 1 + 2 : 2 + 3);
        assert_int_equal(sum_of_second, 36);
    }
    desk_free(desk);
}

static void change(long *first, int first_count, long *second, int second_count) {
    sums++;
    for (int i = 0; i < first_count; i++) {
        first[i] = 0;
    }
    for (int i = 0; i < second_count; i++) {
        second[i] = 0;
    }
}

TEST(upcalls_refuse_objects_that_are_written_to_in_two_pieces) {
    struct desk *desk = desk_new("void f(void (*change)(_Inout_updates_(n) long *first, int n, "
                                 "_Inout_updates_(m) long *second, int m))");
    fill_remote(desk, 8);
    sums = 0;
    for (unsigned skipped = 0; skipped < 2; skipped++) {
        const uint64_t values[] = {REMOTE + skipped * word_bytes(desk), 2, REMOTE, 8};
        assert_int_equal(upcall(desk, (const void *)change, 4, values), FC_EUNSUPPORTED);
    }
    assert_int_equal(sums, 0);
    const uint64_t inner[] = {REMOTE, 8, REMOTE + word_bytes(desk), 2};
    assert_int_equal(upcall(desk, (const void *)change, 4, inner), FC_OK);
    assert_int_equal(sums, 1);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(load_word(desk, desk->remote + i * word_bytes(desk)), 0);
    }
    desk_free(desk);
}

static size_t length;
static void measure(const short *values, int count, const char *text) {
    (void)values, (void)count;
    length = strlen(text);
}

TEST(upcalls_find_the_end_of_strings_that_lie_in_something_else) {
    struct desk *desk =
        desk_new("void f(void (*measure)(_In_reads_(n) const short *values, int n, _In_z_ const char *text))");
    memset(desk->remote, 'x', 100);
    const uint64_t values[] = {REMOTE, 2, REMOTE + 1};
    assert_int_equal(upcall(desk, (const void *)measure, 3, values), FC_OK);
    assert_int_equal(length, 99);
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

struct named {
    const char *name;
    long value;
};
static void see_named(const struct named *named, long *values, int count) {
    (void)named;
    for (int i = 0; i < count; i++) {
        values[i] = 1;
    }
}

TEST(upcalls_do_not_take_pointers_for_numbers) {
    struct desk *desk =
        desk_new("struct named { _Field_z_ const char *name; long value; }; "
                 "void f(void (*see)(_In_ const struct named *named, _Inout_updates_(n) long *values, int n))");
    memcpy(desk->remote + 100, "name", 5);
    store_word(desk, desk->remote, REMOTE + 100);
    const uint64_t inside[] = {REMOTE, REMOTE + word_bytes(desk), 1};
    assert_int_equal(upcall(desk, (const void *)see_named, 3, inside), FC_OK);
    assert_int_equal(load_word(desk, desk->remote + word_bytes(desk)), 1);
    assert_int_equal(load_word(desk, desk->remote), REMOTE + 100);
    const uint64_t over[] = {REMOTE, REMOTE, 2};
    assert_int_equal(upcall(desk, (const void *)see_named, 3, over), FC_EUNSUPPORTED);
    desk_free(desk);
}
