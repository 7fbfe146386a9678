/* tests: opening libraries and calling functions; what fails is shown in the library's own words. */
#ifndef FC_TESTS_CALL_H
#define FC_TESTS_CALL_H

#include "harness.h"

#include <farcall/farcall.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNUSED_HERE __attribute__((unused))

/* Suites that say nothing of hosts are run a second time with FARCALL_TEST_BACKEND=direct (tests/options.cmake): then
 * libraries are this program's own bitness only, and what needs another, or a host, is skipped. */
static inline UNUSED_HERE bool call_is_direct(void) {
    const char *backend = getenv("FARCALL_TEST_BACKEND");
    return backend != NULL && strcmp(backend, "direct") == 0;
}

static inline UNUSED_HERE void need_host(void) {
    if (call_is_direct()) {
        skip_because("a direct session has no host, and copies nothing");
    }
}

/* The other bitness first, then a host of this program's own. */
static const char *const call_targets[] UNUSED_HERE = {HARNESS_OTHER_TARGET, HARNESS_OWN_TARGET};
#define EACH_TARGET(target)                                                                                            \
    const char *const *target##_at = call_targets + call_is_direct(), *target = *target##_at;                          \
    target##_at < call_targets + 2;                                                                                    \
    target##_at++, target = target##_at < call_targets + 2 ? *target##_at : NULL

static inline UNUSED_HERE unsigned call_pointer_bytes(const char *target) {
    return strcmp(target, "i386-linux") == 0 ? 4 : 8;
}

/* -- what must succeed, and what must fail ------------------------------------------------------------------------- */

static inline UNUSED_HERE void call_assert_ok(int result, const char *what, const char *file, int line) {
    if (result != FC_OK) {
        print_error("%s: %s (%d): %s\n", what, fc_strerror(result), result, fc_error_text());
        _assert_int_equal((LargestIntegralType)(long long)result, FC_OK, file, line);
    }
}
#define assert_ok(call) call_assert_ok((call), #call, __FILE__, __LINE__)

static inline UNUSED_HERE void call_assert_text(const char *words, const char *file, int line) {
    if (strstr(fc_error_text(), words) == NULL) {
        print_error("the error text lacks \"%s\": %s\n", words, fc_error_text());
        _fail(file, line);
    }
}
/* The text of the latest failure holds these words. */
#define assert_error_text(words) call_assert_text((words), __FILE__, __LINE__)
#define assert_error(call, code, words)                                                                                \
    do {                                                                                                               \
        assert_int_equal((call), (code));                                                                              \
        assert_error_text(words);                                                                                      \
    } while (0)

/* -- opening and binding ------------------------------------------------------------------------------------------- */

/* A library of tests/libs in a session of its own. */
static inline UNUSED_HERE struct fc_library *call_open(const char *target, const char *name) {
    struct fc_library *library = NULL;
    struct fc_options *options = fc_options_new();
    assert_non_null(options);
    if (call_is_direct() && strcmp(target, HARNESS_OWN_TARGET) != 0) {
        fc_options_free(options);
        skip_because("a direct session has no other bitness");
    }
    assert_ok(fc_options_set_backend(options, call_is_direct() ? "direct" : "process"));
    assert_ok(fc_open(harness_library(target, name), options, &library));
    assert_non_null(library);
    fc_options_free(options);
    return library;
}

static inline UNUSED_HERE struct fc_function *call_bind(struct fc_library *library, const char *prototype) {
    struct fc_function *function = NULL;
    int result = fc_bind(library, prototype, &function);
    call_assert_ok(result, prototype, __FILE__, __LINE__);
    return function;
}

/* All that the file has; to be freed. */
static inline UNUSED_HERE char *call_read(FILE *file) {
    char *text = NULL;
    size_t used = 0, size = 0;
    do {
        size += 65536;
        text = realloc(text, size + 1);
        require(text != NULL);
        used += fread(text + used, 1, size - used, file);
    } while (used == size);
    text[used] = '\0';
    return text;
}

/* What `int calls_made(void)` of the library counted. */
static inline UNUSED_HERE int call_count(struct fc_library *library) {
    int count = -1;
    assert_ok(fc_call(call_bind(library, "int calls_made(void)"), &count));
    return count;
}

/* What `checksum` of tests/libs/buffers.c returns. */
static inline UNUSED_HERE unsigned call_checksum(const void *data, size_t size) {
    const unsigned char *bytes = data;
    unsigned sum = 1;
    for (size_t i = 0; i < size; i++) {
        sum = sum * 31 + bytes[i];
    }
    return sum;
}

/* -- what is left behind ------------------------------------------------------------------------------------------- */

/* Bytes of memory that this process's shared memories hold at this moment. */
static inline UNUSED_HERE unsigned long long call_shared_bytes(void) {
    unsigned long long bytes = 0;
    DIR *dir = opendir("/proc/self/fd");
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char what[64] = "";
        struct stat status;
        if (readlinkat(dirfd(dir), entry->d_name, what, sizeof what - 1) > 0 &&
            strncmp(what, "/memfd:farcall ", 15) == 0 && fstatat(dirfd(dir), entry->d_name, &status, 0) == 0) {
            bytes += (unsigned long long)status.st_blocks * 512;
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return bytes;
}

/* How many mappings this process has; with `only`, those whose line in /proc/self/maps holds it. */
static inline UNUSED_HERE unsigned call_mappings(const char *only) {
    unsigned count = 0;
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        count += only == NULL || strstr(line, only) != NULL;
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return count;
}

/* -- under instruments --------------------------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { CALL_IS_SANITIZED = 1 };
#else
enum { CALL_IS_SANITIZED = 0 };
#endif

static inline UNUSED_HERE bool call_under_valgrind(void) {
    const char *preload = getenv("LD_PRELOAD");
    return preload != NULL && strstr(preload, "vgpreload_") != NULL;
}

/* Everything takes many times as long as it should. */
static inline UNUSED_HERE bool call_is_slow(void) {
    return CALL_IS_SANITIZED || call_under_valgrind();
}

/* A number of rounds, a tenth of it where they are slow. */
static inline UNUSED_HERE unsigned call_scaled(unsigned number) {
    return call_is_slow() ? number / 10 + 1 : number;
}

/* A size to be looked at byte by byte, or less of it where that is slow. */
static inline UNUSED_HERE size_t call_scaled_size(size_t size) {
    const size_t most = (size_t)1 << 20;
    return call_is_slow() && size > most ? most + size % 4096 : size;
}

/* -- numbers ------------------------------------------------------------------------------------------------------- */

/* The same in each run: xorshift64*. */
static inline UNUSED_HERE uint64_t call_random(void) {
    static _Thread_local uint64_t state = UINT64_C(0x2545f4914f6cdd1d);
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * UINT64_C(0x2545f4914f6cdd1d);
}

/* Of any length up to 64 bits, so that small ones are not rare. */
static inline UNUSED_HERE uint64_t call_random_length(void) {
    uint64_t number = call_random();
    number >>= call_random() % 64;
    return call_random() % 4 == 0 ? ~number : number;
}

#endif
