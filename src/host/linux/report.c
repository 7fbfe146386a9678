/* host: records how this process ends, for the caller's error text. Everything here is async-signal-safe. */
#include "host/host.h"

#include "os/os.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { SIGNAL_STACK_BYTES = 64 * 1024 };

static pid_t host_pid;
static _Thread_local void *signal_stack;
static void (*libc_quick_exit)(int status);

/* A vforked child shares this memory, not this end. */
uint32_t fc__host_report_thread(void) {
    return getpid() == host_pid ? (uint32_t)gettid() : 0;
}

/* One line of /proc/self/maps: "start-end perms offset dev inode   path". */
static void match_line(struct fc_wire_report *report, const char *line, size_t len, uint64_t *first, char *path,
                       size_t *path_len) {
    uint64_t numbers[2] = {0, 0};
    size_t i = 0;
    for (int n = 0; n < 2; n++, i++) {
        for (; i < len && line[i] != '-' && line[i] != ' '; i++) {
            numbers[n] = numbers[n] * 16 + (uint64_t)(line[i] <= '9' ? line[i] - '0' : line[i] - 'a' + 10);
        }
    }
    for (int fields = 0; fields < 4 && i < len; fields++) {
        while (i < len && line[i] != ' ') {
            i++;
        }
        while (i < len && line[i] == ' ') {
            i++;
        }
    }
    size_t this_len = len - i;
    if (this_len != *path_len || memcmp(path, line + i, this_len) != 0) { /* a module's mappings follow each other */
        *first = numbers[0];
        *path_len = this_len;
        memcpy(path, line + i, this_len);
    }
    if (report->instruction >= numbers[0] && report->instruction < numbers[1]) {
        size_t cut = this_len > FC__WIRE_MODULE_BYTES ? this_len - FC__WIRE_MODULE_BYTES : 0;
        memcpy(report->module, line + i + cut, this_len - cut);
        report->module_offset = report->instruction - *first;
    }
}

/* dladdr takes the loader's lock, which the crashed thread may hold; the kernel's own table needs none. */
static void find_module(struct fc_wire_report *report) {
    static char line[4608], path[4608];
    size_t used = 0, path_len = 0;
    uint64_t first = 0;
    char chunk[1024];
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    for (ssize_t got; fd >= 0 && (got = read(fd, chunk, sizeof chunk)) > 0;) {
        for (ssize_t i = 0; i < got; i++) {
            if (chunk[i] == '\n') {
                match_line(report, line, used, &first, path, &path_len);
                used = 0;
            } else if (used < sizeof line) {
                line[used++] = chunk[i];
            }
        }
    }
    if (fd >= 0) {
        close(fd);
    }
}

static uint64_t instruction_of(const void *context) {
    const ucontext_t *state = context;
#if defined(__x86_64__)
    return (uint64_t)state->uc_mcontext.gregs[REG_RIP];
#else
    return (uint32_t)state->uc_mcontext.gregs[REG_EIP];
#endif
}

static void on_signal(int signal_number, siginfo_t *info, void *context) {
    int saved = errno;
    struct fc_wire_report *report = fc__host_report_begin();
    if (report != NULL) {
        bool from_fault = info->si_code > 0 && (signal_number == SIGSEGV || signal_number == SIGBUS ||
                                                signal_number == SIGILL || signal_number == SIGFPE);
        report->code = signal_number;
        report->fault_address = from_fault ? (uintptr_t)info->si_addr : 0;
        report->instruction = instruction_of(context);
        find_module(report);
        fc__host_report_done(report, FC__WIRE_END_SIGNAL);
    }
    /* End by the same signal, so that core dumps and exit statuses are the true ones. */
    signal(signal_number, SIG_DFL);
    raise(signal_number);
    errno = saved;
}

static void on_exit_called(int status, void *unused) {
    (void)unused;
    fc__host_report_exit((uint32_t)status);
}

/* Exported, and so in front of libc's: a library that ends the process this way is named too. */
__attribute__((visibility("default"))) void _exit(int status) {
    fc__host_report_exit((uint32_t)status);
    syscall(SYS_exit_group, status);
    __builtin_unreachable();
}
__attribute__((visibility("default"))) void _Exit(int status) {
    _exit(status);
}
__attribute__((visibility("default"))) void quick_exit(int status) {
    fc__host_report_exit((uint32_t)status);
    libc_quick_exit(status); /* runs what at_quick_exit was given */
    __builtin_unreachable();
}

void fc__host_report_install(void) {
    struct sigaction report = {.sa_flags = SA_SIGINFO | SA_ONSTACK}, ignore = {.sa_flags = 0};
    report.sa_sigaction = on_signal;
    ignore.sa_handler = SIG_IGN;
    for (int number = 1; number < _NSIG; number++) { /* some are refused: SIGKILL, and those of libc */
        switch (number) {
        case SIGCHLD:
        case SIGCONT:
        case SIGURG:
        case SIGWINCH: /* these end nothing */
            break;
        case SIGTSTP:
        case SIGTTIN:
        case SIGTTOU: /* no job control: what stopped this process would hold its caller, without a word */
            sigaction(number, &ignore, NULL);
            break;
        default:
            sigaction(number, &report, NULL);
        }
    }
    host_pid = getpid();
    on_exit(on_exit_called, NULL);
    void *found = dlsym(RTLD_NEXT, "quick_exit");
    memcpy(&libc_quick_exit, &found, sizeof libc_quick_exit);
}

void fc__host_report_thread_begin(void) {
    void *memory =
        mmap(NULL, SIGNAL_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) {
        stack_t stack = {.ss_sp = memory, .ss_size = SIGNAL_STACK_BYTES};
        sigaltstack(&stack, NULL);
        signal_stack = memory;
    }
}

void fc__host_report_thread_end(void) {
    if (signal_stack != NULL) {
        stack_t none = {.ss_flags = SS_DISABLE};
        sigaltstack(&none, NULL);
        munmap(signal_stack, SIGNAL_STACK_BYTES);
        signal_stack = NULL;
    }
}
