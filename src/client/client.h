/* client: sessions as the caller's process keeps them.
 * Runs in: the caller.  Threads: each structure names its lock; `_locked` functions are called with it held.
 * Does not: convert values (abi), pass turns (wire), or print.
 *
 * Order of locks: registry, session.lock, heap.lock, window.lock, session.control_lock, session.channels_lock,
 * book.lock, callbacks.lock, that of the thunks. */
#ifndef FC_CLIENT_CLIENT_H
#define FC_CLIENT_CLIENT_H

#include "abi/marshal.h"
#include "abi/plan.h"
#include "base/error.h"
#include "os/os.h"
#include "wire/channel.h"
#include "wire/message.h"

#include <pthread.h>

#define FC__CONNECT_LIMIT_MS 20000 /* for a host to come up */

/* -- options.c -------------------------------------------------------------------------------------------------------- */

enum fc__backend { FC__BACKEND_PROCESS, FC__BACKEND_DIRECT, FC__BACKEND_AUTO };
struct fc_options {
    enum fc__backend backend;
    char *target, *host_path, *working_directory, *library_path;
    char **environment; /* NULL: the caller's */
    uint32_t deadline_ms, spin_us;
    bool is_hostile;
    fc_log_fn *log;
    void *log_data;
};
int fc__options_copy(const struct fc_options *from, struct fc_options *ret_copy);
void fc__options_done(struct fc_options *options);
/* The environment that a host starts with; one block, to be freed. NULL when out of memory. */
char **fc__options_environment(const struct fc_options *options);

/* -- window.c: memory at one address on both sides ------------------------------------------------------------------- */

/* Addresses, for readers without a lock: 0, 0 is an empty one. An entry that changes during a call cannot hold anything
 * of that call's: it is looked at twice, so that the base of one never meets the end of another. */
struct fc__range {
    _Atomic uintptr_t base, end;
};
static inline bool fc__range_holds(const struct fc__range *range, uint64_t address, uint64_t size) {
    uintptr_t end = atomic_load_explicit(&range->end, memory_order_acquire);
    uintptr_t base = atomic_load_explicit(&range->base, memory_order_acquire);
    return address >= base && address < end && size <= end - address &&
           atomic_load_explicit(&range->end, memory_order_relaxed) == end;
}

/* callee_heap.c: the memory of the present host's malloc, and of those that died. Changes under window.lock. */
struct fc__callee_heap {
    int fd;
    uint64_t base, size_bytes; /* mapped, with a guard at the end; 0 bytes: there is none */
    bool is_used;              /* a host has come up with it */
    unsigned place;            /* varies it */
    unsigned next_dead;
    _Atomic bool has_dead;
    struct fc__range live, dead[FC__WIRE_DEAD_HEAPS];
};

enum { FC__WINDOW_SEGMENTS_MAX = 128 };
struct fc__span; /* a run of pages in use */

struct fc__window {
    pthread_mutex_t lock;
    struct fc__segment *segments[FC__WINDOW_SEGMENTS_MAX]; /* the first is never given back */
    _Atomic unsigned count;
    struct fc__range ranges[FC__WINDOW_SEGMENTS_MAX]; /* the same */
    struct fc__callee_heap callee_heap;
    uint64_t token_base, token_bytes;
    bool is_private;         /* a forked child's, not yet its own */
    unsigned char *snapshot; /* over a fork: what the child is to find in fc_alloc's memory */
    uint64_t snapshot_bytes;
    struct fc__heap *heap; /* fc_alloc's small blocks */
};

struct fc_session;
/* Makes the first segment and the token range. `attempt` varies the place. */
int fc__window_init(struct fc_session *session, unsigned attempt, struct fc__error *err);
void fc__window_done(struct fc__window *window);
struct fc_wire_header *fc__window_header(const struct fc__window *window);
/* What the header is to say, from the caller's own records: the one in memory is only as true as the last host was. */
struct fc_wire_header fc__window_describe(const struct fc__window *window);
int fc__window_fd(const struct fc__window *window);
bool fc__window_contains(const struct fc__window *window, uint64_t address, uint64_t size);
/* Zeroed pages; NULL when there is no room on both sides. */
struct fc__span *fc__window_take(struct fc_session *session, uint64_t size_bytes);
void fc__window_give(struct fc_session *session, struct fc__span *span);
uint64_t fc__span_base(const struct fc__span *span);
uint64_t fc__span_bytes(const struct fc__span *span);
/* Maps every further segment in a host that has just come up. */
int fc__window_map_all(struct fc_session *session);
/* The pages are fc_alloc's: a forked child has them too. */
void fc__span_keep(struct fc__span *span);
/* Fork: before it, what is to be kept is copied, since the parent goes on writing; the parent drops the copy, the child
 * puts it in place. There the window is readable and private until, before the child's own host starts, it becomes
 * shareable. */
void fc__window_snapshot_locked(struct fc__window *window);
void fc__window_drop_snapshot_locked(struct fc__window *window);
void fc__window_privatise(struct fc__window *window);
int fc__window_republish(struct fc__window *window);

