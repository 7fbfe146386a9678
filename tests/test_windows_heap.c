/* What Windows libraries allocate: in memory that the caller sees, too, and theirs to free. */
#include "call.h"

#include "client/client.h"
#include "sessions.h"
#include "windows.h"

#define POINT "struct point { int x, y; _Field_z_ char *name; }; "

static struct fc_library *open_heap(const char *target) {
    return open_with(library_path(target, "heap"), target, UINT32_MAX);
}

static bool is_in_place(struct fc_library *library, const void *memory) {
    return fc__callee_heap_holds(&fc_library_session(library)->window, (uintptr_t)memory);
}

TEST(windows_heap_memory_is_read_and_written_in_place) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_heap(target);
        struct fc_function *byte_at =
            call_bind(library, "unsigned byte_at(_Fc_opaque_ const void *memory, unsigned offset)");
        struct fc_function *release = call_bind(library, "void release(_Fc_opaque_ void *memory)");
        char *text = NULL, *long_text = calloc(1, 50001), *copy = NULL;
        unsigned byte = 0;
        assert_ok(fc_call(call_bind(library, "_Ret_z_ char *copied(const char *text)"), &text, "some text"));
        assert_true(is_in_place(library, text));
        assert_string_equal(text, "some text");
        text[3] = '!';
        assert_ok(fc_call(byte_at, &byte, text, 3u));
        assert_int_equal(byte, '!');
        assert_ok(fc_call(release, NULL, text));
        memset(long_text, 'x', 50000);
        assert_ok(fc_call(call_bind(library, "_Ret_z_ char *copied(const char *text)"), &copy, long_text));
        assert_true(is_in_place(library, copy));
        assert_string_equal(copy, long_text);
        assert_ok(fc_call(release, NULL, copy));
        free(long_text);
        /* What is passed back is not copied either. */
        unsigned char *memory = NULL;
        unsigned long long address = 0;
        assert_ok(
            fc_call(call_bind(library, "_Fc_opaque_ void *filled(unsigned size, int byte)"), &memory, 300000u, 7));
        assert_true(is_in_place(library, memory) && is_in_place(library, memory + 299999));
        assert_int_equal(memory[299999], 7);
        assert_ok(fc_call(call_bind(library, "unsigned long long address_of(_In_reads_bytes_(1000) const void "
                                             "*memory)"),
                          &address, memory + 5));
        assert_true(address == (uintptr_t)(memory + 5));
        assert_ok(fc_call(release, NULL, memory));
        fc_library_close(library);
    }
}

TEST(windows_heap_does_not_grow_with_what_is_freed) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_heap(target);
        struct fc_function *make =
            call_bind(library, POINT "_Fc_opaque_ struct point *point_new(int x, int y, _In_z_ const char *name)");
        struct fc_function *end = call_bind(library, "void point_free(_Fc_opaque_ struct point *point)");
        struct fc_function *copied = call_bind(library, "_Ret_z_ char *copied(const char *text)");
        struct fc_function *release = call_bind(library, "void release(_Fc_opaque_ void *memory)");
        const int count = (int)call_scaled(10000);
        unsigned long long bytes = 0;
        for (int i = 0; i < count; i++) {
            char *text = NULL;
            int *point = NULL;
            assert_ok(fc_call(copied, &text, "a text of a library"));
            assert_ok(fc_call(make, &point, i, -i, "a name"));
            require(is_in_place(library, text) && strcmp(text, "a text of a library") == 0);
            require(is_in_place(library, point) && point[0] == i && point[1] == -i);
            assert_ok(fc_call(release, NULL, text));
            assert_ok(fc_call(end, NULL, point));
            bytes = i == count / 10 ? call_shared_bytes() : bytes;
        }
        assert_int_equal(call_shared_bytes(), bytes);
        fc_library_close(library);
    }
}

