/* fuzz: the input is what a callee says: its memory after a call, the words of its answers and upcalls, and what it
 * gives for each request. The caller's objects are blocks of their own, so that a write beyond one is seen, and what
 * comes back is used as its annotations allow. */
#include "abi/format.h"
#include "abi/upcall.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <wchar.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif
enum { LOW_BYTES = 65536, SCRATCH_OFFSET = 4096, BLOCKS_MAX = 256, BLOCK_BYTES_MAX = 1 << 16, PATCHES_MAX = 32 };

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

/* -- a session of one call ----------------------------------------------------------------------------------------- */

static struct {
    struct fc__upcall upcall;
    struct fc__objects objects;
    struct fc__error err;
    const uint8_t *data, *end; /* what the callee has yet to say */
    unsigned char *low;        /* below 4 GiB, where both sides see it */
    void *blocks[BLOCKS_MAX];
    unsigned block_count, first_said; /* blocks: those from there on hold what the callee said */
} desk;

static volatile uint64_t total; /* so that the reads below are not optimised away */

static void use(const void *bytes, uint64_t size) {
    const unsigned char *at = bytes;
    for (uint64_t i = 0; i < size; i++) {
        total += at[i];
    }
}

static uint64_t say(unsigned bytes) {
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes && desk.data < desk.end; i++) {
        value |= (uint64_t)*desk.data++ << 8 * i;
    }
    return value;
}

static void say_bytes(void *to, uint64_t size) {
    const uint64_t left = (uint64_t)(desk.end - desk.data), said = size < left ? size : left;
    memcpy(to, desk.data, (size_t)said);
    memset((unsigned char *)to + said, 0, (size_t)(size - said));
    desk.data += said;
}

/* Exactly as many bytes, for the length of the call. */
static void *block(uint64_t size) {
    void *bytes =
        desk.block_count < BLOCKS_MAX && size <= BLOCK_BYTES_MAX ? malloc(size != 0 ? (size_t)size : 1) : NULL;
    if (bytes != NULL) {
        desk.blocks[desk.block_count++] = bytes;
        memset(bytes, 0, (size_t)size);
    }
    return bytes;
}

static void *copy(const void *from, uint64_t size) {
    void *bytes = block(size);
    require(bytes != NULL);
    return memcpy(bytes, from, (size_t)size);
}

static int no_memory(void) {
    return fc__error_set(desk.upcall.marshal.err, FC_ENOMEM, "the fuzzer has no more memory");
}

static int op_grow(void *context, uint64_t size, unsigned char **ret_memory) {
    (void)context, (void)size, (void)ret_memory;
    return no_memory();
}

static bool op_is_shared(void *context, uint64_t address, uint64_t size) {
    const uint64_t low = (uintptr_t)desk.low;
    (void)context;
    return address >= low && address < low + LOW_BYTES && size <= low + LOW_BYTES - address;
}

static int op_narrow(void *context, uint64_t pointer, uint32_t *ret_narrow) {
    (void)context;
    *ret_narrow = (uint32_t)pointer;
    return FC_OK;
}

static int op_widen(void *context, uint32_t narrow, uint64_t *ret_pointer) {
    (void)context;
    *ret_pointer = narrow;
    return narrow % 13 != 12 ? FC_OK : fc__error_set(desk.upcall.marshal.err, FC_EPROTO, "no such token");
}

static bool op_is_dead(void *context, uint64_t pointer) {
    (void)context;
    return pointer % 17 == 16;
}

static int op_callback(void *context, struct fc__callback *callback, uint64_t function, uint64_t *ret_callee) {
    (void)context, (void)callback, (void)function;
    *ret_callee = 0x1000;
    return FC_OK;
}

static int op_function(void *context, struct fc__callback *callback, uint64_t function, uint64_t *ret_caller) {
    (void)context, (void)callback;
    *ret_caller = function;
    return FC_OK;
}

static int op_text(void *context, uint64_t address, const char **ret_string) {
    (void)context, (void)address;
    const uint64_t len = say(1);
    char *text = block(len + 1);
    if (text == NULL) {
        return no_memory();
    }
    say_bytes(text, len);
    *ret_string = text;
    return FC_OK;
}

static int op_string(void *context, uint64_t address, uint64_t len, const char **ret_string) {
    return len % 7 != 6 ? op_text(context, address, ret_string) : no_memory();
}