/* -- callee_heap.c: what the library allocates -------------------------------------------------------------------------- */

/* Before each attempt to start a host: memory for its heap, unless the session is hostile. */
int fc__callee_heap_renew(struct fc_session *session, unsigned attempt, struct fc__error *err);
/* In a forked child: the host is the parent's. */
void fc__callee_heap_leave(struct fc__callee_heap *heap);
void fc__callee_heap_done(struct fc__callee_heap *heap);
void fc__callee_heap_describe(const struct fc__callee_heap *heap, struct fc_wire_header *header);
/* True for addresses that the present host allocates at, or one that died did. */
bool fc__callee_heap_holds(const struct fc__window *window, uint64_t address);
bool fc__callee_heap_is_dead(const struct fc__window *window, uint64_t address);

/* -- heap.c: fc_alloc ---------------------------------------------------------------------------------------------------- */

int fc__heap_init(struct fc__window *window);
void fc__heap_done(struct fc__window *window);
/* For fork; the heap's lock comes before the window's. */
void fc__heap_lock(struct fc__window *window);
void fc__heap_unlock(struct fc__window *window);

/* -- book.c: what stands for what ---------------------------------------------------------------------------------------- */

struct fc__book {
    pthread_mutex_t lock;
    uint64_t *pointers; /* of tokens, by number */
    uint32_t count, capacity;
    uint32_t *slots; /* hash of pointers: number + 1, or 0 */
    uint32_t slot_count;
    struct fc__book_string **strings; /* hash by address */
    uint32_t string_count, string_slots;
    struct fc__book_string *retired;
    /* lasting.c: objects that outlive calls. */
    struct fc__book_lasting *lasting;
    _Atomic uint32_t lasting_count;  /* looked at without the lock: 0 in most sessions */
    _Atomic uint32_t written_count;  /* of them, what is kept and may be written to; the same */
    void *by_here, *by_there, *kept; /* trees */
    struct fc__book_until *untils;   /* the names of functions that end something */
};
void fc__book_init(struct fc__book *book);
void fc__book_done(struct fc__book *book);
int fc__book_narrow(struct fc_session *session, uint64_t pointer, uint32_t *ret_narrow, struct fc__error *err);
int fc__book_widen(struct fc_session *session, uint32_t narrow, uint64_t *ret_pointer, struct fc__error *err);
/* True if that means to look at or add to the tokens. */
bool fc__book_is_token(const struct fc_session *session, uint64_t narrow);
bool fc__book_needs_lock(const struct fc_session *session, uint64_t pointer);
/* A stable copy of `len` bytes and a NUL for the string at `address` in the callee. */
int fc__book_string(struct fc__book *book, uint64_t address, const char *text, uint64_t len, const char **ret_copy,
                    struct fc__error *err);
/* The caller's memory that stands for the `size` bytes at `address` in the callee: what was there the last time. */
int fc__book_hold(struct fc__book *book, uint64_t address, uint64_t size, void **ret_memory, struct fc__error *err);
/* Room for a copy of what fc__book_hold returned, as large as that. */
unsigned char *fc__book_pristine(uint64_t held);
/* The strings of a host that is gone keep their copies, but their addresses mean nothing any more. */
void fc__book_forget_strings(struct fc__book *book);

/* -- lasting.c: objects that outlive calls ------------------------------------------------------------------------------- */

/* Of struct fc__marshal_ops; `context` is a marshal whose owner is a channel. */
bool fc__op_lasting(void *context, enum fc__side from, uint64_t address, const uint64_t bytes[2],
                    struct fc__lasting *ret_lasting);
int fc__op_stand_in(void *context, enum fc__side from, uint64_t address, uint64_t *ret_address);
int fc__op_pin(void *context, const struct fc__object *object, bool begins, uint64_t *ret_there);
void fc__op_unpin(void *context, uint64_t here);
int fc__op_keep(void *context, const struct fc__object *object, const char *until, uint64_t *ret_there);
int fc__op_took(void *context, const struct fc__object *object, unsigned char **ret_pristine);
/* After the call: what was kept in it belongs to its handle, which may be its result; or is not kept, since the call was
 * not made, or failed. */
void fc__lasting_settle(struct fc__marshal *marshal, bool is_kept, const void *result);
/* A claim to the caller's function of that number, which ends with `until`; in a call. */
int fc__lasting_claim(struct fc__marshal *marshal, uint32_t id, const char *until);
/* After a call of a function that ends the life of what was kept: gives it back. */
int fc__lasting_end(struct fc__marshal *marshal);
/* After any call, if there is something in the book's written_count: what the library wrote to what it keeps for the call's
 * handle is copied back. */
int fc__lasting_bring_back(struct fc__marshal *marshal);
/* Whether some declaration says that the function of that name ends something. */
bool fc__book_is_until(struct fc__book *book, const char *name);
bool fc__book_add_until(struct fc__book *book, const char *name);
void fc__book_free_lasting(struct fc_session *session);
void fc__book_free_untils(struct fc__book *book);

/* -- remote.c: the session's host ------------------------------------------------------------------------------------------ */

