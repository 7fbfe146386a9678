/* Hosts under Wine and their callers, killed at every moment: nothing may be left of them, whatever the library does.
 * Each test has a Wine of its own, in a folder of its own. */
#include "sessions.h"

#include <ctype.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum { HOST_KILLS = 200, CALLER_KILLS = 50, LOAD_THREADS = 3, FIRST_USES = 40, FIRST_USE_STEP_US = 40 };

/* -- a Wine of the test's own -------------------------------------------------------------------------------------- */

static char cache[PATH_MAX / 2];

static void begin_wine(void) {
    make_folder(cache, sizeof cache);
    require(setenv("XDG_CACHE_HOME", cache, 1) == 0 && unsetenv("WINEPREFIX") == 0);
}

/* The processes with the text in the file of that name in their folder of /proc; up to `max`. */
static unsigned processes_with(const char *file, const char *text, int *ret_pids, unsigned max) {
    static char bytes[65536];
    unsigned count = 0;
    DIR *dir = opendir("/proc");
    require(dir != NULL);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL && count < max;) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%.20s/%s", entry->d_name, file);
        int fd = isdigit((unsigned char)entry->d_name[0]) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        ssize_t len = fd >= 0 ? read(fd, bytes, sizeof bytes - 1) : 0;
        if (fd >= 0) {
            close(fd);
        }
        bytes[len > 0 ? len : 0] = '\0';
        const char *found = len > 0 ? memmem(bytes, (size_t)len, text, strlen(text)) : NULL;
        if (found != NULL && !isdigit((unsigned char)found[strlen(text)])) { /* "caller=12" is not "caller=123" */
            ret_pids[count++] = (int)strtol(entry->d_name, NULL, 10);
        }
    }
    closedir(dir);
    return count;
}

/* The process of Wine in this test's prefix whose name begins like that; 0 if there is none. */
static int wine_process(const char *begin) {
    char path[64], name[64];
    int pids[64];
    unsigned count = processes_with("environ", cache, pids, 64);
    for (unsigned i = 0; i < count; i++) {
        snprintf(path, sizeof path, "/proc/%d/comm", pids[i]);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t len = fd >= 0 ? read(fd, name, sizeof name - 1) : 0;
        name[len > 0 ? len : 0] = '\0';
        if (fd >= 0) {
            close(fd);
        }
        if (strncmp(name, begin, strlen(begin)) == 0) {
            return pids[i];
        }
    }
    return 0;
}

static int wineserver(void) {
    return wine_process("wineserver");
}

/* Debian's Wine has a folder elsewhere for each prefix, named in the prefix; it keeps that for the next time. */
static char wineservers_folder[80];
static int find_folder_of_wineserver(const char *path, const struct stat *status, int kind, struct FTW *where) {
    char name[64] = "";
    (void)status;
    if (kind == FTW_F && strcmp(path + where->base, "wineserver") == 0) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        require(fd >= 0 && read(fd, name, sizeof name - 1) > 0);
        close(fd);
        require(strchr(name, '/') == NULL && strncmp(name, "wine-", 5) == 0);
        snprintf(wineservers_folder, sizeof wineservers_folder, "/tmp/%s", name);
    }
    return 0;
}
static int remove_folder_of_wineserver(const char *path, const struct stat *status, int kind, struct FTW *where) {
    wineservers_folder[0] = '\0';
    find_folder_of_wineserver(path, status, kind, where);
    if (wineservers_folder[0] != '\0') {
        remove_folder(wineservers_folder);
    }
    return 0;
}

/* Wine's own programs wait for ever where one of them was killed, or started by what was: that is beyond us. */
static void kill_wine(void) {
    int pids[64];
    while (processes_with("environ", cache, pids, 64) != 0) {
        kill(pids[0], SIGKILL);
        require(process_ends(pids[0]));
    }
}

/* Wine's own programs go by themselves when there is no host. */
static void end_wine(void) {
    int pids[64];
    while (processes_with("environ", cache, pids, 64) != 0) {
        if (!process_ends(pids[0])) {
            fprintf(stderr, "process %d of Wine lives on\n", pids[0]);
            abort();
        }
    }
    require(nftw(cache, remove_folder_of_wineserver, 16, FTW_PHYS) == 0);
    remove_folder(cache);
}

