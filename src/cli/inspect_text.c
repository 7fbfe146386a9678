/* cli: the story of a file, below its line. */
#include "cli/inspect.h"

#include <inttypes.h>
#include <string.h>

static void print_detail(const char *label, const char *text) {
    if (text != NULL) {
        printf("    %-11s  ", label);
        cli_print_text(stdout, text);
        putchar('\n');
    }
}

/* What the library said about its failure. Returns the exit status. */
static int fail(const char *path, int result) {
    if (result != FC_OK) {
        cli_error("%s: %s", path, fc_error_text());
    }
    return cli_status_of(result);
}

/* -- Exports and imports ------------------------------------------------------------------------------------------ */

struct tally {
    bool is_listing;
    size_t functions, data, others;
};

/* The way of nm: two at-signs mark the version that a program linked today gets. */
static void print_export(const struct fc_export *symbol) {
    const char *name = fc_export_name(symbol);
    printf("    %-11s  ", inspect_export_word(symbol));
    if (name == NULL) {
        printf("#%" PRIu32, fc_export_ordinal(symbol));
    } else {
        cli_print_text(stdout, name);
    }
    if (fc_export_version(symbol) != NULL) {
        fputs(fc_export_is_default(symbol) ? "@@" : "@", stdout);
        cli_print_text(stdout, fc_export_version(symbol));
    }
    if (fc_export_forwarder(symbol) != NULL) {
        fputs(" -> ", stdout);
        cli_print_text(stdout, fc_export_forwarder(symbol));
    }
    if (fc_export_stack_bytes(symbol) >= 0) {
        printf("  (%d bytes of arguments)", fc_export_stack_bytes(symbol));
    }
    putchar('\n');
}

static int on_export(void *user_data, const struct fc_export *symbol) {
    struct tally *tally = user_data;
    enum fc_export_type type = fc_export_type(symbol);
    tally->functions += type == FC_EXPORT_FUNCTION;
    tally->data += type == FC_EXPORT_DATA || type == FC_EXPORT_TLS;
    tally->others += type == FC_EXPORT_OTHER;
    if (tally->is_listing) {
        print_export(symbol);
    }
    return 0;
}

static void print_tally(const struct tally *tally) {
    printf("    %-11s  %zu functions, %zu data", "exports", tally->functions, tally->data);
    if (tally->others > 0) {
        printf(", %zu without a type", tally->others);
    }
    putchar('\n');
}

static bool is_loadable(const struct fc_image *image) {
    enum fc_kind kind = fc_image_kind(image);
    enum fc_format format = fc_image_format(image);
    return (format == FC_FORMAT_ELF || format == FC_FORMAT_PE) &&
           (kind == FC_KIND_LIBRARY || kind == FC_KIND_EXECUTABLE);
}

static int print_exports(const struct inspect_request *request, const char *path, const struct fc_image *image) {
    struct tally tally = {0};
    int result = fc_image_visit_exports(image, on_export, &tally);
    if (result == FC_OK && request->is_verbose && is_loadable(image)) {
        print_tally(&tally);
    }
    if (result == FC_OK && request->wants_exports) {
        tally = (struct tally){.is_listing = true};
        result = fc_image_visit_exports(image, on_export, &tally);
    }
    return fail(path, result);
}

struct imports {
    bool is_listing;
    const char *library; /* of the import before */
};

static int on_import(void *user_data, const struct fc_import *import) {
    struct imports *imports = user_data;
    const char *library = fc_import_library(import);
    if (imports->library == NULL || strcmp(imports->library, library) != 0) {
        print_detail(fc_import_is_delayed(import) ? "delayed" : "needed", library);
        imports->library = library;
    }
    if (imports->is_listing && fc_import_name(import) != NULL) {
        print_detail("  import", fc_import_name(import));
    } else if (imports->is_listing) {
        printf("    %-11s  #%" PRIu32 "\n", "  import", fc_import_ordinal(import));
    }
    return 0;
}

static int print_imports(const struct inspect_request *request, const char *path, const struct fc_image *image) {
    struct imports imports = {.is_listing = request->wants_imports};
    return fail(path, fc_image_visit_imports(image, on_import, &imports));
}

/* -- Archives ----------------------------------------------------------------------------------------------------- */

static int count_member(void *user_data, const struct fc_member *member) {
    size_t *count = user_data;
    (void)member;
    ++*count;
    return 0;
}

static int print_member(void *user_data, const struct fc_member *member) {
    size_t len;
    const void *data = fc_member_data(member, &len);
    struct fc_image *image = NULL;
    (void)user_data;
    printf("    %-11s  ", "member");
    cli_print_text(stdout, fc_member_name(member));
    if (data != NULL && fc_image_open(data, len, &image) != FC_OK) {
        fputs("  ", stdout);
        cli_print_text(stdout, fc_error_text());
    } else if (data != NULL) {
        const char *machine = fc_image_machine(image);
        printf("  %s%s%s", fc_format_name(fc_image_format(image)), machine != NULL ? " " : "",
               machine != NULL ? machine : "");
    }
    putchar('\n');
    fc_image_close(image);
    return 0;
}

