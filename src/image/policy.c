/* image: conditions, verdicts, and what an image is to loaders. */
#include "image/policy.h"

#include <stdio.h>
#include <stdlib.h>

enum { VERSION_2_5 = 0x20005, KNOWN_FLAGS = 0x3001f | 0x4, CLI_FIXUPS = 48, CLI_MIN = 72 };

/* -- Names -------------------------------------------------------------------------------------------------------- */

const char *fc_system_name(enum fc_system system) {
#define NAME(name, text, title) text,
    static const char *const names[] = {FC_SYSTEMS(NAME)};
#undef NAME
    return (unsigned)system < FC_SYSTEM_COUNT ? names[system] : "?";
}

const char *fc_system_title(enum fc_system system) {
#define TITLE(name, text, title) title,
    static const char *const titles[] = {FC_SYSTEMS(TITLE)};
#undef TITLE
    return (unsigned)system < FC_SYSTEM_COUNT ? titles[system] : "?";
}

static const struct {
    const char *machine;
    int bits;
    const char *title;
} processes[] = {
#define ROW(name, machine, bits, title) {machine, bits, title},
    FC_PROCESSES(ROW)
#undef ROW
};

const char *fc_process_machine(enum fc_process process) {
    return (unsigned)process < FC_PROCESS_COUNT ? processes[process].machine : "?";
}

int fc_process_bits(enum fc_process process) {
    return (unsigned)process < FC_PROCESS_COUNT ? processes[process].bits : 0;
}

const char *fc_process_title(enum fc_process process) {
    return (unsigned)process < FC_PROCESS_COUNT ? processes[process].title : "?";
}

/* -- Conditions --------------------------------------------------------------------------------------------------- */

int fc_conditions_new(enum fc_system system, struct fc_conditions **ret_conditions) {
    if ((unsigned)system >= FC_SYSTEM_COUNT || ret_conditions == NULL) {
        return fc__error_set(fc__error_here(), FC_EINVAL,
                             "fc_conditions_new: no such system, or no place for the result");
    }
    struct fc_conditions *conditions = calloc(1, sizeof *conditions);
    if (conditions == NULL) {
        return fc__error_set(fc__error_here(), FC_ENOMEM, "out of memory for conditions");
    }
    conditions->system = system;
    conditions->runtime_bits = 64;
    *ret_conditions = conditions;
    return FC_OK;
}

void fc_conditions_free(struct fc_conditions *conditions) {
    if (conditions != NULL) {
        fc__arena_done(&conditions->arena);
        free(conditions);
    }
}

/* A copy that lives as long as the conditions. */
static int keep(struct fc_conditions *conditions, const char *text, size_t len, const char **ret_copy) {
    const char *copy = text != NULL ? fc__arena_copy(&conditions->arena, text, len) : NULL;
    if (copy == NULL) {
        return fc__error_set(fc__error_here(), text == NULL ? FC_EINVAL : FC_ENOMEM, "conditions: %s",
                             text == NULL ? "a text is NULL" : "out of memory");
    }
    *ret_copy = copy;
    return FC_OK;
}

int fc_conditions_add_runtime(struct fc_conditions *conditions, const char *version) {
    if (conditions->runtime_count == FC__RUNTIMES_MAX) {
        return fc__error_set(fc__error_here(), FC_EINVAL, "conditions: more than %d runtimes", FC__RUNTIMES_MAX);
    }
    int result = keep(conditions, version, version != NULL ? strlen(version) : 0,
                      &conditions->runtimes[conditions->runtime_count]);
    conditions->runtime_count += result == FC_OK;
    return result;
}

int fc_conditions_set_config(struct fc_conditions *conditions, const char *text, size_t len_bytes) {
    conditions->config.len = len_bytes;
    return keep(conditions, text, len_bytes, &conditions->config.text);
}

int fc_conditions_set_manifest(struct fc_conditions *conditions, const char *text, size_t len_bytes) {
    conditions->manifest.len = len_bytes;
    return keep(conditions, text, len_bytes, &conditions->manifest.text);
}

