/* Small functions of every shape that a first call can have. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/types.h>

int Add(int a, int b) { return a + b; }
unsigned bits(void) { return (unsigned)sizeof(void *) * 8; }
