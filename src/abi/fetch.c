/* abi: arguments, from a C argument list or an array, into the slots of a marshal. */
#include "abi/marshal.h"

#include "abi/list.h"
#include "abi/value.h"

#include <string.h>

#if defined(__x86_64__)
/* Where the bytes of a struct in the list lie: on the stack, or put together from the saved registers. */
static const unsigned char *fetch_whole(const struct fc__passing *passing, va_list *list, unsigned char *piece) {
    struct fc__sysv_list *at = (struct fc__sysv_list *)(void *)list;
    uint32_t integers = 0, vectors = 0;
    for (int part = 0; passing->kind == FC__PASSING_REGISTERS && part < 2; part++) {
        integers += passing->classes[part] == FC__CLASS_INTEGER;
        vectors += passing->classes[part] == FC__CLASS_VECTOR;
    }
    if (passing->kind == FC__PASSING_REGISTERS && at->integers_offset + integers * 8 <= FC__SYSV_INTEGERS_END &&
        at->vectors_offset + vectors * 16 <= FC__SYSV_VECTORS_END) {
        for (int part = 0; part < 2; part++) {
            if (passing->classes[part] == FC__CLASS_INTEGER) {
                memcpy(piece + (size_t)part * 8, (const void *)(at->saved + at->integers_offset), 8);
                at->integers_offset += 8;
            } else if (passing->classes[part] == FC__CLASS_VECTOR) {
                memcpy(piece + (size_t)part * 8, (const void *)(at->saved + at->vectors_offset), 8);
                at->vectors_offset += 16;
            }
        }
        return piece;
    }
    const uintptr_t alignment = passing->stack_alignment_bytes > 8 ? passing->stack_alignment_bytes : 8;
    const uintptr_t misaligned = at->overflow & (alignment - 1);
    at->overflow += misaligned != 0 ? alignment - misaligned : 0;
    const unsigned char *bytes = (const void *)at->overflow;
    at->overflow += (passing->size_bytes + 7) & ~UINT64_C(7);
    return bytes;
}

/* An array, passed as a pointer. */
void fc__marshal_open_list(va_list *to, void *parameter) {
    memcpy(to, parameter, sizeof *to);
}
#elif defined(__i386__)
static const unsigned char *fetch_whole(const struct fc__passing *passing, va_list *list, const unsigned char *piece) {
    unsigned char **at = (unsigned char **)(void *)list;
    const uintptr_t alignment = passing->stack_alignment_bytes > 4 ? passing->stack_alignment_bytes : 4;
    const uintptr_t misaligned = (uintptr_t)*at & (alignment - 1);
    (void)piece;
    *at += misaligned != 0 ? alignment - misaligned : 0;
    const unsigned char *bytes = *at;
    *at += (passing->size_bytes + 3) & ~UINT64_C(3);
    return bytes;
}

void fc__marshal_open_list(va_list *to, void *parameter) {
    memcpy(to, &parameter, sizeof *to);
}
#else
#error "no va_list for this processor"
#endif

void fc__marshal_fetch_list(struct fc__marshal *m, va_list *list) {
    fc__marshal_fetch_rest(m, 0, list);
}

void fc__marshal_fetch_rest(struct fc__marshal *m, uint32_t first, va_list *list) {
    const struct fc__fetched *fetches = m->plan->fetches;
    unsigned pieces = 0;
    for (uint32_t i = first; i < m->plan->count; i++) {
        double number;
        long double wide;
        float narrow;
        switch (fetches[i].kind) {
        case FC__FETCH_INT:
            m->slots[i] = fc__marshal_int(&fetches[i], va_arg(*list, int));
            break;
        case FC__FETCH_INT64:
            m->slots[i] = va_arg(*list, uint64_t);
            break;
        case FC__FETCH_POINTER:
            m->slots[i] = (uintptr_t)va_arg(*list, void *);
            break;
        case FC__FETCH_FLOAT:
            narrow = (float)va_arg(*list, double);
            m->slots[i] = fc__value_load(&narrow, sizeof narrow, false);
            break;
        case FC__FETCH_DOUBLE:
            number = va_arg(*list, double);
            m->slots[i] = fc__value_load(&number, sizeof number, false);
            break;
        case FC__FETCH_LONG_DOUBLE:
            wide = va_arg(*list, long double);
            memcpy(&m->long_doubles[i], &wide, sizeof wide);
            m->slots[i] = (uintptr_t)&m->long_doubles[i];
            break;
        case FC__FETCH_WHOLE:
            /* there are no more of them in registers than there are registers */
            m->slots[i] = (uintptr_t)fetch_whole(&fetches[i].passing, list, m->pieces[pieces % FC__MARSHAL_PIECES]);
            pieces += m->slots[i] == (uintptr_t)m->pieces[pieces % FC__MARSHAL_PIECES];
            break;
        }
    }
}

void fc__marshal_fetch_array(struct fc__marshal *m, void *const *arguments) {
    const struct fc__fetched *fetches = m->plan->fetches;
    for (uint32_t i = 0; i < m->plan->count; i++) {
        const bool is_whole = fetches[i].kind == FC__FETCH_WHOLE || fetches[i].kind == FC__FETCH_LONG_DOUBLE;
        m->slots[i] =
            is_whole ? (uintptr_t)arguments[i] : fc__value_load(arguments[i], fetches[i].bytes, fetches[i].is_signed);
    }
}
