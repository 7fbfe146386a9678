/* client: functions of the library as the caller has them: thunks, trampolines of this process (abi/trampoline.S), each
 * of which calls one function as fc_call does. They are the process's: their addresses are not used for another
 * function soon after their session is closed. */
#include "client/client.h"

#include "abi/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS_PER_PAGE = FC__OS_PAGE_BYTES / sizeof(struct fc__frame_slot),
    THUNK_PAGES_MAX = 4096,
    REST_MIN = 4 * SLOTS_PER_PAGE, /* so many of closed sessions lie idle before the oldest is used again */
    RESULT_BYTES_MAX = 64,         /* of what is not written to where the thunk's caller says */
};

struct fc__thunk {
    struct fc_function function; /* no library's; without a session once that is closed */
    struct fc__callback *callback;
    struct fc__frame_slot *slot;
    struct fc__thunk *next; /* of the session, or of those that are idle */
};

static struct {
    pthread_mutex_t lock;
    struct fc__thunk *_Atomic pages[THUNK_PAGES_MAX]; /* once there, they stay */
    uint32_t count;
    struct fc__thunk *idle, **idle_end;
    uint32_t idle_count;
} thunks = {.lock = PTHREAD_MUTEX_INITIALIZER, .idle_end = &thunks.idle};

static struct fc__thunk *at(uint32_t id) {
    struct fc__thunk *page = atomic_load_explicit(&thunks.pages[id / SLOTS_PER_PAGE], memory_order_acquire);
    return &page[id % SLOTS_PER_PAGE];
}

static void *address_of(const struct fc__thunk *thunk) {
    return (unsigned char *)thunk->slot - FC__OS_PAGE_BYTES;
}

/* -- making -------------------------------------------------------------------------------------------------------- */

static bool add_page_locked(void) {
    const uint32_t number = thunks.count / SLOTS_PER_PAGE;
    unsigned char *text = NULL;
    struct fc__thunk *page = number < THUNK_PAGES_MAX ? calloc(SLOTS_PER_PAGE, sizeof *page) : NULL;
    if (page == NULL ||
        fc__os_memory_map_text(fc__frame_trampolines, FC__OS_PAGE_BYTES, FC__OS_PAGE_BYTES, &text) != 0) {
        free(page);
        return false;
    }
    for (uint32_t i = 0; i < SLOTS_PER_PAGE; i++) {
        page[i].slot = (struct fc__frame_slot *)(void *)(text + FC__OS_PAGE_BYTES) + i;
    }
    atomic_store_explicit(&thunks.pages[number], page, memory_order_release);
    return true;
}

static struct fc__thunk *take_locked(void) {
    if (thunks.idle_count > REST_MIN) {
        struct fc__thunk *oldest = thunks.idle;
        thunks.idle = oldest->next;
        thunks.idle_end = thunks.idle == NULL ? &thunks.idle : thunks.idle_end;
        thunks.idle_count--;
        return oldest;
    }
    if (thunks.count % SLOTS_PER_PAGE == 0 && !add_page_locked()) {
        return NULL;
    }
    struct fc__thunk *thunk = at(thunks.count);
    thunk->slot->id = thunks.count++;
    return thunk;
}

void *fc__thunk_new(struct fc__channel *channel, struct fc__callback *callback, uint64_t address,
                    struct fc__thunk **inout_list) {
    struct fc_session *session = channel->session;
    pthread_mutex_lock(&thunks.lock);
    struct fc__thunk *thunk = take_locked();
    if (thunk != NULL) {
        fc__shapes_keep(callback->shapes);
        thunk->callback = callback;
        thunk->function.session = session;
        thunk->function.session_id = session->id;
        thunk->function.plan = callback->there;
        atomic_store(&thunk->function.address, address);
        atomic_store(&thunk->function.generation, channel->generation);
        fc__frame_slot_set(thunk->slot, callback->here.info);
        thunk->next = *inout_list;
        *inout_list = thunk;
    }
    pthread_mutex_unlock(&thunks.lock);
    return thunk != NULL ? address_of(thunk) : NULL;
}

void fc__thunks_end(struct fc__thunk *list) {
    pthread_mutex_lock(&thunks.lock);
    while (list != NULL) {
        struct fc__thunk *next = list->next;
        fc__shapes_drop(list->callback->shapes);
        list->callback = NULL;
        list->function.session = NULL;
        list->next = NULL;
        *thunks.idle_end = list;
        thunks.idle_end = &list->next;
        thunks.idle_count++;
        list = next;
    }
    pthread_mutex_unlock(&thunks.lock);
}

void fc__thunks_before_fork(void) {
    pthread_mutex_lock(&thunks.lock);
}

void fc__thunks_after_fork(void) {
    pthread_mutex_unlock(&thunks.lock);
}

/* -- calling ------------------------------------------------------------------------------------------------------- */

