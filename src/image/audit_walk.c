/* image: the processes of an audited application, and what each loads. */
#include "image/audit.h"

/* -- Machines in names of folders ---------------------------------------------------------------------------------- */

const char *fc__audit_folder_machine(const struct fc_audit_file *file, const char **ret_part, size_t *ret_len) {
    static const struct {
        const char *word, *machine;
    } words[] = {
        {"x86", "i386"},        {"ia32", "i386"},         {"i386", "i386"},           {"win-x86", "i386"},
        {"win32-x86", "i386"},  {"win32-ia32", "i386"},   {"x64", "x86_64"},          {"amd64", "x86_64"},
        {"x86_64", "x86_64"},   {"win-x64", "x86_64"},    {"win32-x64", "x86_64"},    {"arm64", "aarch64"},
        {"aarch64", "aarch64"}, {"win-arm64", "aarch64"}, {"win32-arm64", "aarch64"},
    };
    const char *machine = NULL;
    for (const char *part = file->path; part < file->name;) {
        size_t len = strcspn(part, "/");
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (strlen(words[i].word) == len && strncasecmp(part, words[i].word, len) == 0) {
                machine = words[i].machine; /* the innermost counts */
                *ret_part = part;
                *ret_len = len;
            }
        }
        part += len + 1;
    }
    return machine;
}

/* -- One process -------------------------------------------------------------------------------------------------- */

/* A side-by-side assembly for another machine than the process's. */
static bool is_other_machine(const struct fc__need *need, enum fc_process process) {
    static const struct {
        const char *architecture, *machine;
    } rows[] = {{"x86", "i386"}, {"amd64", "x86_64"}, {"arm64", "aarch64"}, {"ia64", "ia64"}, {"arm", "arm"}};
    for (size_t i = 0; need->detail != NULL && i < sizeof rows / sizeof *rows; i++) {
        if (fc__audit_same(need->detail, rows[i].architecture)) {
            return strcmp(rows[i].machine, fc_process_machine(process)) != 0;
        }
    }
    return false;
}

static void judge_load(struct fc_audit_process *process, struct fc_audit_load *load) {
    load->outcome = load->to->origin == FC_ORIGIN_MISSING ? FC_OUTCOME_MAY_FAIL : FC_OUTCOME_WORKS;
    if (load->way == FC_NEED_SIDE_BY_SIDE) {
        load->outcome = is_other_machine(load->need, process->kind) ? FC_OUTCOME_FAILS : load->outcome;
    } else {
        load->judged = fc__audit_judge(process->audit, load->to, load->way, process->system, process->kind);
        load->outcome = load->judged != NULL ? load->judged->outcome : load->outcome;
    }
}

/* True the first time. A program comes to its files in one go, hosts come again. */
static bool see(const struct fc_audit_process *process, struct fc_audit_file *file) {
    bool is_host = process->program == NULL;
    bool is_seen = is_host ? (file->seen_by_hosts & process->number) != 0 : file->seen_by == process->number;
    file->seen_by_hosts |= is_host ? process->number : 0;
    file->seen_by = is_host ? file->seen_by : process->number;
    file->is_reached = true;
    return !is_seen;
}

static void add_load(struct fc_audit_process *process, struct fc_audit_file *from, struct fc_audit_file *to,
                     enum fc_need way, const struct fc__need *need) {
    struct fc_audit_load *load = fc__audit_alloc(process->audit, sizeof *load);
    if (load == NULL || to == NULL || to == from) {
        return;
    }
    load->from = from;
    load->to = to;
    load->way = way;
    load->need = need;
    load->is_first = see(process, to);
    judge_load(process, load);
    to->is_hosted = to->is_hosted || way == FC_NEED_APPHOST;
    *process->last_load = load;
    process->last_load = &load->next;
    fc__audit_note_load(process->audit, process, load);
}

