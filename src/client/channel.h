/* client: channels, one for each thread and session, and which of them a thread has. Part of client.h. */
#ifndef FC_CLIENT_CHANNEL_H
#define FC_CLIENT_CHANNEL_H

#include "abi/marshal.h"
#include "base/error.h"
#include "os/os.h"
#include "wire/channel.h"
#include "wire/message.h"

#include <pthread.h>
#include <string.h>

struct fc_session;
struct fc__callback_entry;
struct fc__span;

/* -- channel.c: one for each thread and session -------------------------------------------------------------------- */

/* Where data begins in a channel whose line, gathering area and texts other operations may use while a call is in
 * flight. */
#define FC__CHANNEL_SCRATCH_OFFSET (FC__WIRE_TEXT_OFFSET + FC__WIRE_TEXT_BYTES)
_Static_assert(FC__CHANNEL_SCRATCH_OFFSET >= FC__FRAME_GATHER_OFFSET + FC__FRAME_GATHER_BYTES, "behind all of them");

/* nearest.c: the line of a channel lies somewhere in so many bytes, and the rest of the channel behind it. Returns the
 * offset that is best for calls of this thread, whose memory nobody else uses yet; takes some 15 us. */
#define FC__CHANNEL_PLACES_BYTES 4096u
uint32_t fc__channel_nearest(unsigned char *places);

/* texts.c: copies that the host cannot reach, for the length of a call or an upcall. Taken and given back as a stack;
 * the memory is kept. */
struct fc__text_chunk;
struct fc__texts_mark {
    struct fc__text_chunk *chunk; /* NULL: nothing is taken */
    size_t used;
};
struct fc__texts {
    struct fc_session *session; /* of whose pool they are */
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
    struct fc__marshal *marshal; /* of a call that the host has got; else NULL */
    struct fc__crossing *outer;
};

/* What functions have returned: see returned.c. */
struct fc__returned_set {
    struct fc__returned *all, *spare; /* those that are over are used again */
    struct fc__returned **buckets;    /* by function and address */
    uint32_t bucket_count, count;
    uint64_t spare_bytes;
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
    const struct fc__callback_entry *called; /* whose the last upcall was; NULL: nobody's yet */
    uint64_t called_id;                      /* as the host names it */
    struct fc__crossing *crossing;           /* the innermost of the calls in flight that use scratch */
    unsigned char *mark;                     /* first free scratch behind the calls in flight; NULL: there are none */
    uint64_t in_functions_ns; /* how long the latest of them ran, if there is a limit for answers: it does not count */
    int upcall_failure;       /* what the call whose upcall it was returns instead of success; FC_OK: nothing */
    uint32_t failure_depth;   /* of that call */
    struct fc__texts texts;   /* that the functions were given */
    char upcall_text[FC__ERROR_TEXT_MAX];
    char said[1024]; /* by the library to the log, as far as it has come */
    size_t said_len;
    struct fc__returned_set returned, returned_outside; /* in calls, and outside of any */
    uint64_t wanted;            /* bytes that went beyond the block in this call; not 0 if something is `returned` */
    struct fc__objects objects; /* of the calls and upcalls in progress */
    struct fc__channel *next_in_session;
};
/* The calling thread's channel, or its spare one if that is in flight; marked busy and served by a living host.
 * FC_EBUSY, and those of starting a host. */
int fc__channel_enter(struct fc_session *session, struct fc__channel **ret_channel, struct fc__error *err);
/* The same with session.lock held. */
int fc__channel_enter_locked(struct fc_session *session, struct fc__channel **ret_channel, struct fc__error *err);
static inline struct fc__scratch_mark fc__channel_mark(const struct fc__channel *channel) {
    return (struct fc__scratch_mark){
        .mark = channel->mark,
        .next = channel->next,
        .extra_count = channel->extra_count,
        .wanted = channel->wanted,
        .texts = channel->texts.top,
    };
}
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
/* Where hosts are Windows programs: bells that no earlier host and no other process has, for the channel and its spare.
 * FC_ESYS. */
