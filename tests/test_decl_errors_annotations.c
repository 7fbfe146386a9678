/* Which annotations fc__decl_parse refuses, and the whole text of each error. */
#include "decl_refuse.h"

/* -- Annotations --------------------------------------------------------------------------------------------------- */

TEST(decl_refuses_unknown_annotations) {
    REFUSE(FC_EPARSE,
           {"int f(_In_read_(n) char *p, int n)", 7, "unknown annotation '_In_read_'; did you mean '_In_reads_'?"},
           {"int f(_Foo_bar_baz_ char *p)", 7, "unknown annotation '_Foo_bar_baz_'"},
           {"int f(_IN_ int *x)", 7, "unknown annotation '_IN_'; did you mean '_In_'?"},
           {"int f(_Inout_updates_byte_(n) char *p, int n)", 7,
            "unknown annotation '_Inout_updates_byte_'; did you mean '_Inout_updates_bytes_'?"},
           {"int f(char *_Im_z_ p)", 13, "unknown annotation '_Im_z_'; did you mean '_In_z_'?"},
           {"struct s { _Field_sise_(n) char *p; };", 12,
            "unknown annotation '_Field_sise_'; did you mean '_Field_size_'?"},
           {"int _Check_retrun_ f(void)", 5, "unknown annotation '_Check_retrun_'; did you mean '_Check_return_'?"});
}

TEST(decl_refuses_contradicting_annotations) {
    REFUSE(FC_EPARSE, {"int f(_In_ _Out_ int *p)", 12, "'_Out_' contradicts '_In_' before it"},
           {"int f(_In_ _In_ int *p)", 12, "'_In_' is given twice"},
           {"int f(_In_z_ _In_ char *p)", 14, "'_In_' contradicts '_In_z_' before it"},
           {"int f(_In_z_ _Fc_opaque_ char *p)", 14, "'_Fc_opaque_' contradicts '_In_z_' before it"},
           {"int f(_In_z_ _Fc_opaque_ char *q)", 14, "'_Fc_opaque_' contradicts '_In_z_' before it"},
           {"int f(_Out_ int _Inout_ *p)", 17, "'_Inout_' contradicts '_Out_' before it"},
           {"_Ret_z_ _Ret_maybenull_z_ char *f(void)", 9, "'_Ret_maybenull_z_' contradicts '_Ret_z_' before it"},
           {"_Ret_z_ _Fc_opaque_ char *f(void)", 9, "'_Fc_opaque_' contradicts '_Ret_z_' before it"});
}

TEST(decl_counts_the_arguments_of_annotations) {
    REFUSE(FC_EPARSE, {"int f(_In_reads_ char *p)", 18, "'_In_reads_' takes one argument, a size"},
           {"int f(_In_reads_() char *p)", 18, "'_In_reads_' takes one argument, a size"},
           {"int f(_In_reads_(1, 2) char *p)", 19, "'_In_reads_' takes one argument, a size"},
           {"int f(_In_(1) char *p)", 11, "'_In_' takes no argument"},
           {"int f(_Out_writes_to_(1) char *p)", 24,
            "'_Out_writes_to_' takes two arguments: a size, and the size after the call"},
           {"int f(_Out_writes_to_(1, 2, 3) char *p)", 27,
            "'_Out_writes_to_' takes two arguments: a size, and the size after the call"},
           {"_Success_ int f(void)", 11, "'_Success_' takes one argument, a condition"});
}

TEST(decl_refuses_misplaced_annotations) {
    REFUSE(FC_EPARSE, {"int f(_Ret_z_ char *p)", 7, "'_Ret_z_' belongs before a function"},
           {"int f(_Success_(1) int p)", 7, "'_Success_' belongs before a function"},
           {"_In_ int f(void)", 1, "'_In_' belongs before a parameter"},
           {"int f(char *_In_z_ p)", 13, "'_In_z_' must stand before the type, not in it"},
           {"struct s { _In_ int x; };", 12, "'_In_' belongs before a parameter"},
           {"_Ret_z_ char *x", 1, "'_Ret_z_' describes the result of a function, and 'x' is none"},
           {"_Ret_z_ typedef char *x", 1, "'_Ret_z_' describes the result of a function, and 'x' is none"},
           {"_Fc_opaque_ void *x", 1, "'_Fc_opaque_' describes the result of a function, and 'x' is none"},
           {"int x[(_In_ int)5];", 13, "expected ')' after the expression, found 'int'"});
}

