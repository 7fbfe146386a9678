/* cli: replacing files. */
#ifndef FC_CLI_WRITE_H
#define FC_CLI_WRITE_H

#include <stddef.h>

/* Writes `len` bytes as the file `path`, with mode and owner of the file `model`. Whoever looks sees the old file or
 * the new one, whole, even if the machine stops in between; a symbolic link stays one. On failure it has said why on
 * stderr, has left `path` as it was, and returns CLI_FAILED. */
int cli_write_like(const char *model, const char *path, const void *data, size_t len);

#endif
