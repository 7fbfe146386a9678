/* image: what a file of an audited application says of itself and of what it needs. */
#include "image/audit.h"

#include <stdio.h>

enum { SUBSYSTEM_NATIVE = 1, SUBSYSTEM_EFI_FIRST = 10, SUBSYSTEM_EFI_LAST = 13, TOKEN_LEN = 8 };
enum { NEEDS_MAX = 4096 }; /* of one file; more are not looked at, as the list is searched */
enum { IMPL_MAP_SCOPE = 3, MODULE_REF_NAME = 0 };

/* The needs of the file being read. */
struct reader {
    struct fc_audit *audit;
    struct fc_audit_file *file;
    const char *library; /* the one of the import before */
};

void fc__audit_need(struct fc_audit *audit, struct fc_audit_file *file, enum fc_need way, const char *name,
                    const char *detail) {
    for (const struct fc__need *need = file->needs; need != NULL; need = need->next) {
        if (need->way == way && fc__audit_same(need->name, name)) {
            return;
        }
    }
    struct fc__need *need = file->need_count < NEEDS_MAX ? fc__audit_alloc(audit, sizeof *need) : NULL;
    if (need != NULL) {
        file->need_count++;
        need->way = way;
        need->name = fc__audit_copy(audit, name, strlen(name));
        need->detail = detail != NULL ? fc__audit_copy(audit, detail, strlen(detail)) : NULL;
        *file->last_need = need;
        file->last_need = &need->next;
    }
}

/* -- Native ------------------------------------------------------------------------------------------------------- */

static int on_import(void *user_data, const struct fc_import *import) {
    struct reader *reader = user_data;
    const char *library = fc_import_library(import);
    if (reader->library == library) {
        return 0; /* one string for all names of one library */
    }
    reader->library = library;
    fc__audit_need(reader->audit, reader->file, fc_import_is_delayed(import) ? FC_NEED_DELAYED : FC_NEED_IMPORT,
                   library, NULL);
    return 0;
}

static void read_elf(struct reader *reader, const struct fc_image *image) {
    struct fc_audit_file *file = reader->file;
    size_t cursor = 0;
    for (const char *name; (name = fc_image_needed_next(image, &cursor)) != NULL;) {
        fc__audit_need(reader->audit, file, FC_NEED_ELF, name, NULL);
    }
    const char *runpath = fc_image_runpath(image), *rpath = fc_image_rpath(image);
    file->runpath = runpath != NULL ? fc__audit_copy(reader->audit, runpath, strlen(runpath)) : NULL;
    file->rpath = rpath != NULL ? fc__audit_copy(reader->audit, rpath, strlen(rpath)) : NULL;
}

/* -- Managed ------------------------------------------------------------------------------------------------------ */

/* As the folders of the GAC are called: version, culture, token. */
static int on_reference(void *user_data, const struct fc_assembly *assembly) {
    struct reader *reader = user_data;
    char detail[256], token[2 * TOKEN_LEN + 1] = "";
    uint64_t version = fc_assembly_version(assembly);
    size_t len;
    const unsigned char *key = fc_assembly_key(assembly, &len);
    for (size_t i = 0; key != NULL && len == TOKEN_LEN && i < len; i++) {
        snprintf(token + 2 * i, sizeof token - 2 * i, "%02x", key[i]);
    }
    snprintf(detail, sizeof detail, "%u.%u.%u.%u_%.100s_%s", (unsigned)(version >> 48),
             (unsigned)(version >> 32 & 0xffff), (unsigned)(version >> 16 & 0xffff), (unsigned)(version & 0xffff),
             fc_assembly_culture(assembly), token);
    fc__audit_need(reader->audit, reader->file, FC_NEED_ASSEMBLY, fc_assembly_name(assembly), detail);
    return 0;
}

static void read_metadata(struct reader *reader, const struct fc_image *image) {
    struct fc_audit_file *file = reader->file;
    struct fc_metadata *metadata;
    if (fc_metadata_open(image, &metadata) != FC_OK) {
        fc__audit_note_unreadable(reader->audit, file, fc_error_text());
        return;
    }
    const char *framework = fc_metadata_framework(metadata);
    file->family = framework == NULL                              ? FC__FAMILY_UNKNOWN
                   : strncmp(framework, ".NETFramework", 13) == 0 ? FC__FAMILY_FRAMEWORK
                   : strncmp(framework, ".NETCoreApp", 11) == 0   ? FC__FAMILY_CORE
                                                                  : FC__FAMILY_UNKNOWN;
    fc_metadata_visit_references(metadata, on_reference, reader);
    uint32_t rows = fc_metadata_rows(metadata, FC_TABLE_IMPL_MAP), last = 0;
    for (uint32_t row = 1; row <= rows; row++) {
        uint32_t module = fc_metadata_cell(metadata, FC_TABLE_IMPL_MAP, row, IMPL_MAP_SCOPE);
        const char *name =
            fc_metadata_string(metadata, fc_metadata_cell(metadata, FC_TABLE_MODULE_REF, module, MODULE_REF_NAME));
        if (module != last && name[0] != '\0') {
            fc__audit_need(reader->audit, file, FC_NEED_PINVOKE, name, NULL);
        }
        last = module;
    }
    /* Only of what is bound to 32 bits it is asked why. */
    file->ties = file->class == FC__CLASS_X86 ? fc_metadata_ties(metadata) : 0;
    fc_metadata_close(metadata);
}