struct fc__remote {
    struct fc__os_process process;
    _Atomic int control_fd;
    int bell_fd;                 /* under channels_lock: with which the host asks for dispatchers; -1: it has none */
    _Atomic uint32_t hurried;    /* signal handlers that use process and control_fd, which stay meanwhile */
    uint64_t key;                /* unique in this process; 0: none was ever started */
    _Atomic uint32_t generation; /* 1, 2, ... of the session */
    _Atomic bool is_up;
    /* Under channels_lock: why the latest generation that is down went down. */
    uint32_t lost_generation;
    char cause[1024];
    struct fc_wire_report report;
};

struct fc__channel;
/* Under session.lock: brings a host up if none is, and opens the session's libraries in it. */
int fc__remote_ensure_locked(struct fc_session *session, struct fc__channel *channel, struct fc__error *err);
/* The host of a generation is no use any more: wakes everyone who waits for it. `cause` NULL: find out. */
void fc__remote_lost(struct fc_session *session, uint32_t generation, const char *cause);
/* Ends it: in order if that is possible. */
void fc__remote_end_locked(struct fc_session *session, bool orderly);
int fc__remote_request(struct fc_session *session, struct fc_wire_control *inout_message, int fd);
/* The same of the host of that generation, -EPIPE if it is there no more; with the descriptor that the reply brings, -1 if
 * none, unless `ret_fd` is NULL. */
int fc__remote_exchange(struct fc_session *session, uint32_t generation, struct fc_wire_control *inout_message, int fd,
                        int *ret_fd);
/* Closes the control connection and the bell. Under control_lock and channels_lock, or in a forked child. */
void fc__remote_close_connection(struct fc_session *session);
/* For signal handlers: without a lock. Has the channel served by a thread (-errno); ends the channel's host at once. */
int fc__remote_announce_now(const struct fc__channel *channel);
void fc__remote_kill_now(const struct fc__channel *channel);
/* True if the control group allows at most one CPU's time. */
bool fc__remote_quota_is_scarce(void);
/* FC_EDIED with what is known, for a call of `function` (NULL: something else) on `channel`. */
int fc__remote_death_error(struct fc_session *session, const struct fc__channel *channel, uint32_t generation,
                           const struct fc__marshal *marshal, struct fc__error *err);

/* -- channel.c: one for each thread and session ------------------------------------------------------------------------------ */

/* Where data begins in a channel whose line, gathering area and texts other operations may use while a call is in
 * flight. */
#define FC__CHANNEL_SCRATCH_OFFSET (FC__WIRE_TEXT_OFFSET + FC__WIRE_TEXT_BYTES)
_Static_assert(FC__CHANNEL_SCRATCH_OFFSET >= FC__FRAME_GATHER_OFFSET + FC__FRAME_GATHER_BYTES, "behind all of them");

/* texts.c: copies that the host cannot reach, for the length of an upcall. Taken and given back as a stack; the memory is
 * kept. */
struct fc__text_chunk;
struct fc__texts_mark {
    struct fc__text_chunk *chunk; /* NULL: nothing is taken */
    size_t used;
};
struct fc__texts {
    struct fc__text_chunk *first;
    struct fc__texts_mark top;
    size_t size_bytes; /* of all chunks */
};
/* NULL when out of memory, or if there is none yet and `may_allocate` says that none may be made. */
char *fc__texts_take(struct fc__texts *texts, uint64_t size, bool may_allocate);
void fc__texts_release(struct fc__texts *texts, struct fc__texts_mark mark);
void fc__texts_done(struct fc__texts *texts);

/* How much of a channel's scratch is taken. */
struct fc__scratch_mark {
    unsigned char *mark, *next;
    uint32_t extra_count;
    uint64_t wanted;
    struct fc__texts_mark texts;
};

/* What a call changes of its channel, for when it returns, or is left by a jump out of an upcall. */
struct fc__crossing {
    uint32_t depth;
    bool is_exposed;
    struct fc__scratch_mark scratch;
    uint32_t object_count;
    struct fc__crossing *outer;
};

