/* cli: headers for a call: preprocessed by the system's C compiler, which nothing but the command line ever runs.
 * Runs in: the caller.
 * Does not: know what is in them. */
#ifndef FC_CLI_HEADER_H
#define FC_CLI_HEADER_H

#include <farcall/farcall.h>

#include <stdbool.h>

enum { CLI_HEADER_FILES_MAX = 64, CLI_HEADER_FLAGS_MAX = 128 };

/* What the options said. All strings are argv's. */
struct cli_header {
    const char *verb;
    const char *files[CLI_HEADER_FILES_MAX]; /* --header */
    const char *sidecars[CLI_HEADER_FILES_MAX];
    const char *flags[CLI_HEADER_FLAGS_MAX]; /* -I and -D with what follows, for the compiler */
    unsigned file_count, sidecar_count, flag_count;
    const char *unknown_preset; /* of --preset, if there is none of that name */
};

/* The options' values in getopt's list, and their rows for `options` and the help text. */
enum { CLI_HEADER_FILE = 512, CLI_HEADER_SIDECAR, CLI_HEADER_INCLUDE, CLI_HEADER_DEFINE, CLI_HEADER_PRESET };
#define CLI_HEADER_OPTIONS                                                                                             \
    {"header", required_argument, NULL, CLI_HEADER_FILE}, {"sidecar", required_argument, NULL, CLI_HEADER_SIDECAR},    \
        {"include", required_argument, NULL, CLI_HEADER_INCLUDE},                                                      \
        {"define", required_argument, NULL, CLI_HEADER_DEFINE},                                                        \
        {"preset", required_argument, NULL, CLI_HEADER_PRESET},
#define CLI_HEADER_HELP                                                                                                \
    "      --header FILE        read this header for both sides; a function can then be given by its name alone.\n"    \
    "                           Any number. The C compiler preprocesses it: $CC, or cc\n"                              \
    "      --sidecar FILE       read annotations for the headers from this file, or by the name of one that comes "    \
    "with\n"                                                                                                           \
    "                           farcall: expat, png, sqlite3, zlib\n"                                                  \
    "      --preset NAME        the header, macros and sidecar of a library: expat, png, sqlite3 or zlib\n"            \
    "  -I, --include DIR        a folder for #include\n"                                                               \
    "  -D, --define NAME[=TEXT] a macro\n"

/* Takes an option of the list above, or -I or -D; false if it is none. */
bool cli_header_option(struct cli_header *header, int option, const char *argument);

/* CLI_USAGE if there were too many of something; cli_header_read does it too. */
int cli_header_check(const struct cli_header *header);
/* The headers as a compiler for the target sees them, for calls of a library for `callee`; a sidecar's text; both to be
 * freed. On failure they have said why. */
int cli_header_preprocess(const struct cli_header *header, const char *target, const char *callee, char **ret_text);
int cli_header_sidecar(const struct cli_header *header, unsigned index, char **ret_text);

/* Everything that was asked for, read for calls from this program to that target; NULL if nothing was. On failure it
 * has said why on stderr, and returns an exit status. */
int cli_header_read(const struct cli_header *header, const char *target, struct fc_declarations **ret_declarations);

#endif
