/* Large buffers, the memory they go through, and fc_alloc. */
#include "call.h"

#include <signal.h>
#include <sys/mman.h>

#define MIB ((size_t)1 << 20)

static void fill(unsigned char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(i * 7 + size);
    }
}

#define CHECKSUM "unsigned checksum(_In_reads_bytes_(size) const void *data, size_t size)"
#define ADD_ONE "void add_one(_Inout_updates_bytes_(size) void *data, size_t size)"
#define ADDRESS_OF "unsigned long long address_of(_In_reads_bytes_(size) const void *data, size_t size)"
#define ADDRESS_OF_OUTPUT "unsigned long long address_of_output(_Out_writes_bytes_(size) void *data, size_t size)"

/* -- buffers of any size ------------------------------------------------------------------------------------------- */

static void call_with_size(struct fc_function *sum_of, struct fc_function *add_one, size_t size) {
    size = call_scaled_size(size);
    unsigned char *bytes = malloc(size + 1), *copy = malloc(size + 1);
    assert_non_null(bytes);
    assert_non_null(copy);
    fill(bytes, size);
    bytes[size] = copy[size] = 0x77;
    memcpy(copy, bytes, size);
    unsigned sum = 0;
    assert_ok(fc_call(sum_of, &sum, bytes, size));
    assert_int_equal(sum, call_checksum(bytes, size));
    assert_ok(fc_call(add_one, NULL, copy, size));
    for (size_t i = 0; i < size; i++) {
        if (copy[i] != (unsigned char)(bytes[i] + 1)) {
            fail_msg("%zu bytes: wrong at %zu", size, i);
        }
    }
    assert_int_equal(copy[size], 0x77);
    free(bytes);
    free(copy);
}

TEST(call_passes_buffers_of_any_size) {
    /* Around a line, the lines behind it, pages, a channel's block, and the first memory of 16 MiB. */
    static const size_t edges[] = {64, 2048, 4096, 8192, 61440, 65536, 131072, MIB, 8 * MIB, 16 * MIB};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "buffers");
        struct fc_function *sum_of = call_bind(library, CHECKSUM), *add_one = call_bind(library, ADD_ONE);
        for (size_t size = 1; size < 130; size++) {
            call_with_size(sum_of, add_one, size);
        }
        for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
            size_t reach = edges[i] >= MIB ? 1 : 100;
            for (size_t size = edges[i] - reach; size <= edges[i] + reach; size += reach > 1 ? 4 : 1) {
                call_with_size(sum_of, add_one, size);
            }
        }
        for (unsigned i = 0; i < call_scaled(100); i++) {
            call_with_size(sum_of, add_one, (size_t)(call_random() % 200000));
        }
        fc_library_close(library);
    }
}

/* Bytes of memory that the system could give at this moment. */
static uint64_t available_bytes(void) {
    char line[128];
    unsigned long long kib = 0;
    FILE *info = fopen("/proc/meminfo", "re");
    while (info != NULL && fgets(line, sizeof line, info) != NULL && sscanf(line, "MemAvailable: %llu", &kib) != 1) {
    }
    if (info != NULL) {
        fclose(info);
    }
    return kib * 1024;
}

/* Memory that costs nothing until it is written. */
static unsigned char *reserve(uint64_t size) {
    void *memory = size <= SIZE_MAX ? mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
                                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
                                    : MAP_FAILED;
    return memory != MAP_FAILED ? memory : NULL;
}

#define FIRST_AND_LAST "unsigned first_and_last(_In_reads_(size) const unsigned char *data, unsigned long long size)"
#define MARK_ENDS "void mark_ends(_Inout_updates_(size) unsigned char *data, unsigned long long size)"

static void pass_large(const char *target, uint64_t size, int rounds, bool and_back) {
    unsigned char *data = reserve(size);
    if (data == NULL) {
        skip_because("no address space for %llu MiB", (unsigned long long)(size / MIB));
    }
    struct fc_library *library = call_open(target, "buffers");
    unsigned result = 0;
    data[0] = 3;
    data[size - 1] = 4;
    for (int round = 0; round < rounds; round++) {
        assert_ok(fc_call(call_bind(library, FIRST_AND_LAST), &result, data, size));
        assert_int_equal(result, 3 * 256 + 4);
        assert_true(call_shared_bytes() < MIB); /* all of it was given back */
    }
    if (and_back) {
        assert_ok(fc_call(call_bind(library, MARK_ENDS), NULL, data, size));
        assert_int_equal(data[0], 3 ^ 0xff);
        assert_int_equal(data[1], 0);
        assert_int_equal(data[size - 1], 4 ^ 0xff);
        assert_true(call_shared_bytes() < MIB);
    }
    fc_library_close(library);
    munmap(data, (size_t)size);
}

