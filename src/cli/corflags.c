/* cli: `farcall corflags FILE`, after Microsoft's CorFlags.exe, also under the name `corflags`.
 * Options are not getopt's: `/ILONLY+`, `-ILONLY+` and `--ilonly+` are one, in any case, and a name that is none of
 * them is a file. Messages with a number (CF000 to CF014) go to stdout under the name `corflags`, as the original's
 * do. */
#include "cli/cli.h"
#include "cli/write.h"

#include <farcall/corflags.h>
#include <farcall/managed.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct corflags {
    const char *path, *output;
    uint32_t set_flags, clear_flags, version;
    bool is_forced, has_no_logo, is_dry, is_raw, wants_help, has_change;
};

/* -- Options ------------------------------------------------------------------------------------------------------ */

enum action { FLAGS, VERSION, SWITCH };

struct corflags_option {
    const char *name;
    enum action action;
    uint32_t set_flags, clear_flags; /* FLAGS; of VERSION the first is the version */
    size_t target;                   /* SWITCH: which member */
};

#define REQUIRED FC_CLI_32BIT_REQUIRED
#define PREFERRED FC_CLI_32BIT_PREFERRED
#define MEMBER(name) offsetof(struct corflags, name)
static const struct corflags_option corflags_options[] = {
    {"ILONLY+", FLAGS, FC_CLI_IL_ONLY, 0, 0},
    {"ILONLY-", FLAGS, 0, FC_CLI_IL_ONLY, 0},
    {"32BIT+", FLAGS, REQUIRED, PREFERRED, 0},
    {"32BIT-", FLAGS, 0, REQUIRED | PREFERRED, 0},
    {"32BITREQ+", FLAGS, REQUIRED, PREFERRED, 0},
    {"32BITREQ-", FLAGS, 0, REQUIRED | PREFERRED, 0},
    {"32BITPREF+", FLAGS, REQUIRED | PREFERRED, 0, 0},
    {"32BITPREF-", FLAGS, 0, REQUIRED | PREFERRED, 0},
    {"UpgradeCLRHeader", VERSION, FC_CLI_VERSION_2_5, 0, 0},
    {"upgrade-clr-header", VERSION, FC_CLI_VERSION_2_5, 0, 0},
    {"RevertCLRHeader", VERSION, FC_CLI_VERSION_2_0, 0, 0},
    {"revert-clr-header", VERSION, FC_CLI_VERSION_2_0, 0, 0},
    {"Force", SWITCH, 0, 0, MEMBER(is_forced)},
    {"nologo", SWITCH, 0, 0, MEMBER(has_no_logo)},
    {"dry-run", SWITCH, 0, 0, MEMBER(is_dry)},
    {"raw", SWITCH, 0, 0, MEMBER(is_raw)},
    {"?", SWITCH, 0, 0, MEMBER(wants_help)},
    {"h", SWITCH, 0, 0, MEMBER(wants_help)},
    {"help", SWITCH, 0, 0, MEMBER(wants_help)},
};
#undef MEMBER

static const struct corflags_option *find_option(const char *argument) {
    size_t dashes = strncmp(argument, "--", 2) == 0 ? 2 : argument[0] == '/' || argument[0] == '-' ? 1 : 0;
    for (size_t i = 0; dashes > 0 && i < sizeof corflags_options / sizeof *corflags_options; i++) {
        if (strcasecmp(argument + dashes, corflags_options[i].name) == 0) {
            return &corflags_options[i];
        }
    }
    return NULL;
}

/* Of options that contradict each other the last one counts. */
static void obey(struct corflags *request, const struct corflags_option *option) {
    request->has_change = request->has_change || option->action != SWITCH;
    switch (option->action) {
    case FLAGS:
        request->set_flags = (request->set_flags & ~option->clear_flags) | option->set_flags;
        request->clear_flags = (request->clear_flags & ~option->set_flags) | option->clear_flags;
        break;
    case VERSION:
        request->version = option->set_flags;
        break;
    case SWITCH:
        *(bool *)((char *)request + option->target) = true;
        break;
    }
}