/* The arguments as the thunk's caller left them: the words of a frame. */
static void gather(uint32_t info, const struct fc__frame_registers *registers, const void *stack,
                   unsigned char *words) {
    const size_t integers = FC__FRAME_INTEGERS(info) * sizeof(void *);
    const size_t vectors = FC__FRAME_VECTORS(info) * sizeof(void *);
    memcpy(words, registers->integers, integers);
    memcpy(words + integers, registers->vectors, vectors);
    memcpy(words + integers + vectors, stack, FC__FRAME_STACK(info) * sizeof(void *));
}

static void fetch(const struct fc__native *here, struct fc__marshal *m, const unsigned char *words) {
    unsigned pieces = 0;
    for (uint32_t i = 0; i < m->plan->count; i++) {
        const struct fc__native_place *place = &here->places[i];
        const struct fc__fetched *fetched = &m->plan->fetches[i];
        if (fetched->kind != FC__FETCH_WHOLE && fetched->kind != FC__FETCH_LONG_DOUBLE) {
            m->slots[i] = fc__value_load(words + place->offset, fetched->bytes, fetched->is_signed);
            if (fetched->is_bool) {
                m->slots[i] = m->slots[i] != 0;
            }
        } else if (place->parts == 0) {
            m->slots[i] = (uintptr_t)(words + place->offset);
        } else { /* there are no more of them than there are registers */
            unsigned char *piece = m->pieces[pieces++ % FC__MARSHAL_PIECES];
            memset(piece, 0, sizeof m->pieces[0]);
            if ((place->parts & 1) != 0) {
                memcpy(piece, words + place->offset, 8);
            }
            if ((place->parts & 2) != 0) {
                memcpy(piece + 8, words + place->second_offset, 8);
            }
            m->slots[i] = (uintptr_t)piece;
        }
    }
}

/* `result`: the caller's value. */
static void give(const struct fc__native *here, const struct fc__plan *plan, const unsigned char *result,
                 uint64_t results[FC__FRAME_RESULTS]) {
    const struct fc__value *type = &plan->result;
    if (FC__FRAME_RESULT(here->info) == FC__FRAME_RESULT_X87 && type->kind == FC__VALUE_FLOAT) {
        float narrow;
        double number;
        memcpy(&narrow, result, sizeof narrow);
        memcpy(&number, result, sizeof number);
        const long double wide = type->caller_bytes == 4 ? (long double)narrow : (long double)number;
        memcpy(&results[0], &wide, 8);
        results[1] = 0;
        memcpy(&results[1], (const unsigned char *)&wide + 8, 2);
        return;
    }
    const bool is_high = here->result.kind == FC__PASSING_REGISTERS && here->result.classes[0] == FC__CLASS_NONE;
    memcpy(&results[0], result + (is_high ? 8 : 0), 8);
    memcpy(&results[1], result + 8, 24);
    if (!plan->result_whole && type->kind != FC__VALUE_VOID && type->kind != FC__VALUE_FLOAT) {
        results[0] = fc__value_extend(results[0], type->caller_bytes, type->is_signed);
    }
}

static void fail(const struct fc__thunk *thunk, const struct fc__error *err) {
    fc__session_log(thunk->function.session, "in a call of a function pointer of the library: %s", err->text);
    errno = EIO;
}

static void run(struct fc__thunk *thunk, struct fc__frame_registers *registers, const void *stack) {
    const struct fc__native *here = &thunk->callback->here;
    const struct fc__plan *plan = thunk->callback->there;
    _Alignas(16) unsigned char words[FC__FRAME_WORDS_BYTES_MAX + 8], result[RESULT_BYTES_MAX] = {0};
    void *to = result;
    struct fc__marshal marshal; /* not cleared: large, and written as it is used */
    gather(here->info, registers, stack, words);
    if (here->result.kind == FC__PASSING_HIDDEN) {
        to = (void *)(uintptr_t)fc__value_load(words + here->hidden_offset, sizeof(void *), false);
        memset(to, 0, (size_t)here->result.size_bytes);
    }
    marshal.plan = plan;
    marshal.ops = &fc__function_ops;
    marshal.passed = NULL;
    marshal.err = fc__error_here();
    fetch(here, &marshal, words);
    const struct fc__failing failing = fc__failing_of(plan);
    int rc = fc__function_call(&thunk->function, &marshal, to);
    if (rc != FC_OK) {
        fail(thunk, marshal.err);
        fc__failing_store(&failing, to);
    }
    if (here->result.kind == FC__PASSING_HIDDEN) {
        registers->results[0] = (uintptr_t)to;
    } else {
        give(here, plan, result, registers->results);
    }
}

void fc__frame_caught(const struct fc__frame_slot *slot, struct fc__frame_registers *registers, const void *stack) {
    struct fc__thunk *thunk = at(slot->id);
    registers->results[0] = registers->results[1] = 0;
    if (thunk->function.session == NULL) {
        fc__error_set(fc__error_here(), FC_ECLOSED,
                      "a function pointer of the library was called after its session was "
                      "closed");
        errno = EIO;
        return;
    }
    run(thunk, registers, stack);
}