static int print_members(const struct inspect_request *request, const char *path, const struct fc_image *image) {
    size_t count = 0;
    int result = FC_OK;
    if (fc_image_kind(image) != FC_KIND_ARCHIVE) {
        return CLI_OK;
    }
    if (request->is_verbose) {
        result = fc_image_visit_members(image, count_member, &count);
        printf("    %-11s  %zu\n", "members", count);
    }
    if (request->wants_members && result == FC_OK) {
        result = fc_image_visit_members(image, print_member, NULL);
    }
    return fail(path, result);
}

/* -- Details ------------------------------------------------------------------------------------------------------ */

static void print_pe(const struct fc_image *image) {
    uint64_t subsystem = 0, major = 0, minor = 0, stored = 0;
    char version[INSPECT_VERSION_MAX];
    if (!fc_image_pe_number(image, FC_PE_SUBSYSTEM, &subsystem)) {
        return;
    }
    fc_image_pe_number(image, FC_PE_SUBSYSTEM_MAJOR, &major);
    fc_image_pe_number(image, FC_PE_SUBSYSTEM_MINOR, &minor);
    fc_image_pe_number(image, FC_PE_CHECKSUM, &stored);
    printf("    %-11s  %s, version %" PRIu64 ".%" PRIu64 "\n", "subsystem", inspect_subsystem_word(subsystem), major,
           minor);
    if (fc_image_hybrid(image) != FC_HYBRID_NONE) {
        print_detail("hybrid", fc_hybrid_name(fc_image_hybrid(image)));
    }
    if (fc_image_file_version(image) != 0) {
        inspect_format_version(fc_image_file_version(image), version);
        print_detail("version", version);
    }
    if (stored != 0 && stored != fc_image_checksum(image)) {
        printf("    %-11s  0x%" PRIx64 ", but the file has 0x%" PRIx32 "\n", "checksum", stored,
               fc_image_checksum(image));
    }
    print_detail("certificate", fc_image_has_certificate(image) ? "Authenticode, not verified" : NULL);
}

static void print_managed(const struct fc_image *image) {
    uint32_t version = fc_image_cli_version(image);
    if (fc_image_is_managed(image)) {
        printf("    %-11s  %s (flags 0x%" PRIx32 ", CLI header %" PRIu32 ".%" PRIu32 ")\n", "managed",
               inspect_managed_words(image), fc_image_cli_flags(image), version >> 16, version & 0xffff);
        print_detail("precompiled", inspect_precompiled_word(image));
    }
}

static void print_details(const struct fc_image *image) {
    print_detail("no target", fc_image_target_problem(image));
    print_detail("byte order", fc_image_byte_order(image) == FC_ORDER_BIG ? "big-endian" : NULL);
    print_pe(image);
    print_detail("apphost", inspect_apphost_word(image));
    print_managed(image);
    print_detail("soname", fc_image_soname(image));
    print_detail("interpreter", fc_image_interpreter(image));
    print_detail("rpath", fc_image_rpath(image));
    print_detail("runpath", fc_image_runpath(image));
    size_t cursor = 0;
    for (const char *name; (name = fc_image_needed_next(image, &cursor)) != NULL;) {
        print_detail("needed", name);
    }
}

/* -- Managed code ------------------------------------------------------------------------------------------------- */

static void print_assembly(const char *label, const struct fc_assembly *assembly) {
    char version[INSPECT_VERSION_MAX];
    inspect_format_version(fc_assembly_version(assembly), version);
    printf("    %-11s  ", label);
    cli_print_text(stdout, fc_assembly_name(assembly));
    printf(" %s\n", version);
}

static int on_reference(void *user_data, const struct fc_assembly *assembly) {
    (void)user_data;
    print_assembly("reference", assembly);
    return 0;
}

static int on_pinvoke(void *user_data, const struct fc_pinvoke *pinvoke) {
    (void)user_data;
    printf("    %-11s  ", "pinvoke");
    cli_print_text(stdout, fc_pinvoke_library(pinvoke));
    putchar('!');
    cli_print_text(stdout, fc_pinvoke_entry(pinvoke));
    fputs("  ", stdout);
    cli_print_text(stdout, fc_pinvoke_type(pinvoke));
    fputs("::", stdout);
    cli_print_text(stdout, fc_pinvoke_method(pinvoke));
    if (fc_pinvoke_suspicion(pinvoke) != NULL) {
        fputs("  (32 bits for ", stdout);
        cli_print_text(stdout, fc_pinvoke_suspicion(pinvoke));
        putchar(')');
    }
    putchar('\n');
    return 0;
}

