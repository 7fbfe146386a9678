/* client: the backend `direct`. The library lies in the caller's own process; the same plans fill the same frames, and
 * the thread that calls executes them. Both sides are one target in one memory: nothing is converted, and whatever a
 * pointer points to is where the library finds it. */
#include "client/client.h"

#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { LOADER_TEXT_BYTES = 8192, NESTED_MAX = 16, FRAME_SLACK_BYTES = 64, SCRATCH_BYTES = 4608 /* of any list */ };

/* -- choosing ------------------------------------------------------------------------------------------------------ */

/* The setter of an option that only a host can obey; NULL if there is none. */
static const char *needs_host(const struct fc_options *options) {
    return options->deadline_ms != 0            ? "fc_options_set_deadline_ms"
           : options->is_hostile                ? "fc_options_set_hostile"
           : options->host_path != NULL         ? "fc_options_set_host_path"
           : options->environment != NULL       ? "fc_options_set_environment"
           : options->working_directory != NULL ? "fc_options_set_working_directory"
                                                : NULL;
}

int fc__direct_choose(const struct fc_options *options, const struct fc__target *callee, bool *ret_is_direct,
                      struct fc__error *err) {
    const struct fc__target *native = fc__target_native();
    const enum fc__backend backend = options != NULL ? options->backend : FC__BACKEND_PROCESS;
    if (backend != FC__BACKEND_DIRECT) {
        *ret_is_direct = backend == FC__BACKEND_AUTO && callee == native && needs_host(options) == NULL;
        return FC_OK;
    }
    if (callee != native) {
        return fc__error_set(err, FC_ETARGET,
                             "a direct session loads libraries into this process, which is %s, and so none for %s. Use "
                             "the backend \"process\", or \"auto\"",
                             native->name, callee->name);
    }
    const char *setter = needs_host(options);
    if (setter != NULL) {
        return fc__error_set(err, FC_EINVAL,
                             "a direct session has no host, and cannot obey what %s asked for. Use the backend "
                             "\"process\", or leave that option out",
                             setter);
    }
    *ret_is_direct = true;
    return FC_OK;
}

void fc__direct_init(struct fc__direct *direct) {
    pthread_mutex_init(&direct->lock, NULL);
}

/* -- libraries ----------------------------------------------------------------------------------------------------- */

static void *handle_of(const struct fc_library *library) {
    return (void *)(uintptr_t)library->handle;
}

