/* client: what pointers that the caller's functions return or put behind others lead to, as the callee has it. One copy
 * for each address, as natively: what is returned again lies where it lay. It stays until the outermost call has returned; outside of any
 * call, in a thread of the library's own, until the same function returns the next. */
#include "client/client.h"

#include <search.h>
#include <stdlib.h>

struct fc__returned {
    struct fc_session *session;
    const void *entry; /* the function's */
    uint64_t here;     /* what it returned; 0: whatever it was */
    uint64_t given;    /* the same, if pointers into it come back as the caller's; else 0 */
    uint64_t there, bytes;
    struct block {
        struct block *next;
        void *memory; /* fc_alloc's */
        uint64_t size, used;
    } * first, *last;
};

static int compare(const void *left, const void *right) {
    const struct fc__returned *a = left, *b = right;
    if (a->here != b->here) {
        return a->here < b->here ? -1 : 1;
    }
    return a->entry == b->entry ? 0 : (uintptr_t)a->entry < (uintptr_t)b->entry ? -1 : 1;
}

static void discard(void *data) {
    struct fc__returned *returned = data;
    while (returned->first != NULL) {
        struct block *block = returned->first;
        returned->first = block->next;
        fc_free(returned->session, block->memory);
        free(block);
    }
    free(returned);
}

void fc__returned_forget(void **root) {
    tdestroy(*root, discard);
    *root = NULL;
}

bool fc__returned_is_outside(const struct fc__channel *channel) {
    return channel->is_dispatcher && channel->depth == 0;
}

struct fc__returned *fc__returned_begin(struct fc__channel *channel, const void *entry, uint64_t here, bool is_given) {
    const bool is_outside = fc__returned_is_outside(channel);
    struct fc__returned *made = calloc(1, sizeof *made);
    if (is_outside) {
        fc__returned_forget(&channel->returned);
    }
    if (made == NULL) {
        return NULL;
    }
    *made = (struct fc__returned){.session = channel->session, .entry = entry, .here = is_outside ? 0 : here};
    void **found = tsearch(made, is_outside ? &channel->returned_outside : &channel->returned, compare);
    struct fc__returned *returned = found != NULL ? *(struct fc__returned **)found : NULL;
    if (returned != made) {
        free(made);
    }
    for (struct block *block = returned != NULL ? returned->first : NULL; block != NULL; block = block->next) {
        block->used = 0;
    }
    if (returned != NULL) {
        returned->given = is_given && !is_outside ? here : 0;
        returned->there = 0;
    }
    return returned;
}

struct search {
    uint64_t there;
    struct fc__lasting *found;
    bool is_found;
};
static void look(const void *node, VISIT visit, void *data) {
    const struct fc__returned *returned = *(const struct fc__returned *const *)node;
    struct search *search = data;
    if ((visit == postorder || visit == leaf) && returned->given != 0 && returned->there != 0 &&
        search->there >= returned->there && search->there - returned->there <= returned->bytes) {
        *search->found = (struct fc__lasting){.life = FC__LIFE_KEPT,
                                              .here = returned->given,
                                              .there = returned->there,
                                              .bytes = {returned->bytes, returned->bytes},
                                              .mapped = returned->given + (search->there - returned->there)};
        search->is_found = true;
    }
}

bool fc__returned_find(const struct fc__channel *channel, uint64_t there, struct fc__lasting *ret_lasting) {
    struct search search = {.there = there, .found = ret_lasting};
    twalk_r(channel->returned, look, &search);
    return search.is_found;
}

unsigned char *fc__returned_take(struct fc__returned *returned, uint64_t size) {
    enum { LEAST = 64 };
    struct block *block = returned->first;
    while (block != NULL && size > block->size - block->used) {
        block = block->next;
    }
    if (block == NULL) {
        const uint64_t bytes = size + size / 2 + LEAST; /* what is returned next from there may be longer */
        block = calloc(1, sizeof *block);
        void *memory =
            block != NULL && bytes > size && bytes < SIZE_MAX ? fc_alloc(returned->session, (size_t)bytes) : NULL;
        if (memory == NULL) {
            free(block);
            return NULL;
        }
        block->memory = memory;
        block->size = bytes;
        *(returned->last != NULL ? &returned->last->next : &returned->first) = block;
        returned->last = block;
    }
    unsigned char *taken = (unsigned char *)block->memory + block->used;
    block->used += (size + 15) & ~UINT64_C(15);
    block->used = block->used < block->size ? block->used : block->size;
    if (returned->there == 0) { /* the first is what it returned itself */
        returned->there = (uintptr_t)taken;
        returned->bytes = size;
    }
    return taken;
}
