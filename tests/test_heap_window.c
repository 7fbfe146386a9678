/* The host's heap, which the caller sees: what libraries allocate is used in place and freed by their own functions. */
#include "call.h"
#include "sessions.h"

#include "client/client.h"

#include <sys/resource.h>

static struct fc_library *open_with(const char *target, const char *name, bool is_hostile) {
    struct fc_options *options = fc_options_new();
    struct fc_library *library = NULL;
    require(options != NULL);
    must(fc_options_set_target(options, target));
    must(fc_options_set_hostile(options, is_hostile));
    must(fc_open(strchr(name, '.') == NULL ? harness_library(target, name) : name, options, &library));
    fc_options_free(options);
    return library;
}

static bool is_in_place(struct fc_library *library, const void *memory) {
    return fc__callee_heap_holds(&fc_library_session(library)->window, (uintptr_t)memory);
}

static void *opaque(struct fc_library *library, const char *prototype, unsigned argument) {
    void *memory = NULL;
    must(fc_call(bind(library, prototype), &memory, argument));
    return memory;
}

static void release(struct fc_library *library, const void *memory) {
    must(fc_call(bind(library, "void free(_Fc_opaque_ void *memory)"), NULL, memory));
}

/* The library's word for where a string of its heap lies is the caller's, and each sees what the other writes. */
TEST(heap_strings_are_used_in_place) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_with(target, "heap", false);
        struct fc_function *copied = bind(library, "_Ret_z_ char *copied(const char *text)");
        struct fc_function *byte_at =
            bind(library, "unsigned byte_at(_Fc_opaque_ const void *memory, unsigned offset)");
        char *text = NULL, *other = NULL;
        unsigned byte = 0;
        must(fc_call(copied, &text, "some text"));
        must(fc_call(copied, &other, "some text"));
        assert_true(is_in_place(library, text));
        assert_ptr_not_equal(text, other);
        assert_string_equal(text, "some text");
        text[3] = '!';
        must(fc_call(byte_at, &byte, text, 3u));
        assert_int_equal(byte, '!');
        must(fc_call(byte_at, &byte, other, 3u));
        assert_int_equal(byte, 'e');
        must(fc_call(bind(library, "_Fc_opaque_ char *strcpy(_Fc_opaque_ char *to, const char *from)"), NULL, text,
                     "new"));
        assert_string_equal(text, "new");
        release(library, text);
        release(library, other);
        fc_library_close(library);
    }
}

TEST(heap_serves_what_libc_allocates) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_with(target, "heap", false);
        char *printed = NULL, *line = NULL;
        must(fc_call(bind(library, "_Ret_z_ char *printed(int number, const char *text)"), &printed, 42, "apples"));
        must(fc_call(bind(library, "_Ret_z_ char *first_line(const char *path)"), &line, "/proc/self/stat"));
        assert_true(is_in_place(library, printed));
        assert_true(is_in_place(library, line));
        assert_string_equal(printed, "42 apples");
        assert_int_equal(strtol(line, NULL, 10), host_pid(library));
        release(library, printed);
        release(library, line);
        fc_library_close(library);
    }
}

/* libc itself, opened as a library: its malloc is the host's. */
TEST(heap_is_that_of_an_opened_libc) {
    for (EACH_TARGET(target)) {
        struct fc_library *libc = open_with(target, "libc.so.6", false);
        unsigned char *memory = opaque(libc, "_Fc_opaque_ void *malloc(size_t size)", 1000);
        assert_true(is_in_place(libc, memory));
        memset(memory, 7, 1000);
        must(fc_call(bind(libc, "_Fc_opaque_ void *realloc(_Fc_opaque_ void *memory, size_t size)"), &memory, memory,
                     (size_t)100000));
        assert_true(is_in_place(libc, memory));
        for (int i = 0; i < 1000; i++) {
            assert_int_equal(memory[i], 7);
        }
        size_t usable = 0;
        must(fc_call(bind(libc, "size_t malloc_usable_size(_Fc_opaque_ void *memory)"), &usable, memory));
        assert_true(usable >= 100000);
        release(libc, memory);
        char *text = NULL;
        must(fc_call(bind(libc, "_Ret_z_ char *strdup(const char *text)"), &text, "a copy"));
        assert_true(is_in_place(libc, text));
        assert_string_equal(text, "a copy");
        release(libc, text);
        fc_library_close(libc);
    }
}

