/* image: enough of XML to find a tag and its attributes in a .config file or a manifest.
 * Does not: check that the text is well-formed; what no parser would take, finds nothing here or something. */
#include "image/policy.h"

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool starts(struct fc__span_text text, size_t at, const char *word) {
    size_t len = strlen(word);
    return at <= text.len && text.len - at >= len && memcmp(text.text + at, word, len) == 0;
}

static size_t find(struct fc__span_text text, size_t at, const char *word) {
    const char *found = at < text.len ? memmem(text.text + at, text.len - at, word, strlen(word)) : NULL;
    return found != NULL ? (size_t)(found - text.text) : text.len;
}

/* The end of a tag that begins at `at`; a `>` in an attribute's value is none. */
static size_t tag_end(struct fc__span_text text, size_t at) {
    char quote = '\0';
    for (; at < text.len && (quote != '\0' || text.text[at] != '>'); at++) {
        char c = text.text[at];
        if (c == quote) {
            quote = '\0';
        } else if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        }
    }
    return at;
}

bool fc__span_is(struct fc__span_text span, const char *text) {
    return span.text != NULL && span.len == strlen(text) && memcmp(span.text, text, span.len) == 0;
}

struct fc__span_text fc__markup_tag(struct fc__span_text text, const char *name, size_t *at) {
    for (size_t open; (open = find(text, *at, "<")) < text.len;) {
        if (starts(text, open, "<!--")) {
            *at = find(text, open + 4, "-->");
            continue;
        }
        size_t end = tag_end(text, open), word = open + 1, word_end = word;
        for (; word_end < end && !is_space(text.text[word_end]) && text.text[word_end] != '/'; word_end++) {
            word = text.text[word_end] == ':' ? word_end + 1 : word;
        }
        *at = end;
        if (fc__span_is((struct fc__span_text){text.text + word, word_end - word}, name)) {
            return (struct fc__span_text){text.text + word_end, end - word_end};
        }
    }
    return (struct fc__span_text){NULL, 0};
}

struct fc__span_text fc__markup_attribute(struct fc__span_text attributes, const char *name) {
    size_t at = 0;
    while (at < attributes.len) {
        while (at < attributes.len && (is_space(attributes.text[at]) || attributes.text[at] == '/')) {
            at++;
        }
        size_t word = at;
        while (at < attributes.len && attributes.text[at] != '=' && !is_space(attributes.text[at])) {
            at++;
        }
        struct fc__span_text found = {attributes.text + word, at - word};
        while (at < attributes.len && attributes.text[at] != '"' && attributes.text[at] != '\'') {
            at++;
        }
        size_t value = at + 1;
        size_t end = at < attributes.len ? find(attributes, value, attributes.text[at] == '"' ? "\"" : "'") : at;
        if (at < attributes.len && end < attributes.len && fc__span_is(found, name)) {
            return (struct fc__span_text){attributes.text + value, end - value};
        }
        at = end + 1;
    }
    return (struct fc__span_text){NULL, 0};
}