int fc_conditions_set_framework(struct fc_conditions *conditions, const char *version, const char *roll_forward) {
    const char *roll = roll_forward != NULL ? roll_forward : "Minor";
    int result = keep(conditions, version, version != NULL ? strlen(version) : 0, &conditions->framework);
    return result == FC_OK ? keep(conditions, roll, strlen(roll), &conditions->roll_forward) : result;
}

int fc_conditions_set_enable64bit(struct fc_conditions *conditions, bool is_enabled) {
    conditions->is_64bit_disabled = !is_enabled;
    return FC_OK;
}

int fc_conditions_set_prefers_arm64(struct fc_conditions *conditions, bool is_preferred) {
    conditions->prefers_arm64 = is_preferred;
    return FC_OK;
}

int fc_conditions_set_runtime_bits(struct fc_conditions *conditions, int bits) {
    if (bits != 32 && bits != 64) {
        return fc__error_set(fc__error_here(), FC_EINVAL, "conditions: a runtime of %d bits", bits);
    }
    conditions->runtime_bits = bits;
    return FC_OK;
}

/* -- Facts and classes -------------------------------------------------------------------------------------------- */

static uint32_t cli_facts(const struct fc_image *image) {
    const struct fc__pe *pe = &image->pe;
    uint32_t flags = pe->cli_flags, facts = FC__IS_MANAGED;
    facts |= flags & FC_CLI_IL_ONLY ? FC__IS_IL_ONLY : 0u;
    facts |= flags & FC_CLI_32BIT_REQUIRED ? FC__HAS_REQUIRED : 0u;
    facts |= flags & FC_CLI_32BIT_PREFERRED ? FC__HAS_PREFERRED : 0u;
    facts |= flags & FC_CLI_NATIVE_ENTRYPOINT ? FC__HAS_NATIVE_ENTRY : 0u;
    facts |= flags & FC_CLI_STRONG_NAME_SIGNED ? FC__CLAIMS_STRONG_NAME : 0u;
    facts |= flags & ~(uint32_t)KNOWN_FLAGS ? FC__HAS_UNKNOWN_FLAGS : 0u;
    facts |= pe->cli_version >= VERSION_2_5 ? FC__IS_NEW : 0u;
    facts |= pe->cli_version >> 16 < 2 ? FC__IS_MAJOR_LOW : pe->cli_version >> 16 > 2 ? FC__IS_MAJOR_HIGH : 0u;
    facts |= fc_image_has_strong_name(image) ? FC__HAS_STRONG_NAME : 0u;
    facts |= fc__bytes_u32(&image->bytes, pe->cli + CLI_FIXUPS) != 0 ? FC__HAS_FIXUPS : 0u;
    facts |= fc__bytes_u32(&image->bytes, pe->cli) < CLI_MIN ? FC__IS_CB_SHORT : 0u;
    return facts;
}

uint32_t fc__policy_facts(const struct fc_image *image) {
    uint32_t facts = image->kind == FC_KIND_LIBRARY ? FC__IS_LIBRARY : 0u;
    uint64_t entry = 1, version = 0;
    if (image->format != FC_FORMAT_PE) {
        return facts;
    }
    fc_image_pe_number(image, FC_PE_ENTRY_POINT, &entry);
    fc_image_pe_number(image, FC_PE_WIN32_VERSION, &version);
    facts |= image->pe.is_wide ? FC__IS_WIDE : 0u;
    facts |= version != 0 ? FC__HAS_WIN32_VERSION : 0u;
    facts |= image->pe.sections - image->pe.optional != (image->pe.is_wide ? 240 : 224) ? FC__HAS_ODD_OPTIONAL : 0u;
    facts |= entry == 0 && fc__bytes_u32(&image->bytes, image->pe.optional + 4) == 0 ? FC__HAS_NO_CODE : 0u;
    facts |= image->pe.cli != 0 && !image->pe.is_managed ? FC__IS_CLI_SHORT : 0u;
    return image->pe.is_managed ? facts | cli_facts(image) : facts;
}

