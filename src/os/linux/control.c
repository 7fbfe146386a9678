/* os: the control connection, a Unix socket pair that keeps message boundaries. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int fc__os_control_pair(int *ret_mine, int *ret_theirs) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        return -errno;
    }
    pair[0] = fc__os_off_standard(pair[0]);
    pair[1] = fc__os_off_standard(pair[1]);
    if (pair[0] < 0 || pair[1] < 0) {
        int rc = pair[0] < 0 ? pair[0] : pair[1];
        fc__os_close(&pair[0]);
        fc__os_close(&pair[1]);
        return rc;
    }
    *ret_mine = pair[0];
    *ret_theirs = pair[1];
    return 0;
}

int fc__os_pipe(int ret_fds[2]) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -errno;
    }
    ret_fds[0] = fc__os_off_standard(ends[0]);
    ret_fds[1] = fc__os_off_standard(ends[1]);
    int rc = ret_fds[0] < 0 ? ret_fds[0] : ret_fds[1] < 0 ? ret_fds[1] : 0;
    rc = rc == 0 && fcntl(ret_fds[0], F_SETFL, O_NONBLOCK) != 0 ? -errno : rc;
    if (rc != 0) {
        fc__os_close(&ret_fds[0]);
        fc__os_close(&ret_fds[1]);
    }
    return rc;
}

/* The way there is opened for both directions: writing to it raises no SIGPIPE when the other side is gone. The way back
 * is not, so that it ends with the other side. */
int fc__os_control_pipes(int *ret_send, int *ret_receive) {
    int there = -1, ends[2] = {-1, -1};
    int rc = fc__os_bell_new_pipe(&there);
    if (rc == 0) {
        rc = pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0 ? -errno : 0;
    }
    fc__os_close(&ends[1]); /* the other side opens it by the number of the end that is read from */
    if (rc == 0) {
        ends[0] = fc__os_off_standard(ends[0]);
        rc = ends[0] < 0 ? ends[0] : 0;
    }
    if (rc != 0) {
        fc__os_close(&there);
        return rc;
    }
    *ret_send = there;
    *ret_receive = ends[0];
    return 0;
}

union fd_message {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};

/* In place of a socket's call, which found a pipe. */
static ssize_t send_on_pipe(int fd, const void *message, size_t len) {
    ssize_t sent;
    do {
        sent = write(fd, message, len);
    } while (sent < 0 && errno == EINTR);
    return sent;
}

int fc__os_control_send(int control_fd, const void *message, size_t len, int fd) {
    struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = len};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    union fd_message attached;
    if (fd >= 0) {
        memset(&attached, 0, sizeof attached);
        header.msg_control = &attached;
        header.msg_controllen = sizeof attached;
        struct cmsghdr *item = CMSG_FIRSTHDR(&header);
        item->cmsg_level = SOL_SOCKET;
        item->cmsg_type = SCM_RIGHTS;
        item->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(item), &fd, sizeof fd);
    }
    ssize_t sent;
    do {
        sent = sendmsg(control_fd, &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno == ENOTSOCK && fd < 0) {
        sent = send_on_pipe(control_fd, message, len);
    }
    return sent < 0 ? -errno : 0;
}

int fc__os_control_receive(int control_fd, void *ret_message, size_t len, int *ret_fd, int timeout_ms) {
    struct pollfd watched = {.fd = control_fd, .events = POLLIN};
    int ready;
    do {
        ready = timeout_ms < 0 ? 1 : poll(&watched, 1, timeout_ms);
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) {
        return -ETIMEDOUT;
    }
    struct iovec part = {.iov_base = ret_message, .iov_len = len};
    union fd_message attached;
    struct msghdr header = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &attached, .msg_controllen = sizeof attached};
    ssize_t got;
    do {
        got = recvmsg(control_fd, &header, MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == ENOTSOCK) {
            got = read(control_fd, ret_message, len);
            header.msg_controllen = 0;
            header.msg_flags = 0;
        }
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        return got == 0 || errno == ECONNRESET ? -EPIPE : -errno;
    }
    int fd = -1;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(&header); item != NULL; item = CMSG_NXTHDR(&header, item)) {
        if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS) {
            fc__os_close(&fd);
            memcpy(&fd, CMSG_DATA(item), sizeof fd);
        }
    }
    if ((size_t)got != len || (header.msg_flags & MSG_TRUNC) != 0) {
        fc__os_close(&fd);
        return -EPROTO;
    }
    if (ret_fd != NULL) {
        *ret_fd = fc__os_off_standard(fd);
    } else {
        fc__os_close(&fd);
    }
    return 0;
}

int fc__os_control_send_now(int control_fd, const void *message, size_t len) {
    const int saved = errno;
    ssize_t sent;
    do {
        sent = send(control_fd, message, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno == ENOTSOCK) {
        sent = send_on_pipe(control_fd, message, len);
    }
    const int rc = sent < 0 ? -errno : 0;
    errno = saved;
    return rc;
}
