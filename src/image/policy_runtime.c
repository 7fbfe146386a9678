/* image: which runtime a program gets.
 * Sources: Microsoft, "How to configure an app to support .NET Framework 4 or later versions" and "Framework-dependent
 * apps roll forward" (both documented). */
#include "image/policy.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_LOAD = 0x80131621, FRAMEWORK_MISSING = 0x80008096, NEWER_THAN_2 = 0x8013101B, NEWER_THAN_1 = 0x80131107 };

static const char framework_source[] = "Microsoft, configuring an app for .NET Framework 4 (documented)";
static const char upgrade_source[] = "Microsoft, .NETFramework\\Policy\\Upgrades (documented; effect inferred)";
static const char roll_source[] = "Microsoft, roll forward of .NET apps (documented)";

struct version {
    unsigned long major, minor, patch;
};

static bool read_version(const char *text, struct version *ret_version) {
    unsigned long parts[3] = {0};
    const char *at = *text == 'v' ? text + 1 : text;
    for (unsigned i = 0; i < 3; i++) {
        char *end;
        if (*at < '0' || *at > '9') {
            return false;
        }
        parts[i] = strtoul(at, &end, 10);
        at = *end == '.' ? end + 1 : end;
        if (*end != '.') {
            break;
        }
    }
    *ret_version = (struct version){parts[0], parts[1], parts[2]};
    return true;
}

static int compare(const struct version *a, const struct version *b) {
    return a->major != b->major   ? (a->major < b->major ? -1 : 1)
           : a->minor != b->minor ? (a->minor < b->minor ? -1 : 1)
           : a->patch != b->patch ? (a->patch < b->patch ? -1 : 1)
                                  : 0;
}

/* -- .NET Framework ----------------------------------------------------------------------------------------------- */

/* The family that decides: only vMAJOR.MINOR is compared, and the first compilers wrote the standard's year. */
static bool family_of(const char *text, struct version *ret_version) {
    bool is_2002 = strcmp(text, "Standard CLI 2002") == 0, is_2005 = strcmp(text, "Standard CLI 2005") == 0;
    bool is_known = read_version(is_2002 ? "1.0" : is_2005 ? "2.0" : text, ret_version);
    ret_version->patch = 0;
    return is_known;
}

/* The installed runtime of a family; NULL if there is none. */
static const char *installed(const struct fc_conditions *conditions, const struct version *family) {
    static const char *const fresh[] = {"v4.0.30319"};
    const char *const *runtimes = conditions->runtime_count > 0 ? conditions->runtimes : fresh;
    unsigned count = conditions->runtime_count > 0 ? conditions->runtime_count : 1;
    for (unsigned i = 0; i < count; i++) {
        struct version version;
        if (family_of(runtimes[i], &version) && compare(&version, family) == 0) {
            return runtimes[i];
        }
    }
    return NULL;
}

static void choose(struct fc_verdict *verdict, const char *runtime, const char *why) {
    snprintf(verdict->runtime, sizeof verdict->runtime, "%s", runtime);
    fc__opinion_set(&verdict->clr, FC_OUTCOME_WORKS, 0, framework_source, "It runs on %s: %s.", runtime, why);
}

/* The first installed one that the .config file names, in the order of the file. True if the file names any. */
static bool choose_by_config(const struct fc_conditions *conditions, struct fc_verdict *verdict) {
    struct fc__span_text tag;
    size_t at = 0;
    bool names_any = false;
    while ((tag = fc__markup_tag(conditions->config, "supportedRuntime", &at)).text != NULL) {
        struct fc__span_text value = fc__markup_attribute(tag, "version");
        char text[FC__RUNTIME_MAX];
        struct version family;
        snprintf(text, sizeof text, "%.*s", (int)(value.len < sizeof text ? value.len : sizeof text),
                 value.text != NULL ? value.text : "");
        names_any = true;
        const char *runtime = family_of(text, &family) ? installed(conditions, &family) : NULL;
        if (runtime != NULL) {
            choose(verdict, runtime, "the first supportedRuntime of its .config file that is installed");
            return true;
        }
    }
    if (names_any) {
        fc__opinion_set(&verdict->clr, FC_OUTCOME_FAILS, 0, framework_source,
                        "No supportedRuntime of its .config file is installed, so it asks to install one.");
    }
    return names_any;
}

