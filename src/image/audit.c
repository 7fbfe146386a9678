/* image: an audit's memory, its files by path, and its options. */
#include "image/audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ENTRIES_MIN = 256, WINDOWS_10 = 0xa0000 };

/* -- Memory and texts --------------------------------------------------------------------------------------------- */

void *fc__audit_alloc(struct fc_audit *audit, size_t size_bytes) {
    void *memory = fc__arena_alloc(&audit->arena, size_bytes);
    audit->is_broken = audit->is_broken || memory == NULL;
    return memory;
}

const char *fc__audit_copy(struct fc_audit *audit, const char *text, size_t len) {
    const char *copy = fc__arena_copy(&audit->arena, text, len);
    audit->is_broken = audit->is_broken || copy == NULL;
    return copy != NULL ? copy : "";
}

const char *fc__audit_format(struct fc_audit *audit, const char *format, ...) {
    char text[2 * FC__AUDIT_PATH_MAX];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    size_t used = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    return fc__audit_copy(audit, text, used);
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool fc__audit_same(const char *a, const char *b) {
    for (; *a != '\0' && lower(*a) == lower(*b); a++, b++) {
    }
    return *a == '\0' && *b == '\0';
}

/* -- Paths -------------------------------------------------------------------------------------------------------- */

static uint32_t hash_of(const char *text) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)lower(*text)) * 16777619u;
    }
    return hash;
}

static bool grow(struct fc_audit *audit) {
    size_t room = audit->entry_room > 0 ? audit->entry_room * 2 : ENTRIES_MIN;
    struct fc__entry *entries = calloc(room, sizeof *entries);
    if (entries == NULL) {
        audit->is_broken = true;
        return false;
    }
    for (size_t i = 0; i < audit->entry_room; i++) {
        if (audit->entries[i].path != NULL) {
            size_t at = audit->entries[i].hash & (room - 1);
            while (entries[at].path != NULL) {
                at = (at + 1) & (room - 1);
            }
            entries[at] = audit->entries[i];
        }
    }
    free(audit->entries);
    audit->entries = entries;
    audit->entry_room = room;
    return true;
}

static struct fc_audit_file *look_up(const struct fc_audit *audit, const char *path, bool is_exact) {
    if (audit->entry_room == 0) {
        return NULL;
    }
    uint32_t hash = hash_of(path);
    size_t mask = audit->entry_room - 1;
    for (size_t at = hash & mask; audit->entries[at].path != NULL; at = (at + 1) & mask) {
        const struct fc__entry *entry = &audit->entries[at];
        if (entry->hash == hash && (is_exact ? strcmp(entry->path, path) == 0 : fc__audit_same(entry->path, path))) {
            return entry->file;
        }
    }
    return NULL;
}

static void enter(struct fc_audit *audit, const char *path, struct fc_audit_file *file) {
    if (path == NULL || file == NULL || (audit->entry_count * 2 >= audit->entry_room && !grow(audit))) {
        return;
    }
    uint32_t hash = hash_of(path);
    size_t at = hash & (audit->entry_room - 1);
    while (audit->entries[at].path != NULL) {
        at = (at + 1) & (audit->entry_room - 1);
    }
    audit->entries[at] = (struct fc__entry){path, hash, file};
    audit->entry_count++;
}

/* Copies the path without "." and "..", as far as they can be resolved; false if it is too long. */
static bool normalise(const char *path, char out[FC__AUDIT_PATH_MAX]) {
    size_t len = 0, base = 0; /* what lies before `base` cannot be left by ".." */
    if (path[0] == '/') {
        out[len++] = '/';
        base = 1;
    }
    for (const char *part = path; *part != '\0';) {
        size_t part_len = strcspn(part, "/");
        bool is_up = part_len == 2 && part[0] == '.' && part[1] == '.';
        if (is_up && len > base) {
            while (len > base && out[len - 1] != '/') {
                len--;
            }
            len -= len > base ? 1 : 0;
        } else if (part_len > 0 && !(part_len == 1 && part[0] == '.')) {
            if (len + part_len + 2 > FC__AUDIT_PATH_MAX) {
                return false;
            }
            if (len > 0 && out[len - 1] != '/') {
                out[len++] = '/';
            }
            memcpy(out + len, part, part_len);
            len += part_len;
            base = is_up && path[0] != '/' ? len : base;
        }
        part += part_len + (part[part_len] == '/' ? 1 : 0);
    }
    out[len] = '\0';
    return true;
}

