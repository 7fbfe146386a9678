/* bench: whole headers: reading one for both sides, and compiling every function that it declares; reading all that
 * Windows has. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER "sqlite3.h"

/* What the preprocessor prints of the header; NULL if it, or the header, is not here. */
static char *preprocessed(const char *header, const char *compiler) {
    char command[256];
    snprintf(command, sizeof command, "echo '#include <%s>' | %s -E -xc - 2>/dev/null", header, compiler);
    FILE *output = popen(command, "r"); /* NOLINT(cert-env33-c): a compiler, outside what is measured */
    bench_check_errno(output != NULL, "cc");
    enum { MOST = 8 << 20 };
    char *text = bench_alloc(MOST);
    const size_t used = fread(text, 1, MOST - 1, output);
    text[used] = '\0';
    if (pclose(output) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static struct fc_declarations *read_both(const char *here, const char *there) {
    struct fc_declarations *declarations;
    bench_check(fc_declarations_new(BENCH_OTHER_TARGET, &declarations), "fc_declarations_new");
    bench_check(fc_declarations_read(declarations, HEADER, here, there), "fc_declarations_read");
    return declarations;
}

/* Each function is compiled, and described, which adds a little; what lacks annotations is refused, which costs as
 * much. */
static unsigned compile_all(struct fc_declarations *declarations) {
    unsigned count = 0;
    const char *name;
    for (; (name = fc_declarations_function(declarations, count)) != NULL; count++) {
        size_t bytes;
        (void)fc_declarations_explain(declarations, name, NULL, 0, &bytes);
    }
    return count;
}

static void bench_windows(void) {
    char *text = preprocessed("windows.h", "i686-w64-mingw32-gcc");
    if (text == NULL) {
        fprintf(stderr, "bench: declarations: no gcc of mingw, so no windows.h\n");
        return;
    }
    const unsigned count = bench.slices;
    double *reading = bench_alloc(count * sizeof *reading);
    for (unsigned i = 0; i < count; i++) {
        struct fc_declarations *declarations;
        const uint64_t start = bench_now_ns();
        bench_check(fc_declarations_new("i386-windows", &declarations), "fc_declarations_new");
        bench_check(fc_declarations_read(declarations, "windows.h", "", text), "fc_declarations_read");
        reading[i] = (double)(bench_now_ns() - start);
        fc_declarations_free(declarations);
    }
    bench_report("declarations_windows", "one side", bench_median(reading, count) / 1e6, "ms", NAN, NAN, "< 100 ms");
    free(text);
    free(reading);
}

void bench_group_declarations(void) {
    bench_windows();
    char *here = preprocessed(HEADER, sizeof(void *) == 8 ? "cc -m64" : "cc -m32");
    char *there = preprocessed(HEADER, sizeof(void *) == 8 ? "cc -m32" : "cc -m64");
    if (here == NULL || there == NULL) {
        fprintf(stderr, "bench: declarations: no compiler for both widths, or no " HEADER "\n");
        free(here);
        free(there);
        return;
    }
    const unsigned count = bench.slices * (bench.scale < 1 ? 1 : 5);
    double *reading = bench_alloc(count * sizeof *reading), *compiling = bench_alloc(count * sizeof *compiling);
    unsigned functions = 0;
    for (unsigned i = 0; i < count; i++) {
        const uint64_t start = bench_now_ns();
        struct fc_declarations *declarations = read_both(here, there);
        const uint64_t middle = bench_now_ns();
        functions = compile_all(declarations);
        reading[i] = (double)(middle - start) / 2; /* for one side */
        compiling[i] = (double)(bench_now_ns() - middle);
        fc_declarations_free(declarations);
    }
    bench_report("declarations_read", "one side", bench_median(reading, count) / 1e6, "ms", NAN, NAN, "<= 3 ms");
    bench_report("declarations_compile", "all", bench_median(compiling, count) / 1e6, "ms", NAN, NAN, "<= 5 ms");
    bench_report("declarations_compile", "functions", functions, "functions", NAN, NAN, "");
    free(here);
    free(there);
    free(reading);
    free(compiling);
}
