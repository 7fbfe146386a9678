/* farcall: what a binary file is, read from its bytes.
 *
 *     struct fc_image *image;
 *     if (fc_image_open(bytes, len_bytes, &image) == FC_OK) {
 *         printf("%s, %d bits, %s\n", fc_format_name(fc_image_format(image)), fc_image_bits(image),
 *                fc_image_machine(image));
 *         fc_image_close(image);
 *     } else {
 *         fprintf(stderr, "%s\n", fc_error_text());
 *     }
 *
 * The caller's bytes are the only input: no file is opened, the system is not asked, and the answer is the same on
 * every platform. No byte is believed before it is checked; no memory is allocated in proportion to what the bytes
 * claim, and no loop is longer than the bytes are.
 *
 * Ownership: an image refers to the caller's bytes and so do the strings it returns. The bytes must stay where they
 * are, unchanged, until fc_image_close. Strings described as static storage do not depend on them.
 *
 * Threads: an image never changes after fc_image_open; any number of threads may read one at the same time.
 *
 * Sources: ELF is the System V gABI, chapters 4 and 5, with the GNU extensions of <elf.h>; PE and COFF are Microsoft's
 * "PE Format"; the CLI header is ECMA-335, II.25.3.3. */
#ifndef FARCALL_IMAGE_H
#define FARCALL_IMAGE_H

#include <farcall/farcall.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct fc_image;

/* What the bytes are. ELF and PE are read; everything after them is only recognised, so that an error can name it. */
#define FC_FORMATS(X)                                                                                                  \
    X(FC_FORMAT_UNKNOWN, "not a binary")                                                                               \
    X(FC_FORMAT_EMPTY, "empty file")                                                                                   \
    X(FC_FORMAT_ELF, "ELF")                                                                                            \
    X(FC_FORMAT_PE, "PE")                                                                                              \
    X(FC_FORMAT_COFF, "COFF object")                                                                                   \
    X(FC_FORMAT_COFF_IMPORT, "COFF import")                                                                            \
    X(FC_FORMAT_AR, "ar archive")                                                                                      \
    X(FC_FORMAT_AR_THIN, "thin archive")                                                                               \
    X(FC_FORMAT_MACHO, "Mach-O")                                                                                       \
    X(FC_FORMAT_MACHO_FAT, "fat Mach-O")                                                                               \
    X(FC_FORMAT_DOS, "DOS program")                                                                                    \
    X(FC_FORMAT_NE, "NE")                                                                                              \
    X(FC_FORMAT_LE, "LE")                                                                                              \
    X(FC_FORMAT_LX, "LX")                                                                                              \
    X(FC_FORMAT_WEBCIL, "Webcil")                                                                                      \
    X(FC_FORMAT_WASM, "WebAssembly")                                                                                   \
    X(FC_FORMAT_BITCODE, "LLVM bitcode")                                                                               \
    X(FC_FORMAT_JAVA, "Java class")                                                                                    \
    X(FC_FORMAT_SCRIPT, "script")                                                                                      \
    X(FC_FORMAT_LD_SCRIPT, "ld script")

enum fc_format {
#define FC_FORMAT_ENUM(name, text) name,
    FC_FORMATS(FC_FORMAT_ENUM)
#undef FC_FORMAT_ENUM
};

/* What the image is for. */
#define FC_KINDS(X)                                                                                                    \
    X(FC_KIND_UNKNOWN, "unknown")                                                                                      \
    X(FC_KIND_EXECUTABLE, "executable")                                                                                \
    X(FC_KIND_LIBRARY, "library")                                                                                      \
    X(FC_KIND_OBJECT, "object")                                                                                        \
    X(FC_KIND_ARCHIVE, "archive")                                                                                      \
    X(FC_KIND_CORE, "core")                                                                                            \
    X(FC_KIND_DEBUG, "debug info")

enum fc_kind {
#define FC_KIND_ENUM(name, text) name,
    FC_KINDS(FC_KIND_ENUM)
#undef FC_KIND_ENUM
};

enum fc_byte_order { FC_ORDER_UNKNOWN, FC_ORDER_LITTLE, FC_ORDER_BIG };

/* The flags of a CLI header (ECMA-335 II.25.3.3.1; the last is Microsoft's). 32BIT_REQUIRED alone means "x86 only";
 * together with 32BIT_PREFERRED it means "either bitness, 32 bits where there is a choice". */
#define FC_CLI_IL_ONLY 0x00000001u
#define FC_CLI_32BIT_REQUIRED 0x00000002u
#define FC_CLI_STRONG_NAME_SIGNED 0x00000008u
#define FC_CLI_NATIVE_ENTRYPOINT 0x00000010u
#define FC_CLI_32BIT_PREFERRED 0x00020000u

/* Reads the headers of `len_bytes` bytes at `data`, which may be NULL if `len_bytes` is 0. Bytes that are no ELF or PE
 * image are not an error: fc_image_format() names them.
 * Errors: FC_EFORMAT (the bytes claim to be an ELF or PE image, but contradict themselves or end too early: the text
 * says what and at which offset), FC_ENOMEM, FC_EINVAL (a NULL argument). */
