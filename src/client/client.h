/* client: sessions as the caller's process keeps them.
 * Runs in: the caller.  Threads: each structure names its lock; `_locked` functions are called with it held.
 * Does not: convert values (abi), pass turns (wire), or print.
 *
 * Order of locks: registry, session.lock, heap.lock, window.lock, session.control_lock, session.channels_lock,
 * book.lock, callbacks.lock, session.pool_lock, that of the windows' spares, that of the thunks. */
#ifndef FC_CLIENT_CLIENT_H
#define FC_CLIENT_CLIENT_H

#include "abi/marshal.h"
#include "abi/plan.h"
#include "base/error.h"
#include "client/book.h"
#include "client/callbacks.h"
#include "client/channel.h"
#include "client/pool.h"
#include "client/window.h"
#include "os/os.h"
#include "wire/message.h"

#include <pthread.h>

#define FC__CONNECT_LIMIT_MS 20000 /* for a host to come up */

/* -- options.c ----------------------------------------------------------------------------------------------------- */

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

/* -- remote.c: the session's host ---------------------------------------------------------------------------------- */

/* What a host prints, of a session with a log. */
struct fc__prints {
    _Atomic bool is_read; /* whoever set it has the rest */
    int fd;               /* of a pipe that is the host's standard output and error; -1: none */
    size_t len;
    char text[1024]; /* of a line that has not ended */
};