/* Where a string has lost its NUL, and all behind it as well, the caller reads zeros. */
TEST(heap_strings_end_with_the_heap) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_with(target, "heap", false);
        const uint64_t end = fc_library_session(library)->window.callee_heap.live.end;
        char *text = NULL;
        must(fc_call(bind(library, "_Ret_z_ char *endless(unsigned long long end, unsigned bytes)"), &text,
                     (unsigned long long)end, 5000u));
        assert_int_equal((uintptr_t)text, end - 5000);
        assert_int_equal(strlen(text), 5000);
        fc_library_close(library);
    }
}

TEST(heap_memory_of_sqlite_is_written_in_place_and_freed_by_it) {
    for (EACH_TARGET(target)) {
        struct fc_library *sqlite = open_with(target, "libsqlite3.so.0", false);
        struct fc_function *sqlite_free = bind(sqlite, "void sqlite3_free(_Fc_opaque_ void *memory)");
        struct fc_function *used = bind(sqlite, "long long sqlite3_memory_used(void)");
        long long before = 0, meanwhile = 0, after = 0;
        must(fc_call(bind(sqlite, "int sqlite3_initialize(void)"), NULL));
        must(fc_call(used, &before));
        char *text = NULL, *memory = NULL, *again = NULL;
        must(fc_call(bind(sqlite, "_Ret_z_ char *sqlite3_mprintf(const char *format)"), &text, "100%% in place"));
        must(fc_call(bind(sqlite, "_Fc_opaque_ void *sqlite3_malloc(int size)"), &memory, 5000));
        assert_true(is_in_place(sqlite, text));
        assert_true(is_in_place(sqlite, memory));
        assert_string_equal(text, "100% in place");
        memset(memory, 'x', 4999);
        memory[4999] = '\0';
        must(fc_call(bind(sqlite, "_Fc_opaque_ void *sqlite3_realloc(_Fc_opaque_ void *memory, int size)"), &again,
                     memory, 300000));
        assert_int_equal(strlen(again), 4999);
        must(fc_call(used, &meanwhile));
        assert_true(meanwhile >= before + 300000);
        must(fc_call(sqlite_free, NULL, text));
        must(fc_call(sqlite_free, NULL, again));
        must(fc_call(used, &after));
        assert_int_equal(after, before);
        fc_library_close(sqlite);
    }
}

/* A column's text lies in the library until the next step, as it does natively. */
TEST(heap_texts_of_sqlite_live_as_long_as_natively) {
    struct fc_library *sqlite = open_with(HARNESS_OTHER_TARGET, "libsqlite3.so.0", false);
    void *db = NULL, *statement = NULL;
    const char *text = NULL;
    must(fc_call(bind(sqlite, "int sqlite3_open(const char *name, _Outptr_ struct sqlite3 **db)"), NULL,
                 ":memory:", &db));
    must(fc_call(bind(sqlite, "int sqlite3_prepare_v2(struct sqlite3 *db, _In_z_ const char *sql, int len, _Outptr_ "
                              "struct sqlite3_stmt **statement, _Outptr_opt_ const char **tail)"),
                 NULL, db, "SELECT printf('%s', 'a text')", -1, &statement, NULL));
    int step = 0;
    must(fc_call(bind(sqlite, "int sqlite3_step(struct sqlite3_stmt *statement)"), &step, statement));
    assert_int_equal(step, 100);
    must(fc_call(bind(sqlite, "_Ret_maybenull_z_ const unsigned char *sqlite3_column_text(struct sqlite3_stmt "
                              "*statement, int column)"),
                 &text, statement, 0));
    assert_true(is_in_place(sqlite, text));
    assert_true(is_in_place(sqlite, db));
    assert_string_equal(text, "a text");
    must(fc_call(bind(sqlite, "int sqlite3_finalize(struct sqlite3_stmt *statement)"), NULL, statement));
    must(fc_call(bind(sqlite, "int sqlite3_close(struct sqlite3 *db)"), NULL, db));
    fc_library_close(sqlite);
}

TEST(heap_buffers_go_back_in_place) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_with(target, "heap", false);
        unsigned char *memory = opaque(library, "_Fc_opaque_ void *filled(unsigned size, int byte)", 300000);
        uint64_t address = 0;
        unsigned total = 0;
        memset(memory, 1, 300000);
        must(
            fc_call(bind(library, "unsigned long long address_of(_In_reads_bytes_(size) const void *memory, int size)"),
                    &address, memory + 5, 1000));
        assert_true(address == (uintptr_t)(memory + 5));
        must(fc_call(bind(library, "unsigned sum(_In_reads_bytes_(size) const void *memory, unsigned size)"), &total,
                     memory, 300000u));
        assert_int_equal(total, 300000);
        release(library, memory);
        fc_library_close(library);
    }
}

