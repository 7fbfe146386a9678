#include "proxy/constants.h"

#include <inttypes.h>

struct writing {
    FILE *out;
    const struct fc__proxy *proxy;
    size_t count;
};

/* Nothing of what the file does not have: it is zeros in every such library. */
static bool write_piece(struct writing *w, size_t export, const struct fc__proxy_constant *from, uint64_t offset,
                        uint64_t address, uint64_t size) {
    uint64_t hash = 0;
    if (!fc__image_hash(w->proxy->image, &w->proxy->pointers, address, size, &hash)) {
        return false;
    }
    fprintf(w->out, "    {%zu, %ld, -1, %" PRIu64 ", %" PRIu64 ", 0x%016" PRIx64 "u},\n", export,
            from != NULL ? (long)from->piece : -1L, offset, size, hash);
    w->count++;
    return true;
}

static void write_into(struct writing *w, size_t export, const struct fc__proxy_constant *from,
                       const struct fc__proxy_pointer *pointer) {
    fprintf(w->out, "    {%zu, %zu, %zu, %" PRIu64 ", %" PRIu64 ", 0},\n", export, from->piece,
            (size_t)(pointer->into - w->proxy->exports), pointer->there, pointer->into_offset);
    w->count++;
}

static uint64_t size_of(const struct fc__proxy_constant *constant) {
    return constant->count * constant->element->size[FC__THERE];
}

/* Each has the first way that leads to it, and every other is looked at as well. */
static void write_ways(struct writing *w, const struct fc__proxy_export *export) {
    const size_t number = (size_t)(export - w->proxy->exports);
    for (const struct fc__proxy_constant *each = export->constants; each != NULL; each = each->next) {
        for (const struct fc__proxy_pointer *pointer = each->pointers; pointer != NULL; pointer = pointer->next) {
            struct fc__proxy_constant *to = pointer->to;
            if (to == NULL) {
                write_into(w, number, each, pointer);
            } else if (write_piece(w, number, each, pointer->there, to->address, size_of(to)) && !to->has_piece) {
                to->has_piece = true;
                to->piece = w->count - 1;
            }
        }
    }
}

void fc__proxy_write_snapshot(FILE *out, const struct fc__proxy *proxy) {
    struct writing w = {out, proxy, 0};
    fputs("static const struct fc_proxy_constant constants[] = {\n", out);
    for (size_t i = 0; i < proxy->count; i++) {
        const struct fc__proxy_export *export = &proxy->exports[i];
        if (!export->is_data || export->state != FC__PROXY_BRIDGED || export->is_odd || !export->plan->is_constant) {
            continue;
        }
        if (write_piece(&w, i, NULL, 0, export->symbol.address, export->symbol.size_bytes) &&
            export->constants != NULL) {
            export->constants->has_piece = true;
            export->constants->piece = w.count - 1;
            write_ways(&w, export);
        }
    }
    fputs("};\n", out);
}
