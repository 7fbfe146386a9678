/* The same for Linux, where Free Pascal has that convention. */
#include "../windows/libs/delphi.c"
