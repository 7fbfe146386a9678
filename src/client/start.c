/* client: starting a host: its program, arguments and descriptors, until it answers the greeting; or why it does not. */
#include "client/client.h"
#include "client/windows.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HOST_ERROR_BYTES = 2048 };

/* -- finding the host program -------------------------------------------------------------------------------------- */

int fc__start_find_program(const char *target, const char *program, char *ret_path, size_t size,
                           struct fc__error *err) {
    char module[PATH_MAX];
    const char *named = secure_getenv("FARCALL_LIBEXEC");
    if (named != NULL && (size_t)snprintf(ret_path, size, "%s/%s/%s", named, target, program) < size &&
        fc__os_file_executable(ret_path)) {
        return FC_OK;
    }
    int rc = fc__os_module_path((const void *)(uintptr_t)fc__start_find_program, module, sizeof module);
    if (rc != 0) {
        return fc__error_set(err, FC_ESTART,
                             "cannot find this library's own path (%s), and so not its hosts; set FARCALL_LIBEXEC",
                             strerror(-rc));
    }
    char folder[PATH_MAX];
    memcpy(folder, module, sizeof folder);
    for (char *slash; (slash = strrchr(folder, '/')) != NULL;) {
        *slash = '\0';
        if ((size_t)snprintf(ret_path, size, "%s/libexec/farcall/%s/%s", folder, target, program) < size &&
            fc__os_file_executable(ret_path)) {
            return FC_OK;
        }
    }
    return fc__error_set(err, FC_ESTART,
                         "there is no host program for %s: no libexec/farcall/%s/%s in any folder above %s. "
                         "Install the hosts beside the "
                         "library, set FARCALL_LIBEXEC, or name the program with fc_options_set_host_path",
                         target, target, program, module);
}

static int host_path(struct fc_session *session, struct fc__error *err) {
    if (session->host_path != NULL) {
        return FC_OK;
    }
    char path[PATH_MAX];
    const char *found = session->options.host_path;
    if (found == NULL) {
        int rc = fc__start_find_program(session->callee->host,
                                        session->callee->is_windows ? "farcall-host.exe" : "farcall-host", path,
                                        sizeof path, err);
        if (rc != FC_OK) {
            return rc;
        }
        found = path;
    }
    session->host_path = strdup(found);
    return session->host_path != NULL ? FC_OK : fc__error_set(err, FC_ENOMEM, "out of memory");
}

/* -- what goes wrong ----------------------------------------------------------------------------------------------- */

static int spawn_error(struct fc_session *session, const char *path, int rc, struct fc__error *err) {
    const char *folder = session->options.working_directory;
    fc__error_set(err, FC_ESTART, "cannot start the host %s: %s", path, strerror(-rc));
    if (folder != NULL && access(folder, X_OK) != 0) {
        fc__error_add(err, ". The working directory %s cannot be entered", folder);
    } else if (rc == -ENOENT && fc__os_file_executable(path)) {
        fc__error_add(err, ". The program is there, so what is missing is the loader of its bitness; on Debian: %s",
                      session->callee->pointer_bytes == 4
                          ? "dpkg --add-architecture i386 && apt-get update && apt-get install libc6:i386"
                          : "apt-get install libc6:amd64");
    } else if (rc == -ENOEXEC) {
        fc__error_add(err, ". This system does not run %s programs (is the kernel built without IA32 emulation?)",
                      session->callee->name);
    }
    return FC_ESTART;
}

/* It met a wineserver that was just going, too slowly even for Wine's patience of five seconds, or the folder of one that
 * was killed at its start. If the wineserver that it
 * started failed, it says nothing but exits with 1; a host has words for what it ends of, or another status. */
static bool wine_may_do_better(int status, const char *said) {
    const bool has_failed = status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE;
    return (has_failed && said[0] == '\0') || strstr(said, "wine client error") != NULL ||
           strstr(said, "a wine server seems to be running") != NULL ||
           strstr(said, "fixed a temporary directory error") != NULL;
}

