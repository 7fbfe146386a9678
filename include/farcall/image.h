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
 * object, those of an archive's first object; 0 where the format has no such thing. It is what the header says, not where the image runs: an AnyCPU
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

/* True for a PE image with a CLI header in a directory of a size that loaders accept. */
FC_API bool fc_image_is_managed(const struct fc_image *image);

/* The flags of the CLI header, FC_CLI_* and others; 0 if the image is not managed. */
FC_API uint32_t fc_image_cli_flags(const struct fc_image *image);

/* The version of the CLI header, major * 65536 + minor, as in 0x20005; 0 if the image is not managed. */
FC_API uint32_t fc_image_cli_version(const struct fc_image *image);

/* True if the image has a strong name, or room for one: whether it is valid, or there at all, is not looked at. */
FC_API bool fc_image_has_strong_name(const struct fc_image *image);

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
 * NULL after the last, and for every other format (for PE there is fc_image_visit_imports). */
FC_API const char *fc_image_needed_next(const struct fc_image *image, size_t *cursor);

/* -- Exports and imports ------------------------------------------------------------------------------------------ */

/* One exported symbol, during a visit. */
struct fc_export;

enum fc_export_type {
    FC_EXPORT_OTHER, /* an assembler label without a type; a forwarder, whose type another library knows */
    FC_EXPORT_FUNCTION,
    FC_EXPORT_DATA,
    FC_EXPORT_TLS /* data, one for each thread */
};

/* The name, which is NULL for a PE export that has but an ordinal; the version ("ZLIB_1.2.9") or NULL. Valid as long as
 * the image. */
FC_API const char *fc_export_name(const struct fc_export *symbol);
FC_API const char *fc_export_version(const struct fc_export *symbol);
/* Of ELF as the symbol says; of PE by the section that it lies in. */
FC_API enum fc_export_type fc_export_type(const struct fc_export *symbol);
/* False for a version that is kept for programs linked long ago, and is found only when asked for by version. True for
 * a symbol without versions. */
FC_API bool fc_export_is_default(const struct fc_export *symbol);
/* PE: the ordinal, else 0; where it is forwarded to ("NTDLL.RtlAllocateHeap", "OTHER.#7"), else NULL. */
FC_API uint32_t fc_export_ordinal(const struct fc_export *symbol);
FC_API const char *fc_export_forwarder(const struct fc_export *symbol);
/* The bytes of arguments that the name tells of a 32-bit function that removes them itself: 8 for `_Name@8` (stdcall),
 * `@Name@8` (fastcall), `Name@@8` (vectorcall) and `Name@8`; -1 for other names. */
FC_API int fc_export_stack_bytes(const struct fc_export *symbol);

/* Returns 0 to go on, anything else to stop. */
typedef int fc_export_visit_fn(void *user_data, const struct fc_export *symbol);

/* Visits what the image exports. ELF: every symbol that the dynamic linker would find: defined, global, weak or unique,
 * of default or protected visibility; in the order of the file. PE: names in the order of the file, then what has only
 * an ordinal. Returns FC_OK, or what `visit` returned to stop.
 * Errors: FC_EFORMAT (after visiting the symbols before the faulty one), FC_ENOMEM. */
FC_API int fc_image_visit_exports(const struct fc_image *image, fc_export_visit_fn *visit, void *user_data);

/* One import, during a visit: the library; the name, or NULL and an ordinal; whether it is looked up at the first call
 * instead of at the start. The strings are valid as long as the image; of an import library, during the visit. */
struct fc_import;
FC_API const char *fc_import_library(const struct fc_import *import);
FC_API const char *fc_import_name(const struct fc_import *import);
FC_API uint32_t fc_import_ordinal(const struct fc_import *import);
FC_API bool fc_import_is_delayed(const struct fc_import *import);

typedef int fc_import_visit_fn(void *user_data, const struct fc_import *import);

/* Visits the imports of a PE image, library by library in the order of the file, delayed ones last; what a program
 * imports that is linked with an import library (FC_FORMAT_AR) or an object of one (FC_FORMAT_COFF_IMPORT); none for
 * other formats. Returns and errors as fc_image_visit_exports. */
FC_API int fc_image_visit_imports(const struct fc_image *image, fc_import_visit_fn *visit, void *user_data);

/* -- Archives (ar) ------------------------------------------------------------------------------------------------ */

/* One member, during a visit: its name, cut after 255 bytes and valid during the visit; its bytes, for fc_image_open,
 * valid as long as the image. A thin archive has names only: NULL, and a length of 0. */
struct fc_member;
FC_API const char *fc_member_name(const struct fc_member *member);
FC_API const void *fc_member_data(const struct fc_member *member, size_t *ret_len_bytes);

typedef int fc_member_visit_fn(void *user_data, const struct fc_member *member);

/* Visits the members of an archive in the order of the file, without its indexes; none for other formats. Machine and
 * bitness of the archive itself are those of the first object among its first 16 members.
 * Returns and errors as fc_image_visit_exports. */
FC_API int fc_image_visit_members(const struct fc_image *image, fc_member_visit_fn *visit, void *user_data);

/* -- More of PE images -------------------------------------------------------------------------------------------- */

