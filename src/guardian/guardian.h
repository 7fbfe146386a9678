/* guardian: what its files share; see main.c. */
#ifndef FC_GUARDIAN_GUARDIAN_H
#define FC_GUARDIAN_GUARDIAN_H

#include "wire/message.h"

#include <sys/types.h>

/* descriptor.c: answers FETCH with the descriptor of the host that the message describes. */
void fc__guardian_fetch(int control_fd, pid_t host, const struct fc_wire_control *message);

#endif
