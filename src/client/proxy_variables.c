/* client: the variables of a proxy's library that may change: the program has its own, which are made equal around each
 * call. */
#include "client/client.h"

#include <errno.h>
#include <farcall/proxy.h>
#include <string.h>

/* Not over fork: the child makes it anew. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local volatile bool is_at_it; /* a signal handler that calls now finds them half done */

static void after_fork_in_child(void) {
    pthread_mutex_init(&lock, NULL);
}

static void install(void) {
    pthread_atfork(NULL, NULL, after_fork_in_child);
}

static bool is_bound(const struct fc_proxy *proxy, struct fc_proxy_variable *variable) {
    return variable->variable != NULL ||
           fc_variable_bind(proxy->library, variable->declaration, &variable->variable) == FC_OK;
}

/* What the library has of it by now, if that is not what it had. */
static void fetch(struct fc_proxy_variable *variable) {
    if (fc_variable_read(variable->variable, variable->fresh) == FC_OK &&
        memcmp(variable->fresh, variable->seen, variable->size) != 0) {
        memcpy(variable->seen, variable->fresh, variable->size);
        memcpy(variable->here, variable->fresh, variable->size);
    }
}

static void send(struct fc_proxy_variable *variable) {
    if (memcmp(variable->here, variable->seen, variable->size) != 0 &&
        fc_variable_write(variable->variable, variable->here) == FC_OK) {
        memcpy(variable->seen, variable->here, variable->size);
    }
}

/* What cannot be reached is left as it is: the call itself says why. */
void fc_proxy_sync(struct fc_proxy *proxy, bool is_called) {
    const int errno_before = errno;
    if (!is_at_it && fc__proxy_is_open(proxy)) {
        pthread_once(&once, install);
        is_at_it = true;
        pthread_mutex_lock(&lock);
        for (size_t i = 0; i < proxy->variable_count; i++) {
            struct fc_proxy_variable *variable = &proxy->variables[i];
            if (is_bound(proxy, variable)) {
                (is_called ? fetch : send)(variable);
            }
        }
        pthread_mutex_unlock(&lock);
        is_at_it = false;
    }
    errno = errno_before;
}