struct fc__channel {
    struct fc_session *session;
    struct fc_wire_line *line;
    struct fc__wire_waiter waiter;
    uint64_t limit_ns;    /* for an answer; 0: none */
    uint32_t generation;  /* of the host that serves it; 0: none */
    _Atomic bool is_busy; /* in a call; written by its thread only */
    pthread_t owner;
    struct fc__channel *spare; /* for calls made while this one is in flight, by signal handlers; NULL: this is one */
    bool is_spare;             /* its calls take no lock and no memory */
    bool is_announced;         /* the host knows it; of a spare: from its first use on */
    bool is_dispatcher;        /* serves a thread of the library */
    struct fc__span *block;    /* line and first scratch */
    struct fc__span *kept;     /* scratch for larger calls */
    unsigned char *next, *kept_end; /* its free part in this call */
    struct fc__span **extra;        /* taken in this call beyond that */
    uint32_t extra_count, extra_capacity;
    /* Upcalls. */
    _Atomic uint32_t depth; /* of the caller's functions that the thread is in, called by this channel's host thread */
    bool is_exposed;        /* the call in flight has data on the line and behind it, where other operations write */
    struct fc__crossing *crossing; /* the innermost of the calls in flight that use scratch */
    unsigned char *mark;           /* first free scratch behind the calls in flight; NULL: there are none */
    uint64_t in_functions_ns; /* how long the latest of them ran, if there is a limit for answers: it does not count */
    int upcall_failure;       /* what the call whose upcall it was returns instead of success; FC_OK: nothing */
    uint32_t failure_depth;   /* of that call */
    struct fc__texts texts;   /* that the functions were given */
    char upcall_text[FC__ERROR_TEXT_MAX];
    void *returned, *returned_outside; /* see returned.c: in calls, and outside of any */
    uint64_t wanted;                   /* bytes that went beyond the block in this call; not 0 if `returned` is not */
    struct fc__objects objects;        /* of the calls and upcalls in progress */
    struct fc__channel *next_in_session;
};
/* The calling thread's channel, or its spare one if that is in flight; marked busy and served by a living host. FC_EBUSY, and those of starting a host. */
int fc__channel_enter(struct fc_session *session, struct fc__channel **ret_channel, struct fc__error *err);
/* The same with session.lock held. */
int fc__channel_enter_locked(struct fc_session *session, struct fc__channel **ret_channel, struct fc__error *err);
struct fc__scratch_mark fc__channel_mark(const struct fc__channel *channel);
/* Gives back what was taken since. */
void fc__channel_release(struct fc__channel *channel, const struct fc__scratch_mark *mark);
void fc__channel_cross_begin(struct fc__channel *channel, struct fc__crossing *crossing);
void fc__channel_cross_end(struct fc__channel *channel);
/* Gives back what the call needed beyond its channel. */
void fc__channel_settle_scratch(struct fc__channel *channel);
static inline void fc__channel_leave(struct fc__channel *channel) {
    if (__builtin_expect(channel->wanted != 0, 0) && channel->depth == 0) {
        fc__channel_settle_scratch(channel);
    }
    atomic_store_explicit(&channel->is_busy, false, memory_order_release);
}

/* A channel of the calling thread, in the session's list; as a dispatcher's, it is not in use yet. NULL: FC_ENOMEM. */
struct fc__channel *fc__channel_new(struct fc_session *session, bool is_dispatcher, struct fc__error *err);
/* Under channels_lock: the host of this generation serves it from now on. */
void fc__channel_served_locked(struct fc__channel *channel, uint32_t generation);
/* Gives the thread's channel back when it ends. `data`: the channel, one of the session's. */
void fc__channel_end(struct fc_session *session, void *data);
/* Ends the host, which broke the rules. */
void fc__channel_lose_host(struct fc__channel *channel, const char *cause);
/* Readies the line for a new host thread and asks the host for one. */
int fc__channel_attach(struct fc__channel *channel, uint32_t generation, struct fc__error *err);
void fc__channel_reset(struct fc__channel *channel);
/* Serves upcalls, until there is an answer. What one that is not DONE means: FC_EDIED (text is the caller's to make), FC_ETIMEDOUT, FC_EPROTO, or FC_ELOAD
 * with the host's text when the host answered that it failed, FC_ENOMEM when it has no thread to serve the channel.
 * `err` NULL: the thread's own. */
int fc__channel_not_done(struct fc__channel *channel, enum fc__wire_op op, uint32_t turn, uint64_t deadline_ns,
                         struct fc__error *err);

/* Passes the line with an operation already written to it and waits for the answer. *ret_sent says whether the host
 * may have seen it. FC_OK, FC_EDIED if it was not sent, and the errors of fc__channel_not_done. */
static inline int fc__channel_transact_after(struct fc__channel *channel, enum fc__wire_op op, bool *ret_sent,
                                             struct fc__error *err, int pauses) {
    *ret_sent = fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, op);
    if (__builtin_expect(!*ret_sent, 0)) {
        return FC_EDIED;
    }
    uint64_t deadline_ns = channel->limit_ns != 0 ? fc__os_now_ns() + channel->limit_ns : 0;
    uint32_t turn = fc__wire_wait_after(channel->line, 0, &channel->waiter, deadline_ns, pauses);
    /* The host may sleep by now, waiting for its next turn. */
    return __builtin_expect((turn & ~FC__WIRE_SLEEPER) == (uint32_t)FC__WIRE_OP_DONE << 8, 1)
               ? FC_OK
               : fc__channel_not_done(channel, op, turn, deadline_ns, err);
}
static inline int fc__channel_transact(struct fc__channel *channel, enum fc__wire_op op, bool *ret_sent,
                                       struct fc__error *err) {
    return fc__channel_transact_after(channel, op, ret_sent, err, FC__WIRE_PAUSES_OF_CALLER);
}
/* Operations with a text, such as OPEN; the answer's value. Death is explained here. */
int fc__channel_request(struct fc__channel *channel, enum fc__wire_op op, uint64_t value, const char *text,
                        uint64_t *ret_value, char *ret_text, size_t text_size, struct fc__error *err);
