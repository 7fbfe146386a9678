/* cli: the program `farcall`, one file per verb.
 * Runs in: the caller; a short-lived process with one thread.
 * Does not: know the library's insides: public headers and base only.
 *
 * Output goes to stdout. On stderr there are lines that begin with "farcall: ", and nothing else. */
#ifndef FC_CLI_CLI_H
#define FC_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Exit statuses, the same for all verbs (farcall(1)). */
enum cli_status {
    CLI_OK = 0,
    CLI_FAILED = 1,    /* what was asked for failed: a file is malformed, a function is missing, a value does not fit */
    CLI_USAGE = 2,     /* the command line is wrong; nothing was done */
    CLI_HOST = 3,      /* the host did not start, died, or did not answer in time */
    CLI_CONFLICTS = 4, /* audit: something of the application cannot be loaded or started */
};

/* -- Verbs --------------------------------------------------------------------------------------------------------
 * A verb gets the arguments after `farcall`, with its own name in argv[0], and getopt's state as at program start. It
 * understands --help, and returns an exit status. main() flushes stdout and notices if that fails. */
int cli_audit(int argc, char **argv);
int cli_call(int argc, char **argv);
int cli_corflags(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_inspect(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_proxy(int argc, char **argv);

/* -- Reporting (report.c) ------------------------------------------------------------------------------------------ */

/* Prints "farcall: " and the text on stderr, after what is waiting for stdout. Each further line of the text gets the
 * prefix too. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, with the verb's name before it and where to find help after it; of farcall itself if `verb` is NULL.
 * Returns CLI_USAGE. */
int cli_usage_error(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A usage error if an argument, which is `what`, is empty; else CLI_OK. */
int cli_check_given(const char *verb, const char *what, const char *argument);

/* A decimal number from `least` to `most`; false for anything else. */
bool cli_read_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret_number);

/* What a '?' or ':' from getopt_long means, as a usage error; `opterr` must be 0. Long options have values from
 * CLI_LONG_OPTION upwards, even those that have a letter too. */
enum { CLI_LONG_OPTION = 256 };
int cli_bad_option(const char *verb, int result, char *const *argv);
/* A row of getopt_long's list for an option that takes no argument and only sets an int to another number than 0. */
#define CLI_FLAG(name, flag)                                                                                           \
    { (name), no_argument, (flag), CLI_LONG_OPTION }

/* The exit status for an error code of the library. */
int cli_status_of(int error);

/* Prints text out of a file or a file's name, with everything that a terminal might obey written as \xNN. Returns the
 * number of columns; `out` NULL only counts them. */
size_t cli_print_text(FILE *out, const char *text);

/* -- Files (file.c) ------------------------------------------------------------------------------------------------ */

/* A regular file, mapped; `data` is NULL if the file is empty. */
struct cli_file {
    void *data;
    size_t len_bytes;
};

/* Maps a file. Never blocks on a FIFO or a device. On failure it has said why on stderr, and returns CLI_FAILED.
 * From here on, a file that another process cuts short under our reading ends this process with CLI_FAILED. */
int cli_file_open(const char *path, struct cli_file *ret_file);
void cli_file_close(struct cli_file *file);

/* The target of a library of that path. On failure it has said why, and returns CLI_FAILED. */
int cli_file_target(const char *verb, const char *path, const struct cli_file *file, const char **ret_target);

/* -- The system's C compiler (compiler.c), which nothing but the command line ever runs ---------------------------- */

/* -m32 or the like; NULL for a target that is not known. */
const char *cli_compiler_flag(const char *target);
/* Runs the compiler for the target, which is $CC or cc for those of this system, with the arguments (ended by NULL),
 * reading `in` and writing to `out`, which may be NULL. On failure it has said why, in the compiler's words, and returns
 * CLI_FAILED; `what` needed it. */
int cli_compiler_run(const char *verb, const char *what, const char *target, const char *const *arguments, FILE *in,
                     FILE *out);
/* True if it is not the system's own that compiles for the target, and its headers are another system's. */
bool cli_compiler_is_foreign(const char *target);
/* All of a file, from its beginning, as a text to be freed; NULL when out of memory. */
char *cli_compiler_output(FILE *file);

#endif
