/* os: paths as functions of `char` take them, in a code page that has not all characters. Beside its own name a file has
 * a short one, of ASCII alone (under Wine each has, of any name). */
#include "os/windows/windows.h"

enum { PATH_UNITS = 8192 };
typedef DWORD WINAPI other_form(const wchar_t *path, wchar_t *ret_path, DWORD count);

static UINT code_page(void) {
    return AreFileApisANSI() ? GetACP() : GetOEMCP();
}

/* What has no character there is not to become a similar one. */
static bool hold(const wchar_t *wide, char *ret_path, size_t size) {
    const UINT page = code_page();
    const bool is_utf8 = page == CP_UTF8; /* which has all, and is not asked */
    BOOL is_lossy = FALSE;
    char held[PATH_UNITS];
    const int len = WideCharToMultiByte(page, is_utf8 ? WC_ERR_INVALID_CHARS : WC_NO_BEST_FIT_CHARS, wide, -1, held,
                                        sizeof held, NULL, is_utf8 ? NULL : &is_lossy);
    const bool is_held = len > 0 && !is_lossy && (size_t)len <= size;
    if (is_held) {
        memcpy(ret_path, held, (size_t)len);
    }
    return is_held;
}

/* Only what is there has another form: as much of the path as that is, and the rest as it is. */
static bool reform(other_form *form, wchar_t *inout_path) {
    wchar_t other[PATH_UNITS];
    for (size_t len = wcslen(inout_path), cut = len; cut > 0; cut--) {
        const wchar_t separator = inout_path[cut];
        if (cut != len && separator != L'\\') {
            continue;
        }
        inout_path[cut] = L'\0';
        const DWORD count = form(inout_path, other, PATH_UNITS);
        inout_path[cut] = separator;
        if (count != 0 && count + (len - cut) < PATH_UNITS) {
            memcpy(other + count, inout_path + cut, (len - cut + 1) * sizeof *other);
            memcpy(inout_path, other, sizeof other);
            return true;
        }
    }
    return false;
}

bool fc__os_path_narrow(char *inout_path, size_t size, bool is_narrow) {
    wchar_t wide[PATH_UNITS];
    if (MultiByteToWideChar(is_narrow ? CP_UTF8 : code_page(), MB_ERR_INVALID_CHARS, inout_path, -1, wide,
                            PATH_UNITS) == 0) {
        return false;
    }
    if (is_narrow) {
        return hold(wide, inout_path, size) || (reform(GetShortPathNameW, wide) && hold(wide, inout_path, size));
    }
    reform(GetLongPathNameW, wide);
    return WideCharToMultiByte(CP_UTF8, 0, wide, -1, inout_path, (int)size, NULL, NULL) > 0;
}
