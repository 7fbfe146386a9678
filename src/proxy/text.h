/* proxy: texts as C has them. */
#ifndef FC_PROXY_TEXT_H
#define FC_PROXY_TEXT_H

#include <stdio.h>

/* A character of a string literal. */
void fc__proxy_write_character(FILE *out, unsigned char c);
/* In quotes; NULL is an empty one. */
void fc__proxy_write_string(FILE *out, const char *text);

#endif
