/* zlib of the other bitness, and of this one in a host, through its real header and the sidecar: programs, each of
 * which writes down what it sees, see what they see of the library called directly. */
#undef _FILE_OFFSET_BITS /* which makes other functions of some: both are called here */
#define _LARGEFILE64_SOURCE 1
#include "notes.h"

#include <fcntl.h>
#include <zlib.h>

enum { TEXT_BYTES = 60000, ROOM = 80000 };

static unsigned long sum(const void *data, size_t size) { /* FNV-1a */
    unsigned long sum = 2166136261u;
    for (size_t i = 0; i < size; i++) {
        sum = ((sum ^ ((const unsigned char *)data)[i]) * 16777619u) & 0xffffffffu;
    }
    return sum;
}

static void compare(void (*program)(struct real *lib)) {
    compare_notes(program, "libz.so.1", "zlib.h", "-D_LARGEFILE64_SOURCE");
}

static void fill_text(unsigned char *text, size_t size) {
    unsigned number = 1;
    for (size_t i = 0; i < size; i++) {
        number = number * 1103515245u + 12345u;
        text[i] = (unsigned char)(number % 7 != 0 && i > 500 ? text[i - 1 - number / 65536 % 500] : number >> 24);
    }
}

/* -- streams ------------------------------------------------------------------------------------------------------- */

/* Memory of the caller's alone, which the library cannot use: it takes its own. CPython's module is one that does
 * so. */
static void *allocate(void *opaque, unsigned items, unsigned size) {
    (void)opaque;
    return calloc(items, size);
}
static void release(void *opaque, void *memory) {
    (void)opaque;
    free(memory);
}

static void begin_deflate(struct real *lib, z_stream *strm, int level, int bits, int strategy) {
    memset(strm, 0x5a, sizeof *strm); /* all that it must set is what follows */
    strm->zalloc = allocate;
    strm->zfree = release;
    strm->opaque = NULL;
    note("init %d ",
         REAL(lib, int, deflateInit2_, strm, level, Z_DEFLATED, bits, 8, strategy, ZLIB_VERSION, (int)sizeof *strm));
    assert_null(strm->msg);
    assert_ptr_equal(strm->zalloc, allocate);
}

static void begin_inflate(struct real *lib, z_stream *strm, int bits) {
    memset(strm, 0x5a, sizeof *strm);
    strm->zalloc = allocate;
    strm->zfree = release;
    strm->next_in = NULL;
    strm->avail_in = 0;
    strm->adler = 0; /* raw streams have none, and leave what is there */
    note("init %d ", REAL(lib, int, inflateInit2_, strm, bits, ZLIB_VERSION, (int)sizeof *strm));
}

static int run(struct real *lib, bool is_deflate, z_stream *strm, const void *in, size_t in_size, void *out,
               size_t out_size, int flush) {
    strm->next_in = (unsigned char *)in;
    strm->avail_in = (unsigned)in_size;
    strm->next_out = out;
    strm->avail_out = (unsigned)out_size;
    const int rc = is_deflate ? REAL(lib, int, deflate, strm, flush) : REAL(lib, int, inflate, strm, flush);
    note("%d in %zu out %zu type %d adler %lx total %lu %lu msg %s\n", rc,
         (size_t)(strm->next_in - (const unsigned char *)in), (size_t)(strm->next_out - (unsigned char *)out),
         strm->data_type, strm->adler, strm->total_in, strm->total_out, strm->msg != NULL ? strm->msg : "-");
    return rc;
}

