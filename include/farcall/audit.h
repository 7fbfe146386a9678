/* farcall: what a deployed application loads, and what of it cannot be loaded.
 *
 *     struct fc_audit *audit;
 *     fc_audit_new(&files, &audit);
 *     fc_audit_add(audit, "app/app.exe");
 *     fc_audit_add(audit, "app/vendor32.dll");
 *     if (fc_audit_run(audit) == FC_OK) {
 *         fc_audit_visit_findings(audit, print_finding, NULL);
 *     }
 *     fc_audit_free(audit);
 *
 * Each executable is a process, whose kind is that of <farcall/policy.h>; what it needs is looked for as its loader would
 * do, among the files that were added, then among what systems and runtimes are known to have. Libraries that no
 * executable reaches are loaded by something else: by the host that is stated, or by processes that fit them.
 *
 * No file is opened but through the caller's functions, and nothing is asked of the system. Paths have '/' between
 * folders; names of Windows are compared without regard to case.
 *
 * Ownership: what a visit shows, and all strings, live as long as the audit.
 * Threads: an audit belongs to one thread at a time; after fc_audit_run any number may read it. */
#ifndef FARCALL_AUDIT_H
#define FARCALL_AUDIT_H

#include <farcall/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

struct fc_audit;

/* The caller's functions. They must work until fc_audit_run returns. */
struct fc_audit_files {
    void *user_data;
    /* The bytes of a file, which stay where they are until `close` is called with the same handle. False if there is no
     * such file, or it cannot be read. */
    bool (*open)(void *user_data, const char *path, const void **ret_data, size_t *ret_len_bytes, void **ret_handle);
    void (*close)(void *user_data, void *handle);
    /* The conditions under which the executable `path` starts, or, for NULL, of processes in general. NULL: what
     * fc_conditions_new gives. FC_OK or an error, which ends fc_audit_run. */
    int (*conditions)(void *user_data, enum fc_system system, const char *path, struct fc_conditions **ret_conditions);
};

/* Errors of this and of the functions up to fc_audit_run: FC_EINVAL (a NULL argument), FC_ENOMEM. */
FC_API int fc_audit_new(const struct fc_audit_files *files, struct fc_audit **ret_audit);
/* NULL is legal. */
FC_API void fc_audit_free(struct fc_audit *audit);

/* A file of the application, and another name of one that was added. Texts are read too: .reg files tell of COM
 * servers. */
FC_API int fc_audit_add(struct fc_audit *audit, const char *path);
/* *ret_is_known is false if `target` was not added. */
FC_API int fc_audit_add_link(struct fc_audit *audit, const char *path, const char *target, bool *ret_is_known);

/* A folder where the executable `program` (without its suffix) finds libraries too, as .deps.json tells; where Linux
 * finds the libraries of every program. */
FC_API int fc_audit_add_folder(struct fc_audit *audit, const char *program, const char *folder);
FC_API int fc_audit_add_system_folder(struct fc_audit *audit, const char *folder);

/* The system that every executable starts on. Unset, each starts on the one it was made for: 64-bit Windows on x64,
 * Windows 11 on ARM64, Windows on Itanium, Linux on x86-64. */
FC_API int fc_audit_set_system(struct fc_audit *audit, enum fc_system system);
/* The version of Windows, major * 65536 + minor; unset, 10.0. */
FC_API int fc_audit_set_windows_version(struct fc_audit *audit, uint32_t version);

/* The process that loads what no executable reaches; FC_HOST_IIS is a 64-bit worker process of IIS, as a web role has. */
enum fc_host { FC_HOST_NONE, FC_HOST_32, FC_HOST_64, FC_HOST_IIS };
FC_API int fc_audit_set_host(struct fc_audit *audit, enum fc_host host);

/* Reads all files and finds everything below; once. Errors: those of `conditions`, FC_ENOMEM. A file that cannot be
 * read is a finding. */
FC_API int fc_audit_run(struct fc_audit *audit);

/* -- Files -------------------------------------------------------------------------------------------------------- */

/* A binary of the application, or a library that is known or wanted by its name only. */
struct fc_audit_file;

#define FC_ORIGINS(X)                                                                                                  \
    X(FC_ORIGIN_TREE, "application")                                                                                   \
    X(FC_ORIGIN_SYSTEM, "system")                                                                                      \
    X(FC_ORIGIN_REDISTRIBUTABLE, "redistributable")                                                                    \
    X(FC_ORIGIN_FRAMEWORK, "framework")                                                                                \
    X(FC_ORIGIN_INSTALLED, "installed")                                                                                \
    X(FC_ORIGIN_HOST, "host program")                                                                                  \
    X(FC_ORIGIN_MISSING, "missing")

