/* cli: everything about a file, as JSON. What cannot be read is told under "problems", and the rest is there.
 * Memory: jansson's setters take NULL and say so by failing, so that a lack of memory is seen once, at the end. */
#include "cli/inspect.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The object in the making. */
struct story {
    const struct inspect_request *request;
    const struct fc_image *image;
    const char *path;
    json_t *root, *list; /* the list that a visit fills */
    bool is_broken;      /* out of memory */
    int status;
};

json_t *inspect_json_text(const char *text) {
    json_t *string = json_string(text);
    char *escaped = NULL;
    size_t len;
    FILE *out = string == NULL ? open_memstream(&escaped, &len) : NULL;
    if (out != NULL) {
        cli_print_text(out, text);
        fclose(out);
        string = json_string(escaped);
    }
    free(escaped);
    return string;
}

static void set(struct story *story, json_t *object, const char *key, json_t *value) {
    story->is_broken = json_object_set_new(object, key, value) != 0 || story->is_broken;
}

static void set_text(struct story *story, json_t *object, const char *key, const char *text) {
    if (text != NULL) {
        set(story, object, key, inspect_json_text(text));
    }
}

static void set_number(struct story *story, json_t *object, const char *key, uint64_t number) {
    set(story, object, key, json_integer((json_int_t)number));
}

static void set_bool(struct story *story, json_t *object, const char *key, bool value) {
    set(story, object, key, json_boolean(value));
}

static void append(struct story *story, json_t *value) {
    story->is_broken = json_array_append_new(story->list, value) != 0 || story->is_broken;
}

/* A list under `key`, which visits fill from here on. */
static void begin_list(struct story *story, json_t *object, const char *key) {
    story->list = json_array();
    set(story, object, key, story->list);
}

/* The library's text, if it failed. */
static void note(struct story *story, int result) {
    if (result == FC_OK) {
        return;
    }
    json_t *problems = json_object_get(story->root, "problems");
    if (problems == NULL) {
        problems = json_array();
        set(story, story->root, "problems", problems);
    }
    json_array_append_new(problems, inspect_json_text(fc_error_text()));
    cli_error("%s: %s", story->path, fc_error_text());
    story->status = cli_status_of(result);
}

/* -- Exports, imports, sections ----------------------------------------------------------------------------------- */

static int on_export(void *user_data, const struct fc_export *symbol) {
    struct story *story = user_data;
    json_t *object = json_object();
    append(story, object);
    set_text(story, object, "name", fc_export_name(symbol));
    set_text(story, object, "type", inspect_export_word(symbol));
    if (fc_export_version(symbol) != NULL) {
        set_text(story, object, "version", fc_export_version(symbol));
        set_bool(story, object, "default", fc_export_is_default(symbol));
    }
    if (fc_export_ordinal(symbol) != 0 || fc_image_format(story->image) == FC_FORMAT_PE) {
        set_number(story, object, "ordinal", fc_export_ordinal(symbol));
    }
    set_text(story, object, "forwarder", fc_export_forwarder(symbol));
    if (fc_export_stack_bytes(symbol) >= 0) {
        set_number(story, object, "stack_bytes", (uint64_t)fc_export_stack_bytes(symbol));
    }
    return 0;
}

static int on_member(void *user_data, const struct fc_member *member) {
    struct story *story = user_data;
    struct fc_image *image = NULL;
    size_t len;
    const void *data = fc_member_data(member, &len);
    json_t *object = json_object();
    append(story, object);
    set_text(story, object, "name", fc_member_name(member));
    if (data != NULL && fc_image_open(data, len, &image) == FC_OK) {
        set_text(story, object, "format", fc_format_name(fc_image_format(image)));
        set_text(story, object, "machine", fc_image_machine(image));
    }
    fc_image_close(image);
    return 0;
}

static int on_import(void *user_data, const struct fc_import *import) {
    struct story *story = user_data;
    json_t *object = json_object();
    append(story, object);
    set_text(story, object, "library", fc_import_library(import));
    set_text(story, object, "name", fc_import_name(import));
    if (fc_import_name(import) == NULL) {
        set_number(story, object, "ordinal", fc_import_ordinal(import));
    }
    set_bool(story, object, "delayed", fc_import_is_delayed(import));
    return 0;
}

static int on_section(void *user_data, const struct fc_section *section) {
    struct story *story = user_data;
    json_t *object = json_object();
    append(story, object);
    set_text(story, object, "name", fc_section_name(section));
    set_number(story, object, "rva", fc_section_rva(section));
    set_number(story, object, "virtual_size", fc_section_virtual_size(section));
    set_number(story, object, "offset", fc_section_offset(section));
    set_number(story, object, "size", fc_section_raw_size(section));
    set_number(story, object, "characteristics", fc_section_characteristics(section));
    return 0;
}

/* -- PE ----------------------------------------------------------------------------------------------------------- */

