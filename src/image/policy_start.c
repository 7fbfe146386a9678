/* image: what becomes of an executable that is started. One row for each class of images, one column for each system.
 * Sources: named with each class (policy.c); where Windows and Wine disagree, the column of Windows says what Windows
 * does. */
#include "image/policy.h"

#include <stdio.h>
#include <stdlib.h>

enum { BAD_EXE_FORMAT = 193, EXE_MACHINE_TYPE_MISMATCH = 216, ENOEXEC_LINUX = 8 };

/* The process that a program gets, or the code with which it fails. */
struct cell {
    uint8_t process, code;
    bool is_uncertain;
};
#define RUNS(process)                                                                                                  \
    { FC_PROCESS_##process, 0, false }
#define MAYBE(process)                                                                                                 \
    { FC_PROCESS_##process, 0, true }
#define FAILS(code)                                                                                                    \
    { FC_PROCESS_NONE, code, false }
#define F193 FAILS(BAD_EXE_FORMAT)
#define F216 FAILS(EXE_MACHINE_TYPE_MISMATCH)
#define IN_32_BITS                                                                                                     \
    { RUNS(I386), RUNS(WOW64), RUNS(WOW64), RUNS(I386_EMULATED), RUNS(I386_EMULATED), RUNS(WOW64) }
#define IN_NATIVE_BITS                                                                                                 \
    { RUNS(I386), RUNS(X86_64), RUNS(IA64), RUNS(I386_EMULATED), RUNS(X86_64_EMULATED), RUNS(X86_64) }
#define NOWHERE                                                                                                        \
    { F193, F193, F193, F193, F193, F193 }

#define LOADERS (FC_SYSTEM_WINE + 1)

/* Windows x86, x64, Itanium, 10 on ARM64, 11 on ARM64; Wine. */
static const struct cell starts[FC__CLASS_COUNT][LOADERS] = {
    [FC__CLASS_NO_IMAGE] = NOWHERE,
    [FC__CLASS_ELF] = NOWHERE,
    [FC__CLASS_MISMATCHED] = NOWHERE,
    [FC__CLASS_FOREIGN] = NOWHERE,
    [FC__CLASS_OTHER_MACHINE] = NOWHERE,
    [FC__CLASS_I386] = IN_32_BITS,
    [FC__CLASS_AMD64] = {F216, RUNS(X86_64), F216, F216, RUNS(X86_64_EMULATED), RUNS(X86_64)},
    [FC__CLASS_ARM64] = {F216, F216, F216, RUNS(AARCH64), RUNS(AARCH64), F193},
    [FC__CLASS_IA64] = {F216, F193, RUNS(IA64), F216, F216, F193},
    [FC__CLASS_ARM] = {F216, F193, F216, MAYBE(ARM), MAYBE(ARM), F193},
    [FC__CLASS_CHPE] = IN_32_BITS,
    [FC__CLASS_ARM64EC] = {F216, F216, F216, F216, RUNS(X86_64_EMULATED), F193},
    [FC__CLASS_ARM64X] = {F216, F216, F216, RUNS(AARCH64), RUNS(AARCH64), F193},
    [FC__CLASS_SHORT_CLI] = IN_32_BITS,
    [FC__CLASS_ANYCPU] = IN_NATIVE_BITS,
    [FC__CLASS_OLD] = IN_32_BITS,
    [FC__CLASS_PREFERS_32] = IN_32_BITS,
    [FC__CLASS_X86] = IN_32_BITS,
    [FC__CLASS_MIXED] = IN_32_BITS,
    [FC__CLASS_ILLEGAL] = IN_NATIVE_BITS,
    [FC__CLASS_RESOURCES] = NOWHERE,
};

/* -- What changes the table --------------------------------------------------------------------------------------- */

/* The element's content, after its start tag: a list of machines. */
static bool manifest_wants_arm64(const struct fc_image *image, const struct fc_conditions *conditions) {
    struct fc__span_text manifest = conditions->manifest;
    size_t at = 0;
    if (manifest.text == NULL) {
        manifest.text = fc_image_manifest(image, &manifest.len);
    }
    if (manifest.text == NULL || fc__markup_tag(manifest, "supportedArchitectures", &at).text == NULL) {
        return false;
    }
    const char *content = manifest.text + at, *end = memchr(content, '<', manifest.len - at);
    return end != NULL && memmem(content, (size_t)(end - content), "arm64", 5) != NULL;
}

static bool is_neutral_class(enum fc__class class) {
    return class == FC__CLASS_ANYCPU || class == FC__CLASS_ILLEGAL;
}

/* True if a condition decides instead of the table. */
static bool is_overridden(const struct fc_image *image, const struct fc_conditions *conditions, enum fc__class class,
                          struct fc_verdict *verdict) {
    if (!is_neutral_class(class)) {
        return false;
    }
    if (conditions->is_64bit_disabled &&
        (conditions->system == FC_SYSTEM_WINDOWS_X64 || conditions->system == FC_SYSTEM_WINDOWS_IA64)) {
        verdict->process = FC_PROCESS_WOW64;
        fc__opinion_set(&verdict->os, FC_OUTCOME_WORKS, 0, "Microsoft, Ldr64.exe (documented)",
                        "%s, but Enable64Bit in the registry is 0, so it runs in %s.", fc__class_text(class),
                        fc_process_title(verdict->process));
        return true;
    }
    if (conditions->system == FC_SYSTEM_WINDOWS11_ARM64 && conditions->prefers_arm64) {
        verdict->process = FC_PROCESS_AARCH64;
        fc__opinion_set(&verdict->os, FC_OUTCOME_WORKS, 0, "Microsoft, Windows on Arm (documented)",
                        "%s, and PreferredMachine in the registry is ARM64, so it runs in %s.", fc__class_text(class),
                        fc_process_title(verdict->process));
        return true;
    }
    if (conditions->system == FC_SYSTEM_WINDOWS11_ARM64 && manifest_wants_arm64(image, conditions)) {
        verdict->process = FC_PROCESS_AARCH64;
        fc__opinion_set(&verdict->os, FC_OUTCOME_WORKS, 0, "Microsoft, supportedArchitectures (documented)",
                        "%s, and its manifest lists arm64 among supportedArchitectures, so it runs in %s; Windows 11 "
                        "before 24H2 runs it in %s.",
                        fc__class_text(class), fc_process_title(verdict->process),
                        fc_process_title(FC_PROCESS_X86_64_EMULATED));
        return true;
    }
    return false;
}

/* -- Systems ------------------------------------------------------------------------------------------------------ */

static void start_by_table(const struct fc_image *image, const struct fc_conditions *conditions, enum fc__class class,
                           uint32_t facts, struct fc_verdict *verdict) {
    const char *title = fc_system_title(conditions->system);
    struct cell cell = starts[class][conditions->system];
    if (facts & FC__IS_LIBRARY) {
        fc__opinion_set(&verdict->os, FC_OUTCOME_FAILS, BAD_EXE_FORMAT, "Microsoft, PE Format (inferred)",
                        "It is a library, which no system starts.");
        return;
    }
    if (is_overridden(image, conditions, class, verdict)) {
        return;
    }
    verdict->process = (enum fc_process)cell.process;
    if (cell.process == FC_PROCESS_NONE) {
        fc__opinion_set(&verdict->os, FC_OUTCOME_FAILS, cell.code, fc__class_source(class),
                        "%s, which %s does not start.", fc__class_text(class), title);
    } else if (cell.is_uncertain) {
        fc__opinion_set(&verdict->os, FC_OUTCOME_MAY_FAIL, 0, fc__class_source(class),
                        "%s, which only some builds of %s run, in %s.", fc__class_text(class), title,
                        fc_process_title(verdict->process));
    } else {
        fc__opinion_set(&verdict->os, FC_OUTCOME_WORKS, 0, fc__class_source(class), "%s, so %s runs it in %s.",
                        fc__class_text(class), title, fc_process_title(verdict->process));
    }
}

/* Mono and `dotnet` are programs of their own bitness that read the image; the system does not look at it. */
static void start_by_runtime(const struct fc_conditions *conditions, uint32_t facts, struct fc_verdict *verdict) {
    bool is_mono = conditions->system == FC_SYSTEM_MONO;
    const char *source = is_mono ? "Mono's image.c (observed)" : ".NET's muxer (documented)";
    bool is_seen = (facts & FC__IS_MANAGED) != 0 || (is_mono && (facts & FC__IS_CLI_SHORT) != 0);
    if (!is_seen) {
        fc__opinion_set(&verdict->os, FC_OUTCOME_FAILS, 0, source,
                        "It has no CLI header, and %s runs managed code only.", fc_system_title(conditions->system));
        return;
    }
    verdict->process = conditions->runtime_bits == 32 ? FC_PROCESS_I386 : FC_PROCESS_X86_64;
    fc__opinion_set(&verdict->os, FC_OUTCOME_WORKS, 0, source, "It runs in %s, as %s is one itself.",
                    fc_process_title(verdict->process), is_mono ? "mono" : "dotnet");
}

static void start_on_linux(const struct fc_image *image, const struct fc_conditions *conditions,
                           struct fc_verdict *verdict) {
    static const char source[] = "Linux, binfmt_elf (documented)";
    const char *title = fc_system_title(conditions->system), *target = fc_image_target(image);
    bool is_32 = target != NULL && strcmp(target, "i386-linux") == 0;
    bool is_64 = target != NULL && strcmp(target, "x86_64-linux") == 0;
    if (image->format == FC_FORMAT_PE) {
        fc__opinion_set(
            &verdict->os, FC_OUTCOME_FAILS, ENOEXEC_LINUX, source,
            "It is a PE image, which Linux starts only through Wine or Mono, or where binfmt_misc names them.");
    } else if (is_32 || (is_64 && conditions->system != FC_SYSTEM_LINUX_I386)) {
        verdict->process = is_32 ? FC_PROCESS_I386 : FC_PROCESS_X86_64;
        fc__opinion_set(&verdict->os, FC_OUTCOME_WORKS, 0, source, "It is an ELF image for %s, so %s runs it in %s.",
                        image->machine, title, fc_process_title(verdict->process));
    } else {
        fc__opinion_set(&verdict->os, FC_OUTCOME_FAILS, ENOEXEC_LINUX, source, "It is %s%s, which %s does not start.",
                        image->format == FC_FORMAT_ELF ? "an ELF image for " : "no binary of this system",
                        image->format == FC_FORMAT_ELF ? image->machine : "", title);
    }
}

/* Who goes by the count sees a native image: so do newer versions of Wine, while .NET and Mono see a managed one. */
static void doubt_directory(struct fc_opinion *os) {
    size_t len = strlen(os->reason);
    snprintf(os->reason + len, sizeof os->reason - len,
             " Its CLI directory lies beyond NumberOfRvaAndSizes: .NET and Mono honour it all the same, the format and "
             "newer versions of Wine do not.");
    os->outcome = os->outcome == FC_OUTCOME_WORKS ? FC_OUTCOME_MAY_FAIL : os->outcome;
}

int fc_policy_start(const struct fc_image *image, const struct fc_conditions *conditions,
                    struct fc_verdict **ret_verdict) {
    struct fc_verdict *verdict = calloc(1, sizeof *verdict);
    if (verdict == NULL) {
        return fc__error_set(fc__error_here(), FC_ENOMEM, "out of memory for a verdict");
    }
    uint32_t facts = fc__policy_facts(image);
    bool is_for_linux = conditions->system == FC_SYSTEM_WINE && image->format == FC_FORMAT_ELF; /* Wine hands it on */
    if (conditions->system < LOADERS && !is_for_linux) {
        start_by_table(image, conditions, fc__policy_class(image, facts), facts, verdict);
    } else if (conditions->system == FC_SYSTEM_MONO || conditions->system == FC_SYSTEM_DOTNET) {
        start_by_runtime(conditions, facts, verdict);
    } else {
        start_on_linux(image, conditions, verdict);
    }
    bool is_managed = (facts & (FC__IS_MANAGED | FC__IS_CLI_SHORT)) != 0;
    if (image->format == FC_FORMAT_PE && image->pe.is_cli_beyond_count) {
        doubt_directory(&verdict->os);
    }
    if (verdict->process != FC_PROCESS_NONE && is_managed) {
        verdict->has_clr = true;
        if (fc__policy_accepts(image, conditions, verdict->process, facts, &verdict->clr)) {
            fc__policy_choose_runtime(image, conditions, verdict);
        }
    }
    *ret_verdict = verdict;
    return FC_OK;
}