int fc__channel_renew_bells(struct fc__channel *channel, struct fc__error *err);
void fc__channel_close_bells(struct fc__channel *channel);
/* CHANNEL or DISPATCHER, to be sent to the host. */
struct fc_wire_control fc__channel_announcement(const struct fc__channel *channel, enum fc__wire_control_kind kind);
/* Serves upcalls, until there is an answer. What one that is not DONE means: FC_EDIED (text is the caller's to make),
 * FC_ETIMEDOUT, FC_EPROTO, or FC_ELOAD with the host's text when the host answered that it failed, FC_ENOMEM when it
 * has no thread to serve the channel. `err` NULL: the thread's own. */
int fc__channel_not_done(struct fc__channel *channel, enum fc__wire_op op, uint32_t turn, uint64_t deadline_ns,
                         struct fc__error *err);

/* Passes the line with an operation already written to it and waits for the answer. *ret_sent says whether the host
 * may have seen it. FC_OK, FC_EDIED if it was not sent, and the errors of fc__channel_not_done. */
static inline int fc__channel_transact(struct fc__channel *channel, enum fc__wire_op op, bool *ret_sent,
                                       struct fc__error *err) {
    *ret_sent = fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, op);
    if (__builtin_expect(!*ret_sent, 0)) {
        return FC_EDIED;
    }
    uint64_t deadline_ns = channel->limit_ns != 0 ? fc__os_now_ns() + channel->limit_ns : 0;
    uint32_t turn = fc__wire_wait(channel->line, 0, &channel->waiter, deadline_ns);
    return __builtin_expect(turn == (uint32_t)FC__WIRE_OP_DONE << 8, 1)
               ? FC_OK
               : fc__channel_not_done(channel, op, turn, deadline_ns, err);
}
/* Operations with a text, such as OPEN; the answer's value. Death is explained here. */
int fc__channel_request(struct fc__channel *channel, enum fc__wire_op op, uint64_t value, const char *text,
                        uint64_t *ret_value, char *ret_text, size_t text_size, struct fc__error *err);
/* windows_errno.c: errno as the library's C library numbers it, and this side's; `is_ours`: from here to there. */
int fc__errno_other(const struct fc_session *session, int error, bool is_ours);
static inline int fc__channel_errno(const struct fc__channel *channel, int error, bool is_ours) {
    enum { SAME_EVERYWHERE = 34 };
    return __builtin_expect(error > SAME_EVERYWHERE, 0) ? fc__errno_other(channel->session, error, is_ours) : error;
}
/* Memory that the host cannot reach, for as long as the call in flight lasts. NULL: there is none, or none for signal
 * handlers. */
void *fc__channel_private(struct fc__channel *channel, uint64_t size);
/* Memory beyond the call in flight, for as long as the present upcall lasts; 16-byte aligned. */
int fc__channel_scratch(struct fc__channel *channel, uint64_t size, unsigned char **ret_memory, struct fc__error *err);
/* Memory beyond the channel's own block, for as long as the outermost call lasts. */
int fc__channel_grow(struct fc__channel *channel, uint64_t size, unsigned char **ret_memory, struct fc__error *err);
/* Under the registry lock, for sessions that close, and in forked children for threads that do not exist there. */
void fc__channel_free(struct fc__channel *channel);

/* -- thread.c: which channels the calling thread has --------------------------------------------------------------- */

/* The channel that the calling thread used last. Looked at in every call, so without the detour that thread-local
 * memory of a shared library may take: 16 bytes. */
struct fc__recent {
    _Alignas(16) uint64_t session_id;
    struct fc__channel *channel;
};
extern _Thread_local struct fc__recent fc__channel_recent __attribute__((tls_model("initial-exec")));

/* A signal handler may call too, and use another channel last: whole entries are read and written, by one
 * instruction. */
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

#endif