static int op_fetch(void *context, uint64_t address, uint64_t size, void **ret_copy) {
    (void)context, (void)address;
    *ret_copy = size <= BLOCK_BYTES_MAX && desk.data < desk.end ? block(size) : NULL; /* who has said all has no more */
    if (*ret_copy == NULL) {
        return fc__error_set(desk.upcall.marshal.err, FC_ELOAD, "the callee has no such memory");
    }
    say_bytes(*ret_copy, size);
    return FC_OK;
}

static int op_give_back(void *context, uint64_t address, uint64_t size, void *memory) {
    (void)context, (void)address;
    use(memory, size);
    return FC_OK;
}

static int op_merge(void *context, uint64_t from, uint64_t before, uint64_t to, uint64_t size) {
    (void)context, (void)to;
    use((void *)(uintptr_t)from, size);
    use((void *)(uintptr_t)before, size);
    return FC_OK;
}

static bool op_lend(void *context, uint64_t size, unsigned char **ret_memory) {
    (void)context;
    *ret_memory = block(size);
    return *ret_memory != NULL;
}

static int op_hold(void *context, uint64_t address, uint64_t size, bool outlives, void **ret_memory) {
    (void)outlives;
    (void)context, (void)address;
    *ret_memory = block(size);
    return *ret_memory != NULL ? FC_OK : no_memory();
}

static void op_enter(void *context) {
    (void)context;
}
static int op_leave(void *context) {
    (void)context;
    return FC_OK;
}

static const struct fc__marshal_ops marshal_ops = {.grow = op_grow,
                                                   .is_shared = op_is_shared,
                                                   .narrow = op_narrow,
                                                   .widen = op_widen,
                                                   .is_dead = op_is_dead,
                                                   .callback = op_callback,
                                                   .function = op_function,
                                                   .string = op_string,
                                                   .text = op_text,
                                                   .fetch = op_fetch,
                                                   .give_back = op_give_back,
                                                   .merge = op_merge,
                                                   .lend = op_lend,
                                                   .hold = op_hold};
static const struct fc__upcall_ops upcall_ops = {.enter = op_enter, .leave = op_leave};

/* -- calls --------------------------------------------------------------------------------------------------------- */

#define NODE "struct node { int value; long weight; _Field_size_opt_(1) struct node *next; }; "
struct node {
    int value;
    long weight;
    struct node *next;
};
#define PACKET "struct packet { short type; int count; _Field_size_(count) long values[]; }; "
struct packet {
    short type;
    int count;
    long values[];
};
#define ROW                                                                                                            \
    "struct row { _Field_size_(1) int *count; _Field_size_(*count) long *values; _Field_z_ const char *name; "         \
    "_Fc_opaque_ void *tag; }; "
struct row {
    int *count;
    long *values;
    const char *name;
    void *tag;
};
#define VARIANT                                                                                                        \
    "struct variant { int kind; union { _Fc_union_(kind == 1) long number; _Fc_union_(kind == 2) struct { int n; "     \
    "_Field_size_(n) short *items; } list; _Fc_union_(kind == 3) double real; } as; unsigned low : 3, high : 9; }; "
struct variant {
    int kind;
    union {
        long number;
        struct {
            int n;
            short *items;
        } list;
        double real;
    } as;
    unsigned low : 3, high : 9;
};

enum { ARGUMENTS_MAX = 6 };
union value {
    int number;
    long wide;
    void *pointer;
    unsigned char bytes[64];
};

static void *new_long(long value) {
    return copy(&value, sizeof value);
}

static void make_list(union value *values) {
    struct node *first = block(sizeof *first), *second = block(sizeof *second);
    *second = (struct node){2, -2, first};
    *first = (struct node){1, -1, second};
    values[0].pointer = first;
}

static void make_packet(union value *values) {
    struct packet *packet = block(sizeof *packet + 3 * sizeof(long));
    *packet = (struct packet){.type = 7, .count = 3};
    values[0].pointer = packet;
    values[1].pointer = copy(packet, sizeof *packet + 3 * sizeof(long));
}

static void make_row(union value *values) {
    const int count = 2;
    const long numbers[] = {3, 4};
    const struct row row = {copy(&count, sizeof count), copy(numbers, sizeof numbers), copy("name", 5), NULL};
    values[0].pointer = copy(&row, sizeof row);
    values[1].pointer = new_long(0);
}

static void make_variants(union value *values) {
    const short items[] = {1, 2, 3};
    const struct variant variants[] = {
        {.kind = 1, .as.number = 5, .low = 3},
        {.kind = 2, .as.list = {3, copy(items, sizeof items)}, .high = 400},
        {.kind = 3, .as.real = 1.5},
    };
    values[0].pointer = copy(variants, sizeof variants);
    values[1].number = 3;
}

