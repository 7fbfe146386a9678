/* tests: C made at random: functions that take and return the structs of marshal_random_structs.h, for
 * test_marshal_random.c. */
#ifndef FC_TESTS_MARSHAL_RANDOM_H
#define FC_TESTS_MARSHAL_RANDOM_H

#include "marshal_random_structs.h"

/* -- functions ----------------------------------------------------------------------------------------------------- */

/* The function at hand. */
struct made {
    unsigned number;
    char names[PARAMS_MAX * 4][16]; /* those of its parameters, in order */
    unsigned count;
    struct {
        unsigned number, parameter;
    } objects[PARAMS_MAX]; /* structs that a parameter points to, and may be changed */
    unsigned object_count;
};

__attribute__((format(printf, 4, 5))) static void add_parameter(struct random *r, struct made *made, const char *name,
                                                                const char *format, ...) {
    char text[400];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    put(r, BODY, "%s%s", made->count > 0 ? ", " : "", text);
    require(made->count < sizeof made->names / sizeof made->names[0]);
    snprintf(made->names[made->count++], sizeof made->names[0], "%s", name);
}

/* In the driver, what is passed is a variable of the parameter's name. */
static inline void add_count(struct random *r, struct made *made, const char *name, unsigned most) {
    const char *type = ONE_OF(r, counts);
    char count[16];
    snprintf(count, sizeof count, "n%s", name);
    add_parameter(r, made, count, "%s %s", type, count);
    put(r, BUILD, "%s %s = any_below(%u);", type, count, most + 1);
    put(r, SEE, "see(\"%s\", (sum_t)%s);", count, count);
}

static inline void put_value_parameter(struct random *r, struct made *made, const char *name) {
    const struct element element = any_element(r, STRUCTS, 3);
    add_parameter(r, made, name, "%s %s", element.type, name);
    put_element(r, &element, name, name, "0");
    put(r, BUILD, "%s %s = any_%s();", element.type, name, element.name);
}

static inline void put_struct_parameter(struct random *r, struct made *made, const char *name) {
    const unsigned number = draw(r, STRUCTS);
    static const char *const words[] = {"_In_ const", "_In_opt_ const", "_Inout_", "_Inout_", "_Inout_opt_"};
    const char *word = ONE_OF(r, words);
    struct element element = {.is_struct = true};
    snprintf(element.name, sizeof element.name, "s%u", number);
    snprintf(element.type, sizeof element.type, "struct s%u", number);
    add_parameter(r, made, name, "%s %s *%s", word, element.type, name);
    put(r, BUILD, "%s *%s;", element.type, name);
    put_behind(r, &element, name, name, "1", word[3] == '_');
    if (word[3] != '_') {
        made->objects[made->object_count].number = number;
        made->objects[made->object_count++].parameter = (unsigned)strtoul(name + 1, NULL, 10);
    }
}

static inline void put_buffer_parameter(struct random *r, struct made *made, const char *name) {
    const struct element element = any_element(r, STRUCTS, 3);
    static const char *const words[] = {"_In_reads_", "_In_reads_opt_", "_Inout_updates_", "_Inout_updates_",
                                        "_Inout_updates_opt_"};
    const char *word = ONE_OF(r, words);
    const bool is_const = word[3] == '_', is_first = draw(r, 2) == 0;
    char count[16];
    snprintf(count, sizeof count, "n%s", name);
    if (is_first) {
        add_count(r, made, name, element.is_struct ? 3 : 20);
    }
    add_parameter(r, made, name, "%s(%s) %s%s *%s", word, count, is_const ? "const " : "", element.type, name);
    if (!is_first) {
        add_count(r, made, name, element.is_struct ? 3 : 200);
    }
    put(r, BUILD, "%s *%s;", element.type, name);
    put_behind(r, &element, name, name, count, is_const);
}

