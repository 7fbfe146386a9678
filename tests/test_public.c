#include "harness.h"

#include <farcall/image.h>
#include <pthread.h>
#include <string.h>

TEST(public_strerror_explains_every_code) {
#define ASSERT_MEANING(name, value, meaning)                                                                           \
    assert_int_equal(name, value);                                                                                     \
    assert_string_equal(fc_strerror(value), meaning);
    FC_ERRORS(ASSERT_MEANING)
#undef ASSERT_MEANING
    assert_string_equal(fc_strerror(FC_OK), "success");
    assert_string_equal(fc_strerror(1), "unknown error");
    assert_string_equal(fc_strerror(-1000), "unknown error");
}

TEST(public_version_has_three_numbers) {
    unsigned major, minor, patch;
    char rest;
    assert_int_equal(sscanf(fc_version(), "%u.%u.%u%c", &major, &minor, &patch, &rest), 3);
}

static void *fail_in_thread(void *argument) {
    struct fc_image *image;
    require(strlen(fc_error_text()) == 0);
    require(fc_image_open("\177ELF", 4, &image) == FC_EFORMAT);
    require(strstr(fc_error_text(), "ELF identification") != NULL);
    return argument;
}

TEST(public_error_text_belongs_to_its_thread) {
    struct fc_image *image;
    pthread_t thread;
    assert_string_equal(fc_error_text(), "");
    assert_int_equal(pthread_create(&thread, NULL, fail_in_thread, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(fc_error_text(), "");
    assert_int_equal(fc_image_open(NULL, 1, &image), FC_EINVAL);
    assert_true(strlen(fc_error_text()) > 0);
    assert_int_equal(fc_image_open("", 0, &image), FC_OK); /* a success does not take the text away */
    assert_true(strlen(fc_error_text()) > 0);
    fc_image_close(image);
}
