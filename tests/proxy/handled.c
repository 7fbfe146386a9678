/* Uses a proxy and is told of what cannot be called. */
#include "vendor.h"

#include <errno.h>
#include <farcall/proxy.h>
#include <setjmp.h>
#include <stdio.h>

static jmp_buf back;
static int jumps;

static void failed(void *user_data, const struct fc_proxy_failure *failure) {
    printf("%s: %s.%s: %s\n", (const char *)user_data, failure->library, failure->function,
           fc_strerror(failure->error));
    if (jumps) {
        longjmp(back, 1);
    }
}

int main(void) {
    static char data[] = "told";
    fc_proxy_on_failure(failed, data);
    void *made = make(12);
    printf("look %d\n", look(made));
    errno = 0;
    const int crashed = crash(1);
    printf("crash %d %d\n", crashed, errno == EIO);
    printf("add %d\n", add(1, 2)); /* of a fresh host */
    errno = 0;
    const int looked = look(made); /* it went with the old one */
    printf("look %d %d\n", looked, errno == EINVAL);
    printf("fails %d\n", fails(1));
    jumps = 1;
    if (setjmp(back) == 0) {
        unclear(NULL);
        puts("not reached");
    }
    puts("jumped");
    return 0;
}
