#include "abi/payload.h"

#include "abi/frame.h"
#include "abi/value.h"

#include "base/change.h"

#include <string.h>

/* -- compiling ----------------------------------------------------------------------------------------------------- */

enum { RUNS_MAX = 64, MOVES_PER_RUN = 4, ALIGNMENT_MAX = 16 };

/* A member, or some that lie together on both sides. */
struct run {
    uint64_t at[2], bytes[2];
    const struct fc__value *value; /* NULL: as it is */
};
struct runs {
    struct run list[RUNS_MAX];
    uint32_t count;
    bool is_exact; /* what lies between them may be more than padding */
};

static bool add_run(struct runs *runs, const struct run *run) {
    const struct run *last = runs->count != 0 ? &runs->list[runs->count - 1] : NULL;
    if (runs->count == RUNS_MAX ||
        (last != NULL && (last->at[FC__HERE] + last->bytes[FC__HERE] > run->at[FC__HERE] ||
                          last->at[FC__THERE] + last->bytes[FC__THERE] > run->at[FC__THERE]))) {
        return false; /* in another order on the other side */
    }
    runs->list[runs->count++] = *run;
    return true;
}

static bool changes_width(const struct fc__value *value) {
    return value->kind == FC__VALUE_INTEGER && value->caller_bytes + value->callee_bytes == 4 + 8;
}

/* False if there is more to do with it than to move bytes and to change the width of integers. */
static bool flatten(struct runs *runs, const struct fc__shape *shape, const uint64_t at[2]) {
    const struct fc__value *const value = &shape->value;
    const bool is_resized = shape->kind == FC__SHAPE_VALUE && value->exchange == NULL && changes_width(value);
    if (shape->is_plain || is_resized) {
        return add_run(runs, &(struct run){.at = {at[FC__HERE], at[FC__THERE]},
                                           .bytes = {shape->size[FC__HERE], shape->size[FC__THERE]},
                                           .value = is_resized ? value : NULL});
    }
    runs->is_exact |= shape->has_more_there;
    bool ok = shape->kind == FC__SHAPE_STRUCT || (shape->kind == FC__SHAPE_ARRAY && shape->text == FC__TEXT_NONE &&
                                                  shape->count[FC__HERE] == shape->count[FC__THERE]);
    for (uint64_t i = 0; ok && shape->kind == FC__SHAPE_ARRAY && i < shape->count[FC__HERE]; i++) {
        const uint64_t inner[2] = {at[FC__HERE] + i * shape->element->size[FC__HERE],
                                   at[FC__THERE] + i * shape->element->size[FC__THERE]};
        ok = flatten(runs, shape->element, inner);
    }
    for (uint32_t i = 0; ok && shape->kind == FC__SHAPE_STRUCT && i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        const uint64_t inner[2] = {at[FC__HERE] + field->offset[FC__HERE], at[FC__THERE] + field->offset[FC__THERE]};
        ok = !field->is_local && field->count == NULL && field->bit_width == 0 && flatten(runs, field->shape, inner);
    }
    return ok;
}

static uint64_t at_most(uint64_t left, uint64_t right) {
    return left < right ? left : right;
}

/* What lies behind a run on both sides before the next one is padding, and moves along: so runs become longer, and
 * few. What only the library has is no padding: it is zero, and stays there. */
static void join_runs(struct runs *runs, const struct fc__shape *shape) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < runs->count; i++) {
        struct run run = runs->list[i];
        const uint64_t *const next = i + 1 < runs->count ? runs->list[i + 1].at : shape->size;
        if (run.value == NULL && !runs->is_exact) {
            run.bytes[FC__HERE] = run.bytes[FC__THERE] =
                at_most(next[FC__HERE] - run.at[FC__HERE], next[FC__THERE] - run.at[FC__THERE]);
        }
        struct run *last = kept != 0 ? &runs->list[kept - 1] : NULL;
        if (last != NULL && run.value == NULL && last->value == NULL &&
            last->at[FC__HERE] + last->bytes[FC__HERE] == run.at[FC__HERE] &&
            last->at[FC__THERE] + last->bytes[FC__THERE] == run.at[FC__THERE]) {
            last->bytes[FC__HERE] = last->bytes[FC__THERE] = last->bytes[FC__HERE] + run.bytes[FC__HERE];
        } else {
            runs->list[kept++] = run;
        }
    }
    runs->count = kept;
}

