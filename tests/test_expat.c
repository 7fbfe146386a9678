/* expat of the other bitness, and of this one in a host, through its real header and the sidecar: every event of a
 * document is the same as the one that the library reports when it is called directly. */
#include "real.h"

#include <expat.h>
#include <setjmp.h>

enum { PIECE = 64 * 1024, KINDS = 20 };

static struct real *in_use; /* what the handlers call */

/* All events in a row: a sum of everything that was said, and how often each kind came. */
struct events {
    uint64_t sums[KINDS]; /* of what was said in events of each kind */
    int kind;
    unsigned counts[KINDS];
    XML_Parser parser;
};

static void say_bytes(struct events *events, const void *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        events->sums[events->kind] =
            (events->sums[events->kind] ^ ((const unsigned char *)data)[i]) * UINT64_C(0x100000001b3);
    }
}
static void say(struct events *events, const char *text) {
    say_bytes(events, text != NULL ? text : "(null)", text != NULL ? strlen(text) + 1 : 7);
}
static struct events *event(void *data, int kind) {
    struct events *events = data;
    events->counts[kind]++;
    events->kind = kind;
    return events;
}
static void say_number(struct events *events, int number) {
    say_bytes(events, &number, sizeof number);
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes) {
    struct events *events = event(data, 0);
    say(events, name);
    for (; *attributes != NULL; attributes++) {
        say(events, *attributes);
    }
    if (events->counts[0] % 1000 == 1) { /* a call of the library in its handler */
        say_number(events, (int)REAL(in_use, XML_Size, XML_GetCurrentLineNumber, events->parser));
        say_number(events, (int)REAL(in_use, XML_Size, XML_GetCurrentColumnNumber, events->parser));
    }
}
static void on_end(void *data, const XML_Char *name) {
    say(event(data, 1), name);
}
static void on_text(void *data, const XML_Char *text, int len) {
    say_bytes(event(data, 2), text, (size_t)len);
}
static void on_instruction(void *data, const XML_Char *target, const XML_Char *text) {
    struct events *events = event(data, 3);
    say(events, target);
    say(events, text);
}
static void on_comment(void *data, const XML_Char *text) {
    say(event(data, 4), text);
}
static void on_cdata_start(void *data) {
    event(data, 5);
}
static void on_cdata_end(void *data) {
    event(data, 6);
}
static void on_other(void *data, const XML_Char *text, int len) {
    say_bytes(event(data, 7), text, (size_t)len);
}
static void on_doctype(void *data, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int internal) {
    struct events *events = event(data, 8);
    say(events, name);
    say(events, sysid);
    say(events, pubid);
    say_number(events, internal);
}
static void on_doctype_end(void *data) {
    event(data, 9);
}
static void on_entity(void *data, const XML_Char *name, int is_parameter, const XML_Char *value, int len,
                      const XML_Char *base, const XML_Char *sysid, const XML_Char *pubid, const XML_Char *notation) {
    struct events *events = event(data, 10);
    say(events, name);
    say_number(events, is_parameter);
    say_bytes(events, value != NULL ? value : "", value != NULL ? (size_t)len : 0);
    say(events, base);
    say(events, sysid);
    say(events, pubid);
    say(events, notation);
}
static void on_notation(void *data, const XML_Char *name, const XML_Char *base, const XML_Char *sysid,
                        const XML_Char *pubid) {
    struct events *events = event(data, 11);
    say(events, name);
    say(events, base);
    say(events, sysid);
    say(events, pubid);
}
static void on_attributes(void *data, const XML_Char *element, const XML_Char *name, const XML_Char *type,
                          const XML_Char *value, int is_required) {
    struct events *events = event(data, 12);
    say(events, element);
    say(events, name);
    say(events, type);
    say(events, value);
    say_number(events, is_required);
}
static void on_element(void *data, const XML_Char *name, XML_Content *model) {
    struct events *events = event(data, 13);
    say(events, name);
    REAL_VOID(in_use, XML_FreeContentModel, events->parser, model);
}
static void on_declaration(void *data, const XML_Char *version, const XML_Char *encoding, int standalone) {
    struct events *events = event(data, 14);
    say(events, version);
    say(events, encoding);
    say_number(events, standalone);
}
static void on_namespace(void *data, const XML_Char *prefix, const XML_Char *uri) {
    struct events *events = event(data, 15);
    say(events, prefix);
    say(events, uri);
}
static void on_namespace_end(void *data, const XML_Char *prefix) {
    say(event(data, 16), prefix);
}
static void on_skipped(void *data, const XML_Char *name, int is_parameter) {
    struct events *events = event(data, 17);
    say(events, name);
    say_number(events, is_parameter);
}
static int on_not_standalone(void *data) {
    event(data, 18);
    return XML_STATUS_OK;
}
/* XML_GetUserData is a macro that looks into the parser, which only the library can. */
static struct events *external_events;
static int on_external(XML_Parser parser, const XML_Char *context, const XML_Char *base, const XML_Char *sysid,
                       const XML_Char *pubid) {
    struct events *events = event(external_events, 19);
    assert_ptr_equal(parser, events->parser);
    say(events, context);
    say(events, base);
    say(events, sysid);
    say(events, pubid);
    return XML_STATUS_OK;
}