static void add_needs(struct fc_audit_process *process, struct fc_audit_file *from) {
    for (const struct fc__need *need = from->needs; need != NULL; need = need->next) {
        add_load(process, from, fc__audit_find(process->audit, process, from, need), need->way, need);
    }
}

/* What cannot be loaded loads nothing. */
static void walk_from(struct fc_audit_process *process, const struct fc_audit_load *load) {
    for (; load != NULL; load = load->next) {
        if (load->is_first && load->outcome != FC_OUTCOME_FAILS) {
            add_needs(process, load->to);
        }
    }
}

static void enlist(struct fc_audit *audit, struct fc_audit_process *process) {
    process->number = process->program != NULL ? ++audit->process_count : 1u << audit->host_count++;
    *audit->last_process = process;
    audit->last_process = &process->next;
}

/* -- Executables -------------------------------------------------------------------------------------------------- */

static enum fc_system system_of(const struct fc_audit *audit, const struct fc_audit_file *file) {
    if (file->format == FC_FORMAT_ELF) {
        return audit->has_system && audit->system == FC_SYSTEM_LINUX_I386 ? FC_SYSTEM_LINUX_I386
                                                                          : FC_SYSTEM_LINUX_X86_64;
    }
    if (audit->has_system) {
        return audit->system;
    }
    switch (file->class) {
    case FC__CLASS_ARM64:
    case FC__CLASS_ARM64X:
    case FC__CLASS_ARM64EC:
        return FC_SYSTEM_WINDOWS11_ARM64;
    case FC__CLASS_ARM:
        return FC_SYSTEM_WINDOWS10_ARM64;
    case FC__CLASS_IA64:
        return FC_SYSTEM_WINDOWS_IA64;
    default:
        return FC_SYSTEM_WINDOWS_X64;
    }
}

static void start(struct fc_audit *audit, struct fc_audit_file *file) {
    struct fc_audit_process *process = fc__audit_start(audit, file, system_of(audit, file));
    if (process == NULL) {
        return;
    }
    enlist(audit, process);
    see(process, file);
    if (file->is_apphost || file->is_bundle) {
        process->family = FC__FAMILY_CORE;
    }
    if (process->kind != FC_PROCESS_NONE) {
        fc__audit_note_program(audit, process);
        fc__audit_read_config(audit, process);
        add_needs(process, file);
        walk_from(process, process->loads);
    }
}

static bool is_program(const struct fc_audit_file *file) {
    return file->is_binary && file->origin == FC_ORIGIN_TREE && file->kind == FC_KIND_EXECUTABLE &&
           !file->is_foreign_subsystem;
}

/* Apphosts first: the programs that they start are none of their own. */
static void start_all(struct fc_audit *audit) {
    for (struct fc_audit_file *file = audit->first; file != NULL; file = file->next) {
        if (is_program(file) && file->is_apphost) {
            start(audit, file);
        }
    }
    for (struct fc_audit_file *file = audit->first; file != NULL; file = file->next) {
        if (is_program(file) && !file->is_apphost && !file->is_hosted) {
            start(audit, file);
        }
    }
}

/* -- Hosts -------------------------------------------------------------------------------------------------------- */

struct kind {
    enum fc_process process;
    enum fc_system system;
};

