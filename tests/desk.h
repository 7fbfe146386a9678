/* tests: marshalling over a fake session, whose callee answers what the test likes. */
#ifndef FC_TESTS_DESK_H
#define FC_TESTS_DESK_H

#include "plans.h"

#include "abi/upcall.h"
#include "base/change.h"

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

static inline struct desk *desk_of(void *context) {
    return context;
}

static inline void *block(struct desk *desk, uint64_t size) {
    require(desk->block_count < BLOCKS_MAX && size < LOW_BYTES);
    unsigned char *bytes = calloc(1, (size_t)size + CANARY_BYTES);
    require(bytes != NULL);
    memset(bytes + size, 0xc5, CANARY_BYTES);
    desk->blocks[desk->block_count].bytes = bytes;
    desk->blocks[desk->block_count++].size = size;
    return bytes;
}

static inline int desk_grow(void *context, uint64_t size, unsigned char **ret_memory) {
    (void)ret_memory;
    return fc__error_set(desk_of(context)->upcall.marshal.err, FC_ENOMEM, "no %llu bytes more",
                         (unsigned long long)size);
}

static inline bool desk_is_shared(void *context, uint64_t address, uint64_t size) {
    (void)context, (void)address, (void)size;
    return false;
}

static inline void see_pointer(struct desk *desk) {
    if (desk->on_pointer != NULL) {
        desk->on_pointer(desk);
    }
}

static inline int desk_narrow(void *context, uint64_t pointer, uint32_t *ret_narrow) {
    see_pointer(context);
    *ret_narrow = (uint32_t)pointer;
    return FC_OK;
}

static inline int desk_widen(void *context, uint32_t narrow, uint64_t *ret_pointer) {
    see_pointer(context);
    *ret_pointer = narrow;
    return FC_OK;
}

static inline int desk_fetch(void *context, uint64_t address, uint64_t size, void **ret_copy) {
    struct desk *desk = context;
    if (address < REMOTE || size > REMOTE_BYTES || address - REMOTE > REMOTE_BYTES - size) {
        return fc__error_set(desk->upcall.marshal.err, FC_ELOAD, "the callee has no such memory");
    }
    *ret_copy = block(desk, size);
    memcpy(*ret_copy, desk->remote + (address - REMOTE), (size_t)size);
    return FC_OK;
}

static inline int desk_give_back(void *context, uint64_t address, uint64_t size, void *copy) {
    memcpy(desk_of(context)->remote + (address - REMOTE), copy, (size_t)size);
    return FC_OK;
}

static inline int desk_merge(void *context, uint64_t from, uint64_t before, uint64_t to, uint64_t size) {
    fc__change_copy(desk_of(context)->remote + (to - REMOTE), (const unsigned char *)(uintptr_t)from,
                    (const unsigned char *)(uintptr_t)before, size);
    return FC_OK;
}

static inline bool desk_lend(void *context, uint64_t size, unsigned char **ret_memory) {
    *ret_memory = block(desk_of(context), size);
    return true;
}

static inline int desk_hold(void *context, uint64_t address, uint64_t size, bool outlives, void **ret_memory) {
    (void)outlives;
    struct desk *desk = context;
    (void)address;
    desk->holds++;
    *ret_memory = block(desk, size);
    return FC_OK;
}

static inline int desk_text(void *context, uint64_t address, const char **ret_string) {
    struct desk *desk = context;
    const char *from = (const char *)desk->remote + (address - REMOTE);
    require(address >= REMOTE && address < REMOTE + REMOTE_BYTES);
    const size_t len = strnlen(from, (size_t)(REMOTE_BYTES - (address - REMOTE)));
    char *copy = block(desk, len + 1);
    memcpy(copy, from, len);
    *ret_string = copy;
    return FC_OK;
}

static inline void desk_enter(void *context) {
    (void)context;
}
static inline int desk_leave(void *context) {
    (void)context;
    return FC_OK;
}

static const struct fc__marshal_ops marshal_ops = {.grow = desk_grow,
                                                   .is_shared = desk_is_shared,
                                                   .narrow = desk_narrow,
                                                   .widen = desk_widen,
                                                   .fetch = desk_fetch,
                                                   .give_back = desk_give_back,
                                                   .merge = desk_merge,
                                                   .lend = desk_lend,
                                                   .hold = desk_hold,
                                                   .text = desk_text};
static const struct fc__upcall_ops upcall_ops = {.enter = desk_enter, .leave = desk_leave};

static inline struct desk *desk_new(const char *prototype) {
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

static inline void check_canaries(const struct desk *desk) {
    for (unsigned i = 0; i < desk->block_count; i++) {
        for (unsigned at = 0; at < CANARY_BYTES; at++) {
            assert_int_equal(desk->blocks[i].bytes[desk->blocks[i].size + at], 0xc5);
        }
    }
}

static inline void desk_free(struct desk *desk) {
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

static inline int send(struct desk *desk, ...) {
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
static inline int receive(struct desk *desk, uint64_t value, void *ret_result) {
    memset(desk->line, 0xdd, 32);
    return fc__marshal_receive(&desk->upcall.marshal, &(struct fc__answer){.value = value}, ret_result);
}

/* The callee's word at `at`, and in it a pointer or a long. */
static inline uint64_t load_word(const struct desk *desk, const void *at) {
    uint64_t word = 0;
    memcpy(&word, at, desk->plan->callee->pointer_bytes);
    return word;
}
static inline void store_word(const struct desk *desk, void *at, uint64_t word) {
    memcpy(at, &word, desk->plan->callee->pointer_bytes);
}
static inline unsigned char *argument(const struct desk *desk, unsigned index) {
    return (unsigned char *)(uintptr_t)load_word(desk,
                                                 desk->line + FC__FRAME_WORDS_OFFSET + desk->plan->steps[index].offset);
}
static inline size_t word_bytes(const struct desk *desk) {
    return desk->plan->callee->pointer_bytes;
}

static inline void fill_remote(struct desk *desk, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        store_word(desk, desk->remote + i * word_bytes(desk), i + 1);
    }
}

#endif
