/* image: what the parts of an audit share. See <farcall/audit.h>; image.h for the rules.
 * Does not: open files but through the caller's functions. All memory is the audit's arena; the first lack of it is
 * remembered, and ends fc_audit_run. */
#ifndef FC_IMAGE_AUDIT_H
#define FC_IMAGE_AUDIT_H

#include "image/policy.h"

#include <farcall/audit.h>

enum { FC__AUDIT_PATH_MAX = 4096 };

/* What a file says it needs: a name; of an assembly "VERSION_CULTURE_TOKEN" as the GAC has it, of a side-by-side
 * assembly its processorArchitecture. */
struct fc__need {
    enum fc_need way;
    const char *name, *detail;
    struct fc__need *next;
};

/* What policy said of the file, by the way it is loaded. */
struct fc__judged {
    enum fc_process process;
    enum fc_load_way way;
    enum fc_system system;
    enum fc_outcome outcome;
    uint32_t code;
    const char *reason, *source;
    struct fc__judged *next;
};

/* Which assemblies come with the runtime. */
enum fc__family { FC__FAMILY_UNKNOWN, FC__FAMILY_FRAMEWORK, FC__FAMILY_CORE };

struct fc_audit_file {
    const char *path, *name; /* `name` is the path's last part */
    enum fc_origin origin;
    enum fc_format format;
    enum fc_kind kind;
    int bits;
    const char *machine;
    enum fc_hybrid hybrid;
    enum fc__class class;
    enum fc__family family;
    uint32_t facts, ties, windows_version;
    bool is_binary, is_managed, is_neutral, is_apphost, is_bundle, is_foreign_subsystem, has_strong_name;
    bool is_reached, is_hosted; /* by a process; by an apphost, whose program it is */
    const char *words;
    const char *runpath, *rpath;
    struct fc__need *needs, **last_need;
    unsigned need_count;
    struct fc__judged *judged;
    unsigned seen_by, seen_by_hosts; /* number of the program that came here last; the hosts that did, as bits */
    struct fc_audit_file *next;
};

/* A path that leads to a file: its own, or a link. */
struct fc__entry {
    const char *path;
    uint32_t hash;
    struct fc_audit_file *file;
};

struct fc_audit_load {
    struct fc_audit_file *from, *to;
    const struct fc__need *need;
    const struct fc__judged *judged; /* NULL where there is nothing to judge */
    enum fc_need way;
    enum fc_outcome outcome;
    bool is_first;
    struct fc_audit_load *next;
};

/* Where a .config file says that an assembly lies. */
struct fc__code_base {
    const char *name, *path;
    struct fc__code_base *next;
};

struct fc_audit_process {
    struct fc_audit *audit;
    struct fc_audit_file *program;
    const char *name, *reason, *runtime, *folder;
    enum fc_process kind;
    enum fc_system system;
    enum fc_outcome outcome;
    enum fc_host host;
    enum fc__family family;
    unsigned number;           /* of a host its bit */
    const char *private_paths; /* of its .config: folders with ';' between them */
    struct fc__code_base *code_bases;
    struct fc_audit_load *loads, **last_load;
    struct fc_audit_process *next;
};

struct fc__remedy {
    enum fc_remedy kind;
    const char *text, *command;
    struct fc__remedy *next;
};

struct fc__needer {
    struct fc_audit_file *file;
    struct fc__needer *next;
};

struct fc_audit_finding {
    enum fc_finding kind;
    enum fc_severity severity;
    struct fc_audit_file *file;
    struct fc__needer *needers, **last_needer;
    struct fc_audit_process *process, *last_process;
    const struct fc_audit_load *load;
    unsigned process_count;
    const char *text, *reason, *source;
    uint32_t code;
    struct fc__remedy *remedies, **last_remedy;
    struct fc_audit_finding *next;
};

/* A folder, of one program or of all. */
struct fc__folder {
    const char *program, *path;
    struct fc__folder *next;
};

/* A COM server that a .reg file registers. */
struct fc__server {
    const char *path, *reg;
    bool is_32bit_view;
    struct fc__server *next;
};