int fc__direct_open(struct fc_library *library, struct fc__error *err) {
    const struct fc_session *session = library->session;
    char text[LOADER_TEXT_BYTES];
    void *handle = fc__load(library->name, session->options.library_path, text, sizeof text);
    if (handle == NULL) {
        return fc__explain_open(library->name, session->callee, text, err);
    }
    fc__os_library_path(handle, text, sizeof text);
    library->path = strdup(text[0] != '\0' ? text : library->name);
    if (library->path == NULL) {
        fc__os_library_close(handle);
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    library->handle = (uintptr_t)handle;
    return FC_OK;
}

void fc__direct_close(struct fc_library *library) {
    if (library->handle != 0) {
        fc__os_library_close(handle_of(library));
        library->handle = 0;
    }
}

void fc__direct_end(struct fc_session *session) {
    while (session->is_direct) {
        struct fc_library *last = NULL;
        for (struct fc_library *library = session->libraries; library != NULL; library = library->next) {
            last = library->handle != 0 ? library : last;
        }
        if (last == NULL) {
            return;
        }
        fc__direct_close(last);
    }
}

int fc__direct_resolve(struct fc_function *function, struct fc__error *err) {
    const uint64_t address = fc__os_library_symbol(handle_of(function->library), function->plan->symbol);
    if (address == 0) {
        return fc__explain_symbol(function->library, function->plan, err);
    }
    atomic_store_explicit(&function->address, address, memory_order_relaxed);
    return FC_OK;
}

/* -- which calls a thread is in ------------------------------------------------------------------------------------ */

/* The outermost first. A call that was left by a jump or an exception is not told of it; but the stack grows down, so
 * calls that lie below where the thread is now are over. */
struct nested {
    uint64_t session_id;
    uintptr_t stack;
};
static _Thread_local struct {
    unsigned count;
    struct nested calls[NESTED_MAX];
} in_call;

static void forget_left(uintptr_t stack) {
    while (in_call.count > 0 && in_call.calls[in_call.count - 1].stack <= stack) {
        in_call.count--;
    }
}

/* Returns what `leave` wants. Of calls of one session within each other the first is enough; of sessions that call each
 * other deeper than there is room, those further in are not noted. */
static unsigned enter(uint64_t session_id, uintptr_t stack) {
    forget_left(stack);
    const unsigned before = in_call.count;
    if (before < NESTED_MAX && (before == 0 || in_call.calls[before - 1].session_id != session_id)) {
        in_call.calls[before] = (struct nested){.session_id = session_id, .stack = stack};
        in_call.count = before + 1;
    }
    return before;
}

static void leave(unsigned before) {
    in_call.count = before;
}

bool fc__direct_is_in_call(const struct fc_session *session) {
    forget_left((uintptr_t)__builtin_frame_address(0));
    for (unsigned i = 0; i < in_call.count; i++) {
        if (in_call.calls[i].session_id == session->id) {
            return true;
        }
    }
    return false;
}

/* -- calling ------------------------------------------------------------------------------------------------------- */

/* Memory for what a plan rewrites although both sides are one target. */
struct block {
    struct block *next;
    _Alignas(16) unsigned char bytes[];
};

struct blocks {
    struct fc_session *session; /* of whose pool they are */
    struct block *first;
};

static int op_grow(void *context, uint64_t size, unsigned char **ret_memory) {
    struct fc__marshal *marshal = context;
    struct blocks *blocks = marshal->owner;
    struct block *block =
        size < PTRDIFF_MAX - sizeof *block ? fc__session_take(blocks->session, sizeof *block + (size_t)size) : NULL;
    if (block == NULL) {
        return fc__error_set(marshal->err, FC_ENOMEM, "out of memory for a buffer of %s", marshal->plan->name);
    }
    block->next = blocks->first;
    blocks->first = block;
    *ret_memory = block->bytes;
    return FC_OK;
}

static void give_back(struct blocks *blocks) {
    while (blocks->first != NULL) {
        struct block *block = blocks->first;
        blocks->first = block->next;
        fc__session_give(blocks->session, block);
    }
}

static bool op_is_shared(void *context, uint64_t address, uint64_t size) {
    (void)context, (void)address, (void)size;
    return true;
}

/* The library is of the same target, and calls the function as it is. */
static int op_callback(void *context, struct fc__callback *callback, uint64_t function, uint64_t *ret_callee) {
    (void)context, (void)callback;
    *ret_callee = function;
    return FC_OK;
}

static int op_function(void *context, struct fc__callback *callback, uint64_t function, uint64_t *ret_caller) {
    (void)context, (void)callback;
    *ret_caller = function;
    return FC_OK;
}

/* The library's own string, with the life that the library gives it. */
static int op_string(void *context, uint64_t address, uint64_t len, const char **ret_string) {
    (void)context, (void)len;
    *ret_string = (const char *)(uintptr_t)address;
    return FC_OK;
}

/* No stand-ins are asked for where no pointer is cut. */
static const struct fc__marshal_ops marshal_ops = {.is_native = true,
                                                   .grow = op_grow,
                                                   .is_shared = op_is_shared,
                                                   .callback = op_callback,
                                                   .function = op_function,
                                                   .string = op_string};

/* What fc__frame_invoke takes; it may read beyond the words. */
struct frame {
    uint64_t unused, function;
    unsigned char words[FC__FRAME_WORDS_BYTES_MAX + FRAME_SLACK_BYTES];
};
_Static_assert(offsetof(struct frame, function) == FC__FRAME_TARGET_OFFSET, "abi/frame.h");
_Static_assert(offsetof(struct frame, words) == FC__FRAME_WORDS_OFFSET, "abi/frame.h");

static void invoke(const struct fc_function *function, const struct fc__marshal *marshal, struct fc__answer *ret_answer,
                   int *ret_errno) {
    const struct fc__plan *plan = marshal->plan;
    struct frame frame; /* not cleared: large, and written as it is used */
    uint64_t results[FC__FRAME_RESULTS] = {0};
    frame.function = atomic_load_explicit(&function->address, memory_order_relaxed);
    memcpy(frame.words, marshal->image, plan->words_bytes);
    const unsigned before = enter(function->session_id, (uintptr_t)__builtin_frame_address(0));
    errno = 0;
    fc__frame_invoke(&frame, plan->info, results);
    *ret_errno = errno;
    leave(before);
    *ret_answer = (struct fc__answer){.value = results[0], .second = results[1], .others = {results[2], results[3]}};
}

int fc__direct_call(struct fc_function *function, struct fc__marshal *marshal, void *ret_result) {
    const int errno_before = errno;
    int library_errno = 0;
    _Alignas(16) unsigned char scratch[SCRATCH_BYTES];
    struct blocks blocks = {.session = function->session}; /* lost if a callback jumps out of the call */
    struct fc__objects objects = {.list = NULL};           /* nothing is one: all is where it is */
    struct fc__answer answer;
    marshal->ops = &marshal_ops;
    marshal->objects = &objects;
    marshal->context = marshal;
    marshal->owner = &blocks;
    marshal->line = 0;
    marshal->keeps_off_line = true; /* the words are copied, and nothing behind them */
    marshal->scratch = scratch;
    marshal->scratch_end = scratch + sizeof scratch;
    int rc = fc__marshal_send(marshal);
    if (rc == FC_OK) {
        invoke(function, marshal, &answer, &library_errno);
        rc = fc__marshal_receive(marshal, &answer, ret_result);
    }
    give_back(&blocks);
    errno = library_errno != 0 ? library_errno : errno_before;
    return rc;
}

/* -- fc_alloc ------------------------------------------------------------------------------------------------------ */

static int compare(const void *left, const void *right) {
    return ((uintptr_t)left > (uintptr_t)right) - ((uintptr_t)left < (uintptr_t)right);
}

void *fc__direct_alloc(struct fc__direct *direct, size_t size_bytes) {
    void *memory = calloc(1, size_bytes != 0 ? size_bytes : 1);
    bool is_noted = false;
    if (memory != NULL) {
        pthread_mutex_lock(&direct->lock);
        is_noted = tsearch(memory, &direct->blocks, compare) != NULL;
        pthread_mutex_unlock(&direct->lock);
    }
    if (!is_noted) {
        free(memory);
        fc__error_set(fc__error_here(), FC_ENOMEM, "fc_alloc finds no %zu bytes of memory", size_bytes);
        return NULL;
    }
    return memory;
}

bool fc__direct_free(struct fc__direct *direct, void *memory) {
    pthread_mutex_lock(&direct->lock);
    const bool is_ours = tdelete(memory, &direct->blocks, compare) != NULL;
    pthread_mutex_unlock(&direct->lock);
    if (is_ours) {
        free(memory);
    }
    return is_ours;
}

void fc__direct_done(struct fc__direct *direct) {
    while (direct->blocks != NULL) {
        void *memory = *(void **)direct->blocks; /* a node begins with its key */
        tdelete(memory, &direct->blocks, compare);
        free(memory);
    }
    pthread_mutex_destroy(&direct->lock);
}
