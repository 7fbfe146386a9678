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

/* The host's number, to be closed there; -1 for what is no descriptor here: the library is to find it so, too. */
static int lend(struct fc__channel *channel, const struct fc__marshal *marshal, int here, int *ret_there) {
    struct fc_wire_control message = {.kind = FC__WIRE_CONTROL_LEND};
    const int inherited = fc__os_fd_is_inherited(here);
    *ret_there = -1;
    if (inherited < 0) {
        return FC_OK;
    }
    message.size_bytes = (uint64_t)inherited;
    int rc = fc__remote_exchange(channel->session, channel->generation, &message, here, NULL);
    if (rc == -EPIPE) {
        return FC_EDIED;
    }
    if (rc != 0 || message.address > INT_MAX) {
        return fail(marshal, "to the host", rc != 0 ? rc : -EPROTO);
    }
    *ret_there = (int)message.address;
    return FC_OK;
}

static void close_there(struct fc__channel *channel, int there) {
    struct fc_wire_control message = {.kind = FC__WIRE_CONTROL_CLOSE, .address = (uint64_t)there};
    if (there >= 0) {
        fc__remote_exchange(channel->session, channel->generation, &message, -1, NULL);
    }
}

int fc__descriptors_send(struct fc__channel *channel, struct fc__marshal *marshal, struct fc__descriptors *ret_lent) {
    const struct fc__plan *plan = marshal->plan;
    int rc = FC_OK;
    ret_lent->count = 0;
    for (uint32_t i = 0; rc == FC_OK && i < plan->count; i++) {
        const struct fc__value *value = &plan->steps[i].value;
        const int64_t here = (int64_t)fc__value_extend(marshal->slots[i], value->caller_bytes, value->is_signed);
        if (plan->steps[i].descriptor == FC__DESCRIPTOR_NONE || here < 0 || here > INT_MAX) {
            continue; /* what is negative, such as AT_FDCWD, means the same everywhere */
        }
        struct fc__descriptor_pair *pair = &ret_lent->pairs[ret_lent->count];
        *pair = (struct fc__descriptor_pair){.argument = i, .here = (int)here};
        rc = lend(channel, marshal, pair->here, &pair->there);
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
        if (!is_given || !is_taken) {
            close_there(channel, pair->there);
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

static int fetch(struct fc__channel *channel, const struct fc__marshal *marshal, int there, int *ret_here) {
    struct fc_session *session = channel->session;
    const bool is_given = marshal->plan->result_descriptor == FC__DESCRIPTOR_GIVEN;
    struct fc_wire_control message = {.kind = FC__WIRE_CONTROL_FETCH, .address = (uint64_t)there};
    int fd = -1;
    int rc = fc__remote_exchange(session, channel->generation, &message, -1, &fd);
    if (is_given && fd >= 0) {
        close_there(channel, there);
    }
    if (rc == -EBADF) { /* the library returned what is no descriptor there either */
        *ret_here = -1;
        return FC_OK;
    }
    rc = rc == 0 && fd < 0 ? -EMFILE : rc;
    rc = rc == 0 ? fc__os_fd_set_inherited(fd, message.size_bytes != 0) : rc;
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
    int rc = fetch(channel, marshal, (int)there, &here);
    if (rc == FC_OK) {
        fc__marshal_store(result, (uint64_t)(int64_t)here, value->caller_bytes);
    }
    return rc;
}