static const char *seen_text;
static uint64_t seen_address;
static int see(const char *text, unsigned long long address) {
    seen_text = text;
    seen_address = address;
    return (int)strlen(text);
}

TEST(heap_texts_reach_callbacks_in_place) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_with(target, "heap", false);
        int length = 0;
        must(fc_call(bind(library, "int shown(const char *text, int (*see)(_In_z_ const char *text, unsigned long long "
                                   "address))"),
                     &length, "for a callback", see));
        assert_int_equal(length, 14);
        assert_true((uintptr_t)seen_text == seen_address);
        fc_library_close(library);
    }
}

/* -- under load ---------------------------------------------------------------------------------------------------- */

TEST(heap_blocks_stay_whole_while_threads_churn) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_with(target, "heap", false);
        int ok = 0;
        must(fc_call(bind(library, "int churn(unsigned threads, unsigned rounds)"), &ok, 4u, 150000u));
        assert_int_equal(ok, 1);
        must(fc_call(bind(library, "int busily(unsigned threads, unsigned count)"), &ok, 4u, 1000000u));
        assert_int_equal(ok, 1);
        fc_library_close(library);
    }
}

static void *allocate_much(void *argument) {
    struct fc_library *library = argument;
    struct fc_function *filled = bind(library, "_Fc_opaque_ void *filled(unsigned size, int byte)");
    struct fc_function *freed = bind(library, "void free(_Fc_opaque_ void *memory)");
    for (unsigned i = 0; i < rounds(5000); i++) {
        unsigned char *blocks[4];
        for (unsigned k = 0; k < 4; k++) {
            must(fc_call(filled, &blocks[k], 1 + i % 3000, (int)(i + k) % 256));
        }
        for (unsigned k = 0; k < 4; k++) {
            require(blocks[k][i % 3000] == (unsigned char)(i + k));
            if (!UNDER_TSAN) { /* which does not see that the host's malloc orders one owner before the next */
                blocks[k][0] = 0;
            }
            must(fc_call(freed, NULL, blocks[k]));
        }
    }
    return NULL;
}

TEST(heap_serves_many_calling_threads) {
    struct fc_library *library = open_with(HARNESS_OTHER_TARGET, "heap", false);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        threads[i] = start_thread(allocate_much, library);
    }
    for (int i = 0; i < 4; i++) {
        join(threads[i]);
    }
    fc_library_close(library);
}

TEST(heap_memory_that_is_freed_goes_back_to_the_system) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_with(target, "heap", false);
        struct fc_function *filled = bind(library, "_Fc_opaque_ void *filled(unsigned size, int byte)");
        void *blocks[600];
        for (int i = 0; i < 600; i++) { /* large ones, and those of slabs */
            must(fc_call(filled, &blocks[i], i % 2 == 0 ? 200000u : 5000u, 1));
        }
        assert_true(call_shared_bytes() > UINT64_C(300) * 200000);
        for (int i = 0; i < 600; i++) {
            release(library, blocks[i]);
        }
        assert_true(call_shared_bytes() < 8 << 20);
        fc_library_close(library);
    }
}

TEST(heap_answers_the_impossible_as_libc_does) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_with(target, "heap", false);
        assert_int_equal(call_int(library, "too_much"), 8);
        fc_library_close(library);
    }
}

TEST(heap_that_is_misused_ends_the_host_as_libc_does) {
    struct fc_library *library = open_with(HARNESS_OTHER_TARGET, "heap", false);
    must_fail(fc_call(bind(library, "void twice_freed(void)"), NULL), FC_EDIED, "SIGABRT");
    must_fail(fc_call(bind(library, "void freed_inside(void)"), NULL), FC_EDIED, "SIGABRT");
    fc_library_close(library);
}

