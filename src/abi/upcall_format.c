/* abi: upcalls whose arguments a format says. The format is copied first, and that copy is what is read, and what the
 * caller's function gets: whatever the callee makes of its own meanwhile, the function finds the arguments that its
 * format speaks of. */
#include "abi/upcall.h"

#include "abi/format.h"
#include "abi/list.h"
#include "abi/value.h"

#include <string.h>

static int hold(struct fc__marshal *m, uint64_t size, void *ret_memory) {
    void *memory = NULL;
    int rc = m->ops->hold(m->context, 0, size, false, &memory);
    memcpy(ret_memory, &memory, sizeof memory);
    return rc;
}

static uint64_t load_pointer(const struct fc__marshal *m, const unsigned char *word) {
    return fc__value_load(word, m->plan->callee->pointer_bytes, false);
}

/* -- what is passed, on both sides --------------------------------------------------------------------------------- */

/* What a format says has places behind those of the parameters. */
struct adding {
    struct fc__upcall *u;
    struct fc__heard *heard;
    struct fc__step *steps;
    struct fc__native_place *places;
    struct fc__places here, there; /* what is taken so far */
};

static int too_long(const struct fc__marshal *m) {
    return fc__error_set(m->err, FC_EUNSUPPORTED,
                         "the format of %s says that more than %u bytes of arguments are passed; the function was not "
                         "called",
                         m->plan->name, FC__FRAME_WORDS_BYTES_MAX);
}

static void place_there(const struct adding *adding, const struct fc__place *place, struct fc__step *step) {
    const struct fc__plan *plan = &adding->heard->plan;
    struct fc__places all = adding->there;
    step->parts = 0;
    step->offset = step->second_offset = 0;
    if (plan->takes_list) {
        step->offset = (uint16_t)(plan->list_offset + place->at[0]);
        return;
    }
    fc__places_use_registers(&all);
    fc__step_place(&all, place, step);
}

static void place_here(const struct adding *adding, const struct fc__place *taken, const struct fc__passing *passing,
                       struct fc__native_place *place) {
    struct fc__places all = adding->here;
    struct fc__step step = {.parts = 0};
    *place = (struct fc__native_place){.bytes = fc__native_bytes(all.target, passing)};
    if (adding->heard->plan.takes_list) {
        place->offset = (uint16_t)taken->at[0];
        return;
    }
    fc__places_use_registers(&all);
    fc__step_place(&all, taken, &step);
    place->offset = step.offset;
    place->second_offset = step.second_offset;
    place->parts = step.parts;
}

static const struct fc__listed *listed_of(const struct adding *adding, char kind) {
    return &adding->heard->callback.listed[strchr(fc__format_kinds, kind) - fc__format_kinds];
}

static int add_argument(struct adding *adding, char kind, uint32_t index) {
    const struct fc__listed *listed = listed_of(adding, kind);
    struct fc__place here, there;
    if (!fc__places_take(&adding->here, &listed->passing[FC__HERE], &here) ||
        !fc__places_take(&adding->there, &listed->passing[FC__THERE], &there)) {
        return too_long(&adding->u->marshal);
    }
    adding->steps[index] = *listed->step;
    place_there(adding, &there, &adding->steps[index]);
    place_here(adding, &here, &listed->passing[FC__HERE], &adding->places[index]);
    return FC_OK;
}

/* The frame of the caller's function, or of its list. */
static int finish_here(struct adding *adding) {
    struct fc__marshal *m = &adding->u->marshal;
    struct fc__native *here = &adding->heard->callback.here;
    struct fc__places all = adding->here;
    unsigned char *memory = NULL;
    if (adding->heard->plan.takes_list) {
        const unsigned head = fc__list_head_bytes(all.target);
        int rc = hold(m, head + all.stack_bytes, &memory);
        if (rc == FC_OK) {
            fc__list_begin(all.target, (uintptr_t)memory, memory);
            adding->heard->list_address = (uintptr_t)memory;
            adding->heard->list = memory + head;
        }
        return rc;
    }
    fc__places_use_registers(&all);
    here->words_bytes = fc__places_bytes(&all);
    here->info = fc__places_info(&all, here->result.frame_result, here->result.frame_flags);
    return here->words_bytes <= FC__FRAME_WORDS_BYTES_MAX ? FC_OK : too_long(m);
}

