/* image: what mends a finding. A remedy that changes a whole process is offered only if everything else that the
 * process loads would still load. */
#include "image/audit.h"

static void add(struct fc_audit *audit, struct fc_audit_finding *finding, enum fc_remedy kind, const char *text,
                const char *command) {
    struct fc__remedy *remedy = fc__audit_alloc(audit, sizeof *remedy);
    if (remedy != NULL) {
        *remedy = (struct fc__remedy){kind, text, command, NULL};
        *finding->last_remedy = remedy;
        finding->last_remedy = &remedy->next;
    }
}

/* A path as a word of the shell, which is no option. */
static const char *quote(struct fc_audit *audit, const char *path) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+,@%=:";
    char quoted[FC__AUDIT_PATH_MAX * 4 + 8];
    size_t at = 0;
    const char *dot = path[0] == '-' ? "./" : "";
    if (path[0] != '\0' && strspn(path, plain) == strlen(path)) {
        return fc__audit_format(audit, "%s%s", dot, path);
    }
    quoted[at++] = '\'';
    for (const char *in = path; *in != '\0' && at + 8 < sizeof quoted; in++) {
        const char *piece = *in == '\'' ? "'\\''" : (char[]){*in, '\0'};
        memcpy(quoted + at, piece, strlen(piece));
        at += strlen(piece);
    }
    quoted[at++] = '\'';
    quoted[at] = '\0';
    return fc__audit_format(audit, "%s%s", dot, quoted);
}

/* -- The whole process in the other bitness ------------------------------------------------------------------------ */

static enum fc_process other_process(enum fc_process process) {
    switch (process) {
    case FC_PROCESS_X86_64:
        return FC_PROCESS_WOW64;
    case FC_PROCESS_WOW64:
        return FC_PROCESS_X86_64;
    case FC_PROCESS_X86_64_EMULATED:
        return FC_PROCESS_I386_EMULATED;
    case FC_PROCESS_I386_EMULATED:
        return FC_PROCESS_X86_64_EMULATED;
    default:
        return FC_PROCESS_NONE;
    }
}

static bool would_load(const struct fc_audit_process *process, enum fc_process other) {
    for (const struct fc_audit_load *load = process->loads; load != NULL; load = load->next) {
        const struct fc__judged *judged = fc__audit_judge(process->audit, load->to, load->way, process->system, other);
        if (judged != NULL && judged->outcome == FC_OUTCOME_FAILS) {
            return false;
        }
    }
    return true;
}

/* True if all that hinders the process is IL, which prefers 32 bits but has no code of them. */
static bool is_il_only(const struct fc_audit_process *process) {
    for (const struct fc_audit_load *load = process->loads; load != NULL; load = load->next) {
        bool is_il = load->to->is_binary && (load->to->facts & (FC__IS_IL_ONLY | FC__HAS_REQUIRED)) == FC__IS_IL_ONLY;
        if (load->outcome != FC_OUTCOME_WORKS && load->to->origin != FC_ORIGIN_MISSING && !is_il) {
            return false;
        }
    }
    return true;
}

/* The program's flags are changed only where they decide: in IL without native code. */
static bool is_flexible(const struct fc_audit_file *program) {
    switch (program->class) {
    case FC__CLASS_ANYCPU:
    case FC__CLASS_ILLEGAL:
    case FC__CLASS_OLD:
    case FC__CLASS_X86:
    case FC__CLASS_PREFERS_32:
        return true;
    default:
        return false;
    }
}

static void corflags(struct fc_audit *audit, struct fc_audit_finding *finding, enum fc_remedy kind,
                     const struct fc_audit_file *file, const char *options, const char *text) {
    const char *force = file->has_strong_name ? " --force" : "";
    const char *sign = file->has_strong_name ? " Its strong name breaks: sign it again." : "";
    add(audit, finding, kind, fc__audit_format(audit, "%s%s", text, sign),
        fc__audit_format(audit, "farcall corflags %s %s%s", quote(audit, file->path), options, force));
}

static void mend_program(struct fc_audit *audit, struct fc_audit_finding *finding) {
    const struct fc_audit_process *process = finding->process;
    const struct fc_audit_file *program = process->program;
    enum fc_process other = other_process(process->kind);
    if (program == NULL || !is_flexible(program) || other == FC_PROCESS_NONE || fc__audit_is_on_linux(process) ||
        !would_load(process, other)) {
        return;
    }
    bool is_old = (program->facts & FC__IS_NEW) == 0, is_bound = (program->facts & FC__HAS_REQUIRED) != 0;
    if (fc_process_bits(process->kind) == 64 && !is_old && is_il_only(process)) {
        corflags(audit, finding, FC_REMEDY_PREFER_32, program, "/32BITPREF+",
                 "Have the program prefer 32 bits: everything that it loads here is fit for that.");
    } else if (fc_process_bits(process->kind) == 64) {
        corflags(audit, finding, FC_REMEDY_REQUIRE_32, program, "/32BITREQ+",
                 "Have the program run in 32 bits: everything that it loads here is fit for that.");
    } else if (is_old && !is_bound) {
        corflags(audit, finding, FC_REMEDY_UPGRADE, program, "--upgrade-clr-header",
                 "Upgrade the program's CLR header, which was made before there were 64-bit processes: it then runs in "
                 "64 bits, and everything that it loads here is fit for that.");
    } else {
        corflags(audit, finding, FC_REMEDY_RELEASE, program, is_old ? "/32BITREQ- --upgrade-clr-header" : "/32BITREQ-",
                 "Have the program run in 64 bits: everything that it loads here is fit for that.");
    }
}

