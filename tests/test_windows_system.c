/* Windows' own libraries, and Debian's libgcrypt for Windows: files, memory of another library's allocator, windows whose
 * procedure and timer are the caller's functions. */
#include "sessions.h"
#include "windows.h"

#include <sys/prctl.h>

static struct fc_library *open_named(const char *target, const char *name) {
    return open_with(name, target, UINT32_MAX);
}

/* UTF-16 of a text of ASCII; in static storage, four at a time. */
static const uint16_t *wide(const char *text) {
    static uint16_t texts[4][PATH_MAX];
    static unsigned used;
    uint16_t *const to = texts[used++ % 4];
    size_t i = 0;
    do {
        to[i] = (unsigned char)text[i];
    } while (text[i++] != '\0');
    return to;
}

/* -- libgcrypt ----------------------------------------------------------------------------------------------------- */

TEST(windows_system_libgcrypt_hashes) {
    for (EACH_WINDOWS_TARGET(target)) {
        static const unsigned char expected[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                                                 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                                                 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
        enum { SHA256 = 8, ROUNDS = 200 };
        char path[PATH_MAX];
        snprintf(path, sizeof path, "/usr/%s-w64-mingw32/bin/libgcrypt-20.dll",
                 strcmp(target, "i386-windows") == 0 ? "i686" : "x86_64");
        if (access(path, R_OK) != 0) {
            skip_because("%s is not installed (tools/setup.sh: libgcrypt-mingw-w64-dev)", path);
        }
        struct fc_library *library = open_named(target, path);
        unsigned char digest[32], again[32];
        const char *version = NULL;
        const unsigned char *read = NULL;
        void *handle = NULL;
        assert_ok(fc_call(call_bind(library, "const char *gcry_check_version(const char *wanted)"), &version, NULL));
        assert_non_null(version);
        assert_true(version[0] == '1' && version[1] == '.');
        assert_ok(
            fc_call(call_bind(library, "void gcry_md_hash_buffer(int algo, _Out_writes_(32) unsigned char *digest, "
                                       "_In_reads_(length) const unsigned char *buffer, size_t length)"),
                    NULL, SHA256, digest, "abc", (size_t)3));
        assert_memory_equal(digest, expected, sizeof expected);
        /* The same by a handle, piece by piece. */
        unsigned error = 1;
        assert_ok(fc_call(call_bind(library, "struct gcry_md_handle; unsigned gcry_md_open(_Out_ struct gcry_md_handle "
                                             "**handle, int algo, unsigned flags)"),
                          &error, &handle, SHA256, 0));
        assert_int_equal(error, 0);
        struct fc_function *write =
            call_bind(library, "void gcry_md_write(struct gcry_md_handle *handle, "
                               "_In_reads_(length) const unsigned char *buffer, size_t length)");
        static const char *const pieces[] = {"a", "b", "c"};
        for (int i = 0; i < 3; i++) {
            assert_ok(fc_call(write, NULL, handle, pieces[i], (size_t)1));
        }
        assert_ok(fc_call(call_bind(library, "_Ret_writes_(32) const unsigned char *gcry_md_read("
                                             "struct gcry_md_handle *handle, int algo)"),
                          &read, handle, SHA256));
        memcpy(again, read, sizeof again);
        assert_memory_equal(again, expected, sizeof expected);
        assert_ok(fc_call(call_bind(library, "void gcry_md_close(struct gcry_md_handle *handle)"), NULL, handle));
        fc_library_close(library);
    }
}

/* -- kernel32: files ----------------------------------------------------------------------------------------------- */

TEST(windows_system_kernel32_reads_a_file) {
    static const char content[] = "what the file holds, in two pieces";
    char path[] = "/tmp/farcall-windows-XXXXXX", windows_path[64];
    int fd = mkstemp(path);
    require(fd >= 0 && write(fd, content, sizeof content) == sizeof content && close(fd) == 0);
    snprintf(windows_path, sizeof windows_path, "Z:\\tmp\\%s", path + 5);
    for (EACH_WINDOWS_TARGET(target)) {
        enum { GENERIC_READ = (int)0x80000000, OPEN_EXISTING = 3, FILE_NOT_FOUND = 2 };
        struct fc_library *library = open_named(target, "kernel32.dll");
        struct fc_function *create =
            call_bind(library, "HANDLE WINAPI CreateFileW(_In_z_ LPCWSTR name, DWORD access, DWORD share, "
                               "_Fc_opaque_ LPVOID security, DWORD disposition, DWORD flags, HANDLE template)");
        struct fc_function *read =
            call_bind(library, "BOOL WINAPI ReadFile(HANDLE file, _Out_writes_bytes_to_(size, *got) BYTE *buffer, "
                               "DWORD size, _Out_ DWORD *got, _Fc_opaque_ LPVOID overlapped)");
        struct fc_function *size_of =
            call_bind(library, "BOOL WINAPI GetFileSizeEx(HANDLE file, _Out_ LARGE_INTEGER *size)");
        struct fc_function *close_handle = call_bind(library, "BOOL WINAPI CloseHandle(HANDLE handle)");
        char buffer[sizeof content] = "";
        void *file = NULL;
        int is_done = 0;
        unsigned got = 0;
        long long size = 0;
        assert_ok(fc_call(create, &file, wide(windows_path), GENERIC_READ, 1, NULL, OPEN_EXISTING, 0, NULL));
        assert_ptr_not_equal(file, (void *)(intptr_t)-1);
        assert_ok(fc_call(size_of, &is_done, file, &size));
        assert_int_equal(is_done, 1);
        assert_int_equal(size, sizeof content);
        assert_ok(fc_call(read, &is_done, file, buffer, 10u, &got, NULL));
        assert_int_equal(is_done, 1);
        assert_int_equal(got, 10);
        assert_ok(fc_call(read, &is_done, file, buffer + 10, 1000u, &got, NULL));
        assert_int_equal(got, sizeof content - 10);
        assert_string_equal(buffer, content);
        assert_ok(fc_call(close_handle, &is_done, file));
        assert_int_equal(is_done, 1);
        assert_ok(fc_call(create, &file, wide("Z:\\no\\such"), GENERIC_READ, 1, NULL, OPEN_EXISTING, 0, NULL));
        assert_ptr_equal(file, (void *)(intptr_t)-1);
        assert_true(fc_session_windows_error(fc_library_session(library)) != 0);
        fc_library_close(library);
    }
    unlink(path);
}

/* -- oleaut32: strings of an allocator of its own ------------------------------------------------------------------ */

TEST(windows_system_oleaut32_makes_strings) {
    for (EACH_WINDOWS_TARGET(target)) {
        struct fc_library *library = open_named(target, "oleaut32.dll");
        struct fc_function *make = call_bind(library, "struct bstr *WINAPI SysAllocString(_In_z_ LPCWSTR text)");
        struct fc_function *length = call_bind(library, "UINT WINAPI SysStringLen(struct bstr *string)");
        struct fc_function *compare = call_bind(
            library, "int WINAPI VarBstrCmp(struct bstr *left, struct bstr *right, LCID locale, ULONG flags)");
        struct fc_function *release = call_bind(library, "void WINAPI SysFreeString(struct bstr *string)");
        void *first = NULL, *second = NULL;
        unsigned count = 0;
        int order = 0;
        assert_ok(fc_call(make, &first, wide("a string of COM's")));
        assert_ok(fc_call(make, &second, wide("a string of COM's")));
        assert_non_null(first);
        assert_ptr_not_equal(first, second);
        assert_ok(fc_call(length, &count, first));
        assert_int_equal(count, strlen("a string of COM's"));
        assert_ok(fc_call(compare, &order, first, second, 0u, 0u));
        assert_int_equal(order, 1); /* VARCMP_EQ */
        double number = 0;
        int result = -1;
        assert_ok(
            fc_call(call_bind(library, "HRESULT WINAPI VarR8FromStr(_In_z_ LPCWSTR text, LCID locale, ULONG flags, "
                                       "_Out_ double *number)"),
                    &result, wide("-12.5"), 0x409u, 0u, &number));
        assert_int_equal(result, 0);
        assert_true(number == -12.5);
        assert_ok(fc_call(release, NULL, first));
        assert_ok(fc_call(release, NULL, second));
        fc_library_close(library);
    }
}

/* -- user32: windows and timers ------------------------------------------------------------------------------------ */

struct window_class {
    unsigned style;
    intptr_t (*procedure)(void *window, unsigned message, uintptr_t wide_parameter, intptr_t long_parameter);
    int class_extra, window_extra;
    void *instance, *icon, *cursor, *background;
    const uint16_t *menu, *name;
};
struct message {
    void *window;
    unsigned number;
    uintptr_t wide_parameter;
    intptr_t long_parameter;
    unsigned time;
    int x, y;
};
#define MSG_TEXT                                                                                                       \
    "struct message { HWND window; UINT number; WPARAM wide_parameter; LPARAM long_parameter; DWORD time; int x, y; "  \
    "}; "

enum { WM_CREATE = 1, WM_DESTROY = 2, WM_TIMER = 0x113, WM_USER = 0x400 };

static struct fc_function *default_procedure, *quit;
static int created, destroyed, asked, ticks, enumerated;

static intptr_t procedure(void *window, unsigned message, uintptr_t wide_parameter, intptr_t long_parameter) {
    intptr_t result = 0;
    created += message == WM_CREATE;
    destroyed += message == WM_DESTROY;
    if (message == WM_USER) {
        asked++;
        return (intptr_t)wide_parameter + long_parameter;
    }
    require(fc_call(default_procedure, &result, window, message, wide_parameter, long_parameter) == FC_OK);
    return result;
}

static void tick(void *window, unsigned message, uintptr_t timer, unsigned time) {
    (void)window, (void)timer, (void)time;
    require(message == WM_TIMER);
    if (++ticks == 3) {
        require(fc_call(quit, NULL, 7) == FC_OK);
    }
}

static void *make_window(struct fc_library *library, void *parent, unsigned style) {
    struct window_class class = {.procedure = procedure, .name = wide("farcall")};
    unsigned short atom = 0;
    void *window = NULL;
    assert_ok(fc_call(call_bind(library,
                                "struct window_class { UINT style; WNDPROC procedure; int class_extra, window_extra; "
                                "HINSTANCE instance; HICON icon; HCURSOR cursor; HBRUSH background; "
                                "_Field_z_ LPCWSTR menu; _Field_z_ LPCWSTR name; }; "
                                "ATOM WINAPI RegisterClassW(_In_ const struct window_class *class)"),
                      &atom, &class));
    assert_int_not_equal(atom, 0);
    assert_ok(fc_call(call_bind(library, "HWND WINAPI CreateWindowExW(DWORD extended, _In_z_ LPCWSTR class, "
                                         "_In_z_ LPCWSTR title, DWORD style, int x, int y, int width, int height, "
                                         "HWND parent, HMENU menu, HINSTANCE instance, _Fc_opaque_ LPVOID parameter)"),
                      &window, 0u, wide("farcall"), wide("a window"), style, 0, 0, 100, 50, parent, NULL, NULL, NULL));
    assert_non_null(window);
    return window;
}

/* A parameter of a message may be an address or a handle of 64 bits, which a 32-bit caller cannot hold. */
static bool has_room_for_messages(const char *target) {
    return sizeof(void *) == 8 || strcmp(target, "i386-windows") == 0;
}

static void bind_window_functions(struct fc_library *library) {
    created = destroyed = asked = ticks = enumerated = 0;
    default_procedure =
        call_bind(library, "LRESULT WINAPI DefWindowProcW(HWND window, UINT message, WPARAM wide, LPARAM wider)");
    quit = call_bind(library, "void WINAPI PostQuitMessage(int status)");
}

TEST(windows_system_user32_calls_a_window_procedure_and_a_timer) {
    for (EACH_WINDOWS_TARGET(target)) {
        if (!has_room_for_messages(target)) {
            continue;
        }
        struct fc_library *library = open_named(target, "user32.dll");
        bind_window_functions(library);
        void *window = make_window(library, (void *)(intptr_t)-3 /* HWND_MESSAGE */, 0);
        assert_int_equal(created, 1);
        intptr_t result = 0;
        assert_ok(
            fc_call(call_bind(library, "LRESULT WINAPI SendMessageW(HWND window, UINT message, WPARAM wide, LPARAM "
                                       "wider)"),
                    &result, window, (unsigned)WM_USER, (uintptr_t)40, (intptr_t)2));
        assert_int_equal(result, 42);
        assert_int_equal(asked, 1);
        uintptr_t timer = 0;
        assert_ok(
            fc_call(call_bind(library, "UINT_PTR WINAPI SetTimer(HWND window, UINT_PTR id, UINT ms, TIMERPROC tick)"),
                    &timer, window, (uintptr_t)1, 10u, tick));
        assert_int_not_equal(timer, 0);
        struct fc_function *get = call_bind(library, MSG_TEXT "BOOL WINAPI GetMessageW(_Out_ struct message *message, "
                                                              "HWND window, UINT first, UINT last)");
        struct fc_function *dispatch = call_bind(library, MSG_TEXT "LRESULT WINAPI DispatchMessageW(_In_ const struct "
                                                                   "message *message)");
        struct message message = {0};
        int more = 0;
        do {
            assert_ok(fc_call(get, &more, &message, NULL, 0u, 0u));
            if (more > 0) {
                assert_ok(fc_call(dispatch, NULL, &message));
            }
        } while (more > 0);
        assert_int_equal(more, 0);
        assert_int_equal(message.wide_parameter, 7);
        assert_int_equal(ticks, 3);
        assert_ok(fc_call(call_bind(library, "BOOL WINAPI DestroyWindow(HWND window)"), NULL, window));
        assert_int_equal(destroyed, 1);
        fc_library_close(library);
    }
}

/* -- user32 on a screen -------------------------------------------------------------------------------------------- */

static void *wanted_window;
static int count_window(void *window, intptr_t data) {
    require(data == 4711);
    enumerated += window == wanted_window;
    return 1;
}

/* A screen that nobody sees, until this process ends. */
static pid_t start_screen(void) {
    int ends[2];
    char number[16] = "", display[32];
    require(pipe(ends) == 0);
    pid_t child = fork();
    require(child >= 0);
    if (child == 0) {
        char fd[16];
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        snprintf(fd, sizeof fd, "%d", ends[1]);
        close(ends[0]);
        execlp("Xvfb", "Xvfb", "-displayfd", fd, "-screen", "0", "640x480x24", "-nolisten", "tcp", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    size_t used = 0;
    for (ssize_t len; used < sizeof number - 1 && strchr(number, '\n') == NULL &&
                      (len = read(ends[0], number + used, sizeof number - 1 - used)) > 0;) {
        used += (size_t)len; /* the number and the end of its line come one by one */
    }
    close(ends[0]);
    if (used == 0) {
        waitpid(child, NULL, 0);
        skip_because("there is no Xvfb (tools/setup.sh)");
    }
    snprintf(display, sizeof display, ":%d", atoi(number));
    require(setenv("DISPLAY", display, 1) == 0);
    return child;
}

TEST(windows_system_user32_enumerates_windows_on_a_screen) {
    char folder[64], command[512];
    make_folder(folder, sizeof folder);
    pid_t screen = start_screen();
    require(setenv("XDG_CACHE_HOME", folder, 1) == 0); /* a prefix whose desktop is that screen */
    for (EACH_WINDOWS_TARGET(target)) {
        if (!has_room_for_messages(target)) {
            continue;
        }
        struct fc_library *library = open_named(target, "user32.dll");
        bind_window_functions(library);
        wanted_window = make_window(library, NULL, 0x10cf0000 /* WS_OVERLAPPEDWINDOW | WS_VISIBLE */);
        int is_done = 0;
        assert_ok(fc_call(call_bind(library, "BOOL WINAPI EnumWindows(WNDENUMPROC visit, LPARAM data)"), &is_done,
                          count_window, (intptr_t)4711));
        assert_int_equal(is_done, 1);
        assert_int_equal(enumerated, 1);
        assert_ok(fc_call(call_bind(library, "BOOL WINAPI DestroyWindow(HWND window)"), NULL, wanted_window));
        fc_library_close(library);
    }
    snprintf(command, sizeof command,
             "for p in %s/farcall/wine-*; do WINEPREFIX=$p wineserver -k || WINEPREFIX=$p /usr/lib/wine/wineserver -k; "
             "done >/dev/null 2>&1; rm -rf %s",
             folder, folder);
    require(system(command) != -1);
    kill(screen, SIGKILL);
    waitpid(screen, NULL, 0);
}
