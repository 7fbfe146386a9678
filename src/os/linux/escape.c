/* os: what happens when a thread leaves a function by a jump. glibc calls the cleanup handlers of a thread whose
 * buffers lie in the frames that longjmp (setjmp/longjmp.c, _longjmp_unwind) or the thread's end leaves. */
#include "os/os.h"

#include <pthread.h>

/* Exported by glibc, and declared only as what its macros use; the LSB specifies both. */
extern void _pthread_cleanup_push(struct _pthread_cleanup_buffer *buffer, void (*act)(void *data), void *data);
extern void _pthread_cleanup_pop(struct _pthread_cleanup_buffer *buffer, int execute);

_Static_assert(sizeof(struct _pthread_cleanup_buffer) <= sizeof(struct fc__os_escape), "room for the system's");

void fc__os_escape_push(struct fc__os_escape *escape, void (*act)(void *data), void *data) {
    _pthread_cleanup_push((struct _pthread_cleanup_buffer *)(void *)escape->system, act, data);
}

void fc__os_escape_pop(struct fc__os_escape *escape) {
    _pthread_cleanup_pop((struct _pthread_cleanup_buffer *)(void *)escape->system, 0);
}