static void mend_pool(struct fc_audit *audit, struct fc_audit_finding *finding) {
    const struct fc_audit_process *process = finding->process;
    if (process->host == FC_HOST_IIS && would_load(process, FC_PROCESS_WOW64)) {
        add(audit, finding, FC_REMEDY_POOL,
            "Run the application pool in 32 bits: everything that the application loads here is fit for that.",
            "appcmd set apppool /apppool.name:POOL /enable32BitAppOnWin64:true");
    }
}

/* -- The library --------------------------------------------------------------------------------------------------- */

static void mend_assembly(struct fc_audit *audit, struct fc_audit_finding *finding) {
    const struct fc_audit_file *file = finding->file;
    if (file->class == FC__CLASS_X86 && fc_process_bits(finding->process->kind) == 64 && file->ties == 0) {
        corflags(audit, finding, FC_REMEDY_RELEASE, file, "/32BITREQ-",
                 "Free the library of its bitness: it is bound to 32 bits, and nothing in it needs that.");
    }
}

static void offer_other_file(struct fc_audit *audit, struct fc_audit_finding *finding) {
    const struct fc_audit_process *process = finding->process;
    enum fc_need way = finding->load != NULL ? finding->load->way : FC_NEED_IMPORT;
    for (struct fc_audit_file *file = audit->first; file != NULL; file = file->next) {
        if (file != finding->file && file->origin == FC_ORIGIN_TREE && file->is_binary &&
            fc__audit_same(file->name, finding->file->name)) {
            const struct fc__judged *judged = fc__audit_judge(audit, file, way, process->system, process->kind);
            if (judged != NULL && judged->outcome == FC_OUTCOME_WORKS) {
                add(audit, finding, FC_REMEDY_OTHER_FILE,
                    fc__audit_format(audit, "Use %s instead, which is %s.", file->path, file->words), NULL);
                return;
            }
        }
    }
}

/* The header that lies beside the library under its name, else the name that it ought to have: libz.so.1 has z.h or
 * libz.h. */
static const char *header_of(struct fc_audit *audit, const struct fc_audit_file *library) {
    const char *name = library->name;
    size_t len = strcspn(name, ".");
    bool is_lib = len > 3 && strncmp(name, "lib", 3) == 0;
    const char *whole = fc__audit_format(audit, "%s%.*s.h", fc__audit_folder(audit, library->path), (int)len, name);
    if (fc__audit_at(audit, whole, false) != NULL) {
        return whole;
    }
    name += is_lib ? 3 : 0;
    len -= is_lib ? 3 : 0;
    const char *rest = fc__audit_format(audit, "%s%.*s.h", fc__audit_folder(audit, library->path), (int)len, name);
    return fc__audit_at(audit, rest, false) != NULL ? rest : fc__audit_format(audit, "%.*s.h", (int)len, name);
}

static void bridge(struct fc_audit *audit, struct fc_audit_finding *finding) {
    const struct fc_audit_file *file = finding->file;
    const struct fc_audit_process *process = finding->process;
    const char *machine = fc_process_machine(process->kind);
    bool is_x86 = strcmp(machine, "i386") == 0 || strcmp(machine, "x86_64") == 0;
    bool has_x86_code =
        file->machine != NULL && (strcmp(file->machine, "i386") == 0 || strcmp(file->machine, "x86_64") == 0);
    const bool is_on_linux = fc__audit_is_on_linux(process), is_elf = file->format == FC_FORMAT_ELF;
    if (file->is_managed || !is_x86 || !has_x86_code ||
        (strcmp(machine, file->machine) == 0 && is_on_linux == is_elf)) {
        return;
    }
    const struct fc_audit_file *user = finding->needers != NULL ? finding->needers->file : NULL;
    bool has_user = user != NULL && !user->is_managed;
    const char *used_by = has_user ? fc__audit_format(audit, " --used-by %s", quote(audit, user->path)) : "";
    const char *folder = fc__audit_format(audit, "%sproxies", fc__audit_folder(audit, file->path));
    const char *header = header_of(audit, file);
    add(audit, finding, FC_REMEDY_BRIDGE,
        fc__audit_format(
            audit,
            "Put a proxy in its place, which has the same functions and passes each call to the library in "
            "a process of its own kind; %s is the library's C header.%s",
            header, is_on_linux ? "" : " (Not yet: this version makes proxies for processes on Linux only.)"),
        fc__audit_format(audit, "farcall proxy %s --header %s --caller %s-%s%s -o %s", quote(audit, file->path),
                         quote(audit, header), machine, is_on_linux ? "linux" : "windows", used_by,
                         quote(audit, folder)));
}