struct fc_audit {
    struct fc__arena arena;
    struct fc_audit_files files;
    bool is_broken, has_system, has_run;
    enum fc_system system;
    enum fc_host host;
    uint32_t windows_version;
    struct fc_conditions *general[FC_SYSTEM_COUNT]; /* conditions of processes in general, once asked for */
    struct fc__entry *entries;                      /* open addressing; `entry_room` is a power of two */
    size_t entry_count, entry_room;
    struct fc_audit_file *first, **last;
    struct fc_audit_process *processes, **last_process;
    struct fc_audit_finding *findings, **last_finding;
    struct fc__folder *folders, **last_folder, *system_folders, **last_system_folder;
    struct fc__server *servers, **last_server;
    unsigned process_count, host_count;
};

/* audit.c: memory, NULL when there is none; texts; names of files. */
void *fc__audit_alloc(struct fc_audit *audit, size_t size_bytes);
const char *fc__audit_copy(struct fc_audit *audit, const char *text, size_t len);
const char *fc__audit_format(struct fc_audit *audit, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool fc__audit_same(const char *a, const char *b); /* without regard to case */
/* The file at a path, whose "." and ".." are resolved; NULL if there is none. */
struct fc_audit_file *fc__audit_at(const struct fc_audit *audit, const char *path, bool is_exact);
/* The node that stands for a name without a file. */
struct fc_audit_file *fc__audit_named(struct fc_audit *audit, const char *name, enum fc_origin origin);
/* A library of the system that this runs on, if the caller opens it. */
struct fc_audit_file *fc__audit_installed(struct fc_audit *audit, const char *path);
/* A set of names, without regard to case. */
void fc__audit_remember(struct fc_audit *audit, const char *name);
bool fc__audit_remembers(const struct fc_audit *audit, const char *name);
struct fc_audit_file *fc__audit_new_file(struct fc_audit *audit, const char *path, enum fc_origin origin);
/* The folder part of a path, with its last '/'; "" if it has none. */
const char *fc__audit_folder(struct fc_audit *audit, const char *path);

/* audit_read.c: opens a file and notes what it says. */
void fc__audit_read(struct fc_audit *audit, struct fc_audit_file *file);
void fc__audit_need(struct fc_audit *audit, struct fc_audit_file *file, enum fc_need way, const char *name,
                    const char *detail);

/* audit_texts.c: manifests, .config, .reg. */
void fc__audit_read_manifest(struct fc_audit *audit, struct fc_audit_file *file, struct fc__span_text manifest);
void fc__audit_read_config(struct fc_audit *audit, struct fc_audit_process *process);
void fc__audit_read_reg(struct fc_audit *audit, const char *path, const char *data, size_t len);

/* audit_known.c: what systems and runtimes have, by name. FC_ORIGIN_MISSING if they are not known to. */
enum fc_origin fc__audit_known_library(const char *name);
enum fc_origin fc__audit_known_assembly(const char *name, enum fc__family family);
enum fc_origin fc__audit_known_side_by_side(const char *name);

/* Whatever system its program was made for: as those of Mono and .NET there. */
bool fc__audit_is_on_linux(const struct fc_audit_process *process);

/* audit_find.c: the file that a need leads to, in a process; a named node if there is none. */
struct fc_audit_file *fc__audit_find(struct fc_audit *audit, const struct fc_audit_process *process,
                                     struct fc_audit_file *from, const struct fc__need *need);

/* audit_judge.c */
const struct fc__judged *fc__audit_judge(struct fc_audit *audit, struct fc_audit_file *file, enum fc_need way,
                                         enum fc_system system, enum fc_process process);
struct fc_audit_process *fc__audit_start(struct fc_audit *audit, struct fc_audit_file *program, enum fc_system system);

/* audit_walk.c: all processes, and what they load. */
int fc__audit_walk(struct fc_audit *audit);

/* The machine that a part of the path names ("x64", "win-arm64"), as in fc_image_machine; NULL if none does. */
const char *fc__audit_folder_machine(const struct fc_audit_file *file, const char **ret_part, size_t *ret_len);

/* audit_findings.c, audit_remedies.c */
void fc__audit_note_start(struct fc_audit *audit, struct fc_audit_process *process, const struct fc_verdict *verdict);
void fc__audit_note_program(struct fc_audit *audit, struct fc_audit_process *process);
void fc__audit_note_load(struct fc_audit *audit, struct fc_audit_process *process, const struct fc_audit_load *load);
void fc__audit_note_unreadable(struct fc_audit *audit, struct fc_audit_file *file, const char *text);
void fc__audit_note_alone(struct fc_audit *audit); /* what needs no process: folders, COM servers */
void fc__audit_add_remedies(struct fc_audit *audit);

#endif