TEST(windows_heap_serves_the_process_heap_by_any_name) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_heap(target);
        struct fc_function *allocated = call_bind(library, "_Fc_opaque_ void *allocated(int way, unsigned size)");
        struct fc_function *freed = call_bind(library, "int freed(int way, _Fc_opaque_ void *memory)");
        for (int way = 0; way <= 7; way++) {
            void *memory = NULL;
            int result = 0;
            assert_ok(fc_call(allocated, &memory, way, 100u));
            assert_non_null(memory);
            if (is_in_place(library, memory) != (way <= 5)) {
                fail_msg("way %d of %s: %s", way, target, way <= 5 ? "out of sight" : "in sight");
            }
            assert_ok(fc_call(freed, &result, way, memory));
            assert_int_equal(result, 1);
        }
        fc_library_close(library);
    }
}

/* Another runtime with a heap of its own, and what makes BSTRs. */
TEST(windows_heap_serves_libraries_that_are_loaded_later) {
    static const char *const late[][2] = {
        {"ucrtbase.dll", "malloc"}, {"msvcr100.dll", "malloc"}, {"ole32.dll", "CoTaskMemAlloc"}};
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_heap(target);
        struct fc_function *allocate = call_bind(
            library, "_Fc_opaque_ void *late(_In_z_ const char *library, _In_z_ const char *allocator, unsigned size)");
        for (int i = 0; i < 3; i++) {
            void *memory = NULL;
            if (i == 2 && strcmp(target, "i386-windows") == 0) {
                continue; /* which is __stdcall, where that is another thing */
            }
            assert_ok(fc_call(allocate, &memory, late[i][0], late[i][1], 200u));
            assert_true(is_in_place(library, memory));
        }
        fc_library_close(library);
    }
}

/* -- libraries that know nothing of this --------------------------------------------------------------------------- */

/* Memory that one function returns, with `content` in it, and another one frees. */
static void check_churn(struct fc_library *library, struct fc_function *make, struct fc_function *release,
                        const void *argument, const void *content, size_t size) {
    const int count = (int)call_scaled(10000);
    unsigned long long bytes = 0;
    for (int i = 0; i < count; i++) {
        unsigned char *memory = NULL;
        assert_ok(fc_call(make, &memory, argument));
        require(is_in_place(library, memory) && memcmp(memory, content, size) == 0);
        memory[0] = '!'; /* its own, for anybody to write */
        assert_ok(fc_call(release, NULL, memory));
        bytes = i == count / 10 ? call_shared_bytes() : bytes;
    }
    assert_int_equal(call_shared_bytes(), bytes);
}

TEST(windows_heap_serves_the_systems_c_runtimes) {
    static const char *const runtimes[] = {"msvcrt.dll", "ucrtbase.dll"};
    for (EACH_WINDOWS_TARGET(target)) {
        for (int i = 0; i < 2; i++) {
            struct fc_library *library = open_with(runtimes[i], target, UINT32_MAX);
            check_churn(library, call_bind(library, "_Ret_z_ char *_strdup(_In_z_ const char *text)"),
                        call_bind(library, "void free(_Fc_opaque_ void *memory)"), "a text", "a text", 7);
            fc_library_close(library);
        }
    }
}

TEST(windows_heap_serves_libgcrypt) {
    for (EACH_WINDOWS_TARGET(target)) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "/usr/%s-w64-mingw32/bin/libgcrypt-20.dll",
                 strcmp(target, "i386-windows") == 0 ? "i686" : "x86_64");
        if (access(path, R_OK) != 0) {
            skip_because("%s is not installed (tools/setup.sh: libgcrypt-mingw-w64-dev)", path);
        }
        struct fc_library *library = open_with(path, target, UINT32_MAX);
        const char *version = NULL;
        assert_ok(fc_call(call_bind(library, "const char *gcry_check_version(const char *wanted)"), &version, NULL));
        check_churn(library, call_bind(library, "_Ret_z_ char *gcry_strdup(_In_z_ const char *text)"),
                    call_bind(library, "void gcry_free(_Fc_opaque_ void *memory)"), "of gcrypt", "of gcrypt", 10);
        fc_library_close(library);
    }
}