static void rebuild(struct fc_audit *audit, struct fc_audit_finding *finding) {
    const char *machine = fc_process_machine(finding->process->kind);
    const char *target = finding->file->is_managed && (finding->file->facts & FC__IS_IL_ONLY) != 0
                             ? "AnyCPU"
                             : fc__audit_format(audit, "%s", machine);
    add(audit, finding, FC_REMEDY_REBUILD,
        fc__audit_format(audit, "Rebuild %s for %s, or get one from its vendor.", finding->file->path, target), NULL);
}

/* -- By kind ------------------------------------------------------------------------------------------------------ */

static void mend_load(struct fc_audit *audit, struct fc_audit_finding *finding) {
    offer_other_file(audit, finding);
    mend_assembly(audit, finding);
    mend_program(audit, finding);
    mend_pool(audit, finding);
    bridge(audit, finding);
    rebuild(audit, finding);
}

static void mend_start(struct fc_audit *audit, struct fc_audit_finding *finding) {
    const struct fc_audit_file *file = finding->file;
    if (file->is_managed && (file->facts & FC__IS_MAJOR_LOW) != 0) {
        corflags(audit, finding, FC_REMEDY_UPGRADE, file, "--upgrade-clr-header",
                 "Upgrade its CLR header to the version that runtimes take.");
    }
    if (file->is_managed && (file->facts & FC__IS_WIDE) != 0 && (file->facts & FC__HAS_REQUIRED) != 0) {
        corflags(audit, finding, FC_REMEDY_RELEASE, file, "/32BITREQ-",
                 "Clear 32BITREQ, which contradicts its 64-bit format.");
    }
    if (finding->process->kind == FC_PROCESS_NONE) {
        add(audit, finding, FC_REMEDY_SYSTEM,
            fc__audit_format(audit, "Run it on a system that it was made for: it is %s.", file->words), NULL);
    }
    add(audit, finding, FC_REMEDY_REBUILD,
        fc__audit_format(audit, "Rebuild it for %s.", fc_system_title(finding->process->system)), NULL);
}

static void mend_com(struct fc_audit *audit, struct fc_audit_finding *finding) {
    int bits = finding->file->bits;
    add(audit, finding, FC_REMEDY_REGISTER,
        fc__audit_format(audit, "Register it for %d-bit programs, if those are what uses it.", bits),
        fc__audit_format(audit, "C:\\Windows\\%s\\regsvr32.exe %s", bits == 32 ? "SysWOW64" : "System32",
                         quote(audit, finding->file->path)));
    add(audit, finding, FC_REMEDY_BRIDGE,
        "Run it in a process of its own (the value DllSurrogate of its AppID), which programs of both bitnesses reach.",
        NULL);
    add(audit, finding, FC_REMEDY_REBUILD, fc__audit_format(audit, "Rebuild it for %d bits.", bits == 32 ? 64 : 32),
        NULL);
}

static void mend_manifest(struct fc_audit *audit, struct fc_audit_finding *finding) {
    add(audit, finding, FC_REMEDY_MANIFEST,
        fc__audit_format(audit, "In the manifest, write processorArchitecture=\"*\", or the one of %s.",
                         fc_process_title(finding->process->kind)),
        NULL);
    mend_program(audit, finding);
}

static void mend(struct fc_audit *audit, struct fc_audit_finding *finding) {
    switch (finding->kind) {
    case FC_FINDING_LOAD:
        mend_load(audit, finding);
        break;
    case FC_FINDING_START:
        mend_start(audit, finding);
        break;
    case FC_FINDING_COM:
        mend_com(audit, finding);
        break;
    case FC_FINDING_MANIFEST:
        mend_manifest(audit, finding);
        break;
    case FC_FINDING_WINDOWS:
        add(audit, finding, FC_REMEDY_REBUILD,
            fc__audit_format(audit, "Link it with /SUBSYSTEM of version %u.%02u.", audit->windows_version >> 16,
                             audit->windows_version & 0xffff),
            NULL);
        break;
    case FC_FINDING_FOLDER:
        add(audit, finding, FC_REMEDY_OTHER_FILE, "Put the one for the folder's machine there.", NULL);
        break;
    default:
        break;
    }
}

void fc__audit_add_remedies(struct fc_audit *audit) {
    for (struct fc_audit_finding *finding = audit->findings; finding != NULL; finding = finding->next) {
        mend(audit, finding);
    }
}
