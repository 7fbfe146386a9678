/* decl: what the files of the parser share. Each file reads one part of C11 6.7, top down:
 *     parser.c        the text, declarations, typedefs, function bodies
 *     specifiers.c    what stands before a declarator: int, const, typedef, size_t, annotations
 *     tags.c          struct, union, enum and their bodies
 *     declarators.c   *name[3], (*name)(int)
 *     parameters.c    parameter lists
 *     annotated.c     annotations where they stand
 *     settled.c       whether they suit the type, and what they come to
 *     attributes.c    attributes where they stand, and what they say of layouts
 *     sizes.c         sizes and conditions of annotations
 *     size_names.c    the parameters and members that these name
 *     constants.c     constant expressions: their operators
 *     initializers.c  what values say of types
 *     operands.c      what these work on: sizeof, members, addresses
 *     chosen.c        _Generic and its like
 *     cursor.c        the token in hand, and what all of them do with it
 *     scope.c         what names stand for
 *     restored.c      what they stand for where a further text begins
 *     amended.c       what is declared again
 *     types.c         making and comparing types
 *     skipped.c       what cannot be read
 *     windows_names.c what windows.h calls types
 * Every function that returns bool, or a pointer that may be NULL, has put what went wrong into the lexer's `err`. */
#ifndef FC_DECL_PARSER_H
#define FC_DECL_PARSER_H

#include "decl/annotations.h"
#include "decl/decl.h"
#include "decl/lexer.h"

enum fc__symbol_kind {
    FC__SYMBOL_TYPEDEF,    /* type */
    FC__SYMBOL_ENUMERATOR, /* value */
    FC__SYMBOL_PARAMETER,  /* index */
    FC__SYMBOL_ORDINARY,   /* a function or variable */
};

struct fc__symbol {
    enum fc__symbol_kind kind;
    struct fc__name *name;
    const struct fc__type *type;
    const char *label;         /* ordinary: as in struct fc__decl */
    bool is_synced;            /* the same */
    int64_t value;             /* enumerator, and what is below */
    bool is_unsigned, is_wide; /* as in struct fc__constant */
    uint32_t index;
    const struct fc__scope *scope;
    bool is_replaceable;       /* typedef: one of windows_names.c, unless the text has it */
    struct fc__symbol *hidden; /* what the name stands for outside of this scope */
    struct fc__symbol *next_in_scope;
};

/* .member and ->member behind a name in a size. */
struct fc__pending_hop {
    struct fc__expr *expr;
    struct fc__name *name;
    struct fc__place place;
    struct fc__pending_hop *next;
};

/* What the end of a path of names must be. */
enum fc__size_want { FC__WANT_INTEGER, FC__WANT_POINTER_TO_INTEGER, FC__WANT_STRING };

/* A name in a size with the members behind it, to be found when all parameters or members are known. */
struct fc__pending_name {
    struct fc__expr *expr; /* of the first name */
    struct fc__name *name;
    struct fc__place place;
    struct fc__pending_hop *hops;
    enum fc__size_want want;
    const struct fc__annotation_word *annotation;
    bool is_capacity; /* needed before the call */
    bool is_outer;    /* of a callback that is a parameter: looked for among those of the function around it */
    struct fc__pending_name *next;
};
struct fc__pending {
    struct fc__pending_name *first, *last;
    bool is_used; /* found among the parameters of one function */
};

/* A path into a struct that had no body where it was looked for. */
struct fc__late_name {
    const struct fc__pending_name *pending;
    const struct fc__pending_hop *hop;
    const struct fc__type *type;
    struct fc__late_name *next;
};

/* A parameter list while it is read. The file's own scope is NULL. */
struct fc__scope {
    struct fc__scope *outer;
    bool is_callback; /* what it is the list of is itself a parameter in `outer` */
    struct fc__symbol *symbols;
    struct fc__pending pending;
};

/* The body of a struct or union while the outermost one around it is read. */
struct fc__open_body {
    struct fc__open_body *outer; /* NULL if that has no names for it */
    const struct fc__body *body;
    const struct fc__body *names; /* whose members its sizes name: `body`, or the one that it repeats */
    struct fc__pending pending;
    struct fc__open_body *inner, *next; /* those that were read within it */
    const struct fc__place *places;     /* of the members of `body` */
    bool is_new;                        /* the member that it is of was not read yet */
};