static void levels(struct real *lib) {
    static unsigned char text[TEXT_BYTES], packed[ROOM], back[TEXT_BYTES];
    static const int bits[] = {15, -12, 31};
    fill_text(text, sizeof text);
    for (int i = 0; i < 9; i++) {
        z_stream strm, inflater;
        begin_deflate(lib, &strm, i, bits[i % 3], i % 4);
        note("bound %lu ", REAL(lib, uLong, deflateBound, &strm, (uLong)sizeof text));
        note("tune %d ", REAL(lib, int, deflateTune, &strm, 8, 16, 128, 128));
        run(lib, true, &strm, text, 30000, packed, sizeof packed, Z_NO_FLUSH);
        size_t used = strm.total_out;
        unsigned pending = 0;
        int pending_bits = 0;
        note("pending %d ", REAL(lib, int, deflatePending, &strm, &pending, &pending_bits));
        note("%u %d ", pending, pending_bits);
        strm.next_in = text + 30000;
        strm.avail_in = 0;
        strm.next_out = packed + used;
        strm.avail_out = (unsigned)(sizeof packed - used);
        note("params %d ", REAL(lib, int, deflateParams, &strm, 9 - i, Z_DEFAULT_STRATEGY));
        used = strm.total_out;
        assert_int_equal(
            run(lib, true, &strm, text + 30000, sizeof text - 30000, packed + used, sizeof packed - used, Z_FINISH),
            Z_STREAM_END);
        used = strm.total_out;
        note("end %d sum %lx\n", REAL(lib, int, deflateEnd, &strm), sum(packed, used));
        begin_inflate(lib, &inflater, bits[i % 3]);
        run(lib, false, &inflater, packed, used / 2, back, sizeof back, Z_SYNC_FLUSH);
        note("mark %ld sync point %d codes %lu\n", REAL(lib, long, inflateMark, &inflater),
             REAL(lib, int, inflateSyncPoint, &inflater), REAL(lib, unsigned long, inflateCodesUsed, &inflater));
        const size_t got = inflater.total_out;
        assert_int_equal(
            run(lib, false, &inflater, packed + used / 2, used - used / 2, back + got, sizeof back - got, Z_FINISH),
            Z_STREAM_END);
        assert_memory_equal(back, text, sizeof text);
        note("end %d\n", REAL(lib, int, inflateEnd, &inflater));
    }
}

TEST(zlib_whole_streams_of_every_level_and_format) {
    compare(levels);
}

/* Both go on by themselves; the buffers of the first half are gone when the copy is made. */
static void copies(struct real *lib) {
    static unsigned char text[TEXT_BYTES], packed[2][ROOM], back[2][TEXT_BYTES];
    z_stream strm[2], inflaters[2];
    unsigned char *const lost = malloc(20000);
    fill_text(text, sizeof text);
    memcpy(lost, text, 20000);
    begin_deflate(lib, &strm[0], 6, 15, Z_DEFAULT_STRATEGY);
    run(lib, true, &strm[0], lost, 20000, packed[0], ROOM, Z_NO_FLUSH);
    free(lost);
    const size_t used = strm[0].total_out;
    memset(&strm[1], 0xa5, sizeof strm[1]);
    strm[0].next_out = packed[0] + used;
    note("copy %d ", REAL(lib, int, deflateCopy, &strm[1], &strm[0]));
    assert_ptr_equal(strm[1].next_in, strm[0].next_in);
    assert_ptr_equal(strm[1].next_out, packed[0] + used);
    assert_ptr_equal(strm[1].zalloc, allocate);
    assert_ptr_equal(strm[1].opaque, strm[0].opaque);
    assert_int_equal(strm[1].avail_out, strm[0].avail_out);
    assert_true(strm[1].state != strm[0].state);
    memcpy(packed[1], packed[0], used);
    run(lib, true, &strm[0], text + 20000, 40000, packed[0] + used, ROOM - used, Z_FINISH);
    run(lib, true, &strm[1], text + 20000, 30000, packed[1] + used, ROOM - used, Z_FINISH);
    for (int i = 0; i < 2; i++) {
        note("sum %lx\n", sum(packed[i], strm[i].total_out));
    }
    begin_inflate(lib, &inflaters[0], 15);
    run(lib, false, &inflaters[0], packed[0], used / 2, back[0], TEXT_BYTES, Z_NO_FLUSH);
    note("copy %d ", REAL(lib, int, inflateCopy, &inflaters[1], &inflaters[0]));
    const size_t got = inflaters[1].total_out;
    memcpy(back[1], back[0], got);
    for (int i = 1; i >= 0; i--) {
        run(lib, false, &inflaters[i], packed[0] + used / 2, strm[0].total_out - used / 2, back[i] + got,
            TEXT_BYTES - got, Z_FINISH);
        assert_memory_equal(back[i], text, TEXT_BYTES);
        note("end %d %d\n", REAL(lib, int, inflateEnd, &inflaters[i]), REAL(lib, int, deflateEnd, &strm[i]));
    }
}

