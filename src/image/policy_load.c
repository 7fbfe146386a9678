/* image: what becomes of a library that is loaded into a process. One row for each class of images, one column for each
 * kind of process.
 * Sources: named with each class (policy.c) and each rule below. */
#include "image/policy.h"

#include <stdlib.h>

enum { BAD_EXE_FORMAT = 193, INVALID_IMAGE_FORMAT = 0xC000007B, BAD_IMAGE_FORMAT = 0x8007000B };
enum { ASSEMBLY_EXPECTED = 0x80131018 };
enum column { I386_PROCESS, X64_PROCESS, X64_ON_ARM64, ARM64_PROCESS, IA64_PROCESS, COLUMNS };

/* Whether LoadLibrary maps it (M), refuses it (R), or it depends (D). */
static const char loads[FC__CLASS_COUNT][COLUMNS + 1] = {
    [FC__CLASS_NO_IMAGE] = "RRRRR", [FC__CLASS_ELF] = "RRRRR",           [FC__CLASS_MISMATCHED] = "RRRRR",
    [FC__CLASS_FOREIGN] = "RRRRR",  [FC__CLASS_OTHER_MACHINE] = "RRRRR", [FC__CLASS_I386] = "MRRRR",
    [FC__CLASS_AMD64] = "RMMRR",    [FC__CLASS_ARM64] = "RRRMR",         [FC__CLASS_IA64] = "RRRRM",
    [FC__CLASS_ARM] = "RRRRR",      [FC__CLASS_CHPE] = "MRRRR",          [FC__CLASS_ARM64EC] = "RRMRR",
    [FC__CLASS_ARM64X] = "RRMMR",   [FC__CLASS_SHORT_CLI] = "MRRRR",     [FC__CLASS_ANYCPU] = "MMMMM",
    [FC__CLASS_OLD] = "MMMMM",      [FC__CLASS_PREFERS_32] = "MMMMM",    [FC__CLASS_X86] = "MDDDD",
    [FC__CLASS_MIXED] = "MRRRR",    [FC__CLASS_ILLEGAL] = "MMMMM",       [FC__CLASS_RESOURCES] = "MMMMM",
};

static enum column column_of(enum fc_process process) {
    switch (process) {
    case FC_PROCESS_X86_64:
        return X64_PROCESS;
    case FC_PROCESS_X86_64_EMULATED:
        return X64_ON_ARM64;
    case FC_PROCESS_AARCH64:
        return ARM64_PROCESS;
    case FC_PROCESS_IA64:
        return IA64_PROCESS;
    default:
        return I386_PROCESS;
    }
}

static void load_by_table(enum fc__class class, enum fc_process process, enum fc_load_way way,
                          struct fc_opinion *opinion) {
    char how = loads[class][column_of(process)];
    const char *title = fc_process_title(process), *text = fc__class_text(class), *source = fc__class_source(class);
    uint32_t code = way == FC_LOAD_IMPORT ? (uint32_t)INVALID_IMAGE_FORMAT : (uint32_t)BAD_EXE_FORMAT;
    if (how == 'R') {
        fc__opinion_set(opinion, FC_OUTCOME_FAILS, code, source, "%s, which %s cannot load%s.", text, title,
                        way == FC_LOAD_IMPORT ? ", so the process does not start" : "");
    } else if (how == 'D') {
        fc__opinion_set(opinion, FC_OUTCOME_MAY_FAIL, BAD_EXE_FORMAT, "Wine's loader tests (tested)",
                        "%s: Windows may refuse to map it into %s; Wine maps it.", text, title);
    } else {
        fc__opinion_set(opinion, FC_OUTCOME_WORKS, 0, source, "%s, which %s can load.", text, title);
    }
}

/* -- Managed callers ---------------------------------------------------------------------------------------------- */

