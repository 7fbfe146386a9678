/* image: which file a need leads to, in the order of the loader that looks for it. A loader that meets a library of the
 * wrong bitness may go on, so the first that fits is taken, else the first there is. Sources: Microsoft, "Dynamic-link
 * library search order", "How the Runtime Locates Assemblies", "Assembly Searching Sequence"; .NET, "Native library
 * loading"; Mono, "Interop with native libraries"; ld.so(8). */
#include "image/audit.h"

#include <stdio.h>

/* One search. */
struct search {
    struct fc_audit *audit;
    const struct fc_audit_process *process;
    struct fc_audit_file *from;
    const struct fc__need *need;
    struct fc_audit_file *fitting, *unfit;
    bool is_exact;
};

bool fc__audit_is_on_linux(const struct fc_audit_process *process) {
    return process->system >= FC_SYSTEM_MONO;
}

static void consider(struct search *search, struct fc_audit_file *file) {
    if (file == NULL || search->fitting != NULL || !file->is_binary) {
        return;
    }
    const struct fc__judged *judged =
        fc__audit_judge(search->audit, file, search->need->way, search->process->system, search->process->kind);
    if (judged == NULL || judged->outcome != FC_OUTCOME_FAILS) {
        search->fitting = file;
    } else if (search->unfit == NULL) {
        search->unfit = file;
    }
}

/* The file of that name and suffix in a folder of the application. */
static void look_in(struct search *search, const char *folder, size_t folder_len, const char *name,
                    const char *suffix) {
    char path[FC__AUDIT_PATH_MAX];
    int len = snprintf(path, sizeof path, "%.*s%s%s", (int)folder_len, folder, name, suffix);
    if (search->fitting == NULL && len > 0 && (size_t)len < sizeof path) {
        consider(search, fc__audit_at(search->audit, path, search->is_exact));
    }
}

/* In the folders above that of the file: what is there is loaded if the program adds its folder to the search path. */
static void look_above(struct search *search, const char *name, const char *suffix) {
    const char *path = search->from->path;
    size_t len = (size_t)(search->from->name - path);
    while (search->fitting == NULL && len > 1) {
        for (len--; len > 0 && path[len - 1] != '/'; len--) {
        }
        look_in(search, path, len, name, suffix);
    }
}

/* In the program's folder, its folders of .deps.json, and that of the file which needs it. */
static void look_around(struct search *search, const char *name, const char *suffix) {
    const struct fc_audit_process *process = search->process;
    const struct fc_audit_file *from = search->from;
    if (process->folder != NULL) {
        look_in(search, process->folder, strlen(process->folder), name, suffix);
    }
    look_in(search, from->path, (size_t)(from->name - from->path), name, suffix);
    for (const struct fc__folder *folder = search->audit->folders; folder != NULL; folder = folder->next) {
        const char *program = process->program != NULL ? process->program->path : from->path;
        size_t len = strlen(folder->program);
        if (strncmp(program, folder->program, len) == 0 && (program[len] == '.' || program[len] == '\0')) {
            look_in(search, folder->path, strlen(folder->path), name, suffix);
        }
    }
}

/* -- Libraries of Windows ----------------------------------------------------------------------------------------- */

static const char *dll_suffix(const char *name) {
    return strchr(name, '.') == NULL ? ".dll" : "";
}

static struct fc_audit_file *find_dll(struct search *search) {
    const char *name = search->need->name, *suffix = dll_suffix(name);
    const char *full = fc__audit_format(search->audit, "%s%s", name, suffix);
    enum fc_origin known = fc__audit_known_library(full);
    if (strcmp(name, "__Internal") == 0 || strcmp(name, "QCall") == 0) {
        return fc__audit_named(search->audit, name, FC_ORIGIN_FRAMEWORK); /* the runtime itself */
    }
    look_around(search, name, suffix);
    if (search->fitting == NULL && known != FC_ORIGIN_SYSTEM) {
        look_above(search, name, suffix);
    }
    if (search->fitting != NULL || (search->unfit != NULL && known != FC_ORIGIN_SYSTEM)) {
        return search->fitting != NULL ? search->fitting : search->unfit;
    }
    size_t len = strlen(full);
    if (known == FC_ORIGIN_MISSING && search->process->program == NULL && len > 4 &&
        fc__audit_same(full + len - 4, ".exe")) {
        known = FC_ORIGIN_HOST; /* plug-ins import from the program that loads them */
    }
    return fc__audit_named(search->audit, full, known);
}

