/* Threads of the library's own that call back. Built for every target. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SMALL_STACK = 96 * 1024, THREADS_MAX = 512 };

int this_thread(void) {
    return (int)syscall(SYS_gettid);
}

static pthread_t start(void *(*body)(void *argument), void *argument) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, SMALL_STACK);
    if (pthread_create(&thread, &attributes, body, argument) != 0) {
        abort();
    }
    pthread_attr_destroy(&attributes);
    return thread;
}

/* -- threads that a call waits for --------------------------------------------------------------------------------- */

typedef int visit_function(int index, int round, int thread);
struct worker {
    pthread_t thread;
    visit_function *visit;
    int index, rounds, sum;
};

static void *work(void *argument) {
    struct worker *worker = argument;
    for (int i = 0; i < worker->rounds; i++) {
        worker->sum += worker->visit(worker->index, i, this_thread());
    }
    return NULL;
}

/* The sum of what the function returned. */
int run_threads(int (*visit)(int index, int round, int thread), int count, int rounds) {
    static struct worker workers[THREADS_MAX];
    int sum = 0;
    for (int i = 0; i < count; i++) {
        workers[i] = (struct worker){.visit = visit, .index = i, .rounds = rounds};
        workers[i].thread = start(work, &workers[i]);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        sum += workers[i].sum;
    }
    return sum;
}

/* Each round only begins when every thread has finished the one before. */
static pthread_barrier_t all_are_there;
static void *work_in_step(void *argument) {
    struct worker *worker = argument;
    for (int i = 0; i < worker->rounds; i++) {
        worker->sum += worker->visit(worker->index, i, this_thread());
        pthread_barrier_wait(&all_are_there);
    }
    return NULL;
}
int run_in_step(int (*visit)(int index, int round, int thread), int count, int rounds) {
    static struct worker workers[THREADS_MAX];
    int sum = 0;
    pthread_barrier_init(&all_are_there, NULL, (unsigned)count);
    for (int i = 0; i < count; i++) {
        workers[i] = (struct worker){.visit = visit, .index = i, .rounds = rounds};
        workers[i].thread = start(work_in_step, &workers[i]);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        sum += workers[i].sum;
    }
    pthread_barrier_destroy(&all_are_there);
    return sum;
}

/* One after the other. */
int run_in_a_row(int (*visit)(int index, int round, int thread), int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
        struct worker worker = {.visit = visit, .index = i, .rounds = 1};
        pthread_join(start(work, &worker), NULL);
        sum += worker.sum;
    }
    return sum;
}

/* -- a thread that goes on after the call -------------------------------------------------------------------------- */

static int (*tick)(int number);
static unsigned tick_us;
static _Atomic bool is_ticking;
static _Atomic int ticks;
static pthread_t ticker;

static void *keep_ticking(void *unused) {
    while (atomic_load(&is_ticking)) {
        tick(atomic_fetch_add(&ticks, 1));
        nanosleep(&(struct timespec){.tv_nsec = (long)tick_us * 1000}, NULL);
    }
    return unused;
}
void begin_ticking(int (*function)(int number), unsigned us) {
    tick = function;
    tick_us = us;
    atomic_store(&is_ticking, true);
    ticker = start(keep_ticking, NULL);
}
int end_ticking(void) {
    atomic_store(&is_ticking, false);
    pthread_join(ticker, NULL);
    return atomic_load(&ticks);
}

int wait_for_ever(void) {
    for (;;) {
        pause();
    }
}

/* -- texts of the caller's functions ---------------------------------------------------------------------------------- */

/* What `name` and `other` return in turns: NULL, or so many of one letter. Counts what is right, also when the other one
 * has returned its own. */
static pthread_t asker;
static const char *(*ask_name)(int index), *(*ask_other)(int index);
static int ask_rounds, asked_right;

static bool is_text(const char *text, int index) {
    const size_t len = index % 4 == 0 ? 9000 : (size_t)index % 7 + 1;
    const char letter = (char)('a' + index % 26);
    if (index % 4 == 3) {
        return text == NULL;
    }
    return text != NULL && strlen(text) == len && text[0] == letter && text[len - 1] == letter;
}
static void *keep_asking(void *argument) {
    for (int i = 0; i < ask_rounds; i++) {
        const char *text = ask_name(i), *other = ask_other(i + 1);
        asked_right += is_text(text, i) && is_text(other, i + 1) && (text == NULL || text != other);
    }
    return argument;
}
void begin_asking(const char *(*name)(int index), const char *(*other)(int index), int rounds) {
    ask_name = name;
    ask_other = other;
    ask_rounds = rounds;
    asked_right = 0;
    asker = start(keep_asking, NULL);
}
int end_asking(void) {
    pthread_join(asker, NULL);
    return asked_right;
}

/* -- texts, ends --------------------------------------------------------------------------------------------------- */

static void *say(void *argument) {
    int (*hear)(const char *text) = *(int (**)(const char *))argument;
    char text[5000];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = 'y';
    }
    text[sizeof text - 1] = '\0';
    return hear("short") == 5 && hear(text) == (int)sizeof text - 1 ? argument : NULL;
}
int say_from_a_thread(int (*hear)(const char *text)) {
    void *result = NULL;
    pthread_join(start(say, &hear), &result);
    return result != NULL;
}

/* Calls back when the thread has ended already, nearly: in each round of destructors. */
static pthread_key_t key;
static int (*at_end)(int round);
static _Thread_local int round_of_destructors;
static void end_of_thread(void *value) {
    at_end(round_of_destructors);
    if (++round_of_destructors < 10) {
        pthread_setspecific(key, value);
    }
}
static void *set_and_end(void *argument) {
    at_end(-1);
    pthread_setspecific(key, argument);
    return NULL;
}
void run_to_the_end(int (*function)(int round), int times) {
    at_end = function;
    pthread_key_create(&key, end_of_thread);
    for (int i = 0; i < times; i++) {
        pthread_join(start(set_and_end, &key), NULL);
    }
    pthread_key_delete(key);
}

static int (*last)(int a);
static void *call_last(void *returned) {
    last(1);
    return returned; /* not if the function ends the thread */
}
/* 1 if the thread went on after the function. */
int outlives(int (*function)(int a)) {
    void *result = NULL;
    last = function;
    pthread_join(start(call_last, &key), &result);
    return result != NULL;
}

static void *leave_for_good(void *argument) {
    ((void (*)(void))argument)();
    return NULL;
}
void run_in_thread(void (*function)(void)) {
    pthread_join(start(leave_for_good, (void *)function), NULL);
}
void end_this_thread(void) {
    pthread_exit(NULL);
}

/* -- at the beginning and the end ---------------------------------------------------------------------------------- */

static int (*kept)(int a);
void keep(int (*function)(int a)) {
    kept = function;
}
int call_what_is_kept(int a) {
    return kept != NULL ? kept(a) : 0;
}
static void *call_kept_with(void *a) {
    call_what_is_kept((int)(long)a);
    return NULL;
}
void call_what_is_kept_in_a_thread(int a) {
    pthread_join(start(call_kept_with, (void *)(long)a), NULL);
}
__attribute__((destructor)) static void say_farewell(void) {
    call_what_is_kept(-1);
}