TEST(decl_refuses_annotations_that_do_not_suit_the_type) {
    REFUSE(
        FC_EPARSE, {"int f(_Out_ int p)", 7, "'_Out_' needs a pointer; parameter 'p' is 'int'"},
        {"int f(_In_reads_(3) long)", 7, "'_In_reads_' needs a pointer; parameter 1 is 'long'"},
        {"int f(_In_z_ char c)", 7, "'_In_z_' needs a pointer; parameter 'c' is 'char'"},
        {"int f(_Out_ _Fc_opaque_ void *p)", 13,
         "'_Fc_opaque_' beside another annotation needs a pointer to pointers; parameter 'p' is 'void *'"},
        {"int f(_Fc_opaque_ _In_reads_(3) char *p)", 7,
         "'_Fc_opaque_' beside another annotation needs a pointer to pointers; parameter 'p' is 'char *'"},
        {"int f(_Fc_opaque_ int p)", 7, "'_Fc_opaque_' needs a pointer; parameter 'p' is 'int'"},
        {"int f(_Out_ const int *p)", 7,
         "'_Out_' needs a pointer to what is not const; parameter 'p' is 'const int *'"},
        {"int f(_Inout_ const int *p)", 7,
         "'_Inout_' needs a pointer to what is not const; parameter 'p' is 'const int *'"},
        {"int f(_Out_writes_(2) const char p[2])", 7,
         "'_Out_writes_' needs a pointer to what is not const; parameter 'p' is 'const char *'"},
        {"int f(_Outptr_ int *p)", 7, "'_Outptr_' needs a pointer to a pointer; parameter 'p' is 'int *'"},
        {"int f(_In_z_ void *p)", 7, "'_In_z_' needs a pointer to characters; parameter 'p' is 'void *'"},
        {"int f(_In_z_ double *p)", 7, "'_In_z_' needs a pointer to characters; parameter 'p' is 'double *'"},
        {"int f(_In_reads_(n) void *p, int n)", 7,
         "'_In_reads_' counts elements, and void has no size: use the form with '_bytes_'; parameter 'p' is 'void *'"},
        {"int f(_Out_ int (*cb)(void))", 7,
         "'_Out_' cannot describe a pointer to a function; parameter 'cb' is 'int (*)(void)'"},
        {"_Ret_z_ int f(void)", 1, "'_Ret_z_' needs a pointer; the result of 'f' is 'int'"},
        {"_Fc_opaque_ int f(void)", 1, "'_Fc_opaque_' needs a pointer; the result of 'f' is 'int'"});
}

TEST(decl_refuses_sizes_that_name_no_parameter) {
    REFUSE(FC_EPARSE, {"int f(_In_reads_(n) char *p)", 18, "'_In_reads_' names 'n', which is no parameter"},
           {"int f(_In_reads_(lenght) char *p, int length)", 18,
            "'_In_reads_' names 'lenght', which is no parameter; did you mean 'length'?"},
           {"int f(_In_reads_(*n) char *p, int m)", 19, "'_In_reads_' names 'n', which is no parameter"},
           {"int f(int n, int (*g)(int (*h)(_In_reads_(n) char *p)))", 43,
            "'_In_reads_' names 'n', which is no parameter"},
           {"int f(int *n, int (*g)(_In_reads_(*n) char *p))", 36,
            "'n' is a parameter of the function around this one, and can only be named by itself"},
           {"int f(double n, int (*g)(_In_reads_(n) char *p))", 37, "the size needs an integer, and 'n' is 'double'"},
           {"int f(int n, struct s { int (*g)(_In_reads_(n) char *p); } *s)", 45,
            "'_In_reads_' names 'n', which is no parameter"},
           {"typedef int g(_In_reads_(n) char *p); int f(int n, g *p)", 26,
            "'_In_reads_' names 'n', which is no parameter"},
           {"typedef int n; int f(_In_reads_(n) char *p)", 33, "'_In_reads_' names 'n', which is no parameter"},
           {"int f(_In_reads_(n) char *p, int (*g)(int n))", 18, "'_In_reads_' names 'n', which is no parameter"});
}

