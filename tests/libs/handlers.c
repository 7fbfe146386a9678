/* Signal handlers of the library's own that call back. */
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int (*told)(int number);
static _Atomic int tellings;
static void tell(int number) {
    (void)number;
    told(atomic_fetch_add(&tellings, 1));
}
static void handle(int number, void (*handler)(int number), int (*function)(int number)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    told = function;
    atomic_store(&tellings, 0);
    sigaction(number, &action, NULL);
}

int add(int a, int b) {
    return a + b;
}

/* In a call, at a place of the library's choice. */
int raise_times(int (*function)(int number), int times) {
    handle(SIGUSR1, tell, function);
    for (int i = 0; i < times; i++) {
        raise(SIGUSR1);
    }
    return atomic_load(&tellings);
}

/* In a call, at any place of the library's code: `work` keeps it from ending. */
unsigned compute_until(int (*function)(int number), int times) {
    const struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    unsigned sum = 1;
    handle(SIGALRM, tell, function);
    setitimer(ITIMER_REAL, &often, NULL);
    while (atomic_load(&tellings) < times) {
        sum = sum * 1664525 + 1013904223;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    return sum | 1;
}

/* In whatever thread of the process, in a call or in none. */
void begin_alarms(int (*function)(int number), int us) {
    const struct itimerval often = {{0, us}, {0, us}};
    handle(SIGALRM, tell, function);
    setitimer(ITIMER_REAL, &often, NULL);
}
/* In the thread of this call, during it and afterwards. */
static timer_t timer;
int begin_alarms_here(int (*function)(int number), int us) {
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
    const struct itimerspec often = {{0, us * 1000L}, {0, us * 1000L}};
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    handle(SIGALRM, tell, function);
    return timer_create(CLOCK_MONOTONIC, &event, &timer) + timer_settime(timer, 0, &often, NULL);
}
int end_alarms_here(void) {
    const int deleted = timer_delete(timer);
    signal(SIGALRM, SIG_IGN);
    return deleted == 0 ? atomic_load(&tellings) : -1;
}
int apply(int (*function)(int number), int a) {
    return function(a) + 1;
}
int sum_of_text(const char *text, int a, double b, long long c) {
    int sum = a + (int)b + (int)c;
    for (; *text != '\0'; text++) {
        sum += *text;
    }
    return sum;
}
int end_alarms(void) {
    const struct itimerval never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_IGN);
    return atomic_load(&tellings);
}
