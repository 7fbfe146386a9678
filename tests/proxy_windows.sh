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
