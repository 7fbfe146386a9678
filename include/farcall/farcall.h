/* farcall: call functions in a library of another bitness.
 *
 * A *session* is one host process of the library's bitness together with the libraries opened in it; or this process,
 * for libraries of its own bitness, if that is asked for (fc_options_set_backend).
 * A *library* is opened in a session, a *function* is bound in a library from its C prototype, and is then called.
 *
 *     struct fc_library *zlib;
 *     struct fc_function *version;
 *     const char *text;
 *     if (fc_open("/usr/lib/i386-linux-gnu/libz.so.1", NULL, &zlib) == FC_OK &&
 *         fc_bind(zlib, "const char *zlibVersion(void)", &version) == FC_OK &&
 *         fc_call(version, &text) == FC_OK)
 *         puts(text);
 *     else
 *         fprintf(stderr, "%s\n", fc_error_text());
 *     fc_library_close(zlib);
 *
 * Results: every function that can fail returns FC_OK (0) or one of the negative codes below, leaves its outputs
 * untouched on failure, and keeps a full explanation for fc_error_text(). The library never prints and never exits.
 *
 * Threads: every function may be called from any thread at any time, unless its comment says otherwise. Each calling
 * thread has a thread of its own in the host, so that thread-local state of the library behaves as in one process.
 *
 * Fork: after fork(), the child may use every session it inherited; its first call starts a host of its own, in which
 * the libraries are loaded afresh. fc_alloc() memory keeps its addresses, and the contents of the moment of the fork,
 * for which fork() copies what was ever written to it; vfork() and posix_spawn() copy nothing. What the parent's
 * library allocated can be read in the child, but may change, and is none of the child's own library.
 */
#ifndef FARCALL_FARCALL_H
#define FARCALL_FARCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) && !defined(_WIN32)
#define FC_API __attribute__((visibility("default")))
#else
#define FC_API
#endif

/* The one table of error codes: name, value, meaning. fc_strerror() returns the meaning. */
#define FC_ERRORS(X)                                                                                                   \
    X(FC_EINVAL, -1, "invalid argument")                                                                               \
    X(FC_ENOMEM, -2, "out of memory or address space")                                                                 \
    X(FC_ESYS, -3, "a system call failed")                                                                             \
    X(FC_ENOENT, -4, "no such library or file")                                                                        \
    X(FC_EFORMAT, -5, "not a library this program understands")                                                        \
    X(FC_ETARGET, -6, "wrong bitness or target")                                                                       \
    X(FC_EDEPENDENCY, -7, "a library that the library needs is missing")                                               \
    X(FC_ELOAD, -8, "the library could not be loaded")                                                                 \
    X(FC_ESYMBOL, -9, "the library does not export that function")                                                     \
    X(FC_EPARSE, -10, "the declaration does not parse")                                                                \
    X(FC_EUNSUPPORTED, -11, "the declaration uses a type that cannot be passed")                                       \
    X(FC_EANNOTATION, -12, "a pointer needs an annotation")                                                            \
    X(FC_EARGS, -13, "wrong number of arguments")                                                                      \
    X(FC_ERANGE, -14, "a value does not fit the type on the other side")                                               \
    X(FC_ESTART, -15, "the host did not start")                                                                        \
    X(FC_EDIED, -16, "the host died")                                                                                  \
    X(FC_ETIMEDOUT, -17, "the deadline passed")                                                                        \
    X(FC_EPROTO, -18, "the host broke the protocol")                                                                   \
    X(FC_EBUSY, -19, "this thread is already in a call of this session")                                               \
    X(FC_ECLOSED, -20, "the session was closed")

enum fc_error {
    FC_OK = 0,
#define FC_ERROR_ENUM(name, value, meaning) name = (value),
    FC_ERRORS(FC_ERROR_ENUM)
#undef FC_ERROR_ENUM
};

struct fc_options;
struct fc_session;
struct fc_library;
struct fc_function;
struct fc_declarations;
struct fc_variable;

/* The version of the library that is running, as "MAJOR.MINOR.PATCH". Static storage. */
FC_API const char *fc_version(void);

/* The one-line meaning of an error code; "unknown error" for any other number. Static storage. Async-signal-safe. */
FC_API const char *fc_strerror(int error);

