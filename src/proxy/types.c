#include "proxy/types.h"

#include <inttypes.h>
#include <string.h>

static const char *integer(unsigned bytes, bool is_signed) {
    switch (bytes) {
    case 1:
        return is_signed ? "signed char" : "unsigned char";
    case 2:
        return is_signed ? "short" : "unsigned short";
    case 4:
        return is_signed ? "int" : "unsigned int";
    default:
        return is_signed ? "long long" : "unsigned long long";
    }
}

/* A long double has no struct around it. */
static bool is_long_double_result(const struct fc__plan *plan) {
    return plan->result_whole && plan->result_shape->kind == FC__SHAPE_VALUE &&
           plan->result_shape->value.kind == FC__VALUE_LONG_DOUBLE;
}

void fc__proxy_write_argument(FILE *out, const struct fc__plan *plan, uint32_t argument, size_t number) {
    const struct fc__fetched *fetched = &plan->fetches[argument];
    switch (fetched->kind) {
    case FC__FETCH_INT:
    case FC__FETCH_INT64:
        fputs(fetched->is_bool ? "_Bool" : integer(fetched->bytes, fetched->is_signed), out);
        break;
    case FC__FETCH_FLOAT:
        fputs("float", out);
        break;
    case FC__FETCH_DOUBLE:
        fputs("double", out);
        break;
    case FC__FETCH_POINTER:
        fputs("void *", out);
        break;
    case FC__FETCH_LONG_DOUBLE:
        fputs("long double", out);
        break;
    case FC__FETCH_WHOLE:
        fprintf(out, "struct p%zu_a%" PRIu32, number, argument);
        break;
    }
}

void fc__proxy_write_result(FILE *out, const struct fc__plan *plan, size_t number) {
    const struct fc__value *result = &plan->result;
    if (is_long_double_result(plan)) {
        fputs("long double", out);
    } else if (plan->result_whole) {
        fprintf(out, "struct p%zu_r", number);
    } else if (plan->result_string || plan->result_points || plan->result_function != NULL ||
               result->kind == FC__VALUE_POINTER) {
        fputs("void *", out);
    } else if (result->kind == FC__VALUE_VOID) {
        fputs("void", out);
    } else if (result->kind == FC__VALUE_FLOAT) {
        fputs(result->caller_bytes == 4 ? "float" : "double", out);
    } else {
        fputs(result->is_bool ? "_Bool" : integer(result->caller_bytes, result->is_signed), out);
    }
}

/* -- structs ------------------------------------------------------------------------------------------------------- */

/* In registers: each 8 bytes of its own class. Else as many bytes, which are too many for registers, or always in
 * memory. */
static void write_body(FILE *out, const struct fc__passing *passing) {
    fputs("{\n", out);
    if (passing->kind == FC__PASSING_X87) {
        fputs("    long double whole;\n", out);
    } else if (passing->kind != FC__PASSING_REGISTERS) {
        fprintf(out, "    unsigned char bytes[%" PRIu64 "];\n", passing->size_bytes);
    }
    for (unsigned part = 0; passing->kind == FC__PASSING_REGISTERS && part < 2; part++) {
        const uint64_t before = UINT64_C(8) * part;
        const uint64_t rest = passing->size_bytes > before ? passing->size_bytes - before : 0;
        const unsigned bytes = rest < 8 ? (unsigned)rest : 8;
        if (passing->classes[part] == FC__CLASS_VECTOR) {
            fprintf(out, "    %s part%u;\n", bytes == 4 ? "float" : "double", part);
        } else if (passing->classes[part] == FC__CLASS_INTEGER) {
            const bool is_whole = bytes == 8 || bytes == 4 || bytes == 2 || bytes == 1;
            if (is_whole) {
                fprintf(out, "    %s part%u;\n", integer(bytes, false), part);
            } else {
                fprintf(out, "    unsigned char part%u[%u];\n", part, bytes);
            }
        }
    }
    fputs("};\n", out);
}

void fc__proxy_write_structs(FILE *out, const struct fc__plan *plan, size_t number) {
    for (uint32_t i = 0; i < plan->count; i++) {
        if (plan->fetches[i].kind == FC__FETCH_WHOLE) {
            fprintf(out, "struct p%zu_a%" PRIu32 " ", number, i);
            write_body(out, &plan->fetches[i].passing);
        }
    }
    if (plan->result_whole && !is_long_double_result(plan)) {
        fprintf(out, "struct p%zu_r ", number);
        write_body(out, &plan->result_passing_here);
    }
}

/* Whether write_body's struct travels as this one does. */
static bool is_writable(const struct fc__plan *plan, const struct fc__passing *passing) {
    const bool is_i386 = plan->caller->convention == FC__CONVENTION_I386_CDECL;
    switch (passing->kind) {
    case FC__PASSING_REGISTERS:
        return !is_i386 && passing->size_bytes != 0 && passing->classes[0] != FC__CLASS_NONE &&
               !(passing->size_bytes > 8 && passing->classes[1] == FC__CLASS_NONE);
    case FC__PASSING_STACK:
        return passing->size_bytes != 0 && (is_i386 ? passing->stack_alignment_bytes <= 4
                                                    : passing->size_bytes > 16 && passing->stack_alignment_bytes <= 8);
    case FC__PASSING_HIDDEN:
        return passing->size_bytes != 0 && (is_i386 || passing->size_bytes > 16);
    case FC__PASSING_X87:
        return !is_i386;
    default:
        return false;
    }
}

const char *fc__proxy_unwritable(const struct fc__plan *plan) {
    bool all = !plan->result_whole || is_long_double_result(plan) || is_writable(plan, &plan->result_passing_here);
    for (uint32_t i = 0; i < plan->count; i++) {
        all = all && (plan->fetches[i].kind != FC__FETCH_WHOLE || is_writable(plan, &plan->fetches[i].passing));
    }
    return all ? NULL : "no plain C type travels as one of its structs does (an odd alignment, or packed)";
}