/* Returns how many moves a run is. */
static uint32_t moves_of(const struct run *run, struct fc__move *moves) {
    static const struct {
        uint16_t bytes, kind;
    } sizes[] = {{8, FC__MOVE_8}, {4, FC__MOVE_4}, {2, FC__MOVE_2}, {1, FC__MOVE_1}};
    struct fc__move move = {.at = {(uint16_t)run->at[FC__HERE], (uint16_t)run->at[FC__THERE]}, .value = run->value};
    uint64_t left = run->bytes[FC__HERE];
    uint32_t count = 0;
    if (run->value != NULL) {
        move.kind = run->bytes[FC__HERE] == 8 ? FC__MOVE_NARROWED : FC__MOVE_WIDENED;
        moves[count++] = move;
        return count;
    }
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        move.kind = (enum fc__move_kind)sizes[i].kind;
        move.count = (uint16_t)(left / sizes[i].bytes);
        if (move.count != 0) {
            const uint16_t moved = (uint16_t)(move.count * sizes[i].bytes);
            moves[count++] = move;
            left -= moved;
            move.at[FC__HERE] = (uint16_t)(move.at[FC__HERE] + moved);
            move.at[FC__THERE] = (uint16_t)(move.at[FC__THERE] + moved);
        }
    }
    return count;
}

/* The only pointer to something; everything else is a value. NULL if there is none; false if there are more. */
static bool find_pointer(const struct fc__plan *plan, const struct fc__step **ret_step, uint32_t *ret_index) {
    *ret_step = NULL;
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct fc__step *step = &plan->steps[i];
        const struct fc__value *value = &step->value;
        if (step->kind == FC__STEP_VALUE && value->exchange == NULL &&
            (value->kind == FC__VALUE_RAW || value->kind == FC__VALUE_FLOAT || value->kind == FC__VALUE_POINTER ||
             changes_width(value))) {
            continue;
        }
        if (*ret_step != NULL ||
            (step->kind != FC__STEP_STRING && step->kind != FC__STEP_BUFFER && step->kind != FC__STEP_OBJECT)) {
            return false;
        }
        *ret_step = step;
        *ret_index = i;
    }
    return true;
}

/* One object, of a size that is known, for the length of the call. */
static bool is_one(const struct fc__pointee *pointee) {
    return pointee->extent != FC__EXTENT_STRING && pointee->extent != FC__EXTENT_LIST && !pointee->is_bounded &&
           !pointee->is_pinned && pointee->kept_until == NULL && pointee->capacity == NULL && pointee->valid == NULL;
}

/* What becomes wider always fits. */
static bool result_is_short(const struct fc__value *result) {
    return result->kind == FC__VALUE_VOID || (result->kind == FC__VALUE_RAW && result->exchange == NULL) ||
           (changes_width(result) && result->exchange == NULL && result->callee_bytes == 4);
}

static bool calls_are_short(const struct fc__plan *plan) {
    return result_is_short(&plan->result) && !plan->result_string && !plan->result_whole && !plan->result_points &&
           plan->result_function == NULL && !plan->is_open && !plan->takes_list && !plan->begins && !plan->ends &&
           plan->success == NULL && plan->descriptors == 0 && plan->result_descriptor == FC__DESCRIPTOR_NONE &&
           plan->words_bytes <= FC__FRAME_LINE_BYTES;
}