static int add_arguments(struct adding *adding, const struct fc__format *format) {
    struct fc__heard *heard = adding->heard;
    struct fc__marshal *m = &adding->u->marshal;
    const uint32_t count = heard->fixed + format->count;
    struct fc__format_cut *cuts = NULL;
    int rc = hold(m, (count + UINT64_C(1)) * sizeof *adding->steps, &adding->steps);
    rc = rc == FC_OK ? hold(m, (count + UINT64_C(1)) * sizeof *adding->places, &adding->places) : rc;
    rc = rc == FC_OK ? hold(m, (format->cut_count + UINT64_C(1)) * sizeof *cuts, &cuts) : rc;
    if (rc != FC_OK) {
        return rc;
    }
    memcpy(adding->steps, heard->plan.steps, heard->fixed * sizeof *adding->steps);
    memcpy(adding->places, heard->callback.here.places, heard->fixed * sizeof *adding->places);
    memcpy(cuts, format->cuts, format->cut_count * sizeof *cuts);
    heard->cuts = cuts;
    heard->cut_count = format->cut_count;
    for (uint32_t i = 0; rc == FC_OK && i < format->count; i++) {
        rc = add_argument(adding, format->kinds[i], heard->fixed + i);
    }
    heard->plan.steps = adding->steps;
    heard->plan.count = count;
    heard->callback.there = &heard->plan;
    heard->callback.here.places = adding->places;
    return rc == FC_OK ? finish_here(adding) : rc;
}

/* -- where the callee has it --------------------------------------------------------------------------------------- */

/* `bytes` from the callee's `address` go behind the words, from `offset` on. */
static int add_words(struct fc__marshal *m, uint64_t address, uint32_t offset, uint32_t bytes, unsigned char *words) {
    void *copy = NULL;
    if (bytes == 0) {
        return FC_OK;
    }
    if (offset + bytes > FC__FRAME_WORDS_BYTES_MAX) {
        return too_long(m);
    }
    int rc = m->ops->fetch(m->context, address, bytes, &copy);
    if (rc == FC_OK) {
        memcpy(words + offset, copy, bytes);
    }
    return rc;
}

/* One argument of a list of System V's for x86-64. */
struct listed_at {
    bool is_saved;   /* in the memory of the registers; else on the stack */
    uint32_t offset; /* there */
    uint32_t bytes;
};
static struct listed_at next_in_list(struct fc__sysv_list *list, uint64_t stack, const struct fc__passing *passing) {
    const bool is_vector = passing->classes[0] == FC__CLASS_VECTOR;
    uint32_t *const at = is_vector ? &list->vectors_offset : &list->integers_offset;
    const uint32_t unit = is_vector ? 16 : 8, end = is_vector ? FC__SYSV_VECTORS_END : FC__SYSV_INTEGERS_END;
    const uint32_t bytes = (uint32_t)(passing->size_bytes + 7) & ~7u;
    if (passing->kind == FC__PASSING_REGISTERS && *at <= end - unit) {
        *at += unit;
        return (struct listed_at){.is_saved = true, .offset = *at - unit, .bytes = bytes};
    }
    const uint64_t alignment = passing->stack_alignment_bytes > 8 ? passing->stack_alignment_bytes : 8;
    const uint64_t start = (list->overflow + alignment - 1) & ~(alignment - 1);
    list->overflow = start + bytes;
    return (struct listed_at){.offset = (uint32_t)(start - stack), .bytes = bytes};
}

static int gather_sysv(const struct adding *adding, const struct fc__format *format, uint64_t address,
                       unsigned char *words) {
    struct fc__marshal *m = &adding->u->marshal;
    struct fc__sysv_list list;
    struct listed_at at[FC__FRAME_ARGUMENTS_MAX];
    uint32_t first = FC__SYSV_VECTORS_END, end = 0;
    void *copy = NULL, *saved = NULL, *stack = NULL;
    int rc = m->ops->fetch(m->context, address, sizeof list, &copy);
    if (rc != FC_OK) {
        return rc;
    }
    memcpy(&list, copy, sizeof list);
    const uint64_t stack_address = list.overflow;
    for (uint32_t i = 0; i < format->count; i++) {
        at[i] = next_in_list(&list, stack_address, &listed_of(adding, format->kinds[i])->passing[FC__THERE]);
        first = at[i].is_saved && at[i].offset < first ? at[i].offset : first;
        end = at[i].is_saved && at[i].offset + 8 > end ? at[i].offset + 8 : end;
    }
    rc = first < end ? m->ops->fetch(m->context, list.saved + first, end - first, &saved) : FC_OK;
    rc = rc == FC_OK && list.overflow != stack_address
             ? m->ops->fetch(m->context, stack_address, list.overflow - stack_address, &stack)
             : rc;
    for (uint32_t i = 0; rc == FC_OK && i < format->count; i++) {
        const unsigned char *from = at[i].is_saved ? saved : stack;
        if (from != NULL) { /* as it is, since there is something there */
            memcpy(words + adding->steps[adding->heard->fixed + i].offset,
                   from + at[i].offset - (at[i].is_saved ? first : 0), at[i].bytes);
        }
    }
    return rc;
}

