/* client: descriptors, which are numbers that mean something in one process only. The other one is given a descriptor
 * of its own for the same open file, over the control connection; nothing here is fast. */
#include "abi/value.h"
#include "client/client.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int fail(const struct fc__marshal *marshal, const char *where, int rc) {
    return fc__error_set(marshal->err, FC_ESYS, "a descriptor of %s cannot be passed %s: %s", marshal->plan->name,
                         where, strerror(-rc));
}

/* A Windows program opens it itself, as it is open here. */
static struct fc_wire_control lending(const struct fc__channel *channel, const struct fc__os_fd *fd, uint64_t library) {
    struct fc_wire_control message = {.kind = FC__WIRE_CONTROL_LEND,
                                      .size_bytes = fd->is_inherited ? FC__WIRE_LENT_INHERITED : 0};
    if (channel->session->callee->is_windows) {
        message.address = library;
        message.size_bytes |= (fd->is_read ? FC__WIRE_LENT_READ : 0u) | (fd->is_written ? FC__WIRE_LENT_WRITTEN : 0u) |
                              (fd->appends ? FC__WIRE_LENT_APPENDS : 0u);
        message.size_bytes |=
            fd->position < 0 ? 0 : FC__WIRE_LENT_HAS_POSITION | (uint64_t)fd->position << FC__WIRE_LENT_POSITION_SHIFT;
    }
    return message;
}

static int fail_for_windows(const struct fc__marshal *marshal, const struct fc__os_fd *fd, int rc) {
    const char *const name = marshal->plan->name;
    return fd->is_socket ? fc__error_set(marshal->err, FC_ESYS,
                                         "a descriptor of %s cannot be passed to the host: it is a socket. A Windows "
                                         "library can be given files, pipes and terminals",
                                         name)
           : rc == -ENOTSUP
               ? fc__error_set(marshal->err, FC_ESYS,
                               "a descriptor of %s cannot be passed to the host: the library imports no C runtime, and "
                               "descriptors of another one mean nothing to it",
                               name)
               : fail(marshal, "to the host, which has to open it anew", rc);
}

/* The host's number, to be closed there; -1 for what is no descriptor here: the library is to find it so, too. */
static int lend(struct fc__channel *channel, const struct fc__marshal *marshal, uint64_t library,
                struct fc__descriptor_pair *pair) {
    struct fc__os_fd fd;
    pair->there = -1;
    if (fc__os_fd_describe(pair->here, &fd) != 0) {
        return FC_OK;
    }
    const bool is_windows = channel->session->callee->is_windows;
    struct fc_wire_control message = lending(channel, &fd, library);
    int rc = is_windows && fd.is_socket
                 ? -ENOTSUP
                 : fc__remote_exchange(channel->session, channel->generation, &message, pair->here, NULL);
    if (rc == -EPIPE) {
        return FC_EDIED;
    }
    if (rc != 0 && is_windows) {
        return fail_for_windows(marshal, &fd, rc);
    }
    const uint64_t number = is_windows ? (uint32_t)message.address : message.address;
    if (rc != 0 || number > INT_MAX) {
        return fail(marshal, "to the host", rc != 0 ? rc : -EPROTO);
    }
    pair->there = (int)number;
    pair->lent = message.address;
    return FC_OK;
}

/* Where it was read or written to is where the library left it, with one file open twice. */
static void close_there(struct fc__channel *channel, uint64_t library, uint64_t lent, int here) {
    struct fc_wire_control message = {.kind = FC__WIRE_CONTROL_CLOSE, .address = lent, .size_bytes = library};
    const bool is_done = fc__remote_exchange(channel->session, channel->generation, &message, -1, NULL) == 0;
    if (is_done && channel->session->callee->is_windows && here >= 0 && (int64_t)message.address >= 0) {
        fc__os_fd_seek(here, (int64_t)message.address);
    }
}

int fc__descriptors_send(struct fc__channel *channel, struct fc__marshal *marshal, uint64_t library,
                         struct fc__descriptors *ret_lent) {
    const struct fc__plan *plan = marshal->plan;
    int rc = FC_OK;
    ret_lent->count = 0;
    ret_lent->library = library;
    for (uint32_t i = 0; rc == FC_OK && i < plan->count; i++) {
        const struct fc__value *value = &plan->steps[i].value;
        const int64_t here = (int64_t)fc__value_extend(marshal->slots[i], value->caller_bytes, value->is_signed);
        if (plan->steps[i].descriptor == FC__DESCRIPTOR_NONE || here < 0 || here > INT_MAX) {
            continue; /* what is negative, such as AT_FDCWD, means the same everywhere */
        }
        struct fc__descriptor_pair *pair = &ret_lent->pairs[ret_lent->count];
        *pair = (struct fc__descriptor_pair){.argument = i, .here = (int)here};
        rc = lend(channel, marshal, library, pair);
        if (rc == FC_OK) {
            ret_lent->count++;
            marshal->slots[i] = (uint64_t)(int64_t)pair->there;
        }
    }
    return rc;
}

