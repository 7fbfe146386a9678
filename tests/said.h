/* tests: what a session says to its log. */
#ifndef FC_TESTS_SAID_H
#define FC_TESTS_SAID_H

#include "call.h"

#include <pthread.h>

/* Lines come from several threads. */
struct said {
    pthread_mutex_t lock;
    char *text;
    size_t len, size;
};

static inline UNUSED_HERE void note(void *data, const char *line) {
    struct said *said = data;
    const size_t len = strlen(line);
    pthread_mutex_lock(&said->lock);
    if (said->size - said->len < len + 2) {
        said->size = 2 * (said->size + len + 2);
        said->text = realloc(said->text, said->size);
        require(said->text != NULL);
    }
    memcpy(said->text + said->len, line, len);
    memcpy(said->text + said->len + len, "\n", 2);
    said->len += len + 1;
    pthread_mutex_unlock(&said->lock);
}

static inline UNUSED_HERE bool has_said(struct said *said, const char *text) {
    pthread_mutex_lock(&said->lock);
    const bool has = said->len != 0 && strstr(said->text, text) != NULL;
    pthread_mutex_unlock(&said->lock);
    return has;
}

static inline UNUSED_HERE bool is_said_before(struct said *said, const char *first, const char *second) {
    pthread_mutex_lock(&said->lock);
    const char *one = strstr(said->text, first), *other = strstr(said->text, second);
    pthread_mutex_unlock(&said->lock);
    return one != NULL && other != NULL && one < other;
}

static inline UNUSED_HERE void expect_said(struct said *said, const char *text) {
    for (unsigned waited_ms = 0; !has_said(said, text); waited_ms++) {
        if (waited_ms >= 60000) {
            fail_msg("the log lacks \"%s\":\n%s", text, said->text);
        }
        usleep(1000);
    }
}

static inline UNUSED_HERE unsigned count_of(const struct said *said, const char *text) {
    unsigned count = 0;
    for (const char *at = said->text; (at = strstr(at, text)) != NULL; at++) {
        count++;
    }
    return count;
}

#endif