static void print_tables(const struct fc_metadata *metadata) {
    const char *name;
    uint32_t offset, len;
    for (unsigned i = 0; fc_metadata_stream(metadata, i, &name, &offset, &len); i++) {
        printf("    %-11s  ", "stream");
        cli_print_text(stdout, name);
        printf(", %" PRIu32 " bytes at 0x%" PRIx32 "\n", len, offset);
    }
    for (unsigned i = 0; i < FC_TABLE_COUNT; i++) {
        enum fc_table table = (enum fc_table)i;
        if (fc_metadata_rows(metadata, table) > 0) {
            printf("    %-11s  0x%02x %s, %" PRIu32 " rows of %u bytes\n", "table", i, fc_table_name(table),
                   fc_metadata_rows(metadata, table), fc_metadata_row_size(metadata, table));
        }
    }
}

static void print_ties(const struct fc_metadata *metadata) {
    uint32_t ties = fc_metadata_ties(metadata);
    for (uint32_t bit = 1; bit != 0 && bit <= ties; bit <<= 1) {
        print_detail("tied", ties & bit ? fc_tie_text((enum fc_tie)bit) : NULL);
    }
}

static int print_metadata(const struct inspect_request *request, const char *path, const struct fc_image *image) {
    struct fc_metadata *metadata;
    int result = FC_OK;
    if (!fc_image_is_managed(image) || !(request->is_verbose || request->wants_pinvoke || request->wants_metadata)) {
        return CLI_OK;
    }
    result = fc_metadata_open(image, &metadata);
    if (result != FC_OK) {
        return fail(path, result);
    }
    if (request->is_verbose || request->wants_metadata) {
        print_detail("runtime", fc_metadata_version(metadata));
        print_detail("framework", fc_metadata_framework(metadata));
        if (fc_metadata_assembly(metadata) != NULL) {
            print_assembly("assembly", fc_metadata_assembly(metadata));
        }
        fc_metadata_visit_references(metadata, on_reference, NULL);
        print_ties(metadata);
    }
    if (request->wants_metadata) {
        print_tables(metadata);
    }
    if (request->wants_pinvoke) {
        result = fc_metadata_visit_pinvokes(metadata, on_pinvoke, NULL);
    }
    fc_metadata_close(metadata);
    return fail(path, result);
}

/* -- Verdicts ----------------------------------------------------------------------------------------------------- */

static void print_opinion(const char *who, const struct fc_opinion *opinion) {
    static const char *const words[] = {"works", "FAILS", "may fail"};
    printf("      %-10s %s", who, words[fc_opinion_outcome(opinion)]);
    if (fc_opinion_code(opinion) > 0xffff) {
        printf(" (0x%08" PRIX32 ")", fc_opinion_code(opinion));
    } else if (fc_opinion_code(opinion) != 0) {
        printf(" (%" PRIu32 ")", fc_opinion_code(opinion));
    }
    fputs(": ", stdout);
    cli_print_text(stdout, fc_opinion_reason(opinion));
    printf(" [%s]\n", fc_opinion_source(opinion));
}

static void on_verdict(void *user_data, enum fc_system system, enum fc_process process,
                       const struct fc_verdict *verdict) {
    const char *runtime = fc_verdict_runtime(verdict);
    (void)user_data;
    printf("    %-15s  %s%s", fc_system_name(system),
           process != FC_PROCESS_NONE ? fc_process_title(process) : "does not start",
           runtime != NULL ? ", runtime " : "");
    cli_print_text(stdout, runtime != NULL ? runtime : "");
    putchar('\n');
    print_opinion("system", fc_verdict_os(verdict));
    if (fc_verdict_clr(verdict) != NULL) {
        print_opinion("runtime", fc_verdict_clr(verdict));
    }
}

int inspect_print_story(const struct inspect_request *request, const char *path, const struct fc_image *image) {
    int status = CLI_OK;
    if (request->is_verbose) {
        print_details(image);
    }
    int one = print_metadata(request, path, image);
    status = one != CLI_OK ? one : status;
    if (request->is_verbose || request->wants_members) {
        one = print_members(request, path, image);
        status = one != CLI_OK ? one : status;
    }
    if (request->is_verbose || request->wants_imports) {
        one = print_imports(request, path, image);
        status = one != CLI_OK ? one : status;
    }
    if (request->is_verbose || request->wants_exports) {
        one = print_exports(request, path, image);
        status = one != CLI_OK ? one : status;
    }
    one = inspect_visit_verdicts(request, path, image, on_verdict, NULL);
    return one != CLI_OK ? one : status;
}
