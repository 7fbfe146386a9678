#include "base/error.h"

#include <stdio.h>
#include <string.h>

static void append(struct fc__error *err, size_t used, const char *format, va_list list) {
    size_t room = sizeof err->text - used;
    int wanted = vsnprintf(err->text + used, room, format, list);
    if (wanted < 0) {
        err->text[used] = '\0';
    } else if ((size_t)wanted >= room) {
        memcpy(err->text + sizeof err->text - 4, "...", 4);
    }
}

int(fc__error_set)(struct fc__error *err, int code, const char *format, ...) {
    va_list list;
    va_start(list, format);
    err->code = code;
    append(err, 0, format, list);
    va_end(list);
    return code;
}

void fc__error_add(struct fc__error *err, const char *format, ...) {
    va_list list;
    va_start(list, format);
    append(err, strlen(err->text), format, list);
    va_end(list);
}