static inline void put_output_parameter(struct random *r, struct made *made, const char *name) {
    const struct element element = any_element(r, STRUCTS, 2);
    char count[24], at[32];
    const unsigned kind = draw(r, 4);
    snprintf(count, sizeof count, kind == 0 ? "1" : "n%s", name);
    snprintf(at, sizeof at, "%s[i]", name);
    if (kind != 0) {
        add_count(r, made, name, 6);
    }
    switch (kind) {
    case 0:
        add_parameter(r, made, name, "_Out_ %s *%s", element.type, name);
        break;
    case 1:
        add_parameter(r, made, name, "_Out_writes_all_(%s) %s *%s", count, element.type, name);
        break;
    case 2: /* of which only every second one is written */
        add_parameter(r, made, name, "_Out_writes_(%s) %s *%s", count, element.type, name);
        break;
    default:
        add_parameter(r, made, name, "_Out_writes_to_(%s, *u%s) %s *%s", count, name, element.type, name);
    }
    if (kind == 3) {
        char used[16];
        snprintf(used, sizeof used, "u%s", name);
        add_parameter(r, made, used, "_Out_ unsigned *%s", used);
        put(r, BUILD, "unsigned *%s = OUTPUT(unsigned, 1, 1);", used);
        put(r, CHANGE, "*%s = %s / 2;", used, count);
        snprintf(count, sizeof count, "*%s", used);
        put(r, BUILD, "%s *%s = OUTPUT(%s, n%s, 0);", element.type, name, element.name, name);
    } else {
        put(r, BUILD, "%s *%s = OUTPUT(%s, %s, %u);", element.type, name, element.name, count, kind != 2);
    }
    put(r, CHANGE, "for (unsigned i = 0; i < (unsigned)(%s); i += %u) { memset(&%s, 0, sizeof %s);", count,
        kind == 2 ? 2 : 1, at, at);
    /* What was written is seen by the caller, and cannot be before. */
    const size_t seen = r->used[SEE];
    put_element(r, &element, at, name, "1");
    r->text[SEE][r->used[SEE] = seen] = '\0';
    put(r, CHANGE, "}");
}

static inline void put_text_parameter(struct random *r, struct made *made, const char *name) {
    const struct number text = ONE_OF(r, texts);
    const bool is_const = draw(r, 2) == 0, is_char = strcmp(text.name, "char") == 0;
    add_parameter(r, made, name, "%s %s%s *%s",
                  is_const ? (is_char && draw(r, 2) == 0 ? "_In_opt_z_" : "_In_z_") : "_Inout_z_",
                  is_const ? "const " : "", text.type, name);
    put(r, SEE, "see_text_%s(\"%s\", %s, deep);", text.name, name, name);
    if (!is_const) {
        put(r, CHANGE, "if (meet(%s)) change_text_%s(%s);", name, text.name, name);
    }
    put(r, BUILD, "%s *%s = make_text_%s();", text.type, name, text.name);
}

static inline void put_list_parameter(struct random *r, struct made *made, const char *name) {
    const bool is_struct = draw(r, 2) == 0;
    const struct element element = any_element(r, is_struct ? STRUCTS : 0, 1);
    char count[24], at[32], length[4] = "1";
    snprintf(count, sizeof count, "n%s", name);
    snprintf(at, sizeof at, "%s[k]", name);
    add_count(r, made, name, 4);
    if (is_struct) {
        add_parameter(r, made, name, "_In_reads_(%s) %s *const *%s", count, element.type, name);
    } else {
        snprintf(length, sizeof length, "%u", 1 + draw(r, 3));
        add_parameter(r, made, name, "_In_reads_(%s) _At_(*%s, _Inout_updates_(%s)) %s *const *%s", count, name, length,
                      element.type, name);
    }
    put(r, BUILD, "%s **%s = piece(sizeof *%s, %s, see_all_pointers);", element.type, name, name, count);
    put(r, SEE, "if (see_pointer(\"%s\", %s, deep && %s))", name, name, count);
    put(r, CHANGE, "if (%s && meet(%s))", count, name);
    put_loops(r, "k", count);
    put_behind(r, &element, at, name, length, false);
    put_loops_end(r);
}

/* A function of the driver's, which sees what it is given, and changes what it may. */
static inline void put_callback_parameter(struct random *r, struct made *made, const char *name) {
    const struct element value = any_element(r, STRUCTS, 2), result = any_element(r, STRUCTS, 4);
    const bool is_own = made->object_count == 0 || draw(r, 2) == 0;
    const unsigned of = is_own ? draw(r, STRUCTS) : made->objects[made->object_count - 1].number;
    const bool is_const = draw(r, 3) == 0;
    char user[16], object[64];
    snprintf(user, sizeof user, "u%s", name);
    add_parameter(r, made, user, "_Fc_opaque_ void *%s", user);
    add_parameter(r, made, name, "%s (*%s)(_Fc_opaque_ void *user, %s value, %s struct s%u *object)", result.type, name,
                  value.type, is_const ? "_In_opt_ const" : "_Inout_opt_", of);
    put(r, BEFORE,
        "static %s back_%u_%s(void *user, %s value, %sstruct s%u *object) { const bool deep = true, had = "
        "sees_addresses; "
        "sees_addresses = false; begin_walk(); see(\"user\", user == arena + %u);",
        result.type, made->number, name, value.type, is_const ? "const " : "", of, 77 + made->number);
    if (value.is_struct) {
        put(r, BEFORE, "fold_%s(&value, deep);", value.name);
    } else {
        put(r, BEFORE, "see_%s(\"value\", value);", value.name);
    }
    put(r, BEFORE,
        "if (object != NULL) { fold_s%u(object, deep); begin_walk(); change_s%u((void *)object, %u); } %s result; "
        "memset(&result, 0, sizeof result); begin_walk();",
        of, of, !is_const, result.type);
    if (result.is_struct) {
        put(r, BEFORE, "change_%s(&result, 1);", result.name);
    } else {
        put(r, BEFORE, "result = changed_%s(%u);", result.name, made->number);
    }
    put(r, BEFORE, "sees_addresses = had; return result; }\n");
    put(r, BUILD, "void *%s = arena + %u; __typeof__(&back_%u_%s) %s = back_%u_%s;", user, 77 + made->number,
        made->number, name, name, made->number, name);
    /* Called with an object of the caller's or of its own. */
    snprintf(object, sizeof object, is_own ? "&object" : "p%u",
             is_own ? 0 : made->objects[made->object_count - 1].parameter);
    put(r, CHANGE,
        "{ may_link = false; struct s%u object; memset(&object, 0, sizeof object); change_s%u(&object, 1); %s value;",
        of, of, value.type);
    put(r, CHANGE, "memset(&value, 0, sizeof value);");
    if (value.is_struct) {
        put(r, CHANGE, "change_%s(&value, 1);", value.name);
    } else {
        put(r, CHANGE, "value = changed_%s(%u);", value.name, made->number);
    }
    put(r, CHANGE, "%s result = %s(%s, value, %s); begin_walk();", result.type, name, user, object);
    if (result.is_struct) {
        put(r, CHANGE, "fold_%s(&result, 1);", result.name);
    } else {
        put(r, CHANGE, "see_%s(\"result\", result);", result.name);
    }
    put(r, CHANGE, "fold_s%u(&object, 1); may_link = true; }", of);
}

