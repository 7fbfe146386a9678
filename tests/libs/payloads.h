/* tests: what libpayloads and its callers both know. */
#ifndef FC_TESTS_LIBS_PAYLOADS_H
#define FC_TESTS_LIBS_PAYLOADS_H

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

#endif
