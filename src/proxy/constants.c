#include "proxy/constants.h"

#include "abi/value.h"
#include "proxy/text.h"

#include <stdlib.h>
#include <string.h>

/* Of words that begin before it, too. */
bool fc__proxy_is_relocated(const struct fc__proxy *proxy, uint64_t address, uint64_t size) {
    const uint64_t before = proxy->callee->pointer_bytes - 1u;
    const struct fc__image_pointer *pointer =
        fc__image_pointer_from(&proxy->pointers, address > before ? address - before : 0);
    return pointer != NULL && pointer->place < address + size;
}

/* -- reading ------------------------------------------------------------------------------------------------------- */

enum { BUCKETS = 4096 };

struct reading {
    struct fc__proxy *proxy;
    struct fc__proxy_export *export;
    struct fc__proxy_constant **last; /* where the next goes */
    struct fc__proxy_constant *constant;
    struct fc__proxy_pointer **last_pointer;
    uint64_t bytes; /* of all */
    struct fc__marshal *marshal;
    struct fc__proxy_constant *buckets[BUCKETS]; /* by address */
    struct fc__error *err;
};

static int out_of_memory(const struct reading *r) {
    return fc__error_set(r->err, FC_ENOMEM, "out of memory");
}

/* Where numbers are converted, pointers are not looked at: each is put there behind them. */
static int no_narrow(void *context, uint64_t pointer, uint32_t *ret_narrow) {
    (void)context;
    (void)pointer;
    *ret_narrow = 0;
    return FC_OK;
}

static int no_wide(void *context, uint32_t narrow, uint64_t *ret_pointer) {
    (void)context;
    (void)narrow;
    *ret_pointer = 0;
    return FC_OK;
}

static const struct fc__marshal_ops number_ops = {.narrow = no_narrow, .widen = no_wide};

/* NULL: there is nothing in it that cannot be written anew. */
static const char *unreadable(const struct fc__shape *shape) {
    if (shape->is_plain) {
        return NULL;
    }
    if (shape->text != FC__TEXT_NONE || shape->is_path) {
        return "a text whose characters the two sides write differently";
    }
    if (shape->kind == FC__SHAPE_UNION) {
        return "a union that differs between the two sides";
    }
    const char *why = shape->kind == FC__SHAPE_ARRAY ? unreadable(shape->element) : NULL;
    for (uint32_t i = 0; why == NULL && shape->kind == FC__SHAPE_STRUCT && i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        why = field->is_local                              ? NULL
              : field->is_flexible || field->count != NULL ? "an array whose length only a member says"
                                                           : unreadable(field->shape);
    }
    return why;
}

/* The bytes of the file; NULL if they are not all there. */
static const unsigned char *bytes_at(const struct reading *r, uint64_t address, uint64_t size) {
    uint64_t offset = 0, room = 0;
    const bool is_there = fc__image_locate(r->proxy->image, address, &offset, &room) && size <= room;
    return is_there ? (const unsigned char *)r->proxy->request.library + offset : NULL;
}

static int add_constant(struct reading *r, const char *name, uint64_t address, const struct fc__shape *element,
                        uint64_t count, struct fc__proxy_constant **ret_constant) {
    struct fc__arena *arena = &r->proxy->arena;
    struct fc__proxy_constant **bucket = &r->buckets[(address >> 2 ^ address >> 14) % BUCKETS];
    uint64_t size_there = 0, size = 0;
    for (struct fc__proxy_constant *known = *bucket; known != NULL; known = known->same_bucket) {
        if (known->address == address && known->element == element && known->count == count) {
            *ret_constant = known;
            return FC_OK;
        }
    }
    const char *why = unreadable(element);
    if (why != NULL) {
        return fc__error_set(r->err, FC_EUNSUPPORTED, "%s is, or has in it, %s", name, why);
    }
    const bool fits = fc__mul_u64(count, element->size[FC__HERE], &size) &&
                      fc__mul_u64(count, element->size[FC__THERE], &size_there) &&
                      size <= FC__PROXY_CONSTANT_BYTES_MAX - r->bytes;
    if (!fits || (size_there > 0 && bytes_at(r, address, size_there) == NULL)) {
        return fc__error_set(r->err, FC_EUNSUPPORTED, "%s: %" PRIu64 " times `%s` are %s", name, count,
                             element->type_name,
                             fits ? "more than there is in the file" : "too much to be copied into a proxy");
    }
    struct fc__proxy_constant *constant = fc__arena_alloc(arena, sizeof *constant);
    const char *copy = fc__arena_copy(arena, name, strlen(name));
    unsigned char *bytes = fc__arena_alloc(arena, (size_t)size + 1);
    if (constant == NULL || copy == NULL || bytes == NULL) {
        return out_of_memory(r);
    }
    *constant = (struct fc__proxy_constant){.address = address,
                                            .element = element,
                                            .count = count,
                                            .name = copy,
                                            .alignment = element->alignment[FC__HERE],
                                            .size = size > 0 ? size : 1,
                                            .bytes = bytes,
                                            .same_bucket = *bucket};
    *bucket = constant;
    r->bytes += size;
    *ret_constant = *r->last = constant;
    r->last = &constant->next;
    return FC_OK;
}

