/* The same as shapes.c, as a debug build has it. */
#include "shapes.c"