TEST(decl_refuses_sizes_of_the_wrong_type) {
    REFUSE(
        FC_EPARSE,
        {"int f(_In_reads_(n) char *p, int *n)", 18, "the size needs an integer, and 'n' is 'int *': write '*n'"},
        {"int f(_In_reads_(*n) char *p, int n)", 19,
         "the size needs a pointer to an integer, and 'n' is 'int': write 'n'"},
        {"int f(_In_reads_(*n) char *p, void *n)", 19, "the size needs a pointer to an integer, and 'n' is 'void *'"},
        {"int f(_In_reads_(n) char *p, double n)", 18, "the size needs an integer, and 'n' is 'double'"},
        {"int f(_In_reads_(p) char *p)", 18, "the size needs an integer, and 'p' is 'char *': write '*p'"},
        {"int f(_In_reads_(n) char *p, double *n)", 18, "the size needs an integer, and 'n' is 'double *'"},
        {"int f(_In_reads_(*n) char *p, double *n)", 19,
         "the size needs a pointer to an integer, and 'n' is 'double *'"});
}

TEST(decl_refuses_sizes_read_before_they_are_written) {
    REFUSE(FC_EPARSE,
           {"int f(_Out_writes_(*n) char *p, _Out_ int *n)", 21,
            "the size is read before the call, and 'n' is '_Out_': make it '_Inout_'"},
           {"int f(_Out_writes_to_(*n, *n) char *p, _Out_ int *n)", 24,
            "the size is read before the call, and 'n' is '_Out_': make it '_Inout_'"});
}

TEST(decl_refuses_bad_size_expressions) {
    REFUSE(
        FC_EPARSE,
        {"int f(_In_reads_(n /) char *p, int n)", 21, "expected a number or the name of a parameter, found ')'"},
        {"int f(_In_reads_(n / 0) char *p, int n)", 22, "a division by zero"},
        {"int f(_In_reads_(-1) char *p, int n)", 18, "expected a number or the name of a parameter, found '-'"},
        {"int f(_In_reads_(n n) char *p, int n)", 20, "expected ')' after the size, found 'n'"},
        {"int f(_In_reads_(n + 1.5) char *p, int n)", 22, "expected a number or the name of a parameter, found '1.5'"},
        {"int f(_In_reads_((n) char *p, int n)", 22, "expected ')' after the size, found 'char'"},
        {"int f(_In_reads_(*5) char *p)", 19, "expected the name of a parameter after '*', found '5'"},
        {"int f(_In_reads_(int) char *p)", 18, "expected a number or the name of a parameter, found 'int'"},
        {"int f(_In_reads_(18446744073709551615) char *p)", 18, "the size is too large"},
        {"int f(_In_reads_(n % 2) char *p, int n)", 20, "expected ')' after the size, found '%'"});
}

TEST(decl_refuses_atomic_types_that_c_has_not) {
    REFUSE(FC_EPARSE, {"_Atomic(int[3]) x", 1, "'int [3]' cannot be atomic"},
           {"typedef int f(void); _Atomic f x", 22, "'f' cannot be atomic"},
           {"_Atomic(int x", 13, "expected ')' after the type, found 'x'"},
           {"int _Atomic(x) y", 16, "expected ',' or ';' after the declaration of 'x', found 'y'"});
}

