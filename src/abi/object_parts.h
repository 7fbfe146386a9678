/* abi: what the parts of the objects of a call share: the set (object, object_order), from here to there (object_send),
 * from there to here (object_take), and one side's bytes as the other's (object_convert).
 * Runs in: the caller.  Threads: as object.h.
 * Does not: concern anyone else. */
#ifndef FC_ABI_OBJECT_PARTS_H
#define FC_ABI_OBJECT_PARTS_H

#include "abi/marshal.h"
#include "abi/object.h"
#include "abi/value.h"

/* One conversion of data: from side `from` to the other. */
struct fc__walk {
    struct fc__marshal *m;
    enum fc__side from, to;
    bool is_output;     /* see struct fc__pointee */
    bool is_unfollowed; /* see struct fc__object */
    bool is_numbers;    /* what leads elsewhere, or depends on other members, is left out */
    bool is_result;     /* of an upcall's function, by value */
    bool is_cut; /* of a flexible array come as many elements as there is room for; otherwise more are an error */
    struct fc__spot spot;
    const unsigned char *end[2]; /* of what is converted, on either side */
};

uint64_t fc__object_address(const struct fc__object *object, enum fc__side side);
int fc__objects_add(struct fc__marshal *m, const struct fc__object *object);
/* The object of this call that `address` lies in; with `or_end`, also one that ends there. */
struct fc__object *fc__objects_at(const struct fc__marshal *m, enum fc__side side, uint64_t address, bool or_end);
/* An offset in an object of one side as the other has it; false if it is in none of its parts. */
bool fc__object_offset(const struct fc__object *object, enum fc__side side, uint64_t offset, uint64_t *ret_offset);
/* The same without a look at which members of unions count: where they do not agree, it is in none. */
bool fc__object_offset_any(const struct fc__object *object, enum fc__side side, uint64_t offset, uint64_t *ret_offset);
/* Of what lies `offset` bytes into the callee's: whether something of that shape begins there, and whether it depends
 * on which member of a union counts. */
bool fc__object_begins(const struct fc__object *object, uint64_t offset, const struct fc__shape *shape);
bool fc__object_is_in_union(const struct fc__object *object, uint64_t offset);
/* Memory behind a pointer that begins before what is known already, and reaches into it. */
bool fc__object_reaches_another(const struct fc__marshal *m, enum fc__side side, uint64_t address, uint64_t bytes);
/* Memory of the callee's for an object. */
int fc__object_place(struct fc__marshal *m, uint64_t alignment, struct fc__object *object);

/* The member of a struct that runs on behind it; NULL if there is none. */
const struct fc__shape_field *fc__object_flexible(const struct fc__shape *shape);
/* The bytes of a struct, on both sides, with as many elements of that as `record`, the caller's, says. */
int fc__object_add_flexible(struct fc__marshal *m, uint32_t index, const struct fc__shape *shape,
                            const unsigned char *record, uint64_t inout_bytes[2]);

/* object_take.c. A pointer of the callee's to what lies in the caller's own, or is not copied again. */
bool fc__object_take_back(const struct fc__marshal *m, const struct fc__shape *shape, uint64_t there,
                          uint64_t *ret_here);
int fc__object_measure_theirs(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                              const struct fc__scope *scope, struct fc__object *object);
/* Finds a part of the caller's own that a call in flight has sent, which the function is given as it is; false if the
 * object is none. */
bool fc__object_find_own(struct fc__marshal *m, struct fc__object *object);
/* The copy of what was measured, which may be there already. */
int fc__object_take_measured(struct fc__marshal *m, struct fc__object *object, uint64_t *ret_here);
struct fc__object fc__object_of_theirs(const struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                                       uint64_t there);

/* object_wait.c. Where in a union the callee's pointer leads is known only when all that the call brings is here: until
 * then it waits, and what stands at `to` stays. A pointer with an `opaque` type is one that only one side looks
 * through, any other has a shape. */
bool fc__object_must_wait(const struct fc__walk *w, uint64_t there);
int fc__object_wait(const struct fc__walk *w, const struct fc__shape *shape, const struct fc__scope *scope,
                    uint64_t there, unsigned char *to);
int fc__objects_end_waiting(struct fc__marshal *m);

/* object_join.c. In an upcall: FC__JOIN, or an error, for what shares memory with an object that was taken already; and
 * what is not copied, but written to where it is. */
int fc__object_join_theirs(struct fc__marshal *m, const struct fc__object *object);
int fc__object_add_in_place(struct fc__marshal *m, const struct fc__object *object);
bool fc__object_is_in_place(const struct fc__object *object);
bool fc__object_meets_no_copy(const struct fc__marshal *m, const struct fc__object *object);

int fc__object_too_large(const struct fc__marshal *m, uint32_t index);
int fc__object_overlaps(const struct fc__marshal *m, uint32_t index);
int fc__object_is_gone(const struct fc__marshal *m, uint32_t index);

/* object_text.c. Texts: the bytes of one of the caller's, of `count` units or with room for `capacity`, on both sides;
 * how many units here so many there are at most; the text itself, of which `valid` units are back if the object says
 * so; and where in it something lies. */
int fc__object_text_measure(struct fc__marshal *m, uint32_t index, const struct fc__pointee *pointee,
                            const unsigned char *data, uint64_t count, uint64_t capacity, uint64_t ret_bytes[2]);
uint64_t fc__object_text_units(const struct fc__shape *shape, uint64_t there);
int fc__object_text_transfer(const struct fc__walk *w, const struct fc__object *object, uint64_t valid);
bool fc__object_text_offset(const struct fc__object *object, enum fc__side side, uint64_t offset, uint64_t *ret_offset);
/* An array that is a text. */
int fc__object_text_array(const struct fc__walk *w, const struct fc__shape *shape, const unsigned char *from,
                          unsigned char *to);

int fc__convert_elements(struct fc__walk *w, const struct fc__shape *element, uint64_t count, const unsigned char *from,
                         unsigned char *to, const struct fc__scope *scope);
/* What is the same already is not written: it may be constant. */
void fc__copy_changed(unsigned char *to, const unsigned char *from, uint64_t size);
/* Of a struct, all members are. */
bool fc__element_is_zero(const struct fc__shape *shape, enum fc__side side, const unsigned char *bytes);

#endif
