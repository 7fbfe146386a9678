/* decl: the known name nearest to an unknown one, for messages. */
#ifndef FC_DECL_SUGGEST_H
#define FC_DECL_SUGGEST_H

#include <stddef.h>

enum { FC__SUGGEST_NAME_MAX = 64, FC__SUGGEST_TEXT_MAX = FC__SUGGEST_NAME_MAX + 32 };

struct fc__suggestion {
    const char *wanted;
    size_t wanted_len;
    const char *best; /* NULL: nothing was near */
    size_t best_len;
    unsigned best_distance; /* what the next candidate must beat */
};

void fc__decl_suggest_init(struct fc__suggestion *suggestion, const char *wanted, size_t wanted_len);
/* Candidates must stay valid until the text is written. Of equals the first wins. */
void fc__decl_suggest_offer(struct fc__suggestion *suggestion, const char *candidate, size_t len);
/* "; did you mean 'NAME'?", or "" if nothing was near. Returns `buffer`. */
const char *fc__decl_suggest_text(const struct fc__suggestion *suggestion, char buffer[FC__SUGGEST_TEXT_MAX]);

#endif
