#include "abi/places.h"

#include <string.h>

/* There is one, whatever it is called; but that of methods returns structs in another way. */
#define MICROSOFTS_64(as, method)                                                                                      \
    {                                                                                                                  \
        .of = FC__CONVENTION_X86_64_MS, .name = (as), .integers = 4, .vectors = 4, .is_positional = true,              \
        .is_method = (method), .home_bytes = 32, .text = "Microsoft x64: four registers, by position, then the stack", \
        .registers = {"rcx", "rdx", "r8", "r9"},                                                                       \
    }

/* Borland, "register": what is of 4 bytes at most, and no real, in three registers, then from left to right. */
#define DELPHIS(system)                                                                                                \
    {                                                                                                                  \
        .of = (system), .name = "register", .small = 3, .pops = true, .is_leftward = true,                             \
        .text = "register (Delphi): the first three arguments of up to 4 bytes in registers, then the stack",          \
        .registers = {"eax", "edx", "ecx"},                                                                            \
    }

static const struct fc__calling callings[] = {
    {.of = FC__CONVENTION_X86_64_SYSV,
     .name = NULL,
     .integers = 6,
     .vectors = 8,
     .text = "System V x86-64: six integer and eight vector registers, then the stack",
     .registers = {"rdi", "rsi", "rdx", "rcx", "r8", "r9"}},
    {.of = FC__CONVENTION_I386_CDECL, .name = NULL, .text = "cdecl (System V i386): all arguments on the stack"},
    {.of = FC__CONVENTION_I386_MS, .name = NULL, .text = "cdecl (Microsoft): all arguments on the stack"},
    {.of = FC__CONVENTION_I386_MS,
     .name = "stdcall",
     .pops = true,
     .mark = '_',
     .text = "stdcall: all arguments on the stack"},
    {.of = FC__CONVENTION_I386_MS,
     .name = "fastcall",
     .small = 2,
     .pops = true,
     .mark = '@',
     .text = "fastcall: the first two arguments of up to 4 bytes in registers, then the stack",
     .registers = {"ecx", "edx"}},
    {.of = FC__CONVENTION_I386_MS,
     .name = "thiscall",
     .small = 1,
     .pops = true,
     .is_method = true,
     .text = "thiscall: the first argument of up to 4 bytes in a register, then the stack",
     .registers = {"ecx"}},
    DELPHIS(FC__CONVENTION_I386_MS),
    DELPHIS(FC__CONVENTION_I386_CDECL),
    MICROSOFTS_64(NULL, false),
    MICROSOFTS_64("ms_abi", false),
    MICROSOFTS_64("stdcall", false),
    MICROSOFTS_64("fastcall", false),
    MICROSOFTS_64("thiscall", true),
};
enum { CALLING_COUNT = sizeof callings / sizeof *callings };

const struct fc__calling *fc__calling_find(const struct fc__target *target, const char *name) {
    for (unsigned i = 0; i < CALLING_COUNT; i++) {
        const struct fc__calling *row = &callings[i];
        if (row->of == target->convention &&
            (name == NULL ? row->name == NULL : row->name != NULL && strcmp(row->name, name) == 0)) {
            return row;
        }
    }
    return NULL;
}

struct fc__passing fc__passing_of_pointer(const struct fc__target *target) {
    const bool has_registers = fc__calling_find(target, NULL)->integers != 0;
    return (struct fc__passing){.kind = has_registers ? FC__PASSING_REGISTERS : FC__PASSING_STACK,
                                .classes = {has_registers ? FC__CLASS_INTEGER : FC__CLASS_NONE},
                                .size_bytes = target->pointer_bytes,
                                .stack_alignment_bytes = target->word_bytes,
                                .is_small = !has_registers};
}

static bool take_registers(struct fc__places *places, const struct fc__passing *argument, struct fc__place *place) {
    const struct fc__calling *calling = places->calling;
    uint32_t integers = places->integers, vectors = places->vectors, in_vectors = places->in_vectors;
    for (unsigned i = 0; i < 2; i++) {
        place->classes[i] = argument->classes[i];
        if (argument->classes[i] != FC__CLASS_NONE) {
            const bool counts = argument->classes[i] == FC__CLASS_INTEGER || calling->is_positional;
            in_vectors |= (uint32_t)(argument->classes[i] == FC__CLASS_VECTOR) << integers;
            place->at[i] = counts ? integers++ : vectors++;
        }
    }
    if (integers > calling->integers || vectors > calling->vectors) {
        return false;
    }
    places->integers = integers;
    places->vectors = vectors;
    places->in_vectors = calling->is_positional ? in_vectors : 0;
    return true;
}