/* What managed code gets that names the library in a P/Invoke. */
static void call_from_clr(const struct fc_opinion *os, struct fc_opinion *opinion) {
    if (os->outcome == FC_OUTCOME_FAILS) {
        fc__opinion_set(
            opinion, FC_OUTCOME_FAILS, BAD_IMAGE_FORMAT, "nativelibrary.cpp (read)",
            "The call throws BadImageFormatException, \"an attempt was made to load a program with an incorrect "
            "format\". Rebuild the library, or load it in a host of its own bitness.");
    } else {
        *opinion = *os;
    }
}

/* Rules for an assembly, in this order: process bits or 0, facts it has and lacks, class or FC__CLASS_COUNT. */
static const struct {
    uint8_t bits;
    uint8_t class;
    uint32_t has, lacks;
    enum fc_outcome outcome;
    const char *reason, *source;
    bool is_framework_only;
} assembly_rules[] = {
    {0, FC__CLASS_COUNT, FC__IS_WIDE | FC__HAS_REQUIRED, 0, FC_OUTCOME_FAILS, "it is PE32+ and requires 32 bits",
     "pedecoder.cpp (read)", false},
    {32, FC__CLASS_COUNT, FC__IS_WIDE, 0, FC_OUTCOME_FAILS, "it is PE32+, and the process has 32 bits",
     "Microsoft, BadImageFormatException (documented)", false},
    {64, FC__CLASS_X86, 0, 0, FC_OUTCOME_FAILS, "it requires 32 bits, and the process has 64",
     "Microsoft, BadImageFormatException (documented)", false},
    {64, FC__CLASS_MIXED, 0, 0, FC_OUTCOME_FAILS, "it has native code for i386, and the process has 64 bits",
     "Wine's loader tests (tested)", false},
    {64, FC__CLASS_PREFERS_32, FC__IS_LIBRARY, 0, FC_OUTCOME_MAY_FAIL,
     "it prefers 32 bits, which is for programs: the documentation has it fail in a 64-bit process, .NET's source has "
     "it load",
     "Microsoft, CorFlags.exe (documented); corhdr.h (read)", true},
    {64, FC__CLASS_OLD, 0, 0, FC_OUTCOME_MAY_FAIL,
     "it loads like any IL, but was made when there were no 64-bit processes, and may crash in one",
     "Microsoft, How the OS Loader will force .NET v1.0/1.1 executables (documented)", false},
    {32, FC__CLASS_MIXED, 0, 0, FC_OUTCOME_WORKS, "it has native code for i386, as the process",
     "Wine's loader (observed)", true},
    {0, FC__CLASS_ARM, 0, 0, FC_OUTCOME_FAILS, "it is for 32-bit ARM",
     "Microsoft, BadImageFormatException (documented)", false},
};

static void load_assembly(const struct fc_image *image, const struct fc_conditions *conditions, enum fc__class class,
                          uint32_t facts, enum fc_process process, struct fc_opinion *opinion) {
    bool is_managed = (facts & FC__IS_MANAGED) != 0, is_mono = conditions->system == FC_SYSTEM_MONO;
    bool is_dotnet = conditions->system == FC_SYSTEM_DOTNET;
    if (image->format == FC_FORMAT_PE && !is_managed) {
        fc__opinion_set(opinion, FC_OUTCOME_FAILS, is_mono ? (uint32_t)BAD_IMAGE_FORMAT : (uint32_t)ASSEMBLY_EXPECTED,
                        is_mono ? "image.c (observed)" : "assemblybindercommon (read)",
                        "It has no CLI header, so it is no "
                        "assembly.");
        return;
    }
    if (image->format != FC_FORMAT_PE) {
        fc__opinion_set(opinion, FC_OUTCOME_FAILS, BAD_IMAGE_FORMAT, "peimage.cpp (read)", "It is no PE image.");
        return;
    }
    for (size_t i = 0; i < sizeof assembly_rules / sizeof *assembly_rules && !is_mono; i++) {
        if (!(assembly_rules[i].is_framework_only && is_dotnet) &&
            (assembly_rules[i].bits == 0 || assembly_rules[i].bits == fc_process_bits(process)) &&
            (assembly_rules[i].class == FC__CLASS_COUNT || assembly_rules[i].class == class) &&
            (facts & assembly_rules[i].has) == assembly_rules[i].has && (facts & assembly_rules[i].lacks) == 0) {
            fc__opinion_set(opinion, assembly_rules[i].outcome,
                            assembly_rules[i].outcome == FC_OUTCOME_WORKS ? 0 : (uint32_t)BAD_IMAGE_FORMAT,
                            assembly_rules[i].source, "As an assembly in %s: %s.", fc_process_title(process),
                            assembly_rules[i].reason);
            return;
        }
    }
    bool may_use_il = is_dotnet && class == FC__CLASS_FOREIGN; /* in place of the code for another system */
    if (!is_mono && loads[class][column_of(process)] == 'R' && !may_use_il) {
        fc__opinion_set(opinion, FC_OUTCOME_FAILS, BAD_IMAGE_FORMAT, fc__class_source(class),
                        "%s, which %s cannot load.", fc__class_text(class), fc_process_title(process));
        return;
    }
    fc__policy_accepts(image, conditions, process, facts, opinion);
}

