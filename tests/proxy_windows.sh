#!/bin/bash
# Libraries for this system that stand for Windows DLLs: the DLL of one stdcall function, called by programs in C and, by
# DllImport, in C# that know nothing of it; and zlib's, under CPython. $1 is the farcall program. Prints what failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$here/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/real.sh
. "$here/shell/real.sh"

begin_windows NativeLibrary.dll

# The header is one for Windows: `windows.h` is there on neither side but for its compiler.
mkdir "$tmp/dll" "$tmp/proxies"
cp "$dll" "$tmp/dll/"
cat >"$tmp/NativeLibrary.h" <<'END'
#include <Windows.h>
#ifdef __cplusplus
extern "C"
#endif
__declspec(dllimport) DWORD __stdcall Add(DWORD a, DWORD b);
END
run_command 0 "$farcall" proxy "$tmp/dll/NativeLibrary.dll" --header "$tmp/NativeLibrary.h" --strict \
    -o "$tmp/proxies/libNativeLibrary.so"
out_has '^bridged +Add$'
out_has '^libNativeLibrary.so: 1 export: 1 bridged, 0 refused, 0 not declared$'
[ "$(objdump -p "$tmp/proxies/libNativeLibrary.so" | awk '$1 == "SONAME" { print $2 }')" = libNativeLibrary.so ] ||
    fail "$command: another soname"
run_command 0 "$farcall" proxy "$tmp/dll/NativeLibrary.dll" --header "$tmp/NativeLibrary.h" -o "$tmp/folder"
[ -e "$tmp/folder/libNativeLibrary.so" ] || fail "$command: the proxy has no name that a linker here looks for"

cat >"$tmp/program.c" <<'END'
#include <stdio.h>
unsigned Add(unsigned a, unsigned b);
int main(void) { return printf("%u\n", Add(40, 2)) < 0; }
END
cc "$tmp/program.c" -L"$tmp/proxies" -lNativeLibrary -Wl,-rpath,"$tmp/proxies" \
    -Wl,-rpath-link,"$(dirname "$runtime")" -o "$tmp/program" || fail "C does not link with the proxy"
run_command 0 "$tmp/program"
out_has '^42$'
if csharp NativeLibrary.dll; then
    run_command 0 env -C "$tmp" LD_LIBRARY_PATH="$tmp/proxies" mono "$tmp/program.exe" 40 2
    out_has '^42$'
fi

# The DLL is found beside the proxy, too, by its own name; and one that is another is not called.
mv "$tmp/dll/NativeLibrary.dll" "$tmp/kept.dll"
timeout 300 "$tmp/program" >"$tmp/out" 2>"$tmp/err" && fail "a DLL that is not there was called"
err_has 'there is no NativeLibrary.dll for i386-windows: no farcall/NativeLibrary.dll beside the proxy'
mkdir "$tmp/proxies/farcall"
cp "$tmp/kept.dll" "$tmp/proxies/farcall/NativeLibrary.dll"
run_command 0 "$tmp/program"
out_has '^42$'
cp "$build/testlibs/i386-windows/subject.dll" "$tmp/proxies/farcall/NativeLibrary.dll"
timeout 300 "$tmp/program" >"$tmp/out" 2>"$tmp/err" && fail "another DLL was called"
err_has 'is not the library that this proxy was made for: it does not export Add'

