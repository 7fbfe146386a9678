/* cli: what the user sees. */
#include "cli/cli.h"

#include <farcall/farcall.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The length of the UTF-8 sequence at `text` if it is well formed and stands for something to be seen; else 0. */
static size_t visible_sequence(const unsigned char *text) {
    static const uint32_t smallest[] = {0, 0xa0, 0x800, 0x10000}; /* U+0080 to U+009F are controls */
    size_t more = text[0] >= 0xf0 && text[0] <= 0xf4 ? 3 : text[0] >= 0xe0 ? 2 : text[0] >= 0xc2 ? 1 : 0;
    if (more == 0 || text[0] > 0xf4) {
        return 0;
    }
    uint32_t point = text[0] & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
        point = point << 6 | (text[i] & 0x3fu);
    }
    bool is_bidi = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
    bool is_separator = point == 0x2028 || point == 0x2029;
    bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
    return point < smallest[more] || point > 0x10ffff || is_bidi || is_separator || is_surrogate ? 0 : more + 1;
}

size_t cli_print_text(FILE *out, const char *text) {
    size_t columns = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        size_t len = *at >= 0x20 && *at < 0x7f ? 1 : visible_sequence(at);
        columns += len > 0 ? 1 : 4;
        if (out != NULL && len > 0) {
            fwrite(at, 1, len, out);
        } else if (out != NULL) {
            fprintf(out, "\\x%02x", *at);
        }
        at += len > 0 ? len : 1;
    }
    return columns;
}

static void print_lines(char *text) {
    fflush(stdout);
    for (char *line = text; line != NULL;) {
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end++ = '\0';
        }
        fputs("farcall: ", stderr);
        cli_print_text(stderr, line);
        fputc('\n', stderr);
        line = end;
    }
}

static char *format_text(const char *format, va_list list) {
    char *text;
    return vasprintf(&text, format, list) >= 0 ? text : NULL;
}

void cli_error(const char *format, ...) {
    va_list list;
    va_start(list, format);
    char *text = format_text(format, list);
    va_end(list);
    print_lines(text != NULL ? text : (char[]){"out of memory"});
    free(text);
}

int cli_usage_error(const char *verb, const char *format, ...) {
    va_list list;
    va_start(list, format);
    char *text = format_text(format, list);
    va_end(list);
    const char *gap = verb != NULL ? " " : "", *colon = verb != NULL ? ": " : "";
    verb = verb != NULL ? verb : "";
    cli_error("%s%s%s", verb, colon, text != NULL ? text : "out of memory");
    cli_error("try 'farcall %s%s--help'", verb, gap);
    free(text);
    return CLI_USAGE;
}

int cli_check_given(const char *verb, const char *what, const char *argument) {
    return argument[0] != '\0' ? CLI_OK
                               : cli_usage_error(verb, "the %s is empty; is it from a variable that is not set?", what);
}

bool cli_read_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret_number) {
    char *end;
    *ret_number = strtoull(text, &end, 10);
    return end != text && *end == '\0' && strchr(text, '-') == NULL && *ret_number >= least && *ret_number <= most;
}

int cli_bad_option(const char *verb, int result, char *const *argv) {
    const char *argument = argv[optind - 1];
    if (result == ':') {
        return optopt >= CLI_LONG_OPTION ? cli_usage_error(verb, "option '%s' needs an argument", argument)
                                         : cli_usage_error(verb, "option '-%c' needs an argument", optopt);
    }
    if (optopt >= CLI_LONG_OPTION) {
        return cli_usage_error(verb, "option '%s' takes no argument", argument);
    }
    return optopt == 0 ? cli_usage_error(verb, "unknown or ambiguous option '%s'", argument)
                       : cli_usage_error(verb, "unknown option '-%c'", optopt);
}

int cli_status_of(int error) {
    switch (error) {
    case FC_OK:
        return CLI_OK;
    case FC_ESTART:
    case FC_EDIED:
    case FC_ETIMEDOUT:
    case FC_EPROTO:
        return CLI_HOST;
    default:
        return CLI_FAILED;
    }
}