enum fc_origin {
#define FC_ORIGIN_ENUM(name, text) name,
    FC_ORIGINS(FC_ORIGIN_ENUM)
#undef FC_ORIGIN_ENUM
};
/* Its name, as above; "?" for any other number. Static storage. */
FC_API const char *fc_origin_name(enum fc_origin origin);

/* The path, or the name of what has none. */
FC_API const char *fc_audit_file_path(const struct fc_audit_file *file);
FC_API enum fc_origin fc_audit_file_origin(const struct fc_audit_file *file);
/* As of the image: 0 and NULL if there is none, or it could not be read. */
FC_API int fc_audit_file_bits(const struct fc_audit_file *file);
FC_API const char *fc_audit_file_machine(const struct fc_audit_file *file);
/* What it is, in a few words: "64-bit (x86_64)", "managed, any bitness", "32-bit (i386), managed". */
FC_API const char *fc_audit_file_words(const struct fc_audit_file *file);
/* True if a process has it, or tried to. */
FC_API bool fc_audit_file_is_reached(const struct fc_audit_file *file);

typedef int fc_audit_file_visit_fn(void *user_data, const struct fc_audit_file *file);
/* Visits the files, those of the application first, in the order they were added. Returns FC_OK, or what `visit`
 * returned to stop; so do the visits below. */
FC_API int fc_audit_visit_files(const struct fc_audit *audit, fc_audit_file_visit_fn *visit, void *user_data);

/* -- Processes ---------------------------------------------------------------------------------------------------- */

struct fc_audit_process;

/* The executable; NULL for a host. */
FC_API const struct fc_audit_file *fc_audit_process_program(const struct fc_audit_process *process);
/* What to call it: the executable's path, or what the host is. */
FC_API const char *fc_audit_process_name(const struct fc_audit_process *process);
/* Its kind, FC_PROCESS_NONE if it does not start; and the system. */
FC_API enum fc_process fc_audit_process_kind(const struct fc_audit_process *process);
FC_API enum fc_system fc_audit_process_system(const struct fc_audit_process *process);
/* Why it is of this kind; and the runtime that it gets, NULL if none. */
FC_API const char *fc_audit_process_reason(const struct fc_audit_process *process);
FC_API const char *fc_audit_process_runtime(const struct fc_audit_process *process);
/* The worst of what it has to do with. */
FC_API enum fc_outcome fc_audit_process_outcome(const struct fc_audit_process *process);

typedef int fc_audit_process_visit_fn(void *user_data, const struct fc_audit_process *process);
FC_API int fc_audit_visit_processes(const struct fc_audit *audit, fc_audit_process_visit_fn *visit, void *user_data);

/* -- What a process loads ----------------------------------------------------------------------------------------- */

struct fc_audit_load;

#define FC_NEEDS(X)                                                                                                    \
    X(FC_NEED_HOST, "host")                                                                                            \
    X(FC_NEED_IMPORT, "import")                                                                                        \
    X(FC_NEED_DELAYED, "delayed import")                                                                               \
    X(FC_NEED_ASSEMBLY, "assembly")                                                                                    \
    X(FC_NEED_PINVOKE, "P/Invoke")                                                                                     \
    X(FC_NEED_ELF, "needed")                                                                                           \
    X(FC_NEED_COM, "COM server")                                                                                       \
    X(FC_NEED_SIDE_BY_SIDE, "side-by-side assembly")                                                                   \
    X(FC_NEED_APPHOST, "apphost")

/* How one file comes to need another. */
enum fc_need {
#define FC_NEED_ENUM(name, text) name,
    FC_NEEDS(FC_NEED_ENUM)
#undef FC_NEED_ENUM
};
FC_API const char *fc_need_name(enum fc_need need);

/* Who needs it, NULL for the host itself; what; how; and what becomes of it. */
FC_API const struct fc_audit_file *fc_audit_load_from(const struct fc_audit_load *load);
FC_API const struct fc_audit_file *fc_audit_load_to(const struct fc_audit_load *load);
FC_API enum fc_need fc_audit_load_need(const struct fc_audit_load *load);
FC_API enum fc_outcome fc_audit_load_outcome(const struct fc_audit_load *load);
/* True the first time that the process comes to the file. */
FC_API bool fc_audit_load_is_first(const struct fc_audit_load *load);

typedef int fc_audit_load_visit_fn(void *user_data, const struct fc_audit_load *load);
/* Visits what a process loads, breadth first. */
FC_API int fc_audit_visit_loads(const struct fc_audit_process *process, fc_audit_load_visit_fn *visit, void *user_data);

/* -- Findings ----------------------------------------------------------------------------------------------------- */

struct fc_audit_finding;

