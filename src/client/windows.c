/* client: starting hosts that are Windows programs. */
#include "client/windows.h"
#include "client/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fc__windows_start_done(struct fc__windows_start *start) {
    fc__wine_done(&start->wine);
    free(start->environment);
}

/* The session's library path as Windows programs have theirs, in front of what there is: folders of this system become
 * the prefix's. */
static char **environment_with_path(const struct fc_session *session, const struct fc__wine *wine) {
    static const char name[] = "WINEPATH=";
    const char *folders = session->options.library_path, *before = NULL;
    size_t count = 0, used = sizeof name - 1;
    for (; wine->environment[count] != NULL; count++) {
        before = strncmp(wine->environment[count], name, sizeof name - 1) == 0 ? wine->environment[count] : before;
    }
    size_t size = sizeof name + (before != NULL ? strlen(before) : 0) + FC__WIRE_TEXT_BYTES;
    char **list = malloc((count + 2) * sizeof *list + size);
    if (list == NULL) {
        return NULL;
    }
    char *value = (char *)(list + count + 2);
    memcpy(value, name, sizeof name);
    for (const char *folder = folders; folder != NULL; folder = *folder != '\0' ? folder + 1 : NULL) {
        const size_t len = strcspn(folder, ":");
        char unix_path[PATH_MAX], path[FC__WINDOWS_PATH_BYTES];
        snprintf(unix_path, sizeof unix_path, "%.*s", (int)(len != 0 ? len : 1), len != 0 ? folder : ".");
        if (fc__windows_path_from(wine->prefix, unix_path, path, sizeof path) == 0 &&
            used + strlen(path) + 1 < FC__WIRE_TEXT_BYTES) {
            used += (size_t)snprintf(value + used, size - used, "%s;", path);
        }
        folder += len;
    }
    snprintf(value + used, size - used, "%s", before != NULL ? before + sizeof name - 1 : "");
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (wine->environment[i] != before) {
            list[kept++] = wine->environment[i];
        }
    }
    list[kept++] = value;
    list[kept] = NULL;
    return list;
}

static int keep_prefix(struct fc_session *session, const char *prefix, struct fc__error *err) {
    char *copy = strdup(prefix);
    if (copy == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    pthread_mutex_lock(&session->channels_lock);
    free(session->prefix);
    session->prefix = copy;
    pthread_mutex_unlock(&session->channels_lock);
    return FC_OK;
}

int fc__op_path(void *context, enum fc__side to, const char *path, char *ret_path, size_t size) {
    const struct fc__marshal *marshal = context;
    const struct fc__channel *channel = marshal->owner;
    struct fc_session *session = channel->session;
    const char *const folder = session->options.working_directory;
    char prefix[PATH_MAX] = "";
    if (channel->is_spare) { /* in a signal handler */
        return -EBUSY;
    }
    pthread_mutex_lock(&session->channels_lock);
    snprintf(prefix, sizeof prefix, "%s", session->prefix != NULL ? session->prefix : "");
    pthread_mutex_unlock(&session->channels_lock);
    return to == FC__THERE ? fc__windows_path_of(prefix, folder, path, ret_path, size)
                           : fc__windows_path_back(prefix, path, ret_path, size);
}

int fc__op_narrow_path(void *context, enum fc__side to, char *inout_path, size_t size, bool *ret_has_form) {
    const struct fc__marshal *marshal = context;
    struct fc__channel *channel = marshal->owner;
    char *const text = fc__wire_text(channel->line);
    bool sent;
    channel->line->value = to == FC__THERE;
    memcpy(text, inout_path, strlen(inout_path) + 1);
    int rc = fc__channel_transact(channel, FC__WIRE_OP_PATH, &sent, marshal->err);
    if (rc != FC_OK) {
        return rc == FC_EDIED
                   ? fc__remote_death_error(channel->session, channel, channel->generation, marshal, marshal->err)
                   : rc;
    }
    *ret_has_form = channel->line->value != 0 && strnlen(text, size) < size;
    if (*ret_has_form) {
        memcpy(inout_path, text, size);
        inout_path[size - 1] = '\0';
    }
    return FC_OK;
}

int fc__windows_start(struct fc_session *session, const struct fc__channel *channel, char *const *environment,
                      int control_fd, int reply_fd, struct fc__windows_start *ret_start, const char **inout_arguments,
                      struct fc__error *err) {
    struct fc__windows_start *start = ret_start;
    int rc = fc__start_find_program(fc__target_native()->name, "farcall-guardian", start->guardian,
                                    sizeof start->guardian, err);
    rc = rc == FC_OK ? fc__wine_prepare(session->callee, environment, &start->wine, err) : rc;
    rc = rc == FC_OK ? keep_prefix(session, start->wine.prefix, err) : rc;
    if (rc == FC_OK && session->options.library_path != NULL) {
        start->environment = environment_with_path(session, &start->wine);
        rc = start->environment != NULL ? FC_OK : fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    if (rc != FC_OK) {
        return rc;
    }
    const struct fc_wire_control bells = fc__channel_announcement(channel, FC__WIRE_CONTROL_CHANNEL);
    snprintf(start->control, sizeof start->control, "control=%d,%d", control_fd, reply_fd);
    snprintf(start->shared, sizeof start->shared, "shared=%d", fc__window_fd(&session->window));
    snprintf(start->bells, sizeof start->bells, "bells=%" PRIu32 ",%" PRIu32, (uint32_t)bells.size_bytes,
             (uint32_t)(bells.size_bytes >> 32));
    snprintf(start->heap, sizeof start->heap, "heap=%d",
             session->window.callee_heap.size_bytes != 0 ? session->window.callee_heap.fd : 0);
    const char *const caller = inout_arguments[1], *const memory = inout_arguments[2],
                      *const bytes = inout_arguments[3], *const greeting = inout_arguments[4];
    const char *arguments[FC__WINDOWS_ARGUMENTS] = {
        "farcall-guardian", caller,         start->wine.loader, session->host_path, caller,      memory, bytes,
        greeting,           start->control, start->shared,      start->bells,       start->heap, NULL};
    memcpy(inout_arguments, arguments, sizeof arguments);
    return FC_OK;
}
