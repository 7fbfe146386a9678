/* The corners of expat, over its real header and the sidecar: programs, each of which writes down what it sees, see
 * what they see of the library called directly. */
#define XML_DTD
#include "notes.h"

#include <expat.h>

static void compare(void (*program)(struct real *lib)) {
    compare_notes(program, "libexpat.so.1", "expat.h", "-DXML_DTD");
}

static void parse(struct real *lib, XML_Parser parser, const char *text) {
    const int rc = REAL(lib, enum XML_Status, XML_Parse, parser, text, (int)strlen(text), 1);
    const enum XML_Error error = REAL(lib, enum XML_Error, XML_GetErrorCode, parser);
    note("parsed %d: %s at %lu:%lu\n", rc,
         error != XML_ERROR_NONE ? REAL(lib, const XML_LChar *, XML_ErrorString, error) : "well",
         REAL(lib, XML_Size, XML_GetCurrentLineNumber, parser),
         REAL(lib, XML_Size, XML_GetCurrentColumnNumber, parser));
}

static void on_text(void *data, const XML_Char *text, int len) {
    note("%s'%.*s' ", (const char *)data, len, text);
}

/* Memory of the caller's alone, which the library cannot use: it takes its own. CPython's module is one that does
 * so. */
static void *allocate(size_t size) {
    return malloc(size);
}

static void create_with_memory(struct real *lib, XML_Parser *ret_parser, const char *separator) {
    const XML_Memory_Handling_Suite suite = {allocate, realloc, free};
    *ret_parser = REAL(lib, XML_Parser, XML_ParserCreate_MM, NULL, &suite, separator);
    assert_non_null(*ret_parser);
}

/* -- user data and parsers within parsers -------------------------------------------------------------------------- */

static XML_Parser outer;
static int on_external(XML_Parser parser, const XML_Char *context, const XML_Char *base, const XML_Char *sysid,
                       const XML_Char *pubid) {
    assert_ptr_equal(parser, outer);
    char *data = XML_GetUserData(parser); /* a macro that looks into the parser */
    note("external %s %s %s %s of %s\n", context, base, sysid, pubid != NULL ? pubid : "-", data);
    XML_Parser inner = REAL(in_use, XML_Parser, XML_ExternalEntityParserCreate, parser, context, NULL);
    assert_true(inner != NULL && inner != parser);
    assert_ptr_equal(XML_GetUserData(inner), data);
    REAL_VOID(in_use, XML_SetUserData, inner, (void *)"inner ");
    assert_string_equal(XML_GetUserData(inner), "inner ");
    assert_ptr_equal(XML_GetUserData(parser), data);
    parse(in_use, inner, strcmp(sysid, "part") == 0 ? "<part>of it &amp;</part>" : "<!ENTITY more 'even more'>");
    REAL_VOID(in_use, XML_ParserFree, inner);
    return XML_STATUS_OK;
}

static const char outer_text[] = "<!DOCTYPE a SYSTEM 'more.dtd' [<!ENTITY part SYSTEM 'part'>]>\n<a>x&part;&more;</a>";

static void entities(struct real *lib) {
    char data[] = "outer ";
    create_with_memory(lib, &outer, "|");
    assert_null(XML_GetUserData(outer));
    REAL_VOID(lib, XML_SetUserData, outer, (void *)data);
    assert_ptr_equal(XML_GetUserData(outer), data);
    note("dtd %d ", REAL(lib, int, XML_SetParamEntityParsing, outer, XML_PARAM_ENTITY_PARSING_ALWAYS));
    note("base %d ", (int)REAL(lib, enum XML_Status, XML_SetBase, outer, "the base"));
    note("%s\n", REAL(lib, const XML_Char *, XML_GetBase, outer));
    REAL_VOID(lib, XML_SetExternalEntityRefHandler, outer, on_external);
    REAL_VOID(lib, XML_SetCharacterDataHandler, outer, on_text);
    parse(lib, outer, outer_text);
    note("reset %d ", REAL(lib, XML_Bool, XML_ParserReset, outer, NULL));
    assert_null(XML_GetUserData(outer));
    REAL_VOID(lib, XML_ParserFree, outer);
    REAL_VOID(lib, XML_ParserFree, NULL);
}