TEST(zlib_whole_copies_of_streams_go_on_by_themselves) {
    compare(copies);
}

static void dictionaries(struct real *lib) {
    static unsigned char text[TEXT_BYTES], packed[ROOM], back[TEXT_BYTES];
    unsigned char known[32768];
    unsigned known_size = 0;
    z_stream strm, inflater;
    fill_text(text, sizeof text);
    begin_deflate(lib, &strm, 9, 15, Z_DEFAULT_STRATEGY);
    note("dictionary %d ", REAL(lib, int, deflateSetDictionary, &strm, text, 1000u));
    run(lib, true, &strm, text, 5000, packed, sizeof packed, Z_FINISH);
    note("get %d ", REAL(lib, int, deflateGetDictionary, &strm, known, &known_size));
    note("%u %lx ", known_size, sum(known, known_size));
    note("size %d ", REAL(lib, int, deflateGetDictionary, &strm, NULL, &known_size));
    const size_t used = strm.total_out;
    note("reset %d ", REAL(lib, int, deflateReset, &strm));
    note("prime %d ", REAL(lib, int, deflatePrime, &strm, 3, 5));
    note("end %d\n", REAL(lib, int, deflateEnd, &strm)); /* busy: a warning */
    begin_inflate(lib, &inflater, 15);
    run(lib, false, &inflater, packed, used, back, sizeof back, Z_FINISH);
    note("dictionary %d ", REAL(lib, int, inflateSetDictionary, &inflater, text, 999u));
    note("%s ", inflater.msg != NULL ? inflater.msg : "-");
    note("dictionary %d ", REAL(lib, int, inflateSetDictionary, &inflater, text, 1000u));
    run(lib, false, &inflater, inflater.next_in, inflater.avail_in, back, sizeof back, Z_FINISH);
    assert_memory_equal(back, text, 5000);
    note("get %d ", REAL(lib, int, inflateGetDictionary, &inflater, known, &known_size));
    note("%u %lx ", known_size, sum(known, known_size));
    note("reset %d %d %d ", REAL(lib, int, inflateReset, &inflater), REAL(lib, int, inflateReset2, &inflater, -15),
         REAL(lib, int, inflatePrime, &inflater, 3, 0));
    run(lib, false, &inflater, text, 300, back, sizeof back, Z_FINISH); /* noise */
    note("sync %d validate %d undermine %d ", REAL(lib, int, inflateSync, &inflater),
         REAL(lib, int, inflateValidate, &inflater, 1), REAL(lib, int, inflateUndermine, &inflater, 1));
    note("end %d\n", REAL(lib, int, inflateEnd, &inflater));
    memset(&strm, 0, sizeof strm);
    note("version %d ", REAL(lib, int, deflateInit_, &strm, 6, "0.9", (int)sizeof strm));
    note("level %d ", REAL(lib, int, deflateInit_, &strm, 99, ZLIB_VERSION, (int)sizeof strm));
    note("bits %d ", REAL(lib, int, inflateInit2_, &strm, 99, ZLIB_VERSION, (int)sizeof strm));
}

TEST(zlib_whole_dictionaries_and_what_goes_wrong) {
    compare(dictionaries);
}

