/* image: what runtimes refuse, whatever the operating system made of the image.
 * Sources: dotnet/runtime's pedecoder.cpp and corhdr.h; Mono's image.c. */
#include "image/policy.h"

enum { BAD_IMAGE_FORMAT = 0x8007000B };
enum { FRAMEWORK = 1, CORECLR = 2, MONO = 4, MICROSOFT = FRAMEWORK | CORECLR };

/* The runtimes that a rule is of; the process's bitness that it needs, or 0; the facts that it needs, and lacks. */
static const struct {
    uint8_t runtimes, bits;
    uint32_t has, lacks;
    const char *reason, *source;
} refusals[] = {
    {MICROSOFT, 0, FC__IS_CLI_SHORT, 0, "the directory gives its CLI header fewer than 72 bytes",
     "pedecoder.cpp (read)"},
    {MICROSOFT, 0, FC__IS_MAJOR_LOW, 0, "its CLI header has a version below 2.0", "pedecoder.cpp (read)"},
    {MICROSOFT, 0, FC__IS_MAJOR_HIGH, 0, "its CLI header has a version of 3.0 or later", "pedecoder.cpp (read)"},
    {MICROSOFT, 0, FC__IS_WIDE | FC__HAS_REQUIRED, 0, "it is PE32+ and requires 32 bits", "pedecoder.cpp (read)"},
    {MICROSOFT, 0, FC__IS_IL_ONLY | FC__HAS_NATIVE_ENTRY, 0, "it is IL only, yet has a native entry point",
     "pedecoder.cpp (read)"},
    {MICROSOFT, 0, FC__IS_CB_SHORT, 0, "its CLI header says it has fewer than 72 bytes", "pedecoder.cpp (read)"},
    {CORECLR, 0, FC__HAS_UNKNOWN_FLAGS, 0, "its CLI header has flags that are not defined", "pedecoder.cpp (read)"},
    {CORECLR, 0, FC__CLAIMS_STRONG_NAME, FC__HAS_STRONG_NAME, "it claims a strong name and has no room for one",
     "pedecoder.cpp (read)"},
    {CORECLR, 0, FC__IS_IL_ONLY | FC__HAS_FIXUPS, 0, "it is IL only, yet has slots for native callers",
     "pedecoder.cpp (read)"},
    {CORECLR | MONO, 0, FC__HAS_ODD_OPTIONAL, 0, "its optional header has not the size of the format",
     "pedecoder.cpp, Mono's image.c (read)"},
    {CORECLR, 0, FC__HAS_WIN32_VERSION, 0, "Win32VersionValue in its header is not 0", "pedecoder.cpp (read)"},
    {CORECLR, 0, 0, FC__IS_IL_ONLY, "it has native code for Windows beside the IL", "peimage.cpp (read)"},
    {CORECLR, 64, FC__HAS_REQUIRED, FC__HAS_PREFERRED | FC__IS_WIDE, "it requires 32 bits, and this process has 64",
     "corhdr.h (read)"},
    {CORECLR, 32, FC__IS_WIDE, 0, "it is PE32+, and this process has 32 bits", "pedecoder.cpp (read)"},
};

static unsigned runtime_of(enum fc_system system) {
    return system == FC_SYSTEM_MONO ? MONO : system == FC_SYSTEM_DOTNET ? CORECLR : FRAMEWORK;
}

bool fc__policy_accepts(const struct fc_image *image, const struct fc_conditions *conditions, enum fc_process process,
                        uint32_t facts, struct fc_opinion *opinion) {
    unsigned runtime = runtime_of(conditions->system);
    int bits = fc_process_bits(process);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if ((refusals[i].runtimes & runtime) != 0 && (refusals[i].bits == 0 || refusals[i].bits == bits) &&
            (facts & refusals[i].has) == refusals[i].has && (facts & refusals[i].lacks) == 0) {
            fc__opinion_set(opinion, FC_OUTCOME_FAILS, BAD_IMAGE_FORMAT, refusals[i].source,
                            "The runtime refuses it: %s.", refusals[i].reason);
            return false;
        }
    }
    bool is_other_machine = runtime == CORECLR && (facts & FC__IS_WIDE) != 0 && image->machine_number != FC__PE_AMD64;
    bool is_foreign = runtime == CORECLR && fc__policy_class(image, facts) == FC__CLASS_FOREIGN;
    if (is_other_machine && !is_foreign) {
        fc__opinion_set(opinion, FC_OUTCOME_FAILS, BAD_IMAGE_FORMAT, "pedecoder.cpp (read)",
                        "The runtime refuses it: it is for %s.", image->machine);
        return false;
    }
    fc__opinion_set(opinion, FC_OUTCOME_WORKS, 0, runtime == MONO ? "image.c (observed)" : "pedecoder.cpp (read)",
                    runtime == MONO ? "Mono looks at neither machine nor bitness of an image."
                                    : "The runtime takes it.");
    return true;
}
