/* client: the entries of the address book's objects that outlive calls. */
#ifndef FC_CLIENT_LASTING_H
#define FC_CLIENT_LASTING_H

#include "base/tree.h"
#include "client/client.h"

struct fc__book_lasting {
    struct fc__tree_node by_here, by_there, by_end;
    struct fc__lasting is;
    struct fc__shapes *shapes; /* keeps is.shape */
    uint32_t generation;       /* of the host that has it */
    void *block;               /* fc_alloc's, around is.there; NULL: the library's own */
    const char *until;         /* kept: the book's own name of it */
    unsigned char *seen;       /* kept, written: the callee's bytes when they were last copied back; pooled */
    uint64_t owner;            /* kept: the handle it belongs to; 0: any */
    bool is_given;             /* kept: until a function that was passed with it is called with it */
    bool is_in_call;           /* kept: the call that it was passed in has not returned */
    bool is_over;              /* kept: and it is out of the book already */
    bool is_settled;           /* kept: the call that it was passed in returned */
    bool is_any;               /* a key: of whatever address */
    bool is_claim;             /* no object: what stands for a function of the caller, is.here its number */
    struct fc__book_lasting *next, *before; /* all of them */
    struct fc__book_lasting *next_new;      /* kept in the same call */
};

/* The object of that side which overlaps the bytes. */
struct fc__book_lasting *fc__lasting_at_locked(struct fc__book *book, enum fc__side side, uint64_t address,
                                               uint64_t bytes);
/* What it overlaps is over: its memory has become other memory. */
void fc__lasting_insert_locked(struct fc__book *book, struct fc__book_lasting *entry, enum fc__side side);
/* What is kept, in the order of what ends it: the one that the key is, or any that it is of; false if another is the same
 * already; and what is there is not any more. */
struct fc__book_lasting *fc__lasting_kept_locked(const struct fc__book *book, const struct fc__book_lasting *key);
bool fc__lasting_add_kept_locked(struct fc__book *book, struct fc__book_lasting *entry);
void fc__lasting_remove_kept_locked(struct fc__book *book, struct fc__book_lasting *entry);

/* All zero; NULL when out of memory. Of the spare ones, which those that are over become. */
struct fc__book_lasting *fc__lasting_take_locked(struct fc__book *book);
/* The same of an object; not in the book yet. */
struct fc__book_lasting *fc__lasting_new_locked(const struct fc__marshal *marshal, enum fc__life life,
                                                const struct fc__object *object);
/* Without the lock, and with memory of the window, zeroed, for the callee to have it in. Sets the error. */
struct fc__book_lasting *fc__lasting_new_memory(const struct fc__marshal *marshal, enum fc__life life,
                                                const struct fc__object *object);
/* Out of the book already. */
void fc__lasting_free(struct fc_session *session, struct fc__book_lasting *entry);
void fc__lasting_link_locked(struct fc__book *book, struct fc__book_lasting *entry);
void fc__lasting_unlink_locked(struct fc__book *book, struct fc__book_lasting *entry);
static inline bool fc__lasting_is_written(const struct fc__book_lasting *entry) {
    return entry->until != NULL && entry->is.writes;
}

#endif
