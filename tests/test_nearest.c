/* Where the line of a channel lies. How fast that makes calls is the benchmark's affair; here it may be anywhere. */
#include "call.h"

#include "client/client.h"

TEST(nearest_is_a_line_of_the_page_which_is_left_empty) {
    enum { PAGES = 64 };
    static const size_t page_bytes = FC__CHANNEL_PLACES_BYTES;
    unsigned char *const places = aligned_alloc(4096, PAGES * page_bytes);
    static const unsigned char empty[FC__CHANNEL_PLACES_BYTES];
    require(places != NULL);
    memset(places, 0, PAGES * page_bytes);
    for (int i = 0; i < PAGES; i++) {
        unsigned char *const page = places + (size_t)i * page_bytes;
        const uint32_t offset = fc__channel_nearest(page);
        assert_in_range(offset, 0, FC__CHANNEL_PLACES_BYTES - FC__WIRE_LINE_BYTES);
        assert_int_equal(offset % (2 * FC__WIRE_LINE_BYTES), 0);
        assert_memory_equal(page, empty, sizeof empty);
    }
    free(places);
}

/* The channel ends where its memory does, wherever it begins. */
TEST(nearest_channels_fit_their_memory) {
    for (EACH_TARGET(target)) {
        struct fc_library *library = call_open(target, "payloads");
        struct fc_function *sum = call_bind(library, "unsigned text_sum(_In_opt_z_ const char *text)");
        unsigned result;
        assert_ok(fc_call(sum, &result, "a text"));
        const struct fc__channel *channel = fc__thread_find(fc_library_session(library));
        const uint64_t base = fc__span_base(channel->block), line = (uintptr_t)channel->line;
        assert_in_range(line, base, base + FC__CHANNEL_PLACES_BYTES - FC__WIRE_LINE_BYTES);
        assert_true(line + FC__WIRE_CHANNEL_BYTES <= base + fc__span_bytes(channel->block));
        fc_library_close(library);
    }
}