/* Memory beyond the call in flight, for as long as the present upcall lasts; 16-byte aligned. */
int fc__channel_scratch(struct fc__channel *channel, uint64_t size, unsigned char **ret_memory, struct fc__error *err);
/* Memory beyond the channel's own block, for as long as the outermost call lasts. */
int fc__channel_grow(struct fc__channel *channel, uint64_t size, unsigned char **ret_memory, struct fc__error *err);
/* Under the registry lock, for sessions that close, and in forked children for threads that do not exist there. */
void fc__channel_free(struct fc__channel *channel);

/* -- thread.c: which channels the calling thread has ------------------------------------------------------------------------ */

/* The channel that the calling thread used last. Looked at in every call, so without the detour that thread-local
 * memory of a shared library may take: 16 bytes. */
struct fc__recent {
    _Alignas(16) uint64_t session_id;
    struct fc__channel *channel;
};
extern _Thread_local struct fc__recent fc__channel_recent __attribute__((tls_model("initial-exec")));

/* A signal handler may call too, and use another channel last: whole entries are read and written, by one instruction. */
typedef long long fc__recent_bytes __attribute__((vector_size(16), may_alias));
_Static_assert(sizeof(struct fc__recent) == sizeof(fc__recent_bytes), "all of it");
static inline struct fc__recent fc__recent_read(const struct fc__recent *from) {
    struct fc__recent recent;
    fc__recent_bytes bytes = *(const volatile fc__recent_bytes *)(const volatile void *)from;
    memcpy(&recent, &bytes, sizeof recent);
    return recent;
}
static inline void fc__recent_write(struct fc__recent *to, struct fc__recent recent) {
    fc__recent_bytes bytes;
    memcpy(&bytes, &recent, sizeof bytes);
    *(volatile fc__recent_bytes *)(volatile void *)to = bytes;
}

/* The thread's channel of the session; NULL if it has none. Async-signal-safe in a thread that has one. */
struct fc__channel *fc__thread_find(const struct fc_session *session);
/* Has the channel found, and given back when the thread ends. False when out of memory. */
bool fc__thread_remember(struct fc__channel *channel);
/* True if the calling thread is in a function that the session's host called. */
bool fc__thread_is_in_upcall(const struct fc_session *session);
/* The child forgets the channels of the threads that it does not have. */
void fc__threads_before_fork(void);
void fc__threads_after_fork_in_parent(void);
void fc__threads_after_fork_in_child(void);

/* -- function.c ------------------------------------------------------------------------------------------------------------- */

/* What marshalling needs of a session, in calls and in upcalls: `context` is a marshal whose owner is a channel. */
bool fc__op_is_shared(void *context, uint64_t address, uint64_t size);
int fc__op_narrow(void *context, uint64_t pointer, uint32_t *ret_narrow);
int fc__op_widen(void *context, uint32_t narrow, uint64_t *ret_pointer);
bool fc__op_is_dead(void *context, uint64_t pointer);
int fc__op_callback(void *context, struct fc__callback *callback, uint64_t function, uint64_t *ret_callee);
int fc__op_function(void *context, struct fc__callback *callback, uint64_t function, uint64_t *ret_caller);

/* Has the host copy memory, one of the two addresses being scratch. What fc__channel_transact returns. */
int fc__channel_copy(struct fc__channel *channel, uint64_t from, uint64_t to, uint64_t size, struct fc__error *err);

void fc__function_free(struct fc_function *function);
/* Looks a new one up, by its plan's name, and makes it one of the library's. */
int fc__function_find(struct fc_function *function, struct fc_library *library, struct fc__error *err);
/* Looks it up in the present host. */
int fc__function_resolve(struct fc_function *function, struct fc__error *err);
extern const struct fc__marshal_ops fc__function_ops;
/* The whole call; the marshal has plan, slots, ops and err. */
int fc__function_call(struct fc_function *function, struct fc__marshal *marshal, void *ret_result);
/* A call of it failed: the result is what the declaration says that it is then, if it does, and errno is EIO. */
void fc__function_failed(const struct fc__plan *plan, void *ret_result);

/* -- descriptor.c: numbers that mean something in one process only ------------------------------------------------------------ */

struct fc__descriptors {
    uint32_t count;
    struct fc__descriptor_pair {
        uint32_t argument;
        int here, there;
    } pairs[FC__DESCRIPTORS_MAX];
};
/* A descriptor that the library keeps, which it returned. Under channels_lock. */
struct fc__held_descriptor {
    int there, here;
    struct fc__held_descriptor *next;
};
/* Before a call is sent: puts the host's numbers into the marshal's slots. Whatever it returns, what was lent ends by
 * fc__descriptors_end. FC_EDIED without a text. */
int fc__descriptors_send(struct fc__channel *channel, struct fc__marshal *marshal, struct fc__descriptors *ret_lent);
/* The slots are as they were. `is_taken`: the call was made and did not fail, so what was given is the library's. */
void fc__descriptors_end(struct fc__channel *channel, struct fc__marshal *marshal, const struct fc__descriptors *lent,
                         bool is_taken);