static void tell_pe(struct story *story) {
    const struct fc_image *image = story->image;
    json_t *pe = json_object(), *headers = json_object();
    char version[INSPECT_VERSION_MAX];
    set(story, story->root, "pe", pe);
    set(story, pe, "headers", headers);
#define NUMBER(number, text)                                                                                           \
    {                                                                                                                  \
        uint64_t value = 0;                                                                                            \
        fc_image_pe_number(image, number, &value);                                                                     \
        set_number(story, headers, text, value);                                                                       \
    }
    FC_PE_NUMBERS(NUMBER)
#undef NUMBER
    set_number(story, pe, "checksum", fc_image_checksum(image));
    set_bool(story, pe, "certificate", fc_image_has_certificate(image));
    set_text(story, pe, "hybrid",
             fc_image_hybrid(image) != FC_HYBRID_NONE ? fc_hybrid_name(fc_image_hybrid(image)) : NULL);
    inspect_format_version(fc_image_file_version(image), version);
    set_text(story, pe, "file_version", fc_image_file_version(image) != 0 ? version : NULL);
    begin_list(story, pe, "sections");
    fc_image_visit_sections(image, on_section, story);
    begin_list(story, story->root, "imports");
    note(story, fc_image_visit_imports(image, on_import, story));
}

/* -- Managed code ------------------------------------------------------------------------------------------------- */

static json_t *assembly_of(struct story *story, const struct fc_assembly *assembly) {
    json_t *object = json_object();
    char version[INSPECT_VERSION_MAX], key[17] = "";
    size_t len;
    const unsigned char *bytes = fc_assembly_key(assembly, &len);
    inspect_format_version(fc_assembly_version(assembly), version);
    set_text(story, object, "name", fc_assembly_name(assembly));
    set_text(story, object, "version", version);
    set_text(story, object, "culture", fc_assembly_culture(assembly));
    if (len == 8) { /* a whole key has hundreds of bytes, of which the token is made */
        for (size_t i = 0; i < len; i++) {
            snprintf(key + 2 * i, sizeof key - 2 * i, "%02x", bytes[i]);
        }
        set_text(story, object, "token", key);
    }
    set_bool(story, object, "keyed", len > 0);
    return object;
}

static int on_reference(void *user_data, const struct fc_assembly *assembly) {
    struct story *story = user_data;
    append(story, assembly_of(story, assembly));
    return 0;
}

static int on_pinvoke(void *user_data, const struct fc_pinvoke *pinvoke) {
    struct story *story = user_data;
    json_t *object = json_object();
    append(story, object);
    set_text(story, object, "library", fc_pinvoke_library(pinvoke));
    set_text(story, object, "entry", fc_pinvoke_entry(pinvoke));
    set_text(story, object, "type", fc_pinvoke_type(pinvoke));
    set_text(story, object, "method", fc_pinvoke_method(pinvoke));
    set_number(story, object, "flags", fc_pinvoke_flags(pinvoke));
    set_text(story, object, "suspicion", fc_pinvoke_suspicion(pinvoke));
    return 0;
}

static void tell_tables(struct story *story, json_t *object, const struct fc_metadata *metadata) {
    json_t *tables = json_object();
    const char *name;
    uint32_t offset, len;
    set(story, object, "tables", tables);
    for (unsigned i = 0; i < FC_TABLE_COUNT; i++) {
        enum fc_table table = (enum fc_table)i;
        if (fc_metadata_rows(metadata, table) > 0) {
            json_t *row = json_object();
            set(story, tables, fc_table_name(table), row);
            set_number(story, row, "rows", fc_metadata_rows(metadata, table));
            set_number(story, row, "row_size", fc_metadata_row_size(metadata, table));
        }
    }
    begin_list(story, object, "streams");
    for (unsigned i = 0; fc_metadata_stream(metadata, i, &name, &offset, &len); i++) {
        json_t *stream = json_object();
        append(story, stream);
        set_text(story, stream, "name", name);
        set_number(story, stream, "offset", offset);
        set_number(story, stream, "size", len);
    }
}

static void tell_metadata(struct story *story, json_t *managed) {
    struct fc_metadata *metadata;
    int result = fc_metadata_open(story->image, &metadata);
    note(story, result);
    if (result != FC_OK) {
        return;
    }
    set_text(story, managed, "runtime", fc_metadata_version(metadata));
    set_text(story, managed, "framework", fc_metadata_framework(metadata));
    if (fc_metadata_assembly(metadata) != NULL) {
        set(story, managed, "assembly", assembly_of(story, fc_metadata_assembly(metadata)));
    }
    begin_list(story, managed, "references");
    fc_metadata_visit_references(metadata, on_reference, story);
    begin_list(story, managed, "pinvokes");
    note(story, fc_metadata_visit_pinvokes(metadata, on_pinvoke, story));
    begin_list(story, managed, "ties");
    uint32_t ties = fc_metadata_ties(metadata);
    for (uint32_t bit = 1; bit != 0 && bit <= ties; bit <<= 1) {
        if (ties & bit) {
            append(story, inspect_json_text(fc_tie_text((enum fc_tie)bit)));
        }
    }
    tell_tables(story, managed, metadata);
    fc_metadata_close(metadata);
}