/* -- Linux -------------------------------------------------------------------------------------------------------- */

static void load_on_linux(const struct fc_image *image, enum fc_process process, struct fc_opinion *opinion) {
    static const char source[] = "glibc's dynamic loader (documented)";
    bool is_elf = image->format == FC_FORMAT_ELF, is_same_class = image->bits == fc_process_bits(process);
    const char *machine = fc_process_machine(process);
    if (!is_elf) {
        fc__opinion_set(opinion, FC_OUTCOME_FAILS, 0, source, "It is no ELF image: \"invalid ELF header\".");
    } else if (!is_same_class) {
        fc__opinion_set(
            opinion, FC_OUTCOME_FAILS, 0, source,
            "It has %d bits, and the process %d: \"wrong ELF class: ELFCLASS%d\". Rebuild it, or load it in a "
            "host of its own bitness.",
            image->bits, fc_process_bits(process), image->bits);
    } else if (strcmp(image->machine, machine) != 0) {
        fc__opinion_set(opinion, FC_OUTCOME_FAILS, 0, source, "It is for %s, and the process for %s.", image->machine,
                        machine);
    } else {
        fc__opinion_set(opinion, FC_OUTCOME_WORKS, 0, source, "It is for %s, as the process.", machine);
    }
}

int fc_policy_load(const struct fc_image *image, const struct fc_conditions *conditions, enum fc_process process,
                   enum fc_load_way way, struct fc_verdict **ret_verdict) {
    if (fc_process_bits(process) == 0 || process == FC_PROCESS_ARM) {
        return fc__error_set(fc__error_here(), FC_EINVAL, "fc_policy_load: no rules for this kind of process");
    }
    struct fc_verdict *verdict = calloc(1, sizeof *verdict);
    if (verdict == NULL) {
        return fc__error_set(fc__error_here(), FC_ENOMEM, "out of memory for a verdict");
    }
    uint32_t facts = fc__policy_facts(image);
    enum fc__class class = fc__policy_class(image, facts);
    verdict->process = process;
    if (conditions->system >= FC_SYSTEM_MONO && way != FC_LOAD_ASSEMBLY) {
        load_on_linux(image, process, &verdict->os);
    } else {
        load_by_table(class, process, way, &verdict->os);
    }
    verdict->has_clr = way == FC_LOAD_PINVOKE || way == FC_LOAD_ASSEMBLY;
    if (way == FC_LOAD_PINVOKE) {
        call_from_clr(&verdict->os, &verdict->clr);
    } else if (way == FC_LOAD_ASSEMBLY) {
        load_assembly(image, conditions, class, facts, process, &verdict->clr);
    }
    *ret_verdict = verdict;
    return FC_OK;
}
