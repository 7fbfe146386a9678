/* fuzz: reads whatever an image made of the input has to say. */
#include <farcall/image.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Long enough for names, short enough that a thousand symbols with one long name do not take forever. */
enum { NAME_MAX_LEN = 4096 };

static volatile size_t total; /* so that the reads below are not optimised away */

static void read_text(const char *text) {
    if (text != NULL) {
        total += strnlen(text, NAME_MAX_LEN);
    }
}

static int on_export(void *user_data, const struct fc_export *symbol) {
    size_t *room = user_data;
    read_text(fc_export_name(symbol));
    read_text(fc_export_version(symbol));
    return --*room == 0;
}

static void read_image(const struct fc_image *image) {
    size_t room = 100000, cursor = 0;
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
    int result = fc_image_visit_exports(image, on_export, &room);
    if (result < 0 && strlen(fc_error_text()) == 0) {
        __builtin_trap();
    }
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