struct fc_audit_file *fc__audit_at(const struct fc_audit *audit, const char *path, bool is_exact) {
    char plain[FC__AUDIT_PATH_MAX];
    return normalise(path, plain) ? look_up(audit, plain, is_exact) : NULL;
}

const char *fc__audit_folder(struct fc_audit *audit, const char *path) {
    const char *slash = strrchr(path, '/');
    return fc__audit_copy(audit, path, slash != NULL ? (size_t)(slash - path) + 1 : 0);
}

struct fc_audit_file *fc__audit_new_file(struct fc_audit *audit, const char *path, enum fc_origin origin) {
    struct fc_audit_file *file = fc__audit_alloc(audit, sizeof *file);
    if (file != NULL) {
        const char *slash = strrchr(path, '/');
        file->path = fc__audit_copy(audit, path, strlen(path));
        file->name = slash != NULL ? file->path + (slash + 1 - path) : file->path;
        file->origin = origin;
        file->last_need = &file->needs;
        *audit->last = file;
        audit->last = &file->next;
    }
    return file;
}

struct fc_audit_file *fc__audit_named(struct fc_audit *audit, const char *name, enum fc_origin origin) {
    const char *key = fc__audit_format(audit, "?%u/%s", (unsigned)origin, name);
    struct fc_audit_file *file = look_up(audit, key, false);
    if (file == NULL) {
        file = fc__audit_new_file(audit, name, origin);
        enter(audit, key, file);
    }
    return file;
}

void fc__audit_remember(struct fc_audit *audit, const char *name) {
    char key[256];
    snprintf(key, sizeof key, "#%s", name);
    if (look_up(audit, key, false) == NULL) {
        enter(audit, fc__audit_copy(audit, key, strlen(key)), audit->first);
    }
}

bool fc__audit_remembers(const struct fc_audit *audit, const char *name) {
    char key[256];
    snprintf(key, sizeof key, "#%s", name);
    return look_up(audit, key, false) != NULL;
}

struct fc_audit_file *fc__audit_installed(struct fc_audit *audit, const char *path) {
    const void *data;
    size_t len;
    void *handle;
    struct fc_audit_file *file = look_up(audit, path, true);
    if (file == NULL && audit->files.open(audit->files.user_data, path, &data, &len, &handle)) {
        audit->files.close(audit->files.user_data, handle);
        file = fc__audit_new_file(audit, path, FC_ORIGIN_INSTALLED);
        if (file != NULL) {
            enter(audit, file->path, file);
            fc__audit_read(audit, file);
        }
    }
    return file;
}

/* -- Public ------------------------------------------------------------------------------------------------------- */

static int invalid(const char *function) {
    return fc__error_set(fc__error_here(), FC_EINVAL, "%s: a NULL argument, or a number that stands for nothing",
                         function);
}

static int done(const struct fc_audit *audit) {
    return audit->is_broken ? fc__error_set(fc__error_here(), FC_ENOMEM, "out of memory for an audit") : FC_OK;
}

int fc_audit_new(const struct fc_audit_files *files, struct fc_audit **ret_audit) {
    if (files == NULL || files->open == NULL || files->close == NULL || ret_audit == NULL) {
        return invalid("fc_audit_new");
    }
    struct fc_audit *audit = calloc(1, sizeof *audit);
    if (audit == NULL) {
        return fc__error_set(fc__error_here(), FC_ENOMEM, "out of memory for an audit");
    }
    audit->files = *files;
    audit->windows_version = WINDOWS_10;
    audit->last = &audit->first;
    audit->last_process = &audit->processes;
    audit->last_finding = &audit->findings;
    audit->last_folder = &audit->folders;
    audit->last_system_folder = &audit->system_folders;
    audit->last_server = &audit->servers;
    *ret_audit = audit;
    return FC_OK;
}

