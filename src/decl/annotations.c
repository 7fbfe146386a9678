/* decl: the table of annotations. */
#include "decl/annotations.h"

#include <string.h>

#define PARAMETER FC__ANNOTATES_PARAMETER
#define MEMBER FC__ANNOTATES_MEMBER
#define RESULT FC__ANNOTATES_RESULT
#define FUNCTION FC__ANNOTATES_FUNCTION
#define TYPEDEF FC__ANNOTATES_TYPEDEF
#define VARIABLE FC__ANNOTATES_VARIABLE
#define IN FC__DIRECTION_IN
#define OUT FC__DIRECTION_OUT
#define INOUT FC__DIRECTION_INOUT
#define ONE FC__EXTENT_ONE
#define ELEMENTS FC__EXTENT_ELEMENTS
#define BYTES FC__EXTENT_BYTES
#define STRING FC__EXTENT_STRING
#define SIZE FC__ARGUMENTS_SIZE
#define SIZES FC__ARGUMENTS_SIZES
#define OUTER_SIZE FC__ARGUMENTS_OUTER_SIZE
#define SKIPPED FC__ARGUMENTS_SKIPPED
#define OPT FC__ANNOTATION_OPTIONAL
#define ALL FC__ANNOTATION_ALL
#define OUTPTR FC__ANNOTATION_OUTPTR
#define RESULT_OPT FC__ANNOTATION_RESULT_OPTIONAL
#define RESULT_Z FC__ANNOTATION_RESULT_STRING
#define RESULT_BYTES FC__ANNOTATION_RESULT_BYTES
#define Z FC__ANNOTATION_TERMINATED
#define AFTER FC__ANNOTATION_AFTER

/* The columns that most rows share. */
#define POINTER(text, direction, extent, arguments, flags)                                                             \
    { text, PARAMETER, FC__SUBJECT_EXTENT, direction, extent, arguments, flags }
#define FIELD(text, extent, arguments, flags)                                                                          \
    { text, MEMBER, FC__SUBJECT_EXTENT, FC__DIRECTION_NONE, extent, arguments, flags }
#define RETURNED(text, extent, arguments, flags)                                                                       \
    { text, RESULT, FC__SUBJECT_EXTENT, FC__DIRECTION_NONE, extent, arguments, (flags) | AFTER }
