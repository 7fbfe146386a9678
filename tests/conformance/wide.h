/* conformance: strings of wchar_t, which has 32 bits on Linux and 16 on Windows. What they have in common are
 * characters: the library counts those. */
#ifndef CONFORMANCE_WIDE_H
#define CONFORMANCE_WIDE_H

#include "sal.h"

#include <stddef.h>

/* In and out. NULL gives a sum of its own. */
unsigned long long sum_wide(_In_opt_z_ const wchar_t *text);
unsigned long long sum_bounded_wide(_In_reads_or_z_(most) const wchar_t *text, size_t most);
int copy_wide_upper(_In_z_ const wchar_t *text, _Out_writes_z_(size) wchar_t *upper, size_t size);
void upper_wide(_Inout_z_ wchar_t *text);
int append_wide(_Inout_updates_z_(size) wchar_t *text, size_t size, _In_z_ const wchar_t *more);

/* Returned: the library's own, what it has allocated, and what lies in an argument. */
_Ret_z_ const wchar_t *constant_wide(int index);
_Ret_z_ wchar_t *wide_of(int number);
unsigned long long free_wide(_Fc_opaque_ wchar_t *text);
_Ret_maybenull_z_ const wchar_t *find_wide(_In_z_ const wchar_t *text, wchar_t letter);
int name_of_wide(int index, _Outptr_result_z_ const wchar_t **name);

/* Lists. */
unsigned long long sum_wide_list(_In_reads_(count) _Deref_pre_z_ const wchar_t *const *texts, int count);
unsigned long long sum_wide_null_ended_list(_In_ _NullNull_terminated_ _Deref_pre_z_ const wchar_t *const *texts);
unsigned long long sum_wide_block(_In_ _NullNull_terminated_ const wchar_t *block);

/* In structs: an array and a pointer. */
struct wide_label {
    wchar_t text[8];
    short number;
    _Field_z_ const wchar_t *more;
};
unsigned long long sum_wide_label(_In_ const struct wide_label *label);
void fill_wide_label(_Inout_ struct wide_label *label, int index);
struct wide_label wide_label_of(struct wide_label label, int index);

/* Functions of the caller's: they are given one, fill one in, and return one. */
int each_wide_word(_In_z_ const wchar_t *text, int (*visit)(_Fc_opaque_ void *user, _In_z_ const wchar_t *word),
                   _Fc_opaque_ void *user);
unsigned long long ask_wide(int (*name)(_Fc_opaque_ void *user, _Out_writes_z_(size) wchar_t *name, int size),
                            _Fc_opaque_ void *user);
unsigned long long ask_wide_result(_Ret_z_ const wchar_t *(*name)(_Fc_opaque_ void *user), _Fc_opaque_ void *user);

#endif