struct fc__remote {
    struct fc__os_process process;
    struct fc__prints prints;
    _Atomic int control_fd;
    int reply_fd;                /* where answers come back; -1: there */
    int guardian_fd;             /* to the host's guardian, under control_lock; -1: it has none */
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
/* The same of the host of that generation, -EPIPE if it is there no more; with the descriptor that the reply brings, -1
 * if none, unless `ret_fd` is NULL. */
int fc__remote_exchange(struct fc_session *session, uint32_t generation, struct fc_wire_control *inout_message, int fd,
                        int *ret_fd);
/* Where the host's answers come, and its end is seen. */
int fc__remote_reply_fd(const struct fc__remote *remote);
/* Closes the control connection, the bell and what the host prints to. Under control_lock and channels_lock, or in a forked child. */
void fc__remote_close_connection(struct fc_session *session);
/* For signal handlers: without a lock. Has the channel served by a thread (-errno); ends the channel's host at once. */
int fc__remote_announce_now(const struct fc__channel *channel);
void fc__remote_kill_now(const struct fc__channel *channel);
/* True if the control group allows at most one CPU's time. */
bool fc__remote_quota_is_scarce(void);
/* FC_EDIED with what is known, for a call of `function` (NULL: something else) on `channel`. */
int fc__remote_death_error(struct fc_session *session, const struct fc__channel *channel, uint32_t generation,
                           const struct fc__marshal *marshal, struct fc__error *err);

/* -- start.c ------------------------------------------------------------------------------------------------------- */

/* Finds a program of farcall's beside the library: DIR/libexec/farcall/TARGET/PROGRAM, for each DIR above the module that
 * contains this code. */
int fc__start_find_program(const char *target, const char *program, char *ret_path, size_t size, struct fc__error *err);
struct fc__started {
    struct fc__os_process process;
    int control_fd, reply_fd, guardian_fd, prints_fd;
};
/* Starts a host, and has it answer on the channel. *ret_again: another attempt may fare better. */
int fc__start_host(struct fc_session *session, struct fc__channel *channel, struct fc__started *ret_started,
                   bool *ret_again, struct fc__error *err);

/* -- prints.c ------------------------------------------------------------------------------------------------------ */

enum fc__prints_left {
    FC__PRINTS_NONE, /* nothing more will come */
    FC__PRINTS_SOME,
};
/* Logs what has come. `is_over`: the host's end, so what is there of a line is all of it. */
enum fc__prints_left fc__prints_read(struct fc_session *session, bool is_over);
/* Another pipe, or none: -1. Closes the one that there was. */
void fc__prints_set(struct fc__prints *prints, int fd);

/* -- end.c --------------------------------------------------------------------------------------------------------- */

/* What a wait status says, -1 for none; and what the host's own report says, or else the status. */
void fc__end_describe_status(int status, char *text, size_t size);
void fc__end_describe(const struct fc_wire_report *report, int status, const struct fc__target *callee, char *text,
                      size_t size);

/* -- function.c ---------------------------------------------------------------------------------------------------- */

/* What marshalling needs of a session, in calls and in upcalls: `context` is a marshal whose owner is a channel. */
bool fc__op_is_shared(void *context, uint64_t address, uint64_t size);
int fc__op_path(void *context, enum fc__side to, const char *path, char *ret_path, size_t size); /* windows.c */
int fc__op_narrow_path(void *context, enum fc__side to, char *inout_path, size_t size, bool *ret_has_form);
int fc__op_narrow(void *context, uint64_t pointer, uint32_t *ret_narrow);
int fc__op_widen(void *context, uint32_t narrow, uint64_t *ret_pointer);
bool fc__op_is_dead(void *context, uint64_t pointer);
bool fc__op_is_allocated(void *context, uint64_t pointer);
int fc__op_callback(void *context, struct fc__callback *callback, uint64_t function, uint64_t *ret_callee);
int fc__op_function(void *context, struct fc__callback *callback, uint64_t function, uint64_t *ret_caller);

/* Has the host copy memory, one of the two addresses being scratch. What fc__channel_transact returns. */
int fc__channel_copy(struct fc__channel *channel, uint64_t from, uint64_t to, uint64_t size, struct fc__error *err);
/* The same of those bytes that are not as in `before`. */
int fc__channel_merge(struct fc__channel *channel, uint64_t from, uint64_t before, uint64_t to, uint64_t size,
                      struct fc__error *err);
/* A copy of the host's memory, in scratch. The host has to show that it has as much, piece by piece, before there is
 * memory for it: nothing is spent on its word. */
int fc__channel_fetch(struct fc__channel *channel, uint64_t from, uint64_t size, unsigned char **ret_copy,
                      struct fc__error *err);

void fc__function_free(struct fc_function *function);
/* Looks a new one up, by its plan's name, and makes it one of the library's. */
int fc__function_find(struct fc_function *function, struct fc_library *library, struct fc__error *err);
/* Looks it up in the present host. */
int fc__function_resolve(struct fc_function *function, struct fc__error *err);
extern const struct fc__marshal_ops fc__function_ops;
/* The whole call; the marshal has plan, slots, ops and err. */
int fc__function_call(struct fc_function *function, struct fc__marshal *marshal, void *ret_result);
/* call.c: FC_EDIED with what is known, for a short call of it that was sent. Not on the stack of calls that are answered:
 * a marshal is large. */
int fc__call_died(const struct fc_function *function, const struct fc__channel *channel, uint32_t generation);
/* A call that failed: the result is what the declaration says that it is then, if it does, and errno is EIO. Looked up
 * before a call leaves its channel, since another thread may close the session then. */
struct fc__failing {
    bool is_said;
    uint64_t bytes, value; /* of more than 8 all are 0 */
};
static inline struct fc__failing fc__failing_of(const struct fc__plan *plan) {
    const uint64_t bytes = plan->result_whole ? plan->result_shape->size[FC__HERE] : plan->result.caller_bytes;
    return (struct fc__failing){plan->fails, bytes, (uint64_t)plan->fails_with};
}
void fc__failing_store(const struct fc__failing *failing, void *ret_result);

/* -- descriptor.c: numbers that mean something in one process only ------------------------------------------------- */

struct fc__descriptors {
    uint32_t count;
    uint64_t library; /* its handle: whose they are on Windows */
    struct fc__descriptor_pair {
        uint32_t argument;
        int here, there;
        uint64_t lent; /* to be closed by */
    } pairs[FC__DESCRIPTORS_MAX];
};
/* A descriptor that the library keeps, which it returned. Under channels_lock. */
struct fc__held_descriptor {
    int there, here;
    struct fc__held_descriptor *next;
};
/* Before a call is sent: puts the host's numbers into the marshal's slots. Whatever it returns, what was lent ends by
 * fc__descriptors_end. FC_EDIED without a text. */
int fc__descriptors_send(struct fc__channel *channel, struct fc__marshal *marshal, uint64_t library,
                         struct fc__descriptors *ret_lent);
/* The slots are as they were. `is_taken`: the call was made and did not fail, so what was given is the library's. */
void fc__descriptors_end(struct fc__channel *channel, struct fc__marshal *marshal, const struct fc__descriptors *lent,
                         bool is_taken);
/* `result`, the library's number, becomes one of the caller's. */
int fc__descriptors_result(struct fc__channel *channel, const struct fc__marshal *marshal,
                           const struct fc__descriptors *lent, void *result);
void fc__descriptors_done(struct fc_session *session);

/* -- variadic.c: calls whose arguments are what a format or a condition says --------------------------------------- */

/* The marshal has ops, err, and the function's own plan. */
int fc__variadic_list(struct fc_function *function, struct fc__marshal *marshal, void *ret_result, va_list *list);
int fc__variadic_array(struct fc_function *function, struct fc__marshal *marshal, void *ret_result, size_t count,
                       void *const *arguments);
/* The parameters from an array, and what follows from a list. */
int fc__variadic_rest(struct fc_function *function, struct fc__marshal *marshal, void *ret_result,
                      void *const *arguments, va_list *rest);
/* Gives strings that may have no end one, in copies that last as long as the call. FC_ENOMEM. */
int fc__variadic_end_texts(struct fc__passed *passed, struct fc__channel *channel);
struct fc__variants *fc__variants_new(void);
void fc__variants_free(struct fc__variants *variants);

/* Opens the proxy's library if that was not done yet. */
struct fc_proxy;
bool fc__proxy_is_open(struct fc_proxy *proxy);
/* proxy_check.c: whether the file at `path` is the library that the proxy was made for. FC_ESYMBOL and others: no, and
 * why. */
int fc__proxy_check(const struct fc_proxy *proxy, const char *path, struct fc__error *err);

/* -- direct.c: the backend without a host -------------------------------------------------------------------------- */

/* The library lies in the caller's own process. Nothing there needs a window, a channel, a book or trampolines: a
 * direct session has none of them, and this instead. */
struct fc__direct {
    pthread_mutex_t lock; /* in the place of heap.lock */
    void *blocks;         /* fc_alloc's, a tree by address */
};
void fc__direct_init(struct fc__direct *direct);
void fc__direct_done(struct fc__direct *direct);
/* Whether a session with these options (may be NULL) is a direct one. FC_ETARGET, FC_EINVAL: it was to be, but
 * cannot. */
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

/* -- load.c: libraries in the caller's own process ----------------------------------------------------------------- */

/* By the system's loader, with `folders` (separated by ':'; NULL: none) searched first for the library and for what it
 * needs. NULL with the loader's words in `ret_why`. */
void *fc__load(const char *name, const char *folders, char *ret_why, size_t size);

/* -- session.c ----------------------------------------------------------------------------------------------------- */

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
    struct fc__variants *variants;
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
    char *prefix; /* of Wine, that the latest host has; NULL: none. Changed under `lock` and `channels_lock` */
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
    pthread_mutex_t pool_lock;
    struct fc__pool pool; /* what calls need that the host does not see */
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
/* fc__channel_request without the lock, since the library may call back meanwhile, and the caller's functions may want
 * it. It is held again afterwards, and the session exists all the while. If a function leaves by a jump, `jumped(data)`
 * is called, and the lock is not held. */
int fc__session_request(struct fc__channel *channel, enum fc__wire_op op, uint64_t value, const char *text,
                        uint64_t *ret_value, char *ret_text, size_t text_size, void (*jumped)(void *data), void *data,
                        struct fc__error *err);
/* Of its pool. NULL when out of memory. */
void *fc__session_take(struct fc_session *session, size_t bytes);
void fc__session_give(struct fc_session *session, void *memory);
void fc__library_free(struct fc_library *library);
/* What the session's host is to open it by. FC_ENOENT. */
int fc__library_name(const struct fc_library *library, char *ret_name, size_t size, struct fc__error *err);
/* False if a call is in flight, or the library is in a function that it called, in any thread. */
bool fc__session_is_idle(struct fc_session *session);

/* -- registry.c: all sessions of this process, the watching thread, and fork --------------------------------------- */

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

/* -- declarations.c ------------------------------------------------------------------------------------------------ */

/* The plan of a declaration, from what the library was given, if anything, and this text. `kinds` as for
 * fc__plan_parse. */
int fc__library_plan(struct fc_library *library, const char *text, const char *kinds, struct fc__plan **ret_plan,
                     struct fc__error *err);
/* The same, of a text that no declarations go with. */
int fc__text_plan(const struct fc__target *callee, const char *text, const char *kinds, struct fc__plan **ret_plan,
                  struct fc__error *err);
/* The function's own plan; and that of calls of it which pass `kinds` of arguments behind its parameters. */
int fc__function_plan(struct fc_function *function, struct fc_library *library, const char *text,
                      struct fc__error *err);
int fc__function_plan_passing(struct fc_function *function, const char *kinds, struct fc__plan **ret_plan,
                              struct fc__error *err);
/* The lock of all declarations, across a fork. */
void fc__declarations_before_fork(void);
void fc__declarations_after_fork(void);

/* -- describe.c ---------------------------------------------------------------------------------------------------- */

/* What fc_explain writes. */
int fc__describe_plan(const struct fc__plan *plan, char *buffer, size_t size_bytes, size_t *ret_needed_bytes,
                      struct fc__error *err);
/* `err`: why what is to be described is no function; `rc`, `other`: what came of it as a variable. Whose error it is. */
int fc__describe_other(int rc, const struct fc__error *other, struct fc__error *err);

/* -- explain.c ----------------------------------------------------------------------------------------------------- */

/* Before opening by path: is it there, is it a library of the session's target? */
int fc__explain_file(const char *path, const struct fc__target *callee, struct fc__error *err);
/* The host's loader said no. */
int fc__explain_open(const char *name, const struct fc__target *callee, const char *loader_text, struct fc__error *err);
/* The symbol is not there: suggests the nearest exported names. */
int fc__explain_symbol(const struct fc_library *library, const struct fc__plan *plan, struct fc__error *err);
/* The target that a library file asks for. */
int fc__explain_target(const char *path, const struct fc__target **ret_target, struct fc__error *err);

#endif