/* What the stated host is, for a library of this format. */
static struct kind stated_host(const struct fc_audit *audit, const struct fc_audit_file *file) {
    bool is_32 = audit->host == FC_HOST_32;
    if (file->format == FC_FORMAT_ELF) {
        return (struct kind){is_32 ? FC_PROCESS_I386 : FC_PROCESS_X86_64, FC_SYSTEM_LINUX_X86_64};
    }
    enum fc_system system =
        audit->has_system && audit->system < FC_SYSTEM_LINUX_I386 ? audit->system : FC_SYSTEM_WINDOWS_X64;
    switch (system) {
    case FC_SYSTEM_WINDOWS_IA64:
        return (struct kind){is_32 ? FC_PROCESS_WOW64 : FC_PROCESS_IA64, system};
    case FC_SYSTEM_WINDOWS10_ARM64:
    case FC_SYSTEM_WINDOWS11_ARM64:
        return (struct kind){is_32 ? FC_PROCESS_I386_EMULATED : FC_PROCESS_AARCH64, system};
    case FC_SYSTEM_WINDOWS_X86:
    case FC_SYSTEM_MONO:
    case FC_SYSTEM_DOTNET:
        return (struct kind){is_32 ? FC_PROCESS_I386 : FC_PROCESS_X86_64, system};
    default:
        return (struct kind){is_32 ? FC_PROCESS_WOW64 : FC_PROCESS_X86_64, system};
    }
}

/* The process that a library of either bitness finds itself in: that of the executables, if they agree. */
static struct kind common_kind(const struct fc_audit *audit) {
    struct kind kind = {FC_PROCESS_NONE, FC_SYSTEM_WINDOWS_X64};
    for (const struct fc_audit_process *process = audit->processes; process != NULL; process = process->next) {
        bool is_managed = process->program != NULL && process->program->is_managed;
        if (is_managed && kind.process != FC_PROCESS_NONE && kind.process != process->kind) {
            kind.process = FC_PROCESS_NONE;
            break;
        }
        kind = is_managed ? (struct kind){process->kind, process->system} : kind;
    }
    if (kind.process != FC_PROCESS_NONE) {
        return kind;
    }
    bool is_stated = audit->has_system && audit->system < FC_SYSTEM_LINUX_I386;
    return (struct kind){FC_PROCESS_X86_64,
                         is_stated && (audit->system == FC_SYSTEM_MONO || audit->system == FC_SYSTEM_DOTNET)
                             ? audit->system
                             : FC_SYSTEM_WINDOWS_X64};
}

/* A process that fits the library; FC_PROCESS_NONE if there are no rules for it. */
static struct kind fitting_kind(const struct fc_audit *audit, const struct fc_audit_file *file) {
    if (file->format == FC_FORMAT_ELF) {
        const char *machine = file->machine;
        enum fc_process process = strcmp(machine, "i386") == 0      ? FC_PROCESS_I386
                                  : strcmp(machine, "x86_64") == 0  ? FC_PROCESS_X86_64
                                  : strcmp(machine, "aarch64") == 0 ? FC_PROCESS_AARCH64
                                                                    : FC_PROCESS_NONE;
        return (struct kind){process, FC_SYSTEM_LINUX_X86_64};
    }
    switch (file->class) {
    case FC__CLASS_I386:
    case FC__CLASS_CHPE:
    case FC__CLASS_SHORT_CLI:
    case FC__CLASS_X86:
    case FC__CLASS_MIXED:
        return (struct kind){FC_PROCESS_WOW64, FC_SYSTEM_WINDOWS_X64};
    case FC__CLASS_AMD64:
        return (struct kind){FC_PROCESS_X86_64, FC_SYSTEM_WINDOWS_X64};
    case FC__CLASS_ARM64:
    case FC__CLASS_ARM64X:
        return (struct kind){FC_PROCESS_AARCH64, FC_SYSTEM_WINDOWS11_ARM64};
    case FC__CLASS_ARM64EC:
        return (struct kind){FC_PROCESS_X86_64_EMULATED, FC_SYSTEM_WINDOWS11_ARM64};
    case FC__CLASS_IA64:
        return (struct kind){FC_PROCESS_IA64, FC_SYSTEM_WINDOWS_IA64};
    case FC__CLASS_ANYCPU:
    case FC__CLASS_OLD:
    case FC__CLASS_PREFERS_32:
    case FC__CLASS_ILLEGAL:
    case FC__CLASS_RESOURCES:
        return common_kind(audit);
    default:
        return (struct kind){FC_PROCESS_NONE, FC_SYSTEM_WINDOWS_X64};
    }
}

