/* cli: what becomes of a file on a system, with the files that lie beside it. */
#include "cli/inspect.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROCESSES_MAX = 3 };

/* The kinds of processes that a library may find itself in. */
static const enum fc_process processes[FC_SYSTEM_COUNT][PROCESSES_MAX + 1] = {
    [FC_SYSTEM_WINDOWS_X86] = {FC_PROCESS_I386},
    [FC_SYSTEM_WINDOWS_X64] = {FC_PROCESS_WOW64, FC_PROCESS_X86_64},
    [FC_SYSTEM_WINDOWS_IA64] = {FC_PROCESS_WOW64, FC_PROCESS_IA64},
    [FC_SYSTEM_WINDOWS10_ARM64] = {FC_PROCESS_I386_EMULATED, FC_PROCESS_AARCH64},
    [FC_SYSTEM_WINDOWS11_ARM64] = {FC_PROCESS_I386_EMULATED, FC_PROCESS_X86_64_EMULATED, FC_PROCESS_AARCH64},
    [FC_SYSTEM_WINE] = {FC_PROCESS_WOW64, FC_PROCESS_X86_64},
    [FC_SYSTEM_MONO] = {FC_PROCESS_X86_64},
    [FC_SYSTEM_DOTNET] = {FC_PROCESS_X86_64},
    [FC_SYSTEM_LINUX_I386] = {FC_PROCESS_I386},
    [FC_SYSTEM_LINUX_X86_64] = {FC_PROCESS_I386, FC_PROCESS_X86_64},
};

/* -- Options ------------------------------------------------------------------------------------------------------ */

int inspect_find_system(const char *verb, const char *name, enum fc_system *ret_system) {
    char known[256] = "";
    for (unsigned i = 0; i < FC_SYSTEM_COUNT; i++) {
        const char *its = fc_system_name((enum fc_system)i);
        if (strcmp(name, its) == 0) {
            *ret_system = (enum fc_system)i;
            return CLI_OK;
        }
        const size_t len = strlen(known);
        snprintf(known + len, sizeof known - len, "%s%s", i > 0 ? ", " : "", its);
    }
    return cli_usage_error(verb, "unknown system '%s'; the systems are %s", name, known);
}

int inspect_add_runtime(const char *verb, struct inspect_request *request, const char *version) {
    const char *number = version + (version[0] == 'v');
    if (number[0] < '0' || number[0] > '9') {
        return cli_usage_error(verb, "--runtime is a version such as v2.0.50727 or 8.0.4, not '%s'", version);
    }
    if (request->runtime_count == INSPECT_RUNTIMES_MAX) {
        return cli_usage_error(verb, "more than %d runtimes", INSPECT_RUNTIMES_MAX);
    }
    request->runtimes[request->runtime_count++] = version;
    return CLI_OK;
}

int inspect_set_enable64bit(const char *verb, struct inspect_request *request, const char *value) {
    if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0) {
        return cli_usage_error(verb, "--enable64bit is 0 or 1, not '%s'", value);
    }
    request->is_64bit_disabled = value[0] == '0';
    return CLI_OK;
}

/* -- Verdicts ----------------------------------------------------------------------------------------------------- */

/* The path with another ending: after the whole name, or in place of its last suffix. NULL if there is no such file, or
 * no memory. */
static char *beside(const char *path, const char *ending, bool is_replacing) {
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash != NULL ? slash : path, '.');
    int len = is_replacing && dot != NULL ? (int)(dot - path) : (int)strlen(path);
    char *name;
    if (asprintf(&name, "%.*s%s", len, path, ending) < 0) {
        return NULL;
    }
    if (access(name, R_OK) != 0) {
        free(name);
        return NULL;
    }
    return name;
}

static void read_text(struct fc_conditions *conditions, const char *path, const char *ending,
                      int (*set)(struct fc_conditions *, const char *, size_t)) {
    struct cli_file file;
    char *name = beside(path, ending, false);
    if (name != NULL && cli_file_open(name, &file) == CLI_OK) {
        set(conditions, file.data != NULL ? file.data : "", file.len_bytes);
        cli_file_close(&file);
    }
    free(name);
}

