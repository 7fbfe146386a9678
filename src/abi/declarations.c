#include "abi/declarations.h"

#include "decl/suggest.h"

#include <stdlib.h>
#include <string.h>

static int out_of_memory(struct fc__error *err) {
    return fc__error_set(err, FC_ENOMEM, "out of memory");
}

void fc__declarations_init(struct fc__declarations *declarations, const struct fc__target *caller,
                           const struct fc__target *callee) {
    *declarations = (struct fc__declarations){.names = {NULL, NULL, NULL}};
    fc__layouts_init_pair(&declarations->layouts[FC__HERE], caller, &declarations->layouts[FC__THERE], callee);
}

static void forget_names(struct fc__declarations *declarations) {
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        free(declarations->slots[side]);
        declarations->slots[side] = NULL;
        declarations->slot_count[side] = 0;
    }
    free(declarations->functions);
    declarations->functions = NULL;
}

void fc__declarations_done(struct fc__declarations *declarations) {
    forget_names(declarations);
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        fc__layouts_done(&declarations->layouts[side]);
        fc__decl_unit_done(&declarations->units[side]);
    }
    fc__arena_done(&declarations->names);
}

/* -- reading ------------------------------------------------------------------------------------------------------- */

/* One text on its way into both units. It stays only if it is read for both, and `then` wishes it. */
struct reading {
    struct fc__declarations *declarations;
    const char *name, *texts[2];
    int (*then)(struct reading *reading);
    const struct fc__decl *before; /* the last declaration here */
    const char *kinds;
    struct fc__plan **ret_plan;
    struct fc__error *err;
};

static int read_side(struct reading *reading, enum fc__side side, int (*then)(void *data));

/* Which of the two texts it is, where they may differ. */
static int say_target(struct reading *reading, enum fc__side side, int rc) {
    if (rc != FC_OK && reading->texts[FC__HERE] != reading->texts[FC__THERE]) {
        fc__error_add(reading->err, "\nin the text for %s", reading->declarations->layouts[side].target->name);
    }
    return rc;
}

static int when_both_are_read(void *data) {
    struct reading *reading = data;
    return reading->then != NULL ? reading->then(reading) : FC_OK;
}

static int read_there(void *data) {
    return read_side(data, FC__THERE, when_both_are_read);
}

/* The first text of a unit is read as such; of what it holds nothing needs to be taken back. */
static int read_first(struct reading *reading, enum fc__side side, int (*then)(void *data)) {
    struct fc__declarations *declarations = reading->declarations;
    struct fc__unit *unit = &declarations->units[side];
    int rc = say_target(reading, side,
                        fc__layout_parse(&declarations->layouts[side], reading->texts[side],
                                         strlen(reading->texts[side]), reading->name, unit, reading->err));
    rc = rc == FC_OK ? then(reading) : rc;
    if (rc != FC_OK) {
        fc__layouts_done(&declarations->layouts[side]); /* it can be used again */
        fc__decl_unit_done(unit);
        *unit = (struct fc__unit){.source_name = NULL};
    }
    return rc;
}

struct further {
    struct reading *reading;
    int (*then)(void *data);
    bool is_read;
};

static int when_further_is_read(void *data) {
    struct further *further = data;
    further->is_read = true;
    return further->then(further->reading);
}

static int read_side(struct reading *reading, enum fc__side side, int (*then)(void *data)) {
    struct fc__declarations *declarations = reading->declarations;
    struct further further = {.reading = reading, .then = then};
    if (declarations->units[side].source_name == NULL) {
        return read_first(reading, side, then);
    }
    int rc = fc__layout_parse_more_then(&declarations->layouts[side], &declarations->units[side], reading->texts[side],
                                        strlen(reading->texts[side]), reading->name, when_further_is_read, &further,
                                        reading->err);
    return further.is_read ? rc : say_target(reading, side, rc);
}

static void set_may_skip(struct fc__declarations *declarations, bool may_skip) {
    declarations->layouts[FC__HERE].may_skip = declarations->layouts[FC__THERE].may_skip = may_skip;
}

int fc__declarations_read(struct fc__declarations *declarations, const char *name, const char *here, const char *there,
                          bool may_skip, struct fc__error *err) {
    struct reading reading = {.declarations = declarations,
                              .name = fc__arena_copy(&declarations->names, name, strlen(name)),
                              .texts = {here, there},
                              .err = err};
    if (reading.name == NULL) {
        return out_of_memory(err);
    }
    forget_names(declarations);
    set_may_skip(declarations, may_skip);
    int rc = read_side(&reading, FC__HERE, read_there);
    set_may_skip(declarations, false);
    return rc;
}