# Texts and paths are UTF-8 here, by words beside a header that is Windows' own: a program of this system reads it so.
cat >"$tmp/texts.h" <<'END'
#include <windows.h>
struct entry { WCHAR name[20]; int size; };
typedef int (*visitor)(LPCWSTR name, void *data);
int WINAPI units_of(LPCWSTR text);
LPCWSTR WINAPI greeting(LPCWSTR whom);
int WINAPI upper(LPCWSTR text, LPWSTR to, int size);
DWORD WINAPI whole_path(LPCWSTR path, LPWSTR to, DWORD size);
DWORD WINAPI attributes_of(LPCSTR path);
int open_file(const char *path);
int each_name(visitor visit, void *data);
void fill_entry(struct entry *entry);
END
cat >"$tmp/texts.sidecar" <<'END'
typedef int (*visitor)(_Fc_utf8_ LPCWSTR name, _Fc_opaque_ void *data);
int WINAPI units_of(_Fc_utf8_ LPCWSTR text);
_Ret_z_ _Fc_utf8_ LPCWSTR WINAPI greeting(_Fc_utf8_ LPCWSTR whom);
int WINAPI upper(_Fc_utf8_ LPCWSTR text, _Out_writes_z_(size) _Fc_utf8_ LPWSTR to, int size);
DWORD WINAPI whole_path(_Fc_path_ _Fc_utf8_ LPCWSTR path, _Out_writes_z_(size) _Fc_path_ _Fc_utf8_ LPWSTR to,
                        DWORD size);
DWORD WINAPI attributes_of(_Fc_path_ LPCSTR path);
_Fc_fd_given_ int open_file(_Fc_path_ const char *path);
int each_name(visitor visit, _Fc_opaque_ void *data);
void fill_entry(_Out_ struct entry *entry);
END
cat >"$tmp/texts.c" <<'END'
#include <limits.h>
#include <stdio.h>
#include <unistd.h>
struct entry { unsigned short name[20]; int size; };
int units_of(const char *text);
const char *greeting(const char *whom);
int upper(const char *text, char *to, int size);
unsigned whole_path(const char *path, char *to, unsigned size);
unsigned attributes_of(const char *path);
int open_file(const char *path);
int each_name(int (*visit)(const char *name, void *data), void *data);
void fill_entry(struct entry *entry);
static int see(const char *name, void *data) { return printf("%s%s\n", (const char *)data, name); }
int main(int argc, char **argv) {
    char text[PATH_MAX] = "";
    struct entry entry;
    printf("%d units\n%s\n", units_of("a\xf0\x9f\x98\x80"), greeting("Welt"));
    upper("gr\xc3\xbcn", text, PATH_MAX);
    printf("%s\n", text);
    whole_path(argv[argc - 1], text, PATH_MAX);
    printf("%s\nattributes %u\n", text, attributes_of(argv[argc - 1]));
    const int fd = open_file(argv[argc - 1]);
    printf("%zd bytes\n", read(fd, text, sizeof text));
    each_name(see, "name ");
    fill_entry(&entry);
    printf("%x %x %d\n", entry.name[0], entry.name[1], entry.size);
    return close(fd);
}
END
cat >"$tmp/texts.expected" <<END
3 units
Grüß Gott, Welt
GRÜN
$tmp/日 file
attributes 32
5 bytes
name 日
name b
65e5 0 1
END
printf 12345 >"$tmp/日 file"
for target in i386-windows x86_64-windows; do
    mkdir "$tmp/$target"
    run_command 0 "$farcall" proxy "$build/testlibs/$target/texts.dll" --header "$tmp/texts.h" \
        --sidecar "$tmp/texts.sidecar" --strict -o "$tmp/$target/libtexts.so"
    out_has '^libtexts.so: 8 exports: 8 bridged, 0 refused, 0 not declared$'
    cc "$tmp/texts.c" -L"$tmp/$target" -ltexts -Wl,-rpath,"$tmp/$target" \
        -Wl,-rpath-link,"$(dirname "$runtime")" -o "$tmp/texts" || fail "C does not link with the proxy of texts"
    run_command 0 env -C "$tmp" "$tmp/texts" '日 file'
    diff "$tmp/texts.expected" "$tmp/out" || fail "$target: texts are others"
done