/* The library fills the header while it inflates, and reads the other one while it deflates. */
static void headers(struct real *lib) {
    static unsigned char text[TEXT_BYTES], packed[ROOM], back[TEXT_BYTES];
    z_stream strm, inflater;
    char extra[5] = {1, 0, 3, 0, 5}, name[8] = "a name", comment[] = "said of it";
    unsigned char got_extra[3], got_name[32], got_comment[6];
    gz_header to_write = {.text = 1, .time = 0xfedcba98u, .os = 3, .hcrc = 1}, to_read;
    memset(&to_read, 0x77, sizeof to_read);
    memset(got_name, '!', sizeof got_name);
    fill_text(text, sizeof text);
    begin_deflate(lib, &strm, 6, 31, Z_DEFAULT_STRATEGY);
    to_write.extra = (unsigned char *)extra;
    to_write.extra_len = sizeof extra;
    to_write.extra_max = 0xffffffffu; /* unread, as are these lengths */
    to_write.name = (unsigned char *)name;
    to_write.comment = (unsigned char *)comment;
    note("set %d ", REAL(lib, int, deflateSetHeader, &strm, &to_write));
    size_t used = 0;
    while (run(lib, true, &strm, text + strm.total_in, 20000, packed + used, 11, Z_NO_FLUSH) == Z_OK && used < 66) {
        used += 11;
    }
    used = strm.total_out;
    run(lib, true, &strm, text + strm.total_in, 20000 - strm.total_in, packed + used, sizeof packed - used, Z_FINISH);
    used = strm.total_out;
    note("end %d sum %lx\n", REAL(lib, int, deflateEnd, &strm), sum(packed, used));
    to_read.extra = got_extra;
    to_read.extra_max = sizeof got_extra;
    to_read.name = got_name;
    to_read.name_max = sizeof got_name;
    to_read.comment = got_comment;
    to_read.comm_max = sizeof got_comment;
    begin_inflate(lib, &inflater, 47);
    note("get %d done %d ", REAL(lib, int, inflateGetHeader, &inflater, &to_read), to_read.done);
    for (size_t at = 0; at < 48; at += 8) {
        run(lib, false, &inflater, packed + at, 8, back, sizeof back, Z_NO_FLUSH);
        note("done %d name %.7s os %d\n", to_read.done, got_name, to_read.os);
    }
    assert_int_equal(to_read.done, 1);
    assert_ptr_equal(to_read.name, got_name);
    note("text %d time %lx xflags %d extra %u: %lx comment %.6s crc %d\n", to_read.text, to_read.time, to_read.xflags,
         to_read.extra_len, sum(got_extra, sizeof got_extra), got_comment, to_read.hcrc);
    run(lib, false, &inflater, packed + 48, used - 48, back + inflater.total_out, sizeof back - inflater.total_out,
        Z_FINISH);
    note("end %d\n", REAL(lib, int, inflateEnd, &inflater));
    assert_memory_equal(back, text, 20000);
}

TEST(zlib_whole_gzip_headers_are_filled_while_the_stream_runs) {
    compare(headers);
}

/* -- streams by callbacks ------------------------------------------------------------------------------------------ */

struct source {
    const unsigned char *data;
    size_t size, used, piece;
};
/* The buffer is the caller's own, and used again for each piece. */
static unsigned char buffer[1000];
static unsigned pull(void *from, unsigned char **ret_piece) {
    struct source *source = from;
    const size_t rest = source->size - source->used, size = rest < source->piece ? rest : source->piece;
    memcpy(buffer, source->data + source->used, size);
    source->used += size;
    *ret_piece = size != 0 ? buffer : NULL;
    return (unsigned)size;
}

struct sink {
    const unsigned char *window;
    unsigned window_size;
    unsigned char *data;
    size_t used, most;
};
static int push(void *to, unsigned char *data, unsigned size) {
    struct sink *sink = to;
    require(data >= sink->window && data + size <= sink->window + sink->window_size);
    if (sink->used + size > sink->most) {
        return 1;
    }
    memcpy(sink->data + sink->used, data, size);
    sink->used += size;
    return 0;
}