/* What went wrong in this thread's most recent failed call of this library: one or more lines, UTF-8, no final newline,
 * and what to do about it where that is known. "" if nothing failed yet. Owned by the library; valid until the thread's
 * next failure. */
FC_API const char *fc_error_text(void);

/* The targets that this version has hosts for, one a call: "i386-linux" and so on; NULL past the last. Static
 * storage. */
FC_API const char *fc_target_name(size_t index);

/* -- Options ------------------------------------------------------------------------------------------------------
 * An options object is built, passed to fc_session_open or fc_open (which copy what they need), and freed. Not
 * thread-safe while being changed; may be shared once built. Each setter copies its strings and returns FC_OK,
 * FC_ENOMEM, or FC_EINVAL for a value outside its documented range. */

/* NULL when out of memory. */
FC_API struct fc_options *fc_options_new(void);
/* NULL is legal. */
FC_API void fc_options_free(struct fc_options *options);

/* The callee's target: "i386-linux", "x86_64-linux", "i386-windows", "x86_64-windows" or, for what mingw's gcc compiled,
 * those two with "-gnu". Not needed where a library's path is given to fc_open: then its file says. */
FC_API int fc_options_set_target(struct fc_options *options, const char *target);

/* How a call reaches its library:
 *   "process"  The library lives in a host process of its own bitness. The default, and the way to another bitness.
 *   "direct"   The library is loaded into this process, and must be of this program's own target, which is then the
 *              default target. A call is an ordinary call, in the thread that makes it.
 *   "auto"     Direct where the target is this program's own and no option asks for what only a host can do, else
 *              process. NULL is the default. FC_EINVAL for any other.
 * In a direct session the same prototypes are read, and the same are refused. What differs:
 * - What a pointer points to is passed in place, a callback is the function itself, a returned string is the library's
 *   own and lives as long as the library lets it. fc_alloc() memory is ordinary memory.
 * - Callbacks may come in any thread. As in any C program, one may be left by longjmp if the library bears it.
 * - Nothing shields this process: a library that crashes or exits ends it. A call cannot be taken back, so none may be
 *   in flight in any thread when its library or session is closed, which runs the library's destructors here.
 * - A host path, an environment, a working directory, a deadline and hostility are refused with FC_EINVAL when the
 *   session is opened; the time to spin means nothing. The library path is searched first as always; but what this
 *   process has loaded already is used as it is, whatever folder it came from.
 * - A forked child has the library as it was. */
FC_API int fc_options_set_backend(struct fc_options *options, const char *backend);

/* How long one call may take, in milliseconds; 0, the default, is without limit. A call that exceeds it returns
 * FC_ETIMEDOUT and *ends the host*, since a running function cannot be taken back; other calls in flight return
 * FC_EDIED. Not in direct sessions. */
FC_API int fc_options_set_deadline_ms(struct fc_options *options, uint32_t deadline_ms);

/* How long each side may spin for an answer before it sleeps, in microseconds, 0 to 1000000; the default is 100. Where
 * the other side has to wake up first, it is twice what a wake-up lately took, if that is longer; at most ten times as
 * long. 0 never spins. Whatever is set, nothing spins while both sides are allowed one CPU only, and the same. See
 * docs/performance.md. */
FC_API int fc_options_set_spin_us(struct fc_options *options, uint32_t spin_us);

/* True if the library is not to be trusted with memory that the caller reads in place, since it may change it at any
 * time: its heap is then the host's alone. Its strings and buffers are copied, and a pointer to what it allocated
 * cannot be looked through. Default: false; what the library allocates lies at the same address in the caller, to be
 * used in place, as far as there is room: 512 MiB of address space for a 64-bit caller's first session, less for
 * further ones and for 32-bit callers. Beyond that it is as in a hostile session. Not in direct sessions. */
FC_API int fc_options_set_hostile(struct fc_options *options, bool is_hostile);

/* The host program to start. Default: TARGET/farcall-host in the folder that the environment variable FARCALL_LIBEXEC
 * names, else libexec/farcall/TARGET/farcall-host in the nearest folder above this library's own file. */
FC_API int fc_options_set_host_path(struct fc_options *options, const char *path);

/* The host's whole environment: an array of "NAME=value", ended by NULL. Default: the caller's, at the time the host
 * starts. In either case LD_PRELOAD, LD_AUDIT and LD_LIBRARY_PATH are removed, and the last is set from the library
 * path below. */