static const struct fc__payload *payload_of(struct fc__plan *plan, const struct fc__step *step, uint32_t index) {
    struct runs runs = {.count = 0};
    const bool is_string = step->kind == FC__STEP_STRING;
    const struct fc__shape *shape = step->pointee.shape;
    const uint64_t bytes = is_string ? 0 : shape->size[FC__THERE];
    if (!is_string &&
        (!is_one(&step->pointee) || bytes == 0 || bytes > FC__FRAME_PAYLOAD_BYTES_MAX ||
         shape->size[FC__HERE] > FC__PAYLOAD_BYTES_HERE_MAX || shape->alignment[FC__THERE] > ALIGNMENT_MAX ||
         !flatten(&runs, shape, (const uint64_t[2]){0, 0}))) {
        return NULL;
    }
    struct fc__payload *payload = fc__arena_alloc(&plan->arena, sizeof *payload);
    struct fc__move *moves = fc__arena_alloc(&plan->arena, ((size_t)runs.count + 1) * MOVES_PER_RUN * sizeof *moves);
    if (payload == NULL || moves == NULL) {
        return NULL; /* the long way does it, too */
    }
    join_runs(&runs, shape);
    uint32_t count = 0;
    uint64_t moved = 0;
    for (uint32_t i = 0; i < runs.count; i++) {
        count += moves_of(&runs.list[i], moves + count);
        moved += runs.list[i].bytes[FC__THERE];
    }
    const bool writes = !is_string && step->pointee.writes;
    *payload = (struct fc__payload){
        .index = index,
        .word = step->offset,
        .offset = (plan->words_bytes + 7) & ~7u,
        .info = FC__FRAME_PAYLOAD_INFO(step->offset / plan->callee->word_bytes, writes),
        .bytes = (uint32_t)bytes,
        .is_output = step->pointee.is_output,
        .is_plain = shape->is_plain,
        .has_gaps = moved != bytes,
        .shape = shape,
        .moves = moves,
        .move_count = count,
    };
    return payload;
}

bool fc__payload_find(struct fc__plan *plan) {
    const struct fc__step *step;
    uint32_t index = 0;
    if (!calls_are_short(plan) || !find_pointer(plan, &step, &index)) {
        return false;
    }
    plan->payload = step != NULL ? payload_of(plan, step, index) : NULL;
    return step == NULL || plan->payload != NULL;
}

/* -- moving -------------------------------------------------------------------------------------------------------- */

typedef uint64_t __attribute__((aligned(1), may_alias)) bytes_8;
typedef uint32_t __attribute__((aligned(1), may_alias)) bytes_4;
typedef uint16_t __attribute__((aligned(1), may_alias)) bytes_2;
typedef uint8_t bytes_1;

bool fc__payload_send(const struct fc__payload *payload, const unsigned char *kept, unsigned char *there) {
    for (uint32_t i = 0; payload->has_gaps && i < payload->bytes; i += 8) {
        *(bytes_8 *)(there + i) = 0;
    }
    for (const struct fc__move *move = payload->moves, *end = move + payload->move_count; move < end; move++) {
        const unsigned char *const from = kept + move->at[FC__HERE];
        unsigned char *const to = there + move->at[FC__THERE];
        const struct fc__value *const value = move->value;
        uint64_t wide, converted;
        switch (move->kind) {
        case FC__MOVE_8:
            for (uint32_t i = 0; i < move->count; i++) {
                ((bytes_8 *)to)[i] = ((const bytes_8 *)from)[i];
            }
            break;
        case FC__MOVE_4:
            *(bytes_4 *)to = *(const bytes_4 *)from;
            break;
        case FC__MOVE_2:
            *(bytes_2 *)to = *(const bytes_2 *)from;
            break;
        case FC__MOVE_1:
            *to = *from;
            break;
        case FC__MOVE_NARROWED:
            if (!fc__value_resize(value, *(const bytes_8 *)from, 8, 4, &converted)) {
                if (!payload->is_output) {
                    return false;
                }
                converted = FC__VALUE_UNWRITTEN; /* nobody reads it */
            }
            *(bytes_4 *)to = (uint32_t)converted;
            break;
        case FC__MOVE_WIDENED:
            wide = fc__value_extend(*(const bytes_4 *)from, 4, value->is_signed);
            fc__value_resize(value, wide, 4, 8, &converted);
            *(bytes_8 *)to = converted;
            break;
        }
    }
    return true;
}

