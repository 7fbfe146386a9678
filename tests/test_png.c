/* libpng of the other bitness, and of this one in a host, through its real header and the sidecar: images written and
 * read with the caller's functions, beside the library called directly; errors that leave by longjmp. */
#include "real.h"

#include <png.h>
#include <setjmp.h>

enum { WIDTH = 200, HEIGHT = 150, ROW_BYTES = WIDTH * 4, FILE_MAX_BYTES = 1 << 20 };

struct image {
    struct real *lib;
    unsigned char *bytes;
    size_t size, at;
    unsigned calls, flushes;
    char failure[256];
    jmp_buf out;
};

static unsigned char pixel(int x, int y) {
    return (unsigned char)(x < ROW_BYTES / 2 ? x + y : (x * x + y * 31) >> 3);
}

static struct image *image_new(struct real *lib) {
    struct image *image = calloc(1, sizeof *image);
    require(image != NULL);
    image->lib = lib;
    image->bytes = malloc(FILE_MAX_BYTES);
    require(image->bytes != NULL);
    return image;
}
static void image_free(struct image *image) {
    free(image->bytes);
    free(image);
}

/* -- functions that the library calls ------------------------------------------------------------------------------ */

static struct image *image_of; /* of the call in flight */

static void on_write(png_structp png, png_bytep data, size_t size) {
    struct image *image = REAL(image_of->lib, void *, png_get_io_ptr, png);
    require(size <= FILE_MAX_BYTES - image->size);
    memcpy(image->bytes + image->size, data, size);
    image->size += size;
    image->calls++;
}
static void on_flush(png_structp png) {
    struct image *image = REAL(image_of->lib, void *, png_get_io_ptr, png);
    image->flushes++;
}
static void on_read(png_structp png, png_bytep data, size_t size) {
    struct image *image = REAL(image_of->lib, void *, png_get_io_ptr, png);
    image->calls++;
    if (size > image->size - image->at) {
        REAL_VOID(image->lib, png_error, png, "the file ends here"); /* does not return */
    }
    memcpy(data, image->bytes + image->at, size);
    image->at += size;
}
static void on_error(png_structp png, png_const_charp text) {
    struct image *image = REAL(image_of->lib, void *, png_get_error_ptr, png);
    snprintf(image->failure, sizeof image->failure, "%s", text);
    longjmp(image->out, 1);
}
static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

/* -- writing and reading ------------------------------------------------------------------------------------------- */

static void write_image(struct image *image) {
    struct real *lib = image->lib;
    image_of = image;
    png_structp png =
        REAL(lib, png_structp, png_create_write_struct, PNG_LIBPNG_VER_STRING, (void *)image, on_error, on_warning);
    assert_non_null(png);
    png_infop info = REAL(lib, png_infop, png_create_info_struct, png);
    REAL_VOID(lib, png_set_write_fn, png, (void *)image, on_write, on_flush);
    REAL_VOID(lib, png_set_IHDR, png, info, (png_uint_32)WIDTH, (png_uint_32)HEIGHT, 8, PNG_COLOR_TYPE_RGB_ALPHA,
              PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    REAL_VOID(lib, png_set_gAMA, png, info, 0.45455);
    REAL_VOID(lib, png_write_info, png, info);
    unsigned char *row = REAL(lib, void *, png_malloc, png, (png_alloc_size_t)ROW_BYTES); /* written in place */
    assert_non_null(row);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < ROW_BYTES; x++) {
            row[x] = pixel(x, y);
        }
        REAL_VOID(lib, png_write_row, png, (png_const_bytep)row);
    }
    REAL_VOID(lib, png_write_end, png, info);
    REAL_VOID(lib, png_free, png, (void *)row);
    REAL_VOID(lib, png_destroy_write_struct, &png, &info);
    assert_null(png);
    assert_null(info);
}