TEST(call_passes_64_mebibytes) {
    for (EACH_TARGET(target)) {
        pass_large(target, 64 * MIB, 2, true);
    }
}

TEST(call_passes_300_mebibytes) {
    if (available_bytes() < UINT64_C(2048) * MIB) {
        skip_because("300 MiB there and back need 2 GiB of memory, and %llu MiB are available",
                     (unsigned long long)(available_bytes() / MIB));
    }
    pass_large(HARNESS_OTHER_TARGET, (call_is_slow() ? 80 : 300) * MIB, 1, true);
}

#if UINTPTR_MAX > UINT32_MAX
/* More than half of what the callee can address. */
TEST(call_passes_2560_mebibytes) {
    if (call_is_slow()) {
        skip_because("there is no such hole below 4 GiB beside the instrument's own memory");
    }
    if (available_bytes() < UINT64_C(6144) * MIB) {
        skip_because("2.5 GiB need 6 GiB of memory, and %llu MiB are available",
                     (unsigned long long)(available_bytes() / MIB));
    }
    pass_large("i386-linux", 2560 * MIB, 1, false);
}

TEST(call_refuses_what_no_callee_can_address) {
    struct fc_library *library = call_open("i386-linux", "buffers");
    static unsigned char data[16];
    unsigned result = 9;
    assert_error(fc_call(call_bind(library, FIRST_AND_LAST), &result, data, UINT64_C(4200) * MIB), FC_ENOMEM, "4 GiB");
    assert_error(fc_call(call_bind(library, FIRST_AND_LAST), &result, data, UINT64_C(1) << 62), FC_ENOMEM, "");
    assert_int_equal(result, 9);
    data[0] = 1;
    assert_ok(fc_call(call_bind(library, FIRST_AND_LAST), &result, data, UINT64_C(16)));
    assert_int_equal(result, 256);
    fc_library_close(library);
}
#endif

TEST(call_gives_scratch_back) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    struct fc_function *sum_of = call_bind(library, CHECKSUM), *add_one = call_bind(library, ADD_ONE);
    for (size_t size = 1; size <= 32 * MIB; size = size * 3 + 1) {
        call_with_size(sum_of, add_one, size);
    }
    assert_true(call_shared_bytes() < 9 * MIB); /* at most 8 MiB are kept for the next time */
    const unsigned mappings = call_mappings("memfd:farcall ");
    for (int i = 0; i < 5; i++) {
        call_with_size(sum_of, add_one, 20 * MIB + (size_t)i);
    }
    assert_true(call_shared_bytes() < 9 * MIB);
    assert_int_equal(call_mappings("memfd:farcall "), mappings);
    fc_library_close(library);
    assert_int_equal(call_mappings("memfd:farcall "), 0);
}

/* -- fc_alloc: what it promises ------------------------------------------------------------------------------------ */

static bool is_zero(const unsigned char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

TEST(alloc_gives_aligned_zeroed_memory) {
    static const size_t sizes[] = {0,    1,    15,   16,    17,    100,   1000,   2047,    2048,    2049,
                                   4096, 4097, 8192, 16384, 16385, 65536, 100000, 3 * MIB, 20 * MIB};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "buffers");
        struct fc_session *session = fc_library_session(library);
        for (int round = 0; round < 3; round++) {
            for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
                unsigned char *memory = fc_alloc(session, sizes[i]);
                assert_non_null(memory);
                assert_int_equal((uintptr_t)memory % 16, 0);
                assert_true((uintptr_t)memory < UINT64_C(0x100000000) - sizes[i]);
                assert_true(is_zero(memory, sizes[i]));
                memset(memory, 0xdd, sizes[i]); /* for whoever gets it next */
                assert_ok(fc_free(session, memory));
            }
        }
        fc_library_close(library);
    }
}