#define WORD(text, uses, subject, arguments, flags)                                                                    \
    { text, uses, FC__SUBJECT_##subject, FC__DIRECTION_NONE, FC__EXTENT_NONE, FC__ARGUMENTS_##arguments, flags }

static const struct fc__annotation_word words[] = {
    POINTER("_In_", IN, ONE, 0, 0),
    POINTER("_In_opt_", IN, ONE, 0, OPT),
    POINTER("_In_z_", IN, STRING, 0, 0),
    POINTER("_In_opt_z_", IN, STRING, 0, OPT),
    POINTER("_In_reads_", IN, ELEMENTS, SIZE, 0),
    POINTER("_In_reads_opt_", IN, ELEMENTS, SIZE, OPT),
    POINTER("_In_reads_bytes_", IN, BYTES, SIZE, 0),
    POINTER("_In_reads_bytes_opt_", IN, BYTES, SIZE, OPT),
    POINTER("_In_reads_z_", IN, ELEMENTS, SIZE, Z),
    POINTER("_In_reads_opt_z_", IN, ELEMENTS, SIZE, Z | OPT),
    POINTER("_In_reads_or_z_", IN, ELEMENTS, SIZE, FC__ANNOTATION_BOUNDED),
    POINTER("_In_reads_or_z_opt_", IN, ELEMENTS, SIZE, FC__ANNOTATION_BOUNDED | OPT),

    POINTER("_Out_", OUT, ONE, 0, 0),
    POINTER("_Out_opt_", OUT, ONE, 0, OPT),
    POINTER("_Out_writes_", OUT, ELEMENTS, SIZE, 0),
    POINTER("_Out_writes_opt_", OUT, ELEMENTS, SIZE, OPT),
    POINTER("_Out_writes_bytes_", OUT, BYTES, SIZE, 0),
    POINTER("_Out_writes_bytes_opt_", OUT, BYTES, SIZE, OPT),
    POINTER("_Out_writes_z_", OUT, ELEMENTS, SIZE, Z),
    POINTER("_Out_writes_opt_z_", OUT, ELEMENTS, SIZE, Z | OPT),
    POINTER("_Out_writes_all_", OUT, ELEMENTS, SIZE, ALL),
    POINTER("_Out_writes_all_opt_", OUT, ELEMENTS, SIZE, ALL | OPT),
    POINTER("_Out_writes_bytes_all_", OUT, BYTES, SIZE, ALL),
    POINTER("_Out_writes_bytes_all_opt_", OUT, BYTES, SIZE, ALL | OPT),
    POINTER("_Out_writes_to_", OUT, ELEMENTS, SIZES, 0),
    POINTER("_Out_writes_to_opt_", OUT, ELEMENTS, SIZES, OPT),
    POINTER("_Out_writes_bytes_to_", OUT, BYTES, SIZES, 0),
    POINTER("_Out_writes_bytes_to_opt_", OUT, BYTES, SIZES, OPT),

    POINTER("_Inout_", INOUT, ONE, 0, 0),
    POINTER("_Inout_opt_", INOUT, ONE, 0, OPT),
    POINTER("_Inout_z_", INOUT, STRING, 0, 0),
    POINTER("_Inout_opt_z_", INOUT, STRING, 0, OPT),
    POINTER("_Inout_updates_", INOUT, ELEMENTS, SIZE, 0),
    POINTER("_Inout_updates_opt_", INOUT, ELEMENTS, SIZE, OPT),
    POINTER("_Inout_updates_bytes_", INOUT, BYTES, SIZE, 0),
    POINTER("_Inout_updates_bytes_opt_", INOUT, BYTES, SIZE, OPT),
    POINTER("_Inout_updates_z_", INOUT, ELEMENTS, SIZE, Z),
    POINTER("_Inout_updates_opt_z_", INOUT, ELEMENTS, SIZE, Z | OPT),
    POINTER("_Inout_updates_all_", INOUT, ELEMENTS, SIZE, ALL),
    POINTER("_Inout_updates_all_opt_", INOUT, ELEMENTS, SIZE, ALL | OPT),
    POINTER("_Inout_updates_bytes_all_", INOUT, BYTES, SIZE, ALL),
    POINTER("_Inout_updates_bytes_all_opt_", INOUT, BYTES, SIZE, ALL | OPT),
    POINTER("_Inout_updates_to_", INOUT, ELEMENTS, SIZES, 0),
    POINTER("_Inout_updates_to_opt_", INOUT, ELEMENTS, SIZES, OPT),
    POINTER("_Inout_updates_bytes_to_", INOUT, BYTES, SIZES, 0),
    POINTER("_Inout_updates_bytes_to_opt_", INOUT, BYTES, SIZES, OPT),

    POINTER("_Outptr_", OUT, ONE, 0, OUTPTR),
    POINTER("_Outptr_opt_", OUT, ONE, 0, OUTPTR | OPT),
    POINTER("_Outptr_result_maybenull_", OUT, ONE, 0, OUTPTR | RESULT_OPT),
    POINTER("_Outptr_opt_result_maybenull_", OUT, ONE, 0, OUTPTR | OPT | RESULT_OPT),
    POINTER("_Outptr_result_nullonfailure_", OUT, ONE, 0, OUTPTR | RESULT_OPT),
    POINTER("_Outptr_opt_result_nullonfailure_", OUT, ONE, 0, OUTPTR | OPT | RESULT_OPT),
    POINTER("_Outptr_result_z_", OUT, ONE, 0, OUTPTR | RESULT_Z),
    POINTER("_Outptr_opt_result_z_", OUT, ONE, 0, OUTPTR | OPT | RESULT_Z),
    POINTER("_Outptr_result_maybenull_z_", OUT, ONE, 0, OUTPTR | RESULT_OPT | RESULT_Z),
    POINTER("_Outptr_opt_result_maybenull_z_", OUT, ONE, 0, OUTPTR | OPT | RESULT_OPT | RESULT_Z),
    POINTER("_Outptr_result_buffer_", OUT, ONE, OUTER_SIZE, OUTPTR),
    POINTER("_Outptr_opt_result_buffer_", OUT, ONE, OUTER_SIZE, OUTPTR | OPT),
    POINTER("_Outptr_result_buffer_maybenull_", OUT, ONE, OUTER_SIZE, OUTPTR | RESULT_OPT),
    POINTER("_Outptr_opt_result_buffer_maybenull_", OUT, ONE, OUTER_SIZE, OUTPTR | OPT | RESULT_OPT),
    POINTER("_Outptr_result_bytebuffer_", OUT, ONE, OUTER_SIZE, OUTPTR | RESULT_BYTES),
    POINTER("_Outptr_opt_result_bytebuffer_", OUT, ONE, OUTER_SIZE, OUTPTR | OPT | RESULT_BYTES),
    POINTER("_Outptr_result_bytebuffer_maybenull_", OUT, ONE, OUTER_SIZE, OUTPTR | RESULT_OPT | RESULT_BYTES),
    POINTER("_Outptr_opt_result_bytebuffer_maybenull_", OUT, ONE, OUTER_SIZE, OUTPTR | OPT | RESULT_OPT | RESULT_BYTES),
    POINTER("_COM_Outptr_", OUT, ONE, 0, OUTPTR | RESULT_OPT),
    POINTER("_COM_Outptr_opt_", OUT, ONE, 0, OUTPTR | OPT | RESULT_OPT),
    POINTER("_COM_Outptr_result_maybenull_", OUT, ONE, 0, OUTPTR | RESULT_OPT),
    POINTER("_COM_Outptr_opt_result_maybenull_", OUT, ONE, 0, OUTPTR | OPT | RESULT_OPT),

    FIELD("_Field_size_", ELEMENTS, SIZE, 0),
    FIELD("_Field_size_opt_", ELEMENTS, SIZE, OPT),
    FIELD("_Field_size_bytes_", BYTES, SIZE, 0),
    FIELD("_Field_size_bytes_opt_", BYTES, SIZE, OPT),
    FIELD("_Field_size_full_", ELEMENTS, SIZE, ALL),
    FIELD("_Field_size_full_opt_", ELEMENTS, SIZE, ALL | OPT),
    FIELD("_Field_size_bytes_full_", BYTES, SIZE, ALL),
    FIELD("_Field_size_bytes_full_opt_", BYTES, SIZE, ALL | OPT),
    FIELD("_Field_size_part_", ELEMENTS, SIZES, 0),
    FIELD("_Field_size_part_opt_", ELEMENTS, SIZES, OPT),
    FIELD("_Field_size_bytes_part_", BYTES, SIZES, 0),
    FIELD("_Field_size_bytes_part_opt_", BYTES, SIZES, OPT),
    FIELD("_Field_z_", STRING, 0, 0),

    RETURNED("_Ret_z_", STRING, 0, 0),
    RETURNED("_Ret_maybenull_z_", STRING, 0, OPT),
    RETURNED("_Ret_opt_z_", STRING, 0, OPT),
    RETURNED("_Ret_valid_", ONE, 0, 0),
    RETURNED("_Ret_opt_valid_", ONE, 0, OPT),
    RETURNED("_Ret_reads_", ELEMENTS, SIZE, 0),
    RETURNED("_Ret_reads_maybenull_", ELEMENTS, SIZE, OPT),
    RETURNED("_Ret_reads_bytes_", BYTES, SIZE, 0),
    RETURNED("_Ret_reads_bytes_maybenull_", BYTES, SIZE, OPT),
    RETURNED("_Ret_writes_", ELEMENTS, SIZE, 0),
    RETURNED("_Ret_writes_maybenull_", ELEMENTS, SIZE, OPT),
    RETURNED("_Ret_writes_bytes_", BYTES, SIZE, 0),
    RETURNED("_Ret_writes_bytes_maybenull_", BYTES, SIZE, OPT),
    RETURNED("_Ret_writes_z_", ELEMENTS, SIZE, Z),
    RETURNED("_Ret_writes_maybenull_z_", ELEMENTS, SIZE, OPT | Z),

    WORD("_Null_terminated_", PARAMETER | MEMBER, END, NONE, 0),
    WORD("_NullNull_terminated_", PARAMETER | MEMBER, END, NONE, FC__ANNOTATION_LIST),
    WORD("_Pre_z_", PARAMETER, END, NONE, 0),
    WORD("_Post_z_", PARAMETER, END, NONE, FC__ANNOTATION_AT_END),
    WORD("_Deref_pre_z_", PARAMETER, INNER, NONE, RESULT_Z),
    WORD("_Deref_post_z_", PARAMETER, INNER, NONE, RESULT_Z),
    WORD("_Deref_prepost_z_", PARAMETER, INNER, NONE, RESULT_Z),
    WORD("_At_", PARAMETER | MEMBER, INNER, INNER, 0),
    WORD("_Notnull_", PARAMETER | MEMBER, ABSENCE, NONE, FC__ANNOTATION_NOT_NULL),
    WORD("_Maybenull_", PARAMETER | MEMBER, ABSENCE, NONE, OPT),
    WORD("_Ret_notnull_", RESULT, ABSENCE, NONE, FC__ANNOTATION_NOT_NULL),
    WORD("_Ret_maybenull_", RESULT, ABSENCE, NONE, OPT),
    WORD("_Reserved_", PARAMETER, RESERVED, NONE, 0),
    WORD("_Printf_format_string_", PARAMETER, FORMAT, NONE, 0),
    WORD("_Success_", FUNCTION, SUCCESS, CONDITION, AFTER),

    WORD("_Fc_opaque_", PARAMETER | MEMBER | RESULT | TYPEDEF, OPAQUE, NONE, 0),
    WORD("_Fc_pinned_", PARAMETER | RESULT, PINNED, NONE, 0),
    WORD("_Fc_begins_", FUNCTION, LIFE, NONE, FC__ANNOTATION_BEGINS),
    WORD("_Fc_ends_", FUNCTION, LIFE, NONE, 0),
    WORD("_Fc_base_", PARAMETER, BASE, NONE, 0),
    WORD("_Fc_kept_until_", PARAMETER | MEMBER, KEPT, FUNCTION, 0),
    WORD("_Fc_copy_of_", PARAMETER, COPY, FUNCTION, 0),
    WORD("_Fc_as_", PARAMETER | MEMBER | RESULT, VIEW, TYPE, 0),
    WORD("_Fc_local_", PARAMETER | MEMBER, LOCAL, NONE, 0),
    WORD("_Fc_written_", MEMBER, WRITTEN, NONE, 0),
    WORD("_Fc_sizeof_", PARAMETER | MEMBER, SIZEOF, TYPE, 0),
    WORD("_Fc_bits_", PARAMETER | MEMBER, BITS, NONE, 0),
    WORD("_Fc_replace_", PARAMETER | MEMBER, REPLACE, CONSTANTS, 0),
    WORD("_Fc_when_", FUNCTION, WHEN, CONDITION, 0),
    WORD("_Fc_fails_with_", FUNCTION, FAILURE, CONSTANT, 0),
    WORD("_Fc_union_", MEMBER, UNION, CONDITION, 0),
    WORD("_Fc_fd_", PARAMETER | RESULT, FD, NONE, 0),
    WORD("_Fc_fd_given_", PARAMETER | RESULT, FD, NONE, FC__ANNOTATION_GIVEN),
    WORD("_Fc_path_", PARAMETER | MEMBER | RESULT, PATH, NONE, 0),
    WORD("_Fc_utf8_", PARAMETER | MEMBER | RESULT | TYPEDEF, UTF8, NONE, 0),
    WORD("_Fc_conversions_", PARAMETER, CONVERSIONS, LETTERS, 0),
    WORD("_Fc_callback_until_", PARAMETER | MEMBER, CALLBACK, FUNCTION, 0),
    WORD("_Fc_callback_once_", PARAMETER | MEMBER, CALLBACK, NONE, FC__ANNOTATION_ONCE),
    WORD("_Fc_sync_", VARIABLE, SYNC, NONE, 0),

    WORD("_Check_return_", FUNCTION, NOTHING, NONE, 0),
    WORD("_Must_inspect_result_", FUNCTION, NOTHING, NONE, 0),
    WORD("_Use_decl_annotations_", FUNCTION, NOTHING, NONE, 0),
    WORD("_Ret_range_", FUNCTION, NOTHING, SKIPPED, 0),
    WORD("_Function_class_", FUNCTION | TYPEDEF, NOTHING, SKIPPED, 0),
    WORD("_Pre_satisfies_", FUNCTION | PARAMETER, NOTHING, SKIPPED, 0),
    WORD("_Post_satisfies_", FUNCTION | PARAMETER, NOTHING, SKIPPED, 0),
    WORD("_In_range_", PARAMETER, NOTHING, SKIPPED, 0),
    WORD("_Out_range_", PARAMETER, NOTHING, SKIPPED, 0),
    WORD("_Deref_in_range_", PARAMETER, NOTHING, SKIPPED, 0),
    WORD("_Deref_out_range_", PARAMETER, NOTHING, SKIPPED, 0),
    WORD("_Deref_inout_range_", PARAMETER, NOTHING, SKIPPED, 0),
    WORD("_Field_range_", MEMBER, NOTHING, SKIPPED, 0),
    WORD("_Pre_valid_", PARAMETER, NOTHING, NONE, 0),
    WORD("_Post_valid_", PARAMETER, NOTHING, NONE, 0),
    WORD("_Post_invalid_", PARAMETER, NOTHING, NONE, 0),
    WORD("_Post_ptr_invalid_", PARAMETER, NOTHING, NONE, 0),
    WORD("_Pre_notnull_", PARAMETER, NOTHING, NONE, 0),
    WORD("_Post_notnull_", PARAMETER, NOTHING, NONE, 0),
    WORD("_Pre_maybenull_", PARAMETER, NOTHING, NONE, 0),
    WORD("_Post_maybenull_", PARAMETER, NOTHING, NONE, 0),
    WORD("_Printf_format_string_params_", PARAMETER, NOTHING, SKIPPED, 0),
    WORD("_Scanf_format_string_", PARAMETER, NOTHING, NONE, 0),
    WORD("_Scanf_s_format_string_", PARAMETER, NOTHING, NONE, 0),
    WORD("_Scanf_format_string_params_", PARAMETER, NOTHING, SKIPPED, 0),
    WORD("_Scanf_s_format_string_params_", PARAMETER, NOTHING, SKIPPED, 0),
};

enum { WORD_COUNT = sizeof words / sizeof words[0] };

/* Asked once for each different name of that form. */
const struct fc__annotation_word *fc__decl_annotation_word(const char *text, size_t len) {
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (strlen(words[i].text) == len && memcmp(words[i].text, text, len) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

const struct fc__annotation_word *fc__decl_annotation_word_at(size_t index) {
    return index < WORD_COUNT ? &words[index] : NULL;
}