TEST(decl_refuses_what_contradicts_an_annotation) {
    REFUSE(
        FC_EPARSE, {"int f(_Notnull_ _In_opt_ int *p)", 17, "'_In_opt_' contradicts '_Notnull_' before it"},
        {"int f(_Notnull_ _Maybenull_ int *p)", 17, "'_Maybenull_' contradicts '_Notnull_' before it"},
        {"int f(_Null_terminated_ _Post_z_ char *p)", 25, "'_Post_z_' contradicts '_Null_terminated_' before it"},
        {"int f(_Fc_pinned_ _Fc_opaque_ void *p)", 19, "'_Fc_opaque_' contradicts '_Fc_pinned_' before it"},
        {"int f(_Fc_callback_once_ _Fc_callback_until_(g) void (*h)(void))", 26,
         "'_Fc_callback_until_' contradicts '_Fc_callback_once_' before it"},
        {"_Fc_begins_ _Fc_ends_ int f(void)", 13, "'_Fc_ends_' contradicts '_Fc_begins_' before it"},
        {"struct s { _Fc_local_ _Fc_opaque_ void *p; };", 23, "'_Fc_opaque_' contradicts '_Fc_local_' before it"},
        {"int f(_Fc_local_ _Fc_bits_ int p)", 18, "'_Fc_bits_' contradicts '_Fc_local_' before it"},
        {"int f(_Fc_sizeof_(int) _Fc_replace_(1, 2) int p)", 24, "'_Fc_replace_' contradicts '_Fc_sizeof_' before it"},
        {"int f(_In_reads_(3) _NullNull_terminated_ char **p)", 21,
         "'_NullNull_terminated_' ends what has no size, and one is given; parameter 'p' is 'char **'"},
        {"int f(_Post_z_ char *p)", 7,
         "'_Post_z_' does not say how much room there is: use '_Out_writes_z_(n)'; parameter 'p' is 'char *'"},
        {"int f(_Out_ _Null_terminated_ char *p)", 13,
         "'_Null_terminated_' does not say how much room there is: use '_Out_writes_z_(n)'; parameter 'p' is "
         "'char *'"});
}

