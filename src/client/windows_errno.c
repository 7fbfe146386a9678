/* client: errno of Microsoft's C libraries, whose numbers are this system's up to 34 and others beyond; and what
 * GetLastError said. */
#include "client/client.h"

#include <errno.h>

/* Microsoft, <errno.h>: the number there, and the one here. */
static const struct {
    int there, here;
} numbers[] = {
    {36, EDEADLK},       {38, ENAMETOOLONG},  {39, ENOLCK},         {40, ENOSYS},           {41, ENOTEMPTY},
    {42, EILSEQ},        {100, EADDRINUSE},   {101, EADDRNOTAVAIL}, {102, EAFNOSUPPORT},    {103, EALREADY},
    {104, EBADMSG},      {105, ECANCELED},    {106, ECONNABORTED},  {107, ECONNREFUSED},    {108, ECONNRESET},
    {109, EDESTADDRREQ}, {110, EHOSTUNREACH}, {111, EIDRM},         {112, EINPROGRESS},     {113, EISCONN},
    {114, ELOOP},        {115, EMSGSIZE},     {116, ENETDOWN},      {117, ENETRESET},       {118, ENETUNREACH},
    {119, ENOBUFS},      {120, ENODATA},      {121, ENOLINK},       {122, ENOMSG},          {123, ENOPROTOOPT},
    {124, ENOSR},        {125, ENOSTR},       {126, ENOTCONN},      {127, ENOTRECOVERABLE}, {128, ENOTSOCK},
    {130, EOPNOTSUPP},   {132, EOVERFLOW},    {133, EOWNERDEAD},    {134, EPROTO},          {135, EPROTONOSUPPORT},
    {136, EPROTOTYPE},   {137, ETIME},        {138, ETIMEDOUT},     {139, ETXTBSY},         {140, EWOULDBLOCK},
    {129, ENOTSUP}, /* the same here as one above */
};

int fc__errno_other(const struct fc_session *session, int error, bool is_ours) {
    if (!session->callee->is_windows) {
        return error;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (error == (is_ours ? numbers[i].here : numbers[i].there)) {
            return is_ours ? numbers[i].there : numbers[i].here;
        }
    }
    return error;
}

/* It lies where the call's answer left it: asked for seldom, it costs a call nothing. */
uint32_t fc_session_windows_error(struct fc_session *session) {
    const struct fc__channel *channel =
        session != NULL && session->callee->is_windows && !session->is_direct ? fc__thread_find(session) : NULL;
    return channel != NULL && channel->generation != 0 ? (uint32_t)(channel->line->words[0] >> 32) : 0;
}
