/* os: time, CPUs and sleeping on a word. */
#include "os/windows/windows.h"

#include <errno.h>
#include <limits.h>

uint64_t fc__os_now_ns(void) {
    static _Atomic uint64_t frequency;
    uint64_t per_second = atomic_load_explicit(&frequency, memory_order_relaxed);
    LARGE_INTEGER count;
    if (per_second == 0) {
        QueryPerformanceFrequency(&count);
        per_second = (uint64_t)count.QuadPart;
        atomic_store_explicit(&frequency, per_second, memory_order_relaxed);
    }
    QueryPerformanceCounter(&count);
    const uint64_t ticks = (uint64_t)count.QuadPart;
    return ticks / per_second * 1000000000u + ticks % per_second * 1000000000u / per_second;
}

/* Within this process only. */
int fc__os_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns) {
    DWORD left_ms = INFINITE;
    if (deadline_ns != 0) {
        const uint64_t now = fc__os_now_ns();
        if (now >= deadline_ns) {
            return -ETIMEDOUT;
        }
        const uint64_t left = (deadline_ns - now) / 1000000u + 1;
        left_ms = left < INFINITE ? (DWORD)left : INFINITE - 1;
    }
    if (atomic_load(word) != expected) {
        return -EAGAIN;
    }
    return WaitOnAddress((volatile void *)word, &expected, sizeof expected, left_ms) ? 0
           : GetLastError() == ERROR_TIMEOUT                                         ? -ETIMEDOUT
                                                                                     : 0;
}

void fc__os_wake(_Atomic uint32_t *word) {
    WakeByAddressAll((void *)word);
}

void fc__os_wake_one(_Atomic uint32_t *word) {
    WakeByAddressSingle((void *)word);
}

/* FlushProcessWriteBuffers would reach this process alone. */
enum fc__os_fences fc__os_fences_state(void) {
    return FC__OS_FENCES_NONE;
}

void fc__os_fence(void) {}

unsigned fc__os_cpus_affine(void) {
    DWORD_PTR process, system;
    if (!GetProcessAffinityMask(GetCurrentProcess(), &process, &system) || process == 0) {
        return UINT_MAX; /* threads in several groups of CPUs: a machine that is not short of them */
    }
    return (unsigned)__builtin_popcountll(process);
}

unsigned fc__os_cpu(void) {
    return GetCurrentProcessorNumber();
}

void fc__os_leave_cpu(void) {
    DWORD_PTR process, system;
    if (GetProcessAffinityMask(GetCurrentProcess(), &process, &system)) {
        const DWORD_PTR others = process & ~((DWORD_PTR)1 << GetCurrentProcessorNumber());
        const DWORD_PTR before = others != 0 ? SetThreadAffinityMask(GetCurrentThread(), others) : 0;
        if (before != 0) {
            SetThreadAffinityMask(GetCurrentThread(), before);
        }
    }
}

unsigned fc__os_cpus_quota(void) {
    return UINT_MAX;
}

void fc__os_sleep_us(unsigned us) {
    Sleep((us + 999) / 1000);
}