static void back_by_callbacks(struct real *lib, const unsigned char *packed, size_t packed_size, int bits, size_t piece,
                              size_t most) {
    static unsigned char window[32768], back[TEXT_BYTES];
    struct source source = {packed, packed_size, 0, piece};
    struct sink sink = {window, 1u << bits, back, 0, most};
    z_stream strm;
    memset(&strm, 0x5a, sizeof strm);
    strm.zalloc = allocate;
    strm.zfree = release;
    note("init %d ", REAL(lib, int, inflateBackInit_, &strm, bits, window, ZLIB_VERSION, (int)sizeof strm));
    for (int i = 0; i < 2; i++) { /* a state serves any number of streams */
        source.used = sink.used = 0;
        strm.next_in = (unsigned char *)packed;
        strm.avail_in = i == 0 ? 0 : 100; /* some is there already */
        source.used = strm.avail_in;
        const int rc = REAL(lib, int, inflateBack, &strm, pull, &source, push, &sink);
        note("back %d msg %s rest %u of %d sum %lx\n", rc, strm.msg != NULL ? strm.msg : "-", strm.avail_in,
             strm.next_in == NULL, sum(back, sink.used));
        note("next %lx ", strm.next_in != NULL ? sum(strm.next_in, strm.avail_in) : 0);
        if (i == 1 && strm.next_in != NULL) { /* what it has not used */
            note("at %d ", (int)(strm.next_in - buffer));
        }
    }
    note("end %d\n", REAL(lib, int, inflateBackEnd, &strm));
}

static void by_callbacks(struct real *lib) {
    static unsigned char text[TEXT_BYTES], packed[ROOM];
    z_stream strm;
    fill_text(text, sizeof text);
    for (int bits = 9; bits <= 15; bits += 3) {
        begin_deflate(lib, &strm, 6, -bits, Z_DEFAULT_STRATEGY);
        run(lib, true, &strm, text, sizeof text, packed, sizeof packed, Z_FINISH);
        const size_t used = strm.total_out;
        note("end %d\n", REAL(lib, int, deflateEnd, &strm));
        memcpy(packed + used, "what is behind it", 17);
        back_by_callbacks(lib, packed, used + 17, bits, 1000, SIZE_MAX / 2);
        back_by_callbacks(lib, packed, used, bits, 7, SIZE_MAX / 2);
        back_by_callbacks(lib, packed, used / 2, bits, 999, SIZE_MAX / 2); /* ends too early */
        back_by_callbacks(lib, packed, used, bits, 1000, 20000);           /* the sink is full */
        packed[used / 3] ^= 0x55;
        back_by_callbacks(lib, packed, used, bits, 500, SIZE_MAX / 2);
    }
    note("bits %d ", REAL(lib, int, inflateBackInit_, &strm, 7, text, ZLIB_VERSION, (int)sizeof strm));
}

TEST(zlib_whole_streams_are_read_and_written_by_callbacks) {
    compare(by_callbacks);
}

/* -- files --------------------------------------------------------------------------------------------------------- */

static int print_list(struct real *lib, gzFile file, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const int written = REAL(lib, int, gzvprintf, file, format, list);
    va_end(list);
    return written;
}

/* As the macro of that name has it. */
static int next_byte(struct real *lib, gzFile file) {
    return file->have != 0 ? (file->have--, file->pos++, *file->next++) : REAL(lib, int, gzgetc, file);
}

static void write_file(struct real *lib, const char *path) {
    static unsigned char text[TEXT_BYTES];
    fill_text(text, sizeof text);
    gzFile file = REAL(lib, gzFile, gzopen, path, "wb7");
    assert_non_null(file);
    note("buffer %d ", REAL(lib, int, gzbuffer, file, 4096u));
    note("write %d ", REAL(lib, int, gzwrite, file, (const void *)text, 30000u));
    note("params %d ", REAL(lib, int, gzsetparams, file, 1, Z_FILTERED));
    note("fwrite %zu ", (size_t)REAL(lib, z_size_t, gzfwrite, (const void *)text, (z_size_t)6, (z_size_t)7, file));
    note("printf %d ", REAL(lib, int, gzprintf, file, "%s|%5d|%.3f|%lld|%c\n", "text", -42, 2.5, 1LL << 40, 'x'));
    note("list %d ", print_list(lib, file, "%x-%s-%e;", 255u, "list", 1e100));
    note("puts %d putc %d ", REAL(lib, int, gzputs, file, "a line\n"), REAL(lib, int, gzputc, file, 300));
    note("seek %ld tell %ld ", (long)REAL(lib, off_t, gzseek, file, (off_t)100, SEEK_CUR),
         (long)REAL(lib, off_t, gztell, file));
    note("flush %d ", REAL(lib, int, gzflush, file, Z_SYNC_FLUSH));
    note("offset %ld direct %d ", (long)REAL(lib, off_t, gzoffset, file), REAL(lib, int, gzdirect, file));
    int error = 77;
    note("error %s ", REAL(lib, const char *, gzerror, file, &error));
    note("%d read %d ", error, REAL(lib, int, gzread, file, (void *)text, 3u));
    note("close %d\n", REAL(lib, int, gzclose_w, file));
}

