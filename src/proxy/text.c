#include "proxy/text.h"

void fc__proxy_write_character(FILE *out, unsigned char c) {
    if (c == '"' || c == '\\') {
        fprintf(out, "\\%c", c);
    } else if (c >= 0x20 && c < 0x7f && c != '?') { /* trigraphs */
        fputc(c, out);
    } else {
        fprintf(out, "\\%03o", c);
    }
}

void fc__proxy_write_string(FILE *out, const char *text) {
    fputc('"', out);
    for (; text != NULL && *text != '\0'; text++) {
        fc__proxy_write_character(out, (unsigned char)*text);
    }
    fputc('"', out);
}