struct fc__tag {
    struct fc__body *body;
    bool has_body;                   /* seen, or being read */
    const struct fc__type *plain[2]; /* the type without and with const */
};

/* What a further text has changed in the unit, as it was. */
struct fc__change {
    void *at;
    size_t size_bytes;
    struct fc__change *earlier;
    char bytes[];
};

struct fc__parser {
    struct fc__lexer lexer;
    struct fc__token token; /* in hand: the next one that nobody has used */
    struct fc__token ahead; /* the one behind it, if has_ahead */
    bool has_ahead;
    uint32_t used_to;                     /* offset behind the last token used */
    unsigned depth;                       /* see fc__decl_enter */
    const struct fc__decl_target *target; /* NULL: what depends on it has no value */
    struct fc__tag **tags;                /* by id - 1 */
    uint32_t tag_count, tag_room;
    struct fc__scope *scope;
    struct fc__open_body *open_body; /* NULL: none */
    struct fc__late_name *late_names;
    bool is_more;                    /* a further text of the unit */
    bool is_replaceable;             /* typedefs that are declared now */
    struct fc__open_body *unsettled; /* a body without a tag, which may repeat that of the typedef behind it */
    unsigned repetition;             /* bodies that are read to annotate others, within each other */
    struct fc__change *last_change;
    struct fc__arena temporary, scratch;
    struct fc__unit *unit;
    struct fc__decl *last_decl;        /* of this text */
    const struct fc__decl **next_decl; /* where the next one is linked */
    const struct fc__typedef **next_typedef;
    const struct fc__body **next_body;
    const struct fc__enumerator **next_enumerator;
    const struct fc__skipped **next_skipped;
    unsigned skipped_count;                                         /* of this text */
    const struct fc__type *scalars[FC__SCALAR_COUNT][2], *voids[2]; /* without and with const */
};

/* -- cursor.c ------------------------------------------------------------------------------------------------------ */

bool fc__decl_advance(struct fc__parser *parser);
/* The token behind the one in hand; NULL on an error. */
const struct fc__token *fc__decl_peek(struct fc__parser *parser);
/* FC__WORD_NONE if it is not a word of the grammar, or has been declared to be something else. */
enum fc__word_kind fc__decl_word_kind(const struct fc__token *token);
bool fc__decl_is_float_name(const struct fc__name *name); /* a word of gcc's that a text may declare */
/* True if the token can be declared to be something: neither a keyword nor an annotation. */
bool fc__decl_is_identifier(const struct fc__token *token);
bool fc__decl_is_known_type(const struct fc__token *token);
/* True if a declaration can begin with the token. */
bool fc__decl_starts_type(const struct fc__token *token);
/* Uses the token if it is `kind`. */
bool fc__decl_expect(struct fc__parser *parser, int kind, const char *where);
/* Fails at the token in hand: "expected WHAT, found ...". */
bool fc__decl_fail_found(struct fc__parser *parser, const char *what);
/* Around everything that nests. Fails beyond FC__DECL_DEPTH_MAX. */
bool fc__decl_enter(struct fc__parser *parser);
void fc__decl_leave(struct fc__parser *parser);
/* Uses everything from the bracket in hand to the one that closes it. */
bool fc__decl_skip_brackets(struct fc__parser *parser);
/* The same; `watch` sees each token that is no bracket in hand, with the number of brackets around it. It may use
 * tokens, whole pairs of brackets too, but not the last one of what it takes. */
typedef bool fc__decl_watch(struct fc__parser *parser, void *context, unsigned depth);
bool fc__decl_watch_brackets(struct fc__parser *parser, fc__decl_watch *watch, void *context);
/* Uses an assembler's text, if one is in hand. */
bool fc__decl_skip_asm(struct fc__parser *parser);
/* Uses a label, if one is in hand: the symbol that what is declared has for the linker. */
bool fc__decl_read_asm_label(struct fc__parser *parser, const char **ret_label);
/* A terminated copy of the name that lives as long as the unit. */
const char *fc__decl_keep_name(struct fc__parser *parser, struct fc__name *name);
/* Zeroed memory that lives as long as the declarator being read, the parser, the unit. */
void *fc__decl_temporary(struct fc__parser *parser, size_t size_bytes);
void *fc__decl_scratch(struct fc__parser *parser, size_t size_bytes);
void *fc__decl_keep(struct fc__parser *parser, size_t size_bytes);

