/* client: what pointers that the caller's functions return or put behind others lead to, as the callee has it. One copy
 * for each address, as natively: what is returned again lies where it lay. It stays until the outermost call has
 * returned; outside of any call, in a thread of the library's own, until the same function returns the next. */
#include "client/client.h"

#include <stdlib.h>

/* Those that are over keep so much memory in all. What has gone back to the window is taken anew; the records, which are
 * small, stay. */
enum { BUCKETS_LEAST = 16, SPARE_BYTES_MAX = 1 << 18 };

struct fc__returned {
    struct fc_session *session;
    const void *entry; /* the function's */
    uint64_t here;     /* what it returned; 0: whatever it was */
    uint64_t given;    /* the same, if pointers into it come back as the caller's; else 0 */
    uint64_t there, bytes;
    struct block {
        struct block *next;
        void *memory; /* fc_alloc's; NULL: none just now, and size is 0 */
        uint64_t size, used;
    } * blocks;
    struct fc__returned *next, *next_alike; /* of all, or of the spare ones; in the same bucket */
};

static struct fc__returned **bucket_of(const struct fc__returned_set *set, const void *entry, uint64_t here) {
    const uint64_t mixed = ((uintptr_t)entry ^ here * UINT64_C(31)) * UINT64_C(0x9e3779b97f4a7c15);
    return &set->buckets[(mixed >> 32) % set->bucket_count];
}

static uint64_t room_of(const struct fc__returned *returned) {
    uint64_t bytes = 0;
    for (const struct block *block = returned->blocks; block != NULL; block = block->next) {
        bytes += block->size;
    }
    return bytes;
}

static void give_back(const struct fc__returned *returned, struct block *block) {
    fc_free(returned->session, block->memory);
    block->memory = NULL;
    block->size = 0;
}

static void discard(struct fc__returned *returned) {
    while (returned->blocks != NULL) {
        struct block *block = returned->blocks;
        returned->blocks = block->next;
        give_back(returned, block);
        free(block);
    }
    free(returned);
}

/* Most calls need what the last one needed. */
static void put_aside(struct fc__returned_set *set, struct fc__returned *returned) {
    for (struct block *block = returned->blocks; block != NULL; block = block->next) {
        if (block->size > SPARE_BYTES_MAX - set->spare_bytes) {
            give_back(returned, block);
        }
        set->spare_bytes += block->size;
    }
    returned->next = set->spare;
    set->spare = returned;
}

void fc__returned_forget(struct fc__returned_set *set) {
    while (set->all != NULL) {
        struct fc__returned *returned = set->all;
        set->all = returned->next;
        *bucket_of(set, returned->entry, returned->here) = NULL;
        put_aside(set, returned);
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
        set->spare_bytes -= room_of(made);
    } else if ((made = calloc(1, sizeof *made)) == NULL) {
        return NULL;
    }
    *made = (struct fc__returned){
        .session = session, .entry = entry, .here = here, .blocks = made->blocks, .next = set->all};
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
    for (struct block *block = returned != NULL ? returned->blocks : NULL; block != NULL; block = block->next) {
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

/* A block with memory for it, behind those that have some. */
static struct block *add_block(struct fc__returned *returned, uint64_t size) {
    enum { LEAST = 64 };
    const uint64_t bytes = size + size / 2 + LEAST; /* what is returned next from there may be longer */
    struct block **link = &returned->blocks;
    while (*link != NULL && (*link)->memory != NULL) {
        link = &(*link)->next;
    }
    struct block *block = *link != NULL ? *link : (*link = calloc(1, sizeof *block));
    if (block == NULL || bytes <= size || bytes >= SIZE_MAX) {
        return NULL;
    }
    block->memory = fc_alloc(returned->session, (size_t)bytes);
    block->size = block->memory != NULL ? bytes : 0;
    block->used = 0;
    return block->memory != NULL ? block : NULL;
}

unsigned char *fc__returned_take(struct fc__returned *returned, uint64_t size) {
    struct block *block = returned->blocks;
    while (block != NULL && (block->memory == NULL || size > block->size - block->used)) {
        block = block->next;
    }
    block = block != NULL ? block : add_block(returned, size);
    if (block == NULL) {
        return NULL;
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
