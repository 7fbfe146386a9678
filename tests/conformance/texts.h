/* conformance: strings in, out, returned, in lists; narrow and UTF-16. */
#ifndef CONFORMANCE_TEXTS_H
#define CONFORMANCE_TEXTS_H

#include "sal.h"

#include <stddef.h>
#include <stdint.h>

/* In. NULL gives a sum of its own. */
unsigned long long sum_text(_In_opt_z_ const char *text);
int count_letter(_In_z_ const char *text, char letter);
int compare_texts(_In_z_ const char *left, _In_z_ const char *right);
unsigned long long sum_five_texts(_In_opt_z_ const char *a, _In_opt_z_ const char *b, _In_opt_z_ const char *c,
                                  _In_opt_z_ const char *d, _In_opt_z_ const char *e);
unsigned long long sum_counted_text(_In_reads_(len) const char *text, size_t len);
unsigned long long sum_unsigned_text(_In_z_ const unsigned char *text);

/* In, out and back. */
void reverse_text(_Inout_updates_(size) char *text, size_t size);
int copy_upper(_In_z_ const char *text, _Out_writes_(size) char *upper, size_t size);
size_t join_texts(_In_z_ const char *left, _In_z_ const char *right, _Out_writes_to_(size, 1 + return ) char *both,
                  size_t size);
void replace_letter(_Inout_updates_(*len) char *text, _Inout_ int *len, char from, char to);
void fill_fixed_text(_Out_writes_(16) char text[16], int seed);
int swap_two_texts(_Inout_updates_(left_size) char *left, int left_size, _Inout_updates_(right_size) char *right,
                   int right_size);

/* Returned. */
_Ret_z_ const char *constant_text(int index);
_Ret_maybenull_z_ const char *find_in_table(_In_z_ const char *key);
_Ret_z_ const char *static_text_of(int number);
_Ret_z_ char *same_text_again(_In_z_ char *text);

/* Pointers into an argument, and just behind its end. */
_Ret_maybenull_z_ const char *find_letter(_In_z_ const char *text, int letter);
long parse_number(_In_z_ const char *text, _Outptr_ const char **end);
_Ret_z_ const char *end_of_text(_In_z_ const char *text);

/* Out through T **: of the library's own storage, and what was given. */
int name_of_month(int month, _Outptr_result_maybenull_z_ const char **name);
int next_word(_Outptr_result_maybenull_z_ const char **word, int after);

/* UTF-16. */
unsigned long long sum_utf16(_In_opt_z_ const uint16_t *text);
size_t utf16_of_utf8(_In_z_ const char *text, _Out_writes_(size) uint16_t *units, size_t size);

/* Lists. */
unsigned long long sum_null_ended_list(_In_opt_ _NullNull_terminated_ const char *const *texts);
unsigned long long sum_counted_list(_In_reads_(count) _Deref_pre_z_ const char *const *texts, int count);
int longest_of_list(_In_ _NullNull_terminated_ char **texts);
unsigned long long sum_block_of_texts(_In_reads_(size) const char *block, size_t size);
int sort_list(_Inout_updates_(count) _Deref_pre_z_ const char **texts, int count);

/* In structs: a pointer, an array, both. */
struct label {
    int number;
    _Field_z_ const char *text;
    char unit[12];
};
unsigned long long sum_label(_In_ const struct label *label);
void fill_label_unit(_Inout_ struct label *label, int seed);
struct menu {
    int count;
    _Field_size_(count) const char *const *titles;
    _NullNull_terminated_ const char *const *groups;
};
unsigned long long sum_menu(_In_ const struct menu *menu);

#endif