FC_API int fc_image_open(const void *data, size_t len_bytes, struct fc_image **ret_image);

/* Frees the image, not the caller's bytes. NULL is legal. */
FC_API void fc_image_close(struct fc_image *image);

/* -- What it is --------------------------------------------------------------------------------------------------- */

FC_API enum fc_format fc_image_format(const struct fc_image *image);
FC_API enum fc_kind fc_image_kind(const struct fc_image *image);

/* The name of a format or kind, as in the tables above; "?" for any other number. Static storage. */
FC_API const char *fc_format_name(enum fc_format format);
FC_API const char *fc_kind_name(enum fc_kind kind);

/* 32 or 64: the ELF class, whether the PE optional header is PE32 or PE32+, the Mach-O magic, the machine of a COFF
 * object; 0 where the format has no such thing. It is what the header says, not where the image runs: an AnyCPU
 * assembly has 32 (see fc_image_is_neutral), an x32 ELF has 32 too (its target is NULL). */
FC_API int fc_image_bits(const struct fc_image *image);

FC_API enum fc_byte_order fc_image_byte_order(const struct fc_image *image);

/* The processor: "i386", "x86_64", "arm", "aarch64", ..., one name for one processor in every format; "unknown" for a
 * number that this library does not know; NULL where the format has none. Static storage. */
FC_API const char *fc_image_machine(const struct fc_image *image);

/* The number in the header that fc_image_machine() names: e_machine, Machine, or cputype; 0 where there is none. */
FC_API uint32_t fc_image_machine_number(const struct fc_image *image);

/* The target that the image was made for: "i386-linux", "x86_64-linux", "i386-windows", "x86_64-windows"; NULL if it
 * is none of these. Says nothing about kind: an object file has a target but cannot be loaded. Static storage. */
FC_API const char *fc_image_target(const struct fc_image *image);

/* Why fc_image_target() is NULL, in a few words such as "the x32 ABI"; NULL if it is not. Static storage. */
FC_API const char *fc_image_target_problem(const struct fc_image *image);

/* -- Managed code (PE with a CLI header) -------------------------------------------------------------------------- */

/* True for a PE image with a CLI header. */
FC_API bool fc_image_is_managed(const struct fc_image *image);

/* The flags of the CLI header, FC_CLI_* and others; 0 if the image is not managed. */
FC_API uint32_t fc_image_cli_flags(const struct fc_image *image);

/* The version of the CLI header, major * 65536 + minor, as in 0x20005; 0 if the image is not managed. */
FC_API uint32_t fc_image_cli_version(const struct fc_image *image);

/* True for managed code that has no bitness of its own ("AnyCPU"): IL only, PE32, machine i386, without
 * FC_CLI_32BIT_REQUIRED, and, if it is an executable, with a CLI header of version 2.5 or later. */
FC_API bool fc_image_is_neutral(const struct fc_image *image);

/* -- Dynamic linking (ELF) ---------------------------------------------------------------------------------------- */

/* DT_SONAME, PT_INTERP, DT_RUNPATH, DT_RPATH, as they stand in the file; NULL where there is none. */
FC_API const char *fc_image_soname(const struct fc_image *image);
FC_API const char *fc_image_interpreter(const struct fc_image *image);
FC_API const char *fc_image_runpath(const struct fc_image *image);
FC_API const char *fc_image_rpath(const struct fc_image *image);

/* The libraries it needs (DT_NEEDED), in the order of the file, one a call:
 *     size_t cursor = 0;
 *     for (const char *name; (name = fc_image_needed_next(image, &cursor)) != NULL;)
 * NULL after the last, and for every other format (the imports of PE images are not read yet). */
FC_API const char *fc_image_needed_next(const struct fc_image *image, size_t *cursor);

/* One exported symbol, during a visit. */
struct fc_export;

enum fc_export_type {
    FC_EXPORT_OTHER, /* an assembler label without a type */
    FC_EXPORT_FUNCTION,
    FC_EXPORT_DATA,
    FC_EXPORT_TLS /* data, one for each thread */
};

/* The name, and the version ("ZLIB_1.2.9") or NULL. Valid as long as the image. */
FC_API const char *fc_export_name(const struct fc_export *symbol);
FC_API const char *fc_export_version(const struct fc_export *symbol);
FC_API enum fc_export_type fc_export_type(const struct fc_export *symbol);
/* False for a version that is kept for programs linked long ago, and is found only when asked for by version. True for
 * a symbol without versions. */
FC_API bool fc_export_is_default(const struct fc_export *symbol);

/* Returns 0 to go on, anything else to stop. */
typedef int fc_export_visit_fn(void *user_data, const struct fc_export *symbol);

/* Visits every symbol that the dynamic linker would find in the image: defined, global, weak or unique, of default or
 * protected visibility; in the order of the file. Returns FC_OK, or what `visit` returned to stop.
 * Errors: FC_EFORMAT (after visiting the symbols before the faulty one), FC_ENOMEM,
 * FC_EUNSUPPORTED (the exports of PE images are not read yet). */
FC_API int fc_image_visit_exports(const struct fc_image *image, fc_export_visit_fn *visit, void *user_data);

#ifdef __cplusplus
}
#endif
#endif
