/* farcall: what a system's loader and its runtime do with an image.
 *
 *     struct fc_conditions *conditions;
 *     struct fc_verdict *verdict;
 *     fc_conditions_new(FC_SYSTEM_WINDOWS_X64, &conditions);
 *     if (fc_policy_start(image, conditions, &verdict) == FC_OK) {
 *         printf("%s\n", fc_opinion_reason(fc_verdict_os(verdict)));
 *         fc_verdict_free(verdict);
 *     }
 *     fc_conditions_free(conditions);
 *
 * Nothing is asked of the system that this runs on: the image's bytes and the stated conditions are the only input, so
 * that every system's verdict can be had on every system. What is not stated is taken as it is on a fresh installation.
 *
 * The operating system and the runtime (CLR) decide one after the other and do not always agree, so they have an
 * opinion each. An opinion names its source, and how good the evidence is: "documented", "tested" (asserted by Wine's
 * tests, which run on Windows), "read" (in a runtime's source), "observed" (under Wine or Mono), "inferred".
 *
 * Threads: conditions belong to one thread at a time while they are set; then, and verdicts at any time, any number may
 * read them. */
#ifndef FARCALL_POLICY_H
#define FARCALL_POLICY_H

#include <farcall/image.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Systems, each with its name and what it is. Wine, Mono and .NET are those of Linux on x86-64. */
#define FC_SYSTEMS(X)                                                                                                  \
    X(FC_SYSTEM_WINDOWS_X86, "windows-x86", "32-bit Windows")                                                          \
    X(FC_SYSTEM_WINDOWS_X64, "windows-x64", "64-bit Windows on x64")                                                   \
    X(FC_SYSTEM_WINDOWS_IA64, "windows-ia64", "64-bit Windows on Itanium")                                             \
    X(FC_SYSTEM_WINDOWS10_ARM64, "windows10-arm64", "Windows 10 on ARM64")                                             \
    X(FC_SYSTEM_WINDOWS11_ARM64, "windows11-arm64", "Windows 11 on ARM64")                                             \
    X(FC_SYSTEM_WINE, "wine", "Wine on 64-bit Linux")                                                                  \
    X(FC_SYSTEM_MONO, "mono", "Mono")                                                                                  \
    X(FC_SYSTEM_DOTNET, "dotnet", ".NET on Linux")                                                                     \
    X(FC_SYSTEM_LINUX_I386, "linux-i386", "32-bit Linux")                                                              \
    X(FC_SYSTEM_LINUX_X86_64, "linux-x86_64", "64-bit Linux")

enum fc_system {
#define FC_SYSTEM_ENUM(name, text, title) name,
    FC_SYSTEMS(FC_SYSTEM_ENUM)
#undef FC_SYSTEM_ENUM
        FC_SYSTEM_COUNT
};

/* The two names; "?" for any other number. Static storage. */
FC_API const char *fc_system_name(enum fc_system system);
FC_API const char *fc_system_title(enum fc_system system);

/* Kinds of processes, with their machine as in fc_image_machine and their bitness. */
#define FC_PROCESSES(X)                                                                                                \
    X(FC_PROCESS_NONE, "", 0, "none")                                                                                  \
    X(FC_PROCESS_I386, "i386", 32, "a 32-bit process")                                                                 \
    X(FC_PROCESS_WOW64, "i386", 32, "a 32-bit process (WOW64)")                                                        \
    X(FC_PROCESS_I386_EMULATED, "i386", 32, "an emulated 32-bit x86 process")                                          \
    X(FC_PROCESS_X86_64, "x86_64", 64, "a 64-bit process")                                                             \
    X(FC_PROCESS_X86_64_EMULATED, "x86_64", 64, "an emulated 64-bit x64 process")                                      \
    X(FC_PROCESS_AARCH64, "aarch64", 64, "a native ARM64 process")                                                     \
    X(FC_PROCESS_IA64, "ia64", 64, "an Itanium process")                                                               \
    X(FC_PROCESS_ARM, "arm", 32, "a 32-bit ARM process")

enum fc_process {
#define FC_PROCESS_ENUM(name, machine, bits, title) name,
    FC_PROCESSES(FC_PROCESS_ENUM)
#undef FC_PROCESS_ENUM
        FC_PROCESS_COUNT
};

FC_API const char *fc_process_machine(enum fc_process process);
FC_API int fc_process_bits(enum fc_process process);
FC_API const char *fc_process_title(enum fc_process process);

/* -- Conditions --------------------------------------------------------------------------------------------------- */

struct fc_conditions;

