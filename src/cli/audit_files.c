/* cli: the files that `farcall audit` looks at: those of the folder, .deps.json, and where this system has its
 * libraries. */
#include "cli/audit.h"

#include <errno.h>
#include <fts.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* -- Opening ------------------------------------------------------------------------------------------------------ */

static bool open_file(void *user_data, const char *path, const void **ret_data, size_t *ret_len_bytes,
                      void **ret_handle) {
    struct audit_request *request = user_data;
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
        return false;
    }
    struct cli_file *file = calloc(1, sizeof *file);
    if (file == NULL || cli_file_open(path, file) != CLI_OK) {
        free(file);
        request->status = CLI_FAILED;
        return false;
    }
    *ret_data = file->data;
    *ret_len_bytes = file->len_bytes;
    *ret_handle = file;
    return true;
}

static void close_file(void *user_data, void *handle) {
    (void)user_data;
    cli_file_close(handle);
    free(handle);
}

static int conditions_of(void *user_data, enum fc_system system, const char *path,
                         struct fc_conditions **ret_conditions) {
    const struct audit_request *request = user_data;
    *ret_conditions = inspect_conditions(&request->conditions, system, path);
    return *ret_conditions != NULL ? FC_OK : FC_ENOMEM;
}

struct fc_audit_files audit_files(struct audit_request *request) {
    return (struct fc_audit_files){request, open_file, close_file, conditions_of};
}

/* -- .deps.json --------------------------------------------------------------------------------------------------- */

/* The folder of an asset such as "runtimes/win-x64/native/vendor.dll". */
static void add_asset(struct fc_audit *audit, const char *program, const char *asset) {
    const char *slash = strrchr(asset, '/'), *base = strrchr(program, '/');
    char *folder;
    if (slash != NULL && asprintf(&folder, "%.*s%.*s", base != NULL ? (int)(base + 1 - program) : 0, program,
                                  (int)(slash - asset), asset) >= 0) {
        fc_audit_add_folder(audit, program, folder);
        free(folder);
    }
}

/* targets.*.*.{native,runtime,runtimeTargets}: keys are paths in the application. */
static void read_deps(struct fc_audit *audit, const char *path) {
    static const char *const kinds[] = {"native", "runtime", "runtimeTargets"};
    json_t *root = json_load_file(path, 0, NULL), *target, *package, *asset;
    const char *target_name, *package_name, *asset_name;
    char *program = strdup(path);
    if (program != NULL) {
        program[strlen(program) - strlen(".deps.json")] = '\0';
        json_object_foreach(json_object_get(root, "targets"), target_name, target) {
            json_object_foreach(target, package_name, package) {
                for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
                    json_object_foreach(json_object_get(package, kinds[i]), asset_name, asset) {
                        add_asset(audit, program, asset_name);
                    }
                }
            }
        }
    }
    free(program);
    json_decref(root);
}

/* -- The folder --------------------------------------------------------------------------------------------------- */

static bool ends_in(const char *text, const char *ending) {
    size_t len = strlen(text), end_len = strlen(ending);
    return len > end_len && strcmp(text + len - end_len, ending) == 0;
}

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Another name of a file of the folder, or a file from elsewhere. */
static int add_link(struct fc_audit *audit, const char *folder, const char *path) {
    char root[PATH_MAX], target[PATH_MAX], *inside = NULL;
    struct stat info;
    bool is_known = false;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
        return FC_OK; /* it leads nowhere, or to a folder */
    }
    int result = FC_OK;
    if (realpath(folder, root) != NULL && realpath(path, target) != NULL && strncmp(target, root, strlen(root)) == 0 &&
        target[strlen(root)] == '/' && asprintf(&inside, "%s%s", folder, target + strlen(root)) >= 0) {
        result = fc_audit_add_link(audit, path, inside, &is_known);
        free(inside);
    }
    return is_known || result != FC_OK ? result : fc_audit_add(audit, target); /* where $ORIGIN is */
}

static int add_tree(struct audit_request *request, struct fc_audit *audit, bool is_for_links) {
    FTS *tree = fts_open((char *[]){(char *)(uintptr_t)request->folder, NULL}, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    int result = tree != NULL ? FC_OK : FC_ENOMEM;
    for (FTSENT *entry; result == FC_OK && (entry = fts_read(tree)) != NULL;) {
        if (entry->fts_info == FTS_SL && is_for_links) {
            result = add_link(audit, request->folder, entry->fts_path);
        } else if (entry->fts_info == FTS_F && !is_for_links) {
            result = fc_audit_add(audit, entry->fts_path);
            if (ends_in(entry->fts_name, ".deps.json")) {
                read_deps(audit, entry->fts_path);
            }
        } else if (!is_for_links &&
                   (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS)) {
            cli_error("audit: %s: %s", entry->fts_path, strerror(entry->fts_errno));
            request->status = CLI_FAILED;
        }
    }
    if (tree != NULL) {
        fts_close(tree);
    }
    return result;
}

/* -- This system's libraries --------------------------------------------------------------------------------------- */

/* Folders of ld.so.conf, with its `include`s, which do not go deep. */
static void read_loader_config(struct fc_audit *audit, const char *path, int depth) {
    FILE *in = depth < 4 ? fopen(path, "re") : NULL;
    char *line = NULL;
    size_t room = 0;
    while (in != NULL && getline(&line, &room, in) > 0) {
        char *word = line + strspn(line, " \t");
        word[strcspn(word, "#\r\n")] = '\0';
        if (strncmp(word, "include ", 8) == 0) {
            glob_t found;
            if (glob(word + 8 + strspn(word + 8, " \t"), 0, NULL, &found) == 0) {
                for (size_t i = 0; i < found.gl_pathc; i++) {
                    read_loader_config(audit, found.gl_pathv[i], depth + 1);
                }
                globfree(&found);
            }
        } else if (word[0] == '/') {
            fc_audit_add_system_folder(audit, word);
        }
    }
    free(line);
    if (in != NULL) {
        fclose(in);
    }
}

static void add_system_folders(struct fc_audit *audit) {
    static const char *const defaults[] = {"/lib", "/usr/lib", "/lib64", "/usr/lib64", "/lib32", "/usr/lib32"};
    read_loader_config(audit, "/etc/ld.so.conf", 0);
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        fc_audit_add_system_folder(audit, defaults[i]);
    }
}

int audit_collect(struct audit_request *request, struct fc_audit *audit) {
    struct stat info;
    if (stat(request->folder, &info) != 0) {
        cli_error("audit: %s: %s", request->folder, strerror(errno));
        return CLI_FAILED;
    }
    if (!S_ISDIR(info.st_mode)) {
        return cli_usage_error("audit", "%s is no folder", request->folder);
    }
    int result = add_tree(request, audit, false);
    result = result == FC_OK ? add_tree(request, audit, true) : result;
    add_system_folders(audit);
    if (result != FC_OK) {
        cli_error("audit: %s: %s", request->folder, fc_error_text());
    }
    return cli_status_of(result);
}