static int refuse(const struct reading *r, const char *name, const char *why) {
    return fc__error_set(r->err, FC_EUNSUPPORTED, "%s %s", name, why);
}

/* How many elements there are up to a zero one, and with it. */
static int count_ended(const struct reading *r, const char *name, uint64_t address, uint64_t size, uint64_t most,
                       uint64_t *ret_count) {
    for (uint64_t n = 0; n < most; n++) {
        const unsigned char *bytes = bytes_at(r, address + n * size, size);
        if (bytes == NULL) {
            return refuse(r, name, "leads to what has no end in the file");
        }
        if (fc__bytes_are_zero(bytes, size) && !fc__proxy_is_relocated(r->proxy, address + n * size, size)) {
            *ret_count = n + 1;
            return FC_OK;
        }
    }
    *ret_count = most;
    return FC_OK;
}

static int count_elements(const struct reading *r, const char *name, const struct fc__pointee *pointee,
                          uint64_t address, const struct fc__scope *scope, uint64_t *ret_count) {
    const uint64_t size = pointee->shape->size[FC__THERE];
    const bool is_ended = pointee->extent == FC__EXTENT_STRING || pointee->extent == FC__EXTENT_LIST;
    uint64_t count = pointee->capacity == NULL && is_ended ? UINT64_MAX : 1;
    int rc = pointee->capacity != NULL ? fc__size_count(r->marshal, scope, pointee->capacity, 0, NULL, &count) : FC_OK;
    if (rc == FC_OK && is_ended && size > 0) {
        return count_ended(r, name, address, size, count, ret_count);
    }
    *ret_count = count;
    return rc;
}

/* The export that has the address; functions only by their own. */
static const struct fc__proxy_export *export_at(const struct fc__proxy *proxy, uint64_t address, bool is_function) {
    for (size_t i = 0; i < proxy->count; i++) {
        const struct fc__proxy_export *export = &proxy->exports[i];
        const uint64_t room = export->is_data ? export->symbol.size_bytes : 1;
        if (export->is_data == !is_function && !export->is_odd && export->symbol.type != FC_EXPORT_TLS &&
            address >= export->symbol.address && address - export->symbol.address < room) {
            return export;
        }
    }
    return NULL;
}

/* What is copied has to stay as it is. */
static int follow(struct reading *r, const char *name, const struct fc__pointee *pointee, uint64_t to,
                  const struct fc__scope *scope, struct fc__proxy_constant **ret_constant) {
    uint64_t count = 0, size = 0;
    int rc = count_elements(r, name, pointee, to, scope, &count);
    if (rc != FC_OK) {
        return rc;
    }
    if (fc__mul_u64(count, pointee->shape->size[FC__THERE], &size) &&
        !fc__image_is_constant(r->proxy->image, to, size)) {
        return refuse(r, name, "points to memory of the library that may change. Have it by a function of the library");
    }
    return add_constant(r, name, to, pointee->shape, count, ret_constant);
}

static int read_pointer(struct reading *r, const char *name, const struct fc__shape *shape, uint64_t place,
                        uint64_t offset, const struct fc__scope *scope) {
    const struct fc__image_pointer *word = fc__image_pointer_from(&r->proxy->pointers, place);
    const bool is_function = shape->kind == FC__SHAPE_FUNCTION;
    if (word == NULL || word->place != place) {
        const unsigned char *bytes = bytes_at(r, place, shape->size[FC__THERE]);
        return bytes != NULL && fc__bytes_are_zero(bytes, shape->size[FC__THERE])
                   ? FC_OK
                   : refuse(r, name, "is a number where a pointer should be, which means nothing on the other side");
    }
    if (!word->is_own) {
        return refuse(r, name, "points into another library. Have it by a function of the library");
    }
    struct fc__proxy_pointer *pointer = fc__arena_alloc(&r->proxy->arena, sizeof *pointer);
    if (pointer == NULL) {
        return out_of_memory(r);
    }
    const bool is_text = shape->kind == FC__SHAPE_POINTER && shape->pointee.extent == FC__EXTENT_STRING &&
                         shape->pointee.shape->is_plain && shape->pointee.shape->size[FC__THERE] == 1;
    *pointer = (struct fc__proxy_pointer){.offset = offset, .there = place - r->constant->address};
    pointer->into = is_text ? NULL : export_at(r->proxy, word->to, is_function);
    if (pointer->into != NULL) {
        pointer->into_offset = word->to - pointer->into->symbol.address;
    } else if (is_function) {
        return refuse(r, name,
                      "points to a function that the library does not export. Have it by one of its functions");
    } else if (shape->kind != FC__SHAPE_POINTER) {
        return refuse(
            r, name,
            "points to something in the library of which nothing says what and how much it is. In a struct, "
            "write _Field_z_ or _Field_size_(n) before the member; else have it by a function of the library");
    } else {
        int rc = follow(r, name, &shape->pointee, word->to, scope, &pointer->to);
        if (rc != FC_OK) {
            return rc;
        }
        pointer->to->is_text = is_text;
    }
    *r->last_pointer = pointer;
    r->last_pointer = &pointer->next;
    return FC_OK;
}

