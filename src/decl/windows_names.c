/* decl: the names that windows.h gives types, for prototypes without it. Types are those that both sides of a call have
 * in the same width: Windows' long has 32 bits, so a DWORD is an unsigned int. */
#include "decl/parser.h"

#include <stdlib.h>
#include <string.h>

/* Structs have no tags, so that a header can still give theirs. */
#define GUID_TEXT "struct { unsigned Data1; unsigned short Data2, Data3; unsigned char Data4[8]; }"
#define FILETIME_TEXT "struct { unsigned dwLowDateTime, dwHighDateTime; }"
#define SYSTEMTIME_TEXT                                                                                                \
    "struct { unsigned short wYear, wMonth, wDayOfWeek, wDay, wHour, wMinute, wSecond, wMilliseconds; }"
#define HANDLE_TEXT(name) "struct " name "__ *"

/* In the order of strcmp. */
static const struct fc__windows_name rows[] = {
    {"APIENTRY", "__stdcall", false},
    {"ATOM", "unsigned short", false},
    {"BOOL", "int", false},
    {"BOOLEAN", "unsigned char", false},
    {"BSTR", "unsigned short *", false},
    {"BYTE", "unsigned char", false},
    {"CALLBACK", "__stdcall", false},
    {"CHAR", "char", false},
    {"CLSID", "GUID", false},
    {"COLORREF", "unsigned", false},
    {"DATE", "double", false},
    {"DWORD", "unsigned", false},
    {"DWORD32", "unsigned", false},
    {"DWORD64", "unsigned long long", false},
    {"DWORDLONG", "unsigned long long", false},
    {"DWORD_PTR", "uintptr_t", false},
    {"FARPROC", "intptr_t (__stdcall *)(void)", false},
    {"FILETIME", FILETIME_TEXT, false},
    {"FLOAT", "float", false},
    {"GUID", GUID_TEXT, false},
    {"HACCEL", HANDLE_TEXT("HACCEL"), false},
    {"HANDLE", "void *", true},
    {"HBITMAP", HANDLE_TEXT("HBITMAP"), false},
    {"HBRUSH", HANDLE_TEXT("HBRUSH"), false},
    {"HCURSOR", "HICON", false},
    {"HDC", HANDLE_TEXT("HDC"), false},
    {"HFONT", HANDLE_TEXT("HFONT"), false},
    {"HGDIOBJ", "void *", true},
    {"HGLOBAL", "void *", true},
    {"HICON", HANDLE_TEXT("HICON"), false},
    {"HINSTANCE", HANDLE_TEXT("HINSTANCE"), false},
    {"HKEY", HANDLE_TEXT("HKEY"), false},
    {"HLOCAL", "void *", true},
    {"HMENU", HANDLE_TEXT("HMENU"), false},
    {"HMODULE", "HINSTANCE", false},
    {"HPEN", HANDLE_TEXT("HPEN"), false},
    {"HRESULT", "int", false},
    {"HRGN", HANDLE_TEXT("HRGN"), false},
    {"HWND", HANDLE_TEXT("HWND"), false},
    {"IID", "GUID", false},
    {"INT", "int", false},
    {"INT16", "short", false},
    {"INT32", "int", false},
    {"INT64", "long long", false},
    {"INT8", "signed char", false},
    {"INT_PTR", "intptr_t", false},
    {"IUnknown", "struct IUnknown", false},
    {"LANGID", "unsigned short", false},
    {"LARGE_INTEGER", "union { struct { unsigned LowPart; int HighPart; }; long long QuadPart; }", false},
    {"LCID", "unsigned", false},
    {"LONG", "int", false},
    {"LONG32", "int", false},
    {"LONG64", "long long", false},
    {"LONGLONG", "long long", false},
    {"LONG_PTR", "intptr_t", false},
    {"LPARAM", "intptr_t", false},
    {"LPBOOL", "int *", false},
    {"LPBYTE", "unsigned char *", false},
    {"LPCSTR", "const char *", false},
    {"LPCVOID", "const void *", false},
    {"LPCWSTR", "const unsigned short *", false},
    {"LPDWORD", "unsigned *", false},
    {"LPFILETIME", "FILETIME *", false},
    {"LPINT", "int *", false},
    {"LPLONG", "int *", false},
    {"LPPOINT", "POINT *", false},
    {"LPRECT", "RECT *", false},
    {"LPSTR", "char *", false},
    {"LPSYSTEMTIME", "SYSTEMTIME *", false},
    {"LPVOID", "void *", false},
    {"LPWORD", "unsigned short *", false},
    {"LPWSTR", "unsigned short *", false},
    {"LRESULT", "intptr_t", false},
    {"MSG", "struct { HWND hwnd; UINT message; WPARAM wParam; LPARAM lParam; DWORD time; POINT pt; }", false},
    {"NTAPI", "__stdcall", false},
    {"NTSTATUS", "int", false},
    {"OLECHAR", "unsigned short", false},
    {"PBOOL", "int *", false},
    {"PBYTE", "unsigned char *", false},
    {"PCHAR", "char *", false},
    {"PDWORD", "unsigned *", false},
    {"PHANDLE", "HANDLE *", false},
    {"PINT", "int *", false},
    {"PLONG", "int *", false},
    {"POINT", "struct { int x, y; }", false},
    {"PUINT", "unsigned *", false},
    {"PULONG", "unsigned *", false},
    {"PVOID", "void *", false},
    {"PWORD", "unsigned short *", false},
    {"QWORD", "unsigned long long", false},
    {"RECT", "struct { int left, top, right, bottom; }", false},
    {"SCODE", "int", false},
    {"SC_HANDLE", HANDLE_TEXT("SC_HANDLE"), false},
    {"SHORT", "short", false},
    {"SIZE", "struct { int cx, cy; }", false},
    {"SIZE_T", "size_t", false},
    {"SOCKET", "uintptr_t", false},
    {"SSIZE_T", "ssize_t", false},
    {"STDMETHODCALLTYPE", "__stdcall", false},
    {"SYSTEMTIME", SYSTEMTIME_TEXT, false},
    {"TIMERPROC", "void (__stdcall *)(HWND, UINT, UINT_PTR, DWORD)", false},
    {"UCHAR", "unsigned char", false},
    {"UINT", "unsigned", false},
    {"UINT16", "unsigned short", false},
    {"UINT32", "unsigned", false},
    {"UINT64", "unsigned long long", false},
    {"UINT8", "unsigned char", false},
    {"UINT_PTR", "uintptr_t", false},
    {"ULARGE_INTEGER", "union { struct { unsigned LowPart, HighPart; }; unsigned long long QuadPart; }", false},
    {"ULONG", "unsigned", false},
    {"ULONG32", "unsigned", false},
    {"ULONG64", "unsigned long long", false},
    {"ULONGLONG", "unsigned long long", false},
    {"ULONG_PTR", "uintptr_t", false},
    {"USHORT", "unsigned short", false},
    {"UUID", "GUID", false},
    {"VARIANT_BOOL", "short", false},
    {"VARTYPE", "unsigned short", false},
    {"VOID", "void", false},
    {"WCHAR", "unsigned short", false},
    {"WINAPI", "__stdcall", false},
    {"WNDENUMPROC", "BOOL (__stdcall *)(HWND, LPARAM)", false},
    {"WNDPROC", "LRESULT (__stdcall *)(HWND, UINT, WPARAM, LPARAM)", false},
    {"WORD", "unsigned short", false},
    {"WPARAM", "uintptr_t", false},
};

