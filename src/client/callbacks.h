/* client: functions of one side that the other calls, and how those calls are served. Part of client.h. */
#ifndef FC_CLIENT_CALLBACKS_H
#define FC_CLIENT_CALLBACKS_H

#include "client/channel.h"

/* -- callback.c ---------------------------------------------------------------------------------------------------- */

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
    struct fc__gathered_places gathered;
    _Atomic uint32_t generation; /* of the host that the address is good for; 0: none */
    uint64_t address;
};
/* A host of that generation may call it. */
static inline bool fc__callback_is_live(const struct fc__callback_entry *entry, uint32_t generation) {
    return atomic_load_explicit(&entry->generation, memory_order_acquire) == generation &&
           atomic_load_explicit(&entry->function, memory_order_relaxed) != 0;
}
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
/* The function of the channel's host that calls the caller's; the same one as long as there is a claim to it. *ret_id:
 * its number; UINT32_MAX if it is the callee's own. */
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

/* -- thunk.c: functions of the callee's own that the caller can call ----------------------------------------------- */

/* Under callbacks.lock. NULL: no memory. The list is the session's. */
void *fc__thunk_new(struct fc__channel *channel, struct fc__callback *callback, uint64_t address,
                    struct fc__thunk **inout_list);
void fc__thunks_end(struct fc__thunk *list);
void fc__thunks_before_fork(void);
void fc__thunks_after_fork(void);

/* -- returned.c: what pointers that the caller's functions return lead to ------------------------------------------ */

struct fc__returned;
/* For what the function of `entry` returned, `here`: the memory that this took the last time is free. NULL: none.
 * `is_given`: pointers into it that come back are ones into the caller's own. */
struct fc__returned *fc__returned_begin(struct fc__channel *channel, const void *entry, uint64_t here, bool is_given);
/* Outside of any call, in a thread of the library's own, there is one memory for all that a function returns. */
bool fc__returned_is_outside(const struct fc__channel *channel);
/* The caller's own of what a function gave, and what it has in the callee, if that holds `there`. */
bool fc__returned_find(const struct fc__channel *channel, uint64_t there, struct fc__lasting *ret_lasting);
/* Memory that both sides see, 16-byte aligned. NULL: none. */
unsigned char *fc__returned_take(struct fc__returned *returned, uint64_t size);
/* What there is is not wanted any more; and its memory neither. */
void fc__returned_forget(struct fc__returned_set *set);
void fc__returned_done(struct fc__returned_set *set);

/* -- upcall.c ------------------------------------------------------------------------------------------------------ */

/* Runs the upcall that has come, passes its answer and waits; and once more as long as further ones come. *ret_turn:
 * what came instead, or after the deadline, which moves by the time that the functions took. With NULL for both, runs
 * one upcall and does not wait. FC_EPROTO if the host named no callback, FC_EDIED if it is not there any more. The
 * functions may leave by a jump or end the thread: escapes are called then. */
int fc__channel_serve_upcalls(struct fc__channel *channel, uint64_t *inout_deadline_ns, uint32_t *ret_turn);
/* After a call that was made: what one of its upcalls failed at, or FC_OK. */
int fc__channel_upcall_failure(struct fc__channel *channel, struct fc__error *err);
/* The same for what is no call and cannot return it: it goes to the log. */
void fc__channel_log_upcall_failure(struct fc__channel *channel);
void fc__channel_forget_failure(struct fc__channel *channel);
static inline bool fc__channel_is_upcall(uint32_t turn) {
    return turn == (uint32_t)FC__WIRE_OP_UPCALL << 8;
}

/* -- dispatch.c: threads that run the caller's functions for the library's own threads ----------------------------- */

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

#endif
