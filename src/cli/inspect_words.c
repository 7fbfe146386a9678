/* cli: the words of `farcall inspect` for numbers of the image. */
#include "cli/inspect.h"

const char *inspect_managed_words(const struct fc_image *image) {
    uint32_t flags = fc_image_cli_flags(image);
    if ((flags & FC_CLI_IL_ONLY) == 0) {
        return "IL and native code";
    }
    if (fc_image_is_neutral(image)) {
        return "IL only, any bitness";
    }
    if ((flags & FC_CLI_32BIT_REQUIRED) == 0) {
        return "IL only"; /* its header's bitness; PE32 of an old version is 32-bit too */
    }
    return flags & FC_CLI_32BIT_PREFERRED ? "IL only, 32 bits preferred" : "IL only, 32 bits required";
}

const char *inspect_export_word(const struct fc_export *symbol) {
    if (fc_export_forwarder(symbol) != NULL) {
        return "forwarder";
    }
    switch (fc_export_type(symbol)) {
    case FC_EXPORT_FUNCTION:
        return "function";
    case FC_EXPORT_DATA:
        return "data";
    case FC_EXPORT_TLS:
        return "thread data";
    default:
        return "label";
    }
}

const char *inspect_subsystem_word(uint64_t subsystem) {
    static const char *const words[] = {
        [1] = "driver",      [2] = "window",     [3] = "console",      [5] = "OS/2",
        [7] = "POSIX",       [9] = "Windows CE", [10] = "EFI program", [11] = "EFI boot driver",
        [12] = "EFI driver", [13] = "EFI ROM",   [14] = "Xbox",        [16] = "boot program",
    };
    const char *word = subsystem < sizeof words / sizeof *words ? words[subsystem] : NULL;
    return word != NULL ? word : "unknown";
}

const char *inspect_precompiled_word(const struct fc_image *image) {
    static const char *const words[] = {NULL, "NGEN", "ReadyToRun"};
    return words[fc_image_precompiled(image)];
}

const char *inspect_apphost_word(const struct fc_image *image) {
    static const char *const words[] = {NULL, "starts .NET", "starts .NET, single-file bundle"};
    return words[fc_image_apphost(image)];
}

void inspect_format_version(uint64_t version, char text[INSPECT_VERSION_MAX]) {
    snprintf(text, INSPECT_VERSION_MAX, "%u.%u.%u.%u", (unsigned)(version >> 48), (unsigned)(version >> 32 & 0xffff),
             (unsigned)(version >> 16 & 0xffff), (unsigned)(version & 0xffff));
}
