/* The contract of os.h, where nothing else would notice if it were broken. */
#include "harness.h"

#include "os/os.h"

#include <errno.h>
#include <farcall/farcall.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

TEST(test_os_memory_cannot_be_resized_or_unsealed) {
    int fd;
    assert_int_equal(fc__os_memory_new(65536, &fd), 0);
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(fd, 1 << 20), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
    assert_int_equal(errno, EPERM);
    fc__os_close(&fd);
    assert_int_equal(fd, -1);
}

TEST(test_os_memory_is_never_mapped_over_something) {
    int fd;
    uint64_t base;
    assert_int_equal(fc__os_memory_new(65536, &fd), 0);
    assert_int_equal(fc__os_memory_map_low(fd, 65536, 3, &base), 0);
    assert_true(base + 65536 <= UINT32_MAX);
    memset((void *)(uintptr_t)base, 7, 65536);
    assert_int_equal(fc__os_memory_map(fd, base, 65536), -EEXIST);
    assert_int_equal(fc__os_memory_reserve(base + 4096, 4096), -EEXIST);
    assert_int_equal(((char *)(uintptr_t)base)[4096], 7);
    fc__os_memory_unmap(base, 65536);
    fc__os_close(&fd);
}

TEST(test_os_memory_is_given_back_by_address_too) {
    int fd;
    uint64_t base;
    struct stat before, after;
    assert_int_equal(fc__os_memory_new(1 << 20, &fd), 0);
    assert_int_equal(fc__os_memory_end_of_data(fd, 1 << 20), 0);
    assert_int_equal(fc__os_memory_map_low(fd, 1 << 20, 0, &base), 0);
    unsigned char *memory = (unsigned char *)(uintptr_t)base;
    memset(memory, 7, 524288);
    memory[700000] = 7;
    assert_int_equal(fc__os_memory_end_of_data(fd, 1 << 20), 700000 / 4096 * 4096 + 4096);
    assert_int_equal(fstat(fd, &before), 0);
    assert_int_equal(fc__os_memory_clear(base + 262144, (1 << 20) - 262144, false), 0);
    assert_int_equal(fstat(fd, &after), 0);
    assert_int_equal(before.st_blocks - after.st_blocks, (262144 + 4096) / 512);
    assert_int_equal(fc__os_memory_end_of_data(fd, 1 << 20), 262144);
    assert_int_equal(memory[262143], 7);
    assert_int_equal(memory[262144], 0);
    assert_int_equal(fc__os_memory_renew(base, 1 << 20), 0); /* from here on it has nothing to do with the file */
    assert_int_equal(memory[0], 0);
    memory[0] = 8;
    assert_int_equal(fc__os_memory_clear(base, 4096, true), 0);
    assert_int_equal(memory[0], 0);
    fc__os_memory_unmap(base, 1 << 20);
    fc__os_close(&fd);
}

TEST(test_os_memory_given_back_reads_as_zero_and_is_not_resident) {
    int fd;
    uint64_t base;
    struct stat before, after;
    assert_int_equal(fc__os_memory_new(1 << 20, &fd), 0);
    assert_int_equal(fc__os_memory_map_low(fd, 1 << 20, 0, &base), 0);
    memset((void *)(uintptr_t)base, 7, 1 << 20);
    assert_int_equal(fstat(fd, &before), 0);
    fc__os_memory_discard(fd, 65536, 65536);
    assert_int_equal(fstat(fd, &after), 0);
    assert_true(after.st_blocks < before.st_blocks);
    assert_int_equal(((char *)(uintptr_t)base)[65535], 7);
    assert_int_equal(((char *)(uintptr_t)base)[65536], 0);
    assert_int_equal(((char *)(uintptr_t)base)[131072], 7);
    fc__os_memory_unmap(base, 1 << 20);
    fc__os_close(&fd);
}

TEST(test_os_memory_made_private_keeps_contents_and_hides_writes) {
    int fd;
    uint64_t base, other;
    assert_int_equal(fc__os_memory_new(65536, &fd), 0);
    assert_int_equal(fc__os_memory_map_low(fd, 65536, 0, &base), 0);
    assert_int_equal(fc__os_memory_map_low(fd, 65536, 1, &other), 0);
    strcpy((char *)(uintptr_t)base, "shared");
    assert_int_equal(fc__os_memory_privatise(fd, base, 65536), 0);
    assert_string_equal((char *)(uintptr_t)base, "shared");
    strcpy((char *)(uintptr_t)base, "mine");
    assert_string_equal((char *)(uintptr_t)other, "shared");
    fc__os_memory_unmap(base, 65536);
    fc__os_memory_unmap(other, 65536);
    fc__os_close(&fd);
}

TEST(test_os_wait_returns_at_its_deadline_and_keeps_errno) {
    _Atomic uint32_t word = 5;
    errno = 77;
    assert_int_equal(fc__os_wait(&word, 5, fc__os_now_ns() + 1000000), -ETIMEDOUT);
    assert_int_equal(fc__os_wait(&word, 4, 0), -EAGAIN); /* not the expected value: no wait */
    fc__os_wake(&word);
    assert_int_equal(errno, 77);
}

TEST(test_os_cpus_affine_is_the_affinity_of_this_thread) {
    cpu_set_t all, one;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    assert_int_equal(fc__os_cpus_affine(), (unsigned)CPU_COUNT(&all));
    size_t first = 0;
    while (!CPU_ISSET(first, &all)) {
        first++;
    }
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(fc__os_cpus_affine(), 1);
}

/* -- control groups ------------------------------------------------------------------------------------------------ */

