/* As headers from Windows spell it, where case does not matter. */
#include <windows.h>