TEST(decl_refuses_annotations_that_do_not_suit_what_they_stand_before) {
    REFUSE(FC_EPARSE, {"int f(_Fc_sizeof_(int) int *p)", 7, "'_Fc_sizeof_' needs an integer; parameter 'p' is 'int *'"},
           {"int f(_Fc_fd_ double p)", 7, "'_Fc_fd_' needs an integer; parameter 'p' is 'double'"},
           {"int f(_Fc_path_ int p)", 7, "'_Fc_path_' needs a pointer to characters; parameter 'p' is 'int'"},
           {"int f(_Fc_base_ int *p)", 7, "'_Fc_base_' needs a pointer to a struct; parameter 'p' is 'int *'"},
           {"int f(_Fc_pinned_ void (*p)(void))", 7,
            "'_Fc_pinned_' needs a pointer to data; parameter 'p' is 'void (*)(void)'"},
           {"int f(_Fc_callback_once_ int *p)", 7,
            "'_Fc_callback_once_' needs a pointer to a function; parameter 'p' is 'int *'"},
           {"int f(_Reserved_ double p)", 7, "'_Reserved_' needs a pointer or an integer; parameter 'p' is 'double'"},
           {"int f(_Outptr_result_z_ int ***p)", 7,
            "'_Outptr_result_z_' needs a pointer to a pointer to characters; parameter 'p' is 'int ***'"},
           {"int f(_Outptr_result_buffer_(3) void **p)", 7,
            "'_Outptr_result_buffer_' counts elements, and void has no size: use the form with '_bytebuffer_'; "
            "parameter 'p' is 'void **'"},
           {"struct s { _Field_size_(3) int p; };", 12,
            "'_Field_size_' needs a pointer or an array; the member 'p' is 'int'"},
           {"struct s { _Field_z_ double *p; };", 12,
            "'_Field_z_' needs a pointer to characters; the member 'p' is 'double *'"},
           {"int f(_Field_size_(3) int *p)", 7, "'_Field_size_' belongs before a member"},
           {"struct s { _Outptr_ int **p; };", 12, "'_Outptr_' belongs before a parameter"},
           {"struct s { char *_Field_z_ p; };", 18, "'_Field_z_' must stand before the type, not in it"},
           {"struct s { _Fc_local_ int : 3; };", 12, "'_Fc_local_' describes a member, and here is none"},
           {"struct s { _Ret_z_ char *p; };", 12, "'_Ret_z_' belongs before a function"},
           {"typedef _Fc_local_ int x", 9, "'_Fc_local_' belongs before a parameter or a member"},
           {"struct s { _Fc_sync_ int x; };", 12, "'_Fc_sync_' belongs before a variable"},
           {"int f(_Fc_sync_ int x)", 7, "'_Fc_sync_' belongs before a variable"},
           {"_Fc_sync_ int f(void)", 1, "'_Fc_sync_' belongs before a variable that may change, and 'f' is none"},
           {"typedef _Fc_sync_ int x", 9, "'_Fc_sync_' belongs before a variable that may change, and 'x' is none"},
           {"_Fc_sync_ const int x[2][3]", 1, "'_Fc_sync_' belongs before a variable that may change, and 'x' is none"},
           {"_Fc_sync_ extern _Fc_sync_ int x", 18, "'_Fc_sync_' is given twice"},
           {"typedef _Fc_opaque_ int x", 9, "'_Fc_opaque_' describes the result of a function, and 'x' is none"},
           {"_Fc_when_(a == 1) int x", 1, "'_Fc_when_(a == 1)' describes the result of a function, and 'x' is none"},
           {"_Fc_when_(a == 1) int (*f)(int a)", 1, "'_Fc_when_' belongs before a function itself"},
           {"_Fc_when_(b == 1) int f(int a, ..., int b)", 1, "'_Fc_when_' can name only parameters before the `...`"},
           {"_Fc_when_(return == 1) int f(int a, ...)", 1, "'_Fc_when_' can name only parameters before the `...`"},
           {"_Success_(return) double f(void)", 1,
            "'_Success_' needs an integer or a pointer; the result of 'f' is 'double'"},
           {"void f(_Out_writes_to_(3, return) char *p)", 7,
            "'_Out_writes_to_(3, return)' names what the function returns, and that is 'void'"},
           {"_Ret_reads_(n) char *f(int n), *g(int k, int n)", 1,
            "'_Ret_reads_(n)' names parameters, and stands before two functions: declare each by itself"});
}

TEST(decl_refuses_arguments_of_other_kinds) {
    REFUSE(FC_EPARSE,
           {"int f(_Fc_kept_until_ int *p)", 23, "'_Fc_kept_until_' takes one argument, the name of a function"},
           {"int f(_Fc_kept_until_(3) int *p)", 23, "expected the name of a function, found '3'"},
           {"int f(_Fc_sizeof_(x) int p)", 19, "expected a type, found 'x'"},
           {"int f(_Fc_replace_(1) int p)", 21, "'_Fc_replace_' takes two arguments, both constants"},
           {"int f(_Fc_replace_(1, 2, 3) int p)", 24, "'_Fc_replace_' takes two arguments, both constants"},
           {"int f(_Fc_replace_(1, p) int p)", 23, "this is not a constant"},
           {"_Fc_fails_with_() int f(void)", 17, "'_Fc_fails_with_' takes one argument, a constant"},
           {"struct s { _Field_size_part_(3) int *p; };", 31,
            "'_Field_size_part_' takes two arguments: a size, and how much of it is used"},
           {"int f(_In_ _At_(p, _Pre_z_) char **p)", 17, "expected '*' and the name of the parameter, found 'p'"},
           {"int f(_In_ _At_(*q, _Pre_z_) char **p)", 18,
            "'_At_' stands before the parameter it is about, and 'q' is another name"},
           {"int f(_In_ _At_(*p, _Outptr_) char ***p)", 21,
            "expected an annotation such as '_In_reads_(n)' or '_Null_terminated_', found '_Outptr_'"},
           {"int f(_In_ _At_(*p, _In_) char *p)", 12, "'_At_' needs a pointer to a pointer; parameter 'p' is 'char *'"},
           {"int f(_In_ _At_(*p, _Inout_) char const **p)", 12,
            "'_At_' needs a pointer to what is not const; parameter 'p' is 'const char **'"},
           {"int f(_In_ _At_(*p, _In_) _At_(*p, _Pre_z_) char **p)", 36, "'_Pre_z_' contradicts '_At_' before it"},
           {"struct s { _Field_size_(3) _At_(*q, _In_) int **p; };", 34,
            "'_At_' stands before the member it is about, and 'q' is another name"},
           {"int f(_In_ _At_(*p) char **p)", 19,
            "'_At_' takes two arguments: '*' with the name of the parameter, and an annotation"},
           {"struct s { int k; _Fc_union_(k) int p; };", 19,
            "'_Fc_union_(k)' says when a member of a union counts, and 'p' is one of a struct"},
           {"struct s { _Field_range_ int p; };", 26, "'_Field_range_' takes arguments"},
           {"_Success_(return,) int f(void)", 17, "'_Success_' takes one argument, a condition"});
}