FC_API int fc_options_set_environment(struct fc_options *options, const char *const *environment);

/* The host's working directory. Default: the host *shares* the caller's, so that a later chdir() holds for both. */
FC_API int fc_options_set_working_directory(struct fc_options *options, const char *path);

/* Directories to search for libraries and what they need, separated by ':', before the system's own. */
FC_API int fc_options_set_library_path(struct fc_options *options, const char *path);

/* Receives what a session does that its owner may wish to record: a host starting, dying, ending; and what its libraries
 * print, which does not go to the caller's standard output and error then: each line, as soon as the library's buffer
 * lets it go, as "a library prints: ...", in pieces of 1024 bytes if it is longer. (Not in direct sessions.) `line` is
 * one line without newline, valid during the call. Called from the thread that caused the event, or from the library's own
 * watching thread, and so perhaps from two at once; must not call this library. NULL for none, the default. */
typedef void fc_log_fn(void *user_data, const char *line);
FC_API int fc_options_set_log(struct fc_options *options, fc_log_fn *log, void *user_data);

/* -- Wine ---------------------------------------------------------------------------------------------------------
 * Hosts for Windows run under Wine here, in a prefix, the folder that is their Windows: that of $WINEPREFIX in the
 * host's environment, else a private one below $XDG_CACHE_HOME/farcall or $HOME/.cache/farcall, which is made when there
 * is none. See docs/windows.md. Thread-safe. */

/* Which Wine and which prefix a host for the options' target would run under, as a line of text of at most `size` bytes
 * with its NUL. Makes the prefix if it is a private one. Errors: FC_EINVAL (the target is none of Windows), FC_ESTART
 * (no Wine for it, or no place for a prefix: what to install or to set is in the text), FC_ENOMEM. */
FC_API int fc_wine_describe(const struct fc_options *options, char *ret_text, size_t size);

/* Has Wine's wineboot fill a private prefix, which hosts then prefer to the thin one: libraries that use the COM classes
 * of Wine's own need it. Takes half a minute and 1.3 GB; done at once if there is one. `options` may be NULL. Errors:
 * FC_EINVAL (WINEPREFIX is set), FC_ESTART (as above; or wineboot failed), FC_ESYS, FC_ENOMEM. */
FC_API int fc_wine_fill_prefix(const struct fc_options *options);

/* -- Sessions and libraries --------------------------------------------------------------------------------------- */

/* Starts a host, unless the session is a direct one. `options` may be NULL; the target must be known from it, else
 * FC_ETARGET.
 * Errors: FC_ETARGET (another than this program's for a direct session), FC_EINVAL (options that contradict each
 * other), FC_ESTART (no host program, or it did not start: its exit status and what it printed on stderr are in the
 * text), FC_ENOMEM, FC_ESYS. */
FC_API int fc_session_open(const struct fc_options *options, struct fc_session **ret_session);

/* Ends the host and frees everything of the session: libraries, functions, fc_alloc memory, returned strings. Calls in
 * flight in other threads return FC_ECLOSED first; none may begin any more. NULL is legal.
 * The host ends as a program does: library destructors and atexit handlers run, unless calls were in flight; then it is
 * ended at once. Functions that the library called have returned when this returns, and none is called any more, by
 * destructors neither: a function that waits for the thread that closes waits for ever.
 * In a direct session its libraries are unloaded, and no call may be in flight.
 * In a function that one of its libraries called, it does nothing. */
FC_API void fc_session_close(struct fc_session *session);

/* Opens a library in a session: by path if the name contains '/', else by name as the system's loader searches it.
 * Errors: FC_ENOENT, FC_EFORMAT, FC_ETARGET (its bitness is not the session's), FC_EDEPENDENCY (names it), FC_ELOAD,
 * and those of a call. */
FC_API int fc_library_open(struct fc_session *session, const char *name, struct fc_library **ret_library);

/* Opens a library in a session of its own, which ends with fc_library_close. Without a target in the options, `name`
 * must be the path of a file, whose header then decides; or the backend "direct", and then it is this program's own. */
FC_API int fc_open(const char *name, const struct fc_options *options, struct fc_library **ret_library);

/* Closes the library and frees its functions; no thread may be calling one. NULL is legal. */
FC_API void fc_library_close(struct fc_library *library);

/* The session of a library. */
FC_API struct fc_session *fc_library_session(struct fc_library *library);

