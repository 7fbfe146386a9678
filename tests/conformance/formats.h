/* conformance: functions of the caller's that are told what a format says, as `...` and in a list. */
#ifndef CONFORMANCE_FORMATS_H
#define CONFORMANCE_FORMATS_H

#include "sal.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

typedef int teller(_Fc_opaque_ void *user, _Printf_format_string_ const char *format, ...);
typedef long list_teller(double before, _Fc_opaque_ void *user, _Printf_format_string_ const char *format,
                         va_list list);

/* One or more calls of it; the sum of what it returned. */
int tell_integers(teller *tell, _Fc_opaque_ void *user, int a, unsigned b, long c, long long d, size_t e);
int tell_small(teller *tell, _Fc_opaque_ void *user, signed char a, unsigned short b, bool c, char d);
int tell_reals(teller *tell, _Fc_opaque_ void *user, double a, float b, long double c, int width, int precision);
int tell_texts(teller *tell, _Fc_opaque_ void *user, _In_opt_z_ const char *text, int most);
int tell_unended(teller *tell, _Fc_opaque_ void *user, _In_reads_(size) const char *text, int size);
int tell_wide(teller *tell, _Fc_opaque_ void *user, _In_z_ const wchar_t *text, int most);
int tell_pointers(teller *tell, _Fc_opaque_ void *user, _Fc_opaque_ const void *pointer);
int tell_many(teller *tell, _Fc_opaque_ void *user, int seed);
int tell_nothing(teller *tell, _Fc_opaque_ void *user);

/* The same in a list, of which so many were taken by then. */
long tell_list(list_teller *tell, _Fc_opaque_ void *user, int skipped, int a, double b, long c, long double d,
               _In_z_ const char *e);
long tell_list_twice(list_teller *tell, _Fc_opaque_ void *user, long long value);

/* In a struct, and kept. */
struct told {
    teller *tell;
    list_teller *tell_list;
    _Fc_opaque_ void *user;
};
int tell_members(_In_ const struct told *told, int value, _In_z_ const char *text);
void keep_teller(teller *tell, _Fc_opaque_ void *user);
int tell_kept(int times);

/* Letters of the library's own. */
int tell_own(int (*tell)(_Fc_opaque_ void *user, _Printf_format_string_ _Fc_conversions_(qs, wd) const char *format,
                         ...),
             _Fc_opaque_ void *user, _In_z_ const char *text, int number);

#endif