/* For "%.*s": names are cut to a length that fits a message. */
#define FC__NAME_ARGS(name) (int)((name)->len > 80 ? 80 : (name)->len), (name)->text

/* -- attributes.c -------------------------------------------------------------------------------------------------- */

/* What attributes, __declspec and _Alignas say of the layout of what they belong to. Zeroed, they say nothing. */
struct fc__attributes {
    uint32_t alignment_bytes;      /* the strictest of those asked for, 0 if none was */
    const char *alignment_unknown; /* why one of them has no value, else NULL */
    bool is_packed;
    enum fc__record_rules rules;
    const char *convention;      /* stdcall and the like, NULL if none */
    const struct fc__mode *mode; /* NULL if none */
    uint64_t vector_bytes;       /* 0 if none */
    uint32_t format;             /* the number of the parameter that is a format of printf's; 0 if none */
    struct fc__place type_place; /* of what says mode or vector_bytes */
};

/* Uses attributes, __declspec, _Alignas, calling conventions and __extension__, adding what they say. */
bool fc__decl_read_attributes(struct fc__parser *parser, struct fc__attributes *attributes);
/* The same, where they say nothing that matters. */
bool fc__decl_skip_attributes(struct fc__parser *parser);
/* What belongs to the whole declaration belongs to each declarator of it. */
void fc__decl_join_attributes(struct fc__attributes *to, const struct fc__attributes *from);
/* The type that mode, vector_size and a calling convention make of `type`; NULL on an error. A convention belongs to
 * the function that it is or points to. */
const struct fc__type *fc__decl_attributed_type(struct fc__parser *parser, const struct fc__type *type,
                                                const struct fc__attributes *attributes);
/* formats.c: the same for attribute format; of a function that has no such parameter, or nothing for it to speak of, it
 * says nothing. And a parameter's annotation with it. */
const struct fc__type *fc__decl_formatted_type(struct fc__parser *parser, const struct fc__type *type, uint32_t number);
void fc__decl_take_format(struct fc__annotation *annotation);

/* -- types.c ------------------------------------------------------------------------------------------------------- */

const struct fc__type *fc__decl_type_void(struct fc__parser *parser);
const struct fc__type *fc__decl_type_scalar(struct fc__parser *parser, enum fc__scalar scalar);
const struct fc__type *fc__decl_type_tag(struct fc__parser *parser, struct fc__tag *tag);
const struct fc__type *fc__decl_type_const(struct fc__parser *parser, const struct fc__type *type);
/* Fails, with NULL, for an array or function; they cannot be atomic. */
const struct fc__type *fc__decl_type_atomic(struct fc__parser *parser, const struct fc__type *type,
                                            const struct fc__place *place);
/* The type under a typedef's name. */
const struct fc__type *fc__decl_type_named(struct fc__parser *parser, const struct fc__type *type,
                                           const char *spelling);
/* A pointer, array or function; `place` is where messages say that it has too many levels. */
const struct fc__type *fc__decl_type_derived(struct fc__parser *parser, const struct fc__type *like,
                                             const struct fc__place *place);
/* An integer that a size may be: not one of 128 bits. */
bool fc__decl_type_is_integer(const struct fc__type *type);
/* The same, with all bits of an unsigned one; plain char is signed. */
bool fc__decl_scalar_is_unsigned(enum fc__scalar scalar);
/* The same type, as C11 6.7p3 wants of a repeated typedef. */
bool fc__decl_types_equal(const struct fc__type *a, const struct fc__type *b);

/* -- scope.c ------------------------------------------------------------------------------------------------------- */

void fc__decl_open_scope(struct fc__parser *parser, struct fc__scope *scope);
void fc__decl_close_scope(struct fc__parser *parser);
/* NULL on an error: out of memory, or `name` already stands for something in this scope. A function, variable or
 * typedef may be repeated. */