/* -- what is left -------------------------------------------------------------------------------------------------- */

/* Hosts and guardians say in their arguments whose they are. */
static unsigned left_of(int caller, int *ret_pids, unsigned max) {
    char text[32];
    snprintf(text, sizeof text, "caller=%d", caller);
    return processes_with("cmdline", text, ret_pids, max);
}

/* Wine opens for its programs what they map. */
static bool wine_holds_memory(void) {
    char path[64], target[32];
    const int pid = wineserver();
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *dir = pid != 0 ? opendir(path) : NULL;
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof target - 1);
        target[len > 0 ? len : 0] = '\0';
        found = found || strncmp(target, "/memfd:farcall", 14) == 0;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return found;
}

/* The longest time from a kill until nothing was left. */
static uint64_t longest_ns;

static void took(uint64_t since_ns) {
    const uint64_t ns = now_ns() - since_ns;
    longest_ns = ns > longest_ns ? ns : longest_ns;
}

static void tell_longest(const char *what) {
    fprintf(stderr, "%s: %u ms at the longest\n", what, (unsigned)(longest_ns / 1000000));
}

/* Since a moment ago, when something was killed. */
static void nothing_is_left_of(int caller, const char *what) {
    const uint64_t start = now_ns();
    int pids[16];
    while (left_of(caller, pids, 16) != 0 || wine_holds_memory()) {
        if (now_ns() - start >= PATIENCE_MS * UINT64_C(1000000)) {
            fprintf(stderr, "%s: process %d lives on, or memory does\n", what, pids[0]);
            abort();
        }
        sleep_us(1000);
    }
    took(start);
}

static int is_no_temporary(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status, (void)kind;
    if (strstr(path + where->base, ".new") != NULL || strstr(path + where->base, ".broken") != NULL) {
        fprintf(stderr, "%s was left\n", path);
        abort();
    }
    return 0;
}

