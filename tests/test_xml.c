/* libxml2 tells a function of the caller's what is wrong with a document, as formats of its own say: over its real
 * headers, in which attribute format says which parameter is one. */
#include "real.h"

#include <stdarg.h>

#define LIBRARY "libxml2.so.2"
#define FLAGS "-I/usr/include/libxml2"

static const char sidecar[] =
    "typedef void (*xmlGenericErrorFunc)(_Fc_opaque_ void *ctx, const char *msg, ...);"
    "typedef void (*errorSAXFunc)(_Fc_opaque_ void *ctx, const char *msg, ...);"
    "typedef void (*warningSAXFunc)(_Fc_opaque_ void *ctx, const char *msg, ...);"
    "void xmlSetGenericErrorFunc(_Fc_opaque_ void *ctx, xmlGenericErrorFunc handler);"
    "_Fc_opaque_ xmlDocPtr xmlReadMemory(_In_reads_(size) const char *buffer, int size, _In_opt_z_ const char *URL, "
    "                                    _In_opt_z_ const char *encoding, int options);"
    "typedef void (*startElementSAXFunc)(_Fc_opaque_ void *ctx, _In_z_ const xmlChar *name, "
    "                                    _Fc_opaque_ const xmlChar **atts);"
    "struct _xmlSAXHandler { _Fc_opaque_ void *_private; };"
    "int xmlSAXUserParseMemory(_In_ xmlSAXHandlerPtr sax, _Fc_opaque_ void *user_data, "
    "                          _In_reads_(size) const char *buffer, int size);";

/* Each is wrong in another way: messages with strings, with numbers, with characters, and in several parts. */
static const char *const documents[] = {
    "<a>\n<b></c></a>",
    "<a x='1' x='2'/>",
    "<a>&nothing;</a>",
    "<a>\x01</a>",
    "<a b=c/>",
    "<a b='&#xd800;'/>",
    "<a><!-- -- --></a>",
    "",
    "<?xml version='9.9'?><a><![CDATA[",
    "<a>\xff\xfe</a>",
};
enum { DOCUMENTS = sizeof documents / sizeof documents[0], TEXT_BYTES = 20000 };

static char told[TEXT_BYTES];
static size_t told_len;
static unsigned calls;

static void on_error(void *context, const char *message, ...) __attribute__((format(printf, 2, 3)));
static void on_error(void *context, const char *message, ...) {
    va_list list;
    assert_ptr_equal(context, told);
    calls++;
    va_start(list, message);
    const int len = vsnprintf(told + told_len, sizeof told - told_len, message, list);
    va_end(list);
    assert_true(len >= 0 && told_len + (size_t)len < sizeof told);
    told_len += (size_t)len;
}

static void forget(void) {
    told_len = calls = 0;
    told[0] = '\0';
}

typedef void generic_error(void *context, const char *message, ...);

/* What the library of this program's own bitness tells it. */
static unsigned tell_natively(char *to) {
    struct real *lib = real_native(LIBRARY);
    void (*set)(void *, generic_error *) =
        (void (*)(void *, generic_error *))real_symbol(lib, "xmlSetGenericErrorFunc");
    void *(*read)(const char *, int, const char *, const char *, int) =
        (void *(*)(const char *, int, const char *, const char *, int))real_symbol(lib, "xmlReadMemory");
    forget();
    set(told, on_error);
    for (size_t i = 0; i < DOCUMENTS; i++) {
        assert_null(read(documents[i], (int)strlen(documents[i]), "wrong.xml", NULL, 0));
    }
    memcpy(to, told, sizeof told);
    real_close(lib);
    return calls;
}

static struct fc_library *open_with_sidecar(const char *target) {
    struct fc_declarations *declarations = NULL;
    struct fc_library *library = NULL;
    struct fc_options *options = fc_options_new();
    char *here = real_preprocess(HARNESS_OWN_TARGET, "libxml/parser.h", FLAGS);
    char *there = real_preprocess(target, "libxml/parser.h", FLAGS);
    assert_ok(fc_options_set_target(options, target));
    if (fc_open(LIBRARY, options, &library) != FC_OK) {
        skip_because("%s", fc_error_text());
    }
    assert_ok(fc_declarations_new(target, &declarations));
    assert_ok(fc_declarations_read(declarations, "libxml/parser.h", here, there));
    assert_ok(fc_declarations_amend(declarations, "sidecar", sidecar));
    assert_ok(fc_library_declare(library, declarations));
    fc_declarations_free(declarations);
    fc_options_free(options);
    free(here);
    free(there);
    return library;
}

TEST(xml_tells_a_function_of_the_callers_what_is_wrong) {
    static char expected[TEXT_BYTES];
    const unsigned expected_calls = tell_natively(expected);
    assert_true(expected_calls > 3 * DOCUMENTS);
    assert_non_null(strstr(expected, "wrong.xml:2: parser error : Opening and ending tag mismatch: b line 2 and c"));
    for (EACH_REAL_TARGET(target)) {
        struct fc_library *library = open_with_sidecar(target);
        struct fc_function *read = call_bind(library, "xmlReadMemory");
        void *document = NULL;
        forget();
        assert_ok(fc_call(call_bind(library, "xmlSetGenericErrorFunc"), NULL, told, on_error));
        for (size_t i = 0; i < DOCUMENTS; i++) {
            assert_ok(fc_call(read, &document, documents[i], (int)strlen(documents[i]), "wrong.xml", NULL, 0));
            assert_null(document);
        }
        assert_string_equal(told, expected);
        assert_int_equal(calls, expected_calls);
        fc_library_close(library);
    }
}

/* -- the same in a struct of functions, most of which are NULL ------------------------------------------------------- */

/* struct _xmlSAXHandler of libxml/parser.h, in the places that are used here. */
struct handler {
    void (*first[14])(void);
    void (*start_element)(void *data, const unsigned char *name, void *attributes);
    void (*more[7])(void);
    generic_error *error;
    void (*rest[4])(void);
    unsigned initialized;
    void *private_data;
    void (*newer[3])(void);
};

static unsigned elements;
static void on_element(void *data, const unsigned char *name, void *attributes) {
    (void)attributes;
    assert_ptr_equal(data, told);
    elements += strcmp((const char *)name, "b") == 0;
}

TEST(xml_tells_functions_in_a_struct) {
    static const char text[] = "<a><b/><b></c></b></a>";
    static char expected[TEXT_BYTES];
    const struct handler handler = {.start_element = on_element, .error = on_error};
    struct real *native = real_native(LIBRARY);
    int (*parse)(const struct handler *, void *, const char *, int) =
        (int (*)(const struct handler *, void *, const char *, int))real_symbol(native, "xmlSAXUserParseMemory");
    forget();
    const int expected_rc = parse(&handler, told, text, (int)strlen(text));
    assert_true(expected_rc != 0 && elements == 2);
    memcpy(expected, told, sizeof expected);
    assert_non_null(strstr(expected, "Opening and ending tag mismatch: b line"));
    real_close(native);
    for (EACH_REAL_TARGET(target)) {
        struct fc_library *library = open_with_sidecar(target);
        int rc = 0;
        forget();
        elements = 0;
        assert_ok(fc_call(call_bind(library, "xmlSAXUserParseMemory"), &rc, &handler, told, text, (int)strlen(text)));
        assert_int_equal(rc, expected_rc);
        assert_string_equal(told, expected);
        assert_int_equal(elements, 2);
        fc_library_close(library);
    }
}