/* Errors of this and of the functions below: FC_EINVAL, FC_ENOMEM. Texts are copied. */
FC_API int fc_conditions_new(enum fc_system system, struct fc_conditions **ret_conditions);
FC_API void fc_conditions_free(struct fc_conditions *conditions);

/* A runtime that is installed: "v2.0.50727" of the .NET Framework, "8.0.4" of .NET. May be called again and again.
 * Unstated, Windows has v4.0.30319, and .NET what the application asks for. */
FC_API int fc_conditions_add_runtime(struct fc_conditions *conditions, const char *version);

/* The application's .config file, and a manifest beside it that takes the place of the one in the image: XML. */
FC_API int fc_conditions_set_config(struct fc_conditions *conditions, const char *text, size_t len_bytes);
FC_API int fc_conditions_set_manifest(struct fc_conditions *conditions, const char *text, size_t len_bytes);

/* What runtimeconfig.json asks for: the framework's version, and how it may roll forward: "Minor" (also for NULL),
 * "LatestPatch", "Major", "LatestMinor", "LatestMajor", "Disable". */
FC_API int fc_conditions_set_framework(struct fc_conditions *conditions, const char *version, const char *roll_forward);

/* Enable64Bit in the registry (Ldr64.exe): false makes AnyCPU programs run as 32-bit ones. */
FC_API int fc_conditions_set_enable64bit(struct fc_conditions *conditions, bool is_enabled);

/* PreferredMachine in the registry (Image File Execution Options) of Windows 11 on ARM64: true makes AnyCPU programs run as
 * ARM64 ones, as their manifests can. */
FC_API int fc_conditions_set_prefers_arm64(struct fc_conditions *conditions, bool is_preferred);

/* 32 or 64: the bitness of `mono` or `dotnet` itself. */
FC_API int fc_conditions_set_runtime_bits(struct fc_conditions *conditions, int bits);

/* -- Verdicts ----------------------------------------------------------------------------------------------------- */

struct fc_verdict;
struct fc_opinion;

enum fc_outcome {
    FC_OUTCOME_WORKS,
    FC_OUTCOME_FAILS,
    FC_OUTCOME_MAY_FAIL /* it starts or loads, but may crash; or it depends on what the reason says */
};

/* What becomes of an executable when it is started. Errors: FC_ENOMEM. */
FC_API int fc_policy_start(const struct fc_image *image, const struct fc_conditions *conditions,
                           struct fc_verdict **ret_verdict);

/* How a library comes into a process, which decides the code of a failure. */
enum fc_load_way {
    FC_LOAD_LIBRARY, /* LoadLibrary, dlopen */
    FC_LOAD_IMPORT,  /* the import of an image that is starting */
    FC_LOAD_PINVOKE, /* by managed code that calls its functions */
    FC_LOAD_ASSEMBLY /* as an assembly */
};

/* What becomes of a library that is loaded into a process.
 * Errors: FC_ENOMEM, FC_EINVAL (there are no rules for FC_PROCESS_NONE and FC_PROCESS_ARM). */
FC_API int fc_policy_load(const struct fc_image *image, const struct fc_conditions *conditions, enum fc_process process,
                          enum fc_load_way way, struct fc_verdict **ret_verdict);

FC_API void fc_verdict_free(struct fc_verdict *verdict);

/* The process that it runs in, FC_PROCESS_NONE if it does not start. */
FC_API enum fc_process fc_verdict_process(const struct fc_verdict *verdict);

/* The version of the runtime it gets, as "v4.0.30319" or "8.0.4"; NULL if it has none or that is not known. */
FC_API const char *fc_verdict_runtime(const struct fc_verdict *verdict);

/* The operating system's opinion; the runtime's, NULL if it is not asked. They live as long as the verdict. */
FC_API const struct fc_opinion *fc_verdict_os(const struct fc_verdict *verdict);
FC_API const struct fc_opinion *fc_verdict_clr(const struct fc_verdict *verdict);

FC_API enum fc_outcome fc_opinion_outcome(const struct fc_opinion *opinion);
/* The code of a failure: a Win32 error (193, 216), an NTSTATUS (0xC000007B), an HRESULT (0x8007000B), on Linux an
 * errno; 0 if none is known. */
FC_API uint32_t fc_opinion_code(const struct fc_opinion *opinion);
/* A sentence; and where the rule comes from. */
FC_API const char *fc_opinion_reason(const struct fc_opinion *opinion);
FC_API const char *fc_opinion_source(const struct fc_opinion *opinion);

#ifdef __cplusplus
}
#endif
#endif