/* -- Assemblies --------------------------------------------------------------------------------------------------- */

static void look_for_assembly(struct search *search, const char *folder, size_t len) {
    look_in(search, folder, len, search->need->name, ".dll");
    look_in(search, folder, len, search->need->name, ".exe");
}

/* privatePath, relative to the program's folder; a folder of the assembly's name; codeBase. */
static void look_by_config(struct search *search) {
    const struct fc_audit_process *process = search->process;
    const char *name = search->need->name, *folder = process->folder != NULL ? process->folder : "";
    char path[FC__AUDIT_PATH_MAX];
    snprintf(path, sizeof path, "%s%s/", folder, name);
    look_for_assembly(search, path, strlen(path));
    for (const char *part = process->private_paths; part != NULL && *part != '\0';) {
        size_t len = strcspn(part, ";");
        snprintf(path, sizeof path, "%s%.*s/", folder, (int)len, part);
        for (char *at = path; *at != '\0'; at++) {
            *at = *at == '\\' ? '/' : *at;
        }
        look_for_assembly(search, path, strlen(path));
        part += len + (part[len] == ';' ? 1 : 0);
    }
    for (const struct fc__code_base *base = process->code_bases; base != NULL; base = base->next) {
        if (fc__audit_same(base->name, name)) {
            look_in(search, folder, strlen(folder), base->path, "");
        }
    }
}

/* A folder that is made like the GAC, NAME/VERSION_CULTURE_TOKEN/NAME.dll: the one that the file is in itself, or one
 * called gac in a folder above. */
static void look_in_gac(struct search *search) {
    const struct fc_audit_file *from = search->from;
    const char *detail = search->need->detail != NULL ? search->need->detail : "", *name = search->need->name;
    size_t len = (size_t)(from->name - from->path);
    char path[FC__AUDIT_PATH_MAX];
    snprintf(path, sizeof path, "%.*s../../%s/%s/", (int)len, from->path, name, detail);
    look_for_assembly(search, path, strlen(path));
    while (search->fitting == NULL && len > 1) {
        snprintf(path, sizeof path, "%.*sgac/%s/%s/", (int)len, from->path, name, detail);
        look_for_assembly(search, path, strlen(path));
        for (len--; len > 0 && from->path[len - 1] != '/'; len--) {
        }
    }
}

static struct fc_audit_file *find_assembly(struct search *search) {
    const char *name = search->need->name;
    look_around(search, name, ".dll");
    look_around(search, name, ".exe");
    look_by_config(search);
    look_in_gac(search);
    look_above(search, name, ".dll");
    if (search->fitting != NULL || search->unfit != NULL) {
        return search->fitting != NULL ? search->fitting : search->unfit;
    }
    enum fc__family family =
        search->process->family != FC__FAMILY_UNKNOWN ? search->process->family : search->from->family;
    return fc__audit_named(search->audit, name, fc__audit_known_assembly(name, family));
}

/* -- Side-by-side assemblies -------------------------------------------------------------------------------------- */

/* A private one is a manifest, or a library with one, in the program's folder or in one of its own name there. */
static struct fc_audit_file *find_side_by_side(struct search *search) {
    static const char *const suffixes[] = {".manifest", ".dll"};
    const char *name = search->need->name;
    const struct fc_audit_file *from = search->from;
    enum fc_origin known = fc__audit_known_side_by_side(name);
    char path[FC__AUDIT_PATH_MAX];
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%.*s%s%s%s%s", (int)(from->name - from->path), from->path, i < 2 ? "" : name,
                 i < 2 ? "" : "/", name, suffixes[i % 2]);
        struct fc_audit_file *file = fc__audit_at(search->audit, path, false);
        if (file != NULL) {
            return file;
        }
    }
    return fc__audit_named(search->audit, name, known);
}

/* -- Linux -------------------------------------------------------------------------------------------------------- */