/* A pointer that comes out: to an object of the caller's. */
static inline void put_pointer_out_parameter(struct random *r, struct made *made, const char *name) {
    if (made->object_count == 0) {
        put_struct_parameter(r, made, name);
        return;
    }
    const unsigned at = draw(r, made->object_count), number = made->objects[at].number;
    add_parameter(r, made, name, "_Outptr_result_maybenull_ struct s%u **%s", number, name);
    put(r, CHANGE, "*%s = p%u;", name, made->objects[at].parameter);
    put(r, BUILD, "struct s%u **%s = piece(sizeof *%s, 1, see_all_pointers);", number, name, name);
}

static inline void put_bytes_parameter(struct random *r, struct made *made, const char *name) {
    const bool is_const = draw(r, 2) == 0;
    add_count(r, made, name, draw(r, 2) == 0 ? 8 : 3000);
    add_parameter(r, made, name, "%s(n%s) %s%s *%s", is_const ? "_In_reads_bytes_" : "_Inout_updates_bytes_", name,
                  is_const ? "const " : "", draw(r, 2) == 0 ? "void" : "int", name);
    put(r, SEE, "if (see_pointer(\"%s\", %s, deep && n%s)) see_bytes(\"%s\", %s, n%s);", name, name, name, name, name,
        name);
    if (!is_const) {
        put(r, CHANGE, "if (n%s && meet(%s)) change_bytes(%s, n%s);", name, name, name, name);
    }
    put(r, BUILD, "void *%s = make_all_uchar(n%s);", name, name);
}

/* Room for a text, of which something is written. */
static inline void put_text_out_parameter(struct random *r, struct made *made, const char *name) {
    const struct number text = ONE_OF(r, texts);
    add_count(r, made, name, 12);
    add_parameter(r, made, name, "_Out_writes_z_(n%s) %s *%s", name, text.type, name);
    put(r, CHANGE, "for (unsigned i = 0; i < (unsigned)n%s; i++) %s[i] = i + 1 < n%s / 2 ? 'a' + i : 0;", name, name,
        name);
    put(r, BUILD, "%s *%s = OUTPUT(%s, n%s, 0);", text.type, name, text.name, name);
}