static XML_Parser make_parser(struct real *lib, struct events *events) {
    in_use = lib;
    external_events = events;
    XML_Parser parser = events->parser = REAL(lib, XML_Parser, XML_ParserCreateNS, NULL, '|');
    assert_non_null(parser);
    assert_int_equal(REAL(lib, int, XML_SetHashSalt, parser, 42ul), 1); /* contexts list namespaces in hash order */
    REAL_VOID(lib, XML_SetUserData, parser, (void *)events);
    REAL_VOID(lib, XML_SetElementHandler, parser, on_start, on_end);
    REAL_VOID(lib, XML_SetCharacterDataHandler, parser, on_text);
    REAL_VOID(lib, XML_SetProcessingInstructionHandler, parser, on_instruction);
    REAL_VOID(lib, XML_SetCommentHandler, parser, on_comment);
    REAL_VOID(lib, XML_SetCdataSectionHandler, parser, on_cdata_start, on_cdata_end);
    REAL_VOID(lib, XML_SetDefaultHandler, parser, on_other);
    REAL_VOID(lib, XML_SetDoctypeDeclHandler, parser, on_doctype, on_doctype_end);
    REAL_VOID(lib, XML_SetEntityDeclHandler, parser, on_entity);
    REAL_VOID(lib, XML_SetNotationDeclHandler, parser, on_notation);
    REAL_VOID(lib, XML_SetAttlistDeclHandler, parser, on_attributes);
    REAL_VOID(lib, XML_SetElementDeclHandler, parser, on_element);
    REAL_VOID(lib, XML_SetXmlDeclHandler, parser, on_declaration);
    REAL_VOID(lib, XML_SetNamespaceDeclHandler, parser, on_namespace, on_namespace_end);
    REAL_VOID(lib, XML_SetSkippedEntityHandler, parser, on_skipped);
    REAL_VOID(lib, XML_SetNotStandaloneHandler, parser, on_not_standalone);
    REAL_VOID(lib, XML_SetExternalEntityRefHandler, parser, on_external);
    return parser;
}

/* Through XML_GetBuffer: the library's memory, filled in place. */
static struct events parse(struct real *lib, const char *text, size_t size) {
    struct events events = {.kind = 0};
    XML_Parser parser = make_parser(lib, &events);
    for (size_t at = 0, more = 0; at < size; at += more) {
        more = size - at < PIECE ? size - at : PIECE;
        void *buffer = REAL(lib, void *, XML_GetBuffer, parser, PIECE);
        assert_non_null(buffer);
        memcpy(buffer, text + at, more);
        const int rc = REAL(lib, int, XML_ParseBuffer, parser, (int)more, at + more == size);
        if (rc != XML_STATUS_OK) {
            const enum XML_Error code = (enum XML_Error)REAL(lib, int, XML_GetErrorCode, parser);
            const char *why = REAL(lib, const XML_LChar *, XML_ErrorString, code);
            fail_msg("%s", why);
        }
    }
    REAL_VOID(lib, XML_ParserFree, parser);
    return events;
}

/* -- documents ----------------------------------------------------------------------------------------------------- */

static const char prologue[] = "<?xml version='1.0' encoding='utf-8' standalone='no'?>\n<?style sheet='x'?>\n"
                               "<!DOCTYPE list SYSTEM 'list.dtd' [\n"
                               "<!ELEMENT list (item*)>\n<!ELEMENT item (#PCDATA|b|c)*>\n"
                               "<!ATTLIST item id CDATA #REQUIRED kind (a|b) 'a'>\n"
                               "<!NOTATION gif PUBLIC '-//GIF'>\n<!ENTITY greeting 'hello &amp; welcome'>\n"
                               "<!ENTITY picture SYSTEM 'p.gif' NDATA gif>\n<!ENTITY other SYSTEM 'other.xml'>\n]>\n"
                               "<!-- a comment, \xc3\xa4\xc3\xb6\xc3\xbc -->\n"
                               "<list xmlns='http://one.example' xmlns:two='http://two.example'>\n&other;\n";