/* It was executed, but did not come up. */
static int start_error(struct fc_session *session, struct fc__os_process *process, struct fc__error *err,
                       bool *ret_again) {
    char said[HOST_ERROR_BYTES], how[160];
    int status = fc__os_spawn_failed(process, said, sizeof said);
    *ret_again = status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == FC__WIRE_EXIT_PLACE;
    *ret_again = *ret_again || (session->callee->is_windows && wine_may_do_better(status, said));
    if (status >= 0) {
        fc__end_describe_status(status, how, sizeof how);
    } else {
        snprintf(how, sizeof how, "it did not answer within %d s", FC__CONNECT_LIMIT_MS / 1000);
    }
    for (size_t len = strlen(said); len > 0 && (said[len - 1] == '\n' || said[len - 1] == '\r'); len--) {
        said[len - 1] = '\0';
    }
    fc__error_set(err, FC_ESTART, "the host %s did not start: %s", session->host_path, how);
    if (said[0] != '\0') {
        fc__error_add(err, ". It printed:\n%s", said);
    }
    return FC_ESTART;
}

/* -- starting ------------------------------------------------------------------------------------------------------ */

/* All that a start needs, however it ends. */
struct start {
    const char *path, *arguments[FC__WINDOWS_ARGUMENTS];
    char caller[32], memory[32], bytes[32], greeting[32];
    char **environment, **hosts_environment;
    int caller_fd;
    int control_fd, reply_fd, guardian_fd; /* ours */
    int their_fd;                          /* the host's, or its guardian's */
    int prints_fds[2];                     /* ours, the host's; -1: it prints where the caller does */
    struct fc__windows_start windows;
};

static void start_done(struct start *start) {
    fc__os_close(&start->caller_fd);
    fc__os_close(&start->their_fd);
    fc__os_close(&start->control_fd);
    fc__os_close(&start->reply_fd);
    fc__os_close(&start->guardian_fd);
    fc__os_close(&start->prints_fds[0]);
    fc__os_close(&start->prints_fds[1]);
    free(start->environment);
    fc__windows_start_done(&start->windows);
}

/* What a host of any target is told. */
static int describe(struct fc_session *session, struct fc__channel *channel, struct start *start,
                    struct fc__error *err) {
    const struct fc_wire_header *header = fc__window_header(&session->window);
    struct fc_options options = session->options;
    if (session->callee->is_windows) {
        options.library_path = NULL; /* it says where Windows libraries are, not those that Wine loads */
    }
    *start = (struct start){.path = session->host_path,
                            .caller_fd = -1,
                            .control_fd = -1,
                            .reply_fd = -1,
                            .guardian_fd = -1,
                            .their_fd = -1,
                            .prints_fds = {-1, -1},
                            .environment = fc__options_environment(&options)};
    snprintf(start->caller, sizeof start->caller, "caller=%d", (int)getpid());
    snprintf(start->memory, sizeof start->memory, "memory=0x%" PRIx64, header->memory_base);
    snprintf(start->bytes, sizeof start->bytes, "bytes=0x%" PRIx64, header->memory_bytes);
    snprintf(start->greeting, sizeof start->greeting, "greeting=0x%" PRIxPTR, (uintptr_t)channel->line);
    memcpy(start->arguments,
           (const char *[]){"farcall-host", start->caller, start->memory, start->bytes, start->greeting, NULL},
           6 * sizeof *start->arguments);
    start->hosts_environment = start->environment;
    int rc = start->environment != NULL ? fc__os_process_watchable(getpid(), &start->caller_fd) : -ENOMEM;
    rc = rc == -ENOSYS ? 0 : rc; /* the host then finds another way */
    if (rc == 0) {
        rc = fc__os_control_pair(session->callee->is_windows ? &start->guardian_fd : &start->control_fd,
                                 &start->their_fd);
    }
    if (rc == 0 && session->callee->is_windows) {
        rc = fc__os_control_pipes(&start->control_fd, &start->reply_fd);
    }
    if (rc == 0 && session->options.log != NULL) {
        rc = fc__os_pipe(start->prints_fds);
    }
    return rc == 0 ? FC_OK : fc__error_set(err, FC_ESYS, "cannot prepare a host: %s", strerror(-rc));
}