TEST(expat_whole_parsers_within_parsers_and_their_user_data) {
    compare(entities);
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes) {
    XML_Parser parser = data;
    assert_ptr_equal(parser, outer);
    note("%s %s line %lu, %d attributes, id %d, bytes %d ", (const char *)XML_GetUserData(parser), name,
         REAL(in_use, XML_Size, XML_GetCurrentLineNumber, parser),
         REAL(in_use, int, XML_GetSpecifiedAttributeCount, parser), REAL(in_use, int, XML_GetIdAttributeIndex, parser),
         REAL(in_use, int, XML_GetCurrentByteCount, parser));
    for (; *attributes != NULL; attributes++) {
        note("%s ", *attributes);
    }
    int offset = -1, size = -1;
    const char *context = REAL(in_use, const char *, XML_GetInputContext, parser, &offset, &size);
    note("in %.5s of %d\n", context + offset, size);
}
static int with_argument(XML_Parser argument, const XML_Char *context, const XML_Char *base, const XML_Char *sysid,
                         const XML_Char *pubid) {
    note("argument %s: %s %s %s %s\n", (const char *)(void *)argument, context, base != NULL ? base : "-", sysid,
         pubid != NULL ? pubid : "-");
    return XML_STATUS_ERROR;
}

static void arguments(struct real *lib) {
    char data[] = "user", argument[] = "of the handler";
    outer = REAL(lib, XML_Parser, XML_ParserCreate, "UTF-8");
    REAL_VOID(lib, XML_SetUserData, outer, (void *)data);
    REAL_VOID(lib, XML_UseParserAsHandlerArg, outer);
    REAL_VOID(lib, XML_SetStartElementHandler, outer, on_start);
    REAL_VOID(lib, XML_SetExternalEntityRefHandler, outer, with_argument);
    REAL_VOID(lib, XML_SetExternalEntityRefHandlerArg, outer, (void *)argument);
    parse(lib, outer,
          "<!DOCTYPE a [<!ENTITY part SYSTEM 'part'><!ATTLIST a i ID #IMPLIED d CDATA 'default'>]>"
          "<a x='1' i='z'>\n<b/>&part;</a>");
    REAL_VOID(lib, XML_ParserFree, outer);
}

TEST(expat_whole_arguments_of_handlers) {
    compare(arguments);
}

/* -- encodings ----------------------------------------------------------------------------------------------------- */

static int released;
static int convert(void *data, const char *s) {
    assert_string_equal((const char *)data, "encoding");
    return (unsigned char)s[0] == 0x81 ? 0x400 + (unsigned char)s[1] : -1;
}
static void release(void *data) {
    assert_string_equal((const char *)data, "encoding");
    released++;
}
static int on_encoding(void *data, const XML_Char *name, XML_Encoding *info) {
    note("encoding %s ", name);
    if (strcmp(name, "x-made-up") != 0) {
        return XML_STATUS_ERROR;
    }
    for (int i = 0; i < 256; i++) {
        info->map[i] = i < 0x80 ? i : i == 0x81 ? -2 : 0x100 + i;
    }
    info->data = data;
    info->convert = convert;
    info->release = release;
    return XML_STATUS_OK;
}

static void encodings(struct real *lib) {
    for (int i = 0; i < 2; i++) {
        XML_Parser parser;
        create_with_memory(lib, &parser, NULL);
        released = 0;
        REAL_VOID(lib, XML_SetUserData, parser, (void *)"");
        REAL_VOID(lib, XML_SetCharacterDataHandler, parser, on_text);
        REAL_VOID(lib, XML_SetUnknownEncodingHandler, parser, on_encoding, (void *)"encoding");
        parse(lib, parser,
              i == 0 ? "<?xml version='1.0' encoding='x-made-up'?><a>abc\x90\x81\x20\x81z</a>"
                     : "<?xml version='1.0' encoding='x-other'?><a/>");
        REAL_VOID(lib, XML_ParserFree, parser);
        note("released %d\n", released);
    }
}

TEST(expat_whole_encodings_of_the_caller) {
    compare(encodings);
}

/* -- models -------------------------------------------------------------------------------------------------------- */

static XML_Content *models[4];
static int model_count;
static void on_model(void *data, const XML_Char *name, XML_Content *model) {
    note("element %s%s ", (const char *)data, name);
    models[model_count++] = model;
}
static void walk(const XML_Content *model) {
    note("(%d %d %s", (int)model->type, (int)model->quant, model->name != NULL ? model->name : "-");
    for (unsigned i = 0; i < model->numchildren; i++) {
        walk(&model->children[i]);
    }
    note(")");
}