TEST(alloc_memory_is_passed_without_a_copy) {
    static const size_t sizes[] = {1, 40, 100, 2048, 5000, 100000, 3 * MIB};
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "buffers");
        struct fc_session *session = fc_library_session(library);
        struct fc_function *address_of = call_bind(library, ADDRESS_OF),
                           *address_of_output = call_bind(library, ADDRESS_OF_OUTPUT);
        struct fc_function *add_one = call_bind(library, ADD_ONE);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            unsigned char *memory = fc_alloc(session, sizes[i]);
            uint64_t there = 0;
            assert_ok(fc_call(address_of, &there, memory, sizes[i]));
            assert_int_equal(there, (uintptr_t)memory);
            assert_ok(fc_call(address_of, &there, memory + sizes[i] / 2, sizes[i] - sizes[i] / 2));
            assert_int_equal(there, (uintptr_t)memory + sizes[i] / 2);
            assert_ok(fc_call(address_of_output, &there, memory, sizes[i]));
            assert_int_equal(there, (uintptr_t)memory);
            assert_int_equal(memory[0], 0x5a);
            assert_ok(fc_call(add_one, NULL, memory, sizes[i]));
            assert_int_equal(memory[sizes[i] - 1], 0x5b);
            /* Memory of this side alone is copied. */
            unsigned char *own = calloc(1, sizes[i]);
            assert_ok(fc_call(address_of_output, &there, own, sizes[i]));
            assert_int_not_equal(there, (uintptr_t)own);
            assert_int_equal(own[sizes[i] - 1], 0x5a);
            free(own);
            assert_ok(fc_free(session, memory));
        }
        fc_library_close(library);
    }
}

/* What differs between the sides is converted wherever it lies. */
TEST(alloc_memory_is_converted_where_the_widths_differ) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    long *values = fc_alloc(fc_library_session(library), 4 * sizeof *values);
    long long sum = 0;
    for (int i = 0; i < 4; i++) {
        values[i] = i - 10;
    }
    assert_ok(fc_call(call_bind(library, "long long sum_long(_In_reads_(count) const long *values, size_t count)"),
                      &sum, values, (size_t)4));
    assert_int_equal(sum, -34);
    assert_ok(fc_call(call_bind(library, "void twice_long(_Inout_updates_(count) long *values, int count)"), NULL,
                      values, 4));
    assert_true(values[0] == -20 && values[3] == -14);
    fc_library_close(library);
}

/* -- fc_alloc: many, and wrong ------------------------------------------------------------------------------------- */

TEST(alloc_keeps_ten_thousand_blocks_apart) {
    enum { COUNT = 10000, LARGEST = 300 };
    static unsigned char *blocks[COUNT];
    static size_t sizes[COUNT];
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    struct fc_session *session = fc_library_session(library);
    unsigned long long first_bytes = 0;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            sizes[i] = i % 500 == 7 ? 20000 : (size_t)(call_random() % LARGEST) + 1;
            blocks[i] = fc_alloc(session, sizes[i]);
            assert_non_null(blocks[i]);
            assert_true(is_zero(blocks[i], sizes[i]));
            memset(blocks[i], (int)(i % 251) + 1, sizes[i]);
        }
        for (size_t i = COUNT - 1; i > 0; i--) { /* in any order */
            size_t other = (size_t)(call_random() % (i + 1));
            unsigned char *block = blocks[i];
            size_t size = sizes[i];
            blocks[i] = blocks[other];
            sizes[i] = sizes[other];
            blocks[other] = block;
            sizes[other] = size;
        }
        for (size_t i = 0; i < COUNT; i++) {
            unsigned char byte = blocks[i][0];
            for (size_t at = 0; at < sizes[i]; at++) {
                assert_int_equal(blocks[i][at], byte);
            }
            assert_ok(fc_free(session, blocks[i]));
        }
        first_bytes = round == 0 ? call_shared_bytes() : first_bytes;
    }
    assert_true(call_shared_bytes() <= first_bytes + first_bytes / 4); /* the second time it is the same memory */
    fc_library_close(library);
}

TEST(alloc_notices_wrong_frees) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers"),
                      *another = call_open(HARNESS_OTHER_TARGET, "buffers");
    struct fc_session *session = fc_library_session(library);
    char *small = fc_alloc(session, 100), *neighbour = fc_alloc(session, 100), *large = fc_alloc(session, 100000);
    char *foreign = fc_alloc(fc_library_session(another), 100), local[32];
    assert_ok(fc_free(session, NULL));
    char *const wrong[] = {local,      (char *)(uintptr_t)1, small + 1,     small + 64, small - 16,
                           large + 16, large + 4096,         large + 50000, foreign,    (char *)-1};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_error(fc_free(session, wrong[i]), FC_EINVAL, "was not returned by fc_alloc in this session");
    }
    assert_ok(fc_free(session, small));
    assert_error(fc_free(session, small), FC_EINVAL, "or is free already");
    assert_ok(fc_free(session, large));
    assert_error(fc_free(session, large), FC_EINVAL, "or is free already");
    memcpy(neighbour, "untouched", 10);
    assert_error(fc_free(session, small), FC_EINVAL, "or is free already");
    assert_string_equal(neighbour, "untouched");
    assert_ok(fc_free(session, neighbour));
    assert_error(fc_free(session, neighbour), FC_EINVAL, "or is free already");
    assert_ok(fc_free(fc_library_session(another), foreign));
    fc_library_close(another);
    fc_library_close(library);
}