void fc__descriptors_end(struct fc__channel *channel, struct fc__marshal *marshal, const struct fc__descriptors *lent,
                         bool is_taken) {
    for (uint32_t i = 0; i < lent->count; i++) {
        const struct fc__descriptor_pair *pair = &lent->pairs[i];
        const bool is_given = marshal->plan->steps[pair->argument].descriptor == FC__DESCRIPTOR_GIVEN;
        int here = pair->here;
        marshal->slots[pair->argument] = (uint64_t)(int64_t)here;
        if (pair->there >= 0 && (!is_given || !is_taken)) {
            close_there(channel, lent->library, pair->lent, here);
        } else if (pair->there >= 0) { /* the library closes its own: here it is as closed as it will be natively */
            fc__os_close(&here);
        }
    }
}

/* -- results ------------------------------------------------------------------------------------------------------- */

/* The same number here each time for one that the library keeps. */
static int hold(struct fc_session *session, int there, int fetched, int *ret_here) {
    struct fc__held_descriptor *held = session->held_descriptors;
    while (held != NULL && held->there != there) {
        held = held->next;
    }
    if (held != NULL) {
        int rc = fc__os_fd_replace(fetched, held->here);
        *ret_here = held->here;
        fc__os_close(&fetched);
        return rc;
    }
    held = malloc(sizeof *held);
    if (held == NULL) {
        fc__os_close(&fetched);
        return -ENOMEM;
    }
    *held = (struct fc__held_descriptor){.there = there, .here = fetched, .next = session->held_descriptors};
    session->held_descriptors = held;
    *ret_here = fetched;
    return 0;
}

void fc__descriptors_done(struct fc_session *session) {
    while (session->held_descriptors != NULL) {
        struct fc__held_descriptor *held = session->held_descriptors;
        session->held_descriptors = held->next;
        fc__os_close(&held->here);
        free(held);
    }
}

static int fetch(struct fc__channel *channel, const struct fc__marshal *marshal, uint64_t library, int there,
                 int *ret_here) {
    struct fc_session *session = channel->session;
    const bool is_given = marshal->plan->result_descriptor == FC__DESCRIPTOR_GIVEN;
    const bool is_windows = session->callee->is_windows;
    struct fc_wire_control message = {
        .kind = FC__WIRE_CONTROL_FETCH, .address = (uint64_t)there, .size_bytes = is_windows ? library : 0};
    int fd = -1;
    int rc = fc__remote_exchange(session, channel->generation, &message, -1, &fd);
    if (is_given && (fd >= 0 || (is_windows && rc != -EBADF))) {
        const uint64_t no_handle = is_windows ? (uint64_t)UINT32_MAX << 32 : 0;
        close_there(channel, library, (uint64_t)there | no_handle, -1);
    }
    if (is_windows && rc == -ENOTSUP) {
        return fc__error_set(marshal->err, FC_ESYS,
                             "the descriptor that %s returned cannot be passed from the host: it is of a pipe or the "
                             "like that only Windows programs can have, or the library imports no C runtime. A Windows "
                             "library can return files",
                             marshal->plan->name);
    }
    if (rc == -EBADF) { /* the library returned what is no descriptor there either */
        *ret_here = -1;
        return FC_OK;
    }
    rc = rc == 0 && fd < 0 ? -EMFILE : rc;
    rc = rc == 0 ? fc__os_fd_set_inherited(fd, (message.size_bytes & FC__WIRE_LENT_INHERITED) != 0) : rc;
    *ret_here = fd;
    if (rc == 0 && !is_given) {
        pthread_mutex_lock(&session->channels_lock);
        rc = hold(session, there, fd, ret_here);
        pthread_mutex_unlock(&session->channels_lock);
    }
    return rc == 0 ? FC_OK : fail(marshal, "from the host", rc);
}

int fc__descriptors_result(struct fc__channel *channel, const struct fc__marshal *marshal,
                           const struct fc__descriptors *lent, void *result) {
    const struct fc__value *value = &marshal->plan->result;
    const int64_t there = (int64_t)fc__value_load(result, value->caller_bytes, value->is_signed);
    int here = -1;
    if (there < 0 || there > INT_MAX) {
        return FC_OK;
    }
    for (uint32_t i = 0; i < lent->count; i++) {
        if (lent->pairs[i].there == there) { /* the argument itself */
            fc__marshal_store(result, (uint64_t)lent->pairs[i].here, value->caller_bytes);
            return FC_OK;
        }
    }
    int rc = fetch(channel, marshal, lent->library, (int)there, &here);
    if (rc == FC_OK) {
        fc__marshal_store(result, (uint64_t)(int64_t)here, value->caller_bytes);
    }
    return rc;
}
