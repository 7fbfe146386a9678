/* farcall: what the libraries that `farcall proxy` generates need of libfarcall.
 *
 * A proxy is a library of the caller's bitness with the exports of one of another bitness, which it calls for its
 * users. Its source is a row of functions, one for each export, and the tables below; docs/guide/proxy.md says how it
 * comes about. Programs that use a proxy need none of this, unless they wish to hear of calls that could not be made:
 * fc_proxy_on_failure.
 *
 * A proxy opens its library with the first call of any of its functions, in whichever thread that is, as often as it
 * takes to succeed; static constructors may be the first to call. The library is the file that the environment variable
 * `variable` names; else farcall/FILE beside the proxy's own file; else `path`. A call through it may take as long as
 * the environment variable `deadline_variable` says; else `deadline_ms`. */
#ifndef FARCALL_PROXY_H
#define FARCALL_PROXY_H

#include <farcall/farcall.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of the tables: a library refuses proxies of another version than its own. */
#define FC_PROXY_VERSION 3

/* A text that declarations are read from, as fc_declarations_read has it; one for both sides is a sidecar's. */
struct fc_proxy_text {
    const char *name, *caller, *callee;
};

/* One exported function. */
struct fc_proxy_export {
    const char *name;
    const char *version; /* NULL: none */
    const char *refused; /* why it cannot be called; NULL: it can */
    unsigned flags;      /* FC_PROXY_* */
    long long fails_with;
};
#define FC_PROXY_FAILS 1u   /* what it returns if it cannot be called is `fails_with` */
#define FC_PROXY_AT_ONCE 2u /* bound when the library is opened, so that signal handlers can be the first to call it */
#define FC_PROXY_DATA 4u    /* no function: a variable */

/* What a constant was made from: bytes of the library, those of the variable or what a pointer in such bytes leads to;
 * or such a pointer into another export. */
struct fc_proxy_constant {
    unsigned export;
    int from;                  /* which of the table has the pointer; -1: none, it is the variable */
    int into;                  /* the export that it leads into, `size` bytes behind its beginning; -1: it does not */
    unsigned long long offset; /* of the pointer */
    unsigned long long size, hash;
};

/* One variable that may change: the program's, and what the library had when the two were last equal. */
struct fc_proxy_variable {
    const char *declaration; /* as fc_variable_bind takes it */
    void *here, *seen, *fresh;
    size_t size;
    struct fc_variable *variable; /* once it is bound */
};

/* One proxy, as the generator writes it; the last two are the run-time's. */
struct fc_proxy {
    unsigned version;     /* FC_PROXY_VERSION */
    const char *name;     /* its own: "libz.so.1", "libzlib1.so" */
    const char *file;     /* its library's: "libz.so.1", "zlib1.dll" */
    const char *target;   /* the library's: "i386-linux" */
    const char *path;     /* where it was when the proxy was made; NULL: not to be looked at */
    const char *variable; /* of the environment */
    const char *group;    /* proxies of one group share a host; NULL: one of its own */
    /* Of a call: what this variable of the environment says, else this number; 0: none. A group has the deadline of the
     * proxy that starts its host. */
    const char *deadline_variable;
    unsigned deadline_ms;
    unsigned long long exports_hash;
    const struct fc_proxy_text *texts;
    size_t text_count;
    const struct fc_proxy_export *exports;
    size_t export_count;
    const struct fc_proxy_constant *constants;
    size_t constant_count;
    struct fc_proxy_variable *variables;
    size_t variable_count;
    struct fc_function **functions; /* of each export, once it is bound */
    struct fc_library *library;     /* once it is open */
};

/* The function of an export, which is opened and bound if that was not done yet. NULL if that failed, or the export is
 * refused. Any thread; in a signal handler only what was bound before, else FC_EBUSY. */
FC_API struct fc_function *fc_proxy_bind(struct fc_proxy *proxy, size_t index);
static inline struct fc_function *fc_proxy_function(struct fc_proxy *proxy, size_t index) {
    struct fc_function *function = __atomic_load_n(&proxy->functions[index], __ATOMIC_ACQUIRE);
    return __builtin_expect(function != NULL, 1) ? function : fc_proxy_bind(proxy, index);
}

/* When the proxy is unloaded, or its program ends: closes its library, unless a call of it is in flight in another
 * thread. */
FC_API void fc_proxy_close(struct fc_proxy *proxy);

/* -- Failure ----------------------------------------------------------------------------------------------------------
 * A call through a proxy that cannot be made (the host died, a value does not fit, the library is not there) is told
 * to the handler, if one is set. Then it returns what the export's `_Fc_fails_with_` says, with errno set; if the export has
 * none, a value of zeros if there was a handler; else the process is aborted, with a message. A refused export always
 * ends so, since nothing is known of what it returns; the handler may leave by longjmp. */