TEST(alloc_refuses_what_does_not_fit) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    struct fc_session *session = fc_library_session(library);
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 4096, (size_t)0xffffffff, (size_t)0xfffeffff};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_null(fc_alloc(session, sizes[i]));
        assert_error_text("fc_alloc finds no ");
    }
    unsigned char *large = calloc(1, 128 * MIB);
    assert_non_null(large);
    /* All there is, and then it works again. */
    void *blocks[64];
    size_t count = 0;
    while (count < 64 && (blocks[count] = fc_alloc(session, 128 * MIB)) != NULL) {
        ((char *)blocks[count])[128 * MIB - 1] = 1;
        count++;
    }
    assert_true(count >= (CALL_IS_SANITIZED ? 2 : 6));
    assert_true(count < 64);
    assert_error_text("fc_alloc finds no ");
    unsigned sum = 0;
    assert_error(fc_call(call_bind(library, CHECKSUM), &sum, large, (size_t)(128 * MIB)), FC_ENOMEM,
                 "finds no room that is free on both sides");
    assert_int_equal(sum, 0);
    assert_ok(fc_call(call_bind(library, CHECKSUM), &sum, "abc", (size_t)3));
    assert_int_equal(sum, call_checksum("abc", 3));
    for (size_t i = 0; i < count; i++) {
        assert_ok(fc_free(session, blocks[i]));
    }
    void *again = fc_alloc(session, 128 * MIB);
    assert_non_null(again);
    assert_true(call_shared_bytes() < MIB);
    assert_ok(fc_free(session, again));
    assert_ok(fc_call(call_bind(library, CHECKSUM), &sum, large, (size_t)(16 * MIB)));
    free(large);
    fc_library_close(library);
}

TEST(alloc_memory_survives_the_host) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "buffers");
        struct fc_session *session = fc_library_session(library);
        struct fc_function *address_of = call_bind(library, ADDRESS_OF), *add_one = call_bind(library, ADD_ONE);
        unsigned char *small = fc_alloc(session, 100), *large = fc_alloc(session, 40 * MIB);
        uint64_t there = 0;
        memset(small, 1, 100);
        memset(large, 2, 40 * MIB);
        for (unsigned char round = 0; round < 3; round++) {
            assert_int_equal(kill(fc_session_host_pid(session), SIGKILL), 0);
            int result;
            while ((result = fc_call(address_of, &there, large, 40 * MIB)) == FC_EDIED) {
            }
            assert_ok(result);
            assert_int_equal(there, (uintptr_t)large);
            assert_ok(fc_call(add_one, NULL, small, (size_t)100));
            assert_ok(fc_call(add_one, NULL, large + 30 * MIB, (size_t)10));
            assert_int_equal(small[99], 2 + round);
            assert_int_equal(large[30 * MIB + 9], 3 + round);
            assert_int_equal(large[40 * MIB - 1], 2);
        }
        assert_ok(fc_free(session, small));
        assert_ok(fc_free(session, large));
        fc_library_close(library);
    }
}

/* Between the death of a host and its being noticed, there is no lack of memory. */
TEST(alloc_works_while_the_host_dies) {
    struct fc_library *library = call_open(HARNESS_OTHER_TARGET, "buffers");
    struct fc_session *session = fc_library_session(library);
    struct fc_function *sum_of = call_bind(library, CHECKSUM);
    static unsigned char data[20 * (1 << 20)];
    unsigned sum = 0;
    for (int round = 0; round < 20; round++) {
        int pid;
        while ((pid = fc_session_host_pid(session)) == 0) {
            int result = fc_call(sum_of, &sum, data, (size_t)1);
            assert_true(result == FC_OK || result == FC_EDIED);
        }
        assert_int_equal(kill(pid, SIGKILL), 0);
        if (round % 2 == 0) {
            unsigned char *memory = fc_alloc(session, 20 * MIB + (size_t)round);
            assert_non_null(memory);
            memory[0] = 5;
            int result;
            while ((result = fc_call(sum_of, &sum, memory, (size_t)1)) == FC_EDIED) {
            }
            assert_ok(result);
            assert_int_equal(sum, 31 + 5);
            assert_ok(fc_free(session, memory));
        } else {
            int result = fc_call(sum_of, &sum, data, sizeof data);
            assert_true(result == FC_OK || result == FC_EDIED);
        }
    }
    fc_library_close(library);
}
