#!/bin/bash
# A 32-bit library with one function, Add, called by 64-bit programs that are what they were: one in C that was linked with
# it, Python's ctypes, and C# by DllImport. $1 is the farcall program. Prints what failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$here/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/real.sh
. "$here/shell/real.sh"

begin libc.so.6 stdio.h
cat >"$tmp/add.h" <<'END'
#ifdef __cplusplus
extern "C"
#endif
int Add(int left, int right);
END
cat >"$tmp/add.c" <<'END'
#include "add.h"
int Add(int left, int right) { return left + right + (sizeof(void *) == 4 ? 1000 : 0); }
END
for flag in -m32 -m64; do
    mkdir "$tmp/lib$flag"
    cc $flag -shared -fPIC -Wl,-soname,libadd.so "$tmp/add.c" -o "$tmp/lib$flag/libadd.so" ||
        skip "cc $flag does not work here"
done
run_command 0 "$farcall" proxy "$tmp/lib-m32/libadd.so" --header "$tmp/add.h" --strict -o "$tmp/proxies"
out_has '^bridged +Add$'

# calls NAME COMMAND...: prints 5 with the 64-bit library, and 1005 with the proxy of the 32-bit one.
calls() {
    local name=$1
    shift
    LD_LIBRARY_PATH=$tmp/lib-m64 timeout 300 "$@" >"$tmp/out" 2>"$tmp/err"
    grep -qx 5 "$tmp/out" || fail "$name, with the 64-bit library"
    LD_LIBRARY_PATH=$tmp/proxies timeout 300 "$@" >"$tmp/out" 2>"$tmp/err"
    grep -qx 1005 "$tmp/out" || fail "$name, with the proxy"
}

cat >"$tmp/program.c" <<'END'
#include "add.h"
#include <stdio.h>
int main(void) { return printf("%d\n", Add(2, 3)) < 0; }
END
cc "$tmp/program.c" -L"$tmp/lib-m64" -ladd -o "$tmp/program64" && calls "C" "$tmp/program64"
cc "$tmp/program.c" -L"$tmp/proxies" -ladd -Wl,-rpath-link,"$(dirname "$runtime")" -o "$tmp/program" ||
    fail "C does not link with the proxy"
calls "C, linked with the proxy" "$tmp/program"
if needs "$python"; then
    calls "Python" "$python" -c 'import ctypes; print(ctypes.CDLL("libadd.so").Add(2, 3))'
fi
if csharp libadd.so; then
    calls "C#" mono "$tmp/program.exe" 2 3
fi
finish
