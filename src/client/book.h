/* client: the address book: what stands for what, in and between calls. Part of client.h, which says the order of
 * locks. */
#ifndef FC_CLIENT_BOOK_H
#define FC_CLIENT_BOOK_H

#include "abi/marshal.h"
#include "base/error.h"

#include <pthread.h>
#include <stdatomic.h>

struct fc_session;
struct fc__tree_node;

/* -- book.c: what stands for what ---------------------------------------------------------------------------------- */

struct fc__book {
    pthread_mutex_t lock;
    uint64_t *pointers; /* of tokens, by number */
    uint32_t count, capacity;
    uint32_t *slots; /* hash of pointers: number + 1, or 0 */
    uint32_t slot_count;
    struct fc__book_string **strings; /* hash by address */
    uint32_t string_count, string_slots;
    struct fc__book_string *retired;
    /* lasting_entry.c: objects that outlive calls. */
    struct fc__book_lasting *lasting;
    _Atomic uint32_t lasting_count;                  /* looked at without the lock: 0 in most sessions */
    _Atomic uint32_t written_count;                  /* of them, what is kept and may be written to; the same */
    struct fc__book_lasting *spare;                  /* those that are over are used again */
    struct fc__tree_node *by_here, *by_there, *kept; /* trees */
    struct fc__book_until *untils;                   /* the names of functions that end something */
};
void fc__book_init(struct fc__book *book);
void fc__book_done(struct fc__book *book);
int fc__book_narrow(struct fc_session *session, uint64_t pointer, uint32_t *ret_narrow, struct fc__error *err);
int fc__book_widen(struct fc_session *session, uint32_t narrow, uint64_t *ret_pointer, struct fc__error *err);
/* True if that means to look at or add to the tokens. */
bool fc__book_is_token(const struct fc_session *session, uint64_t narrow);
bool fc__book_needs_lock(const struct fc_session *session, uint64_t pointer);
/* A stable copy of `len` bytes and a NUL for the string at `address` in the callee. */
int fc__book_string(struct fc__book *book, uint64_t address, const char *text, uint64_t len, const char **ret_copy,
                    struct fc__error *err);
/* The caller's memory that stands for the `size` bytes at `address` in the callee: what was there the last time. */
int fc__book_hold(struct fc__book *book, uint64_t address, uint64_t size, void **ret_memory, struct fc__error *err);
/* Room for a copy of what fc__book_hold returned, as large as that. */
unsigned char *fc__book_pristine(uint64_t held);
/* The strings of a host that is gone keep their copies, but their addresses mean nothing any more. */
void fc__book_forget_strings(struct fc__book *book);

/* -- lasting.c, kept.c: objects that outlive calls ----------------------------------------------------------------- */

/* Of struct fc__marshal_ops; `context` is a marshal whose owner is a channel. */
bool fc__op_lasting(void *context, enum fc__side from, uint64_t address, const uint64_t bytes[2],
                    struct fc__lasting *ret_lasting);
int fc__op_stand_in(void *context, enum fc__side from, uint64_t address, uint64_t *ret_address);
int fc__op_pin(void *context, const struct fc__object *object, bool begins, uint64_t *ret_there);
void fc__op_unpin(void *context, uint64_t here);
int fc__op_keep(void *context, const struct fc__object *object, const char *until, uint64_t *ret_there);
void fc__op_let_go(void *context, uint64_t there);
int fc__op_took(void *context, const struct fc__object *object, unsigned char **ret_pristine);
/* After the call: what was kept in it belongs to its handle, which may be its result; or is not kept, since the call
 * was not made, or failed. */
void fc__lasting_settle(struct fc__marshal *marshal, bool is_kept, const void *result);
/* A claim to the caller's function of that number, which ends with `until`; in a call. */
int fc__lasting_claim(struct fc__marshal *marshal, uint32_t id, const char *until);
/* After a call of a function that ends the life of what was kept: gives it back. */
int fc__lasting_end(struct fc__marshal *marshal);
/* After any call, if there is something in the book's written_count: what the library wrote to what it keeps for the
 * call's handle is copied back. */
int fc__lasting_bring_back(struct fc__marshal *marshal);
/* Whether some declaration says that the function of that name ends something. */
bool fc__book_is_until(struct fc__book *book, const char *name);
/* The name is one from now on: the book's own copy of it, which stays as long as the book. NULL when out of memory. */
const char *fc__book_until(struct fc__book *book, const char *name);
void fc__book_free_lasting(struct fc_session *session);
void fc__book_free_untils(struct fc__book *book);

#endif