/* By words, where the other side is going to read words; the last ones may overlap. Volatile keeps the compiler from
 * calling memcpy, after whose vector stores the line takes twice as long to the other side. */
void fc__payload_send_text(const unsigned char *here, uint32_t bytes, unsigned char *there) {
    if (bytes < 8) {
        for (uint32_t i = 0; i < bytes; i++) {
            ((volatile unsigned char *)there)[i] = here[i];
        }
        return;
    }
    for (uint32_t i = 0; i + 8 < bytes; i += 8) {
        *(volatile bytes_8 *)(there + i) = *(const bytes_8 *)(here + i);
    }
    *(volatile bytes_8 *)(there + bytes - 8) = *(const bytes_8 *)(here + bytes - 8);
}

/* What an integer of another width went as. */
static inline uint64_t went_as(const struct fc__payload *payload, const struct fc__value *value, uint64_t here) {
    const unsigned caller_bytes = value->caller_bytes, callee_bytes = value->callee_bytes;
    uint64_t went;
    if (callee_bytes == 4 && !payload->is_output) {
        return (uint32_t)here; /* since it did fit */
    }
    const bool fits = fc__value_resize(value, fc__value_extend(here, caller_bytes, value->is_signed), caller_bytes,
                                       callee_bytes, &went);
    return fc__value_extend(fits ? went : FC__VALUE_UNWRITTEN, callee_bytes, false);
}

bool fc__payload_receive(const struct fc__payload *payload, const unsigned char *there, const unsigned char *kept,
                         unsigned char *here) {
    for (const struct fc__move *move = payload->moves, *end = move + payload->move_count; move < end; move++) {
        const volatile unsigned char *const from = there + move->at[FC__THERE]; /* each is read once */
        const unsigned char *const was = kept + move->at[FC__HERE];
        unsigned char *const to = here + move->at[FC__HERE];
        const struct fc__value *const value = move->value;
        uint64_t came, converted;
        switch (move->kind) {
        case FC__MOVE_8:
            for (uint32_t i = 0; i < move->count; i++) {
                fc__change_put(to + (size_t)i * 8, ((const volatile bytes_8 *)from)[i], ((const bytes_8 *)was)[i], 8);
            }
            break;
        case FC__MOVE_4:
            fc__change_put(to, *(const volatile bytes_4 *)from, *(const bytes_4 *)was, 4);
            break;
        case FC__MOVE_2:
            fc__change_put(to, *(const volatile bytes_2 *)from, *(const bytes_2 *)was, 2);
            break;
        case FC__MOVE_1:
            fc__change_put(to, *from, *was, 1);
            break;
        case FC__MOVE_NARROWED:
            came = *(const volatile bytes_4 *)from;
            if (came != went_as(payload, value, *(const bytes_8 *)was)) {
                fc__value_resize(value, fc__value_extend(came, 4, value->is_signed), 4, 8, &converted);
                *(bytes_8 *)to = converted;
            }
            break;
        case FC__MOVE_WIDENED:
            came = *(const volatile bytes_8 *)from;
            if (came == went_as(payload, value, *(const bytes_4 *)was)) {
                break;
            }
            if (!fc__value_resize(value, came, 8, 4, &converted)) {
                return false;
            }
            *(bytes_4 *)to = (uint32_t)converted;
            break;
        }
    }
    return true;
}
