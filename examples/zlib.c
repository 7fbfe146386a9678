/* A program computes with a zlib of the other bitness: it compresses a file there, compares the outcome byte for byte
 * with that of its own zlib, and uncompresses it there again.
 *
 *     zlib FILE */
#include <farcall/farcall.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#if UINTPTR_MAX > UINT32_MAX
#define OTHER_TARGET "i386-linux"
#else
#define OTHER_TARGET "x86_64-linux"
#endif

/* zlib.h's own declarations, and what they do not say: how far the pointers reach. `long` has 64 bits on one side and
 * 32 on the other; the plan that is made from the prototype sees to that. */
static const char COMPRESS_BOUND[] = "unsigned long compressBound(unsigned long sourceLen)";
static const char COMPRESS2[] =
    "int compress2(_Out_writes_to_(*destLen, *destLen) unsigned char *dest, _Inout_ unsigned long *destLen,"
    "              _In_reads_(sourceLen) const unsigned char *source, unsigned long sourceLen, int level)";
static const char UNCOMPRESS[] =
    "int uncompress(_Out_writes_to_(*destLen, *destLen) unsigned char *dest, _Inout_ unsigned long *destLen,"
    "               _In_reads_(sourceLen) const unsigned char *source, unsigned long sourceLen)";
static const char VERSION[] = "const char *zlibVersion(void)";

static void die(const char *what) {
    fprintf(stderr, "zlib: %s\n", what);
    exit(EXIT_FAILURE);
}

static void check(int rc) {
    if (rc != FC_OK) {
        die(fc_error_text());
    }
}

static unsigned char *allocate(size_t size) {
    unsigned char *memory = malloc(size + 1);
    if (memory == NULL) {
        die("out of memory");
    }
    return memory;
}

static unsigned char *read_file(const char *path, unsigned long *ret_len) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    long len = ftell(file);
    rewind(file);
    unsigned char *bytes = len >= 0 ? allocate((size_t)len) : NULL;
    if (bytes == NULL || fread(bytes, 1, (size_t)len, file) != (size_t)len) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    fclose(file);
    *ret_len = (unsigned long)len;
    return bytes;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return 2;
    }
    unsigned long source_len, bound, there_len, back_len, own_len;
    unsigned char *source = read_file(argv[1], &source_len);

    /* By name, so the target has to be said: the loader of that bitness finds its libz.so.1. */
    struct fc_options *options = fc_options_new();
    struct fc_library *zlib;
    check(options != NULL ? fc_options_set_target(options, OTHER_TARGET) : FC_ENOMEM);
    check(fc_open("libz.so.1", options, &zlib));
    fc_options_free(options);

    struct fc_function *version, *compress_bound, *compress_there, *uncompress_there;
    check(fc_bind(zlib, VERSION, &version));
    check(fc_bind(zlib, COMPRESS_BOUND, &compress_bound));
    check(fc_bind(zlib, COMPRESS2, &compress_there));
    check(fc_bind(zlib, UNCOMPRESS, &uncompress_there));

    const char *text;
    check(fc_call(version, &text));
    printf("zlib %s for %s, in process %d; this is process %d, of %d bits, with its own zlib %s.\n", text, OTHER_TARGET,
           fc_session_host_pid(fc_library_session(zlib)), (int)getpid(), (int)sizeof(void *) * 8, zlibVersion());

    int status;
    check(fc_call(compress_bound, &bound, source_len));
    unsigned char *there = allocate(bound), *own = allocate(bound), *back = allocate(source_len);
    there_len = own_len = bound;
    check(fc_call(compress_there, &status, there, &there_len, source, source_len, 9));
    if (status != Z_OK || compress2(own, &own_len, source, source_len, 9) != Z_OK) {
        die("compress2 failed");
    }
    back_len = source_len;
    check(fc_call(uncompress_there, &status, back, &back_len, there, there_len));
    if (status != Z_OK) {
        die("uncompress failed");
    }
    int is_equal = there_len == own_len && memcmp(there, own, own_len) == 0;
    int is_whole = back_len == source_len && memcmp(back, source, source_len) == 0;
    printf("%s: %lu bytes, compressed to %lu; %s what this program's own zlib makes of it; uncompressed it is %s.\n",
           argv[1], source_len, there_len, is_equal ? "byte for byte" : "NOT",
           is_whole ? "the file again" : "NOT the file");

    fc_library_close(zlib);
    free(source);
    free(there);
    free(own);
    free(back);
    return is_equal && is_whole ? EXIT_SUCCESS : EXIT_FAILURE;
}