enum { NAME_MAX_BYTES = 160 };

/* The pointers of an element at `place` in the library and `offset` in the constant. */
static int read_pointers(struct reading *r, const char *name, const struct fc__shape *shape, uint64_t place,
                         uint64_t offset, const struct fc__scope *outer) {
    char inner[NAME_MAX_BYTES];
    int rc = FC_OK;
    if (shape->is_plain) {
        return fc__proxy_is_relocated(r->proxy, place, shape->size[FC__THERE])
                   ? refuse(r, name, "has an address in it where a number is declared")
                   : FC_OK;
    }
    switch (shape->kind) {
    case FC__SHAPE_VALUE:
        if (shape->value.kind != FC__VALUE_POINTER) {
            return fc__proxy_is_relocated(r->proxy, place, shape->size[FC__THERE])
                       ? refuse(r, name, "has an address in it where a number is declared")
                       : FC_OK;
        }
        return read_pointer(r, name, shape, place, offset, outer);
    case FC__SHAPE_POINTER:
    case FC__SHAPE_FUNCTION:
        return read_pointer(r, name, shape, place, offset, outer);
    case FC__SHAPE_ARRAY:
        for (uint64_t i = 0; rc == FC_OK && i < shape->count[FC__HERE] && i < shape->count[FC__THERE]; i++) {
            snprintf(inner, sizeof inner, "%s[%" PRIu64 "]", name, i);
            rc = read_pointers(r, inner, shape->element, place + i * shape->element->size[FC__THERE],
                               offset + i * shape->element->size[FC__HERE], outer);
        }
        return rc;
    default:
        break;
    }
    const struct fc__scope scope = {.record = r->constant->bytes + offset, .key = shape->record, .outer = outer};
    for (uint32_t i = 0; rc == FC_OK && i < shape->field_count; i++) {
        const struct fc__shape_field *field = &shape->fields[i];
        if (!field->is_local && field->bit_width == 0) {
            snprintf(inner, sizeof inner, "%s.%s", name, field->name);
            rc = read_pointers(r, inner, field->shape, place + field->offset[FC__THERE],
                               offset + field->offset[FC__HERE], &scope);
        }
    }
    return rc;
}

static int read_one(struct reading *r) {
    struct fc__proxy_constant *constant = r->constant;
    const struct fc__shape *element = constant->element;
    const bool is_root = constant == r->export->constants;
    const unsigned char *from = bytes_at(r, constant->address, constant->count * element->size[FC__THERE]);
    char name[NAME_MAX_BYTES];
    int rc = FC_OK;
    r->last_pointer = &constant->pointers;
    for (uint64_t i = 0; rc == FC_OK && i < constant->count; i++) {
        const uint64_t there = i * element->size[FC__THERE], here = i * element->size[FC__HERE];
        snprintf(name, sizeof name, is_root ? "%s" : "%s[%" PRIu64 "]", constant->name, i);
        rc = fc__convert_numbers(r->marshal, 0, element, from + there, constant->bytes + here);
        rc = rc == FC_OK ? read_pointers(r, name, element, constant->address + there, here, NULL) : rc;
    }
    return rc;
}

int fc__proxy_read_constants(struct fc__proxy *proxy, struct fc__proxy_export *export, struct fc__error *err) {
    struct fc__proxy_constant *root = NULL;
    struct fc__marshal *marshal = calloc(1, sizeof *marshal);
    struct reading r = {.proxy = proxy, .export = export, .last = &export->constants, .marshal = marshal, .err = err};
    size_t number = 0;
    if (marshal == NULL) {
        return out_of_memory(&r);
    }
    *marshal = (struct fc__marshal){.plan = export->plan, .ops = &number_ops, .err = err};
    int rc = add_constant(&r, export->symbol.name, export->symbol.address, export->plan->result_shape, 1, &root);
    for (r.constant = export->constants; rc == FC_OK && r.constant != NULL; r.constant = r.constant->next) {
        r.constant->number = number++;
        rc = read_one(&r);
    }
    free(marshal);
    export->constants = rc == FC_OK ? export->constants : NULL;
    return rc;
}