static void print_help(void) {
    puts("Usage: farcall corflags FILE [OPTION...]\n"
         "Show or change what a managed image says of its bitness, as CorFlags.exe does.\n"
         "\n"
         "Options begin with '/', '-' or '--', in any case:\n"
         "  /ILONLY+ /ILONLY-        set or clear the bit for IL only\n"
         "  /32BITREQ+ /32BITREQ-    set the bit for 32 bits required, or clear both 32-bit bits\n"
         "  /32BITPREF+ /32BITPREF-  set both bits, which is 32 bits preferred, or clear them (programs only)\n"
         "  /32BIT+ /32BIT-          the same as /32BITREQ+ and /32BITREQ-\n"
         "  /UpgradeCLRHeader        give the CLI header version 2.5 (--upgrade-clr-header)\n"
         "  /RevertCLRHeader         give it version 2.0 (--revert-clr-header)\n"
         "  /Force                   change an image with a strong name all the same; sign it again afterwards\n"
         "  -o FILE                  write the result there, and leave the original\n"
         "  --dry-run                show the bytes before and after, and write nothing\n"
         "  --raw                    show the bits as they stand, not what they mean together\n"
         "  /nologo                  no banner\n"
         "  /help /?                 print this and exit\n"
         "\n"
         "Exit status: 0 success, 1 failure, 2 wrong usage.");
}

/* -- Messages ----------------------------------------------------------------------------------------------------- */

static int fail(const char *number, const char *text) {
    printf("corflags : error %s : %s\n", number, text);
    return CLI_FAILED;
}

static int refuse_option(void) {
    fail("CF000", "Invalid option");
    print_help();
    return CLI_USAGE;
}

/* -- Showing ------------------------------------------------------------------------------------------------------ */

static void show(const struct corflags *request, const struct fc_image *image, const char *version) {
    uint32_t flags = fc_image_cli_flags(image), header = fc_image_cli_version(image);
    bool is_required = flags & REQUIRED, is_preferred = flags & PREFERRED;
    if (!request->is_raw) { /* the two bits are one field: both together mean preferred */
        bool is_both = is_required && is_preferred;
        is_required = is_required && !is_both;
        is_preferred = is_both;
    }
    printf("Version   : ");
    cli_print_text(stdout, version);
    printf("\nCLR Header: %" PRIu32 ".%" PRIu32 "\n", header >> 16, header & 0xffff);
    printf("PE        : %s\n", fc_image_bits(image) == 64 ? "PE32+" : "PE32");
    printf("CorFlags  : 0x%" PRIx32 "\n", flags);
    printf("ILONLY    : %d\n", (flags & FC_CLI_IL_ONLY) != 0);
    printf("32BITREQ  : %d\n", is_required);
    printf("32BITPREF : %d\n", is_preferred);
    printf("Signed    : %d\n", fc_image_has_strong_name(image));
}

static void show_bytes(uint32_t number, unsigned len) {
    for (unsigned i = 0; i < len; i++) {
        printf(" %02" PRIx32, number >> (8 * i) & 0xff);
    }
}

static void show_edits(const struct fc_edits *edits) {
    for (size_t i = 0; i < fc_edits_count(edits); i++) {
        unsigned len = fc_edit_len(edits, i);
        printf("0x%08" PRIx64 " ", fc_edit_offset(edits, i));
        show_bytes(fc_edit_before(edits, i), len);
        fputs("  ->", stdout);
        show_bytes(fc_edit_after(edits, i), len);
        printf("  %s\n", fc_edit_name(edits, i));
    }
    if (fc_edits_count(edits) == 0) {
        puts("nothing to change");
    }
}

/* -- Changing ----------------------------------------------------------------------------------------------------- */

/* The strong name has messages of its own. */
static void warn(uint32_t problems) {
    if (problems & FC_EDIT_BREAKS_STRONG_NAME) {
        puts("corflags : warning CF011 : The specified file is strong name signed.  Using /Force will invalidate the "
             "signature of this image and will require the assembly to be resigned.");
    }
    for (uint32_t bit = 1; bit != 0 && bit <= problems; bit <<= 1) {
        if ((problems & bit) != 0 && bit != FC_EDIT_BREAKS_STRONG_NAME) {
            printf("corflags : warning : %s\n", fc_edit_problem_text((enum fc_edit_problem)bit));
        }
    }
}

