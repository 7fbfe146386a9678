/* Streams of the other bitness's zlib: structs that the library remembers by their address, with pointers that it
 * moves, its own functions in them or the caller's. What comes out is what this program's own zlib makes of it. */
#include "call.h"
#include "windows.h"

#include <pthread.h>

/* As zlib.h has it, with what that does not say. */
#define STREAM                                                                                                         \
    "struct internal_state;"                                                                                           \
    "typedef struct z_stream_s {"                                                                                      \
    "    _Field_size_bytes_(avail_in) const unsigned char *next_in;"                                                   \
    "    unsigned int avail_in;"                                                                                       \
    "    unsigned long total_in;"                                                                                      \
    "    _Field_size_bytes_(avail_out) unsigned char *next_out;"                                                       \
    "    unsigned int avail_out;"                                                                                      \
    "    unsigned long total_out;"                                                                                     \
    "    _Field_z_ const char *msg;"                                                                                   \
    "    struct internal_state *state;"                                                                                \
    "    _Fc_opaque_ void *(*zalloc)(_Fc_opaque_ void *opaque, unsigned int items, unsigned int size);"                \
    "    void (*zfree)(_Fc_opaque_ void *opaque, _Fc_opaque_ void *address);"                                          \
    "    _Fc_opaque_ void *opaque;"                                                                                    \
    "    int data_type;"                                                                                               \
    "    unsigned long adler;"                                                                                         \
    "    unsigned long reserved;"                                                                                      \
    "} z_stream;"
#define STRM "_Fc_pinned_ _Inout_ z_stream *strm"
#define STRM_ALONE "_Fc_pinned_ _Out_ z_stream *strm" /* the buffers may be gone */

struct z_stream {
    const unsigned char *next_in;
    unsigned avail_in;
    unsigned long total_in;
    unsigned char *next_out;
    unsigned avail_out;
    unsigned long total_out;
    const char *msg;
    void *state;
    void *(*zalloc)(void *opaque, unsigned items, unsigned size);
    void (*zfree)(void *opaque, void *address);
    void *opaque;
    int data_type;
    unsigned long adler, reserved;
};
enum { Z_OK, Z_STREAM_END, Z_STREAM_ERROR = -2, Z_DATA_ERROR = -3, Z_NO_FLUSH = 0, Z_FINISH = 4 };

struct zlib {
    struct fc_session *session;
    struct fc_library *library;
    struct fc_function *version, *deflate_init, *deflate, *deflate_end, *deflate_bound, *deflate_reset;
    struct fc_function *inflate_init, *inflate, *inflate_end, *inflate_reset, *crc32;
    _Atomic long blocks; /* that the caller's zalloc gave and zfree did not take */
    _Atomic long given;
};

static void find_zlib(const char *target, char *ret_path, size_t size) {
    const char *const dash = strchr(target, '-');
    if (strcmp(dash, "-windows") == 0) {
        snprintf(ret_path, size, "/usr/%s-w64-mingw32/lib/zlib1.dll", dash - target == 4 ? "i686" : "x86_64");
        fc_library_close(open_with("msvcrt.dll", target, UINT32_MAX)); /* skips where there is no Wine */
    } else {
        snprintf(ret_path, size, "/usr/lib/%s-gnu/libz.so.1", target);
    }
    if (access(ret_path, R_OK) != 0) {
        skip_because("there is no %s", ret_path);
    }
}

static void open_zlib(const char *target, struct zlib *ret_zlib) {
    char path[64];
    *ret_zlib = (struct zlib){.session = NULL};
    find_zlib(target, path, sizeof path);
    struct fc_options *options = fc_options_new();
    assert_ok(fc_options_set_target(options, target));
    assert_ok(fc_session_open(options, &ret_zlib->session));
    fc_options_free(options);
    assert_ok(fc_library_open(ret_zlib->session, path, &ret_zlib->library));
    struct fc_library *z = ret_zlib->library;
    ret_zlib->version = call_bind(z, "_Ret_z_ const char *zlibVersion(void)");
    ret_zlib->deflate_init = call_bind(z, STREAM "_Fc_begins_ int deflateInit_(" STRM ", int level, _In_z_ const char "
                                                 "*version, _Fc_sizeof_(z_stream) int stream_size)");
    ret_zlib->deflate = call_bind(z, STREAM "int deflate(" STRM ", int flush)");
    ret_zlib->deflate_end = call_bind(z, STREAM "_Fc_ends_ int deflateEnd(" STRM ")");
    ret_zlib->deflate_reset = call_bind(z, STREAM "int deflateReset(" STRM_ALONE ")");
    ret_zlib->deflate_bound =
        call_bind(z, STREAM "unsigned long deflateBound(" STRM_ALONE ", unsigned long sourceLen)");
    ret_zlib->inflate_init = call_bind(z, STREAM "_Fc_begins_ int inflateInit_(" STRM ", _In_z_ const char *version, "
                                                 "_Fc_sizeof_(z_stream) int stream_size)");
    ret_zlib->inflate = call_bind(z, STREAM "int inflate(" STRM ", int flush)");
    ret_zlib->inflate_end = call_bind(z, STREAM "_Fc_ends_ int inflateEnd(" STRM ")");
    ret_zlib->inflate_reset = call_bind(z, STREAM "int inflateReset(" STRM_ALONE ")");
    ret_zlib->crc32 = call_bind(
        z, "unsigned long crc32(unsigned long crc, _In_reads_(len) const unsigned char *buf, unsigned int len)");
}