/* Numbers that stand in the headers, with their names in Microsoft's "PE Format". */
#define FC_PE_NUMBERS(X)                                                                                               \
    X(FC_PE_TIMESTAMP, "TimeDateStamp")                                                                                \
    X(FC_PE_CHARACTERISTICS, "Characteristics")                                                                        \
    X(FC_PE_LINKER_MAJOR, "MajorLinkerVersion")                                                                        \
    X(FC_PE_LINKER_MINOR, "MinorLinkerVersion")                                                                        \
    X(FC_PE_ENTRY_POINT, "AddressOfEntryPoint")                                                                        \
    X(FC_PE_IMAGE_BASE, "ImageBase")                                                                                   \
    X(FC_PE_SECTION_ALIGNMENT, "SectionAlignment")                                                                     \
    X(FC_PE_FILE_ALIGNMENT, "FileAlignment")                                                                           \
    X(FC_PE_SYSTEM_MAJOR, "MajorOperatingSystemVersion")                                                               \
    X(FC_PE_SYSTEM_MINOR, "MinorOperatingSystemVersion")                                                               \
    X(FC_PE_SUBSYSTEM_MAJOR, "MajorSubsystemVersion")                                                                  \
    X(FC_PE_SUBSYSTEM_MINOR, "MinorSubsystemVersion")                                                                  \
    X(FC_PE_WIN32_VERSION, "Win32VersionValue")                                                                        \
    X(FC_PE_IMAGE_SIZE, "SizeOfImage")                                                                                 \
    X(FC_PE_HEADERS_SIZE, "SizeOfHeaders")                                                                             \
    X(FC_PE_CHECKSUM, "CheckSum")                                                                                      \
    X(FC_PE_SUBSYSTEM, "Subsystem")                                                                                    \
    X(FC_PE_DLL_CHARACTERISTICS, "DllCharacteristics")                                                                 \
    X(FC_PE_DIRECTORY_COUNT, "NumberOfRvaAndSizes")

enum fc_pe_number {
#define FC_PE_NUMBER_ENUM(name, text) name,
    FC_PE_NUMBERS(FC_PE_NUMBER_ENUM)
#undef FC_PE_NUMBER_ENUM
};

/* The number's name, as above; "?" for any other. Static storage. */
FC_API const char *fc_pe_number_name(enum fc_pe_number number);
/* Its value. False, and *ret_value untouched, if the image is no PE image. */
FC_API bool fc_image_pe_number(const struct fc_image *image, enum fc_pe_number number, uint64_t *ret_value);

/* One section, during a visit. The name, of at most 8 bytes, is valid during it. */
struct fc_section;
FC_API const char *fc_section_name(const struct fc_section *section);
FC_API uint32_t fc_section_rva(const struct fc_section *section);
FC_API uint32_t fc_section_virtual_size(const struct fc_section *section);
FC_API uint32_t fc_section_offset(const struct fc_section *section);
FC_API uint32_t fc_section_raw_size(const struct fc_section *section);
FC_API uint32_t fc_section_characteristics(const struct fc_section *section);

typedef int fc_section_visit_fn(void *user_data, const struct fc_section *section);

/* Visits the sections of a PE image, in the order of their headers; none for other formats. Returns FC_OK, or what
 * `visit` returned to stop. */
FC_API int fc_image_visit_sections(const struct fc_image *image, fc_section_visit_fn *visit, void *user_data);

/* The checksum that the bytes have, to be compared with FC_PE_CHECKSUM; reads the whole file. 0 if it is not PE. */
FC_API uint32_t fc_image_checksum(const struct fc_image *image);

/* True for a PE image that carries an Authenticode signature. Whether it is valid is not looked at. */
FC_API bool fc_image_has_certificate(const struct fc_image *image);

/* Code for two machines in one PE image: x86 with ARM64 code, x86_64 with ARM64 code, ARM64 that is Arm64EC too. */
enum fc_hybrid { FC_HYBRID_NONE, FC_HYBRID_CHPE, FC_HYBRID_ARM64EC, FC_HYBRID_ARM64X };
FC_API enum fc_hybrid fc_image_hybrid(const struct fc_image *image);
/* "", "CHPE", "Arm64EC", "Arm64X". Static storage. */
FC_API const char *fc_hybrid_name(enum fc_hybrid hybrid);

/* One resource of a PE image, during a visit: numbers of type, name and language, 0 where it has a text instead. */
struct fc_resource;
enum { FC_RESOURCE_VERSION = 16, FC_RESOURCE_MANIFEST = 24 };
FC_API uint32_t fc_resource_type(const struct fc_resource *resource);
FC_API uint32_t fc_resource_id(const struct fc_resource *resource);
FC_API uint32_t fc_resource_language(const struct fc_resource *resource);
/* Its bytes, valid as long as the image. */
FC_API const void *fc_resource_data(const struct fc_resource *resource, size_t *ret_len_bytes);

typedef int fc_resource_visit_fn(void *user_data, const struct fc_resource *resource);

/* Visits the resources of a PE image; none for other formats. Returns and errors as fc_image_visit_exports. */
FC_API int fc_image_visit_resources(const struct fc_image *image, fc_resource_visit_fn *visit, void *user_data);

/* The first manifest among the resources: XML, without a NUL at its end. NULL if there is none to be found. */
FC_API const char *fc_image_manifest(const struct fc_image *image, size_t *ret_len_bytes);

/* The file version among the resources, four numbers of 16 bits, the first in the highest bits; 0 if there is none. */
FC_API uint64_t fc_image_file_version(const struct fc_image *image);

#ifdef __cplusplus
}
#endif
#endif