/* -- linking ------------------------------------------------------------------------------------------------------- */

static bool offset_here(const struct fc__proxy_pointer *pointer, uint64_t *ret_offset) {
    return fc__shape_offset(pointer->into->plan->result_shape, FC__THERE, pointer->into_offset, NULL, ret_offset);
}

/* A function that is refused is there, and says so when it is called. */
bool fc__proxy_is_linked(const struct fc__proxy_export *export) {
    uint64_t ignored;
    for (const struct fc__proxy_constant *each = export->constants; each != NULL; each = each->next) {
        for (const struct fc__proxy_pointer *pointer = each->pointers; pointer != NULL; pointer = pointer->next) {
            const struct fc__proxy_export *into = pointer->into;
            if (into != NULL && into->is_data &&
                (into->state != FC__PROXY_BRIDGED || !offset_here(pointer, &ignored))) {
                return false;
            }
        }
    }
    return true;
}

/* -- writing ------------------------------------------------------------------------------------------------------- */

/* Bytes and pointers in turns; packed, since their places are known. */
static void write_type(FILE *out, const struct fc__proxy_constant *constant, size_t export, unsigned pointer_bytes) {
    uint64_t at = 0;
    fprintf(out, "struct c%zu_%zu {\n", export, constant->number);
    for (const struct fc__proxy_pointer *pointer = constant->pointers; pointer != NULL; pointer = pointer->next) {
        if (pointer->offset > at) {
            fprintf(out, "    unsigned char b%" PRIu64 "[%" PRIu64 "];\n", at, pointer->offset - at);
        }
        fprintf(out, "    const void *p%" PRIu64 ";\n", pointer->offset);
        at = pointer->offset + pointer_bytes;
    }
    if (at < constant->size) {
        fprintf(out, "    unsigned char b%" PRIu64 "[%" PRIu64 "];\n", at, constant->size - at);
    }
    fprintf(out, "} __attribute__((packed, aligned(%" PRIu32 ")));\n", constant->alignment);
}

static void write_bytes(FILE *out, const struct fc__proxy_constant *constant, uint64_t from, uint64_t to) {
    if (constant->is_text && to - from == strlen((const char *)constant->bytes) + 1) {
        fc__proxy_write_string(out, (const char *)constant->bytes);
        return;
    }
    fputc('{', out);
    for (uint64_t i = from; i < to; i++) {
        fprintf(out, "%s%u,", i == from ? "" : (i - from) % 20 == 0 ? "\n     " : " ", constant->bytes[i]);
    }
    fputc('}', out);
}

void fc__proxy_write_constant(FILE *out, const struct fc__proxy *proxy, const struct fc__proxy_export *export,
                              const struct fc__proxy_constant *constant) {
    const size_t number = (size_t)(export - proxy->exports);
    uint64_t at = 0;
    fputs(" = {", out);
    for (const struct fc__proxy_pointer *pointer = constant->pointers; pointer != NULL; pointer = pointer->next) {
        if (pointer->offset > at) {
            fputs("\n    ", out);
            write_bytes(out, constant, at, pointer->offset);
            fputc(',', out);
        }
        if (pointer->into != NULL) {
            uint64_t offset = 0;
            if (pointer->into->is_data) {
                (void)offset_here(pointer, &offset); /* as it was linked */
            }
            fprintf(out, "\n    (const char *)&p%zu + %" PRIu64 ",", (size_t)(pointer->into - proxy->exports), offset);
        } else {
            fprintf(out, "\n    &v%zu_%zu,", number, pointer->to->number);
        }
        at = pointer->offset + proxy->caller->pointer_bytes;
    }
    if (at < constant->size) {
        fputs("\n    ", out);
        write_bytes(out, constant, at, constant->size);
        fputc(',', out);
    }
    fputs("\n};\n", out);
}

void fc__proxy_write_constants(FILE *out, const struct fc__proxy *proxy, const struct fc__proxy_export *export) {
    const size_t number = (size_t)(export - proxy->exports);
    for (const struct fc__proxy_constant *each = export->constants; each != NULL; each = each->next) {
        write_type(out, each, number, proxy->caller->pointer_bytes);
    }
    for (int pass = 0; pass < 2; pass++) { /* they may lead to each other */
        for (const struct fc__proxy_constant *each = export->constants; each != NULL; each = each->next) {
            if (each == export->constants) {
                continue;
            }
            fprintf(out, "static const struct c%zu_%zu v%zu_%zu%s", number, each->number, number, each->number,
                    pass == 0 ? ";\n" : "");
            if (pass == 1) {
                fc__proxy_write_constant(out, proxy, export, each);
            }
        }
    }
}