TEST(decl_refuses_members_that_sizes_cannot_name) {
    REFUSE(
        FC_EPARSE,
        {"struct s { _Field_size_(lenght) char *p; int length; };", 25,
         "'struct s' has no member 'lenght'; did you mean 'length'?"},
        {"struct s { _Field_size_(n) char *p; int *n; };", 25,
         "the size needs an integer, and 'n' is 'int *': write '*n'"},
        {"struct s { int n; struct { _Field_size_(n) char *p; } *q; };", 41, "'struct <anonymous>' has no member 'n'"},
        {"struct s { int n; void (*f)(struct { _Field_size_(n) char *p; } *q); };", 51,
         "'struct <anonymous>' has no member 'n'"},
        {"union u { _Fc_union_(n) char *p; int n; };", 22,
         "'_Fc_union_' names a member of the struct around the union, and there is none"},
        {"struct s { union { _Fc_union_(n) int a; int n; } u; };", 31, "'struct s' has no member 'n'"},
        {"struct s { _Field_size_(return) char *p; };", 25, "a member knows no 'return'"},
        {"int f(_In_reads_(return) char *p)", 18, "the size is read before the call, and 'return' is known after it"},
        {"_Ret_reads_(return) char *f(void)", 13, "this describes what is returned, and cannot name it"},
        {"struct t { int a; }; int f(struct t *s, _In_reads_(s->b) char *p)", 55, "'struct t' has no member 'b'"},
        {"struct t { int a; }; int f(struct t *s, _In_reads_(s.a) char *p)", 54,
         "'.' needs a struct before it, and 's' is 'struct t *'"},
        {"int f(int s, _In_reads_(s->a) char *p)", 28, "'->' needs a pointer to a struct before it, and 's' is 'int'"},
        {"struct t; int f(struct t *s, _In_reads_(s->b) char *p)", 44,
         "'struct t' has no body here, so that it has no known members"},
        {"struct t { int *a; }; int f(struct t *s, _In_reads_(s->a) char *p)", 56,
         "the size needs an integer, and 'a' is 'int *'"},
        {"int f(int n, _In_reads_(strlen(n)) char *p)", 32, "the size needs a string, and 'n' is 'int'"},
        {"struct t { int a; }; int f(_Out_ struct t *s, _In_reads_(s->a) char *p)", 58,
         "the size is read before the call, and 's' is '_Out_': make it '_Inout_'"},
        {"int f(_In_reads_((double)n) char *p, int n)", 19, "a cast in a size is one to an integer"});
}

TEST(decl_refuses_sizes_it_cannot_evaluate) {
    REFUSE(FC_EUNSUPPORTED,
           {"int f(_In_reads_(sizeof(int)) char *p)", 18, "this depends on the target, and is not supported here"});
}