/* "process" or "direct": how calls of the session reach its libraries. Static storage. */
FC_API const char *fc_session_backend(const struct fc_session *session);

/* The target of the session's libraries, such as "i386-linux". Static storage. */
FC_API const char *fc_session_target(const struct fc_session *session);

/* The process id of the session's host at this moment, or 0 if none runs, as always in a direct session. */
FC_API int fc_session_host_pid(struct fc_session *session);

/* What GetLastError says after the calling thread's latest call in a session for Windows, in which it was 0 before the
 * function ran; 0 in other sessions. To be asked for before the thread uses the session again. */
FC_API uint32_t fc_session_windows_error(struct fc_session *session);

/* -- Headers -------------------------------------------------------------------------------------------------------
 * A declarations object holds what headers declare. Each header is read once as the caller's compiler sees it, and once
 * as the callee's does, because the two differ: in the widths of types, and wherever the header asks for the target.
 * Functions are paired by name, and so are the members of structs, which may stand in another order or have other
 * types. This library runs no preprocessor: the texts are what `cc -E -m64` and `cc -E -m32` print ("farcall call
 * --header" does that by itself). Line markers (# 12 "file.h") are understood; errors name file, line and column by
 * them.
 *
 * A sidecar is a further text, which repeats declarations with annotations (docs/annotations.md), so that the library's
 * own header stays as it is: functions, structs with those members that need any, typedefs of function pointers.
 *
 *     fc_declarations_new("i386-linux", &declarations);
 *     fc_declarations_read(declarations, "sqlite3.h", text_of_64_bits, text_of_32_bits);
 *     fc_declarations_amend(declarations, "sidecar", "int sqlite3_open(_In_z_ const char *, _Outptr_ sqlite3 **);");
 *     fc_library_declare(sqlite, declarations);
 *     fc_declarations_free(declarations);
 *     fc_bind(sqlite, "sqlite3_open", &open);
 *
 * Reading a header costs some milliseconds; a function is compiled when it is bound. An object may be used for any
 * number of libraries, also in several sessions, and by any thread; the readers of one wait for each other. What was
 * bound is not changed by what is read later. */

/* For calls of this program into libraries of that target. Errors: FC_ETARGET, FC_EINVAL, FC_ENOMEM. */
FC_API int fc_declarations_new(const char *target, struct fc_declarations **ret_declarations);
/* Libraries that were given it keep it until they are closed. NULL is legal. */
FC_API void fc_declarations_free(struct fc_declarations *declarations);

/* Adds the declarations of a header: `caller_text` is for this program's target, `callee_text` for the other. What was
 * read before is in scope, and may be declared again (headers include the same system's headers). `name` is what
 * messages call the texts where these have no line markers. Everything is copied. On failure the object is as it was.
 * A declaration that cannot be read is left out, and the others are read as if it were not there:
 * fc_declarations_skipped lists such, and binding what it would have declared says why. A pointer to a struct whose
 * body was left out is no handle by itself. It is an error where the end of the declaration cannot be told, as of
 * brackets that do not match.
 * Errors: FC_EINVAL, FC_EPARSE and FC_EUNSUPPORTED (with the place, and for which target), FC_ENOMEM. */
FC_API int fc_declarations_read(struct fc_declarations *declarations, const char *name, const char *caller_text,
                                const char *callee_text);
/* The same of one text that is for both, such as a sidecar, of which nothing is left out. */
FC_API int fc_declarations_amend(struct fc_declarations *declarations, const char *name, const char *text);

/* Why declarations were left out, one error text for each, with its place: `index` counts from 0; NULL past the last.
 * Lives as long as the object. */
FC_API const char *fc_declarations_skipped(struct fc_declarations *declarations, size_t index);

/* The names of the functions that both texts declare, in the order of the caller's, each once: `index` counts from 0;
 * NULL past the last. Lives as long as the object. */
FC_API const char *fc_declarations_function(struct fc_declarations *declarations, size_t index);

/* Gives the library what fc_bind looks names up in, in place of what it had; NULL: nothing. Errors: FC_EINVAL,
 * FC_ETARGET (the object is for another target). */
FC_API int fc_library_declare(struct fc_library *library, struct fc_declarations *declarations);

/* -- Functions ---------------------------------------------------------------------------------------------------- */

