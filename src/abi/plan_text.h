/* abi: a plan in words: what plan_text.c, which has the whole, plan_text_data.c, which has values and what pointers lead
 * to, and plan_text_callback.c, which has the functions that the callee calls, say of each other. */
#ifndef FC_ABI_PLAN_TEXT_H
#define FC_ABI_PLAN_TEXT_H

#include "abi/plan.h"
#include "base/lines.h"

/* A line of its own; the others add to the present one. */
void fc__text_line(struct fc__lines *lines, const char *label, const char *text);
void fc__text_quoted(struct fc__lines *lines, const char *name);
void fc__text_count(struct fc__lines *lines, uint64_t count, const char *noun);
void fc__text_widths(struct fc__lines *lines, const struct fc__value *value, bool is_result);
void fc__text_sizes(struct fc__lines *lines, const struct fc__shape *shape);
/* How a value of `from` bytes becomes one of `to` bytes: resize() and the ops `narrow` and `widen` of marshal.
 * `otherwise`: what follows where it does not fit. */
void fc__text_conversion(struct fc__lines *lines, const struct fc__value *value, unsigned from, unsigned to,
                         const char *otherwise);
void fc__text_size(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__size *expr);
void fc__text_points_back(struct fc__lines *lines);
void fc__text_pointee(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__pointee *pointee);
/* All lines of a step that is a string or a buffer; of one that is an object. */
void fc__text_data(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step);
void fc__text_object(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__step *step);
/* What members there are, and where. */
void fc__text_fields(struct fc__lines *lines, const struct fc__plan *plan, const struct fc__shape *shape);
/* The end of the present line, and the next one, if any: which argument says what follows, and in what words. */
void fc__text_format(struct fc__lines *lines, const struct fc__plan *plan);
/* All that the callee may be given to call. */
void fc__text_callbacks(struct fc__lines *lines, const struct fc__plan *plan);

/* What the words leave of the first line for the first input behind them: fc__marshal_place(). */
uint32_t fc__text_room_in_line(const struct fc__plan *plan);

#endif