/* Neither half a prefix nor memory in a file. */
static void no_file_is_left(void) {
    DIR *dir = opendir("/dev/shm");
    require(nftw(cache, is_no_temporary, 16, FTW_PHYS) == 0);
    for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (strstr(entry->d_name, "farcall") != NULL) {
            fprintf(stderr, "/dev/shm/%s was left\n", entry->d_name);
            abort();
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

/* -- hosts --------------------------------------------------------------------------------------------------------- */

static struct fc_library *open_stubborn(const char *target) {
    char path[PATH_MAX];
    struct fc_library *library = NULL;
    struct fc_options *options = fc_options_new();
    snprintf(path, sizeof path, "%s/%s/stubborn.dll", getenv("FARCALL_TEST_LIBS"), target);
    if (access(path, R_OK) != 0) {
        skip_because("%s was not built: mingw-w64 is missing (tools/setup.sh)", path);
    }
    must(fc_options_set_target(options, target));
    int rc = fc_open(path, options, &library);
    fc_options_free(options);
    if (rc == FC_ESTART && strstr(fc_error_text(), "Wine") != NULL && strstr(fc_error_text(), "install") != NULL) {
        skip_because("%s", fc_error_text());
    }
    must(rc);
    return library;
}

/* The process that Wine's loader has become. */
static int windows_host(int guardian) {
    char path[64], text[64] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", guardian, guardian);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    text[len > 0 ? len : 0] = '\0';
    if (fd >= 0) {
        close(fd);
    }
    return atoi(text);
}

struct load {
    struct fc_function *adding;
    atomic_bool is_over;
    atomic_uint calls, deaths;
};

static void *call_and_call(void *argument) {
    struct load *load = argument;
    for (int i = 0; !atomic_load(&load->is_over); i++) {
        int sum = 0;
        int rc = fc_call(load->adding, &sum, i, 42);
        if (rc == FC_OK) {
            require(sum == i + 42);
            atomic_fetch_add(&load->calls, 1);
        } else {
            require(rc == FC_EDIED);
            atomic_fetch_add(&load->deaths, 1);
        }
    }
    return NULL;
}

static void kill_hosts(const char *target, unsigned count) {
    struct fc_library *other = open_stubborn(target); /* so that Wine stays up */
    struct fc_library *library = open_stubborn(target);
    struct load load = {.adding = bind(library, "int add(int a, int b)")};
    pthread_t threads[LOAD_THREADS];
    for (size_t i = 0; i < LOAD_THREADS; i++) {
        threads[i] = start_thread(call_and_call, &load);
    }
    int guardian = 0;
    for (unsigned i = 0; i < count; i++) {
        for (int last = guardian; guardian == last || guardian <= 0; sleep_us(1000)) {
            guardian = host_pid(library);
        }
        const unsigned calls = atomic_load(&load.calls);
        while (atomic_load(&load.calls) == calls) { /* it works */
            sleep_us(1000);
        }
        const int host = windows_host(guardian);
        const uint64_t start = now_ns();
        require(host > 0 && kill(i % 2 == 0 ? guardian : host, SIGKILL) == 0);
        require(process_ends(host) && process_ends(guardian));
        took(start);
    }
    atomic_store(&load.is_over, true);
    for (size_t i = 0; i < LOAD_THREADS; i++) {
        join(threads[i]);
    }
    require(atomic_load(&load.deaths) >= count);
    int sum = 0, rc;
    while ((rc = fc_call(load.adding, &sum, 40, 2)) == FC_EDIED) { /* the last one's death was not noticed until now */
    }
    require(rc == FC_OK && sum == 42);
    require(add(other, 40, 2) == 42);
    fc_library_close(library);
    fc_library_close(other);
}

TEST(windows_hosts_killed_under_load_are_replaced) {
    begin_wine();
    kill_hosts("i386-windows", rounds(HOST_KILLS) / 2);
    kill_hosts("x86_64-windows", rounds(HOST_KILLS) / 2);
    tell_longest("a killed host");
    nothing_is_left_of(getpid(), "after the sessions");
    no_file_is_left();
    end_wine();
}

/* A wineserver has this lock as long as it lives; Wine waits for that to end, but not for ever. */
static void *hold_lock_of_wineserver(void *fd) {
    const int lock = *(const int *)fd;
    enum { MORE_THAN_WINE_WAITS_US = 6500000 };
    sleep_us(MORE_THAN_WINE_WAITS_US);
    close(lock);
    return NULL;
}

TEST(windows_host_starts_though_a_wineserver_goes_slowly) {
    char path[96];
    glob_t found;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    begin_wine();
    fc_library_close(open_stubborn("i386-windows")); /* skips where it cannot be */
    while (wineserver() != 0) {
        sleep_us(1000);
    }
    require(nftw(cache, find_folder_of_wineserver, 16, FTW_PHYS) == 0);
    snprintf(path, sizeof path, "%s/server-*/lock", wineservers_folder);
    require(glob(path, 0, NULL, &found) == 0 && found.gl_pathc == 1);
    int fd = open(found.gl_pathv[0], O_RDWR | O_CLOEXEC);
    globfree(&found);
    require(fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0);
    pthread_t thread = start_thread(hold_lock_of_wineserver, &fd);
    fc_library_close(open_stubborn("i386-windows"));
    join(thread);
    end_wine();
}

/* -- callers ------------------------------------------------------------------------------------------------------- */

enum way { IDLE, STARTING, WITH_A_FORK, SPINNING, LOADER_LOCKED, THREAD_ENDED, HOST_STOPPED, NO_WINESERVER, WAYS };
enum { FIRST_USE = WAYS };
static const char *const way_names[] = {"idle",
                                        "while the host starts",
                                        "with a forked child",
                                        "the host spins",
                                        "the loader's lock is held",
                                        "a thread ended",
                                        "the host is stopped",
                                        "wineserver is killed",
                                        "while the prefix is made"};

struct caller {
    const char *target;
    unsigned way;
    unsigned delay_us; /* of the kill */
};
static int pipe_of_caller;

static int tell_that_it_spins(void) {
    tell(pipe_of_caller, 0);
    return 0;
}

static void be_caller(void *argument, int pipe_fd) {
    const struct caller *caller = argument;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* if the test fails */
    if (caller->way == FIRST_USE || caller->way == STARTING) {
        tell(pipe_fd, 0);
    }
    struct fc_library *library = open_stubborn(caller->target);
    require(add(library, 40, 2) == 42);
    pipe_of_caller = pipe_fd;
    int held = 0;
    switch (caller->way) {
    case WITH_A_FORK: {
        pid_t child = fork();
        if (child == 0) {
            pause();
        }
        tell(pipe_fd, (int)child);
        break;
    }
    case SPINNING:
        must(fc_call(bind(library, "void spin(int (*is_there)(void))"), NULL, tell_that_it_spins));
        break;
    case LOADER_LOCKED:
        must(fc_call(bind(library, "int hold_loader_lock(void)"), &held));
        require(held == 1);
        tell(pipe_fd, 0);
        break;
    case THREAD_ENDED:
        must_fail(fc_call(bind(library, "void end_thread(int status)"), NULL, 3), FC_EDIED, "ExitThread");
        tell(pipe_fd, 0);
        break;
    case HOST_STOPPED:
        stop_process(windows_host(host_pid(library)));
        tell(pipe_fd, 0);
        break;
    case NO_WINESERVER:
        kill(wineserver(), SIGKILL);
        tell(pipe_fd, 0);
        break;
    case IDLE:
        tell(pipe_fd, 0);
        break;
    default:
        break;
    }
    for (;;) {
        pause();
    }
}

/* Nobody has the caller's descriptors any more. */
static void descriptors_are_closed(int fd, const char *what) {
    struct pollfd pipe = {.fd = fd, .events = POLLIN};
    char byte;
    if (poll(&pipe, 1, PATIENCE_MS) != 1 || read(fd, &byte, 1) != 0) {
        fprintf(stderr, "%s: a process has the caller's descriptors\n", what);
        abort();
    }
}

/* How many processes it has before it is killed: its guardian, and the host. */
static unsigned processes_of(unsigned way) {
    return way == FIRST_USE || way == THREAD_ENDED ? 0 : way == STARTING ? 1 : 2;
}

static void kill_caller(const struct caller *caller) {
    int fd, status, pids[16];
    pid_t pid = start_caller(be_caller, (void *)(uintptr_t)caller, &fd);
    int child = hear(fd);
    const unsigned expected = processes_of(caller->way);
    for (int waited_ms = 0; left_of(pid, pids, 16) < expected; waited_ms++) {
        require(waited_ms < PATIENCE_MS);
        sleep_us(1000);
    }
    require(expected < 2 || caller->way == NO_WINESERVER || wine_holds_memory());
    sleep_us(caller->delay_us);
    require(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
    nothing_is_left_of(pid, way_names[caller->way]);
    if (child > 0) {
        kill(child, SIGKILL);
    }
    descriptors_are_closed(fd, way_names[caller->way]);
    close(fd);
    no_file_is_left();
}

TEST(windows_callers_killed_leave_nothing) {
    need_threads_after_fork();
    begin_wine();
    fc_library_close(open_stubborn("i386-windows")); /* skips where it cannot be */
    for (unsigned i = 0; i < rounds(CALLER_KILLS); i++) {
        struct caller caller = {i / WAYS % 2 == 0 ? "i386-windows" : "x86_64-windows", i % WAYS, 0};
        kill_caller(&caller);
        if (caller.way == NO_WINESERVER) {
            kill_wine();
        }
    }
    tell_longest("a killed caller");
    end_wine();
}

TEST(windows_callers_killed_at_the_first_use_leave_nothing) {
    need_threads_after_fork();
    for (unsigned i = 0; i < rounds(FIRST_USES); i++) {
        begin_wine();
        if (i == 0) {
            fc_library_close(open_stubborn("i386-windows")); /* skips where it cannot be */
            end_wine();
            begin_wine();
        }
        kill_caller(&(struct caller){"i386-windows", FIRST_USE, i * i * FIRST_USE_STEP_US});
        fc_library_close(open_stubborn("i386-windows")); /* the prefix is as good as any */
        kill_wine();
        end_wine();
    }
    tell_longest("a killed caller");
}
