/* client: options of a session. */
#include "client/client.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SPIN_US_DEFAULT = 100, SPIN_US_MAX = 1000000 };

struct fc_options *fc_options_new(void) {
    struct fc_options *options = calloc(1, sizeof *options);
    if (options != NULL) {
        options->spin_us = SPIN_US_DEFAULT;
    }
    return options;
}

static void free_list(char **list) {
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        free(list[i]);
    }
    free(list);
}

void fc__options_done(struct fc_options *options) {
    free(options->target);
    free(options->host_path);
    free(options->working_directory);
    free(options->library_path);
    free_list(options->environment);
}

void fc_options_free(struct fc_options *options) {
    if (options != NULL) {
        fc__options_done(options);
        free(options);
    }
}

static int invalid(const char *what) {
    return fc__error_set(fc__error_here(), FC_EINVAL, "%s", what);
}
static int no_memory(void) {
    return fc__error_set(fc__error_here(), FC_ENOMEM, "out of memory");
}

static int set_text(char **field, const char *text) {
    char *copy = text != NULL ? strdup(text) : NULL;
    if (text != NULL && copy == NULL) {
        return no_memory();
    }
    free(*field);
    *field = copy;
    return FC_OK;
}

static int set_list(char ***field, char *const *list) {
    char **copy = NULL;
    if (list != NULL) {
        size_t count = 0;
        while (list[count] != NULL) {
            count++;
        }
        copy = calloc(count + 1, sizeof *copy);
        for (size_t i = 0; copy != NULL && i < count; i++) {
            copy[i] = strdup(list[i]);
            if (copy[i] == NULL) {
                free_list(copy);
                copy = NULL;
            }
        }
        if (copy == NULL) {
            return no_memory();
        }
    }
    free_list(*field);
    *field = copy;
    return FC_OK;
}

int fc_options_set_target(struct fc_options *options, const char *target) {
    if (target != NULL && fc__target_find(target) == NULL) {
        fc__error_set(fc__error_here(), FC_EINVAL, "there is no target `%s`; the targets are", target);
        for (unsigned i = 0; fc__target_at(i) != NULL; i++) {
            fc__error_add(fc__error_here(), "%s %s", i == 0 ? "" : ",", fc__target_at(i)->name);
        }
        return FC_EINVAL;
    }
    return set_text(&options->target, target);
}

int fc_options_set_backend(struct fc_options *options, const char *backend) {
    static const char *const names[] = {
        [FC__BACKEND_PROCESS] = "process", [FC__BACKEND_DIRECT] = "direct", [FC__BACKEND_AUTO] = "auto"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (backend == NULL || strcmp(backend, names[i]) == 0) {
            options->backend = (enum fc__backend)i;
            return FC_OK;
        }
    }
    return fc__error_set(fc__error_here(), FC_EINVAL,
                         "there is no backend `%s`; the backends are process, direct, auto", backend);
}

int fc_options_set_deadline_ms(struct fc_options *options, uint32_t deadline_ms) {
    options->deadline_ms = deadline_ms;
    return FC_OK;
}

int fc_options_set_spin_us(struct fc_options *options, uint32_t spin_us) {
    if (spin_us > SPIN_US_MAX) {
        return invalid("the spin time is at most 1000000 microseconds");
    }
    options->spin_us = spin_us;
    return FC_OK;
}

int fc_options_set_hostile(struct fc_options *options, bool is_hostile) {
    options->is_hostile = is_hostile;
    return FC_OK;
}

int fc_options_set_host_path(struct fc_options *options, const char *path) {
    return set_text(&options->host_path, path);
}
int fc_options_set_working_directory(struct fc_options *options, const char *path) {
    return set_text(&options->working_directory, path);
}
int fc_options_set_library_path(struct fc_options *options, const char *path) {
    return set_text(&options->library_path, path);
}

int fc_options_set_environment(struct fc_options *options, const char *const *environment) {
    return set_list(&options->environment, (char *const *)(uintptr_t)environment);
}

int fc_options_set_log(struct fc_options *options, fc_log_fn *log, void *user_data) {
    options->log = log;
    options->log_data = user_data;
    return FC_OK;
}

int fc__options_copy(const struct fc_options *from, struct fc_options *ret_copy) {
    struct fc_options copy = {.spin_us = SPIN_US_DEFAULT};
    int rc = FC_OK;
    if (from != NULL) {
        copy.backend = from->backend;
        copy.spin_us = from->spin_us;
        copy.deadline_ms = from->deadline_ms;
        copy.is_hostile = from->is_hostile;
        copy.log = from->log;
        copy.log_data = from->log_data;
        rc = set_text(&copy.target, from->target);
        rc = rc == FC_OK ? set_text(&copy.host_path, from->host_path) : rc;
        rc = rc == FC_OK ? set_text(&copy.working_directory, from->working_directory) : rc;
        rc = rc == FC_OK ? set_text(&copy.library_path, from->library_path) : rc;
        rc = rc == FC_OK ? set_list(&copy.environment, from->environment) : rc;
    }
    if (rc != FC_OK) {
        fc__options_done(&copy);
        return rc;
    }
    *ret_copy = copy;
    return FC_OK;
}

/* Variables that would make the host's loader act on the caller's libraries, which are of another bitness. */
static bool is_scrubbed(const char *variable) {
    return strncmp(variable, "LD_PRELOAD=", 11) == 0 || strncmp(variable, "LD_AUDIT=", 9) == 0 ||
           strncmp(variable, "LD_LIBRARY_PATH=", 16) == 0;
}

char **fc__options_environment(const struct fc_options *options) {
    char **from = options->environment != NULL ? options->environment : environ;
    size_t count = 0;
    while (from != NULL && from[count] != NULL) {
        count++;
    }
    const size_t path_bytes =
        options->library_path != NULL ? strlen("LD_LIBRARY_PATH=") + strlen(options->library_path) + 1 : 0;
    char **list = malloc((count + 2) * sizeof *list + path_bytes);
    if (list == NULL) {
        return NULL;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_scrubbed(from[i])) {
            list[kept++] = from[i];
        }
    }
    if (path_bytes != 0) {
        char *variable = (char *)(list + count + 2);
        memcpy(variable, "LD_LIBRARY_PATH=", 16);
        memcpy(variable + 16, options->library_path, path_bytes - 16);
        list[kept++] = variable;
    }
    list[kept] = NULL;
    return list;
}