struct fc__symbol *fc__decl_declare(struct fc__parser *parser, enum fc__symbol_kind kind, struct fc__name *name,
                                    const struct fc__place *place);
/* A typedef; its name keeps its identity if it is one such as size_t. */
bool fc__decl_declare_typedef(struct fc__parser *parser, struct fc__name *name, const struct fc__type *type,
                              const struct fc__place *place);
/* `name` may be NULL: a new anonymous tag. */
struct fc__tag *fc__decl_find_tag(struct fc__parser *parser, enum fc__type_kind kind, struct fc__name *name,
                                  const struct fc__place *place);
/* Makes the next body's id the one behind `count`. */
bool fc__decl_restore_ids(struct fc__parser *parser, uint32_t count);
/* The tag of a body that the unit has. NULL on an error. */
struct fc__tag *fc__decl_restore_tag(struct fc__parser *parser, struct fc__body *body);
/* "struct", "union" or "enum". */
const char *fc__decl_tag_noun(enum fc__type_kind kind);
/* "unknown type name", with the nearest known one. */
bool fc__decl_fail_unknown_type(struct fc__parser *parser, const struct fc__token *token);
/* True if the name is like one of a type. */
bool fc__decl_suggests_type(struct fc__parser *parser, const struct fc__name *name);

/* -- restored.c ---------------------------------------------------------------------------------------------------- */

/* Puts all that the unit has in scope. */
bool fc__decl_restore_scope(struct fc__parser *parser);

/* -- amended.c ----------------------------------------------------------------------------------------------------- */

/* Before something of the unit is changed: so that it can be undone. Without its link to the next, which comes last:
 * what is left out stays where it is. */
bool fc__decl_note_change(struct fc__parser *parser, const void *at, size_t size_bytes);
/* All that came behind `until`, which is NULL for all. */
void fc__decl_undo_changes(struct fc__parser *parser, struct fc__change *until);
bool fc__decl_types_compatible(const struct fc__type *was, const struct fc__type *is);
/* `name`, which was declared as `was`, is declared again as `is`: the type that it then has. In the unit's first text
 * it keeps what it has of annotations; in a further one it gets new ones. NULL on an error. */
const struct fc__type *fc__decl_amend_function(struct fc__parser *parser, const char *name, const struct fc__type *was,
                                               const struct fc__type *is, const struct fc__place *place);
/* The same of a typedef, of the same type. */
bool fc__decl_amend_typedef(struct fc__parser *parser, const struct fc__type *was, const struct fc__type *is,
                            const struct fc__place *place);
/* True if the typedef `was` may be of the body that is unsettled. */
bool fc__decl_is_repeatable(const struct fc__parser *parser, const struct fc__type *was);
/* It is: annotates its members. */
bool fc__decl_amend_record(struct fc__parser *parser, const struct fc__type *was);
/* The unsettled body is one of its own. */
bool fc__decl_settle_body(struct fc__parser *parser);
/* Gives the members of `open->names` the annotations of those of `open->body`, which repeat them. */
bool fc__decl_amend_members(struct fc__parser *parser, struct fc__open_body *open);
/* What the type of a function says of it. */
/* The last declaration of that name with a condition; NULL if there is none. */
const struct fc__decl *fc__decl_last_row(const struct fc__parser *parser, const char *name);
void fc__decl_set_function(struct fc__decl *decl, const struct fc__type *type);

/* -- annotated.c --------------------------------------------------------------------------------------------------- */

/* One word where it stands. */
struct fc__annotation_use {
    const struct fc__annotation_word *word;
    struct fc__place place;
    struct fc__annotation_use *next;
};

/* What was said of one thing. */
struct fc__said {
    struct fc__annotation value;
    struct fc__annotation_use *first, *last;
    struct fc__pending pending;
    const struct fc__name *named; /* by _At_; else NULL */
    struct fc__place named_place;
};

/* The annotations of one declaration. */
struct fc__annotated {
    struct fc__said own;      /* of the parameter, member or variable */
    struct fc__said function; /* of the function that is declared or pointed to, and of its result */
    const struct fc__expr *success, *fails_with, *when;
    bool begins, ends;
};