/* Of PE32 images for i386, in this order: the first row of which the image has all facts and lacks all others. */
static const struct {
    uint32_t has, lacks;
    enum fc__class class;
} i386_classes[] = {
    {FC__IS_CLI_SHORT, 0, FC__CLASS_SHORT_CLI},
    {FC__HAS_NO_CODE | FC__IS_LIBRARY, FC__IS_MANAGED, FC__CLASS_RESOURCES},
    {0, FC__IS_MANAGED, FC__CLASS_I386},
    {0, FC__IS_IL_ONLY, FC__CLASS_MIXED},
    {FC__IS_NEW | FC__HAS_REQUIRED | FC__HAS_PREFERRED, 0, FC__CLASS_PREFERS_32},
    {FC__HAS_REQUIRED, 0, FC__CLASS_X86},
    {0, FC__IS_NEW, FC__CLASS_OLD},
    {FC__HAS_PREFERRED, 0, FC__CLASS_ILLEGAL},
    {0, 0, FC__CLASS_ANYCPU},
};

static enum fc__class wide_class(const struct fc_image *image) {
    enum fc_hybrid hybrid = fc_image_hybrid(image);
    switch (image->machine_number) {
    case FC__PE_AMD64:
        return hybrid == FC_HYBRID_ARM64EC ? FC__CLASS_ARM64EC : FC__CLASS_AMD64;
    case FC__PE_ARM64:
        return hybrid == FC_HYBRID_ARM64X ? FC__CLASS_ARM64X : FC__CLASS_ARM64;
    case FC__PE_IA64:
        return FC__CLASS_IA64;
    default:
        return FC__CLASS_OTHER_MACHINE;
    }
}

enum fc__class fc__policy_class(const struct fc_image *image, uint32_t facts) {
    int bits;
    const char *os;
    if (image->format != FC_FORMAT_PE) {
        return image->format == FC_FORMAT_ELF ? FC__CLASS_ELF : FC__CLASS_NO_IMAGE;
    }
    fc__machine_of_pe(image->machine_number, &bits, &os);
    if (image->pe.is_mismatched || strcmp(os, "Windows") != 0) {
        return image->pe.is_mismatched ? FC__CLASS_MISMATCHED : FC__CLASS_FOREIGN;
    }
    if (facts & FC__IS_WIDE) {
        return wide_class(image);
    }
    if (image->machine_number != FC__PE_I386) {
        return image->machine_number == FC__PE_ARMNT ? FC__CLASS_ARM : FC__CLASS_OTHER_MACHINE;
    }
    if ((facts & FC__IS_MANAGED) == 0 && fc_image_hybrid(image) == FC_HYBRID_CHPE) {
        return FC__CLASS_CHPE;
    }
    for (size_t i = 0;; i++) { /* the last row takes all */
        if ((facts & i386_classes[i].has) == i386_classes[i].has && (facts & i386_classes[i].lacks) == 0) {
            return i386_classes[i].class;
        }
    }
}

