/* client: copies of texts that the host cannot reach. Chunks never move, and are kept for the next call or upcall. */
#include "client/client.h"

/* More than this goes back to the session. */
enum { FIRST_BYTES = 4096, KEPT_BYTES_MAX = 1 << 20 };

struct fc__text_chunk {
    struct fc__text_chunk *next;
    size_t size_bytes;
    _Alignas(16) char bytes[]; /* pieces are aligned as memory is */
};

/* Behind `before`, or as the first. */
static struct fc__text_chunk *add_chunk(struct fc__texts *texts, struct fc__text_chunk *before, size_t size) {
    const size_t wanted = sizeof(struct fc__text_chunk) + (size > FIRST_BYTES ? size : FIRST_BYTES);
    struct fc__text_chunk *chunk = fc__session_take(texts->session, wanted);
    if (chunk == NULL) {
        return NULL;
    }
    struct fc__text_chunk **link = before != NULL ? &before->next : &texts->first;
    chunk->size_bytes = fc__pool_size(chunk) - sizeof *chunk;
    chunk->next = *link;
    *link = chunk;
    texts->size_bytes += chunk->size_bytes;
    return chunk;
}

char *fc__texts_take(struct fc__texts *texts, uint64_t size, bool may_allocate) {
    struct fc__text_chunk *chunk = texts->top.chunk;
    size_t used = texts->top.used;
    if (size > SIZE_MAX / 4) {
        return NULL;
    }
    size = (size + 15) & ~UINT64_C(15);
    if (chunk == NULL || size > chunk->size_bytes - used) {
        struct fc__text_chunk *next = chunk != NULL ? chunk->next : texts->first;
        if (next == NULL || next->size_bytes < size) {
            next = may_allocate ? add_chunk(texts, chunk, (size_t)size) : NULL;
        }
        if (next == NULL) {
            return NULL;
        }
        chunk = next;
        used = 0;
    }
    texts->top = (struct fc__texts_mark){.chunk = chunk, .used = used + (size_t)size};
    return chunk->bytes + used;
}

void fc__texts_done(struct fc__texts *texts) {
    while (texts->first != NULL) {
        struct fc__text_chunk *chunk = texts->first;
        texts->first = chunk->next;
        fc__session_give(texts->session, chunk);
    }
    *texts = (struct fc__texts){.session = texts->session};
}

void fc__texts_release(struct fc__texts *texts, struct fc__texts_mark mark) {
    texts->top = mark;
    if (mark.chunk == NULL && texts->size_bytes > KEPT_BYTES_MAX) {
        fc__texts_done(texts);
    }
}
