# Sourced, behind command.sh, by tests that put proxies of 32-bit libraries under 64-bit programs that others wrote.
# shellcheck shell=bash disable=SC2034,SC2154
build=$(cd "$(dirname "$farcall")/.." && pwd)
farcall=$build/bin/farcall
libraries=/usr/lib/i386-linux-gnu
python=/usr/bin/python3.11
this=$(basename "$0" .sh)
lacking= runtime=

skip() {
    echo "SKIPPED $this: $*"
    exit 77
}

# needs PATH...: false if one of them is not there. What could not be tested for it makes the whole test a skipped one.
needs() {
    local path
    for path in "$@"; do
        [ -e "$path" ] || lacking="$lacking $path"
        [ -e "$path" ] || return 1
    done
}

# begin LIBRARY HEADER: skips where nothing can be tested.
begin() {
    local file
    for file in "$build/lib/x86_64-linux/libfarcall.so" "$build/lib/libfarcall.so"; do
        [ -e "$file" ] && "$farcall" inspect "$file" | grep x86_64-linux >/dev/null && runtime=$file && break
    done
    [ -n "$runtime" ] || skip "there is no libfarcall.so for x86_64-linux"
    nm -D "$runtime" | grep -E '__[at]san_init' >/dev/null && skip "foreign programs do not load a sanitizer's library"
    [ -e "$libraries/$1" ] || skip "there is no 32-bit $1; tools/setup.sh installs it"
    echo "#include <$2>" | cc -E -xc - >"$tmp/out" 2>"$tmp/err" || skip "there is no $2; tools/setup.sh installs it"
    mkdir "$tmp/expected" "$tmp/actual"
}

# begin_windows NAME: likewise; $dll is that library of ours for 32-bit Windows.
begin_windows() {
    local file
    begin libc.so.6 stdio.h
    dll=$build/testlibs/i386-windows/$1
    for file in "$build/libexec/farcall/i386-windows/farcall-host.exe" "$dll"; do
        [ -e "$file" ] || skip "there is no $file: the build found no mingw-w64; tools/setup.sh installs it"
    done
    command -v wine >/dev/null || skip "there is no Wine; tools/setup.sh installs it"
}

# compare NAME COMMAND...: prints, writes and returns the same with the proxies as without. Each is run in an empty folder.
compare() {
    local name=$1 wanted status
    shift
    rm -rf "$tmp/work"
    mkdir "$tmp/work"
    (cd "$tmp/work" && timeout 600 "$@") >"$tmp/expected/out" 2>&1 </dev/null
    wanted=$?
    rm -rf "$tmp/work"
    mkdir "$tmp/work"
    (cd "$tmp/work" && LD_LIBRARY_PATH=$tmp/proxies timeout 600 "$@") >"$tmp/out" 2>"$tmp/err" </dev/null
    status=$?
    cat "$tmp/out" "$tmp/err" >"$tmp/actual/out"
    [ $status -eq $wanted ] || fail "$name: exit status $status, expected $wanted"
    cmp -s "$tmp/expected/out" "$tmp/actual/out" || fail "$name: prints something else than $(cat "$tmp/expected/out")"
}

# cpython SUITE...: passes CPython's own tests, and skips no more of them than without the proxies.
cpython() {
    needs "$python" "/usr/lib/python3.11/test/$1.py" || return
    timeout 600 "$python" -m test -v "$@" 2>&1 | grep -c '\.\.\. skipped' >"$tmp/expected/skipped"
    LD_LIBRARY_PATH=$tmp/proxies timeout 600 "$python" -m test -v "$@" >"$tmp/out" 2>"$tmp/err" ||
        fail "CPython's own $*"
    cat "$tmp/out" "$tmp/err" | grep -c '\.\.\. skipped' >"$tmp/actual/skipped"
    cmp -s "$tmp/expected/skipped" "$tmp/actual/skipped" || fail "CPython's own $*: skips other tests"
}

# csharp LIBRARY: makes program.exe, which prints what the library's Add makes of its two arguments. False without Mono.
csharp() {
    needs /usr/bin/mono /usr/bin/mcs || return
    cat >"$tmp/program.cs" <<END
using System;
using System.Runtime.InteropServices;
static class Program {
    [DllImport("$1")] static extern int Add(int left, int right);
    static void Main(string[] arguments) {
        Console.WriteLine(Add(int.Parse(arguments[0]), int.Parse(arguments[1])));
    }
}
END
    timeout 300 mcs "$tmp/program.cs" -out:"$tmp/program.exe" >"$tmp/out" 2>"$tmp/err" || fail "mcs"
}

finish() {
    [ "$failed" -eq 0 ] || echo "$failed failed"
    [ "$failed" -eq 0 ] || exit 1
    [ -z "$lacking" ] || skip "these are not there, and what needs them was not tested; tools/setup.sh installs them:$lacking"
    exit 0
}
