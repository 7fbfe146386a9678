/* tests: the conformance library's header, cut into declarations, of which one with what it needs makes a prototype.
 * Only as much of C as preprocessed headers without bodies of functions have. */
#ifndef FC_TESTS_CONFORMANCE_HEADER_TEXT_H
#define FC_TESTS_CONFORMANCE_HEADER_TEXT_H

#include "harness.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_UNUSED __attribute__((unused))

struct header_word {
    const char *text;
    size_t len;
    int braces, brackets; /* how deep it stands */
    bool is_tag;          /* of a struct, union or enum */
    bool has_body;        /* the tag's body follows */
    bool is_called;       /* '(' follows */
    bool is_declared;     /* the name of a typedef */
};

struct header_chunk {
    const char *text;
    size_t len;
    struct header_word *words;
    size_t word_count;
    bool is_typedef, is_enum, is_needed;
};

struct header {
    char *text;
    struct header_chunk *chunks;
    size_t chunk_count;
};

static inline HEADER_UNUSED bool header_word_is(const struct header_word *word, const char *text) {
    return word->len == strlen(text) && memcmp(word->text, text, word->len) == 0;
}

static inline HEADER_UNUSED bool header_is_tag_word(const struct header_word *word) {
    return header_word_is(word, "struct") || header_word_is(word, "union") || header_word_is(word, "enum");
}

/* Its identifiers, and what is known of each. */
static inline HEADER_UNUSED void header_read_chunk(struct header_chunk *chunk) {
    const char *at = chunk->text, *end = chunk->text + chunk->len;
    int braces = 0, brackets = 0;
    size_t capacity = 0, declared = SIZE_MAX;
    bool star_before = false, pointer_name = false;
    while (at < end) {
        if (isalpha((unsigned char)*at) || *at == '_') {
            const char *start = at;
            while (at < end && (isalnum((unsigned char)*at) || *at == '_')) {
                at++;
            }
            const char *next = at;
            while (next < end && isspace((unsigned char)*next)) {
                next++;
            }
            if (chunk->word_count == capacity) {
                capacity = capacity * 2 + 16;
                chunk->words = realloc(chunk->words, capacity * sizeof *chunk->words);
                require(chunk->words != NULL);
            }
            struct header_word *word = &chunk->words[chunk->word_count++];
            const struct header_word *before = word > chunk->words ? word - 1 : NULL;
            *word = (struct header_word){.text = start,
                                         .len = (size_t)(at - start),
                                         .braces = braces,
                                         .brackets = brackets,
                                         .is_called = next < end && *next == '('};
            word->has_body = next < end && *next == '{' && !header_is_tag_word(word);
            word->is_tag = word->has_body || (before != NULL && header_is_tag_word(before) &&
                                              strspn(before->text + before->len, " \t\n") ==
                                                  (size_t)(start - before->text) - before->len);
            chunk->is_typedef =
                chunk->is_typedef || (before == NULL && header_word_is(word, "typedef")) ||
                (before != NULL && header_word_is(before, "__extension__") && header_word_is(word, "typedef"));
            chunk->is_enum = chunk->is_enum || (braces == 0 && header_word_is(word, "enum"));
            /* typedef TYPE name; typedef TYPE (*name)(...); typedef TYPE name(...) */
            if (braces == 0 && !pointer_name && ((brackets == 0) || (brackets == 1 && star_before))) {
                declared = (size_t)(word - chunk->words);
                pointer_name = brackets == 1 || word->is_called;
            }
            star_before = false;
            continue;
        }
        braces += (*at == '{') - (*at == '}');
        brackets += (*at == '(' || *at == '[') - (*at == ')' || *at == ']');
        star_before = *at == '*' || (star_before && isspace((unsigned char)*at));
        at++;
    }
    if (chunk->is_typedef && declared != SIZE_MAX) {
        chunk->words[declared].is_declared = true;
    }
}

static inline HEADER_UNUSED struct header header_read(const char *path) {
    struct header header = {0};
    FILE *file = fopen(path, "re");
    require(file != NULL);
    size_t size = 0, used = 0;
    do {
        size += 65536;
        header.text = realloc(header.text, size + 1);
        require(header.text != NULL);
        used += fread(header.text + used, 1, size - used, file);
    } while (used == size);
    header.text[used] = '\0';
    fclose(file);
    int depth = 0;
    const char *start = header.text;
    for (const char *at = header.text; *at != '\0'; at++) {
        depth += (strchr("{([", *at) != NULL) - (strchr("})]", *at) != NULL);
        if (*at == ';' && depth == 0) {
            header.chunks = realloc(header.chunks, (header.chunk_count + 1) * sizeof *header.chunks);
            require(header.chunks != NULL);
            struct header_chunk *chunk = &header.chunks[header.chunk_count++];
            *chunk = (struct header_chunk){.text = start, .len = (size_t)(at - start)};
            header_read_chunk(chunk);
            start = at + 1;
        }
    }
    return header;
}

