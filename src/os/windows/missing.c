/* os: which of a library's libraries it was that could not be found. The system says only that one was not. */
#include "os/windows/windows.h"

enum { SEEN_MAX = 256 };

struct search {
    wchar_t folder[MAX_PATH]; /* of the library that was asked for, where its own are looked for first */
    char seen[SEEN_MAX][64];
    unsigned seen_count;
    char *name;
    size_t size;
};

static bool is_seen(struct search *search, const char *name) {
    for (unsigned i = 0; i < search->seen_count; i++) {
        if (_stricmp(search->seen[i], name) == 0) {
            return true;
        }
    }
    if (search->seen_count == SEEN_MAX || strlen(name) >= sizeof search->seen[0]) {
        return true; /* so large a thing is not searched to its end */
    }
    memcpy(search->seen[search->seen_count++], name, strlen(name) + 1);
    return false;
}

static bool find(const struct search *search, const char *name, wchar_t *ret_path) {
    wchar_t wide[MAX_PATH];
    fc__windows_wide(name, wide, MAX_PATH);
    return SearchPathW(search->folder, wide, NULL, MAX_PATH, ret_path, NULL) != 0 ||
           SearchPathW(NULL, wide, NULL, MAX_PATH, ret_path, NULL) != 0;
}

static bool search_file(struct search *search, const wchar_t *path);

static bool search_imports(struct search *search, const void *data, size_t len) {
    wchar_t path[MAX_PATH];
    const char *name;
    for (unsigned i = 0; (name = fc__windows_import(data, len, i)) != NULL; i++) {
        if (is_seen(search, name) || GetModuleHandleA(name) != NULL || _strnicmp(name, "api-ms-", 7) == 0 ||
            _strnicmp(name, "ext-ms-", 7) == 0) {
            continue;
        }
        if (!find(search, name, path)) {
            snprintf(search->name, search->size, "%s", name);
            return true;
        }
        if (search_file(search, path)) {
            return true;
        }
    }
    return false;
}

static bool search_file(struct search *search, const wchar_t *path) {
    bool is_found = false;
    const HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    const DWORD len = file != INVALID_HANDLE_VALUE ? GetFileSize(file, NULL) : 0;
    const HANDLE section = len != 0 ? CreateFileMappingW(file, NULL, PAGE_READONLY, 0, 0, NULL) : NULL;
    const void *data = section != NULL ? MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0) : NULL;
    if (data != NULL) {
        is_found = search_imports(search, data, len);
        UnmapViewOfFile(data);
    }
    if (section != NULL) {
        CloseHandle(section);
    }
    if (file != INVALID_HANDLE_VALUE) {
        CloseHandle(file);
    }
    return is_found;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): what finds it writes to it */
bool fc__windows_missing(const wchar_t *path, char *ret_name, size_t size) {
    wchar_t whole[MAX_PATH];
    struct search search = {.name = ret_name, .size = size};
    if (SearchPathW(NULL, path, L".dll", MAX_PATH, whole, NULL) == 0) {
        return false;
    }
    memcpy(search.folder, whole, sizeof whole);
    wchar_t *slash = wcsrchr(search.folder, L'\\');
    if (slash != NULL) {
        *slash = 0;
    }
    return search_file(&search, whole);
}