/* `result`, the library's number, becomes one of the caller's. */
int fc__descriptors_result(struct fc__channel *channel, const struct fc__marshal *marshal,
                           const struct fc__descriptors *lent, void *result);
void fc__descriptors_done(struct fc_session *session);

/* -- variadic.c: calls whose arguments are what a format says ------------------------------------------------------------------ */

/* The marshal has ops, err, and the function's own plan. */
int fc__variadic_list(struct fc_function *function, struct fc__marshal *marshal, void *ret_result, va_list *list);
int fc__variadic_array(struct fc_function *function, struct fc__marshal *marshal, void *ret_result, size_t count,
                       void *const *arguments);
/* The parameters from an array, and what the format says from a list. */
int fc__variadic_rest(struct fc_function *function, struct fc__marshal *marshal, void *ret_result,
                      void *const *arguments, va_list *rest);
void fc__variants_free(struct fc_function *function);

/* -- callback.c --------------------------------------------------------------------------------------------------------------- */

enum { FC__CALLBACK_CHUNKS = 24 };
/* Once there, an entry stays where it is until the session ends, so upcalls find it without a lock. One that is let go
 * becomes that of another function of the same type. */
struct fc__callback_entry {
    _Atomic uintptr_t function; /* 0: let go */
    struct fc__callback *callback;
    _Atomic uint32_t once; /* claims that end when it has been called */
    uint32_t claims;       /* that and others that end */
    bool is_always;        /* there is one that does not */
    uint32_t next_free;
    uint64_t outers[FC__OUTERS_MAX];
    _Atomic uint32_t generation; /* of the host that the address is good for; 0: none */
    uint64_t address;
};
struct fc__callbacks {
    pthread_mutex_t lock;
    struct fc__callback_entry *chunks[FC__CALLBACK_CHUNKS]; /* entries by number */
    unsigned chunk_count;
    _Atomic uint32_t count;
    uint32_t *slots; /* hash by function: number + 1, 0 free */
    uint32_t slot_count;
    uint32_t first_free;  /* of what was let go: number + 1, 0 none */
    _Atomic bool is_used; /* there may be upcalls: data keeps off the line */
    /* Functions of the callee's own that the caller has seen. */
    struct fc__callee_function {
        uint64_t function, address;
        uint32_t generation;
        const struct fc__callback *callback; /* NULL: a number, to be given back */
    } * theirs;
    _Atomic uint32_t theirs_count;
    uint32_t theirs_capacity;
    struct fc__thunk *thunks;
};
void fc__callbacks_init(struct fc__callbacks *callbacks);
void fc__callbacks_done(struct fc__callbacks *callbacks);
/* Two functions of the callee's are the same where all this is, but for how long it is wanted. */
struct fc__function_key {
    uint64_t function; /* the caller's */
    struct fc__callback *callback;
    const uint64_t *outers;
    enum { FC__CLAIM_ALWAYS, FC__CLAIM_ONCE, FC__CLAIM_UNTIL } claim;
};
/* The function of the channel's host that calls the caller's; the same one as long as there is a claim to it. *ret_id: its
 * number; UINT32_MAX if it is the callee's own. */
int fc__callbacks_address(struct fc__channel *channel, const struct fc__function_key *key, uint64_t *ret_address,
                          uint32_t *ret_id, struct fc__error *err);
/* Ends one claim. */
void fc__callbacks_let_go(struct fc_session *session, uint32_t id, bool is_once);
/* The caller's function that the callee's at `address` calls; false if it is none of the caller's. */
bool fc__callbacks_function(struct fc__channel *channel, uint64_t address, uint64_t *ret_function);
/* A function of the caller's that calls the callee's own at `address`; passed back, it is that again. The same one each
 * time. */
int fc__callbacks_thunk(struct fc__channel *channel, struct fc__callback *callback, uint64_t address,
                        uint64_t *ret_function, struct fc__error *err);
/* A function of the callee's own that the caller has as `function`; passed back, it is that again. */
int fc__callbacks_remember(struct fc__channel *channel, uint64_t function, uint64_t address, struct fc__error *err);
/* What the host calls by a number, which is its word only: NULL if that stands for nothing. */
const struct fc__callback_entry *fc__callbacks_find(const struct fc__channel *channel, uint64_t id);

/* -- thunk.c: functions of the callee's own that the caller can call ----------------------------------------------------------- */

/* Under callbacks.lock. NULL: no memory. The list is the session's. */
void *fc__thunk_new(struct fc__channel *channel, struct fc__callback *callback, uint64_t address,
                    struct fc__thunk **inout_list);
void fc__thunks_end(struct fc__thunk *list);
void fc__thunks_before_fork(void);
void fc__thunks_after_fork(void);

/* -- returned.c: what pointers that the caller's functions return lead to ------------------------------------------------------ */

struct fc__returned;
/* For what the function of `entry` returned, `here`: the memory that this took the last time is free. NULL: none. */
struct fc__returned *fc__returned_begin(struct fc__channel *channel, const void *entry, uint64_t here);
/* Memory that both sides see, 16-byte aligned. NULL: none. */
unsigned char *fc__returned_take(struct fc__returned *returned, uint64_t size);
void fc__returned_forget(void **root);