/* As strcmp orders them. */
static int compare(const void *key, const void *row) {
    const struct fc__name *name = key;
    const char *text = ((const struct fc__windows_name *)row)->name;
    const int order = strncmp(name->text, text, name->len);
    return order != 0 ? order : -(text[name->len] != '\0');
}

void fc__decl_windows_name(struct fc__name *name) {
    const struct fc__windows_name *row =
        name->word == NULL ? bsearch(name, rows, sizeof rows / sizeof *rows, sizeof *rows, compare) : NULL;
    if (row != NULL && row->text[0] == '_') { /* a macro of windows.h */
        name->word = fc__decl_word(row->text, strlen(row->text));
    } else {
        name->windows = row;
    }
}

/* Reads the row's text in the middle of another one. */
static const struct fc__type *read_row(struct fc__parser *parser, const struct fc__windows_name *row) {
    const struct fc__type *type;
    parser->lexer.text = row->text;
    parser->lexer.len = (uint32_t)strlen(row->text);
    parser->lexer.at = parser->lexer.counted_at = 0;
    parser->lexer.pack_bytes = 0;
    parser->lexer.file = "windows.h";
    parser->has_ahead = false;
    parser->scope = NULL;
    parser->open_body = NULL;
    parser->unsettled = NULL;
    parser->repetition = 0;
    if (!fc__decl_advance(parser) || !fc__decl_read_type_name(parser, &type)) {
        return NULL;
    }
    struct fc__type opaque = *type;
    opaque.is_opaque = true;
    return row->is_opaque ? fc__decl_type_derived(parser, &opaque, &parser->token.place) : type;
}

static void go_on(struct fc__parser *parser, const struct fc__parser *outer) {
    struct fc__mark mark;
    fc__decl_mark(outer, &mark);
    fc__decl_read_from(parser, &mark);
    parser->used_to = outer->used_to;
    parser->scope = outer->scope;
    parser->open_body = outer->open_body;
    parser->unsettled = outer->unsettled;
    parser->repetition = outer->repetition;
    parser->is_replaceable = outer->is_replaceable;
}

bool fc__decl_declare_windows_name(struct fc__parser *parser, struct fc__name *name) {
    const struct fc__parser outer = *parser;
    const struct fc__type *type = read_row(parser, name->windows);
    parser->is_replaceable = true;
    const bool is_declared = type != NULL && fc__decl_declare_typedef(parser, name, type, &outer.token.place);
    go_on(parser, &outer); /* on an error, too: the scope that was left has names to give back */
    return is_declared;
}
