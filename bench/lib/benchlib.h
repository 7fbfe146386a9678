/* bench: what the library that is called and its callers both know. */
#ifndef FC_BENCH_LIB_BENCHLIB_H
#define FC_BENCH_LIB_BENCHLIB_H

struct mixed {
    char a;
    short b;
    int c;
    unsigned d;
    float e;
    double f;
    long g;
    unsigned char h;
};
#define MIXED "struct mixed { char a; short b; int c; unsigned d; float e; double f; long g; unsigned char h; }; "
struct record {
    long id;
    int values[16];
    double weights[2];
    char name[8];
};

#endif
