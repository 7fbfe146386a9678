/* tests: what a host for Microsoft's targets wants, and mingw's C library does not have. */
#ifdef __i386__
        .globl  __tls_array
__tls_array = 0x2c              /* in a thread's block: where its variables are */
#endif