static int prepare(struct fc_session *session, struct fc__channel *channel, struct start *start,
                   struct fc__error *err) {
    int rc = describe(session, channel, start, err);
    if (rc == FC_OK && session->callee->is_windows) {
        rc = fc__windows_start(session, channel, start->environment, start->control_fd, start->reply_fd,
                               &start->windows, start->arguments, err);
        start->path = start->windows.guardian;
        start->hosts_environment =
            start->windows.environment != NULL ? start->windows.environment : start->windows.wine.environment;
    }
    return rc;
}

static int spawn(struct fc_session *session, struct fc__channel *channel, const struct start *start,
                 struct fc__os_process *ret_process) {
    /* A Windows program opens it itself, and what Wine starts beside that must not have it. */
    const bool has_heap = session->window.callee_heap.size_bytes != 0 && !session->callee->is_windows;
    const struct fc__os_spawn spawn = {
        .path = start->path,
        .arguments = start->arguments,
        .environment = (const char *const *)start->hosts_environment,
        .working_directory = session->options.working_directory,
        .fds = {start->their_fd, fc__window_fd(&session->window), start->caller_fd,
                has_heap ? session->window.callee_heap.fd : -1},
        .fd_count = 4,
        .prints_fd = start->prints_fds[1],
        .died_word = &channel->line->turn,
        .died_value = FC__WIRE_DEAD,
        .died_bell = channel->waiter.bell_wait,
    };
    return fc__os_spawn(&spawn, ret_process);
}

/* The new host answers the greeting as soon as it is up, and then starts the thread that serves the channel. Until then
 * nobody does, whatever the turn word says. */
static void greet(struct fc_session *session, struct fc__channel *channel, int control_fd) {
    const struct fc_wire_control message = fc__channel_announcement(channel, FC__WIRE_CONTROL_CHANNEL);
    pthread_mutex_lock(&session->channels_lock);
    channel->generation = 0;
    pthread_mutex_unlock(&session->channels_lock);
    fc__channel_reset(channel);
    fc__wire_pass(channel->line, &channel->waiter, FC__WIRE_HOST, FC__WIRE_OP_HELLO);
    fc__os_control_send(control_fd, &message, sizeof message, -1);
}

static int start_host(struct fc_session *session, struct fc__channel *channel, struct start *start,
                      struct fc__os_process *ret_process, bool *ret_again, struct fc__error *err) {
    greet(session, channel, start->control_fd);
    int rc = spawn(session, channel, start, ret_process);
    fc__os_close(&start->their_fd);
    fc__os_close(&start->prints_fds[1]);
    if (rc != 0) {
        return spawn_error(session, start->path, rc, err);
    }
    fc__registry_prepare(); /* while the host starts; a failure comes back when it is watched */
    uint64_t limit_ns = fc__os_now_ns() + FC__CONNECT_LIMIT_MS * UINT64_C(1000000);
    uint32_t turn = fc__wire_wait(channel->line, 0, &channel->waiter, limit_ns);
    return (turn & (FC__WIRE_DEAD | FC__WIRE_HOST)) == 0 && FC__WIRE_OP(turn) == FC__WIRE_OP_DONE
               ? FC_OK
               : start_error(session, ret_process, err, ret_again);
}

int fc__start_host(struct fc_session *session, struct fc__channel *channel, struct fc__started *ret_started,
                   bool *ret_again, struct fc__error *err) {
    struct fc_wire_header header = fc__window_describe(&session->window);
    header.spin_us = session->options.spin_us;
    header.quota_is_scarce = fc__remote_quota_is_scarce();
    *fc__window_header(&session->window) = header;
    struct start start;
    int rc = host_path(session, err);
    if (rc != FC_OK) {
        return rc;
    }
    struct fc__os_process process;
    rc = fc__channel_renew_bells(channel, err);
    if (rc != FC_OK) {
        return rc;
    }
    rc = prepare(session, channel, &start, err);
    rc = rc == FC_OK ? start_host(session, channel, &start, &process, ret_again, err) : rc;
    if (rc == FC_OK) {
        *ret_started = (struct fc__started){.process = process,
                                            .control_fd = start.control_fd,
                                            .reply_fd = start.reply_fd,
                                            .guardian_fd = start.guardian_fd,
                                            .prints_fd = start.prints_fds[0]};
        start.control_fd = start.reply_fd = start.guardian_fd = start.prints_fds[0] = -1;
    }
    start_done(&start);
    return rc;
}