static void tell_managed(struct story *story) {
    const struct fc_image *image = story->image;
    json_t *managed = json_object();
    char version[32];
    snprintf(version, sizeof version, "%u.%u", fc_image_cli_version(image) >> 16, fc_image_cli_version(image) & 0xffff);
    set(story, story->root, "managed", managed);
    set_number(story, managed, "flags", fc_image_cli_flags(image));
    set_text(story, managed, "header", version);
    set_text(story, managed, "kind", inspect_managed_words(image));
    set_bool(story, managed, "neutral", fc_image_is_neutral(image));
    set_bool(story, managed, "strong_name", fc_image_has_strong_name(image));
    set_text(story, managed, "precompiled", inspect_precompiled_word(image));
    tell_metadata(story, managed);
}

/* -- Verdicts ----------------------------------------------------------------------------------------------------- */

static json_t *opinion_of(struct story *story, const struct fc_opinion *opinion) {
    static const char *const words[] = {"works", "fails", "may fail"};
    json_t *object = json_object();
    set_text(story, object, "outcome", words[fc_opinion_outcome(opinion)]);
    if (fc_opinion_code(opinion) != 0) {
        set_number(story, object, "code", fc_opinion_code(opinion));
    }
    set_text(story, object, "reason", fc_opinion_reason(opinion));
    set_text(story, object, "source", fc_opinion_source(opinion));
    return object;
}

static void on_verdict(void *user_data, enum fc_system system, enum fc_process process,
                       const struct fc_verdict *verdict) {
    struct story *story = user_data;
    json_t *object = json_object();
    append(story, object);
    set_text(story, object, "for", fc_system_name(system));
    if (process != FC_PROCESS_NONE) {
        set_text(story, object, "process", fc_process_title(process));
        set_text(story, object, "machine", fc_process_machine(process));
        set_number(story, object, "bits", (uint64_t)fc_process_bits(process));
    }
    set_text(story, object, "runtime_version", fc_verdict_runtime(verdict));
    set(story, object, "system", opinion_of(story, fc_verdict_os(verdict)));
    if (fc_verdict_clr(verdict) != NULL) {
        set(story, object, "runtime", opinion_of(story, fc_verdict_clr(verdict)));
    }
}

/* -- The file ----------------------------------------------------------------------------------------------------- */

static void tell_line(struct story *story) {
    const struct fc_image *image = story->image;
    static const char *const orders[] = {NULL, "little", "big"};
    set_text(story, story->root, "file", story->path);
    set_text(story, story->root, "format", fc_format_name(fc_image_format(image)));
    set_number(story, story->root, "bits", (uint64_t)fc_image_bits(image));
    set_text(story, story->root, "machine", fc_image_machine(image));
    set_number(story, story->root, "machine_number", fc_image_machine_number(image));
    set_text(story, story->root, "byte_order", orders[fc_image_byte_order(image)]);
    set_text(story, story->root, "kind", fc_kind_name(fc_image_kind(image)));
    set_text(story, story->root, "target", fc_image_target(image));
    set_text(story, story->root, "target_problem", fc_image_target_problem(image));
    set_text(story, story->root, "apphost", inspect_apphost_word(image));
}

static void tell_elf(struct story *story) {
    const struct fc_image *image = story->image;
    json_t *elf = json_object();
    set(story, story->root, "elf", elf);
    set_text(story, elf, "soname", fc_image_soname(image));
    set_text(story, elf, "interpreter", fc_image_interpreter(image));
    set_text(story, elf, "runpath", fc_image_runpath(image));
    set_text(story, elf, "rpath", fc_image_rpath(image));
    begin_list(story, elf, "needed");
    size_t cursor = 0;
    for (const char *name; (name = fc_image_needed_next(image, &cursor)) != NULL;) {
        append(story, inspect_json_text(name));
    }
}

static void tell_archive(struct story *story) {
    begin_list(story, story->root, "members");
    note(story, fc_image_visit_members(story->image, on_member, story));
    begin_list(story, story->root, "imports");
    note(story, fc_image_visit_imports(story->image, on_import, story));
}

json_t *inspect_to_json(const struct inspect_request *request, const char *path, const struct fc_image *image,
                        int *ret_status) {
    struct story story = {.request = request, .image = image, .path = path, .root = json_object(), .status = CLI_OK};
    tell_line(&story);
    if (fc_image_format(image) == FC_FORMAT_ELF) {
        tell_elf(&story);
    }
    if (fc_image_format(image) == FC_FORMAT_PE) {
        tell_pe(&story);
    }
    if (fc_image_kind(image) == FC_KIND_ARCHIVE || fc_image_format(image) == FC_FORMAT_COFF_IMPORT) {
        tell_archive(&story);
    }
    if (fc_image_is_managed(image)) {
        tell_managed(&story);
    }
    begin_list(&story, story.root, "exports");
    note(&story, fc_image_visit_exports(image, on_export, &story));
    begin_list(&story, story.root, "verdicts");
    int status = inspect_visit_verdicts(request, path, image, on_verdict, &story);
    *ret_status = status != CLI_OK ? status : story.status;
    if (story.is_broken) {
        json_decref(story.root);
        return NULL;
    }
    return story.root;
}