enum fc__annotated_what {
    FC__ANNOTATED_NOTHING,
    FC__ANNOTATED_PARAMETER,
    FC__ANNOTATED_MEMBER,
    FC__ANNOTATED_DECLARATION,
};

bool fc__decl_is_annotation(const struct fc__token *token);
bool fc__decl_read_annotation(struct fc__parser *parser, enum fc__annotated_what what, struct fc__annotated *annotated);
/* Fails at the token in hand: the annotation has not the arguments it takes. */
bool fc__decl_fail_argument_count(struct fc__parser *parser, const struct fc__annotation_word *word);
/* Fails at an annotation that stands where it means nothing. */
bool fc__decl_fail_misplaced(struct fc__parser *parser);
/* Adds what a word without arguments says. */
void fc__decl_say(struct fc__said *said, const struct fc__annotation_word *word, const struct fc__place *place);

/* -- settled.c ----------------------------------------------------------------------------------------------------- */

/* Checks what was said of a thing against its type, and writes what it comes to. `what` names the thing in messages:
 * "parameter 'len'". */
bool fc__decl_settle(struct fc__parser *parser, const struct fc__said *said, enum fc__annotated_what kind,
                     const char *what, const struct fc__type *type, struct fc__annotation *ret_annotation);
/* Moves what is said of a function to the type of it, which `type` is or points to; NULL on an error. `name` is that of
 * the thing, NULL if it has none. */
const struct fc__type *fc__decl_settle_function(struct fc__parser *parser, struct fc__annotated *annotated,
                                                enum fc__annotated_what kind, const struct fc__name *name,
                                                const struct fc__type *type);
/* The same of a typedef. */
const struct fc__type *fc__decl_settle_typedef(struct fc__parser *parser, struct fc__annotated *annotated,
                                               const struct fc__name *name, const struct fc__type *type);
/* Fails if words of variables stand before what is none that may change. `name` and `type` are what is declared. */
bool fc__decl_check_variable(struct fc__parser *parser, const struct fc__annotated *annotated, bool is_typedef,
                             const struct fc__name *name, const struct fc__type *type);
struct fc__parameters;
/* Fails if a size among the parameters names a result that is no number. `place` is where the list begins. */
bool fc__decl_check_named_result(struct fc__parser *parser, const struct fc__parameters *parameters,
                                 const struct fc__type *result, const struct fc__place *place);
/* The function that a type is, points to, or is an array of pointers to; NULL if none. */
const struct fc__type *fc__decl_function_of(const struct fc__type *type);

/* -- sizes.c ------------------------------------------------------------------------------------------------------- */

/* Where a size stands. */
struct fc__size_place {
    const struct fc__annotation_word *annotation;
    bool is_capacity; /* needed before the call */
    bool of_member;   /* it names members */
    struct fc__pending *pending;
};

/* Reads one size or condition; NULL on an error. Its names stay pending. */
const struct fc__expr *fc__decl_read_size(struct fc__parser *parser, const struct fc__size_place *place);
/* A constant; NULL on an error. */
const struct fc__expr *fc__decl_read_constant_expr(struct fc__parser *parser);

/* -- size_names.c -------------------------------------------------------------------------------------------------- */

void fc__decl_join_pending(struct fc__pending *to, const struct fc__pending *from);
/* Finds the names among the parameters. */
bool fc__decl_resolve_sizes(struct fc__parser *parser, const struct fc__pending *pending,
                            const struct fc__param *params, uint32_t count, struct fc__pending *around);
/* Finds those of a body, and of all bodies in it, among their members. */
bool fc__decl_resolve_members(struct fc__parser *parser, const struct fc__open_body *open);
/* Finds what was left to the end of the text. */
bool fc__decl_resolve_late(struct fc__parser *parser);

/* -- constants.c --------------------------------------------------------------------------------------------------- */

/* Of a part such as `((struct s *)0)->member`, what `value` is. */
enum fc__address {
    FC__ADDRESS_NONE,      /* nothing */
    FC__ADDRESS_OF_OBJECT, /* where it lies */
    FC__ADDRESS_VALUE,     /* the pointer that it is */
};