static void make_buffers(union value *values) {
    values[0].pointer = block(16);
    values[1].wide = 16;
    values[2].pointer = new_long(0);
    values[3].pointer = block(4 * sizeof(long));
    values[4].pointer = copy("text", 5);
}

static void make_aliases(union value *values) {
    make_buffers(values);
    values[3].pointer = values[2].pointer;
}

static void make_outputs(union value *values) {
    values[0].pointer = block(sizeof(long *));
    values[1].pointer = block(sizeof(int));
    values[2].pointer = block(sizeof(char *));
    values[3].pointer = block(sizeof(struct row));
}

static void make_nothing(union value *values) {
    (void)values;
}

static void make_whole(union value *values) {
    make_row(values);
    memcpy(values[0].bytes, values[0].pointer, sizeof(struct row));
}

static void use_list(const union value *values) {
    const struct node *node = values[0].pointer;
    use(node, sizeof *node);
}

static void use_packet(const union value *values) {
    use(values[0].pointer, sizeof(struct packet) + 3 * sizeof(long));
    use(values[1].pointer, sizeof(struct packet) + 3 * sizeof(long));
}

static void use_nothing(const union value *values) {
    (void)values;
}

static const struct row_of_calls {
    const char *prototype;
    void (*make)(union value *values);
    void (*use)(const union value *values);
} calls[] = {
    {NODE "_Ret_opt_valid_ struct node *f(_Inout_ struct node *first)", make_list, use_list},
    {NODE "void f(_In_ const struct node *first)", make_list, use_list},
    {PACKET "void f(_Inout_ struct packet *one, _Inout_ struct packet *other)", make_packet, use_packet},
    {PACKET "_Ret_valid_ struct packet *f(void)", make_nothing, use_nothing},
    {ROW "_Ret_opt_valid_ struct row *f(_Inout_ struct row *row, _Out_ long *n)", make_row, use_nothing},
    {ROW "_Ret_reads_(*n) const struct row *f(_Inout_ struct row *row, _Out_ long *n)", make_row, use_nothing},
    {VARIANT "long f(_Inout_updates_(n) struct variant *variants, int n)", make_variants, use_nothing},
    {"long f(_Out_writes_to_(capacity, *len) unsigned char *bytes, unsigned long capacity, _Out_ unsigned long *len, "
     "_Out_writes_to_(4, return) long *values, const char *text)",
     make_buffers, use_nothing},
    {"const char *f(_Out_writes_to_(capacity, *len) unsigned char *bytes, unsigned long capacity, _Inout_ unsigned "
     "long *len, _Inout_ long *same, const char *text)",
     make_aliases, use_nothing},
    {ROW "int f(_Outptr_result_buffer_(*n) long **values, _Out_ int *n, _Outptr_result_z_ const char **text, _Out_ "
         "struct row *row)",
     make_outputs, use_nothing},
    {VARIANT "struct variant f(void)", make_nothing, use_nothing},
    {ROW "struct row f(struct row row, _Out_ long *n)", make_whole, use_nothing},
};

/* -- upcalls: functions that believe what their types say ---------------------------------------------------------- */

/* The text may lie in what is written to, as between library and function without a host. */
static int see_arrays(const long *first, int first_count, short *second, size_t second_bytes, const char *text) {
    const int len = text != NULL ? (int)strlen(text) : 0;
    use(first, first != NULL && first_count > 0 ? (uint64_t)first_count * sizeof *first : 0);
    if (second != NULL) {
        use(second, second_bytes);
        memset(second, 1, second_bytes);
    }
    return len;
}

/* Pointers into memory that both sides see are the callee's own, and aligned as it likes. */
__attribute__((no_sanitize("alignment"))) static long see_nodes(struct node *node, const struct row *row) {
    unsigned long sum = 0;
    for (unsigned i = 0; node != NULL && i < 100; i++, node = node->next) {
        sum += (unsigned long)node->weight;
        node->weight = 1;
    }
    if (row != NULL && row->values != NULL && row->count != NULL && *row->count > 0) {
        use(row->values, (uint64_t)*row->count * sizeof(long));
    }
    return row != NULL && row->name != NULL ? (long)strlen(row->name) : (long)(sum & 0xff);
}

static struct variant see_variant(struct variant variant, long double wide) {
    if (variant.kind == 2 && variant.as.list.items != NULL && variant.as.list.n > 0) {
        use(variant.as.list.items, (uint64_t)variant.as.list.n * sizeof(short));
    }
    return (struct variant){.kind = 1, .as.number = wide > 0};
}

