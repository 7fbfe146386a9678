/* os: memory that two processes map at one address. */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define FOUR_GIB (UINT64_C(1) << 32)

int fc__os_memory_new(uint64_t size_bytes, int *ret_fd) {
    struct rlimit files;
    if (getrlimit(RLIMIT_FSIZE, &files) == 0 && size_bytes > files.rlim_cur) {
        return -EFBIG; /* ftruncate would raise SIGXFSZ */
    }
    int fd = memfd_create("farcall", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    fd = fc__os_off_standard(fd < 0 ? -errno : fd);
    if (fd < 0) {
        return fd;
    }
    if (ftruncate(fd, (off_t)size_bytes) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        int rc = -errno;
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}

/* mmap at exactly one place; kernels before 4.17 take NOREPLACE as a hint, so the answer is checked. */
static int map_exactly(uint64_t base, uint64_t size_bytes, int protection, int flags, int fd) {
    if (base > UINTPTR_MAX || size_bytes > UINTPTR_MAX - base) {
        return -ENOMEM;
    }
    void *wanted = (void *)(uintptr_t)base;
    void *got = mmap(wanted, (size_t)size_bytes, protection, flags | MAP_FIXED_NOREPLACE, fd, 0);
    if (got == MAP_FAILED) {
        return -errno;
    }
    if (got != wanted) {
        munmap(got, (size_t)size_bytes);
        return -EEXIST;
    }
    return 0;
}

int fc__os_memory_map(int fd, uint64_t base, uint64_t size_bytes) {
    return map_exactly(base, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd);
}

int fc__os_memory_reserve(uint64_t base, uint64_t size_bytes) {
    return map_exactly(base, size_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
}

int fc__os_memory_map_low(int fd, uint64_t size_bytes, unsigned attempt, uint64_t *ret_base) {
    return fc__os_memory_map_below(FOUR_GIB, fd, size_bytes, attempt, ret_base);
}

int fc__os_memory_map_below(uint64_t limit, int fd, uint64_t size_bytes, unsigned attempt, uint64_t *ret_base) {
    /* Above the usual places of non-PIE programs and the heap that grows behind them, below those of 32-bit PIE
     * programs and libraries; then everywhere else. Attempts begin at different places, so that two generations of a
     * host do not share addresses. */
    const uint64_t step = UINT64_C(1) << 20;
    const uint64_t lowest = UINT64_C(0x10000000), highest = limit - step;
    if (size_bytes > highest - lowest) {
        return -ENOMEM;
    }
    const uint64_t start = lowest + UINT64_C(0x10000000) + (uint64_t)(attempt % 16) * UINT64_C(0x2000000);
    uint64_t stride = size_bytes / 4 / step * step;
    stride = stride < step ? step : stride > UINT64_C(0x4000000) ? UINT64_C(0x4000000) : stride;
    const uint64_t last = highest - size_bytes;
    for (int pass = 0; pass < 2; pass++) {
        uint64_t from = pass == 0 ? start : lowest;
        uint64_t to = pass == 0 ? last : (start < last ? start : last);
        for (uint64_t base = from; base <= to; base += stride) {
            int rc = fc__os_memory_map(fd, base, size_bytes);
            if (rc == 0) {
                *ret_base = base;
                return 0;
            }
            if (rc != -EEXIST && rc != -ENOMEM && rc != -EPERM) {
                return rc;
            }
        }
    }
    return -ENOMEM;
}

static int map_over(uint64_t base, uint64_t size_bytes, int protection, int flags, int fd) {
    void *got = mmap((void *)(uintptr_t)base, (size_t)size_bytes, protection, flags | MAP_FIXED | MAP_NORESERVE, fd, 0);
    return got == MAP_FAILED ? -errno : 0;
}

int fc__os_memory_privatise(int fd, uint64_t base, uint64_t size_bytes) {
    return map_over(base, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
}

int fc__os_memory_replace(int fd, uint64_t base, uint64_t size_bytes) {
    return map_over(base, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
}

int fc__os_memory_renew(uint64_t base, uint64_t size_bytes) {
    return size_bytes != 0 ? map_over(base, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1) : 0;
}

int fc__os_memory_guard(uint64_t base) {
    return map_over(base, FC__OS_PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

void *fc__os_memory_private(uint64_t size_bytes) {
    void *got = size_bytes <= SIZE_MAX ? mmap(NULL, (size_t)size_bytes, PROT_READ | PROT_WRITE,
                                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
                                       : MAP_FAILED;
    return got != MAP_FAILED ? got : NULL;
}

int fc__os_memory_copy(int fd, uint64_t offset, uint64_t size_bytes, void *to) {
    const off_t first = (off_t)offset, end = (off_t)(offset + size_bytes);
    for (off_t at = first; at < end;) {
        at = lseek(fd, at, SEEK_DATA);
        if (at < 0 || at >= end) {
            return at < 0 && errno != ENXIO ? -errno : 0; /* ENXIO: nothing but holes */
        }
        off_t hole = lseek(fd, at, SEEK_HOLE);
        hole = hole < 0 || hole > end ? end : hole;
        while (at < hole) {
            ssize_t got = pread(fd, (char *)to + (at - first), (size_t)(hole - at), at);
            if (got <= 0) {
                return got < 0 ? -errno : -EIO;
            }
            at += got;
        }
    }
    return 0;
}

int fc__os_memory_move(void *from, uint64_t base, uint64_t size_bytes) {
    void *got =
        mremap(from, (size_t)size_bytes, (size_t)size_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)(uintptr_t)base);
    return got == MAP_FAILED ? -errno : 0;
}

void fc__os_memory_unmap(uint64_t base, uint64_t size_bytes) {
    munmap((void *)(uintptr_t)base, (size_t)size_bytes);
}

void fc__os_memory_discard(int fd, uint64_t offset, uint64_t size_bytes) {
    int saved = errno;
    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)size_bytes);
    errno = saved;
}

int fc__os_memory_clear(uint64_t base, uint64_t size_bytes, bool is_private) {
    int saved = errno;
    int rc = madvise((void *)(uintptr_t)base, (size_t)size_bytes, is_private ? MADV_DONTNEED : MADV_REMOVE);
    rc = rc != 0 ? -errno : 0;
    errno = saved;
    return rc;
}

uint64_t fc__os_memory_end_of_data(int fd, uint64_t size_bytes) {
    uint64_t low = 0, high = size_bytes / FC__OS_PAGE_BYTES; /* pages; there is data at or behind one below `low` */
    int saved = errno;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        const off_t at = lseek(fd, (off_t)(middle * FC__OS_PAGE_BYTES), SEEK_DATA);
        if (at < 0 || (uint64_t)at >= size_bytes) {
            high = middle;
        } else {
            low = (uint64_t)at / FC__OS_PAGE_BYTES + 1;
        }
    }
    errno = saved;
    return low * FC__OS_PAGE_BYTES;
}

void fc__os_memory_dump(uint64_t base, uint64_t size_bytes, bool is_dumped) {
    int saved = errno;
    madvise((void *)(uintptr_t)base, (size_t)size_bytes, is_dumped ? MADV_DODUMP : MADV_DONTDUMP);
    errno = saved;
}

int fc__os_memory_stay_low(void) {
#if UINTPTR_MAX > UINT32_MAX
    /* Fills every hole above 4 GiB with reservations, the largest sizes first. Costs no memory and about 50 us. */
    for (uint64_t size = UINT64_C(1) << 46; size >= FC__OS_PAGE_BYTES;) {
        void *got = mmap((void *)(uintptr_t)FOUR_GIB, (size_t)size, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (got != MAP_FAILED && (uintptr_t)got < FOUR_GIB) {
            munmap(got, (size_t)size);
            got = MAP_FAILED;
        }
        if (got == MAP_FAILED) {
            size /= 2;
        }
    }
#endif
    return 0;
}

void fc__os_close(int *fd) {
    if (*fd >= 0) {
        int saved = errno;
        close(*fd);
        errno = saved;
    }
    *fd = -1;
}

int fc__os_off_standard(int fd) {
    if (fd < 0 || fd > STDERR_FILENO) {
        return fd;
    }
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    moved = moved < 0 ? -errno : moved;
    close(fd);
    return moved;
}

int fc__os_file_map(const char *path, const void **ret_data, size_t *ret_len) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return -errno;
    }
    struct stat st;
    int rc = 0;
    if (fstat(fd, &st) != 0) {
        rc = -errno;
    } else if (S_ISDIR(st.st_mode)) {
        rc = -EISDIR;
    } else if (!S_ISREG(st.st_mode)) {
        rc = -EINVAL;
    } else if ((uint64_t)st.st_size > SIZE_MAX) {
        rc = -EFBIG;
    } else if (st.st_size == 0) {
        *ret_data = "";
        *ret_len = 0;
    } else {
        void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        rc = data == MAP_FAILED ? -errno : 0;
        if (rc == 0) {
            *ret_data = data;
            *ret_len = (size_t)st.st_size;
        }
    }
    close(fd);
    return rc;
}

void fc__os_file_unmap(const void *data, size_t len) {
    if (len > 0) {
        munmap((void *)(uintptr_t)data, len);
    }
}

bool fc__os_file_executable(const char *path) {
    return access(path, X_OK) == 0;
}

bool fc__os_file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

/* -- the program's own text ---------------------------------------------------------------------------------------- */

struct text {
    uintptr_t address;
    off_t offset; /* in the file; -1: not found */
    char file[PATH_MAX];
};

/* The program itself comes first, without a name. */
static int find_text(struct dl_phdr_info *object, size_t size, void *data) {
    struct text *text = data;
    (void)size;
    for (int i = 0; i < object->dlpi_phnum && text->offset < 0; i++) {
        const ElfW(Phdr) *header = &object->dlpi_phdr[i];
        const uintptr_t from = object->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_LOAD && text->address >= from && text->address - from < header->p_filesz) {
            text->offset = (off_t)header->p_offset + (off_t)(text->address - from);
            snprintf(text->file, sizeof text->file, "%s",
                     object->dlpi_name[0] != '\0' ? object->dlpi_name : "/proc/self/exe");
        }
    }
    return text->offset >= 0;
}

int fc__os_memory_map_text(const void *text, uint64_t text_bytes, uint64_t data_bytes, unsigned char **ret_text) {
    struct text found = {.address = (uintptr_t)text, .offset = -1};
    dl_iterate_phdr(find_text, &found);
    if (found.offset < 0) {
        return -ENOEXEC;
    }
    int fd = open(found.file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int rc = 0;
    void *place =
        mmap(NULL, (size_t)(text_bytes + data_bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) {
        rc = -errno;
    } else if (mmap(place, (size_t)text_bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, found.offset) ==
               MAP_FAILED) {
        rc = -errno;
        munmap(place, (size_t)(text_bytes + data_bytes));
    } else if (memcmp(place, text, (size_t)text_bytes) != 0) { /* the file is another one by now */
        rc = -ENOEXEC;
        munmap(place, (size_t)(text_bytes + data_bytes));
    } else {
        *ret_text = place;
    }
    close(fd);
    return rc;
}