/* What goes beyond the memory that both sides see is the host's alone: strings there are copied. */
TEST(heap_goes_on_beyond_the_shared_memory) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_with(target, "heap", false);
        struct fc_function *take = bind(library, "_Fc_opaque_ void *malloc(size_t size)");
        struct fc_function *copied = bind(library, "_Ret_z_ char *copied(const char *text)");
        const unsigned big = 4u << 20;
        void *blocks[512], *last = NULL;
        unsigned count = 0;
        for (; count < 512; count++) {
            must(fc_call(take, &blocks[count], (size_t)big));
            require(blocks[count] != NULL);
            if (!is_in_place(library, blocks[count])) {
                break;
            }
        }
        assert_in_range(count, 1, 511);
        unsigned small = 0; /* the rest of it, block by block */
        for (last = NULL; small < 2000; small++) {
            void *block = opaque(library, "_Fc_opaque_ void *malloc(size_t size)", 8192);
            if (!is_in_place(library, block)) {
                release(library, block);
                break;
            }
            *(void **)block = last;
            last = block;
        }
        assert_in_range(small, 0, 1999);
        char *text = NULL, *far = NULL;
        char *long_text = malloc(20000);
        memset(long_text, 'a', 19999);
        long_text[19999] = '\0';
        must(fc_call(copied, &far, long_text));
        assert_false(is_in_place(library, far));
        assert_string_equal(far, long_text);
        free(long_text);
        while (last != NULL) {
            void *next = *(void **)last;
            release(library, last);
            last = next;
        }
        for (unsigned i = 0; i <= count; i++) {
            release(library, blocks[i]);
        }
        must(fc_call(copied, &text, "room again"));
        assert_true(is_in_place(library, text));
        assert_string_equal(text, "room again");
        fc_library_close(library);
    }
}

/* Each session's share of the address space shrinks; none goes without. */
TEST(heap_is_there_for_each_of_many_sessions) {
    const int count = UNDER_SANITIZER ? 8 : 24; /* AddressSanitizer takes all but 2 GiB of what lies below 4 */
    struct fc_library *libraries[24];
    for (int i = 0; i < count; i++) {
        libraries[i] = open_with(call_targets[i % 2], "heap", false);
    }
    for (int i = 0; i < count; i++) {
        char *text = NULL;
        must(fc_call(bind(libraries[i], "_Ret_z_ char *copied(const char *text)"), &text, "text"));
        assert_true(is_in_place(libraries[i], text));
        fc_library_close(libraries[i]);
    }
}

static void with_small_files(void *unused, int pipe_fd) {
    (void)unused;
    const struct rlimit limit = {.rlim_cur = 20 << 20, .rlim_max = 20 << 20};
    require(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    struct fc_library *library = open_with(HARNESS_OTHER_TARGET, "heap", false);
    char *text = NULL;
    must(fc_call(bind(library, "_Ret_z_ char *copied(const char *text)"), &text, "text"));
    tell(pipe_fd, is_in_place(library, text));
    fc_library_close(library);
}

TEST(heap_respects_a_limit_on_file_sizes) {
    int pipe_fd;
    pid_t child = start_caller(with_small_files, NULL, &pipe_fd);
    assert_int_equal(hear(pipe_fd), true);
    must_succeed(child);
    close(pipe_fd);
}

/* -- fork ---------------------------------------------------------------------------------------------------------- */

TEST(heap_of_a_process_that_a_library_forks_is_its_own) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_with(target, "heap", false);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(call_int(library, "forked"), 0);
        }
        int ok = 0;
        must(fc_call(bind(library, "int churn(unsigned threads, unsigned rounds)"), &ok, 2u, 20000u));
        assert_int_equal(ok, 1);
        fc_library_close(library);
    }
}

struct inherited {
    struct fc_library *library;
    char *text;
};

static void use_in_child(void *argument, int pipe_fd) {
    const struct inherited *inherited = argument;
    struct fc_function *byte_at =
        bind(inherited->library, "unsigned byte_at(_Fc_opaque_ const void *memory, unsigned offset)");
    char *text = NULL;
    require(strcmp(inherited->text, "the parent's") == 0);
    must(fc_call(bind(inherited->library, "_Ret_z_ char *copied(const char *text)"), &text, "the child's"));
    require(is_in_place(inherited->library, text));
    require(strcmp(text, "the child's") == 0);
    must_fail(fc_call(byte_at, NULL, inherited->text, 0u), FC_EINVAL, "`memory` of byte_at");
    memset(inherited->text, 'x', 5); /* its own copy */
    tell(pipe_fd, 1);
    fc_library_close(inherited->library);
}

