/* tests: what of a C library the conformance library for Microsoft's targets wants and msvcrt.dll does not export. */

int _fltused = 1; /* Microsoft's compilers ask for it, by this name */

/* The process ends without it. */
int atexit(void (*function)(void)) {
    (void)function;
    return 0;
}