void fc_audit_free(struct fc_audit *audit) {
    if (audit == NULL) {
        return;
    }
    for (size_t i = 0; i < FC_SYSTEM_COUNT; i++) {
        fc_conditions_free(audit->general[i]);
    }
    fc__arena_done(&audit->arena);
    free(audit->entries);
    free(audit);
}

int fc_audit_add(struct fc_audit *audit, const char *path) {
    char plain[FC__AUDIT_PATH_MAX];
    if (audit == NULL || path == NULL) {
        return invalid("fc_audit_add");
    }
    if (normalise(path, plain) && look_up(audit, plain, true) == NULL) {
        struct fc_audit_file *file = fc__audit_new_file(audit, path, FC_ORIGIN_TREE);
        enter(audit, fc__audit_copy(audit, plain, strlen(plain)), file);
    }
    return done(audit);
}

int fc_audit_add_link(struct fc_audit *audit, const char *path, const char *target, bool *ret_is_known) {
    char plain[FC__AUDIT_PATH_MAX];
    if (audit == NULL || path == NULL || target == NULL || ret_is_known == NULL) {
        return invalid("fc_audit_add_link");
    }
    struct fc_audit_file *file = fc__audit_at(audit, target, true);
    if (file != NULL && normalise(path, plain)) {
        enter(audit, fc__audit_copy(audit, plain, strlen(plain)), file);
    }
    *ret_is_known = file != NULL;
    return done(audit);
}

static void add_folder(struct fc_audit *audit, const char *program, const char *path, struct fc__folder ***last) {
    struct fc__folder *folder = fc__audit_alloc(audit, sizeof *folder);
    if (folder != NULL) {
        folder->program = program != NULL ? fc__audit_copy(audit, program, strlen(program)) : NULL;
        folder->path = fc__audit_format(audit, "%s/", path);
        **last = folder;
        *last = &folder->next;
    }
}

int fc_audit_add_folder(struct fc_audit *audit, const char *program, const char *folder) {
    if (audit == NULL || program == NULL || folder == NULL) {
        return invalid("fc_audit_add_folder");
    }
    add_folder(audit, program, folder, &audit->last_folder);
    return done(audit);
}

int fc_audit_add_system_folder(struct fc_audit *audit, const char *folder) {
    if (audit == NULL || folder == NULL) {
        return invalid("fc_audit_add_system_folder");
    }
    add_folder(audit, NULL, folder, &audit->last_system_folder);
    return done(audit);
}

int fc_audit_set_system(struct fc_audit *audit, enum fc_system system) {
    if (audit == NULL || (unsigned)system >= FC_SYSTEM_COUNT) {
        return invalid("fc_audit_set_system");
    }
    audit->system = system;
    audit->has_system = true;
    return FC_OK;
}

int fc_audit_set_windows_version(struct fc_audit *audit, uint32_t version) {
    if (audit == NULL) {
        return invalid("fc_audit_set_windows_version");
    }
    audit->windows_version = version;
    return FC_OK;
}

int fc_audit_set_host(struct fc_audit *audit, enum fc_host host) {
    if (audit == NULL || (unsigned)host > FC_HOST_IIS) {
        return invalid("fc_audit_set_host");
    }
    audit->host = host;
    return FC_OK;
}

int fc_audit_run(struct fc_audit *audit) {
    if (audit == NULL || audit->has_run) {
        return invalid("fc_audit_run");
    }
    audit->has_run = true;
    for (struct fc_audit_file *file = audit->first; file != NULL; file = file->next) {
        fc__audit_read(audit, file);
    }
    int result = audit->is_broken ? FC_OK : fc__audit_walk(audit);
    if (result == FC_OK && !audit->is_broken) {
        fc__audit_note_alone(audit);
        fc__audit_add_remedies(audit);
    }
    return result == FC_OK ? done(audit) : result;
}
