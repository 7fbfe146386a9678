/* cli: values of a call, from the command line and back to it.
 * Runs in: the caller.
 * Does not: call. */
#ifndef FC_CLI_VALUE_H
#define FC_CLI_VALUE_H

#include <farcall/farcall.h>

#include <stdbool.h>

/* One argument: what fc_call_array is pointed at. */
struct cli_value {
    uint64_t storage; /* the scalar, or the pointer to `data`; little-endian, so any width starts here */
    void *data;       /* of a string or buffer; owned */
    uint64_t data_bytes;
    uint64_t room;  /* of a buffer: elements that the call may write */
    bool is_output; /* given as "_" */
};

/* Reads `text` for parameter `index`. For a buffer this holds the elements that the text gives; cli_value_make_room
 * then sizes it. On failure it has said why on stderr and returns an exit status. */
int cli_value_read(const struct fc_function *function, size_t index, const char *text, struct cli_value *ret_value);

/* Checks a buffer's elements against its size, or makes an output of that size. Needs all scalars to be read. */
int cli_value_make_room(const struct fc_function *function, size_t index, size_t count, void *const *arguments,
                        struct cli_value *value);
void cli_value_done(struct cli_value *value);

/* Prints `elements` values of a class and size at `data` as C writes them: a literal if there is one, a string for
 * bytes, else a list in braces. */
void cli_value_print(enum fc_class class, size_t size, const void *data, uint64_t elements, bool is_array);
/* A string of UTF-8, of `most` bytes at most, as it is but for what is not to be seen. */
void cli_value_print_utf8(const char *text, uint64_t most);

#endif