struct fc__constant {
    int64_t value;
    bool is_unsigned, is_wide;   /* its type: of 32 bits, or of 64. Without a target, long counts as 64 */
    unsigned longs;              /* how often its type says long, where that is known; else 0 */
    const struct fc__type *cast; /* its type, where it is a value that was cast; else NULL */
    const struct fc__type *type; /* of what has none of these values, but may be part of what has; else NULL */
    enum fc__address address;    /* with `type` */
    bool is_variable;            /* a variable or parameter is in it: the array is one of variable length */
    const char *unknown;         /* why there is no value; NULL: there is one */
    int unknown_code;
    struct fc__place unknown_place;
};

bool fc__decl_read_constant(struct fc__parser *parser, struct fc__constant *ret_constant);
/* What a cast to `type`, which stands at `place`, makes of it. */
void fc__decl_cast(struct fc__parser *parser, struct fc__constant *constant, const struct fc__type *type,
                   const struct fc__place *place);
/* Whether the scalar has 64 bits; 32 if not. */
bool fc__decl_is_wide_scalar(struct fc__parser *parser, enum fc__scalar scalar);
/* Fails if the constant has no value. */
bool fc__decl_require_constant(struct fc__parser *parser, const struct fc__constant *constant);

/* -- operands.c ---------------------------------------------------------------------------------------------------- */

/* A unary expression, C11 6.5.3. */
bool fc__decl_read_unary(struct fc__parser *parser, struct fc__constant *ret_constant);
/* From behind `sizeof`, `_Alignof`, `__alignof__` or `__builtin_offsetof`, which `word` says and which stood at
 * `place`. */
bool fc__decl_read_measure(struct fc__parser *parser, enum fc__word_kind word, const struct fc__place *place,
                           struct fc__constant *constant);
/* From behind `typeof`. NULL on an error. */
const struct fc__type *fc__decl_read_typeof(struct fc__parser *parser);
/* Of the elements of strings and of characters with this prefix, C11 6.4.5p6; 0: none. NULL on an error. */
const struct fc__type *fc__decl_character_type(struct fc__parser *parser, char prefix);
/* Strings one behind the other, of which only the size is known. */
bool fc__decl_read_string(struct fc__parser *parser, struct fc__constant *constant);
/* At the braces of a compound literal, C11 6.5.2.5, and what is behind it. */
bool fc__decl_read_literal(struct fc__parser *parser, const struct fc__type *type, struct fc__constant *constant);
/* . -> [] and () behind an operand. */
bool fc__decl_read_postfix(struct fc__parser *parser, struct fc__constant *constant);
/* &operand, if `is_address`, else *operand. */
bool fc__decl_apply_indirection(struct fc__parser *parser, bool is_address, const struct fc__place *place,
                                struct fc__constant *constant);
/* True if it is a pointer, or an array, which becomes one to its first element, and what that points to is at
 * `value`. */
bool fc__decl_is_known_pointer(const struct fc__constant *constant);
void fc__decl_make_unknown(struct fc__constant *constant, int code, const struct fc__place *place, const char *why);

/* -- chosen.c ------------------------------------------------------------------------------------------------------ */

/* At _Generic or __builtin_types_compatible_p. */
bool fc__decl_read_choice(struct fc__parser *parser, struct fc__constant *constant);
/* The type of the operand; NULL in *ret_type: nobody knows. */
bool fc__decl_type_of(struct fc__parser *parser, const struct fc__constant *operand, const struct fc__type **ret_type);
/* The type of an expression as a value, in hand: a pointer instead of an array or function. NULL in *ret_type: nobody
 * knows. */
bool fc__decl_read_value_type(struct fc__parser *parser, const struct fc__type **ret_type);
/* How often the scalar is long on the target. */
unsigned fc__decl_longs(struct fc__parser *parser, enum fc__scalar scalar);

/* -- tags.c -------------------------------------------------------------------------------------------------------- */

/* From `struct`, `union` or `enum` on. Attributes that belong to the declaration, not to the body, are added to
 * `attributes`. */
const struct fc__type *fc__decl_read_tag(struct fc__parser *parser, struct fc__attributes *attributes);
/* Checks it if the target is known. */
bool fc__decl_read_static_assert(struct fc__parser *parser);