/* -- upcall.c ------------------------------------------------------------------------------------------------------------------- */

/* Runs the upcall that has come, passes its answer and waits; and once more as long as further ones come. *ret_turn: what
 * came instead, or after the deadline, which moves by the time that the functions took. With NULL for both, runs one
 * upcall and does not wait. FC_EPROTO if the host named no callback, FC_EDIED if it is not there any more. The functions
 * may leave by a jump or end the thread: escapes are called then. */
int fc__channel_serve_upcalls(struct fc__channel *channel, uint64_t *inout_deadline_ns, uint32_t *ret_turn);
/* After a call that was made: what one of its upcalls failed at, or FC_OK. */
int fc__channel_upcall_failure(struct fc__channel *channel, struct fc__error *err);
/* The same for what is no call and cannot return it: it goes to the log. */
void fc__channel_log_upcall_failure(struct fc__channel *channel);
void fc__channel_forget_failure(struct fc__channel *channel);
static inline bool fc__channel_is_upcall(uint32_t turn) {
    return (turn & ~FC__WIRE_SLEEPER) == (uint32_t)FC__WIRE_OP_UPCALL << 8;
}

/* -- dispatch.c: threads that run the caller's functions for the library's own threads ------------------------------------------- */

struct fc__dispatcher;
struct fc__dispatchers { /* under channels_lock */
    struct fc__dispatcher *first;
    uint32_t count;                   /* of those that have not ended */
    uint32_t granted;                 /* of what the host wanted */
    uint32_t generation;              /* of that host */
    _Atomic uint32_t bell_generation; /* the latest host that was given a bell */
};
/* Before the host can call back for the first time: gives it the means to ask for dispatchers. */
void fc__dispatch_prepare(struct fc_session *session, uint32_t generation);
/* The host asks. In the watching thread. */
void fc__dispatch_rang(struct fc_session *session, uint32_t generation);
/* Waits for all of them, whose channels are dead; no more will come. */
void fc__dispatch_end(struct fc_session *session);
/* In a forked child, which has none. */
void fc__dispatch_forget(struct fc_session *session);

/* -- direct.c: the backend without a host -------------------------------------------------------------------------------------- */

/* The library lies in the caller's own process. Nothing there needs a window, a channel, a book or trampolines: a direct
 * session has none of them, and this instead. */
struct fc__direct {
    pthread_mutex_t lock; /* in the place of heap.lock */
    void *blocks;         /* fc_alloc's, a tree by address */
};
void fc__direct_init(struct fc__direct *direct);
void fc__direct_done(struct fc__direct *direct);
/* Whether a session with these options (may be NULL) is a direct one. FC_ETARGET, FC_EINVAL: it was to be, but cannot. */
int fc__direct_choose(const struct fc_options *options, const struct fc__target *callee, bool *ret_is_direct,
                      struct fc__error *err);
/* Sets the library's handle and path, which are those of this process. */
int fc__direct_open(struct fc_library *library, struct fc__error *err);
void fc__direct_close(struct fc_library *library);
/* Closes all libraries of a direct session, the last that was opened first. */
void fc__direct_end(struct fc_session *session);
int fc__direct_resolve(struct fc_function *function, struct fc__error *err);
/* The whole call; the marshal has plan, slots and err. */
int fc__direct_call(struct fc_function *function, struct fc__marshal *marshal, void *ret_result);
/* True if the calling thread is in a call of the session's libraries. */
bool fc__direct_is_in_call(const struct fc_session *session);
void *fc__direct_alloc(struct fc__direct *direct, size_t size_bytes);
/* False if it is none of fc__direct_alloc's. */
bool fc__direct_free(struct fc__direct *direct, void *memory);

/* -- load.c: libraries in the caller's own process --------------------------------------------------------------------------- */

/* By the system's loader, with `folders` (separated by ':'; NULL: none) searched first for the library and for what it
 * needs. NULL with the loader's words in `ret_why`. */
void *fc__load(const char *name, const char *folders, char *ret_why, size_t size);

/* -- session.c ------------------------------------------------------------------------------------------------------------------- */