static bool is_among(const struct fc__skipped *skipped, const char *why) {
    while (skipped != NULL && strcmp(skipped->why, why) != 0) {
        skipped = skipped->next;
    }
    return skipped != NULL;
}

const char *fc__declarations_skipped(const struct fc__declarations *declarations, size_t index) {
    const struct fc__skipped *here = declarations->units[FC__HERE].skipped;
    for (const struct fc__skipped *skipped = here; skipped != NULL; skipped = skipped->next) {
        if (index-- == 0) {
            return skipped->why;
        }
    }
    for (const struct fc__skipped *skipped = declarations->units[FC__THERE].skipped; skipped != NULL;
         skipped = skipped->next) {
        if (!is_among(here, skipped->why) && index-- == 0) {
            return skipped->why;
        }
    }
    return NULL;
}

/* -- names --------------------------------------------------------------------------------------------------------- */

static size_t hash(const char *name) {
    uint32_t sum = 2166136261u;
    for (size_t i = 0; name[i] != '\0'; i++) {
        sum = (sum ^ (unsigned char)name[i]) * 16777619u;
    }
    return sum;
}

/* Where the name is, or would be. */
static const struct fc__decl **slot_of(const struct fc__declarations *declarations, enum fc__side side,
                                       const char *name) {
    const size_t mask = declarations->slot_count[side] - 1;
    const struct fc__decl **slots = declarations->slots[side];
    size_t at = hash(name) & mask;
    while (slots[at] != NULL && strcmp(slots[at]->name, name) != 0) {
        at = (at + 1) & mask;
    }
    return &slots[at];
}

static bool learn_names(struct fc__declarations *declarations, enum fc__side side) {
    if (declarations->slots[side] != NULL) {
        return true;
    }
    size_t count = 0, slots = 16;
    for (const struct fc__decl *decl = declarations->units[side].first; decl != NULL; decl = decl->next) {
        count++;
    }
    while (slots < count * 2) {
        slots *= 2;
    }
    declarations->slots[side] = calloc(slots, sizeof(const struct fc__decl *));
    if (declarations->slots[side] == NULL) {
        return false;
    }
    declarations->slot_count[side] = slots;
    for (const struct fc__decl *decl = declarations->units[side].first; decl != NULL; decl = decl->next) {
        *slot_of(declarations, side, decl->name) = decl;
    }
    return true;
}

/* Each once: by the declaration that its name leads to. */
static bool learn_functions(struct fc__declarations *declarations) {
    if (declarations->functions != NULL) {
        return true;
    }
    if (!learn_names(declarations, FC__HERE) || !learn_names(declarations, FC__THERE)) {
        return false;
    }
    size_t count = 0;
    declarations->functions = calloc(declarations->slot_count[FC__HERE], sizeof *declarations->functions);
    for (const struct fc__decl *decl = declarations->units[FC__HERE].first;
         decl != NULL && declarations->functions != NULL; decl = decl->next) {
        const bool is_paired = *slot_of(declarations, FC__THERE, decl->name) != NULL;
        if (decl->kind == FC__DECL_FUNCTION && is_paired && *slot_of(declarations, FC__HERE, decl->name) == decl) {
            declarations->functions[count++] = decl->name;
        }
    }
    declarations->function_count = count;
    return declarations->functions != NULL;
}

