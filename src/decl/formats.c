/* decl: attribute format, which says of a parameter what _Printf_format_string_ does.
 * Source: "Common Function Attributes" of the GCC manual, format. */
#include "decl/parser.h"

#include <string.h>

void fc__decl_take_format(struct fc__annotation *annotation) {
    annotation->is_format = true;
    if (annotation->extent == FC__EXTENT_NONE || annotation->extent == FC__EXTENT_ONE) {
        annotation->extent = FC__EXTENT_STRING;
    }
    if (annotation->direction == FC__DIRECTION_NONE) {
        annotation->direction = FC__DIRECTION_IN;
    }
}

static bool is_scalar(const struct fc__type *type, enum fc__scalar scalar) {
    return type->kind == FC__TYPE_SCALAR && type->scalar == scalar;
}

/* There are arguments that a format can speak of, and a string to say it. */
static bool takes_format(const struct fc__type *function, uint32_t number) {
    const uint32_t count = function->param_count;
    if (function->kind != FC__TYPE_FUNCTION || number == 0 || number > count) {
        return false;
    }
    const struct fc__type *format = function->params[number - 1].type;
    const bool has_more = function->is_variadic || is_scalar(function->params[count - 1].type, FC__SCALAR_VA_LIST);
    return has_more && format->kind == FC__TYPE_POINTER && is_scalar(format->to, FC__SCALAR_CHAR);
}

const struct fc__type *fc__decl_formatted_type(struct fc__parser *parser, const struct fc__type *type,
                                               uint32_t number) {
    struct fc__type copy = *type;
    struct fc__place place = parser->token.place;
    if (type->kind == FC__TYPE_POINTER && type->to->kind == FC__TYPE_FUNCTION) {
        copy.to = fc__decl_formatted_type(parser, type->to, number);
        return copy.to == NULL ? NULL : fc__decl_type_derived(parser, &copy, &place);
    }
    if (!takes_format(type, number)) {
        return type;
    }
    struct fc__param *params = fc__decl_keep(parser, type->param_count * sizeof *params);
    if (params == NULL) {
        return NULL;
    }
    memcpy(params, type->params, type->param_count * sizeof *params);
    fc__decl_take_format(&params[number - 1].annotation);
    copy.params = params;
    copy.is_printf = true;
    return fc__decl_type_derived(parser, &copy, &place);
}
