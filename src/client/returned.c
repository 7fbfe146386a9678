/* client: what pointers that the caller's functions return or put behind others lead to, as the callee has it. One copy
 * for each address, as natively: what is returned again lies where it lay. It stays until the outermost call has
 * returned; outside of any call, in a thread of the library's own, until the same function returns the next. */
#include "client/client.h"

#include <stdlib.h>

enum { BUCKETS_LEAST = 16, SPARE_BYTES_MAX = 1 << 18, SPARE_MAX = 1024 };

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
    struct fc__returned *next, *next_alike; /* of all, or of the spare ones; in the same bucket */
};

static void discard(struct fc__returned *returned) {
    while (returned->first != NULL) {
        struct block *block = returned->first;
        returned->first = block->next;
        fc_free(returned->session, block->memory);
        free(block);
    }
    free(returned);
}

static uint64_t room_of(const struct fc__returned *returned) {
    uint64_t bytes = 0;
    for (const struct block *block = returned->first; block != NULL; block = block->next) {
        bytes += block->size;
    }
    return bytes;
}

/* Most calls need what the last one needed. */
static void put_aside(struct fc__returned_set *set, struct fc__returned *returned) {
    const uint64_t bytes = room_of(returned);
    if (set->spare_count >= SPARE_MAX || set->spare_bytes + bytes > SPARE_BYTES_MAX) {
        discard(returned);
        return;
    }
    returned->next = set->spare;
    set->spare = returned;
    set->spare_count++;
    set->spare_bytes += bytes;
}

void fc__returned_forget(struct fc__returned_set *set) {
    while (set->all != NULL) {
        struct fc__returned *returned = set->all;
        set->all = returned->next;
        put_aside(set, returned);
    }
    for (uint32_t i = 0; set->count != 0 && i < set->bucket_count; i++) {
        set->buckets[i] = NULL;
    }
    set->count = 0;
}

void fc__returned_done(struct fc__returned_set *set) {
    fc__returned_forget(set);
    while (set->spare != NULL) {
        struct fc__returned *returned = set->spare;
        set->spare = returned->next;
        discard(returned);
    }
    free(set->buckets);
    *set = (struct fc__returned_set){0};
}

static struct fc__returned **bucket_of(const struct fc__returned_set *set, const void *entry, uint64_t here) {
    const uint64_t mixed = ((uintptr_t)entry ^ here * UINT64_C(31)) * UINT64_C(0x9e3779b97f4a7c15);
    return &set->buckets[(mixed >> 32) % set->bucket_count];
}

static struct fc__returned *find(const struct fc__returned_set *set, const void *entry, uint64_t here) {
    struct fc__returned *at = set->count != 0 ? *bucket_of(set, entry, here) : NULL;
    while (at != NULL && (at->entry != entry || at->here != here)) {
        at = at->next_alike;
    }
    return at;
}

static void put(struct fc__returned_set *set, struct fc__returned *returned) {
    struct fc__returned **bucket = bucket_of(set, returned->entry, returned->here);
    returned->next_alike = *bucket;
    *bucket = returned;
}

/* False if there is no memory even for the first ones. */
static bool make_room(struct fc__returned_set *set) {
    if (set->count < set->bucket_count) {
        return true;
    }
    const uint32_t count = set->bucket_count != 0 ? set->bucket_count * 2 : BUCKETS_LEAST;
    struct fc__returned **buckets = calloc(count, sizeof(struct fc__returned *));
    if (buckets != NULL) {
        free(set->buckets);
        set->buckets = buckets;
        set->bucket_count = count;
        for (struct fc__returned *at = set->all; at != NULL; at = at->next) {
            put(set, at);
        }
    }
    return set->bucket_count != 0;
}

static struct fc__returned *add(struct fc__returned_set *set, struct fc_session *session, const void *entry,
                                uint64_t here) {
    struct fc__returned *made = set->spare;
    if (!make_room(set)) {
        return NULL;
    }
    if (made != NULL) {
        set->spare = made->next;
        set->spare_count--;
        set->spare_bytes -= room_of(made);
    } else if ((made = calloc(1, sizeof *made)) == NULL) {
        return NULL;
    }
    *made = (struct fc__returned){
        .session = session, .entry = entry, .here = here, .first = made->first, .last = made->last, .next = set->all};
    set->all = made;
    set->count++;
    put(set, made);
    return made;
}

bool fc__returned_is_outside(const struct fc__channel *channel) {
    return channel->is_dispatcher && channel->depth == 0;
}

struct fc__returned *fc__returned_begin(struct fc__channel *channel, const void *entry, uint64_t here, bool is_given) {
    const bool is_outside = fc__returned_is_outside(channel);
    struct fc__returned_set *set = is_outside ? &channel->returned_outside : &channel->returned;
    if (is_outside) {
        fc__returned_forget(&channel->returned);
        here = 0;
    }
    struct fc__returned *returned = find(set, entry, here);
    returned = returned != NULL ? returned : add(set, channel->session, entry, here);
    for (struct block *block = returned != NULL ? returned->first : NULL; block != NULL; block = block->next) {
        block->used = 0;
    }
    if (returned != NULL) {
        returned->given = is_given ? here : 0;
        returned->there = 0;
    }
    return returned;
}

bool fc__returned_find(const struct fc__channel *channel, uint64_t there, struct fc__lasting *ret_lasting) {
    const struct fc__returned *at = channel->returned.all;
    while (at != NULL && (at->given == 0 || at->there == 0 || there < at->there || there - at->there > at->bytes)) {
        at = at->next;
    }
    if (at != NULL) {
        *ret_lasting = (struct fc__lasting){.life = FC__LIFE_KEPT,
                                            .here = at->given,
                                            .there = at->there,
                                            .bytes = {at->bytes, at->bytes},
                                            .mapped = at->given + (there - at->there)};
    }
    return at != NULL;
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