static bool write_text(const char *folder, const char *name, const char *text) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    fc__os_close(&fd);
    return ok;
}

/* Makes a control group, moves this process into it and limits it; false if that is not permitted here. */
static bool enter_group(char *folder, size_t size, const char *v1_quota, const char *v2_max) {
    const char *roots[] = {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup"};
    char pid[32];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    for (size_t i = 0; i < 2; i++) {
        snprintf(folder, size, "%s/farcall-test-%d", roots[i], (int)getpid());
        if (mkdir(folder, 0755) == 0) {
            bool limited = i == 0 ? write_text(folder, "cpu.cfs_period_us", "100000") &&
                                        write_text(folder, "cpu.cfs_quota_us", v1_quota)
                                  : write_text(folder, "cpu.max", v2_max);
            if (limited && write_text(folder, "cgroup.procs", pid)) {
                return true;
            }
            rmdir(folder);
        }
    }
    return false;
}

static void leave_group(const char *folder) {
    char pid[32], parent[PATH_MAX];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    snprintf(parent, sizeof parent, "%s/..", folder);
    write_text(parent, "cgroup.procs", pid);
    rmdir(folder);
}

TEST(test_os_cpus_quota_is_the_control_groups_limit) {
    static const struct {
        const char *v1_quota, *v2_max;
        unsigned whole;
    } cases[] = {{"100000", "100000 100000", 1}, {"50000", "50000 100000", 1}, {"250000", "250000 100000", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char folder[256];
        if (!enter_group(folder, sizeof folder, cases[i].v1_quota, cases[i].v2_max)) {
            skip_because("no control group with a CPU limit can be made here");
        }
        unsigned quota = fc__os_cpus_quota();
        leave_group(folder);
        assert_int_equal(quota, cases[i].whole);
    }
}

/* -- a 64-bit host stays low --------------------------------------------------------------------------------------- */

TEST(test_os_host_of_64_bits_keeps_what_it_loads_and_allocates_below_4_gib) {
    static const char *const prototypes[] = {"uintptr_t place_of_code(void)", "uintptr_t place_of_data(void)",
                                             "uintptr_t place_of_stack(void)"};
    static const size_t sizes[] = {16, 100000, 1 << 20, 100 << 20};
    struct fc_library *library;
    struct fc_function *function;
    assert_int_equal(fc_open(harness_library("x86_64-linux", "places"), NULL, &library), FC_OK);
    for (size_t i = 0; i < sizeof prototypes / sizeof *prototypes; i++) {
        uintptr_t place = 0;
        assert_int_equal(fc_bind(library, prototypes[i], &function), FC_OK);
        assert_int_equal(fc_call(function, &place), FC_OK);
        assert_in_range(place, 4096, UINT32_MAX);
    }
    assert_int_equal(fc_bind(library, "uintptr_t place_of_heap(size_t bytes)", &function), FC_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uintptr_t place = 0;
        assert_int_equal(fc_call(function, &place, sizes[i]), FC_OK);
        assert_in_range(place, 4096, UINT32_MAX);
    }
    fc_library_close(library);
}

TEST(os_leaves_the_cpu_and_keeps_the_mask) {
    cpu_set_t before, after;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    if (CPU_COUNT(&before) < 2) {
        skip_because("one CPU is all that this process may run on");
    }
    bool moved = false;
    for (int i = 0; i < 1000 && !moved; i++) { /* the scheduler may move it too */
        const int cpu = sched_getcpu();
        fc__os_leave_cpu();
        moved = sched_getcpu() != cpu;
    }
    assert_true(moved);
    assert_int_equal(sched_getaffinity(0, sizeof after, &after), 0);
    assert_true(CPU_EQUAL(&before, &after));
}

/* -- pipes, for processes that open them by their number ----------------------------------------------------------- */

static int open_number(int number, int flags) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), number);
    int fd = open(path, flags | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

TEST(test_os_control_pipes_keep_messages_and_end_with_the_other_side) {
    char message[24] = "asked", got[24];
    int there, back;
    assert_int_equal(fc__os_control_pipes(&there, &back), 0);
    int their_end = open_number(there, O_RDONLY), their_answers = open_number(back, O_WRONLY);
    assert_int_equal(fc__os_control_receive(back, got, sizeof got, NULL, 0), -ETIMEDOUT);
    assert_int_equal(fc__os_control_send(there, message, sizeof message, -1), 0);
    assert_int_equal(fc__os_control_send_now(there, message, sizeof message), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(read(their_end, got, sizeof got), sizeof got);
        assert_string_equal(got, "asked");
    }
    assert_int_equal(write(their_answers, message, sizeof message), sizeof message);
    assert_int_equal(write(their_answers, message, 7), 7);
    assert_int_equal(fc__os_control_receive(back, got, sizeof got, NULL, 1000), 0);
    assert_int_equal(fc__os_control_receive(back, got, sizeof got, NULL, 1000), -EPROTO);
    close(their_answers);
    close(their_end);
    assert_int_equal(fc__os_control_receive(back, got, sizeof got, NULL, 1000), -EPIPE);
    assert_int_equal(fc__os_control_send(there, message, sizeof message, -1), 0); /* and raises no signal */
    fc__os_close(&there);
    fc__os_close(&back);
}

TEST(test_os_control_pipe_ends_with_this_side) {
    char got[24];
    int there, back;
    assert_int_equal(fc__os_control_pipes(&there, &back), 0);
    int their_end = open_number(there, O_RDONLY);
    fc__os_close(&there);
    assert_int_equal(read(their_end, got, sizeof got), 0);
    close(their_end);
    fc__os_close(&back);
}