/* True if it is the image that write_image wrote; on an error of the library false, with its text in the image. */
static __attribute__((noinline)) bool read_image(struct image *image) {
    struct real *lib = image->lib;
    struct {
        png_structp png;
        png_infop info;
    } *const made = calloc(1, sizeof *made); /* memory that the jump leaves alone */
    require(made != NULL);
    image_of = image;
    image->at = 0;
    made->png =
        REAL(lib, png_structp, png_create_read_struct, PNG_LIBPNG_VER_STRING, (void *)image, on_error, on_warning);
    assert_non_null(made->png);
    if (setjmp(image->out) != 0) {
        REAL_VOID(lib, png_destroy_read_struct, &made->png, &made->info, NULL);
        free(made);
        return false;
    }
    made->info = REAL(lib, png_infop, png_create_info_struct, made->png);
    REAL_VOID(lib, png_set_read_fn, made->png, (void *)image, on_read);
    REAL_VOID(lib, png_read_info, made->png, made->info);
    png_uint_32 width = 0, height = 0;
    int depth = 0, color = 0;
    double gamma = 0;
    assert_int_not_equal(
        REAL(lib, png_uint_32, png_get_IHDR, made->png, made->info, &width, &height, &depth, &color, NULL, NULL, NULL),
        0);
    assert_int_equal(width, WIDTH);
    assert_int_equal(height, HEIGHT);
    assert_int_equal(depth, 8);
    assert_int_equal(color, PNG_COLOR_TYPE_RGB_ALPHA);
    assert_true(REAL(lib, size_t, png_get_rowbytes, made->png, made->info) == ROW_BYTES);
    assert_true(REAL(lib, png_uint_32, png_get_gAMA, made->png, made->info, &gamma) == PNG_INFO_gAMA);
    assert_true(gamma > 0.454 && gamma < 0.455);
    unsigned char *row = REAL(lib, void *, png_malloc, made->png, (png_alloc_size_t)ROW_BYTES);
    bool is_same = true;
    for (int y = 0; y < HEIGHT; y++) {
        REAL_VOID(lib, png_read_row, made->png, (png_bytep)row, NULL);
        for (int x = 0; x < ROW_BYTES; x++) {
            is_same = is_same && row[x] == pixel(x, y);
        }
    }
    REAL_VOID(lib, png_read_end, made->png, made->info);
    REAL_VOID(lib, png_free, made->png, (void *)row);
    REAL_VOID(lib, png_destroy_read_struct, &made->png, &made->info, NULL);
    free(made);
    return is_same;
}

static struct real *open_png(const char *target) {
    return real_open(target, "libpng16.so.16", "png.h", "png.h", "");
}

/* -- tests --------------------------------------------------------------------------------------------------------- */

TEST(image_is_the_one_that_the_library_writes_natively) {
    struct real *native = real_native("libpng16.so.16");
    struct image *should_be = image_new(native);
    write_image(should_be);
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = open_png(target);
        struct image *image = image_new(lib);
        write_image(image);
        assert_true(image->calls > 4);
        assert_true(image->size == should_be->size);
        assert_memory_equal(image->bytes, should_be->bytes, image->size);
        assert_true(read_image(image));
        image->lib = native; /* and natively again */
        assert_true(read_image(image));
        image_free(image);
        real_close(lib);
    }
    image_free(should_be);
    real_close(native);
}

TEST(error_leaves_by_longjmp) {
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = open_png(target);
        struct image *image = image_new(lib);
        write_image(image);
        const size_t size = image->size;
        for (int i = 0; i < 20; i++) {
            image->bytes[size / 2] ^= 0x55;
            assert_false(read_image(image));
            assert_string_not_equal(image->failure, "");
            image->bytes[size / 2] ^= 0x55;
            image->size = size / 2;
            assert_false(read_image(image));
            assert_string_equal(image->failure, "the file ends here");
            image->size = size;
            assert_true(read_image(image));
        }
        image->bytes[0] = 'x';
        assert_false(read_image(image));
        assert_string_equal(image->failure, "Not a PNG file");
        assert_int_not_equal(REAL(lib, int, png_sig_cmp, (png_const_bytep)image->bytes, (size_t)0, (size_t)8), 0);
        image_free(image);
        real_close(lib);
    }
}