/* Takes from the list what the format says, as vprintf would. */
static int see_format(const char *format, va_list list) {
    struct fc__format read;
    if (format == NULL) {
        return 0;
    }
    require(fc__format_read(format, "ws", "see", 0, FC__FORMAT_FOR_CALLER, &read, &desk.err) == FC_OK);
    int64_t number = 0;
    for (uint32_t i = 0, cut = 0; i < read.count; i++) {
        const bool is_cut = cut < read.cut_count && read.cuts[cut].index == i;
        const int64_t limit = !is_cut ? -1 : read.cuts[cut].is_passed ? number : (int64_t)read.cuts[cut].limit;
        const char *text = NULL;
        const wchar_t *wide = NULL;
        cut += is_cut;
        switch (read.kinds[i]) {
        case 'd':
            total += va_arg(list, double) > 0;
            break;
        case 'D':
            total += va_arg(list, long double) > 0;
            break;
        case 's':
            text = va_arg(list, const char *);
            total += text == NULL ? 0 : limit < 0 ? strlen(text) : strnlen(text, (size_t)limit);
            break;
        case 'S':
            wide = va_arg(list, const wchar_t *);
            total += wide == NULL ? 0 : limit < 0 ? wcslen(wide) : wcsnlen(wide, (size_t)limit);
            break;
        case 'p':
            total += va_arg(list, void *) != NULL;
            break;
        case 'q':
        case 'r':
        case 'j':
        case 'k':
            total += va_arg(list, uint64_t);
            break;
        case 'l':
        case 'm':
        case 'y':
        case 'z':
        case 't':
        case 'v':
            total += va_arg(list, unsigned long);
            break;
        default:
            number = va_arg(list, int);
            break;
        }
    }
    return (int)read.count;
}

static int see_list(const char *format, double before, va_list list) {
    total += before > 0;
    return see_format(format, list);
}

static int see_rest(const char *format, double before, ...) {
    va_list list;
    va_start(list, before);
    const int count = see_list(format, before, list);
    va_end(list);
    return count;
}

static const struct {
    const char *prototype;
    const void *function;
} upcalls[] = {
    {"void f(int (*see)(_In_reads_opt_(n) const long *first, int n, _Inout_updates_bytes_opt_(m) short *second, "
     "size_t m, _In_opt_z_ const char *text))",
     (const void *)see_arrays},
    {NODE ROW "void f(long (*see)(_Inout_opt_ struct node *node, _In_opt_ const struct row *row))",
     (const void *)see_nodes},
    {VARIANT "void f(struct variant (*see)(struct variant variant, long double wide))", (const void *)see_variant},
    {"void f(int (*see)(_Printf_format_string_ _Fc_conversions_(ws) const char *format, double before, ...))",
     (const void *)see_rest},
    {"typedef __builtin_va_list va_list; void f(int (*see)(_Printf_format_string_ _Fc_conversions_(ws) const char "
     "*format, double before, va_list list))",
     (const void *)see_list},
};

/* -- the callee speaks --------------------------------------------------------------------------------------------- */

/* Plain bytes hit addresses too seldom: some words become addresses of what there is, or just behind. */
static uint64_t say_word(void) {
    const uint64_t kind = say(1);
    if (kind < 128 || desk.objects.count == 0) {
        return kind % 2 == 0 ? say(4) : kind % 4 == 1 ? 0x30000000 + kind / 4 : (uintptr_t)desk.low + say(2);
    }
    const struct fc__object *object = &desk.objects.list[kind % desk.objects.count];
    return object->there + say(1) % (object->bytes[FC__THERE] + 2);
}

static void change(unsigned char *bytes, uint64_t size, unsigned word_bytes) {
    say_bytes(bytes, size);
    for (unsigned i = 0; i < PATCHES_MAX && size >= word_bytes && say(1) % 2 == 1; i++) {
        const uint64_t at = say(1) % (size - word_bytes + 1) / 4 * 4, word = say_word();
        memcpy(bytes + at, &word, word_bytes);
    }
}

static void change_memory(struct fc__marshal *m) {
    const unsigned word_bytes = m->plan->callee->pointer_bytes;
    for (uint32_t i = 0; m->is_deep && i < m->objects->count; i++) {
        const struct fc__object *object = &m->objects->list[i];
        change(object->local, object->bytes[FC__THERE], word_bytes);
    }
    for (uint32_t i = 0; !m->is_deep && !m->plan->is_scalar && i < m->plan->count; i++) {
        if (m->plan->steps[i].kind == FC__STEP_BUFFER && m->plan->steps[i].writes && m->sent[i].callee != 0) {
            change((unsigned char *)(uintptr_t)m->sent[i].callee, m->sent[i].bytes, word_bytes);
        }
    }
    if (m->plan->result_hidden) {
        change((unsigned char *)(uintptr_t)m->hidden, m->plan->result_shape->size[FC__THERE], word_bytes);
    }
}