/* -- Files -------------------------------------------------------------------------------------------------------- */

/* The path with another ending, in place of its suffix. */
static const char *with_suffix(struct fc_audit *audit, const char *path, const char *suffix) {
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash != NULL ? slash : path, '.');
    return fc__audit_format(audit, "%.*s%s", dot != NULL ? (int)(dot - path) : (int)strlen(path), path, suffix);
}

static void read_pe(struct reader *reader, const struct fc_image *image) {
    struct fc_audit *audit = reader->audit;
    struct fc_audit_file *file = reader->file;
    uint64_t major = 0, minor = 0, subsystem = 0;
    fc_image_pe_number(image, FC_PE_SUBSYSTEM_MAJOR, &major);
    fc_image_pe_number(image, FC_PE_SUBSYSTEM_MINOR, &minor);
    fc_image_pe_number(image, FC_PE_SUBSYSTEM, &subsystem);
    file->windows_version = (uint32_t)(major << 16 | minor);
    file->is_foreign_subsystem =
        subsystem == SUBSYSTEM_NATIVE || (subsystem >= SUBSYSTEM_EFI_FIRST && subsystem <= SUBSYSTEM_EFI_LAST);
    file->has_strong_name = fc_image_has_strong_name(image);
    if (fc_image_visit_imports(image, on_import, reader) != FC_OK) {
        fc__audit_note_unreadable(audit, file, fc_error_text());
    }
    if (file->is_managed) {
        read_metadata(reader, image);
    } else if (file->kind == FC_KIND_EXECUTABLE) {
        enum fc_apphost apphost = fc_image_apphost(image);
        file->is_apphost = apphost == FC_APPHOST_PLAIN;
        file->is_bundle = apphost == FC_APPHOST_BUNDLE;
    }
    struct fc__span_text manifest;
    const void *data;
    void *handle;
    manifest.text = fc_image_manifest(image, &manifest.len);
    if (manifest.text != NULL) {
        fc__audit_read_manifest(audit, file, manifest);
    } else if (audit->files.open(audit->files.user_data, fc__audit_format(audit, "%s.manifest", file->path), &data,
                                 &manifest.len, &handle)) {
        manifest.text = data;
        fc__audit_read_manifest(audit, file, manifest);
        audit->files.close(audit->files.user_data, handle);
    }
}

static const char *describe(struct fc_audit *audit, const struct fc_audit_file *file) {
    if (file->is_neutral ||
        (file->is_managed && (file->class == FC__CLASS_OLD || file->class == FC__CLASS_PREFERS_32))) {
        return "managed, any bitness";
    }
    const char *hybrid = fc_hybrid_name(file->hybrid);
    return fc__audit_format(audit, "%d-bit (%s)%s", file->bits, hybrid[0] != '\0' ? hybrid : file->machine,
                            !file->is_managed                     ? ""
                            : (file->facts & FC__IS_IL_ONLY) != 0 ? ", managed"
                                                                  : ", managed with native code");
}

static void read_image(struct fc_audit *audit, struct fc_audit_file *file, const struct fc_image *image) {
    struct reader reader = {.audit = audit, .file = file};
    file->format = image->format;
    file->kind = image->kind;
    file->bits = image->bits;
    file->machine = image->machine;
    file->is_managed = fc_image_is_managed(image);
    file->is_neutral = fc_image_is_neutral(image);
    file->hybrid = fc_image_hybrid(image);
    file->facts = fc__policy_facts(image);
    file->class = fc__policy_class(image, file->facts);
    file->is_binary = (image->format == FC_FORMAT_ELF || image->format == FC_FORMAT_PE) &&
                      (image->kind == FC_KIND_EXECUTABLE || image->kind == FC_KIND_LIBRARY);
    if (!file->is_binary) {
        return;
    }
    file->words = describe(audit, file);
    if (file->origin != FC_ORIGIN_TREE) {
        return; /* what is installed is the system's affair */
    }
    if (image->format == FC_FORMAT_ELF) {
        read_elf(&reader, image);
    } else {
        read_pe(&reader, image);
    }
    if (file->is_apphost) {
        const char *program = with_suffix(audit, file->path, ".dll");
        if (fc__audit_at(audit, program, false) != NULL) {
            fc__audit_need(audit, file, FC_NEED_APPHOST,
                           strrchr(program, '/') != NULL ? strrchr(program, '/') + 1 : program, NULL);
        }
    }
}

void fc__audit_read(struct fc_audit *audit, struct fc_audit_file *file) {
    const void *data;
    size_t len;
    void *handle;
    struct fc_image *image;
    if (!audit->files.open(audit->files.user_data, file->path, &data, &len, &handle)) {
        return; /* the caller knows why */
    }
    int result = fc_image_open(data, len, &image);
    if (result == FC_OK) {
        read_image(audit, file, image);
        fc_image_close(image);
    } else if (result == FC_EFORMAT) {
        fc__audit_note_unreadable(audit, file, fc_error_text());
    } else {
        audit->is_broken = true;
    }
    size_t name_len = strlen(file->name);
    if (name_len > 4 && fc__audit_same(file->name + name_len - 4, ".reg")) {
        fc__audit_read_reg(audit, file->path, data, len);
    }
    audit->files.close(audit->files.user_data, handle);
}
