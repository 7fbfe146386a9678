/* tests: conformance cases that cannot pass through farcall yet, and why. A row is a promise that the case fails: one
 * that passes fails its test, until the row is gone. */
#ifndef FC_TESTS_CONFORMANCE_NOT_YET_H
#define FC_TESTS_CONFORMANCE_NOT_YET_H

/* From a caller of that many bits to a library of that many in a host; in a direct session. */
enum not_yet_where {
    NOT_YET_64_TO_64 = 1,
    NOT_YET_64_TO_32 = 2,
    NOT_YET_32_TO_64 = 4,
    NOT_YET_32_TO_32 = 8,
    NOT_YET_DIRECT = 16,
    NOT_YET_OTHER_BITNESS = NOT_YET_64_TO_32 | NOT_YET_32_TO_64,
    NOT_YET_TO_64 = NOT_YET_64_TO_64 | NOT_YET_32_TO_64,
    NOT_YET_TO_32 = NOT_YET_64_TO_32 | NOT_YET_32_TO_32,
    NOT_YET_IN_HOSTS = NOT_YET_TO_64 | NOT_YET_TO_32,
    NOT_YET_ANYWHERE = NOT_YET_IN_HOSTS | NOT_YET_DIRECT,
};

struct not_yet {
    const char *test; /* the program: test_conformance_<test> */
    const char *name;
    enum not_yet_where where;
    const char *why;
};

static const struct not_yet not_yet[] = {
    {"scalars", "complex_numbers", NOT_YET_ANYWHERE, "complex numbers cannot be passed"},
    {"scalars", "complex_numbers_of_floats", NOT_YET_ANYWHERE, "complex numbers cannot be passed"},
    {"texts", "wide_string_returned", NOT_YET_ANYWHERE, "strings of anything but `char` cannot be returned"},
    {"buffers", "buffers_that_overlap", NOT_YET_IN_HOSTS,
     "bug: buffers that overlap and have other bounds are refused"},
    {"structs", "input_and_output_are_one_struct", NOT_YET_IN_HOSTS,
     "bug: an object that one parameter reads and another writes does not come back"},
    {"structs", "array_of_pointers_to_ints", NOT_YET_ANYWHERE,
     "nothing can be said of what the pointers of an array point to, unless it is strings or structs"},
    {"structs", "members_in_another_order", NOT_YET_OTHER_BITNESS, "a header is read once, for the caller"},
    {"structs", "members_of_another_size_and_missing", NOT_YET_OTHER_BITNESS, "a header is read once, for the caller"},
    {"callbacks", "callback_returns_a_string", NOT_YET_ANYWHERE, "callbacks cannot return strings"},
    {"callbacks", "sort_of_bytes_with_a_callback", NOT_YET_ANYWHERE,
     "sizes in callbacks cannot name parameters of the function around them"},
    {"memory", "array_allocated_by_the_library", NOT_YET_IN_HOSTS,
     "bug: what the library allocates comes out as a copy, whose address means nothing to the library"},
    {"memory", "array_and_its_count_by_the_library", NOT_YET_ANYWHERE,
     "bug: `*count` in _Outptr_result_buffer_ is said to be no pointer to an integer"},
    {"memory", "array_allocated_by_the_library_in_a_struct", NOT_YET_IN_HOSTS,
     "bug: what the library allocates comes out as a copy, whose address means nothing to the library"},
    {"memory", "struct_allocated_by_the_library", NOT_YET_IN_HOSTS,
     "bug: what the library allocates comes out as a copy, whose address means nothing to the library"},
    {"memory", "string_allocated_by_the_library", NOT_YET_IN_HOSTS,
     "bug: what the library allocates comes out as a copy, whose address means nothing to the library"},
    {"memory", "string_returned_to_be_freed", NOT_YET_IN_HOSTS,
     "bug: what the library allocates comes out as a copy, whose address means nothing to the library"},
    {"memory", "bytes_returned_to_be_freed", NOT_YET_IN_HOSTS,
     "bug: what the library allocates comes out as a copy, whose address means nothing to the library"},
    {"memory", "context_reads_a_buffer_of_the_callers", NOT_YET_ANYWHERE,
     "buffers that a library keeps are not supported"},
    {"memory", "context_writes_a_buffer_of_the_callers", NOT_YET_ANYWHERE,
     "buffers that a library keeps are not supported"},
    {"memory", "stream_is_remembered_by_its_address", NOT_YET_ANYWHERE,
     "structs that a library remembers by their address are not supported"},
    {"memory", "image_made_by_the_library", NOT_YET_IN_HOSTS,
     "bug: what the library allocates comes out as a copy, whose address means nothing to the library"},
    {"memory", "descriptor_of_the_caller_is_written_to", NOT_YET_ANYWHERE, "descriptors cannot be passed"},
    {NULL, NULL, NOT_YET_ANYWHERE, NULL},
};

#endif