/* Of real structure, and of everything that a handler is for. */
static char *made_document(unsigned items, size_t *ret_size) {
    const size_t capacity = sizeof prologue + (size_t)items * 512 + 64;
    char *text = malloc(capacity);
    require(text != NULL);
    size_t used = (size_t)snprintf(text, capacity, "%s", prologue);
    for (unsigned i = 0; i < items; i++) {
        used += (size_t)snprintf(
            text + used, capacity - used,
            "<item id='%u'%s two:more=\"%llx\">text %u &greeting; &lt;%.*s<b/><two:c a='' "
            "b='&#228;'>%s</two:c>%s</item>\n",
            i, i % 3 == 0 ? " kind='b'" : "", (unsigned long long)call_random(), i, (int)(i % 200),
            "Lorem ipsum dolor sit amet, consectetur adipisici elit, sed eiusmod tempor incidunt ut labore et dolore "
            "magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquid ex ea",
            i % 7 == 0 ? "<![CDATA[<raw> & such]]>" : "plain", i % 50 == 0 ? "<!-- every fifty -->" : "");
    }
    used += (size_t)snprintf(text + used, capacity - used, "</list>\n<?end now?>\n");
    *ret_size = used;
    return text;
}

static void must_be_the_same(const struct events *is, const struct events *should_be) {
    for (int kind = 0; kind < KINDS; kind++) {
        if (is->counts[kind] != should_be->counts[kind]) {
            fail_msg("%u events of kind %d, not %u", is->counts[kind], kind, should_be->counts[kind]);
        }
        if (is->sums[kind] != should_be->sums[kind]) {
            fail_msg("events of kind %d were told something else", kind);
        }
    }
}

static void compare(const char *text, size_t size) {
    struct real *native = real_native("libexpat.so.1");
    const struct events should_be = parse(native, text, size);
    real_close(native);
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = real_open(target, "libexpat.so.1", "expat.h", "expat.h", "");
        const struct events is = parse(lib, text, size);
        must_be_the_same(&is, &should_be);
        real_close(lib);
    }
    if (size > sizeof prologue && memcmp(text, prologue, 40) == 0) {
        for (int kind = 0; kind < KINDS; kind++) { /* the document has everything but what is skipped */
            assert_true(kind == 17 || should_be.counts[kind] > 0);
        }
    }
}

TEST(document_with_everything_gives_the_same_events) {
    size_t size;
    char *text = made_document(call_scaled(4000), &size);
    compare(text, size);
    free(text);
}

TEST(large_document_gives_the_same_events) {
    FILE *file = fopen("/usr/share/mime/packages/freedesktop.org.xml", "re");
    if (file == NULL) {
        skip_because("this machine has no freedesktop.org.xml, of the package shared-mime-info");
    }
    const size_t most = call_is_slow() ? 200000 : 4 << 20;
    char *text = malloc(most + 1);
    require(text != NULL);
    const size_t size = fread(text, 1, most, file);
    fclose(file);
    if (size == most) {
        free(text);
        skip_because("the document is too large to be parsed under instruments");
    }
    compare(text, size);
    free(text);
}

TEST(error_has_its_place) {
    static const char text[] = "<list>\n <item>\n  </list>";
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = real_open(target, "libexpat.so.1", "expat.h", "expat.h", "");
        struct events events = {.kind = 0};
        XML_Parser parser = make_parser(lib, &events);
        assert_int_equal(REAL(lib, int, XML_Parse, parser, text, (int)strlen(text), 1), XML_STATUS_ERROR);
        assert_int_equal(REAL(lib, int, XML_GetErrorCode, parser), XML_ERROR_TAG_MISMATCH);
        assert_string_equal(REAL(lib, const XML_LChar *, XML_ErrorString, XML_ERROR_TAG_MISMATCH), "mismatched tag");
        assert_true(REAL(lib, XML_Size, XML_GetCurrentLineNumber, parser) == 3);
        assert_true(REAL(lib, XML_Size, XML_GetCurrentColumnNumber, parser) == 4);
        assert_int_equal(events.counts[0], 2);
        REAL_VOID(lib, XML_ParserFree, parser);
        real_close(lib);
    }
}

static jmp_buf out;
static void leave(void *data, const XML_Char *name) {
    (void)name;
    ++*(int *)data;
    longjmp(out, 1);
}

static __attribute__((noinline)) bool jumps(struct real *lib, XML_Parser parser) {
    if (setjmp(out) != 0) {
        return true;
    }
    REAL(lib, int, XML_Parse, parser, "<a><b></b></a>", 14, 1);
    return false;
}

TEST(handler_may_leave_by_a_jump) {
    for (EACH_REAL_TARGET(target)) {
        struct real *lib = real_open(target, "libexpat.so.1", "expat.h", "expat.h", "");
        for (int i = 0; i < 20; i++) {
            XML_Parser parser = REAL(lib, XML_Parser, XML_ParserCreate, NULL);
            int ends = 0;
            REAL_VOID(lib, XML_SetUserData, parser, (void *)&ends);
            REAL_VOID(lib, XML_SetEndElementHandler, parser, leave);
            assert_true(jumps(lib, parser));
            assert_int_equal(ends, 1);
            REAL_VOID(lib, XML_ParserFree, parser);
        }
        real_close(lib);
    }
}