/* One folder of a run path, with $ORIGIN as that of the file that has it; true if it is to be looked into. */
static bool expand(const struct fc_audit_file *owner, const char *part, size_t len, char folder[FC__AUDIT_PATH_MAX]) {
    size_t skip = len >= 7 && memcmp(part, "$ORIGIN", 7) == 0     ? 7
                  : len >= 9 && memcmp(part, "${ORIGIN}", 9) == 0 ? 9
                                                                  : 0;
    int origin_len = skip > 0 ? (int)(owner->name - owner->path) : 0;
    const char *rest = part + skip + (origin_len > 0 && skip < len && part[skip] == '/' ? 1 : 0);
    size_t rest_len = len - (size_t)(rest - part);
    snprintf(folder, FC__AUDIT_PATH_MAX, "%.*s%.*s/", origin_len, owner->path, (int)rest_len, rest);
    return len > 0 && memchr(rest, '$', rest_len) == NULL;
}

static void look_along(struct search *search, const struct fc_audit_file *owner, const char *paths, const char *name) {
    char folder[FC__AUDIT_PATH_MAX];
    for (const char *part = paths; part != NULL && *part != '\0' && search->fitting == NULL;) {
        size_t len = strcspn(part, ":");
        if (expand(owner, part, len, folder)) {
            /* Without its last '/' where nothing is before it: the folder is the current one. */
            look_in(search, folder, strlen(folder), name, "");
            const char *path = fc__audit_format(search->audit, "%s%s", folder, name);
            if (search->fitting == NULL && folder[0] == '/') {
                consider(search, fc__audit_installed(search->audit, path));
            }
        }
        part += len + (part[len] == ':' ? 1 : 0);
    }
}

static void look_in_system(struct search *search, const char *name) {
    for (const struct fc__folder *folder = search->audit->system_folders; folder != NULL && search->fitting == NULL;
         folder = folder->next) {
        consider(search,
                 fc__audit_installed(search->audit, fc__audit_format(search->audit, "%s%s", folder->path, name)));
    }
}

static void look_for_elf(struct search *search, const char *name) {
    const struct fc_audit_file *from = search->from, *program = search->process->program;
    if (from->runpath == NULL) {
        look_along(search, from, from->rpath, name);
        if (program != NULL && program->runpath == NULL) {
            look_along(search, program, program->rpath, name);
        }
    }
    look_along(search, from, from->runpath, name);
    look_in_system(search, name);
    look_around(search, name, ""); /* as LD_LIBRARY_PATH makes it */
    look_above(search, name, "");
}

static struct fc_audit_file *find_elf(struct search *search) {
    search->is_exact = true;
    look_for_elf(search, search->need->name);
    if (search->fitting != NULL || search->unfit != NULL) {
        return search->fitting != NULL ? search->fitting : search->unfit;
    }
    return fc__audit_named(search->audit, search->need->name, FC_ORIGIN_MISSING);
}

/* What Mono and .NET make of the name in a P/Invoke. */
static struct fc_audit_file *find_from_managed(struct search *search) {
    static const char *const forms[] = {"%s", "%s.so", "lib%s.so", "lib%s", "%s.so.6"};
    const char *name = search->need->name;
    char variant[256];
    if (strcmp(name, "__Internal") == 0 || strcmp(name, "QCall") == 0) {
        return fc__audit_named(search->audit, name, FC_ORIGIN_FRAMEWORK);
    }
    search->is_exact = true;
    for (size_t i = 0; i < sizeof forms / sizeof *forms && search->fitting == NULL; i++) {
        snprintf(variant, sizeof variant, forms[i], name); /* NOLINT(clang-diagnostic-format-nonliteral) */
        look_around(search, variant, "");
        look_in_system(search, variant);
    }
    if (search->fitting != NULL || search->unfit != NULL) {
        return search->fitting != NULL ? search->fitting : search->unfit;
    }
    return fc__audit_named(search->audit, name, FC_ORIGIN_MISSING);
}

struct fc_audit_file *fc__audit_find(struct fc_audit *audit, const struct fc_audit_process *process,
                                     struct fc_audit_file *from, const struct fc__need *need) {
    struct search search = {.audit = audit, .process = process, .from = from, .need = need};
    switch (need->way) {
    case FC_NEED_ELF:
        return find_elf(&search);
    case FC_NEED_ASSEMBLY:
        return find_assembly(&search);
    case FC_NEED_SIDE_BY_SIDE:
        return find_side_by_side(&search);
    case FC_NEED_PINVOKE:
        return fc__audit_is_on_linux(process) ? find_from_managed(&search) : find_dll(&search);
    default:
        return find_dll(&search);
    }
}