static void content(struct real *lib) {
    XML_Parser parser;
    create_with_memory(lib, &parser, NULL);
    model_count = 0;
    REAL_VOID(lib, XML_SetUserData, parser, (void *)"of ");
    REAL_VOID(lib, XML_SetElementDeclHandler, parser, on_model);
    parse(lib, parser,
          "<!DOCTYPE a [<!ELEMENT a ((b|c)+,d?,(e,(f|g)*))><!ELEMENT b EMPTY><!ELEMENT c (#PCDATA|x|y)*>]>"
          "<a/>");
    for (int i = 0; i < model_count; i++) { /* they live on, till they are freed */
        walk(models[i]);
        note("\n");
    }
    for (int i = 0; i < model_count; i++) {
        REAL_VOID(lib, XML_FreeContentModel, parser, models[i]);
    }
    char *memory = REAL(lib, void *, XML_MemMalloc, parser, 1000);
    memset(memory, 'm', 1000);
    memory = REAL(lib, void *, XML_MemRealloc, parser, (void *)memory, 5000);
    note("memory %c%c ", memory[0], memory[999]);
    REAL_VOID(lib, XML_MemFree, parser, (void *)memory);
    REAL_VOID(lib, XML_ParserFree, parser);
}

TEST(expat_whole_content_models_live_until_they_are_freed) {
    compare(content);
}

/* -- the rest ------------------------------------------------------------------------------------------------------ */

static void stop(void *data, const XML_Char *name) {
    note("stop at %s: %d\n", name,
         (int)REAL(in_use, enum XML_Status, XML_StopParser, data, (XML_Bool)(name[0] == 'b')));
}

static void state_of(struct real *lib, XML_Parser parser) {
    XML_ParsingStatus status;
    REAL_VOID(lib, XML_GetParsingStatus, parser, &status);
    note("state %d %d at %ld\n", (int)status.parsing, status.finalBuffer,
         (long)REAL(lib, XML_Index, XML_GetCurrentByteIndex, parser));
}

static void rest(struct real *lib) {
    XML_Parser parser = REAL(lib, XML_Parser, XML_ParserCreateNS, "ISO-8859-1", '!');
    const char text[] = "<a xmlns:n='urn:n'><n:x/><b/><c/></a>";
    REAL_VOID(lib, XML_SetUserData, parser, (void *)parser); /* a handle as user data */
    REAL_VOID(lib, XML_SetEndElementHandler, parser, stop);
    REAL_VOID(lib, XML_SetReturnNSTriplet, parser, 1);
    note("salt %d limit %d %d ", REAL(lib, int, XML_SetHashSalt, parser, 7ul),
         REAL(lib, XML_Bool, XML_SetBillionLaughsAttackProtectionMaximumAmplification, parser, 2.5f),
         REAL(lib, XML_Bool, XML_SetBillionLaughsAttackProtectionActivationThreshold, parser, 1ULL << 40));
    note("limit %d ", REAL(lib, XML_Bool, XML_SetBillionLaughsAttackProtectionMaximumAmplification, parser, 0.5f));
    note("foreign %d\n", (int)REAL(lib, enum XML_Error, XML_UseForeignDTD, parser, (XML_Bool)XML_TRUE));
    void *buffer = REAL(lib, void *, XML_GetBuffer, parser, 100);
    memcpy(buffer, text, sizeof text);
    note("parsed %d ", (int)REAL(lib, enum XML_Status, XML_ParseBuffer, parser, (int)strlen(text), 1));
    state_of(lib, parser);
    note("resumed %d ", (int)REAL(lib, enum XML_Status, XML_ResumeParser, parser));
    state_of(lib, parser);
    REAL_VOID(lib, XML_ParserFree, parser);
    const XML_Expat_Version version = REAL(lib, XML_Expat_Version, XML_ExpatVersionInfo);
    note("%s %d.%d.%d ", REAL(lib, const XML_LChar *, XML_ExpatVersion), version.major, version.minor, version.micro);
    const XML_Feature *features = REAL(lib, const XML_Feature *, XML_GetFeatureList);
    int count = 0;
    for (; features[count].feature != XML_FEATURE_END; count++) {
        note("%d %s %ld; ", (int)features[count].feature, features[count].name, features[count].value);
    }
    assert_true(count > 5);
    assert_null(features[count].name);
    assert_null(REAL(lib, const XML_LChar *, XML_ErrorString, (enum XML_Error)999));
}

TEST(expat_whole_features_and_parsers_that_stop) {
    compare(rest);
}