/* Binds a function from its C prototype, such as
 *     "int compress(_Out_writes_to_(*destLen, *destLen) unsigned char *dest, _Inout_ unsigned long *destLen,
 *                   _In_reads_(sourceLen) const unsigned char *source, unsigned long sourceLen)".
 * Types and widths are those of each side: `long` is 64 bits in a 64-bit caller and 32 in a 32-bit callee. Several
 * declarations may stand in the text, separated by ';' (typedefs, struct tags); the last must be the function.
 * A variadic function has the types of what one call passes written behind its `...`, as in
 *     "int open(const char *path, int flags, ..., unsigned mode)",
 * and is bound as often as there are such calls; or _Printf_format_string_ before its format says what each call takes;
 * or _Fc_when_(condition) before each of several declarations, of which each call takes the one whose condition holds.
 * In a signal handler, only formats of whose kinds one was used before are async-signal-safe.
 * Pointers need annotations where C does not say what they point to: docs/annotations.md.
 * If the library was given declarations (fc_library_declare), all of them are in scope; a text that repeats one of them
 * has its own annotations, for this function only. A name alone, such as "sqlite3_open", is the function that they
 * declare. Freed with its library. Errors: FC_EINVAL (a name that is not declared), FC_EPARSE, FC_EUNSUPPORTED,
 * FC_EANNOTATION, FC_ESYMBOL, and those of a call. */
FC_API int fc_bind(struct fc_library *library, const char *prototype, struct fc_function **ret_function);

/* Calls the function, as fc_options_set_backend says in a direct session, and else in a host. The arguments are those
 * of the prototype, with the caller's types. `ret_result` receives the result with the caller's type of it; it may be
 * NULL if the result is void or of no interest.
 * errno is set when the library set it to something other than zero, and untouched otherwise. If the declaration says
 * _Fc_fails_with_(value), an error also makes `value` the result, and errno EIO; else `ret_result` is untouched on
 * failure. Descriptors (_Fc_fd_) become descriptors of the other process; FC_ESYS if there can be none.
 * A string result that the library allocated is the library's own memory, and lives until the library frees it, as
 * natively; after its host died it can be read until a few hosts later. Any other, such as a constant, and any of a
 * hostile session, is a copy that lives until the session is closed; a later result from the same address in the callee
 * updates it in place where it fits.
 * A struct or array of the library's that is not the same on both sides is such a copy, too; passed back, it is the
 * library's own again, with what the caller changed in it. What libraries keep or remember beyond a call is said by
 * annotations (docs/annotations.md).
 * An opaque argument that points into what a library allocated in a host that died is refused with FC_EINVAL, and so is
 * a copy of what was there.
 * A pointer into what an argument points to, such as strchr's, comes back as that argument plus the offset.
 * A function passed for a function pointer may be called by the library until the session is closed. In a thread that
 * calls, it runs in the thread that made the call. Threads that the library made itself have each a thread here too,
 * which this library makes when it is needed, at most 256 in a session (more of the library's wait), with all signals
 * blocked: there the function runs whether or not a call is in flight, several at once. Signal handlers of the library's
 * may call it, too: where they have not interrupted the library's own code in a call, it runs in such a thread.
 * It may call functions of the library, which run in the thread that called it. In a thread that calls, it may leave by
 * longjmp, or end the thread; not while a library is opened, bound in or closed, where that ends the host. In another,
 * it may end its thread (pthread_exit), which ends the library's. An exception (C++) must not leave it.
 * A function pointer that comes from the library (a result, an output, a member, an argument of such a function) can be
 * called as any other, in any thread, until the session is closed. It is called as by fc_call; if that fails, it
 * returns 0, or what _Fc_fails_with_ says, and sets errno to EIO, fc_error_text() says why, and so does the log. It
 * means nothing to the host that comes after one that died. Passed back, it is the library's own function again, as the
 * caller's own function that comes back is itself.
 * It finds errno as the library has it, and the library as it leaves it; the caller's own is the same afterwards.
 * What it is given and what it returns is converted as arguments are; where that fails, the call it belongs to returns
 * FC_ERANGE or FC_EPROTO, and its text begins with "in an upcall: "; in a thread of the library's own, and while a
 * library is opened or closed, it is said to the log (fc_options_set_log).
 *
 * Signal handlers: a handler may call, too, in a thread that has called in the session before, and then the call is
 * async-signal-safe: it takes no lock and no memory, and about 16 KiB of stack. If it interrupts a call of this session
 * in the same thread, it runs in a thread of the host that is kept for that (the library's state per thread is another
 * one there), and FC_EBUSY is returned, before anything is sent, where that cannot be: if it interrupts such a call in
 * turn; if the function was neither bound nor called in the present host; if it returns a string, or is passed a
 * function, a pointer that needs a stand-in, or more than 48 KiB of buffers and strings; if the host is about to start.
 * A handler that calls should keep errno; a call that fails replaces what fc_error_text() says. Nothing else of this
 * library is for signal handlers.
 * Errors: FC_ERANGE (an argument: nothing was sent; the result or an output: the call was made), FC_EINVAL, FC_EDIED
 * (the next call starts a fresh host), FC_ETIMEDOUT, FC_EPROTO, FC_ESTART, FC_EBUSY (in a signal handler),
 * FC_ENOMEM. */
