/* farcall: changing what a managed image says of its bitness: the flags and the version of its CLI header.
 *
 *     struct fc_edits *edits;
 *     if (fc_edits_new(image, FC_CLI_32BIT_REQUIRED, FC_CLI_32BIT_PREFERRED, 0, &edits) == FC_OK) {
 *         fc_edits_apply(edits, copy_of_the_bytes);
 *         fc_edits_free(edits);
 *     }
 *
 * The result is a list of places with their bytes before and after; nothing is moved, no file is written, and the
 * image's own bytes stay as they are. For compilers, packagers, and `farcall corflags`.
 *
 * Threads: edits never change; any number of threads may read them. They do not need the image. */
#ifndef FARCALL_CORFLAGS_H
#define FARCALL_CORFLAGS_H

#include <farcall/image.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Versions of the CLI header: below 2.5 the loader runs IL as 32-bit code; from 2.5 on at the system's bitness. */
#define FC_CLI_VERSION_2_0 0x20000u
#define FC_CLI_VERSION_2_5 0x20005u

struct fc_edits;

/* What setting and clearing these flags of a managed image takes, and giving its header this version (0 keeps it). The
 * checksum is among the edits if the image has one. Edits that change nothing are left out.
 * Errors: FC_EINVAL (not a managed image; flags both set and cleared), FC_ENOMEM. */
FC_API int fc_edits_new(const struct fc_image *image, uint32_t set_flags, uint32_t clear_flags, uint32_t cli_version,
                        struct fc_edits **ret_edits);
FC_API void fc_edits_free(struct fc_edits *edits);

/* Each edit: "Flags", "MajorRuntimeVersion", "MinorRuntimeVersion" or "CheckSum"; its offset in the file; its length, 2
 * or 4 bytes; the number, little-endian, that is there and that shall be there. `index` is below the count. */
FC_API size_t fc_edits_count(const struct fc_edits *edits);
FC_API const char *fc_edit_name(const struct fc_edits *edits, size_t index);
FC_API uint64_t fc_edit_offset(const struct fc_edits *edits, size_t index);
FC_API unsigned fc_edit_len(const struct fc_edits *edits, size_t index);
FC_API uint32_t fc_edit_before(const struct fc_edits *edits, size_t index);
FC_API uint32_t fc_edit_after(const struct fc_edits *edits, size_t index);

/* Makes the edits in `bytes`, which are a copy of the whole image. */
FC_API void fc_edits_apply(const struct fc_edits *edits, void *bytes);

/* What speaks against the edits. Bits of a mask, each with a sentence. */
#define FC_EDIT_PROBLEMS(X)                                                                                            \
    X(FC_EDIT_BREAKS_STRONG_NAME, 0, "the image has a strong name, which the change makes invalid: sign it again")     \
    X(FC_EDIT_BREAKS_AUTHENTICODE, 1, "the image has an Authenticode signature, which the change makes invalid")       \
    X(FC_EDIT_PREFERRED_ALONE, 2, "32BITPREFERRED without 32BITREQUIRED is reserved; Windows takes it for AnyCPU")     \
    X(FC_EDIT_WIDE_REQUIRED, 3, "a PE32+ image that requires 32 bits starts, and then the runtime refuses it")         \
    X(FC_EDIT_NATIVE_IL_ONLY, 4, "the image has native code, which IL only denies")                                    \
    X(FC_EDIT_PREFERRED_LIBRARY, 5,                                                                                    \
      "32BITPREFERRED is for programs; a library that has it may fail in 64-bit processes")                            \
    X(FC_EDIT_OLD_HEADER, 6, "a header of version 2.0 makes a program of .NET 4 run as 32-bit code")                   \
    X(FC_EDIT_NATIVE_ENTRY, 7, "the image has a native entry point, which no runtime takes from an image of IL only")

enum fc_edit_problem {
#define FC_EDIT_PROBLEM_ENUM(name, bit, text) name = 1 << (bit),
    FC_EDIT_PROBLEMS(FC_EDIT_PROBLEM_ENUM)
#undef FC_EDIT_PROBLEM_ENUM
};

/* The mask of those that the edits bring; 0 if there are no edits. */
FC_API uint32_t fc_edits_problems(const struct fc_edits *edits);
/* The sentence of one bit; "?" for any other number. Static storage. */
FC_API const char *fc_edit_problem_text(enum fc_edit_problem problem);

#ifdef __cplusplus
}
#endif
#endif