# Constants that lead to others, by the DLL's base relocations; it says no lengths. What is linked with the proxy prints
# what it does over a library of this system.
cat >"$tmp/lengths.sidecar" <<'END'
extern const char *const table_names[6];
extern const struct code table_codes[3];
extern const char *const *const table_lists[3];
extern const int table_address[2];
_Fc_sync_ extern int table_row[5];
_Fc_sync_ extern short table_zeros[100];
END
cc -shared -fPIC -I"$here/proxy" "$here/proxy/tables.c" -o "$tmp/libtables.so" || fail "no library of tables"
cc -I"$here/proxy" "$here/proxy/tables_user.c" "$tmp/libtables.so" -o "$tmp/tables" || fail "C does not link"
LD_LIBRARY_PATH=$tmp "$tmp/tables" >"$tmp/tables.expected"
for compiler in i686-w64-mingw32-gcc x86_64-w64-mingw32-gcc; do
    needs "$(command -v $compiler || echo "$compiler")" || continue
    mkdir "$tmp/$compiler"
    $compiler -shared -O1 -I"$here/proxy" "$here/proxy/tables.c" -o "$tmp/$compiler/tables.dll" 2>"$tmp/err" ||
        fail "$compiler"
    run_command 0 "$farcall" proxy "$tmp/$compiler/tables.dll" --header "$here/proxy/tables.h" \
        --sidecar "$here/proxy/tables.side" --sidecar "$tmp/lengths.sidecar" -o "$tmp/$compiler/libtables.so"
    for name in names name codes best tree lists longs operations row; do
        out_has "^bridged +table_$name \(variable\)\$"
    done
    out_has '^ +table_buffer points to memory of the library that may change'
    out_has '^ +table_hidden.hidden points to a function that the library does not export'
    out_has '^ +table_number is a number where a pointer should be'
    [ "$compiler" = x86_64-w64-mingw32-gcc ] || out_has '^ +it has an address in it where a number is declared'
    run_command 0 env LD_LIBRARY_PATH="$tmp/$compiler" "$tmp/tables"
    diff "$tmp/tables.expected" "$tmp/out" || fail "$compiler: constants are others"
    # A block of relocations that ends behind them all.
    python3 - "$tmp/$compiler/tables.dll" "$tmp/cut.dll" <<'END'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
header = struct.unpack_from("<I", data, 0x3c)[0]
sections, optional = struct.unpack_from("<H", data, header + 6)[0], struct.unpack_from("<H", data, header + 20)[0]
directory = header + 24 + (96 if struct.unpack_from("<H", data, header + 24)[0] == 0x10b else 112) + 5 * 8
rva = struct.unpack_from("<I", data, directory)[0]
for section in range(header + 24 + optional, header + 24 + optional + sections * 40, 40):
    start, size, raw = struct.unpack_from("<III", data, section + 12)
    if start <= rva < start + size:
        struct.pack_into("<I", data, raw + rva - start + 4, 0x1000000)
open(sys.argv[2], "wb").write(data)
END
    run_or_say_nothing 1 "$farcall" proxy "$tmp/cut.dll" --header "$here/proxy/tables.h"
    err_has 'PE base relocations: a block of 16777216 bytes at offset 0x[0-9a-f]+, where [0-9]+ are left'
done

# zlib's streams, in CPython, over a DLL that others built.
zlib=/usr/i686-w64-mingw32/lib/zlib1.dll
if needs "$zlib" /usr/i686-w64-mingw32/include/zlib.h; then
    run_command 0 "$farcall" proxy --preset zlib "$zlib" -o "$tmp/proxies/libz.so.1"
    out_has '^bridged +deflateInit_$'
    if needs "$python" /usr/lib/python3.11/test/test_zlib.py; then
        LD_LIBRARY_PATH=$tmp/proxies timeout 600 "$python" -m test -v test_zlib >"$tmp/out" 2>"$tmp/err" ||
            fail "CPython's own test_zlib"
        out_has '^test_adler32start .*ok$'
    fi
fi
finish