FC_API int fc_call(struct fc_function *function, void *ret_result, ...);

/* The same with an array: arguments[i] points at the i-th argument, of the caller's type. FC_EARGS if `count` is not
 * the number of parameters; with a format or with conditions, of those and of what they say. A va_list is one argument,
 * pointed at as well. */
FC_API int fc_call_array(struct fc_function *function, void *ret_result, size_t count, void *const *arguments);

/* -- Variables ---------------------------------------------------------------------------------------------------- */

/* An exported variable, from its declaration, such as "extern int counter;" or "extern const char *const names[4];",
 * with what it needs before it, or by its name alone if the library was given declarations, as for fc_bind. Freed with
 * its library. Pointers to `const char` are strings; other pointers are opaque, and members of structs are what their
 * annotations say. Errors: those of fc_bind. */
FC_API int fc_variable_bind(struct fc_library *library, const char *declaration, struct fc_variable **ret_variable);

/* Size in bytes of the caller's type. */
FC_API size_t fc_variable_size(const struct fc_variable *variable);

/* Copies the value, converted as a result is and with strings that live as long. After the host died it is the one of a
 * fresh host, as if the program had just begun.
 * `value` of fc_variable_write is converted as an argument is; what pointers in it lead to must be memory that the
 * library can keep: from fc_alloc, or its own. Functions in it may be called until the session is closed.
 * A copy is not atomic: threads that use the variable at the same time are the library's affair, as ever. Not for
 * signal handlers that interrupt a call.
 * Errors: FC_ERANGE (nothing was written), FC_EINVAL (declared const), FC_EUNSUPPORTED, and those of a call. */
FC_API int fc_variable_read(struct fc_variable *variable, void *ret_value);
FC_API int fc_variable_write(struct fc_variable *variable, const void *value);

/* The variable's address in the library, as an opaque pointer to pass to its functions; in a direct session, where it
 * is to be used in place. Of another host after the present one died. Errors: those of a call. */
FC_API int fc_variable_address(struct fc_variable *variable, void **ret_address);

/* -- What a function takes and returns, for programs that build calls at run time ------------------------------------
 * Indices are those of the parameters, from 0; FC_RESULT is the result. Any thread; nothing here fails, except where
 * an error code is returned. Strings live as long as the function. */

#define FC_RESULT ((size_t)-1)

enum fc_class {
    FC_CLASS_VOID,
    FC_CLASS_BOOL,
    FC_CLASS_CHAR, /* plain char */
    FC_CLASS_SIGNED,
    FC_CLASS_UNSIGNED,
    FC_CLASS_FLOAT,
    FC_CLASS_POINTER,  /* opaque: never looked through here */
    FC_CLASS_STRING,   /* const char * to a NUL-terminated string */
    FC_CLASS_BUFFER,   /* a pointer to one or more elements */
    FC_CLASS_CALLBACK, /* a pointer to a function */
    FC_CLASS_OBJECT,   /* a pointer to structs, unions, pointers or wide characters */
    FC_CLASS_STRUCT,   /* a struct, union or complex number itself */
};

/* The name as the prototype has it. */
FC_API const char *fc_function_name(const struct fc_function *function);
FC_API size_t fc_function_parameter_count(const struct fc_function *function);

