/* client: the address book. Tokens stand for the wide side's pointers on the narrow side; strings of the callee have
 * one stable copy each. */
#include "client/client.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_SPACING = 16, FIRST_SLOTS = 64 };
#define TOP_PAGE_NARROW UINT32_C(0xfffff000)

/* What lies at an address of the callee, as the caller has it: a string, or objects in the caller's layout. */
struct fc__book_string {
    uint64_t address;
    uint64_t capacity;
    struct fc__book_string *next;
    bool is_object;
    _Alignas(16) char text[]; /* of an object twice: what it was when it was last brought up to date */
};

void fc__book_init(struct fc__book *book) {
    pthread_mutex_init(&book->lock, NULL);
}

static void free_strings(struct fc__book_string *string) {
    while (string != NULL) {
        struct fc__book_string *next = string->next;
        free(string);
        string = next;
    }
}

void fc__book_done(struct fc__book *book) {
    for (uint32_t i = 0; i < book->string_slots; i++) {
        free_strings(book->strings[i]);
    }
    free_strings(book->retired);
    fc__book_free_untils(book);
    free(book->strings);
    free(book->pointers);
    free(book->slots);
    pthread_mutex_destroy(&book->lock);
}

static uint32_t hash(uint64_t key) {
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

/* -- tokens -------------------------------------------------------------------------------------------------------- */

/* A narrow word means itself, its top page standing for the top page of the wide side: -1 stays -1. */
static uint64_t expand(uint32_t narrow) {
    return narrow >= TOP_PAGE_NARROW ? UINT64_C(0xffffffff00000000) | narrow : narrow;
}

bool fc__book_is_token(const struct fc_session *session, uint64_t narrow) {
    return narrow - session->window.token_base < session->window.token_bytes;
}

bool fc__book_needs_lock(const struct fc_session *session, uint64_t pointer) {
    return expand((uint32_t)pointer) != pointer || fc__book_is_token(session, (uint32_t)pointer);
}

static uint32_t *slot_locked(struct fc__book *book, uint64_t pointer) {
    for (uint32_t i = hash(pointer);; i++) {
        uint32_t *slot = &book->slots[i & (book->slot_count - 1)];
        if (*slot == 0 || book->pointers[*slot - 1] == pointer) {
            return slot;
        }
    }
}

static bool make_room_locked(struct fc__book *book) {
    if (book->count < book->capacity) {
        return true;
    }
    uint32_t capacity = book->capacity != 0 ? book->capacity * 2 : FIRST_SLOTS;
    uint64_t *pointers = realloc(book->pointers, capacity * sizeof *pointers);
    if (pointers == NULL) {
        return false;
    }
    book->pointers = pointers;
    uint32_t *slots = calloc((size_t)capacity * 2, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    free(book->slots);
    book->slots = slots;
    book->slot_count = capacity * 2;
    book->capacity = capacity;
    for (uint32_t i = 0; i < book->count; i++) {
        *slot_locked(book, book->pointers[i]) = i + 1;
    }
    return true;
}

int fc__book_narrow(struct fc_session *session, uint64_t pointer, uint32_t *ret_narrow, struct fc__error *err) {
    uint32_t low = (uint32_t)pointer;
    if (!fc__book_needs_lock(session, pointer)) {
        *ret_narrow = low;
        return FC_OK;
    }
    struct fc__book *book = &session->book;
    int rc = FC_OK;
    pthread_mutex_lock(&book->lock);
    bool room = book->slot_count != 0 || make_room_locked(book);
    uint32_t *slot = room ? slot_locked(book, pointer) : NULL;
    if (slot != NULL && *slot == 0) {
        room = (uint64_t)(book->count + 1) * TOKEN_SPACING <= session->window.token_bytes && make_room_locked(book);
        slot = room ? slot_locked(book, pointer) : NULL;
        if (slot != NULL) {
            book->pointers[book->count++] = pointer;
            *slot = book->count;
        }
    }
    if (slot != NULL) {
        *ret_narrow = (uint32_t)(session->window.token_base + (uint64_t)(*slot - 1) * TOKEN_SPACING);
    } else {
        rc = fc__error_set(err, FC_ENOMEM,
                           "no room for another opaque pointer: %" PRIu32 " different ones were passed in this session",
                           book->count);
    }
    pthread_mutex_unlock(&book->lock);
    return rc;
}

int fc__book_widen(struct fc_session *session, uint32_t narrow, uint64_t *ret_pointer, struct fc__error *err) {
    if (!fc__book_is_token(session, narrow)) {
        *ret_pointer = expand(narrow);
        return FC_OK;
    }
    struct fc__book *book = &session->book;
    uint64_t offset = narrow - session->window.token_base;
    int rc = FC_OK;
    pthread_mutex_lock(&book->lock);
    if (offset / TOKEN_SPACING < book->count) {
        *ret_pointer = book->pointers[offset / TOKEN_SPACING] + offset % TOKEN_SPACING;
    } else {
        rc = fc__error_set(
            err, FC_EPROTO,
            "the library returned the pointer 0x%" PRIx32 ", which stands for no pointer that it was given", narrow);
    }
    pthread_mutex_unlock(&book->lock);
    return rc;
}

/* -- strings ------------------------------------------------------------------------------------------------------- */

static struct fc__book_string **string_locked(struct fc__book *book, uint64_t address, bool is_object) {
    struct fc__book_string **link = &book->strings[hash(address) & (book->string_slots - 1)];
    while (*link != NULL && ((*link)->address != address || (*link)->is_object != is_object)) {
        link = &(*link)->next;
    }
    return link;
}

static void rehash_strings_locked(struct fc__book *book) {
    uint32_t slots = book->string_slots != 0 ? book->string_slots * 2 : FIRST_SLOTS;
    struct fc__book_string **old = book->strings, **table = calloc(slots, sizeof *table);
    if (table == NULL) {
        return; /* slower, not wrong; without any table the caller sees it */
    }
    uint32_t old_slots = book->string_slots;
    book->strings = table;
    book->string_slots = slots;
    for (uint32_t i = 0; i < old_slots; i++) {
        for (struct fc__book_string *string = old[i], *next; string != NULL; string = next) {
            next = string->next;
            struct fc__book_string **link = string_locked(book, string->address, string->is_object);
            string->next = NULL;
            *link = string;
        }
    }
    free(old);
}

/* The copy of what is at `address`, with room for `size` bytes. One that is too small stays, since the caller may hold
 * it. */
static struct fc__book_string *copy_locked(struct fc__book *book, uint64_t address, bool is_object, uint64_t size) {
    if (book->string_count >= book->string_slots) {
        rehash_strings_locked(book);
    }
    struct fc__book_string **link = book->strings != NULL ? string_locked(book, address, is_object) : NULL;
    struct fc__book_string *string = link != NULL ? *link : NULL;
    if (link == NULL || (string != NULL && string->capacity >= size)) {
        return string;
    }
    uint64_t capacity = (size + 15) & ~UINT64_C(15);
    const size_t copies = is_object ? 2 : 1;
    struct fc__book_string *fresh =
        capacity < SIZE_MAX / 4 ? aligned_alloc(16, sizeof *fresh + copies * (size_t)capacity) : NULL;
    if (fresh != NULL) {
        *fresh = (struct fc__book_string){.address = address,
                                          .capacity = capacity,
                                          .next = string != NULL ? string->next : NULL,
                                          .is_object = is_object};
        memset(fresh->text, 0, copies * (size_t)capacity);
        *link = fresh;
        book->string_count += string == NULL;
        if (string != NULL) {
            string->next = book->retired;
            book->retired = string;
        }
    }
    return fresh;
}

int fc__book_string(struct fc__book *book, uint64_t address, const char *text, uint64_t len, const char **ret_copy,
                    struct fc__error *err) {
    pthread_mutex_lock(&book->lock);
    struct fc__book_string *string = copy_locked(book, address, false, len + 1);
    /* Unchanged text is not written again, so that threads which only read it never see it change. */
    if (string != NULL && (memcmp(string->text, text, (size_t)len) != 0 || string->text[len] != '\0')) {
        memcpy(string->text, text, (size_t)len);
        string->text[len] = '\0';
    }
    pthread_mutex_unlock(&book->lock);
    if (string == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory for a returned string of %" PRIu64 " bytes", len);
    }
    *ret_copy = string->text;
    return FC_OK;
}

int fc__book_hold(struct fc__book *book, uint64_t address, uint64_t size, void **ret_memory, struct fc__error *err) {
    pthread_mutex_lock(&book->lock);
    struct fc__book_string *object = copy_locked(book, address, true, size);
    pthread_mutex_unlock(&book->lock);
    if (object == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory for a returned object of %" PRIu64 " bytes", size);
    }
    *ret_memory = object->text;
    return FC_OK;
}

unsigned char *fc__book_pristine(uint64_t held) {
    const struct fc__book_string *object = (const void *)(uintptr_t)(held - offsetof(struct fc__book_string, text));
    return (unsigned char *)(uintptr_t)held + object->capacity;
}

void fc__book_forget_strings(struct fc__book *book) {
    pthread_mutex_lock(&book->lock);
    for (uint32_t i = 0; i < book->string_slots; i++) {
        while (book->strings[i] != NULL) {
            struct fc__book_string *string = book->strings[i];
            book->strings[i] = string->next;
            string->next = book->retired;
            book->retired = string;
        }
    }
    book->string_count = 0;
    pthread_mutex_unlock(&book->lock);
}
