/* client: exported variables. One is bound as a function is, and read and written as the host copies its own memory. */
#include "client/client.h"

#include <stdlib.h>
#include <string.h>

enum { COPY_ATTEMPTS = 3 };

/* A variable is looked up, and looked up again in another host, as a function is; its address is never called. */
struct fc_variable {
    struct fc_function symbol;
};

int fc_variable_bind(struct fc_library *library, const char *declaration, struct fc_variable **ret_variable) {
    struct fc__error *err = fc__error_here();
    if (library == NULL || declaration == NULL) {
        return fc__error_set(err, FC_EINVAL, "fc_variable_bind needs a library and a declaration");
    }
    struct fc_variable *variable = calloc(1, sizeof *variable);
    if (variable == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    int rc = fc__library_plan(library, declaration, fc__plan_variable, &variable->symbol.plan, err);
    rc = rc == FC_OK ? fc__function_find(&variable->symbol, library, err) : rc;
    if (rc != FC_OK) {
        fc__function_free(&variable->symbol);
        return rc;
    }
    *ret_variable = variable;
    return FC_OK;
}

size_t fc_variable_size(const struct fc_variable *variable) {
    return (size_t)variable->symbol.plan->result_shape->size[FC__HERE];
}

/* -- in a host ----------------------------------------------------------------------------------------------------- */

struct access {
    struct fc__marshal marshal;
    const struct fc_variable *variable;
    void *value;
    bool writes;
};

static void prepare(struct access *access, struct fc__channel *channel) {
    struct fc__marshal *marshal = &access->marshal;
    marshal->plan = access->variable->symbol.plan;
    marshal->ops = &fc__function_ops;
    marshal->context = marshal;
    marshal->owner = channel;
    marshal->objects = &channel->objects;
    marshal->first_object = channel->objects.count;
    marshal->line = (uintptr_t)channel->line;
    marshal->is_deep = true;
    marshal->is_upcall = access->writes; /* what is written stays: it must not lead to memory of the caller */
    marshal->outlives = marshal->gives = marshal->may_join = false;
    marshal->keeps_off_line = true;
    marshal->scratch = marshal->scratch_end = NULL;
    marshal->image_bytes = 0;
}

/* `copy`: of the variable's bytes there, in memory of both sides. What they hold between the members stays. */
static int convert(struct access *access, struct fc__channel *channel, uint64_t address, unsigned char *copy) {
    struct fc__marshal *marshal = &access->marshal;
    const struct fc__shape *shape = marshal->plan->result_shape;
    const uint64_t size = shape->size[FC__THERE];
    if (!access->writes && shape->is_plain) {
        memcpy(access->value, copy, (size_t)size);
        return FC_OK;
    }
    if (!access->writes) {
        int rc = fc__object_convert(marshal, 0, FC__HERE, shape, copy, access->value);
        return rc == FC_OK ? fc__objects_fill(marshal) : rc;
    }
    int rc = fc__object_convert(marshal, 0, FC__THERE, shape, access->value, copy);
    return rc == FC_OK ? fc__channel_copy(channel, (uintptr_t)copy, address, size, marshal->err) : rc;
}

static int cross(struct access *access, struct fc__channel *channel) {
    struct fc__marshal *marshal = &access->marshal;
    const uint64_t address = atomic_load_explicit(&access->variable->symbol.address, memory_order_relaxed);
    const uint64_t size = access->variable->symbol.plan->result_shape->size[FC__THERE];
    const uint32_t generation = channel->generation;
    struct fc__crossing crossing;
    unsigned char *copy = NULL;
    prepare(access, channel);
    fc__channel_cross_begin(channel, &crossing);
    int rc = fc__channel_scratch(channel, size, &copy, marshal->err);
    rc = rc == FC_OK ? fc__channel_copy(channel, address, (uintptr_t)copy, size, marshal->err) : rc;
    rc = rc == FC_OK ? convert(access, channel, address, copy) : rc;
    if (rc == FC_EDIED) {
        rc = fc__remote_death_error(channel->session, channel, generation, marshal, marshal->err);
    }
    fc__channel_cross_end(channel);
    return rc;
}

/* Enters a channel of the host in which the variable's address is known. */
static int enter(struct fc_variable *variable, struct fc__channel **ret_channel, struct fc__error *err) {
    struct fc_function *symbol = &variable->symbol;
    for (int attempt = 0; attempt < COPY_ATTEMPTS; attempt++) {
        struct fc__channel *channel;
        int rc = fc__channel_enter(symbol->session, &channel, err);
        if (rc != FC_OK) {
            return rc;
        }
        if (channel->is_spare) {
            fc__channel_leave(channel);
            return fc__error_set(err, FC_EBUSY,
                                 "this thread is in a call of this session (a signal handler?), where variables cannot "
                                 "be reached");
        }
        if (atomic_load_explicit(&symbol->generation, memory_order_acquire) == channel->generation) {
            *ret_channel = channel;
            return FC_OK;
        }
        fc__channel_leave(channel);
        rc = fc__function_resolve(symbol, err);
        if (rc != FC_OK) {
            return rc;
        }
    }
    return fc__error_set(err, FC_EDIED, "the host (%s) died each time before `%s` could be reached",
                         symbol->session->callee->name, symbol->plan->name);
}

static int reach(struct access *access) {
    struct fc_variable *variable = (struct fc_variable *)access->variable;
    const struct fc_function *symbol = &variable->symbol;
    struct fc__channel *channel;
    access->marshal.err = fc__error_here();
    if (symbol->session->is_direct) {
        void *memory = (void *)(uintptr_t)atomic_load_explicit(&symbol->address, memory_order_relaxed);
        const size_t size = fc_variable_size(variable);
        memcpy(access->writes ? memory : access->value, access->writes ? access->value : memory, size);
        return FC_OK;
    }
    int rc = enter(variable, &channel, access->marshal.err);
    if (rc == FC_OK) {
        rc = cross(access, channel);
        fc__channel_leave(channel);
    }
    return rc;
}

/* -- reading and writing ------------------------------------------------------------------------------------------- */

int fc_variable_read(struct fc_variable *variable, void *ret_value) {
    struct access access; /* not cleared: large, and written as it is used */
    if (variable == NULL || ret_value == NULL) {
        return fc__error_set(fc__error_here(), FC_EINVAL, "fc_variable_read needs a variable and memory for its value");
    }
    access.variable = variable;
    access.value = ret_value;
    access.writes = false;
    return reach(&access);
}

int fc_variable_write(struct fc_variable *variable, const void *value) {
    struct access access; /* as above */
    if (variable == NULL || value == NULL) {
        return fc__error_set(fc__error_here(), FC_EINVAL, "fc_variable_write needs a variable and a value");
    }
    if (variable->symbol.plan->is_constant) {
        return fc__error_set(fc__error_here(), FC_EINVAL, "`%s` is declared const, and cannot be written",
                             variable->symbol.plan->name);
    }
    access.variable = variable;
    access.value = (void *)value;
    access.writes = true;
    return reach(&access);
}

int fc_variable_address(struct fc_variable *variable, void **ret_address) {
    struct fc__error *err = fc__error_here();
    struct fc__channel *channel;
    if (variable == NULL || ret_address == NULL) {
        return fc__error_set(err, FC_EINVAL, "fc_variable_address needs a variable and where its address goes");
    }
    const struct fc_function *symbol = &variable->symbol;
    const struct fc_session *session = symbol->session;
    if (!session->is_direct) {
        int rc = enter(variable, &channel, err); /* in the present host */
        if (rc != FC_OK) {
            return rc;
        }
        fc__channel_leave(channel);
    }
    uint64_t address = atomic_load_explicit(&symbol->address, memory_order_relaxed);
    int rc = FC_OK;
    if (session->callee->pointer_bytes > sizeof(void *)) {
        uint32_t narrow = 0;
        rc = fc__book_narrow(symbol->session, address, &narrow, err);
        address = narrow;
    }
    if (rc == FC_OK) {
        *ret_address = (void *)(uintptr_t)address;
    }
    return rc;
}