/* "" if the prototype names none. */
FC_API const char *fc_parameter_name(const struct fc_function *function, size_t index);
/* FC_CLASS_VOID for an index that does not exist. */
FC_API enum fc_class fc_parameter_class(const struct fc_function *function, size_t index);
/* Size in bytes of the caller's type: what an argument points to in fc_call_array, what a result needs. */
FC_API size_t fc_parameter_size(const struct fc_function *function, size_t index);
/* Of a buffer: its elements' class and size in bytes in the caller; whether the function reads and writes it. */
FC_API enum fc_class fc_element_class(const struct fc_function *function, size_t index);
FC_API size_t fc_element_size(const struct fc_function *function, size_t index);
FC_API int fc_parameter_is_input(const struct fc_function *function, size_t index);
FC_API int fc_parameter_is_output(const struct fc_function *function, size_t index);
/* Of a buffer: 1 if its annotation gives a number of elements, 0 if it is a pointer to one value. */
FC_API int fc_parameter_has_size(const struct fc_function *function, size_t index);

/* 1 if it is a string or buffer of char, or returns one, that holds UTF-8 here and UTF-16 or UTF-32 in the library; a NUL
 * ends it. */
FC_API int fc_parameter_is_utf8(const struct fc_function *function, size_t index);

/* Of a buffer, in elements: how many it must have room for, and how many are valid after the call, as its annotation
 * says of these arguments (as in fc_call_array; buffers that its size does not read may be NULL). What is valid is the
 * library's word, which may exceed the capacity, and a call may change what the capacity is read from: ask for the
 * capacity before the call, and take the smaller number after it. Errors: FC_EINVAL, FC_ERANGE. */
FC_API int fc_parameter_capacity(const struct fc_function *function, size_t index, size_t count, void *const *arguments,
                                 uint64_t *ret_elements);
FC_API int fc_parameter_valid(const struct fc_function *function, size_t index, size_t count, void *const *arguments,
                              uint64_t *ret_elements);

/* How a call of the function that `prototype` declares (as for fc_bind) would be made, for a person to read: what each
 * argument and the result are on both sides, how they are converted, what is copied when, and where all of it travels;
 * the same of the functions that the library calls back. Of a variable (as for fc_variable_bind), what reading and
 * writing it does.
 * The caller is this program. The callee's target is that of the options, or of the file that `library` is the path of;
 * if both are given, they must agree. Either may be NULL; a library's name without '/' says nothing of its target. No
 * host is started and no library loaded. The way through a host is described, whatever backend the options name: in a
 * direct session nothing is converted or copied.
 * Writes lines of at most 96 columns (longer where a name is), UTF-8, each ended by a newline, and a NUL to `buffer`,
 * which is the caller's and has `size_bytes`, and their number of bytes to *ret_needed_bytes, which may be NULL. With
 * a size of 0 it writes only the latter, and `buffer` may be NULL. The text is never cut: if it does not fit, that is
 * FC_EINVAL. Its wording may change between versions. Nothing is kept; any thread.
 * Errors: FC_EINVAL, FC_ETARGET (no target, or not the file's), FC_EPARSE, FC_EUNSUPPORTED, FC_EANNOTATION, FC_ENOMEM;
 * of the file also FC_ENOENT, FC_EFORMAT, FC_ESYS. */
FC_API int fc_explain(const char *library, const struct fc_options *options, const char *prototype, char *buffer,
                      size_t size_bytes, size_t *ret_needed_bytes);
/* The same of a function or variable that is declared, by its name or by a text as for fc_bind; the callee's target is that of the
 * declarations. Errors: FC_EINVAL, FC_EPARSE, FC_EUNSUPPORTED, FC_EANNOTATION, FC_ENOMEM. */
FC_API int fc_declarations_explain(struct fc_declarations *declarations, const char *function, char *buffer,
                                   size_t size_bytes, size_t *ret_needed_bytes);

/* -- Memory that both sides see ----------------------------------------------------------------------------------- */

/* `size_bytes` of zeroed memory, 16-byte aligned, at the same address in caller and host. A buffer argument that lies
 * in it is passed without a copy. NULL when out of memory or of address space that both sides have free.
 * It survives the death of a host. */
FC_API void *fc_alloc(struct fc_session *session, size_t size_bytes);

/* NULL is legal; any other pointer that fc_alloc did not return in this session is ignored, and FC_EINVAL returned. */
FC_API int fc_free(struct fc_session *session, void *memory);

#ifdef __cplusplus
}
#endif
#endif
