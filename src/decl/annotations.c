/* decl: the table of annotations. */
#include "decl/annotations.h"

#include <string.h>

#define PARAMETER FC__ANNOTATION_PARAMETER
#define RESULT FC__ANNOTATION_RESULT
#define EITHER FC__ANNOTATION_EITHER
#define IGNORED FC__ANNOTATION_IGNORED
#define IN FC__DIRECTION_IN
#define OUT FC__DIRECTION_OUT
#define INOUT FC__DIRECTION_INOUT
#define NO_DIRECTION FC__DIRECTION_NONE
#define NOTHING FC__EXTENT_NONE
#define ONE FC__EXTENT_ONE
#define ELEMENTS FC__EXTENT_ELEMENTS
#define BYTES FC__EXTENT_BYTES
#define STRING FC__EXTENT_STRING
#define OPT FC__ANNOTATION_OPTIONAL
#define OPAQUE FC__ANNOTATION_OPAQUE
#define ALL FC__ANNOTATION_ALL
#define OUTPTR FC__ANNOTATION_OUTPTR
#define RESULT_OPT FC__ANNOTATION_RESULT_OPTIONAL

static const struct fc__annotation_word words[] = {
    /* text, use, direction, extent, arguments, flags */
    {"_In_", PARAMETER, IN, ONE, 0, 0},
    {"_In_opt_", PARAMETER, IN, ONE, 0, OPT},
    {"_In_z_", PARAMETER, IN, STRING, 0, 0},
    {"_In_opt_z_", PARAMETER, IN, STRING, 0, OPT},
    {"_In_reads_", PARAMETER, IN, ELEMENTS, 1, 0},
    {"_In_reads_opt_", PARAMETER, IN, ELEMENTS, 1, OPT},
    {"_In_reads_bytes_", PARAMETER, IN, BYTES, 1, 0},
    {"_In_reads_bytes_opt_", PARAMETER, IN, BYTES, 1, OPT},

    {"_Out_", PARAMETER, OUT, ONE, 0, 0},
    {"_Out_opt_", PARAMETER, OUT, ONE, 0, OPT},
    {"_Out_writes_", PARAMETER, OUT, ELEMENTS, 1, 0},
    {"_Out_writes_opt_", PARAMETER, OUT, ELEMENTS, 1, OPT},
    {"_Out_writes_bytes_", PARAMETER, OUT, BYTES, 1, 0},
    {"_Out_writes_bytes_opt_", PARAMETER, OUT, BYTES, 1, OPT},
    {"_Out_writes_all_", PARAMETER, OUT, ELEMENTS, 1, ALL},
    {"_Out_writes_all_opt_", PARAMETER, OUT, ELEMENTS, 1, ALL | OPT},
    {"_Out_writes_bytes_all_", PARAMETER, OUT, BYTES, 1, ALL},
    {"_Out_writes_bytes_all_opt_", PARAMETER, OUT, BYTES, 1, ALL | OPT},
    {"_Out_writes_to_", PARAMETER, OUT, ELEMENTS, 2, 0},
    {"_Out_writes_to_opt_", PARAMETER, OUT, ELEMENTS, 2, OPT},
    {"_Out_writes_bytes_to_", PARAMETER, OUT, BYTES, 2, 0},
    {"_Out_writes_bytes_to_opt_", PARAMETER, OUT, BYTES, 2, OPT},

    {"_Inout_", PARAMETER, INOUT, ONE, 0, 0},
    {"_Inout_opt_", PARAMETER, INOUT, ONE, 0, OPT},
    {"_Inout_updates_", PARAMETER, INOUT, ELEMENTS, 1, 0},
    {"_Inout_updates_opt_", PARAMETER, INOUT, ELEMENTS, 1, OPT},
    {"_Inout_updates_bytes_", PARAMETER, INOUT, BYTES, 1, 0},
    {"_Inout_updates_bytes_opt_", PARAMETER, INOUT, BYTES, 1, OPT},
    {"_Inout_updates_to_", PARAMETER, INOUT, ELEMENTS, 2, 0},
    {"_Inout_updates_to_opt_", PARAMETER, INOUT, ELEMENTS, 2, OPT},
    {"_Inout_updates_bytes_to_", PARAMETER, INOUT, BYTES, 2, 0},
    {"_Inout_updates_bytes_to_opt_", PARAMETER, INOUT, BYTES, 2, OPT},

    {"_Outptr_", PARAMETER, OUT, ONE, 0, OUTPTR},
    {"_Outptr_opt_", PARAMETER, OUT, ONE, 0, OUTPTR | OPT},
    {"_Outptr_result_maybenull_", PARAMETER, OUT, ONE, 0, OUTPTR | RESULT_OPT},

    {"_Ret_z_", RESULT, NO_DIRECTION, STRING, 0, 0},
    {"_Ret_maybenull_z_", RESULT, NO_DIRECTION, STRING, 0, OPT},

    {"_Fc_opaque_", EITHER, NO_DIRECTION, NOTHING, 0, OPAQUE},

    {"_Success_", IGNORED, NO_DIRECTION, NOTHING, 1, 0},
    {"_Check_return_", IGNORED, NO_DIRECTION, NOTHING, 0, 0},
    {"_Must_inspect_result_", IGNORED, NO_DIRECTION, NOTHING, 0, 0},
};

enum { WORD_COUNT = sizeof words / sizeof words[0] };

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