/* 1.0 rolls on to 1.1 and both to 2.0, but nothing before 4.0 to 4.0. */
static void choose_by_version(const struct fc_conditions *conditions, const char *wanted, struct fc_verdict *verdict) {
    static const struct version later[] = {{1, 1, 0}, {2, 0, 0}};
    struct version family;
    const char *runtime = NULL;
    if (!family_of(wanted, &family)) {
        fc__opinion_set(&verdict->clr, FC_OUTCOME_MAY_FAIL, 0, framework_source,
                        "Its metadata names no version of a runtime (\"%s\").", wanted);
        return;
    }
    runtime = installed(conditions, &family);
    if (runtime != NULL) {
        choose(verdict, runtime, "the version that it was compiled for is installed");
        return;
    }
    for (size_t i = 0; i < sizeof later / sizeof *later && runtime == NULL; i++) {
        runtime = compare(&family, &later[i]) < 0 ? installed(conditions, &later[i]) : NULL;
    }
    if (runtime != NULL) {
        choose(verdict, runtime, "the version that it was compiled for is not installed, and this takes its place");
        verdict->clr.source = upgrade_source;
        return;
    }
    fc__opinion_set(&verdict->clr, FC_OUTCOME_FAILS, 0, framework_source,
                    "It was compiled for %s, which is not installed%s. It asks to install it.", wanted,
                    family.major < 4 ? "; 4.0 does not take its place unless its .config file has "
                                       "<supportedRuntime version=\"v4.0\"/>"
                                     : "");
}

static bool has_legacy_activation(const struct fc_conditions *conditions) {
    size_t at = 0;
    struct fc__span_text tag = fc__markup_tag(conditions->config, "startup", &at);
    return fc__span_is(fc__markup_attribute(tag, "useLegacyV2RuntimeActivationPolicy"), "true");
}

/* Mixed-mode assemblies of older runtimes load in 4.0 by leave only. */
static void check_mixed(const struct fc_image *image, const struct fc_conditions *conditions, const char *wanted,
                        struct fc_verdict *verdict) {
    struct version made_for, runs_on;
    bool is_mixed = (image->pe.cli_flags & FC_CLI_IL_ONLY) == 0;
    if (is_mixed && family_of(wanted, &made_for) && family_of(verdict->runtime, &runs_on) && made_for.major < 4 &&
        runs_on.major >= 4 && !has_legacy_activation(conditions)) {
        fc__opinion_set(&verdict->clr, FC_OUTCOME_FAILS, FILE_LOAD, framework_source,
                        "It is mixed-mode code for %s, which %s refuses unless its .config file has "
                        "<startup useLegacyV2RuntimeActivationPolicy=\"true\">.",
                        wanted, verdict->runtime);
    }
}

/* A .config file may name a runtime that is too old to read the assembly. */
static void check_newer(const char *wanted, struct fc_verdict *verdict) {
    struct version made_for, runs_on;
    if (family_of(wanted, &made_for) && family_of(verdict->runtime, &runs_on) && made_for.major > runs_on.major) {
        fc__opinion_set(&verdict->clr, FC_OUTCOME_FAILS, runs_on.major < 2 ? NEWER_THAN_1 : NEWER_THAN_2,
                        "corerror.h (documented)", "It was compiled for %s, which is newer than the %s that it gets.",
                        wanted, verdict->runtime);
    }
}

/* -- .NET --------------------------------------------------------------------------------------------------------- */

/* How far a setting lets the version move from the one asked for, and whether it takes the highest. */
struct roll {
    const char *name;
    bool may_minor, may_major, takes_exact, is_highest;
};

static const struct roll rolls[] = {
    {"Minor", true, false, false, false},     {"LatestPatch", false, false, false, false},
    {"Major", true, true, false, false},      {"LatestMinor", true, false, false, true},
    {"LatestMajor", true, true, false, true}, {"Disable", false, false, true, false},
};

