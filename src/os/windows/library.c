/* os: libraries of this process, by the system's loader. */
#include "os/windows/windows.h"

#include <stdlib.h>

enum { PATH_UNITS = 4096, TEXT_UNITS = 512, NAME_BYTES = 260 };

void fc__windows_wide(const char *text, wchar_t *ret_wide, size_t count) {
    if (MultiByteToWideChar(CP_UTF8, 0, text, -1, ret_wide, (int)count) == 0) {
        *ret_wide = 0;
    }
}

void fc__windows_utf8(const wchar_t *wide, char *ret_text, size_t size) {
    if (WideCharToMultiByte(CP_UTF8, 0, wide, -1, ret_text, (int)size, NULL, NULL) == 0) {
        *ret_text = '\0';
    }
}

/* The system's words, without the end of their line. */
static void describe(DWORD error, char *ret_text, size_t size) {
    wchar_t words[TEXT_UNITS];
    DWORD len = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, error, 0, words,
                               TEXT_UNITS, NULL);
    while (len > 0 && (words[len - 1] <= L' ' || words[len - 1] == L'.')) {
        len--;
    }
    words[len] = 0;
    fc__windows_utf8(words, ret_text, size);
    const size_t used = strlen(ret_text);
    snprintf(ret_text + used, size - used, used != 0 ? " (error %lu)" : "error %lu", error);
}

static void explain(const char *name, const wchar_t *path, DWORD error, char *ret_why, size_t size) {
    char words[TEXT_UNITS], missing[NAME_BYTES];
    describe(error, words, sizeof words);
    snprintf(ret_why, size, "%s: %s", name, words);
    if (error == ERROR_MOD_NOT_FOUND && fc__windows_missing(path, missing, sizeof missing)) {
        snprintf(ret_why, size, "%s needs %s, which is neither beside it nor where the system looks: %s", name, missing,
                 words);
    }
}

/* Windows looks for what a library needs beside it only if it is told where that is. */
void *fc__os_library_open(const char *name, char *ret_why, size_t size) {
    wchar_t given[PATH_UNITS], path[PATH_UNITS];
    fc__windows_wide(name, given, PATH_UNITS);
    const bool is_path = wcspbrk(given, L"\\/:") != NULL;
    if (!is_path || GetFullPathNameW(given, PATH_UNITS, path, NULL) - 1 >= PATH_UNITS - 1) {
        memcpy(path, given, sizeof path);
    }
    const HMODULE library = LoadLibraryExW(path, NULL, is_path ? LOAD_WITH_ALTERED_SEARCH_PATH : 0);
    if (library == NULL) {
        explain(name, path, GetLastError(), ret_why, size);
    }
    return library;
}

void fc__os_library_close(void *library) {
    FreeLibrary(library);
}

void fc__os_library_path(void *library, char *ret_path, size_t size) {
    wchar_t path[PATH_UNITS];
    path[GetModuleFileNameW(library, path, PATH_UNITS - 1)] = 0;
    fc__windows_utf8(path, ret_path, size);
}

uint64_t fc__os_library_symbol(void *library, const char *name) {
    char *end = NULL;
    const unsigned long ordinal = *name == '#' ? strtoul(name + 1, &end, 10) : 0;
    const bool is_ordinal = ordinal != 0 && ordinal <= UINT16_MAX && *end == '\0';
    return (uintptr_t)GetProcAddress(library, is_ordinal ? (const char *)(uintptr_t)ordinal : name);
}
