/* image: what is wrong with an audited application, each thing once, in sentences for everybody. */
#include "image/audit.h"

enum { SIDE_BY_SIDE_FAILS = 14001, BAD_EXE = 193, DLL_NOT_FOUND = 0xC0000135 };

static struct fc_audit_finding *find(const struct fc_audit *audit, enum fc_finding kind,
                                     const struct fc_audit_file *file, const struct fc_audit_process *process) {
    for (struct fc_audit_finding *finding = audit->findings; finding != NULL; finding = finding->next) {
        bool is_same_process =
            finding->process == process || (finding->process != NULL && process != NULL && kind != FC_FINDING_START &&
                                            (kind == FC_FINDING_MISSING || finding->process->kind == process->kind));
        if (finding->kind == kind && finding->file == file && is_same_process) {
            return finding;
        }
    }
    return NULL;
}

static void add_needer(struct fc_audit *audit, struct fc_audit_finding *finding, struct fc_audit_file *file) {
    for (const struct fc__needer *needer = finding->needers; needer != NULL; needer = needer->next) {
        if (needer->file == file) {
            return;
        }
    }
    struct fc__needer *needer = file != NULL ? fc__audit_alloc(audit, sizeof *needer) : NULL;
    if (needer != NULL) {
        needer->file = file;
        *finding->last_needer = needer;
        finding->last_needer = &needer->next;
    }
}

/* NULL if it is known already, of another process or as the need of another file, or when out of memory. */
static struct fc_audit_finding *note(struct fc_audit *audit, enum fc_finding kind, struct fc_audit_file *file,
                                     struct fc_audit_file *needed_by, struct fc_audit_process *process) {
    struct fc_audit_finding *known = find(audit, kind, file, process);
    if (known != NULL) {
        known->process_count += known->last_process != process ? 1 : 0;
        known->last_process = process;
        add_needer(audit, known, needed_by);
        return NULL;
    }
    struct fc_audit_finding *finding = fc__audit_alloc(audit, sizeof *finding);
    if (finding != NULL) {
        finding->kind = kind;
        finding->file = file;
        finding->process = finding->last_process = process;
        finding->process_count = process != NULL ? 1 : 0;
        finding->reason = finding->source = finding->text = "";
        finding->last_remedy = &finding->remedies;
        finding->last_needer = &finding->needers;
        *audit->last_finding = finding;
        audit->last_finding = &finding->next;
        add_needer(audit, finding, needed_by);
    }
    return finding;
}

static enum fc_severity severity_of(enum fc_outcome outcome) {
    return outcome == FC_OUTCOME_FAILS ? FC_SEVERITY_CONFLICT : FC_SEVERITY_DOUBT;
}

void fc__audit_note_unreadable(struct fc_audit *audit, struct fc_audit_file *file, const char *text) {
    struct fc_audit_finding *finding = note(audit, FC_FINDING_UNREADABLE, file, NULL, NULL);
    if (finding != NULL) {
        finding->severity = FC_SEVERITY_MISSING;
        finding->text = fc__audit_format(audit, "%s is damaged: %s.", file->path, text);
    }
}

/* -- Starting ----------------------------------------------------------------------------------------------------- */

static void note_windows_version(struct fc_audit *audit, struct fc_audit_process *process, struct fc_audit_file *file,
                                 bool is_program) {
    if (fc__audit_is_on_linux(process) || file->format != FC_FORMAT_PE ||
        file->windows_version <= audit->windows_version) {
        return;
    }
    struct fc_audit_finding *finding = note(audit, FC_FINDING_WINDOWS, file, NULL, process);
    if (finding != NULL) {
        finding->severity = is_program ? FC_SEVERITY_CONFLICT : FC_SEVERITY_DOUBT;
        finding->code = is_program ? BAD_EXE : 0;
        finding->source = is_program ? "Microsoft, /SUBSYSTEM (documented)" : "Microsoft, /SUBSYSTEM (inferred)";
        finding->text = fc__audit_format(audit, "%s is made for Windows %u.%u, and it is to run on %u.%u.", file->path,
                                         file->windows_version >> 16, file->windows_version & 0xffff,
                                         audit->windows_version >> 16, audit->windows_version & 0xffff);
    }
}