static inline HEADER_UNUSED void header_free(struct header *header) {
    for (size_t i = 0; i < header->chunk_count; i++) {
        free(header->chunks[i].words);
    }
    free(header->chunks);
    free(header->text);
    *header = (struct header){0};
}

/* Whether the chunk declares the tag, or the type or enumerator, that the word names. */
static inline HEADER_UNUSED bool header_defines(const struct header_chunk *chunk, const struct header_word *name) {
    for (size_t i = 0; i < chunk->word_count; i++) {
        const struct header_word *word = &chunk->words[i];
        const bool is_declared =
            name->is_tag ? word->has_body : word->is_declared || (chunk->is_enum && word->braces > 0);
        if (is_declared && word->len == name->len && memcmp(word->text, name->text, name->len) == 0) {
            return true;
        }
    }
    return false;
}

/* Types that farcall knows by themselves, with the width of each side. */
static inline HEADER_UNUSED bool header_is_known(const struct header_word *word) {
    static const char *const known[] = {"size_t",   "ssize_t", "ptrdiff_t", "intptr_t", "uintptr_t",
                                        "int8_t",   "uint8_t", "int16_t",   "uint16_t", "int32_t",
                                        "uint32_t", "int64_t", "uint64_t",  "wchar_t"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (header_word_is(word, known[i])) {
            return true;
        }
    }
    return false;
}

static inline HEADER_UNUSED struct header_chunk *header_function(struct header *header, const char *name) {
    for (size_t i = 0; i < header->chunk_count; i++) {
        struct header_chunk *chunk = &header->chunks[i];
        for (size_t at = 0; !chunk->is_typedef && at < chunk->word_count; at++) {
            const struct header_word *word = &chunk->words[at];
            const bool is_variable = header_word_is(&chunk->words[0], "extern");
            if (word->braces == 0 && word->brackets == 0 && (word->is_called || is_variable) &&
                header_word_is(word, name)) {
                return chunk;
            }
        }
    }
    return NULL;
}

/* The types that the function's declaration needs, and it. NULL if there is no such function; else to be freed. */
static inline HEADER_UNUSED char *header_prototype(struct header *header, const char *name) {
    struct header_chunk *function = header_function(header, name);
    if (function == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < header->chunk_count; i++) {
        header->chunks[i].is_needed = &header->chunks[i] == function;
    }
    bool has_wide = false;
    for (bool found = true; found;) {
        found = false;
        for (size_t user = 0; user < header->chunk_count; user++) {
            const struct header_chunk *needed = &header->chunks[user];
            for (size_t at = 0; needed->is_needed && at < needed->word_count; at++) {
                const struct header_word *word = &needed->words[at];
                has_wide = has_wide || header_word_is(word, "wchar_t");
                for (size_t i = 0; !header_is_known(word) && i < header->chunk_count; i++) {
                    struct header_chunk *chunk = &header->chunks[i];
                    if (!chunk->is_needed && header_defines(chunk, word)) {
                        chunk->is_needed = found = true;
                    }
                }
            }
        }
    }
    const char *wide = has_wide ? "typedef int wchar_t;\n" : ""; /* on every Linux target it has 32 bits */
    size_t size = strlen(wide) + 1, used = strlen(wide);
    for (size_t i = 0; i < header->chunk_count; i++) {
        size += header->chunks[i].is_needed ? header->chunks[i].len + 2 : 0;
    }
    char *text = malloc(size + 2);
    require(text != NULL);
    memcpy(text, wide, used);
    for (size_t i = 0; i <= header->chunk_count; i++) {
        const struct header_chunk *chunk = i < header->chunk_count ? &header->chunks[i] : function; /* it is the last */
        if (chunk == function ? i == header->chunk_count : chunk->is_needed) {
            memcpy(text + used, chunk->text, chunk->len);
            used += chunk->len;
            text[used++] = ';';
        }
    }
    text[used] = '\0';
    return text;
}

#endif