/* runtimeOptions.framework, or the first of runtimeOptions.frameworks. */
static void read_runtimeconfig(struct fc_conditions *conditions, const char *path) {
    char *name = beside(path, ".runtimeconfig.json", true);
    json_t *root = name != NULL ? json_load_file(name, 0, NULL) : NULL;
    json_t *options = json_object_get(root, "runtimeOptions"), *framework = json_object_get(options, "framework");
    if (framework == NULL) {
        framework = json_array_get(json_object_get(options, "frameworks"), 0);
    }
    const char *version = json_string_value(json_object_get(framework, "version"));
    if (version != NULL) {
        fc_conditions_set_framework(conditions, version, json_string_value(json_object_get(options, "rollForward")));
    }
    json_decref(root);
    free(name);
}

struct fc_conditions *inspect_conditions(const struct inspect_request *request, enum fc_system system,
                                         const char *path) {
    struct fc_conditions *conditions;
    if (fc_conditions_new(system, &conditions) != FC_OK) {
        return NULL;
    }
    for (unsigned i = 0; i < request->runtime_count; i++) {
        fc_conditions_add_runtime(conditions, request->runtimes[i]);
    }
    fc_conditions_set_enable64bit(conditions, !request->is_64bit_disabled);
    fc_conditions_set_prefers_arm64(conditions, request->prefers_arm64);
    if (path == NULL) {
        return conditions;
    }
    read_text(conditions, path, ".config", fc_conditions_set_config);
    read_text(conditions, path, ".manifest", fc_conditions_set_manifest);
    read_runtimeconfig(conditions, path);
    return conditions;
}

bool inspect_has_runtimeconfig(const char *path) {
    char *name = beside(path, ".runtimeconfig.json", true);
    bool is_there = name != NULL;
    free(name);
    return is_there;
}

int inspect_start(const struct inspect_request *request, enum fc_system system, const char *path,
                  const struct fc_image *image, struct fc_verdict **ret_verdict) {
    struct fc_conditions *conditions = inspect_conditions(request, system, path);
    int result = conditions != NULL ? fc_policy_start(image, conditions, ret_verdict) : FC_ENOMEM;
    fc_conditions_free(conditions);
    return result;
}

static int visit_loads(const struct fc_image *image, const struct fc_conditions *conditions, enum fc_system system,
                       inspect_verdict_fn *visit, void *user_data) {
    enum fc_load_way way = fc_image_is_managed(image) ? FC_LOAD_ASSEMBLY : FC_LOAD_LIBRARY;
    int result = FC_OK;
    for (unsigned i = 0; result == FC_OK && processes[system][i] != FC_PROCESS_NONE; i++) {
        struct fc_verdict *verdict;
        result = fc_policy_load(image, conditions, processes[system][i], way, &verdict);
        if (result == FC_OK) {
            visit(user_data, system, processes[system][i], verdict);
            fc_verdict_free(verdict);
        }
    }
    return result;
}

static int visit_system(const struct inspect_request *request, enum fc_system system, const char *path,
                        const struct fc_image *image, inspect_verdict_fn *visit, void *user_data) {
    struct fc_verdict *verdict;
    if (fc_image_kind(image) == FC_KIND_LIBRARY) {
        struct fc_conditions *conditions = inspect_conditions(request, system, path);
        int result = conditions != NULL ? visit_loads(image, conditions, system, visit, user_data) : (int)FC_ENOMEM;
        fc_conditions_free(conditions);
        return result;
    }
    int result = inspect_start(request, system, path, image, &verdict);
    if (result == FC_OK) {
        visit(user_data, system, fc_verdict_process(verdict), verdict);
        fc_verdict_free(verdict);
    }
    return result;
}

int inspect_visit_verdicts(const struct inspect_request *request, const char *path, const struct fc_image *image,
                           inspect_verdict_fn *visit, void *user_data) {
    int result = FC_OK;
    for (unsigned i = 0; result == FC_OK && i < FC_SYSTEM_COUNT; i++) {
        if (request->for_system[i]) {
            result = visit_system(request, (enum fc_system)i, path, image, visit, user_data);
        }
    }
    if (result != FC_OK) {
        cli_error("%s: %s", path, fc_error_text());
    }
    return cli_status_of(result);
}