static void check_result(const struct fc__plan *plan, int rc, const union value *result) {
    require(rc == FC_OK || desk.err.code == rc);
    for (unsigned i = desk.first_said; rc == FC_OK && plan->result_string && i < desk.block_count; i++) {
        total += result->pointer == desk.blocks[i] ? strlen(result->pointer) : 0; /* else it is one of the arguments */
    }
}

static void run_call(struct fc__plan *plan, const struct row_of_calls *call) {
    struct fc__marshal *m = &desk.upcall.marshal;
    union value values[ARGUMENTS_MAX], result;
    void *arguments[ARGUMENTS_MAX];
    memset(values, 0, sizeof values);
    memset(&result, 0, sizeof result);
    call->make(values);
    for (unsigned i = 0; i < ARGUMENTS_MAX; i++) {
        arguments[i] = &values[i];
    }
    fc__marshal_fetch_array(m, arguments);
    int rc = fc__marshal_send(m);
    require(rc == FC_OK);
    desk.first_said = desk.block_count;
    memcpy(desk.low + FC__FRAME_WORDS_OFFSET, m->image, m->image_bytes);
    change_memory(m);
    const struct fc__answer answer = {.value = say_word(), .second = say(8)};
    rc = fc__marshal_receive(m, &answer, &result);
    check_result(plan, rc, &result);
    call->use(values);
}

static void run_upcall(const struct fc__plan *plan, const void *function) {
    unsigned char words[FC__FRAME_WORDS_BYTES_MAX + 8];
    struct fc__answer answer;
    const struct fc__callback *callback = plan->steps[0].callback;
    require(callback->refused == NULL);
    memset(words, 0, sizeof words);
    change(words, callback->there->words_bytes, callback->there->callee->pointer_bytes);
    desk.upcall.callback = callback;
    desk.upcall.function = (uintptr_t)function;
    int rc = fc__upcall_run(&desk.upcall, words, &answer);
    require(rc == FC_OK || desk.err.code == rc);
}

enum { CALLS = sizeof calls / sizeof *calls, UPCALLS = sizeof upcalls / sizeof *upcalls };

/* Compiled once, for each callee. */
static struct fc__plan *plan_of(unsigned index, bool is_wide) {
    static struct fc__plan *plans[CALLS + UPCALLS][2];
    struct fc__plan **plan = &plans[index][is_wide];
    const char *text = index < CALLS ? calls[index].prototype : upcalls[index - CALLS].prototype;
    if (*plan == NULL) {
        const struct fc__target *const targets[2] = {fc__target_native(),
                                                     fc__target_find(is_wide ? "x86_64-linux" : "i386-linux")};
        require(fc__plan_parse(text, strlen(text), "fuzz", targets, NULL, plan, &desk.err) == FC_OK);
    }
    return *plan;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    desk.data = data;
    desk.end = data + size;
    if (desk.low == NULL) {
        desk.low = mmap(NULL, LOW_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
        require(desk.low != MAP_FAILED && (uintptr_t)desk.low + LOW_BYTES <= UINT32_MAX);
    }
    memset(desk.low, 0, LOW_BYTES);
    const uint64_t which = say(1);
    const unsigned index = (unsigned)(which / 2 % (CALLS + UPCALLS));
    struct fc__plan *plan = plan_of(index, which % 2 == 1);
    struct fc__marshal *m = &desk.upcall.marshal;
    memset(m, 0xaa, sizeof *m); /* as sessions leave it */
    m->plan = plan;
    m->ops = &marshal_ops;
    m->context = &desk;
    m->objects = &desk.objects;
    m->err = &desk.err;
    m->line = (uintptr_t)desk.low;
    m->keeps_off_line = false;
    m->scratch = desk.low + SCRATCH_OFFSET;
    m->scratch_end = desk.low + LOW_BYTES;
    desk.upcall.ops = &upcall_ops;
    if (index < CALLS) {
        run_call(plan, &calls[index]);
    } else {
        run_upcall(plan, upcalls[index - CALLS].function);
    }
    require(desk.objects.count == 0);
    for (; desk.block_count > 0; desk.block_count--) {
        free(desk.blocks[desk.block_count - 1]);
    }
    fc__objects_done(&desk.objects);
    return 0;
}