/* -- specifiers.c -------------------------------------------------------------------------------------------------- */

struct fc__specifiers {
    const struct fc__type *type;
    enum fc__word_kind storage; /* FC__WORD_NONE, _TYPEDEF, _EXTERN, _STATIC, _AUTO, _REGISTER, _THREAD */
    struct fc__place storage_place;
    bool is_inline;
    bool is_tag;  /* a struct, union or enum: may stand without a declarator */
    bool is_auto; /* __auto_type: `type` is not known before the value is */
    struct fc__attributes attributes;
    struct fc__annotated annotated;
};

bool fc__decl_read_specifiers(struct fc__parser *parser, enum fc__annotated_what what,
                              struct fc__specifiers *ret_specifiers);

/* -- initializers.c ------------------------------------------------------------------------------------------------ */

/* To the ',' or ';' behind a value. */
bool fc__decl_skip_initializer(struct fc__parser *parser);
/* The value of an array whose length is missing; *ret_type is the array with its length, or without where it is not
 * known. */
bool fc__decl_read_array_value(struct fc__parser *parser, const struct fc__type *type, const struct fc__place *place,
                               const struct fc__type **ret_type);
/* At the '=' behind the name of __auto_type: the type of the value. */
const struct fc__type *fc__decl_read_auto_value(struct fc__parser *parser, const struct fc__place *place,
                                                bool is_const);

/* -- declarators.c ------------------------------------------------------------------------------------------------- */

enum fc__naming { FC__NAMING_REQUIRED, FC__NAMING_OPTIONAL, FC__NAMING_FORBIDDEN };

struct fc__declarator {
    struct fc__name *name;  /* NULL if there is none */
    struct fc__place place; /* of the name, else of where it could be */
    const struct fc__type *type;
    /* What an outermost [] said; only with FC__NAMING_OPTIONAL, for parameters. */
    bool is_static_array, is_const_array;
    struct fc__attributes attributes; /* those in it */
    const char *label;                /* behind it: of the unit; NULL if there is none */
};

enum fc__declarator_use { FC__DECLARATOR_OBJECT, FC__DECLARATOR_PARAMETER, FC__DECLARATOR_MEMBER };

/* Reads a declarator and makes its type from `base`. */
bool fc__decl_read_declarator(struct fc__parser *parser, const struct fc__type *base, enum fc__naming naming,
                              enum fc__declarator_use use, struct fc__declarator *ret_declarator);
/* What a pointer of a parameter's points to: for an array of arrays of variable length its innermost element, as nobody
 * knows how long a row is, and the address is the same. */
const struct fc__type *fc__decl_flatten(const struct fc__type *type);
/* A type without a name, as in a cast. */
bool fc__decl_read_type_name(struct fc__parser *parser, const struct fc__type **ret_type);

/* -- parameters.c -------------------------------------------------------------------------------------------------- */

struct fc__parameters {
    const struct fc__param *params;
    uint32_t count, fixed_count; /* see struct fc__type */
    bool is_variadic;
};

/* From behind the '(' to behind the ')'. */
bool fc__decl_read_parameters(struct fc__parser *parser, struct fc__parameters *ret_parameters);

/* -- windows_names.c -----------------------------------------------------------------------------------------------
 */

/* Declares the name in hand, which stands for nothing yet. */
bool fc__decl_declare_windows_name(struct fc__parser *parser, struct fc__name *name);

/* -- skipped.c ----------------------------------------------------------------------------------------------------- */

/* Where a declaration begins. */
struct fc__mark {
    struct fc__lexer lexer;
    struct fc__token token, ahead;
    bool has_ahead;
    struct fc__late_name *late_names;
    struct fc__change *last_change;
};
void fc__decl_mark(const struct fc__parser *parser, struct fc__mark *ret_mark);
/* Goes on reading there. Names that were met since then stay known. */
void fc__decl_read_from(struct fc__parser *parser, const struct fc__mark *mark);
/* The declaration that began there cannot be read: goes on behind it, if it may be left out. Else false, with the error
 * that there was. */
bool fc__decl_skip_declaration(struct fc__parser *parser, const struct fc__mark *mark);

#endif