void fc__audit_note_start(struct fc_audit *audit, struct fc_audit_process *process, const struct fc_verdict *verdict) {
    const struct fc_opinion *opinion =
        verdict->os.outcome == FC_OUTCOME_FAILS || !verdict->has_clr ||
                (verdict->clr.outcome == FC_OUTCOME_WORKS && verdict->os.outcome != FC_OUTCOME_WORKS)
            ? &verdict->os
            : &verdict->clr;
    struct fc_audit_finding *finding = note(audit, FC_FINDING_START, process->program, NULL, process);
    if (finding != NULL) {
        finding->severity = severity_of(opinion->outcome);
        finding->code = opinion->code;
        finding->reason = fc__audit_copy(audit, opinion->reason, strlen(opinion->reason));
        finding->source = fc__audit_copy(audit, opinion->source, strlen(opinion->source));
        finding->text = fc__audit_format(audit, "%s %s on %s.", process->name,
                                         opinion->outcome == FC_OUTCOME_FAILS ? "does not start" : "may not start",
                                         fc_system_title(process->system));
    }
}

/* -- Loading ------------------------------------------------------------------------------------------------------ */

static void tell_side_by_side(struct fc_audit *audit, struct fc_audit_finding *finding,
                              const struct fc_audit_load *load) {
    finding->severity = FC_SEVERITY_CONFLICT;
    finding->code = SIDE_BY_SIDE_FAILS;
    finding->reason =
        "Its side-by-side configuration is incorrect: Windows looks for the assembly of that machine only.";
    finding->source = "Microsoft, Application Manifests (documented)";
    finding->text =
        fc__audit_format(audit, "%s's manifest asks for %s of \"%s\", and %s is %s.", load->from->path, load->to->path,
                         load->need->detail, finding->process->program == load->from ? "it" : finding->process->name,
                         fc_process_title(finding->process->kind));
}

static const char *verb_of(enum fc_need way) {
    switch (way) {
    case FC_NEED_PINVOKE:
        return "calls functions of";
    case FC_NEED_ASSEMBLY:
        return "uses";
    case FC_NEED_APPHOST:
        return "starts";
    case FC_NEED_COM:
        return "has the COM server";
    default:
        return "needs";
    }
}

static void tell_load(struct fc_audit *audit, struct fc_audit_finding *finding, const struct fc_audit_load *load) {
    const struct fc_audit_process *process = finding->process;
    const struct fc__judged *judged = load->judged;
    bool is_failing = judged->outcome == FC_OUTCOME_FAILS;
    const char *title = fc_process_title(process->kind);
    finding->severity = severity_of(judged->outcome);
    finding->code = judged->code;
    finding->reason = judged->reason;
    finding->source = judged->source;
    if (load->from == NULL) {
        finding->text = fc__audit_format(audit, "%s is %s, which %s %s.", load->to->path, load->to->words, title,
                                         is_failing ? "cannot load" : "may fail to load");
    } else {
        bool is_program = load->from == process->program;
        finding->text = fc__audit_format(
            audit, "%s %s %s, which is %s and %s %s%s.", load->from->path, verb_of(load->way), load->to->path,
            load->to->words, is_failing ? "cannot be loaded into" : "may fail in", title,
            is_program                 ? ", as it is one"
            : process->program != NULL ? fc__audit_format(audit, ", as %s is one", process->name)
                                       : "");
    }
}

static void note_missing(struct fc_audit *audit, struct fc_audit_process *process, const struct fc_audit_load *load) {
    struct fc_audit_finding *finding = note(audit, FC_FINDING_MISSING, load->to, load->from, process);
    if (finding == NULL) {
        return;
    }
    bool is_at_start = load->way == FC_NEED_IMPORT || load->way == FC_NEED_ELF || load->way == FC_NEED_SIDE_BY_SIDE;
    finding->severity = FC_SEVERITY_MISSING;
    finding->load = load;
    finding->code = load->way == FC_NEED_IMPORT         ? (uint32_t)DLL_NOT_FOUND
                    : load->way == FC_NEED_SIDE_BY_SIDE ? (uint32_t)SIDE_BY_SIDE_FAILS
                                                        : 0;
    finding->text =
        fc__audit_format(audit, "%s %s %s, which is not there%s.", load->from->path, verb_of(load->way), load->to->path,
                         is_at_start ? "; without it, it cannot be loaded" : "; it is missed when it is first used");
}

void fc__audit_note_load(struct fc_audit *audit, struct fc_audit_process *process, const struct fc_audit_load *load) {
    if (load->to->origin == FC_ORIGIN_MISSING) {
        note_missing(audit, process, load);
        return;
    }
    note_windows_version(audit, process, load->to, false);
    if (load->outcome == FC_OUTCOME_WORKS) {
        return;
    }
    process->outcome = load->outcome == FC_OUTCOME_FAILS || process->outcome == FC_OUTCOME_FAILS ? FC_OUTCOME_FAILS
                                                                                                 : FC_OUTCOME_MAY_FAIL;
    bool is_side_by_side = load->way == FC_NEED_SIDE_BY_SIDE;
    struct fc_audit_finding *finding =
        note(audit, is_side_by_side ? FC_FINDING_MANIFEST : FC_FINDING_LOAD, load->to, load->from, process);
    if (finding == NULL) {
        return;
    }
    finding->load = load;
    if (is_side_by_side) {
        tell_side_by_side(audit, finding, load);
    } else {
        tell_load(audit, finding, load);
    }
}

