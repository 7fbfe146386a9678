/* A Windows library that does a little of everything: texts, buffers, structs, callbacks, threads, errors, ends. */
#include <windows.h>

#include <errno.h>
#include <process.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API __declspec(dllexport)

/* -- values -------------------------------------------------------------------------------------------------------- */

API int add(int a, int b) {
    return a + b;
}
API long long add_wide(long long a, unsigned char b, long long c) {
    return a + b + c;
}
API double scale(float factor, double value, int shift) {
    return factor * value + shift;
}
API unsigned long __stdcall as_long(unsigned long value) {
    return value;
}
API int process_number(void) {
    return (int)GetCurrentProcessId();
}
API int thread_number(void) {
    return (int)GetCurrentThreadId();
}
API int pointer_bytes(void) {
    return (int)sizeof(void *);
}

/* -- what pointers point to ---------------------------------------------------------------------------------------- */

API size_t length_of(const char *text) {
    return text != NULL ? strlen(text) : (size_t)-1;
}
API const char *fixed_text(int is_there) {
    return is_there ? "a text of the library's own" : NULL;
}
API const char *long_text(size_t length) {
    static char text[100001];
    length = length < sizeof text ? length : sizeof text - 1;
    memset(text, 'x', length);
    text[length] = '\0';
    return text;
}
API int join(const char *a, const char *b, char *out, size_t size) {
    return _snprintf(out, size, "%s %s", a, b);
}
API long long sum(const int *values, size_t count) {
    long long total = 0;
    for (size_t i = 0; i < count; i++) {
        total += values[i];
    }
    return total;
}
API void reverse(unsigned char *bytes, size_t count) {
    for (size_t i = 0; i < count / 2; i++) {
        unsigned char byte = bytes[i];
        bytes[i] = bytes[count - 1 - i];
        bytes[count - 1 - i] = byte;
    }
}

struct point {
    short kind;
    double x;
    long y;
    const char *name;
};
API double move_point(struct point *point, double by) {
    point->x += by;
    point->y -= 1;
    return point->x + point->y + point->kind + (point->name != NULL ? (double)strlen(point->name) : 0);
}
struct pair {
    int a, b;
};
API struct pair swapped(struct pair pair) {
    return (struct pair){pair.b, pair.a};
}
struct large {
    long long values[4];
};
API struct large doubled(struct large large) {
    for (int i = 0; i < 4; i++) {
        large.values[i] *= 2;
    }
    return large;
}

/* -- callbacks ----------------------------------------------------------------------------------------------------- */

typedef int(__stdcall *visitor)(int index, void *data);
API int visit_all(int count, visitor visit, void *data) {
    int total = 0;
    for (int i = 0; i < count; i++) {
        total += visit(i, data);
    }
    return total;
}
typedef int plain_visitor(const char *name, double value);
API int visit_plainly(plain_visitor *visit, int count) {
    int total = 0;
    for (int i = 0; i < count; i++) {
        total += visit("item", i / 2.0);
    }
    return total;
}

struct work {
    visitor visit;
    int rounds, total;
};
static unsigned __stdcall work(void *data) {
    struct work *work = data;
    for (int i = 0; i < work->rounds; i++) {
        work->total += work->visit(i, NULL);
    }
    return 0;
}
/* In threads of its own, all at once. */
API int visit_in_threads(visitor visit, int threads, int rounds) {
    enum { MAX = 32 };
    struct work all[MAX];
    HANDLE handles[MAX];
    int total = 0;
    threads = threads < MAX ? threads : MAX;
    for (int i = 0; i < threads; i++) {
        all[i] = (struct work){visit, rounds, 0};
        handles[i] = (HANDLE)_beginthreadex(NULL, 0, work, &all[i], 0, NULL);
    }
    for (int i = 0; i < threads; i++) {
        WaitForSingleObject(handles[i], INFINITE);
        CloseHandle(handles[i]);
        total += all[i].total;
    }
    return total;
}

/* -- errors -------------------------------------------------------------------------------------------------------- */

API int fails(int error, unsigned long last_error) {
    errno = error;
    SetLastError(last_error);
    return -1;
}
API int opens_nothing(void) {
    return fopen("C:\\no\\such\\file", "r") == NULL ? -1 : 0;
}

/* -- ends ---------------------------------------------------------------------------------------------------------- */

API int writes_to(int address) {
    *(volatile int *)(intptr_t)address = 1;
    return 0;
}
API int divides(int by) {
    return 1000 / by;
}
API int recurses(int depth) {
    volatile char room[4096];
    room[0] = (char)depth;
    return depth == 0 ? 0 : recurses(depth - 1) + room[0];
}
API void throws(int code) {
    RaiseException((DWORD)code, EXCEPTION_NONCONTINUABLE, 0, NULL);
}
API void exits(int status) {
    exit(status);
}
API void ends_process(int status) {
    ExitProcess((UINT)status);
}
API void ends_thread(int status) {
    ExitThread((DWORD)status);
}
API int sleeps(unsigned long ms) {
    Sleep(ms);
    return 1;
}
/* Says before that it is about to. */
API int sleeps_told(visitor tell, unsigned long ms) {
    tell(0, NULL);
    Sleep(ms);
    return 1;
}