/* Only as many bytes as the format speaks of are looked at: there need be no more. */
static int gather(const struct adding *adding, const struct fc__format *format, unsigned char *words) {
    struct fc__marshal *m = &adding->u->marshal;
    const struct fc__plan *plan = &adding->heard->plan;
    if (!plan->takes_list) {
        return add_words(m, load_pointer(m, words + plan->stack_word) + plan->rest.stack_bytes, plan->stack_word,
                         adding->there.stack_bytes - plan->rest.stack_bytes, words);
    }
    const uint64_t list = load_pointer(m, words + plan->list_word);
    if (plan->callee->convention != FC__CONVENTION_X86_64_SYSV) {
        return add_words(m, list, plan->list_offset, adding->there.stack_bytes, words);
    }
    return plan->list_offset + adding->there.stack_bytes <= FC__FRAME_WORDS_BYTES_MAX
               ? gather_sysv(adding, format, list, words)
               : too_long(m);
}

/* -- the whole ----------------------------------------------------------------------------------------------------- */

int fc__upcall_hear(struct fc__upcall *u, unsigned char *words) {
    struct fc__marshal *m = &u->marshal;
    const struct fc__plan *plan = m->plan;
    const struct fc__step *step = &plan->steps[plan->format_index];
    struct fc__heard *heard = NULL;
    struct fc__format format;
    uint64_t text = 0;
    int rc = fc__object_take_text(m, plan->format_index, &step->pointee, UINT64_MAX, false,
                                  load_pointer(m, words + step->offset), &text);
    const char *const read = text != 0 ? (const char *)(uintptr_t)text : "";
    rc = rc == FC_OK
             ? fc__format_read(read, plan->conversions, plan->name, plan->count, FC__FORMAT_FOR_CALLER, &format, m->err)
             : rc;
    rc = rc == FC_OK ? hold(m, sizeof *heard, &heard) : rc;
    if (rc != FC_OK) {
        return rc;
    }
    *heard = (struct fc__heard){.callback = *u->callback, .plan = *plan, .fixed = plan->count};
    heard->format = text != 0 ? read : NULL;
    struct adding adding = {.u = u, .heard = heard, .here = u->callback->here.rest, .there = plan->rest};
    rc = add_arguments(&adding, &format);
    rc = rc == FC_OK ? gather(&adding, &format, words) : rc;
    if (rc == FC_OK) {
        u->heard = heard;
        u->callback = &heard->callback;
        m->plan = &heard->plan;
    }
    return rc;
}

bool fc__upcall_hears_text(const struct fc__upcall *u, uint32_t index) {
    const struct fc__heard *heard = u->heard;
    if (heard == NULL) {
        return false;
    }
    const enum fc__step_kind kind = heard->plan.steps[index].kind;
    return index == heard->plan.format_index ||
           (index >= heard->fixed && (kind == FC__STEP_STRING || kind == FC__STEP_OBJECT));
}

int fc__upcall_take_text(struct fc__upcall *u, uint32_t index, uint64_t there) {
    struct fc__marshal *m = &u->marshal;
    const struct fc__heard *heard = u->heard;
    uint64_t most = UINT64_MAX;
    bool is_characters = false;
    if (index == heard->plan.format_index) {
        m->slots[index] = (uintptr_t)heard->format;
        return FC_OK;
    }
    for (uint32_t i = 0; i < heard->cut_count; i++) {
        const struct fc__format_cut *cut = &heard->cuts[i];
        const int64_t limit = cut->is_passed ? (int64_t)m->slots[cut->index - 1] : (int64_t)cut->limit;
        if (cut->index == index && limit >= 0) {
            most = (uint64_t)limit;
            is_characters = cut->is_characters;
        }
    }
    return fc__object_take_text(m, index, &m->plan->steps[index].pointee, most, is_characters, there, &m->slots[index]);
}