struct fc_function {
    struct fc_session *session;
    uint64_t session_id;
    struct fc_library *library;
    struct fc__plan *plan;
    _Atomic uint32_t generation;       /* for which the address holds */
    _Atomic uint32_t short_generation; /* the same; 0 as long as calls of it do more than the short way does */
    _Atomic bool is_until;             /* it ends the life of what the library keeps */
    _Atomic uint64_t address;
    /* Of a plan that is_format: what it was bound from, to be compiled again for what is passed. */
    char *text;
    struct fc_declarations *declarations; /* NULL: the text says it all */
    struct fc__variant *_Atomic variants;
    _Atomic uint32_t variant_count;
    struct fc_function *next;
};
struct fc_library {
    struct fc_session *session;
    bool owns_session;
    char *name;      /* as opened: absolute if it is a path */
    char *path;      /* where the host found it */
    uint64_t handle; /* in the host of that generation */
    uint32_t generation;
    struct fc_function *functions;
    struct fc_declarations *declarations; /* under their lock; NULL: none */
    struct fc_library *next;
};
struct fc_session {
    uint64_t id; /* never used again */
    struct fc_options options;
    const struct fc__target *callee;
    char *host_path;
    _Atomic bool is_closing;
    _Atomic uint32_t visitors; /* threads that hold `lock` or wait for it: closing waits for them */
    pthread_mutex_t lock;      /* starting, opening, binding; by fc__session_lock. Not held over fork: see registry.c */
    pthread_mutex_t control_lock; /* one request on the control connection at a time */
    struct fc__held_descriptor *held_descriptors;
    pthread_mutex_t channels_lock; /* the lists of channels, libraries and functions, and the death of hosts */
    struct fc__channel *channels;
    struct fc__window window;
    struct fc__book book;
    struct fc__callbacks callbacks;
    struct fc__dispatchers dispatchers;
    struct fc__remote remote;
    bool is_direct; /* without a host */
    struct fc__direct direct;
    struct fc_library *libraries;
    _Atomic uint32_t pins;   /* registry: uses that keep the session in existence */
    struct fc_session *next; /* registry */
};

/* session.lock, for as long as a host may take to start or a library to open. Everything that lasts only as long as it
 * takes to change a list is under channels_lock. */
void fc__session_lock(struct fc_session *session);
void fc__session_unlock(struct fc_session *session);
/* True in a signal handler that interrupted its thread while that had such a lock, or was to get one. */
bool fc__session_is_locked_here(void);
/* fc__channel_request without the lock, since the library may call back meanwhile, and the caller's functions may want it.
 * It is held again afterwards, and the session exists all the while. If a function leaves by a jump, `jumped(data)` is
 * called, and the lock is not held. */
int fc__session_request(struct fc__channel *channel, enum fc__wire_op op, uint64_t value, const char *text,
                        uint64_t *ret_value, char *ret_text, size_t text_size, void (*jumped)(void *data), void *data,
                        struct fc__error *err);
void fc__library_free(struct fc_library *library);
/* False if a call is in flight, or the library is in a function that it called, in any thread. */
bool fc__session_is_idle(struct fc_session *session);

/* -- registry.c: all sessions of this process, the watching thread, and fork -------------------------------------------------------- */

void fc__registry_add(struct fc_session *session);
/* Returns when nothing of the registry uses the session any more. Ends the watching thread with the last one. */
void fc__registry_remove(struct fc_session *session);
/* Starts the watching thread if there is none; a session that is not in the registry must not call it. */
int fc__registry_prepare(void);
/* Has what a start left behind reaped by the watching thread. */
void fc__registry_reap(const struct fc__os_middle *middle);
/* Has the session's host watched; and its bell, if it is still that host's. */
int fc__registry_watch(struct fc_session *session);
int fc__registry_watch_bell(struct fc_session *session, uint32_t generation);
void fc__registry_unwatch(struct fc_session *session);
/* Calls `act` if the session still exists, and keeps it in existence meanwhile. */
void fc__registry_with(uint64_t session_id, void (*act)(struct fc_session *session, void *data), void *data);
/* Another number in a forked child than in its parent. */
unsigned fc__registry_forks(void);
/* Numbers that are never given twice. */
uint64_t fc__registry_number(void);

void fc__session_log(struct fc_session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* -- declarations.c ------------------------------------------------------------------------------------------------------------------- */

/* The plan of a declaration, from what the library was given, if anything, and this text. `kinds` as for
 * fc__plan_parse_for. */
int fc__library_plan(struct fc_library *library, const char *text, const char *kinds, struct fc__plan **ret_plan,
                     struct fc__error *err);
/* The function's own plan; and that of calls of it which pass `kinds` of arguments behind its parameters. */
int fc__function_plan(struct fc_function *function, struct fc_library *library, const char *text,
                      struct fc__error *err);
int fc__function_plan_passing(struct fc_function *function, const char *kinds, struct fc__plan **ret_plan,
                              struct fc__error *err);
/* The lock of all declarations, across a fork. */
void fc__declarations_before_fork(void);
void fc__declarations_after_fork(void);

/* -- describe.c ---------------------------------------------------------------------------------------------------------------------- */

/* What fc_explain writes. */
int fc__describe_plan(const struct fc__plan *plan, char *buffer, size_t size_bytes, size_t *ret_needed_bytes,
                      struct fc__error *err);

/* -- explain.c ------------------------------------------------------------------------------------------------------------------------ */

/* Before opening by path: is it there, is it a library of the session's target? */
int fc__explain_file(const char *path, const struct fc__target *callee, struct fc__error *err);
/* The host's loader said no. */
int fc__explain_open(const char *name, const struct fc__target *callee, const char *loader_text, struct fc__error *err);
/* The symbol is not there: suggests the nearest exported names. */
int fc__explain_symbol(const struct fc_library *library, const char *symbol, struct fc__error *err);
/* The target that a library file asks for. */
int fc__explain_target(const char *path, const struct fc__target **ret_target, struct fc__error *err);

#endif