/* The stated host loads every assembly, but not those that lie in a folder for another machine; and native libraries
 * that it can load: which of several it picks, no file says. */
static struct kind host_kind(struct fc_audit *audit, struct fc_audit_file *file) {
    if (audit->host == FC_HOST_NONE) {
        return fitting_kind(audit, file);
    }
    struct kind kind = stated_host(audit, file);
    const char *part;
    size_t len;
    const char *machine = fc__audit_folder_machine(file, &part, &len);
    const struct fc__judged *judged = fc__audit_judge(audit, file, FC_NEED_HOST, kind.system, kind.process);
    bool is_fitting = judged == NULL || judged->outcome != FC_OUTCOME_FAILS;
    bool is_for_other = machine != NULL && strcmp(machine, fc_process_machine(kind.process)) != 0;
    return is_fitting || (file->is_managed && !is_for_other) ? kind : fitting_kind(audit, file);
}

static struct fc_audit_process *host_for(struct fc_audit *audit, struct kind kind) {
    for (struct fc_audit_process *process = audit->processes; process != NULL; process = process->next) {
        if (process->program == NULL && process->kind == kind.process && process->system == kind.system) {
            return process;
        }
    }
    struct fc_audit_process *process = fc__audit_alloc(audit, sizeof *process);
    if (process == NULL) {
        return NULL;
    }
    bool is_iis = audit->host == FC_HOST_IIS && kind.process == FC_PROCESS_X86_64;
    process->audit = audit;
    process->host = is_iis ? FC_HOST_IIS : FC_HOST_64;
    process->kind = kind.process;
    process->system = kind.system;
    process->name = is_iis ? "a 64-bit worker process of IIS" : fc_process_title(kind.process);
    process->reason = audit->host != FC_HOST_NONE ? "It was stated."
                                                  : "Libraries that no executable here loads, in a process that fits.";
    process->last_load = &process->loads;
    enlist(audit, process);
    return process;
}

static bool is_left(const struct fc_audit_file *file) {
    return file->is_binary && file->origin == FC_ORIGIN_TREE && file->kind == FC_KIND_LIBRARY && !file->is_reached;
}

static void host(struct fc_audit *audit, struct fc_audit_file *file) {
    struct kind kind = host_kind(audit, file);
    struct fc_audit_process *process = kind.process != FC_PROCESS_NONE ? host_for(audit, kind) : NULL;
    if (process != NULL) {
        struct fc_audit_load **first = process->last_load;
        add_load(process, NULL, file, FC_NEED_HOST, NULL);
        walk_from(process, *first);
    }
}

static void remember_names(struct fc_audit *audit) {
    for (const struct fc_audit_file *file = audit->first; file != NULL; file = file->next) {
        for (const struct fc__need *need = file->needs; need != NULL; need = need->next) {
            fc__audit_remember(audit, need->name);
        }
    }
}

static bool is_wanted(struct fc_audit *audit, const struct fc_audit_file *file) {
    const char *dot = strrchr(file->name, '.');
    return fc__audit_remembers(audit, file->name) ||
           (dot != NULL &&
            fc__audit_remembers(audit, fc__audit_format(audit, "%.*s", (int)(dot - file->name), file->name)));
}

/* First those that nothing needs by name, so that the others are reached through them. */
static void host_all(struct fc_audit *audit) {
    remember_names(audit);
    for (struct fc_audit_file *file = audit->first; file != NULL; file = file->next) {
        if (is_left(file) && !is_wanted(audit, file)) {
            host(audit, file);
        }
    }
    for (struct fc_audit_file *file = audit->first; file != NULL; file = file->next) {
        if (is_left(file)) {
            host(audit, file);
        }
    }
}

int fc__audit_walk(struct fc_audit *audit) {
    start_all(audit);
    host_all(audit);
    return FC_OK;
}