const char *fc__declarations_function(struct fc__declarations *declarations, size_t index) {
    return learn_functions(declarations) && index < declarations->function_count ? declarations->functions[index]
                                                                                 : NULL;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_of_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

/* The first word, and how much of the text it is. */
static const char *word_of(const char *text, size_t *ret_len) {
    size_t len = 0;
    while (is_blank(*text)) {
        text++;
    }
    while (is_of_name(text[len])) {
        len++;
    }
    *ret_len = len;
    return text;
}

bool fc__declarations_is_name(const char *text) {
    size_t len;
    text = word_of(text, &len);
    const char *rest = text + len;
    while (is_blank(*rest)) {
        rest++;
    }
    return len != 0 && *rest == '\0' && !(*text >= '0' && *text <= '9');
}

/* Adds what is known of a name that a side lacks: that what has it in it could not be read. */
static int say_skipped(const struct fc__unit *unit, const char *name, struct fc__error *err) {
    const struct fc__skipped *skipped = fc__decl_find_skipped(unit, name);
    if (skipped != NULL) {
        fc__error_add(err, "; a declaration that has it in it could not be read:\n%s", skipped->why);
    }
    return err->code;
}

static int not_declared(const struct fc__declarations *declarations, const char *name, struct fc__error *err) {
    struct fc__suggestion nearest;
    char text[FC__SUGGEST_TEXT_MAX];
    const struct fc__unit *here = &declarations->units[FC__HERE];
    if (here->source_name == NULL) {
        return fc__error_set(err, FC_EINVAL,
                             "`%.200s` is a name alone, and nothing was declared that could have it: read a header, or "
                             "give the prototype",
                             name);
    }
    fc__error_set(err, FC_EINVAL, "`%.200s` is not declared in %s", name, here->source_name);
    if (fc__decl_find_skipped(here, name) != NULL) {
        return say_skipped(here, name, err);
    }
    fc__decl_suggest_init(&nearest, name, strlen(name));
    for (const struct fc__decl *decl = here->first; decl != NULL; decl = decl->next) {
        fc__decl_suggest_offer(&nearest, decl->name, strlen(decl->name));
    }
    fc__error_add(err, "%s", fc__decl_suggest_text(&nearest, text));
    return FC_EINVAL;
}

/* -- functions ----------------------------------------------------------------------------------------------------- */

static int plan_of(struct fc__declarations *declarations, const struct fc__decl *const decls[2], const char *kinds,
                   struct fc__plan **ret_plan, struct fc__error *err) {
    return fc__plan_of_pair(&declarations->layouts[FC__HERE], &declarations->layouts[FC__THERE], decls, kinds, ret_plan,
                            err);
}

static int plan_of_declared(struct fc__declarations *declarations, const char *name, const char *kinds,
                            struct fc__plan **ret_plan, struct fc__error *err) {
    const struct fc__decl *decls[2];
    for (enum fc__side side = FC__HERE; side <= FC__THERE; side++) {
        if (!learn_names(declarations, side)) {
            return out_of_memory(err);
        }
        decls[side] = *slot_of(declarations, side, name);
    }
    if (decls[FC__HERE] == NULL && decls[FC__THERE] == NULL) {
        return not_declared(declarations, name, err);
    }
    if (decls[FC__HERE] == NULL || decls[FC__THERE] == NULL) {
        const enum fc__side has = decls[FC__HERE] != NULL ? FC__HERE : FC__THERE;
        const enum fc__side lacks = has == FC__HERE ? FC__THERE : FC__HERE;
        fc__error_set(err, FC_EUNSUPPORTED, "`%.200s` is declared for %s (%.200s:%u), but not for %s", decls[has]->name,
                      declarations->layouts[has].target->name, decls[has]->file, (unsigned)decls[has]->line,
                      declarations->layouts[lacks].target->name);
        return say_skipped(&declarations->units[lacks], name, err);
    }
    int rc = plan_of(declarations, decls, kinds, ret_plan, err);
    if (rc != FC_OK && rc != FC_ENOMEM) {
        fc__error_add(err, "\n%.300s:%u: declared here", decls[FC__HERE]->file, (unsigned)decls[FC__HERE]->line);
    }
    return rc;
}

static int plan_of_name(struct fc__declarations *declarations, const char *text, const char *kinds,
                        struct fc__plan **ret_plan, struct fc__error *err) {
    size_t len;
    struct fc__arena arena = {0};
    const char *word = word_of(text, &len), *name = fc__arena_copy(&arena, word, len);
    int rc = name != NULL ? plan_of_declared(declarations, name, kinds, ret_plan, err) : out_of_memory(err);
    fc__arena_done(&arena);
    return rc;
}

enum { TAKEN_BACK = 1 }; /* no error: the plan is made, and what its text added goes */

static int plan_last(struct reading *reading) {
    struct fc__declarations *declarations = reading->declarations;
    const struct fc__decl *const decls[2] = {declarations->units[FC__HERE].last, declarations->units[FC__THERE].last};
    if (decls[FC__HERE] == reading->before) {
        return fc__error_set(reading->err, FC_EPARSE, "the text declares no function or variable");
    }
    int rc = plan_of(declarations, decls, reading->kinds, reading->ret_plan, reading->err);
    return rc == FC_OK ? TAKEN_BACK : rc;
}

int fc__declarations_plan(struct fc__declarations *declarations, const char *text, const char *kinds,
                          struct fc__plan **ret_plan, struct fc__error *err) {
    if (fc__declarations_is_name(text)) {
        return plan_of_name(declarations, text, kinds, ret_plan, err);
    }
    struct reading reading = {.declarations = declarations,
                              .name = "prototype",
                              .texts = {text, text},
                              .then = plan_last,
                              .kinds = kinds,
                              .before = declarations->units[FC__HERE].last,
                              .ret_plan = ret_plan,
                              .err = err};
    int rc = read_side(&reading, FC__HERE, read_there);
    return rc == TAKEN_BACK ? FC_OK : rc;
}