/* On i386, where conventions have registers for some of what else is on the stack. */
static bool take_small(struct fc__places *places, const struct fc__passing *argument, struct fc__place *place) {
    const uint32_t small = places->calling->small;
    if (!argument->is_small || places->integers >= small) {
        const uint32_t left = small - places->integers;
        const uint32_t used_up = places->calling->is_leftward ? 0 : argument->uses_up;
        const uint32_t skipped = used_up < left ? used_up : left;
        places->integers += skipped;
        places->skipped += skipped;
        return false;
    }
    *place =
        (struct fc__place){.kind = FC__PASSING_REGISTERS, .classes = {FC__CLASS_INTEGER}, .at = {places->integers}};
    places->integers++;
    return true;
}

static uint64_t round_up(uint64_t value, uint64_t unit) {
    return (value + unit - 1) & ~(unit - 1);
}

static uint32_t register_bytes(const struct fc__places *places) {
    return (places->integers + places->vectors) * places->target->word_bytes;
}

uint32_t fc__places_bytes(const struct fc__places *places) {
    return register_bytes(places) + places->stack_bytes;
}

uint32_t fc__places_info(const struct fc__places *places, uint32_t frame_result, uint32_t flags) {
    flags |= places->calling->is_leftward ? FC__FRAME_FROM_EAX : 0;
    return FC__FRAME_INFO(places->stack_bytes / places->target->word_bytes, places->integers, places->vectors,
                          frame_result, flags);
}

uint32_t fc__places_trampoline_info(const struct fc__places *places, uint32_t info) {
    return info | FC__FRAME_IN_VECTORS(places->in_vectors) | (places->calling->pops ? FC__FRAME_POPS_STACK : 0);
}

bool fc__places_take(struct fc__places *places, const struct fc__passing *argument, struct fc__place *ret_place) {
    struct fc__places after = *places;
    struct fc__place place = {.kind = FC__PASSING_REGISTERS};
    const bool has_class = argument->classes[0] != FC__CLASS_NONE || argument->classes[1] != FC__CLASS_NONE;
    const bool is_in_registers =
        has_class ? take_registers(&after, argument, &place) : take_small(&after, argument, &place);
    if (!is_in_registers) {
        const uint64_t at = round_up(after.stack_bytes, argument->stack_alignment_bytes);
        const uint64_t end = round_up(at + argument->size_bytes, after.target->word_bytes);
        if (end > FC__FRAME_WORDS_BYTES_MAX) {
            return false;
        }
        place = (struct fc__place){.kind = FC__PASSING_STACK, .at = {(uint32_t)at, (uint32_t)end}};
        after.stack_bytes = (uint32_t)end;
    }
    if (fc__places_bytes(&after) > FC__FRAME_WORDS_BYTES_MAX) {
        return false;
    }
    *places = after;
    *ret_place = place;
    return true;
}

uint32_t fc__places_offset(const struct fc__places *places, const struct fc__place *place, unsigned part) {
    if (place->kind == FC__PASSING_STACK) {
        const bool is_leftward = places->calling->is_leftward;
        return register_bytes(places) + (is_leftward ? places->stack_bytes - place->at[1] : place->at[0]);
    }
    const bool is_behind = place->classes[part] == FC__CLASS_VECTOR && !places->calling->is_positional;
    return (place->at[part] + (is_behind ? places->integers : 0)) * places->target->word_bytes;
}

struct fc__places fc__places_of(const struct fc__target *target, const struct fc__calling *calling) {
    return (struct fc__places){.target = target, .calling = calling};
}

void fc__places_use_registers(struct fc__places *places) {
    places->integers = places->calling->integers;
    places->vectors = places->calling->is_positional ? 0 : places->calling->vectors;
}

struct fc__places fc__places_without_registers(const struct fc__target *target) {
    const struct fc__calling *calling = fc__calling_find(target, NULL);
    return (struct fc__places){
        .target = target, .calling = calling, .integers = calling->integers, .vectors = calling->vectors};
}