static void read_file(struct real *lib, const char *path) {
    unsigned char bytes[3000];
    char line[64];
    gzFile file = REAL(lib, gzFile, gzopen64, path, "rb");
    assert_non_null(file);
    for (int i = 0; i < 200; i++) {
        bytes[i] = (unsigned char)next_byte(lib, file);
    }
    note("first %lx tell %ld ", sum(bytes, 200), (long)REAL(lib, off_t, gztell, file));
    note("unget %d ", REAL(lib, int, gzungetc, 'u', file));
    note("get %c %d ", next_byte(lib, file), next_byte(lib, file));
    note("tell %lld ", (long long)REAL(lib, off64_t, gztell64, file));
    note("read %d ", REAL(lib, int, gzread, file, (void *)bytes, (unsigned)sizeof bytes));
    note("%lx fread %zu ", sum(bytes, sizeof bytes),
         (size_t)REAL(lib, z_size_t, gzfread, (void *)bytes, (z_size_t)7, (z_size_t)11, file));
    note("%lx seek %lld ", sum(bytes, 77), (long long)REAL(lib, off64_t, gzseek64, file, (off64_t)30042, SEEK_SET));
    assert_ptr_equal(REAL(lib, char *, gzgets, file, line, (int)sizeof line), line);
    note("line %s", line);
    assert_ptr_equal(REAL(lib, char *, gzgets, file, line, 9), line);
    note("line %s ", line);
    note("offset %lld ", (long long)REAL(lib, off64_t, gzoffset64, file) > 0 ? 1LL : 0LL);
    int count = 0;
    while (next_byte(lib, file) != -1) {
        count++;
    }
    note("rest %d eof %d ", count, REAL(lib, int, gzeof, file));
    assert_null(REAL(lib, char *, gzgets, file, line, (int)sizeof line));
    REAL_VOID(lib, gzclearerr, file);
    note("rewind %d first %d ", REAL(lib, int, gzrewind, file), next_byte(lib, file) == bytes[0]);
    note("direct %d ", REAL(lib, int, gzdirect, file));
    note("close %d\n", REAL(lib, int, gzclose, file));
}

static void files(struct real *lib) {
    char path[] = "/tmp/fc-zlib-XXXXXX";
    const int fd = mkstemp(path);
    require(fd >= 0);
    close(fd);
    write_file(lib, path);
    read_file(lib, path);
    read_file(lib, path); /* another file of the library's, maybe where the first one was */
    const int given = open(path, O_RDONLY | O_CLOEXEC);
    gzFile by_fd = REAL(lib, gzFile, gzdopen, given, "r");
    note("by its descriptor: %d %d ", next_byte(lib, by_fd), next_byte(lib, by_fd));
    note("close %d ", REAL(lib, int, gzclose, by_fd));
    note("gone %d none %d\n", fcntl(given, F_GETFD), REAL(lib, gzFile, gzdopen, -1, "r") == NULL);
    require(truncate(path, 2000) == 0);
    gzFile file = REAL(lib, gzFile, gzopen, path, "r");
    unsigned char bytes[TEXT_BYTES];
    int error = 77;
    note("cut %d ", REAL(lib, int, gzread, file, (void *)bytes, (unsigned)sizeof bytes) > 0);
    const char *message = REAL(lib, const char *, gzerror, file, &error);
    note("error %s ", message + strlen(path)); /* behind the path */
    note("%d close %d\n", error, REAL(lib, int, gzclose_r, file));
    assert_null(REAL(lib, gzFile, gzopen, "/nowhere/to/be/found", "r"));
    note("none %d\n", REAL(lib, int, gzclose, NULL));
    unlink(path);
}

TEST(zlib_whole_files_and_the_macro_that_looks_into_them) {
    compare(files);
}

/* -- the rest ------------------------------------------------------------------------------------------------------ */