static void close_zlib(struct zlib *zlib) {
    assert_int_equal(zlib->blocks, 0);
    fc_session_close(zlib->session);
}

static int call_stream(struct fc_function *function, struct z_stream *stream) {
    int rc = 77;
    assert_ok(fc_call(function, &rc, stream));
    return rc;
}

static int call_flush(struct fc_function *function, struct z_stream *stream, int flush) {
    int rc = 77;
    assert_ok(fc_call(function, &rc, stream, flush));
    return rc;
}

static const char *version_of(struct zlib *zlib) {
    const char *version = NULL;
    assert_ok(fc_call(zlib->version, &version));
    return version;
}

static void deflate_begin(struct zlib *zlib, struct z_stream *stream, int level) {
    int rc = 77;
    assert_ok(fc_call(zlib->deflate_init, &rc, stream, level, version_of(zlib), (int)sizeof *stream));
    assert_int_equal(rc, Z_OK);
}

static void inflate_begin(struct zlib *zlib, struct z_stream *stream) {
    int rc = 77;
    assert_ok(fc_call(zlib->inflate_init, &rc, stream, version_of(zlib), (int)sizeof *stream));
    assert_int_equal(rc, Z_OK);
}

/* -- data ---------------------------------------------------------------------------------------------------------- */

/* Text that compresses, and noise that does not. */
static unsigned char *make_data(size_t size) {
    unsigned char *data = malloc(size + 1);
    assert_non_null(data);
    for (size_t i = 0; i < size;) {
        const uint64_t number = call_random();
        if (number % 3 == 0 && i >= 300) {
            const size_t length = 1 + (size_t)(number >> 8) % 200, back = 1 + (size_t)(number >> 20) % 300;
            for (size_t n = 0; n < length && i < size; n++, i++) {
                data[i] = data[i - back];
            }
        } else {
            data[i++] = (unsigned char)(number >> 40);
        }
    }
    return data;
}

/* Through the stream in pieces of random sizes. Returns how much came out. */
static size_t pump(struct fc_function *run, struct z_stream *stream, const unsigned char *in, size_t in_size,
                   unsigned char *out, size_t out_size, bool in_one_piece) {
    size_t at = 0, used = 0;
    int rc = Z_OK;
    while (rc != Z_STREAM_END) {
        const size_t piece_in = in_one_piece ? in_size : (size_t)(call_random() % 70000);
        const size_t piece_out = in_one_piece ? out_size : 1 + (size_t)(call_random() % 70000);
        stream->next_in = in + at;
        stream->avail_in = (unsigned)(piece_in < in_size - at ? piece_in : in_size - at);
        stream->next_out = out + used;
        stream->avail_out = (unsigned)(piece_out < out_size - used ? piece_out : out_size - used);
        const unsigned before_in = stream->avail_in, before_out = stream->avail_out;
        rc = call_flush(run, stream, at + before_in == in_size ? Z_FINISH : Z_NO_FLUSH);
        assert_true(rc == Z_OK || rc == Z_STREAM_END || rc == -5); /* Z_BUF_ERROR: no room, or nothing in */
        assert_ptr_equal(stream->next_in, in + at + (before_in - stream->avail_in));
        assert_ptr_equal(stream->next_out, out + used + (before_out - stream->avail_out));
        at += before_in - stream->avail_in;
        used += before_out - stream->avail_out;
        assert_int_equal(stream->total_in, at);
        assert_int_equal(stream->total_out, used);
        assert_true(rc == Z_STREAM_END || used < out_size);
    }
    return used;
}

static size_t bound_of(struct zlib *zlib, struct z_stream *stream, size_t size) {
    unsigned long bound = 0;
    assert_ok(fc_call(zlib->deflate_bound, &bound, stream, (unsigned long)size));
    assert_true(bound >= size);
    return bound;
}

