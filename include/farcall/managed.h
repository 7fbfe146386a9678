/* farcall: managed code: what a PE image with a CLI header says in it and in its metadata.
 *
 *     struct fc_metadata *metadata;
 *     if (fc_metadata_open(image, &metadata) == FC_OK) {
 *         printf("made for %s\n", fc_metadata_version(metadata));
 *         fc_metadata_visit_pinvokes(metadata, print_pinvoke, NULL);
 *         fc_metadata_close(metadata);
 *     }
 *
 * As in <farcall/image.h>: the image's bytes are the only input, none is believed unchecked, nothing is allocated in
 * proportion to what they claim, and every walk ends after a number of steps in proportion to the file's length.
 *
 * Ownership: metadata refers to the image and so do its strings; the image must stay open until fc_metadata_close.
 * Threads: metadata never changes after fc_metadata_open; any number of threads may read it at the same time.
 * Sources: ECMA-335, II.22 to II.25; dotnet/runtime's corhdr.h, readytorun.h and bundle header. */
#ifndef FARCALL_MANAGED_H
#define FARCALL_MANAGED_H

#include <farcall/image.h>

#ifdef __cplusplus
extern "C" {
#endif

/* -- Without metadata --------------------------------------------------------------------------------------------- */

/* Machine code compiled ahead of time, beside IL. */
enum fc_precompiled { FC_PRECOMPILED_NONE, FC_PRECOMPILED_NGEN, FC_PRECOMPILED_READYTORUN };
FC_API enum fc_precompiled fc_image_precompiled(const struct fc_image *image);

/* A native program, PE or ELF, that starts .NET: an apphost, which finds its assembly beside itself, or a single-file
 * bundle, which carries its assemblies. Found by the mark that .NET's build tools look for; reads the whole file. */
enum fc_apphost { FC_APPHOST_NONE, FC_APPHOST_PLAIN, FC_APPHOST_BUNDLE };
FC_API enum fc_apphost fc_image_apphost(const struct fc_image *image);
/* The number of files in a bundle; 0 if it is none. */
FC_API uint32_t fc_image_bundle_files(const struct fc_image *image);

/* -- Metadata ----------------------------------------------------------------------------------------------------- */

struct fc_metadata;

/* Reads root, streams and table sizes.
 * Errors: FC_EINVAL (a NULL argument, or the image has no CLI header), FC_EFORMAT, FC_ENOMEM. */
FC_API int fc_metadata_open(const struct fc_image *image, struct fc_metadata **ret_metadata);

/* NULL is legal. */
FC_API void fc_metadata_close(struct fc_metadata *metadata);

/* The version of the runtime it was compiled for, as "v4.0.30319". */
FC_API const char *fc_metadata_version(const struct fc_metadata *metadata);

/* The framework it was compiled for, as ".NETFramework,Version=v4.7.2" (TargetFrameworkAttribute); NULL if it does not
 * say. */
FC_API const char *fc_metadata_framework(const struct fc_metadata *metadata);

/* Stream number `index`: its name, its offset from the metadata's start and its length; false after the last. */
FC_API bool fc_metadata_stream(const struct fc_metadata *metadata, unsigned index, const char **ret_name,
                               uint32_t *ret_offset, uint32_t *ret_len_bytes);

/* The tables, by their numbers. */
#define FC_TABLES(X)                                                                                                   \
    X(FC_TABLE_MODULE, "Module")                                                                                       \
    X(FC_TABLE_TYPE_REF, "TypeRef")                                                                                    \
    X(FC_TABLE_TYPE_DEF, "TypeDef")                                                                                    \
    X(FC_TABLE_FIELD_PTR, "FieldPtr")                                                                                  \
    X(FC_TABLE_FIELD, "Field")                                                                                         \
    X(FC_TABLE_METHOD_PTR, "MethodPtr")                                                                                \
    X(FC_TABLE_METHOD_DEF, "MethodDef")                                                                                \
    X(FC_TABLE_PARAM_PTR, "ParamPtr")                                                                                  \
    X(FC_TABLE_PARAM, "Param")                                                                                         \
    X(FC_TABLE_INTERFACE_IMPL, "InterfaceImpl")                                                                        \
    X(FC_TABLE_MEMBER_REF, "MemberRef")                                                                                \
    X(FC_TABLE_CONSTANT, "Constant")                                                                                   \
    X(FC_TABLE_CUSTOM_ATTRIBUTE, "CustomAttribute")                                                                    \
    X(FC_TABLE_FIELD_MARSHAL, "FieldMarshal")                                                                          \
    X(FC_TABLE_DECL_SECURITY, "DeclSecurity")                                                                          \
    X(FC_TABLE_CLASS_LAYOUT, "ClassLayout")                                                                            \
    X(FC_TABLE_FIELD_LAYOUT, "FieldLayout")                                                                            \
    X(FC_TABLE_STAND_ALONE_SIG, "StandAloneSig")                                                                       \
    X(FC_TABLE_EVENT_MAP, "EventMap")                                                                                  \
    X(FC_TABLE_EVENT_PTR, "EventPtr")                                                                                  \
    X(FC_TABLE_EVENT, "Event")                                                                                         \
    X(FC_TABLE_PROPERTY_MAP, "PropertyMap")                                                                            \
    X(FC_TABLE_PROPERTY_PTR, "PropertyPtr")                                                                            \
    X(FC_TABLE_PROPERTY, "Property")                                                                                   \
    X(FC_TABLE_METHOD_SEMANTICS, "MethodSemantics")                                                                    \
    X(FC_TABLE_METHOD_IMPL, "MethodImpl")                                                                              \
    X(FC_TABLE_MODULE_REF, "ModuleRef")                                                                                \
    X(FC_TABLE_TYPE_SPEC, "TypeSpec")                                                                                  \
    X(FC_TABLE_IMPL_MAP, "ImplMap")                                                                                    \
    X(FC_TABLE_FIELD_RVA, "FieldRVA")                                                                                  \
    X(FC_TABLE_ENC_LOG, "ENCLog")                                                                                      \
    X(FC_TABLE_ENC_MAP, "ENCMap")                                                                                      \
    X(FC_TABLE_ASSEMBLY, "Assembly")                                                                                   \
    X(FC_TABLE_ASSEMBLY_PROCESSOR, "AssemblyProcessor")                                                                \
    X(FC_TABLE_ASSEMBLY_OS, "AssemblyOS")                                                                              \
    X(FC_TABLE_ASSEMBLY_REF, "AssemblyRef")                                                                            \
    X(FC_TABLE_ASSEMBLY_REF_PROCESSOR, "AssemblyRefProcessor")                                                         \
    X(FC_TABLE_ASSEMBLY_REF_OS, "AssemblyRefOS")                                                                       \
    X(FC_TABLE_FILE, "File")                                                                                           \
    X(FC_TABLE_EXPORTED_TYPE, "ExportedType")                                                                          \
    X(FC_TABLE_MANIFEST_RESOURCE, "ManifestResource")                                                                  \
    X(FC_TABLE_NESTED_CLASS, "NestedClass")                                                                            \
    X(FC_TABLE_GENERIC_PARAM, "GenericParam")                                                                          \
    X(FC_TABLE_METHOD_SPEC, "MethodSpec")                                                                              \
    X(FC_TABLE_GENERIC_PARAM_CONSTRAINT, "GenericParamConstraint")

enum fc_table {
#define FC_TABLE_ENUM(name, text) name,
    FC_TABLES(FC_TABLE_ENUM)
#undef FC_TABLE_ENUM
        FC_TABLE_COUNT
};

/* The table's name, as above; "?" for any other number. Static storage. */
FC_API const char *fc_table_name(enum fc_table table);

/* How many rows a table has, and how many bytes each; 0 for a table that is absent or unknown. */
FC_API uint32_t fc_metadata_rows(const struct fc_metadata *metadata, enum fc_table table);
FC_API unsigned fc_metadata_row_size(const struct fc_metadata *metadata, enum fc_table table);

/* A cell, as it stands there: row from 1 on, column from 0 on, in the order of ECMA-335 II.22. 0 outside the table. */
FC_API uint32_t fc_metadata_cell(const struct fc_metadata *metadata, enum fc_table table, uint32_t row,
                                 unsigned column);

/* The string at an index of #Strings, "" if there is none. The blob at an index of #Blob, NULL if there is none. */
FC_API const char *fc_metadata_string(const struct fc_metadata *metadata, uint32_t index);
FC_API const void *fc_metadata_blob(const struct fc_metadata *metadata, uint32_t index, size_t *ret_len_bytes);

/* -- Assemblies --------------------------------------------------------------------------------------------------- */

/* An assembly's name: of the image itself, or of one that it refers to. */
struct fc_assembly;
FC_API const char *fc_assembly_name(const struct fc_assembly *assembly);
FC_API const char *fc_assembly_culture(const struct fc_assembly *assembly); /* "" is neutral */
/* Four numbers of 16 bits, the first in the highest bits. */
FC_API uint64_t fc_assembly_version(const struct fc_assembly *assembly);
FC_API uint32_t fc_assembly_flags(const struct fc_assembly *assembly);
/* The public key, or its token of 8 bytes; NULL if it has none. */
FC_API const void *fc_assembly_key(const struct fc_assembly *assembly, size_t *ret_len_bytes);

/* The image's own; NULL if it is a module of another assembly. */
FC_API const struct fc_assembly *fc_metadata_assembly(const struct fc_metadata *metadata);

typedef int fc_assembly_visit_fn(void *user_data, const struct fc_assembly *assembly);

/* Visits the assemblies that it refers to. Returns FC_OK, or what `visit` returned to stop. */
FC_API int fc_metadata_visit_references(const struct fc_metadata *metadata, fc_assembly_visit_fn *visit,
                                        void *user_data);

/* -- What ties it to a platform ----------------------------------------------------------------------------------- */

/* A method that is a function of a native library (P/Invoke): the library, the function, the type ("Namespace.Name")
 * with its method, and the flags of the ImplMap row. The strings are valid during the visit. */
struct fc_pinvoke;
FC_API const char *fc_pinvoke_library(const struct fc_pinvoke *pinvoke);
FC_API const char *fc_pinvoke_entry(const struct fc_pinvoke *pinvoke);
FC_API const char *fc_pinvoke_type(const struct fc_pinvoke *pinvoke);
FC_API const char *fc_pinvoke_method(const struct fc_pinvoke *pinvoke);
FC_API uint32_t fc_pinvoke_flags(const struct fc_pinvoke *pinvoke);
/* What looks like a pointer or handle in an integer of 32 bits: the parameter's name, or "the result"; NULL if nothing
 * does. A guess by names. */
FC_API const char *fc_pinvoke_suspicion(const struct fc_pinvoke *pinvoke);

typedef int fc_pinvoke_visit_fn(void *user_data, const struct fc_pinvoke *pinvoke);

/* Visits the P/Invoke methods, in the order of the file. Returns FC_OK, or what `visit` returned to stop.
 * Errors: FC_EFORMAT (strings that overlap beyond reason). */
FC_API int fc_metadata_visit_pinvokes(const struct fc_metadata *metadata, fc_pinvoke_visit_fn *visit, void *user_data);

/* Why an assembly may work at one bitness or on one system only. Bits of a mask; each has a sentence. */
#define FC_TIES(X)                                                                                                     \
    X(FC_TIE_NATIVE_CODE, 0, "it has native code beside the IL, for the machine of its header")                        \
    X(FC_TIE_NATIVE_ENTRY, 1, "its entry point is native code")                                                        \
    X(FC_TIE_NATIVE_METHODS, 2, "it has methods of native code")                                                       \
    X(FC_TIE_VTABLE_FIXUPS, 3, "it exports methods to native callers, through slots of one bitness")                   \
    X(FC_TIE_PINVOKE, 4, "it calls functions of native libraries, which must be of the process's bitness")             \
    X(FC_TIE_UNSAFE, 5, "it was compiled as unsafe code")                                                              \
    X(FC_TIE_POINTERS, 6, "its methods or fields have pointers in their types")                                        \
    X(FC_TIE_COM, 7, "it uses COM interfaces, of which servers in the process have one bitness")                       \
    X(FC_TIE_LAYOUT, 8, "a layout places a field less than 8 bytes behind a pointer")                                  \
    X(FC_TIE_INT_FOR_POINTER, 9, "what looks like a handle or pointer is passed as an integer of 32 bits")

enum fc_tie {
#define FC_TIE_ENUM(name, bit, text) name = 1 << (bit),
    FC_TIES(FC_TIE_ENUM)
#undef FC_TIE_ENUM
};

/* The mask of those that apply. */
FC_API uint32_t fc_metadata_ties(const struct fc_metadata *metadata);
/* The sentence of one bit; "?" for any other number. Static storage. */
FC_API const char *fc_tie_text(enum fc_tie tie);

#ifdef __cplusplus
}
#endif
#endif