static inline void put_function(struct random *r, unsigned number) {
    static void (*const kinds[])(struct random *, struct made *, const char *) = {
        put_value_parameter,    put_value_parameter,       put_struct_parameter, put_struct_parameter,
        put_buffer_parameter,   put_output_parameter,      put_text_parameter,   put_list_parameter,
        put_callback_parameter, put_pointer_out_parameter, put_bytes_parameter,  put_text_out_parameter};
    struct made made = {.number = number};
    const unsigned parameters = 1 + draw(r, PARAMS_MAX);
    char result[64];
    for (enum section section = BEFORE; section <= BUILD; section++) {
        empty(r, section);
    }
    for (unsigned i = 0; i < parameters; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%u", i);
        put(r, CHANGE, "{");
        ONE_OF(r, kinds)(r, &made, name);
        put(r, CHANGE, "}");
    }
    add_parameter(r, &made, "sum", "_Out_ sum_t *sum");
    put(r, BUILD, "sum_t *sum = OUTPUT(ullong, 1, 1);");
    /* The result: a value, a struct that an argument points to, or the pointer. */
    const unsigned kind = draw(r, made.object_count > 0 ? 4 : 2);
    const unsigned of = made.objects[0].number, parameter = made.objects[0].parameter;
    const struct element element = any_element(r, STRUCTS, 3);
    char returned[400];
    if (kind == 0) {
        snprintf(result, sizeof result, "void");
        snprintf(returned, sizeof returned, "return;");
    } else if (kind == 1) {
        snprintf(result, sizeof result, "%s", element.type);
        snprintf(returned, sizeof returned, "%s r; memset(&r, 0, sizeof r); begin_walk(); %s%s(%sr%s); return r;",
                 element.type, element.is_struct ? "change_" : "r = changed_", element.name,
                 element.is_struct ? "&" : "", element.is_struct ? ", 1" : "");
    } else if (kind == 2) {
        snprintf(result, sizeof result, "struct s%u", of);
        snprintf(returned, sizeof returned,
                 "struct s%u r; memset(&r, 0, sizeof r); if (p%u != NULL) r = *p%u; return r;", of, parameter,
                 parameter);
    } else {
        snprintf(result, sizeof result, "_Ret_opt_valid_ struct s%u *", of);
        snprintf(returned, sizeof returned, "return p%u;", parameter);
    }
    put(r, FUNCTIONS_DECLARED, "%s f%u(%s);\n", result, number, r->text[BODY]);
    put(r, LIBRARY,
        "%s f%u(%s) { const bool deep = true; begin_seeing(); %s begin_linking(); %s may_link = false; begin_walk(); "
        "%s "
        "*sum = seen_sum; %s }\n",
        result, number, r->text[BODY], r->text[SEE], r->text[CHANGE], r->text[SEE], returned);
    /* The driver's. */
    put(r, DRIVER, "%sstatic void run_%u(struct round *round) { begin_building(round->seed); %s", r->text[BEFORE],
        number, r->text[BUILD]);
    if (kind != 0) {
        put(r, DRIVER, "static %s r; memset(&r, 0, sizeof r);", result);
    }
    put(r, DRIVER,
        "begin_seeing(); sees_addresses = true; round->rc = 0; if (round->direct != NULL) { "
        "%s((__typeof__(&f%u))round->direct)(",
        kind != 0 ? "r = " : "", number);
    for (unsigned i = 0; i < made.count; i++) {
        put(r, DRIVER, "%s%s", i > 0 ? ", " : "", made.names[i]);
    }
    put(r, DRIVER, "); } else if (round->call != NULL) { round->rc = round->call(round->function, %s",
        kind != 0 ? "&r" : "NULL");
    for (unsigned i = 0; i < made.count; i++) {
        put(r, DRIVER, ", %s", made.names[i]);
    }
    put(r, DRIVER, "); } else { void *const arguments[] = {");
    for (unsigned i = 0; i < made.count; i++) {
        put(r, DRIVER, "%s(void *)&%s", i > 0 ? ", " : "", made.names[i]);
    }
    put(r, DRIVER, "}; round->rc = round->call_array(round->function, %s, %u, arguments); }", kind != 0 ? "&r" : "NULL",
        made.count);
    if (kind == 3) {
        put(r, DRIVER, "see_pointer(\"result\", r, false);");
    } else if (kind == 2) {
        put(r, DRIVER, "fold_s%u(&r, false);", of);
    } else if (kind == 1 && element.is_struct) {
        put(r, DRIVER, "fold_%s(&r, false);", element.name);
    } else if (kind == 1) {
        put(r, DRIVER, "see_%s(\"result\", r);", element.name);
    }
    put(r, DRIVER, "see_pieces(); }\n");
}

static inline void put_all(struct random *r) {
    for (unsigned i = 0; i < STRUCTS; i++) {
        put(r, TYPES, "struct s%u;\n", i);
        put(r, WALKS, "static struct s%u *last_s%u;\n", i, i);
        put(r, WALKS, "static void fold_s%u(const struct s%u *p, bool deep), change_s%u(struct s%u *p, bool own);\n", i,
            i, i, i);
        put(r, BUILDS, "static void build_s%u(struct s%u *p);\nSTRUCT(s%u)\n", i, i, i);
    }
    put(r, WALKS, "static void begin_linking(void) { begin_walk(); may_link = true;");
    for (unsigned i = 0; i < STRUCTS; i++) {
        put(r, WALKS, " last_s%u = NULL;", i);
    }
    put(r, WALKS, " }\n");
    for (unsigned i = 0; i < STRUCTS; i++) {
        put_struct(r);
    }
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        put_function(r, i);
    }
    put(r, DRIVER, "const struct driven driver_functions[] = {");
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        put(r, DRIVER, "{\"f%u\", run_%u},\n", i, i);
    }
    put(r, DRIVER, "};\n");
}

#endif