static const struct {
    const char *text, *source;
} class_texts[] = {
    [FC__CLASS_NO_IMAGE] = {"It is not a binary of this system", "Wine's loader tests (tested)"},
    [FC__CLASS_ELF] = {"It is an ELF image", "System V gABI (documented)"},
    [FC__CLASS_MISMATCHED] = {"Its machine and its optional header are of different bitness",
                              "Wine's loader tests (tested)"},
    [FC__CLASS_FOREIGN] = {"Its code was compiled ahead of time for another system", ".NET's pedecoder.h (read)"},
    [FC__CLASS_OTHER_MACHINE] = {"It is for a machine of another kind", "Microsoft, PE Format (documented)"},
    [FC__CLASS_I386] = {"It is native code for i386", "Microsoft, Running 32-bit Applications (documented)"},
    [FC__CLASS_AMD64] = {"It is for x86_64", "Microsoft, Running 32-bit Applications (documented; codes inferred)"},
    [FC__CLASS_ARM64] = {"It is for ARM64", "Microsoft, Windows on Arm (documented)"},
    [FC__CLASS_IA64] = {"It is for Itanium", "Microsoft, Running 32-bit Applications (documented)"},
    [FC__CLASS_ARM] = {"It is for 32-bit ARM", "inferred"},
    [FC__CLASS_CHPE] = {"It is native code for i386 with ARM64 code beside it (CHPE)", "winnt.h (inferred)"},
    [FC__CLASS_ARM64EC] = {"It is Arm64EC: ARM64 code that lives in x64 processes",
                           "Microsoft, Arm64X PE files (documented)"},
    [FC__CLASS_ARM64X] = {"It is Arm64X: ARM64 and Arm64EC code in one image",
                          "Microsoft, Arm64X PE files (documented)"},
    [FC__CLASS_SHORT_CLI] = {"Its CLI header is too short to be seen", "Wine's loader (observed)"},
    [FC__CLASS_ANYCPU] =
        {"It is IL only, has a CLI header of version 2.5 or later and does not require 32 bits (AnyCPU)",
         "Microsoft, How the OS Loader will force .NET v1.0/1.1 executables (documented)"},
    [FC__CLASS_OLD] = {"Its CLI header has a version below 2.5, as of .NET 1.0 and 1.1",
                       "Microsoft, How the OS Loader will force .NET v1.0/1.1 executables (documented)"},
    [FC__CLASS_PREFERS_32] = {"It is IL only and prefers 32 bits",
                              "Microsoft, /platform:anycpu32bitpreferred (documented)"},
    [FC__CLASS_X86] = {"It is IL that requires 32 bits (x86)", "Microsoft, /platform:x86 (documented)"},
    [FC__CLASS_MIXED] = {"It has native i386 code beside the IL", "dnlib, Wine's loader (read)"},
    [FC__CLASS_ILLEGAL] =
        {"It is IL only and has 32BITPREFERRED without 32BITREQUIRED, which is reserved, so the loader "
         "takes it for AnyCPU",
         "Wine's loader tests (tested)"},
    [FC__CLASS_RESOURCES] = {"It is a PE32 image without code", "Wine's loader tests (tested)"},
};

const char *fc__class_text(enum fc__class class) {
    return class_texts[class].text;
}

const char *fc__class_source(enum fc__class class) {
    return class_texts[class].source;
}

/* -- Verdicts ----------------------------------------------------------------------------------------------------- */

void fc__opinion_set(struct fc_opinion *opinion, enum fc_outcome outcome, uint32_t code, const char *source,
                     const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(opinion->reason, sizeof opinion->reason, format, list);
    va_end(list);
    opinion->outcome = outcome;
    opinion->code = code;
    opinion->source = source;
}

void fc_verdict_free(struct fc_verdict *verdict) {
    free(verdict);
}

enum fc_process fc_verdict_process(const struct fc_verdict *verdict) {
    return verdict->process;
}

const char *fc_verdict_runtime(const struct fc_verdict *verdict) {
    return verdict->runtime[0] != '\0' ? verdict->runtime : NULL;
}

const struct fc_opinion *fc_verdict_os(const struct fc_verdict *verdict) {
    return &verdict->os;
}

const struct fc_opinion *fc_verdict_clr(const struct fc_verdict *verdict) {
    return verdict->has_clr ? &verdict->clr : NULL;
}

enum fc_outcome fc_opinion_outcome(const struct fc_opinion *opinion) {
    return opinion->outcome;
}

uint32_t fc_opinion_code(const struct fc_opinion *opinion) {
    return opinion->code;
}

const char *fc_opinion_reason(const struct fc_opinion *opinion) {
    return opinion->reason;
}

const char *fc_opinion_source(const struct fc_opinion *opinion) {
    return opinion->source;
}
