/* cli: the parts of `farcall inspect`: the table, the story below each line, JSON, verdicts. */
#ifndef FC_CLI_INSPECT_H
#define FC_CLI_INSPECT_H

#include "cli/cli.h"

#include <farcall/managed.h>
#include <farcall/policy.h>
#include <jansson.h>
#include <stdbool.h>

enum { INSPECT_RUNTIMES_MAX = 32 };

/* What the command line asks for. */
struct inspect_request {
    int is_verbose, is_json, wants_exports, wants_imports, wants_pinvoke, wants_metadata, wants_members, prefers_arm64;
    bool is_64bit_disabled;
    bool for_system[FC_SYSTEM_COUNT];
    const char *runtimes[INSPECT_RUNTIMES_MAX];
    unsigned runtime_count;
    /* What was printed so far, and how wide. */
    size_t printed;
    int file_width, format_width;
};

/* True if more is asked for than the line of the table. */
bool inspect_wants_story(const struct inspect_request *request);

/* inspect_text.c: what stands below the line of a file. Returns an exit status; what failed has been said. */
int inspect_print_story(const struct inspect_request *request, const char *path, const struct fc_image *image);

/* inspect_words.c: numbers in words; static storage. */
const char *inspect_managed_words(const struct fc_image *image);
const char *inspect_export_word(const struct fc_export *symbol);
const char *inspect_subsystem_word(uint64_t subsystem);
const char *inspect_precompiled_word(const struct fc_image *image); /* NULL if it is not */
const char *inspect_apphost_word(const struct fc_image *image);     /* NULL if it is none */
/* "1.2.3.4" of four numbers of 16 bits. */
enum { INSPECT_VERSION_MAX = 24 };
void inspect_format_version(uint64_t version, char text[INSPECT_VERSION_MAX]);

/* inspect_json.c: everything about a file, as one object; NULL when out of memory. */
json_t *inspect_to_json(const struct inspect_request *request, const char *path, const struct fc_image *image,
                        int *ret_status);
/* A string of JSON from bytes of any kind: what is not UTF-8 is written as \xNN. */
json_t *inspect_json_text(const char *text);

/* inspect_for.c: verdicts. Each is visited with its system and the process it is about. */
typedef void inspect_verdict_fn(void *user_data, enum fc_system system, enum fc_process process,
                                const struct fc_verdict *verdict);
/* Of an executable how it starts, of a library how it loads into each kind of process of the system; with the .config,
 * .runtimeconfig.json and .manifest that lie beside the file. */
int inspect_visit_verdicts(const struct inspect_request *request, const char *path, const struct fc_image *image,
                           inspect_verdict_fn *visit, void *user_data);

/* What options of `verb` say, where it is no usage error: a system's name, --runtime, --enable64bit. */
int inspect_find_system(const char *verb, const char *name, enum fc_system *ret_system);
int inspect_add_runtime(const char *verb, struct inspect_request *request, const char *version);
int inspect_set_enable64bit(const char *verb, struct inspect_request *request, const char *value);

/* What is stated, and, unless `path` is NULL, what those files say; NULL when out of memory. */
struct fc_conditions *inspect_conditions(const struct inspect_request *request, enum fc_system system,
                                         const char *path);

/* How an executable starts on a system, with the same files beside it. Returns the library's code. */
int inspect_start(const struct inspect_request *request, enum fc_system system, const char *path,
                  const struct fc_image *image, struct fc_verdict **ret_verdict);
/* True if .runtimeconfig.json lies beside the file. */
bool inspect_has_runtimeconfig(const char *path);

#endif
