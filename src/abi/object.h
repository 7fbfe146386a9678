/* abi: the objects of a call: what its pointers lead to, on either side, and how one side's becomes the other's.
 * Runs in: the caller.  Threads: those of a channel belong to its thread.
 * Does not: know frames (marshal, upcall), or keep anything beyond the call (the session's book does, by its ops).
 *
 * An object is one piece of memory that the two sides have at different addresses: two pointers to it are one object,
 * and one to its middle leads to the same place of it there. Objects are filled in the order in which they are found,
 * so that lists of any length need no stack. */
#ifndef FC_ABI_OBJECT_H
#define FC_ABI_OBJECT_H

#include "abi/shape.h"

struct fc__marshal;

/* An object that outlives calls, as the session's book has it. */
struct fc__lasting {
    enum fc__life {
        FC__LIFE_PINNED, /* the caller's; the callee has a shadow of it at one address */
        FC__LIFE_KEPT,   /* the caller's; the callee has a copy until a function is called */
        FC__LIFE_TAKEN,  /* the callee's; the caller has a copy */
    } life;
    bool is_gone;   /* its host is */
    bool writes;    /* kept: the callee may have written to it */
    bool is_handle; /* taken: wherever its address comes from, it is the copy's */
    uint64_t here, there, bytes[2], count;
    const struct fc__shape *shape;
    unsigned char *pristine; /* taken: the copy when it was last brought up to date */
    uint64_t mapped;         /* what was looked for, on the other side */
};
/* The address on the other side of [address, + bytes[from]), which lies in the object; `bytes` NULL: of the one place,
 * which may be its end. */
bool fc__lasting_maps(const struct fc__lasting *lasting, enum fc__side from, uint64_t address, const uint64_t bytes[2],
                      uint64_t *ret_address);

struct fc__object {
    uint64_t here, there;
    uint64_t bytes[2];             /* on either side */
    uint64_t count;                /* elements */
    const struct fc__shape *shape; /* of one */
    const struct fc__size *valid;  /* how many elements come back; NULL: all */
    unsigned char *local;          /* where this side reads and writes the callee's bytes */
    const unsigned char *record;   /* scope of `valid` */
    const void *record_key;
    uint64_t copied_from; /* the caller's object that the callee copies there; 0: none */
    uint32_t index;       /* of the argument that it was found behind */
    bool reads, writes, is_output;
    bool is_filled;
    bool is_back;            /* the caller's: what the callee made of it was copied back */
    bool is_theirs;          /* the callee's: found there, and copied here */
    bool outlives;           /* theirs: the copy stays when the call or upcall is over, and what it leads to, too */
    bool is_handle;          /* theirs: see struct fc__lasting */
    bool is_given;           /* kept until a function that is passed with it is called with it, each time anew */
    bool is_fetched;         /* theirs, and `local` is a copy of it */
    bool is_lasting;         /* the book's: what lies there already stays, as far as it is not said anew */
    bool is_unfollowed;      /* lasting, and what its pointers lead to stays here: it may be gone */
    bool is_remote;          /* lasting, and only the host sees it: `local` is a copy */
    bool is_ended;           /* the last element is the zero one that was looked for */
    unsigned char *pristine; /* lasting: what the caller's copy was; NULL: not known */
    unsigned char *before;   /* what was handed to the other side, as that has it; NULL: not kept */
};

/* Where an object of the list begins, on one of the sides. */
struct fc__located {
    uint64_t address;
    uint32_t index;
};

/* Of one channel, a stack: a call that an upcall makes puts its own behind those of the calls that it is nested in. */
struct fc__objects {
    struct fc__object *list;
    struct fc__located *order[2]; /* of each call's, on either side: see object_order */
    struct fc__located *spare;    /* room to sort them */
    uint32_t count, capacity;
    bool has_union; /* one of them had, of any call */
    struct fc__waiting *waiting;
    uint32_t waiting_count, waiting_capacity;
};
void fc__objects_done(struct fc__objects *objects);

/* The callee's address for what the caller's pointer `here` leads to, which is copied there; 0 for NULL. `index`: of
 * the argument, for messages. */
int fc__object_send(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                    const struct fc__scope *scope, uint64_t here, uint64_t *ret_there);
/* The same for a pointer that the caller's function returned, or put behind one of the callee's, in an upcall.
 * `comes_back`: pointers to what it leads to may come back as the caller's. */
int fc__object_give(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee, bool comes_back,
                    uint64_t here, uint64_t *ret_there);
/* The caller's address for what the callee's pointer `there` leads to. */
int fc__object_take(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                    const struct fc__scope *scope, uint64_t there, uint64_t *ret_here);
/* The same of a text of `most` elements at most, or characters of UTF-8, of which the last need not be zero: a copy in
 * any case, that nobody else writes to, and a zero one is its end. */
int fc__object_take_text(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee, uint64_t most,
                         bool is_characters, uint64_t there, uint64_t *ret_here);
/* Fills what was found and is not filled yet, and what is found meanwhile. */
int fc__objects_fill(struct fc__marshal *m);
/* Once all are filled: keeps how those are that the other side may write to. */
void fc__objects_keep(struct fc__marshal *m);
/* Copies what the callee changed of the caller's objects back. The first error; the others are copied all the
 * same. */
int fc__objects_bring_back(struct fc__marshal *m);
/* Copies what the callee wrote to what it kept back to the caller: outside of any call. `before`: how that was. */
int fc__object_return(struct fc__marshal *m, const struct fc__lasting *lasting, unsigned char *before);
/* Sending, or taking what a function of the caller's is given, found that pointers share memory without being the same.
 * It begins again, with that memory as one object. */
enum { FC__JOIN = 2 };
int fc__objects_begin_joined(struct fc__marshal *m);
int fc__objects_begin_joined_theirs(struct fc__marshal *m);
/* Copies what the caller's function changed of the callee's objects back. */
int fc__objects_give_back(struct fc__marshal *m);
/* Before a size is read at the caller's `here`: what lies there is the caller's by then. FC_EUNSUPPORTED. */
int fc__object_settle(struct fc__marshal *m, uint64_t here);
/* The address on the other side of what lies in, or just behind, an object. */
bool fc__object_find(const struct fc__marshal *m, enum fc__side from, uint64_t address, uint64_t *ret_address);
/* The same in any call or upcall that is in progress on the channel, the innermost first. */
bool fc__object_find_any(const struct fc__marshal *m, enum fc__side from, uint64_t address, uint64_t *ret_address);
/* How many bytes there are from `address` to the end of the object that it lies in; false if in none. */
bool fc__object_room(const struct fc__marshal *m, enum fc__side side, uint64_t address, uint64_t *ret_bytes);

/* One element of a shape, such as a struct passed by value. */
int fc__object_convert(struct fc__marshal *m, uint32_t index, enum fc__side to_side, const struct fc__shape *shape,
                       const unsigned char *from, unsigned char *to);
/* The same of what is not as it was `before`. */
int fc__object_convert_changed(struct fc__marshal *m, uint32_t index, enum fc__side to_side,
                               const struct fc__shape *shape, const unsigned char *from, unsigned char *before,
                               unsigned char *to);
/* The numbers of one element of the callee's, as the caller has them. */
int fc__convert_numbers(struct fc__marshal *m, uint32_t index, const struct fc__shape *shape, const unsigned char *from,
                        unsigned char *to);
bool fc__bytes_are_zero(const unsigned char *bytes, uint64_t size);

#endif