#define FC_FINDINGS(X)                                                                                                 \
    X(FC_FINDING_START, "start")           /* an executable does not start */                                          \
    X(FC_FINDING_LOAD, "load")             /* a library cannot be loaded into a process */                             \
    X(FC_FINDING_COM, "com")               /* a COM server is registered where no process can load it */               \
    X(FC_FINDING_MANIFEST, "manifest")     /* a side-by-side assembly is for another machine */                        \
    X(FC_FINDING_WINDOWS, "windows")       /* it wants a newer Windows */                                              \
    X(FC_FINDING_FOLDER, "folder")         /* it is for another machine than its folder says */                        \
    X(FC_FINDING_MISSING, "missing")       /* it is not there, and not known */                                        \
    X(FC_FINDING_UNREADABLE, "unreadable") /* it claims to be a binary, and contradicts itself */

enum fc_finding {
#define FC_FINDING_ENUM(name, text) name,
    FC_FINDINGS(FC_FINDING_ENUM)
#undef FC_FINDING_ENUM
};
FC_API const char *fc_finding_name(enum fc_finding finding);

/* How bad it is: it fails; it may fail; it is missing or unreadable here, which the application may know to live with. */
enum fc_severity { FC_SEVERITY_CONFLICT, FC_SEVERITY_DOUBT, FC_SEVERITY_MISSING };

FC_API enum fc_finding fc_audit_finding_kind(const struct fc_audit_finding *finding);
FC_API enum fc_severity fc_audit_finding_severity(const struct fc_audit_finding *finding);
/* The file it is about; the first process where it was found, or NULL; in how many processes. */
FC_API const struct fc_audit_file *fc_audit_finding_file(const struct fc_audit_finding *finding);
FC_API const struct fc_audit_process *fc_audit_finding_process(const struct fc_audit_finding *finding);
FC_API unsigned fc_audit_finding_process_count(const struct fc_audit_finding *finding);
/* What is wrong, as a sentence for everybody; the rule's reason and its source, "" where the sentence says all; the
 * code of the failure or 0. */
FC_API const char *fc_audit_finding_text(const struct fc_audit_finding *finding);
FC_API const char *fc_audit_finding_reason(const struct fc_audit_finding *finding);
FC_API const char *fc_audit_finding_source(const struct fc_audit_finding *finding);
FC_API uint32_t fc_audit_finding_code(const struct fc_audit_finding *finding);

/* Visits the files that need it, none for a finding of another kind. */
FC_API int fc_audit_visit_needed_by(const struct fc_audit_finding *finding, fc_audit_file_visit_fn *visit,
                                    void *user_data);

typedef int fc_audit_finding_visit_fn(void *user_data, const struct fc_audit_finding *finding);
/* Visits the findings, conflicts first, then doubts. */
FC_API int fc_audit_visit_findings(const struct fc_audit *audit, fc_audit_finding_visit_fn *visit, void *user_data);

#define FC_REMEDIES(X)                                                                                                 \
    X(FC_REMEDY_REQUIRE_32, "require-32")  /* set 32BITREQ on the executable */                                        \
    X(FC_REMEDY_PREFER_32, "prefer-32")    /* set 32BITPREF on it */                                                   \
    X(FC_REMEDY_RELEASE, "release")        /* clear 32BITREQ, of the executable or of the library */                   \
    X(FC_REMEDY_UPGRADE, "upgrade-header") /* write version 2.5 into its CLI header */                                 \
    X(FC_REMEDY_OTHER_FILE, "other-file")  /* the application has one that fits, elsewhere */                          \
    X(FC_REMEDY_POOL, "pool")              /* run the IIS application pool in 32 bits */                               \
    X(FC_REMEDY_BRIDGE, "bridge")          /* put a proxy in its place */                                              \
    X(FC_REMEDY_REGISTER, "register")      /* register it for programs of the other bitness */                         \
    X(FC_REMEDY_MANIFEST, "manifest")      /* correct the manifest */                                                  \
    X(FC_REMEDY_SYSTEM, "system")          /* run it on another system */                                              \
    X(FC_REMEDY_REBUILD, "rebuild")

enum fc_remedy {
#define FC_REMEDY_ENUM(name, text) name,
    FC_REMEDIES(FC_REMEDY_ENUM)
#undef FC_REMEDY_ENUM
};
FC_API const char *fc_remedy_name(enum fc_remedy remedy);

/* One way to mend it: a sentence, and the command that does it or NULL. */
typedef int fc_audit_remedy_visit_fn(void *user_data, enum fc_remedy remedy, const char *text, const char *command);
/* Visits the remedies that fit, the least work first. */
FC_API int fc_audit_visit_remedies(const struct fc_audit_finding *finding, fc_audit_remedy_visit_fn *visit,
                                   void *user_data);

#ifdef __cplusplus
}
#endif
#endif