static void round_trip(struct zlib *zlib, struct z_stream *deflater, struct z_stream *inflater, size_t size,
                       bool in_one_piece) {
    unsigned char *const data = make_data(size);
    const size_t room = bound_of(zlib, deflater, size) + 100;
    unsigned char *const packed = malloc(room), *const back = malloc(size + 100);
    assert_non_null(packed);
    assert_non_null(back);
    const size_t packed_size = pump(zlib->deflate, deflater, data, size, packed, room, in_one_piece);
    const size_t back_size = pump(zlib->inflate, inflater, packed, packed_size, back, size + 100, in_one_piece);
    assert_true(size < 1000 || packed_size < size);
    assert_int_equal(back_size, size);
    assert_memory_equal(back, data, size);
    assert_int_equal(deflater->adler, inflater->adler);
    free(data);
    free(packed);
    free(back);
}

/* -- streams ------------------------------------------------------------------------------------------------------- */

static void stream_megabytes(const char *target) {
    struct zlib zlib;
    struct z_stream deflater = {.zalloc = NULL}, inflater = {.zalloc = NULL};
    open_zlib(target, &zlib);
    deflate_begin(&zlib, &deflater, 6);
    inflate_begin(&zlib, &inflater);
    assert_non_null(deflater.state);
    assert_true(deflater.zalloc != NULL); /* the library's own, which means something there only */
    round_trip(&zlib, &deflater, &inflater, call_scaled_size((size_t)5 << 20), false);
    assert_int_equal(call_stream(zlib.deflate_reset, &deflater), Z_OK);
    assert_int_equal(call_stream(zlib.inflate_reset, &inflater), Z_OK);
    assert_int_equal(deflater.total_in, 0);
    round_trip(&zlib, &deflater, &inflater, call_scaled_size((size_t)3 << 20), true);
    assert_int_equal(call_stream(zlib.deflate_end, &deflater), Z_OK);
    assert_int_equal(call_stream(zlib.inflate_end, &inflater), Z_OK);
    assert_null(deflater.state);
    close_zlib(&zlib);
}

TEST(zlib_streams_megabytes_there_and_back) {
    for (EACH_TARGET(target)) {
        stream_megabytes(target);
    }
}

TEST(zlib_dll_streams_megabytes_there_and_back) {
    for (EACH_WINDOWS_TARGET(target)) {
        stream_megabytes(target);
    }
}

static void *my_alloc(void *opaque, unsigned items, unsigned size) {
    struct zlib *zlib = opaque;
    zlib->blocks++;
    zlib->given++;
    return fc_alloc(zlib->session, (size_t)items * size);
}

static void my_free(void *opaque, void *address) {
    struct zlib *zlib = opaque;
    zlib->blocks--;
    assert_ok(fc_free(zlib->session, address));
}

static void take_callers_memory(const char *target) {
    struct zlib zlib;
    open_zlib(target, &zlib);
    struct z_stream deflater = {.zalloc = my_alloc, .zfree = my_free, .opaque = &zlib};
    struct z_stream inflater = {.zalloc = my_alloc, .zfree = my_free, .opaque = &zlib};
    deflate_begin(&zlib, &deflater, 9);
    inflate_begin(&zlib, &inflater);
    assert_true(zlib.given >= 4);
    round_trip(&zlib, &deflater, &inflater, 300000, false);
    assert_true(deflater.zalloc == my_alloc && deflater.zfree == my_free && deflater.opaque == &zlib);
    assert_int_equal(call_stream(zlib.deflate_end, &deflater), Z_OK);
    assert_int_equal(call_stream(zlib.inflate_end, &inflater), Z_OK);
    close_zlib(&zlib);
}

TEST(zlib_takes_the_memory_of_the_callers_allocator) {
    for (EACH_TARGET(target)) {
        take_callers_memory(target);
    }
}

TEST(zlib_dll_takes_the_memory_of_the_callers_allocator) {
    for (EACH_WINDOWS_TARGET(target)) {
        take_callers_memory(target);
    }
}

static void have_many_streams(const char *target) {
    enum { STREAMS = 12 };
    struct zlib zlib;
    struct z_stream deflaters[STREAMS], inflaters[STREAMS];
    memset(deflaters, 0, sizeof deflaters);
    memset(inflaters, 0, sizeof inflaters);
    open_zlib(target, &zlib);
    for (int i = 0; i < STREAMS; i++) {
        deflate_begin(&zlib, &deflaters[i], 1 + i % 9);
        inflate_begin(&zlib, &inflaters[i]);
    }
    for (int i = STREAMS - 1; i >= 0; i--) {
        round_trip(&zlib, &deflaters[i], &inflaters[i], 20000 + (size_t)i * 1000, i % 2 == 0);
        assert_int_equal(call_stream(zlib.inflate_end, &inflaters[i]), Z_OK);
    }
    for (int i = 0; i < STREAMS; i++) {
        assert_int_equal(call_stream(zlib.deflate_end, &deflaters[i]), Z_OK);
    }
    close_zlib(&zlib);
}