void fc__audit_note_program(struct fc_audit *audit, struct fc_audit_process *process) {
    note_windows_version(audit, process, process->program, true);
}

/* -- Without a process -------------------------------------------------------------------------------------------- */

/* A library for another machine than its folder is named after. What runs is left out: installers are 32-bit
 * everywhere. */
static void note_folder(struct fc_audit *audit, struct fc_audit_file *file) {
    const char *part;
    size_t len;
    const char *machine = fc__audit_folder_machine(file, &part, &len);
    bool is_bound = !file->is_neutral && file->class != FC__CLASS_OLD && file->class != FC__CLASS_RESOURCES &&
                    file->class != FC__CLASS_PREFERS_32 && file->class != FC__CLASS_ILLEGAL;
    bool is_hybrid = file->hybrid != FC_HYBRID_NONE && machine != NULL && strcmp(machine, "aarch64") == 0;
    if (machine == NULL || !is_bound || is_hybrid || file->machine == NULL || strcmp(machine, file->machine) == 0) {
        return;
    }
    for (const struct fc_audit_finding *other = audit->findings; other != NULL; other = other->next) {
        if (other->kind == FC_FINDING_LOAD && other->file == file) {
            return; /* which says it all */
        }
    }
    struct fc_audit_finding *finding = note(audit, FC_FINDING_FOLDER, file, NULL, NULL);
    if (finding != NULL) {
        finding->severity = FC_SEVERITY_CONFLICT;
        finding->source = "the name of its folder (inferred)";
        finding->text = fc__audit_format(audit, "%s is %s, but lies in a folder that is called %.*s.", file->path,
                                         file->words, (int)len, part);
    }
}

/* The registered path is that of an installation: as many of its last parts as are found beside the .reg file or
 * above. */
static struct fc_audit_file *find_server(struct fc_audit *audit, const struct fc__server *server) {
    const char *slash = strrchr(server->reg, '/');
    size_t folder_len = slash != NULL ? (size_t)(slash - server->reg) + 1 : 0;
    for (const char *rest = server->path; rest != NULL; rest = strchr(rest, '/')) {
        rest += *rest == '/' ? 1 : 0;
        for (size_t len = folder_len;;) {
            struct fc_audit_file *file =
                fc__audit_at(audit, fc__audit_format(audit, "%.*s%s", (int)len, server->reg, rest), false);
            if (file != NULL) {
                return file;
            }
            if (len == 0) {
                break;
            }
            for (len--; len > 0 && server->reg[len - 1] != '/'; len--) {
            }
        }
    }
    return NULL;
}

static void note_server(struct fc_audit *audit, const struct fc__server *server) {
    struct fc_audit_file *file = find_server(audit, server);
    bool is_32bit_system = audit->has_system && audit->system == FC_SYSTEM_WINDOWS_X86;
    bool is_32bit_view = server->is_32bit_view || is_32bit_system;
    enum fc_process process = is_32bit_view ? FC_PROCESS_WOW64 : FC_PROCESS_X86_64;
    enum fc_system system = audit->has_system && audit->system < FC_SYSTEM_MONO ? audit->system : FC_SYSTEM_WINDOWS_X64;
    if (!is_32bit_view && system >= FC_SYSTEM_WINDOWS10_ARM64) {
        process = FC_PROCESS_AARCH64;
    }
    const struct fc__judged *judged = file != NULL ? fc__audit_judge(audit, file, FC_NEED_COM, system, process) : NULL;
    if (judged == NULL || judged->outcome != FC_OUTCOME_FAILS) {
        return;
    }
    struct fc_audit_finding *finding = note(audit, FC_FINDING_COM, file, NULL, NULL);
    if (finding != NULL) {
        finding->severity = FC_SEVERITY_CONFLICT;
        finding->code = judged->code;
        finding->reason = judged->reason;
        finding->source = "Microsoft, InprocServer32; Registry Redirector (documented)";
        finding->text = fc__audit_format(
            audit, "%s registers the COM server %s, which is %s, for %d-bit programs, and those cannot load it.",
            server->reg, file->path, file->words, fc_process_bits(process));
    }
}

void fc__audit_note_alone(struct fc_audit *audit) {
    for (struct fc_audit_file *file = audit->first; file != NULL; file = file->next) {
        if (file->is_binary && file->origin == FC_ORIGIN_TREE && file->kind == FC_KIND_LIBRARY) {
            note_folder(audit, file);
        }
    }
    for (const struct fc__server *server = audit->servers; server != NULL; server = server->next) {
        note_server(audit, server);
    }
}