static int write_edited(const struct corflags *request, const struct cli_file *file, const struct fc_edits *edits) {
    void *copy = malloc(file->len_bytes);
    if (copy == NULL) {
        cli_error("out of memory");
        return CLI_FAILED;
    }
    memcpy(copy, file->data, file->len_bytes);
    fc_edits_apply(edits, copy);
    int status =
        cli_write_like(request->path, request->output != NULL ? request->output : request->path, copy, file->len_bytes);
    free(copy);
    return status;
}

static int change(const struct corflags *request, const struct cli_file *file, const struct fc_image *image,
                  const char *version) {
    struct fc_edits *edits;
    if (request->version == FC_CLI_VERSION_2_0 && strncmp(version, "v4", 2) == 0) {
        return fail("CF014", "An image for version 4 of the runtime cannot have a header of version 2.0");
    }
    int result = fc_edits_new(image, request->set_flags, request->clear_flags, request->version, &edits);
    if (result != FC_OK) {
        cli_error("%s: %s", request->path, fc_error_text());
        return CLI_FAILED;
    }
    int status = CLI_OK;
    if ((fc_edits_problems(edits) & FC_EDIT_BREAKS_STRONG_NAME) != 0 && !request->is_forced) {
        status = fail("CF012", "The specified file is strong name signed.  Use /Force to force the update.");
    } else {
        warn(fc_edits_problems(edits));
        if (request->is_dry) {
            show_edits(edits);
        } else if (fc_edits_count(edits) > 0 || request->output != NULL) {
            status = write_edited(request, file, edits);
        }
    }
    fc_edits_free(edits);
    return status;
}

static int show_or_change(const struct corflags *request, const struct cli_file *file, const struct fc_image *image) {
    struct fc_metadata *metadata;
    if (!fc_image_is_managed(image)) {
        return fail("CF008", "The specified file does not have a valid managed header");
    }
    if (fc_metadata_open(image, &metadata) != FC_OK) {
        fail("CF008", "The specified file does not have a valid managed header");
        cli_error("%s: %s", request->path, fc_error_text());
        return CLI_FAILED;
    }
    int status = CLI_OK;
    if (request->has_change || request->output != NULL) {
        status = change(request, file, image, fc_metadata_version(metadata));
    } else {
        show(request, image, fc_metadata_version(metadata));
    }
    fc_metadata_close(metadata);
    return status;
}

static int run(const struct corflags *request) {
    struct cli_file file;
    struct fc_image *image;
    if (cli_file_open(request->path, &file) != CLI_OK) {
        return fail("CF002", "Could not open file for reading");
    }
    int status = CLI_FAILED;
    if (fc_image_open(file.data, file.len_bytes, &image) == FC_OK) {
        status = show_or_change(request, &file, image);
        fc_image_close(image);
    } else {
        fail("CF008", "The specified file does not have a valid managed header");
        cli_error("%s: %s", request->path, fc_error_text());
    }
    cli_file_close(&file);
    return status;
}

int cli_corflags(int argc, char **argv) {
    struct corflags request = {0};
    for (int i = 1; i < argc; i++) {
        const struct corflags_option *option = find_option(argv[i]);
        if (option != NULL) {
            obey(&request, option);
        } else if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
            request.output = argv[++i];
        } else if (argv[i][0] == '-' || request.path != NULL) {
            return refuse_option();
        } else {
            request.path = argv[i];
        }
    }
    if (request.wants_help) {
        print_help();
        return CLI_OK;
    }
    if (request.path == NULL) {
        return refuse_option();
    }
    if (!request.has_no_logo) {
        printf("farcall corflags %s: shows and changes the CLI header of managed images\n"
               "Output and options are those of Microsoft's CorFlags.exe.\n\n",
               fc_version());
    }
    return run(&request);
}