TEST(zlib_has_many_streams_at_once) {
    for (EACH_TARGET(target)) {
        have_many_streams(target);
    }
}

TEST(zlib_dll_has_many_streams_at_once) {
    for (EACH_WINDOWS_TARGET(target)) {
        have_many_streams(target);
    }
}

static void *stream_in_a_thread(void *data) {
    struct zlib *zlib = data;
    for (int i = 0; i < 4; i++) {
        struct z_stream deflater = {.zalloc = my_alloc, .zfree = my_free, .opaque = zlib};
        struct z_stream inflater = {.zalloc = NULL};
        deflate_begin(zlib, &deflater, 1);
        inflate_begin(zlib, &inflater);
        round_trip(zlib, &deflater, &inflater, 100000, true);
        call_stream(zlib->deflate_end, &deflater);
        call_stream(zlib->inflate_end, &inflater);
    }
    return NULL;
}

TEST(zlib_streams_in_threads) {
    enum { THREADS = 4 };
    struct zlib zlib;
    pthread_t threads[THREADS];
    open_zlib(HARNESS_OTHER_TARGET, &zlib);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, stream_in_a_thread, &zlib), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    close_zlib(&zlib);
}

/* -- what goes wrong ----------------------------------------------------------------------------------------------- */

TEST(zlib_stream_that_was_not_begun_is_refused) {
    for (EACH_TARGET(target)) {
        struct zlib zlib;
        struct z_stream stream = {.zalloc = NULL};
        int rc = 77;
        open_zlib(target, &zlib);
        assert_error(fc_call(zlib.deflate, &rc, &stream, Z_FINISH), FC_EINVAL,
                     "argument `strm` of deflate is annotated with _Fc_pinned_, but no function annotated with "
                     "_Fc_begins_ was given this object");
        deflate_begin(&zlib, &stream, 6);
        assert_int_equal(call_stream(zlib.deflate_end, &stream), Z_OK);
        assert_error(fc_call(zlib.deflate_end, &rc, &stream), FC_EINVAL, "or one with _Fc_ends_ was since");
        deflate_begin(&zlib, &stream, 6);
        assert_int_equal(call_stream(zlib.deflate_end, &stream), Z_OK);
        assert_int_equal(rc, 77);
        close_zlib(&zlib);
    }
}

TEST(zlib_stream_of_a_dead_host_is_refused_and_can_be_begun_anew) {
    for (EACH_TARGET(target)) {
        struct zlib zlib;
        struct fc_library *deadly = NULL;
        struct z_stream stream = {.zalloc = NULL}, inflater = {.zalloc = NULL};
        int rc = 77;
        open_zlib(target, &zlib);
        assert_ok(fc_library_open(zlib.session, harness_library(target, "process"), &deadly));
        deflate_begin(&zlib, &stream, 6);
        assert_int_equal(fc_call(call_bind(deadly, "void end_abort(void)"), NULL), FC_EDIED);
        assert_error(fc_call(zlib.deflate, &rc, &stream, Z_FINISH), FC_EINVAL, "was begun in a host that died");
        stream = (struct z_stream){.zalloc = NULL};
        deflate_begin(&zlib, &stream, 6);
        inflate_begin(&zlib, &inflater);
        round_trip(&zlib, &stream, &inflater, 50000, false);
        assert_int_equal(call_stream(zlib.deflate_end, &stream), Z_OK);
        assert_int_equal(call_stream(zlib.inflate_end, &inflater), Z_OK);
        close_zlib(&zlib);
    }
}

TEST(zlib_size_of_another_struct_is_refused) {
    struct zlib zlib;
    struct z_stream stream = {.zalloc = NULL};
    int rc = 77;
    open_zlib(HARNESS_OTHER_TARGET, &zlib);
    assert_error(fc_call(zlib.deflate_init, &rc, &stream, 6, version_of(&zlib), (int)sizeof stream - 1), FC_EINVAL,
                 "argument `stream_size` of deflateInit_ is ");
    assert_error_text("as `_Fc_sizeof_(z_stream)` says");
    close_zlib(&zlib);
}

TEST(zlib_says_what_is_wrong_with_the_data) {
    for (EACH_TARGET(target)) {
        struct zlib zlib;
        struct z_stream stream = {.zalloc = NULL};
        unsigned char in[64] = "this is no compressed data", out[64];
        open_zlib(target, &zlib);
        inflate_begin(&zlib, &stream);
        stream.next_in = in;
        stream.avail_in = sizeof in;
        stream.next_out = out;
        stream.avail_out = sizeof out;
        assert_int_equal(call_flush(zlib.inflate, &stream, Z_FINISH), Z_DATA_ERROR);
        assert_string_equal(stream.msg, "incorrect header check");
        assert_int_equal(call_stream(zlib.inflate_end, &stream), Z_OK);
        close_zlib(&zlib);
    }
}
