/* fuzz: reads whatever an image made of the input has to say. */
#include "image/elf.h"

#include <farcall/image.h>
#include <farcall/policy.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Long enough for names, short enough that a thousand symbols with one long name do not take forever. */
enum { NAME_MAX_LEN = 4096 };

static volatile uint64_t total; /* so that the reads below are not optimised away */

static void read_text(const char *text) {
    if (text != NULL) {
        total += strnlen(text, NAME_MAX_LEN);
    }
}

static int on_export(void *user_data, const struct fc_export *symbol) {
    size_t *room = user_data;
    read_text(fc_export_name(symbol));
    read_text(fc_export_version(symbol));
    read_text(fc_export_forwarder(symbol));
    total += (size_t)fc_export_stack_bytes(symbol) + fc_export_ordinal(symbol);
    return --*room == 0;
}

static int on_pointer(void *user_data, const struct fc__image_pointer *pointer) {
    size_t *room = user_data;
    total += pointer->place + pointer->to + pointer->is_own;
    return --*room == 0;
}

static int on_import(void *user_data, const struct fc_import *import) {
    size_t *room = user_data;
    read_text(fc_import_library(import));
    read_text(fc_import_name(import));
    return --*room == 0;
}

static int on_resource(void *user_data, const struct fc_resource *resource) {
    size_t *room = user_data, len;
    const unsigned char *data = fc_resource_data(resource, &len);
    total += len > 0 ? (uint64_t)data[0] + data[len - 1] : 0u;
    return --*room == 0;
}

static int on_section(void *user_data, const struct fc_section *section) {
    size_t *room = user_data;
    read_text(fc_section_name(section));
    return --*room == 0;
}

static void read_image(const struct fc_image *image);

/* What lies in archives is not looked into any deeper. */
static int on_member(void *user_data, const struct fc_member *member) {
    size_t *room = user_data, len;
    struct fc_image *image = NULL;
    const void *data = fc_member_data(member, &len);
    read_text(fc_member_name(member));
    if (data != NULL && fc_image_open(data, len, &image) == FC_OK && fc_image_kind(image) != FC_KIND_ARCHIVE) {
        read_image(image);
    }
    fc_image_close(image);
    return --*room == 0;
}

static void check(int result) {
    if (result < 0 && strlen(fc_error_text()) == 0) {
        __builtin_trap();
    }
}

static void read_pe(const struct fc_image *image) {
    size_t imports = 100000, resources = 100000, sections = 100000, len;
    check(fc_image_visit_imports(image, on_import, &imports));
    check(fc_image_visit_resources(image, on_resource, &resources));
    check(fc_image_visit_sections(image, on_section, &sections));
    const char *manifest = fc_image_manifest(image, &len);
    total += manifest != NULL && len > 0 ? (unsigned char)manifest[len - 1] : 0u;
    total += fc_image_checksum(image) + fc_image_file_version(image) + (uint64_t)fc_image_hybrid(image);
    total += fc_image_has_certificate(image);
}

/* Every verdict has a reason. */
static void read_verdicts(const struct fc_image *image) {
    for (unsigned i = 0; i < FC_SYSTEM_COUNT; i++) {
        struct fc_conditions *conditions = NULL;
        struct fc_verdict *verdict = NULL;
        if (fc_conditions_new((enum fc_system)i, &conditions) == FC_OK &&
            fc_policy_start(image, conditions, &verdict) == FC_OK &&
            strlen(fc_opinion_reason(fc_verdict_os(verdict))) == 0) {
            __builtin_trap();
        }
        fc_verdict_free(verdict);
        verdict = NULL;
        if (fc_policy_load(image, conditions, FC_PROCESS_X86_64, FC_LOAD_ASSEMBLY, &verdict) == FC_OK &&
            strlen(fc_opinion_reason(fc_verdict_clr(verdict))) == 0) {
            __builtin_trap();
        }
        fc_verdict_free(verdict);
        fc_conditions_free(conditions);
    }
}

static void read_image(const struct fc_image *image) {
    size_t room = 100000, members = 1000, cursor = 0;
    read_text(fc_format_name(fc_image_format(image)));
    read_text(fc_kind_name(fc_image_kind(image)));
    read_text(fc_image_machine(image));
    read_text(fc_image_target(image));
    read_text(fc_image_target_problem(image));
    read_text(fc_image_soname(image));
    read_text(fc_image_interpreter(image));
    read_text(fc_image_runpath(image));
    read_text(fc_image_rpath(image));
    for (const char *name; (name = fc_image_needed_next(image, &cursor)) != NULL;) {
        read_text(name);
    }
    if (fc_image_target(image) == NULL && fc_image_target_problem(image) == NULL) {
        __builtin_trap();
    }
    check(fc_image_visit_exports(image, on_export, &room));
    struct fc__error err;
    check(fc__image_visit_pointers(image, on_pointer, &room, &err));
    check(fc_image_visit_members(image, on_member, &members));
    read_pe(image);
    read_verdicts(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fc_image *image = NULL;
    int result = fc_image_open(data, size, &image);
    if (result == FC_OK) {
        read_image(image);
        fc_image_close(image);
    } else if (image != NULL || (result == FC_EFORMAT && strlen(fc_error_text()) == 0)) {
        __builtin_trap();
    }
    return 0;
}