static const struct roll *find_roll(const char *name) {
    for (size_t i = 0; i < sizeof rolls / sizeof *rolls; i++) {
        if (strcmp(rolls[i].name, name) == 0) {
            return &rolls[i];
        }
    }
    return &rolls[0];
}

static bool is_allowed(const struct roll *roll, const struct version *wanted, const struct version *found) {
    if (roll->takes_exact) {
        return compare(found, wanted) == 0;
    }
    return compare(found, wanted) >= 0 && (roll->may_major || found->major == wanted->major) &&
           (roll->may_minor || (found->major == wanted->major && found->minor == wanted->minor));
}

/* Of the versions allowed, the nearest major and minor, or the highest; of these the highest patch. */
static bool is_better(const struct roll *roll, const struct version *a, const struct version *b) {
    bool is_same_line = a->major == b->major && a->minor == b->minor;
    bool wants_higher = roll->is_highest || is_same_line;
    return wants_higher ? compare(a, b) > 0 : compare(a, b) < 0;
}

static void choose_dotnet(const struct fc_conditions *conditions, struct fc_verdict *verdict) {
    struct version wanted, best = {0};
    const char *chosen = NULL;
    if (conditions->framework == NULL || !read_version(conditions->framework, &wanted)) {
        return; /* nothing is known of what it asks for */
    }
    const struct roll *roll = find_roll(conditions->roll_forward);
    for (unsigned i = 0; i < conditions->runtime_count; i++) {
        struct version version;
        if (read_version(conditions->runtimes[i], &version) && is_allowed(roll, &wanted, &version) &&
            (chosen == NULL || is_better(roll, &version, &best))) {
            chosen = conditions->runtimes[i];
            best = version;
        }
    }
    if (chosen == NULL && conditions->runtime_count == 0) {
        chosen = conditions->framework;
    }
    if (chosen == NULL) {
        fc__opinion_set(&verdict->clr, FC_OUTCOME_FAILS, FRAMEWORK_MISSING, roll_source,
                        "It asks for .NET %s, and no installed version may take its place (rollForward %s).",
                        conditions->framework, roll->name);
        return;
    }
    snprintf(verdict->runtime, sizeof verdict->runtime, "%s", chosen);
    fc__opinion_set(&verdict->clr, FC_OUTCOME_WORKS, 0, roll_source,
                    "It asks for .NET %s and gets %s (rollForward %s).", conditions->framework, chosen, roll->name);
}

void fc__policy_choose_runtime(const struct fc_image *image, const struct fc_conditions *conditions,
                               struct fc_verdict *verdict) {
    struct fc_metadata *metadata;
    if (conditions->system == FC_SYSTEM_MONO) {
        return; /* there is one, which runs all */
    }
    if (conditions->system == FC_SYSTEM_DOTNET) {
        choose_dotnet(conditions, verdict);
        return;
    }
    if (fc_metadata_open(image, &metadata) != FC_OK) {
        fc__opinion_set(&verdict->clr, FC_OUTCOME_FAILS, 0x8007000B, "ECMA-335 II.24.2 (documented)",
                        "Its metadata cannot be read: %.400s", fc_error_text());
        return;
    }
    if (!choose_by_config(conditions, verdict)) {
        choose_by_version(conditions, fc_metadata_version(metadata), verdict);
    }
    if (verdict->clr.outcome == FC_OUTCOME_WORKS) {
        check_newer(fc_metadata_version(metadata), verdict);
    }
    if (verdict->clr.outcome == FC_OUTCOME_WORKS) {
        check_mixed(image, conditions, fc_metadata_version(metadata), verdict);
    }
    if (verdict->clr.outcome == FC_OUTCOME_WORKS && verdict->process == FC_PROCESS_AARCH64) {
        size_t len = strlen(verdict->clr.reason);
        snprintf(verdict->clr.reason + len, sizeof verdict->clr.reason - len,
                 " As ARM64 code it takes .NET Framework 4.8.1, which Windows 11 brings from 22H2 on.");
        verdict->clr.outcome = conditions->system == FC_SYSTEM_WINDOWS10_ARM64 ? FC_OUTCOME_MAY_FAIL : FC_OUTCOME_WORKS;
    }
    fc_metadata_close(metadata);
}