static void one_piece(struct real *lib) {
    static unsigned char text[TEXT_BYTES], packed[ROOM], back[TEXT_BYTES];
    fill_text(text, sizeof text);
    uLong size = sizeof packed, source_size;
    note("version %s flags %lx bound %lu ", REAL(lib, const char *, zlibVersion),
         REAL(lib, uLong, zlibCompileFlags) & ~0xfful /* sizes of types */,
         REAL(lib, uLong, compressBound, (uLong)sizeof text));
    note("compress %d ", REAL(lib, int, compress, packed, &size, text, (uLong)sizeof text));
    note("%lu %lx ", size, sum(packed, size));
    source_size = size;
    size = 100;
    note("small %d ", REAL(lib, int, compress2, packed + 70000, &size, text, (uLong)sizeof text, 1));
    size = sizeof back;
    note("uncompress %d ", REAL(lib, int, uncompress, back, &size, packed, source_size));
    note("%lu %lx ", size, sum(back, size));
    size = 1000;
    memset(back, 0, sizeof back);
    note("uncompress2 %d ", REAL(lib, int, uncompress2, back, &size, packed, &source_size));
    note("%lu %lu %lx ", size, source_size, sum(back, 1000));
    for (int i = -7; i <= 2; i++) {
        note("%s; ", REAL(lib, const char *, zError, i));
    }
    const uLong first = REAL(lib, uLong, crc32, 0ul, NULL, 0u), one = REAL(lib, uLong, adler32, 0ul, NULL, 0u);
    const uLong a = REAL(lib, uLong, crc32, first, text, 1000u);
    const uLong b = REAL(lib, uLong, crc32_z, first, text + 1000, (z_size_t)2000);
    const uLong c = REAL(lib, uLong, adler32, one, text, 1000u);
    const uLong d = REAL(lib, uLong, adler32_z, one, text + 1000, (z_size_t)2000);
    note("sums %lx %lx %lx %lx %lx %lx ", first, one, a, b, c, d);
    note("combined %lx %lx %lx %lx ", REAL(lib, uLong, crc32_combine, a, b, (off_t)2000),
         REAL(lib, uLong, adler32_combine, c, d, (off_t)2000),
         REAL(lib, uLong, crc32_combine64, a, b, (off64_t)5000000000LL),
         REAL(lib, uLong, adler32_combine64, c, d, (off64_t)5000000000LL));
    const uLong ops[2] = {REAL(lib, uLong, crc32_combine_gen, (off_t)2000),
                          REAL(lib, uLong, crc32_combine_gen64, (off64_t)1 << 40)};
    note("op %lx %lx ", REAL(lib, uLong, crc32_combine_op, a, b, ops[0]),
         REAL(lib, uLong, crc32_combine_op, a, b, ops[1]));
    const z_crc_t *table = REAL(lib, const z_crc_t *, get_crc_table);
    const z_crc_t *again = REAL(lib, const z_crc_t *, get_crc_table);
    assert_ptr_equal(table, again);
    note("table %lx\n", sum(table, 256 * sizeof *table));
}

TEST(zlib_whole_checksums_and_what_is_done_in_one_piece) {
    compare(one_piece);
}

TEST(zlib_whole_streams_that_were_not_begun_have_the_librarys_own_result) {
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = real_open(target, "libz.so.1", "zlib.h", "zlib.h", "-D_LARGEFILE64_SOURCE");
        z_stream strm;
        int rc = 77;
        memset(&strm, 0, sizeof strm);
        assert_int_equal(fc_call(real_function(lib, "inflate"), &rc, &strm, Z_FINISH), FC_EINVAL);
        assert_int_equal(rc, Z_STREAM_ERROR);
        assert_int_equal(REAL(lib, int, deflateInit_, &strm, 99, ZLIB_VERSION, (int)sizeof strm), Z_STREAM_ERROR);
        rc = 77; /* what failed did not begin */
        assert_int_equal(fc_call(real_function(lib, "deflateEnd"), &rc, &strm), FC_EINVAL);
        assert_int_equal(rc, Z_STREAM_ERROR);
        real_close(lib);
    }
}