TEST(windows_heap_serves_strings_of_com) {
    static const uint16_t text[] = {'B', 'S', 'T', 'R', 0};
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_with("oleaut32.dll", target, UINT32_MAX);
        struct fc_function *make = call_bind(library, "_Fc_opaque_ void *WINAPI SysAllocString(_In_z_ LPCWSTR text)");
        struct fc_function *release = call_bind(library, "void WINAPI SysFreeString(_Fc_opaque_ void *string)");
        unsigned *string = NULL, count = 0;
        assert_ok(fc_call(make, &string, text));
        assert_true(is_in_place(library, string));
        assert_int_equal(string[-1], 8); /* bytes: where a BSTR has them */
        assert_ok(fc_call(call_bind(library, "UINT WINAPI SysStringLen(_Fc_opaque_ void *string)"), &count, string));
        assert_int_equal(count, 4);
        assert_ok(fc_call(release, NULL, string));
        check_churn(library, make, release, text, text, sizeof text);
        fc_library_close(library);
    }
}

TEST(windows_heap_keeps_the_promises_of_heaps) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_heap(target);
        int line = -1;
        assert_ok(fc_call(call_bind(library, "int keeps_promises(void)"), &line));
        assert_int_equal(line, 0); /* of tests/windows/libs/heap.c */
        fc_library_close(library);
    }
}

TEST(windows_heap_blocks_stay_whole_while_threads_churn) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_heap(target);
        int wrong = -1;
        assert_ok(fc_call(call_bind(library, "int churn(unsigned threads, unsigned rounds)"), &wrong, 4u, 50000u));
        assert_int_equal(wrong, 0);
        fc_library_close(library);
    }
}

TEST(windows_heap_that_is_misused_ends_the_host) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_heap(target);
        assert_int_equal(fc_call(call_bind(library, "void twice_freed(void)"), NULL), FC_EDIED);
        assert_error_text("STATUS_HEAP_CORRUPTION");
        fc_library_close(library);
    }
}

/* What goes beyond the memory that both sides see is the host's alone: strings there are copied. */
TEST(windows_heap_goes_on_beyond_the_shared_memory) {
    enum { MOST = 160 };
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_heap(target);
        struct fc_function *allocated = call_bind(library, "_Fc_opaque_ void *allocated(int way, unsigned size)");
        struct fc_function *release = call_bind(library, "void release(_Fc_opaque_ void *memory)");
        void *blocks[MOST];
        unsigned count = 0;
        for (bool is_seen = true; is_seen; count++) {
            require(count < MOST);
            assert_ok(fc_call(allocated, &blocks[count], 0, 4u << 20));
            require(blocks[count] != NULL);
            is_seen = is_in_place(library, blocks[count]);
        }
        assert_in_range(count, 2, MOST);
        while (count > 0) {
            assert_ok(fc_call(release, NULL, blocks[--count]));
        }
        char *text = NULL;
        assert_ok(fc_call(call_bind(library, "_Ret_z_ char *copied(const char *text)"), &text, "room again"));
        assert_true(is_in_place(library, text));
        fc_library_close(library);
    }
}

TEST(windows_heap_pointers_of_a_dead_host_are_refused) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_heap(target);
        struct fc_function *copied = call_bind(library, "_Ret_z_ char *copied(const char *text)");
        struct fc_function *release = call_bind(library, "void release(_Fc_opaque_ void *memory)");
        char *text = NULL, *other = NULL;
        assert_ok(fc_call(copied, &text, "of the first host"));
        assert_int_equal(fc_call(call_bind(library, "void twice_freed(void)"), NULL), FC_EDIED);
        assert_int_equal(fc_call(release, NULL, text), FC_EINVAL);
        assert_error_text("a host that died");
        assert_string_equal(text, "of the first host");
        assert_ok(fc_call(copied, &other, "of the second"));
        assert_true(is_in_place(library, other));
        assert_ptr_not_equal(text, other);
        fc_library_close(library);
    }
}

TEST(windows_heap_of_a_hostile_session_is_the_hosts_alone) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_options *options = fc_options_new();
        struct fc_library *library = NULL;
        char *text = NULL;
        fc_library_close(open_heap(target)); /* skips where there is no Wine */
        assert_ok(fc_options_set_target(options, target));
        assert_ok(fc_options_set_hostile(options, true));
        assert_ok(fc_open(library_path(target, "heap"), options, &library));
        assert_ok(fc_call(call_bind(library, "_Ret_z_ char *copied(const char *text)"), &text, "some text"));
        assert_false(is_in_place(library, text));
        assert_string_equal(text, "some text");
        fc_library_close(library);
        fc_options_free(options);
    }
}