struct fc_proxy_failure {
    const char *library;  /* "libz.so.1" */
    const char *function; /* "deflate" */
    int error;            /* FC_EDIED and so on */
    const char *text;     /* why, and what to do about it; valid during the call */
};
typedef void fc_proxy_failure_fn(void *user_data, const struct fc_proxy_failure *failure);
/* For all proxies of this process; NULL for none. To be set while no other thread may need it. Called in the thread
 * whose call failed, perhaps in several at once. */
FC_API void fc_proxy_on_failure(fc_proxy_failure_fn *handler, void *user_data);

/* After a call that failed, with the thread's error: does all of the above but the last. False: there is nothing left
 * but to abort, and fc_error_text() is the message. */
FC_API bool fc_proxy_failed(struct fc_proxy *proxy, size_t index, void *ret_result, size_t result_bytes);

/* -- For generated code -------------------------------------------------------------------------------------------- */

/* The first line of a channel as generated code writes it, for functions that take and return nothing but numbers which are
 * the same on both sides: docs/protocol.md, "Frames". FC_PROXY_VERSION is that of this, too. */
struct fc_proxy_line {
    uint32_t turn, info;
    uint64_t value;
    unsigned char words[48];
};
struct fc_proxy_lane {
    struct fc_proxy_line *line;
    void *channel; /* the run-time's */
};
enum { FC_PROXY_AGAIN = 1 }; /* it did not get as far as the host */

/* Between the two the arguments are put into the line. `function` NULL: no lane. `info`: the shape of the frame that the
 * code writes. A lane without a line: call it by fc_call (the thread has no channel yet, or is in a call; the host is a
 * new one; it is another shape). fc_proxy_end returns what fc_call does, or FC_PROXY_AGAIN. */
FC_API struct fc_proxy_lane fc_proxy_begin(struct fc_function *function, uint32_t info);
FC_API int fc_proxy_end(struct fc_function *function, struct fc_proxy_lane lane, uint64_t *ret_value);

/* Around a call, for proxies with variables: before it what the program wrote goes to the library, and after it what the
 * library wrote comes. */
FC_API void fc_proxy_sync(struct fc_proxy *proxy, bool is_called);
static inline struct fc_proxy *fc_proxy_synced(struct fc_proxy *proxy) {
    fc_proxy_sync(proxy, false);
    return proxy;
}
static inline void fc_proxy_called(struct fc_proxy *const *proxy) {
    fc_proxy_sync(*proxy, true);
}
#define FC_PROXY_SYNC(proxy)                                                                                           \
    __attribute__((cleanup(fc_proxy_called), unused)) struct fc_proxy *const synced_ = fc_proxy_synced(proxy)

/* An argument, `bytes` of it, in the word at `offset`. */
#define FC_PROXY_PUT(line, offset, type, value)                                                                        \
    do {                                                                                                               \
        const type value_ = (type)(value);                                                                             \
        __builtin_memcpy((line)->words + (offset), &value_, sizeof value_);                                            \
    } while (0)

/* fc_call of a function that takes what a format or a condition says: its parameters as in fc_call_array, and what is
 * behind them. */
FC_API int fc_proxy_call_format(struct fc_function *function, void *ret_result, void *const *arguments, va_list *rest);

/* May be in a signal handler. */
static inline void fc_proxy_must_not_fail(bool is_settled) {
    if (!is_settled) {
        const char *text = fc_error_text();
        ssize_t written = write(STDERR_FILENO, text, strlen(text));
        written += write(STDERR_FILENO, "\n", 1);
        (void)written;
        abort();
    }
}

/* `result`: where it goes; NULL for void. */
#define FC_PROXY_SETTLE(proxy, index, result, result_bytes)                                                            \
    fc_proxy_must_not_fail(fc_proxy_failed(proxy, index, result, result_bytes))
#define FC_PROXY_CALL(proxy, index, result, result_bytes, ...)                                                         \
    do {                                                                                                               \
        struct fc_function *function_ = fc_proxy_function(proxy, index);                                               \
        if (__builtin_expect(function_ == NULL || fc_call(function_, result, ##__VA_ARGS__) != FC_OK, 0)) {            \
            FC_PROXY_SETTLE(proxy, index, result, result_bytes);                                                       \
        }                                                                                                              \
    } while (0)

/* The same, where each call says what follows the last parameter, `last`. */
#define FC_PROXY_CALL_FORMAT(proxy, index, result, result_bytes, last, ...)                                            \
    do {                                                                                                               \
        void *const arguments_[] = {__VA_ARGS__};                                                                      \
        va_list rest_;                                                                                                 \
        va_start(rest_, last);                                                                                         \
        struct fc_function *function_ = fc_proxy_function(proxy, index);                                               \
        if (function_ == NULL || fc_proxy_call_format(function_, result, arguments_, &rest_) != FC_OK) {               \
            FC_PROXY_SETTLE(proxy, index, result, result_bytes);                                                       \
        }                                                                                                              \
        va_end(rest_);                                                                                                 \
    } while (0)

#ifdef __cplusplus
}
#endif
#endif
