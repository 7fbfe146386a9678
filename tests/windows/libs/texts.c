/* A Windows library that is given texts, names of files and functions, and returns them and open files. */
#include <fcntl.h>
#include <io.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#define API __declspec(dllexport)

struct entry {
    WCHAR name[20];
    int size;
};

API int WINAPI units_of(LPCWSTR text) {
    return (int)wcslen(text);
}
API LPCWSTR WINAPI greeting(LPCWSTR whom) {
    static WCHAR text[100] = L"Gr\u00fc\u00df Gott, ";
    wcsncpy(text + 11, whom, 80);
    return text;
}
API int WINAPI upper(LPCWSTR text, LPWSTR to, int size) {
    return LCMapStringW(MAKELCID(MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), SORT_DEFAULT), LCMAP_UPPERCASE, text, -1,
                        to, size);
}
API DWORD WINAPI whole_path(LPCWSTR path, LPWSTR to, DWORD size) {
    return GetFullPathNameW(path, size, to, NULL);
}
API DWORD WINAPI attributes_of(LPCSTR path) {
    return GetFileAttributesA(path);
}
API int open_file(const char *path) {
    return open(path, O_RDONLY | O_BINARY);
}
API int each_name(int (*visit)(LPCWSTR name, void *data), void *data) {
    return visit(L"\u65e5", data) + visit(L"b", data);
}
API void fill_entry(struct entry *entry) {
    wcscpy(entry->name, L"\u65e5");
    entry->size = 1;
}