TEST(heap_of_a_forked_caller_is_its_own) {
    need_threads_after_fork();
    struct inherited inherited = {.library = open_with(HARNESS_OTHER_TARGET, "heap", false)};
    struct fc_function *byte_at =
        bind(inherited.library, "unsigned byte_at(_Fc_opaque_ const void *memory, unsigned offset)");
    must(fc_call(bind(inherited.library, "_Ret_z_ char *copied(const char *text)"), &inherited.text, "the parent's"));
    int pipe_fd;
    pid_t child = start_caller(use_in_child, &inherited, &pipe_fd);
    assert_int_equal(hear(pipe_fd), 1);
    must_succeed(child);
    close(pipe_fd);
    unsigned byte = 0;
    must(fc_call(byte_at, &byte, inherited.text, 0u));
    assert_int_equal(byte, 't');
    assert_string_equal(inherited.text, "the parent's");
    release(inherited.library, inherited.text);
    fc_library_close(inherited.library);
}

/* -- death --------------------------------------------------------------------------------------------------------- */

TEST(heap_pointers_of_a_dead_host_are_refused) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_with(target, "heap", false);
        struct fc_function *copied = bind(library, "_Ret_z_ char *copied(const char *text)");
        struct fc_function *freed = bind(library, "void free(_Fc_opaque_ void *memory)");
        char *texts[3], *text = NULL;
        for (int i = 0; i < 3; i++) {
            char word[32];
            snprintf(word, sizeof word, "of host %d", i);
            must(fc_call(copied, &texts[i], word));
            kill_host(library);
            must_fail(fc_call(freed, NULL, texts[0]), FC_EINVAL, "a host that died");
            assert_error_text("argument `memory` of free");
            must_fail(fc_call(freed, NULL, texts[i]), FC_EINVAL, "a host that died");
            assert_string_equal(texts[i], word); /* to be read a while longer */
        }
        must(fc_call(copied, &text, texts[2])); /* and copied, as any memory of the caller */
        assert_string_equal(text, "of host 2");
        assert_true(is_in_place(library, text));
        for (int i = 0; i < 3; i++) {
            assert_ptr_not_equal(text, texts[i]);
        }
        must(fc_call(freed, NULL, text));
        fc_library_close(library);
    }
}

TEST(heap_of_dead_hosts_is_not_gathered) {
    struct fc_library *library = open_with(HARNESS_OTHER_TARGET, "heap", false);
    struct fc_function *copied = bind(library, "_Ret_z_ char *copied(const char *text)");
    unsigned mappings = 0, descriptors = 0;
    const unsigned deaths = rounds(1000);
    for (unsigned i = 0; i < deaths; i++) {
        char *text = NULL;
        must(fc_call(copied, &text, "text"));
        require(is_in_place(library, text) && strcmp(text, "text") == 0);
        if (i == deaths / 2) {
            mappings = count_mappings();
            descriptors = count_descriptors();
        }
        kill_host(library);
    }
    char *text = NULL;
    must(fc_call(copied, &text, "text"));
    assert_in_range(count_mappings(), 0, mappings + 2);
    assert_int_equal(count_descriptors(), descriptors);
    fc_library_close(library);
}

/* -- hostile sessions ---------------------------------------------------------------------------------------------- */

TEST(heap_of_a_hostile_session_is_the_hosts_alone) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = open_with(target, "heap", true);
        const unsigned shared = call_mappings("memfd:farcall");
        char *text = NULL, *again = NULL;
        unsigned byte = 0;
        must(fc_call(bind(library, "_Ret_z_ char *copied(const char *text)"), &text, "some text"));
        assert_false(is_in_place(library, text));
        assert_string_equal(text, "some text");
        text[0] = 'S';
        must(fc_call(bind(library, "_Ret_z_ char *printed(int number, const char *text)"), &again, 1, text));
        assert_string_equal(again, "1 Some text");
        void *memory = opaque(library, "_Fc_opaque_ void *filled(unsigned size, int byte)", 100);
        assert_false(is_in_place(library, memory));
        must(fc_call(bind(library, "unsigned byte_at(_Fc_opaque_ const void *memory, unsigned offset)"), &byte, memory,
                     99u));
        release(library, memory);
        int ok = 0;
        must(fc_call(bind(library, "int churn(unsigned threads, unsigned rounds)"), &ok, 2u, 20000u));
        assert_int_equal(ok, 1);
        assert_int_equal(call_int(library, "forked"), 0);
        assert_int_equal(call_mappings("memfd:farcall"), shared);
        fc_library_close(library);
    }
}
