/* tests: the struct of tests/libs/lasting.c that its functions remember. */
#ifndef FC_TESTS_METER_H
#define FC_TESTS_METER_H

struct meter {
    long value, limit;
    void (*reached)(struct meter *meter);
    void *user;
    const char *unit;
};
#define METER                                                                                                          \
    "struct meter { long value, limit; void (*reached)(_Inout_ struct meter *meter); _Fc_opaque_ void *user; "         \
    "_Fc_local_ const char *unit; }; "

#endif
