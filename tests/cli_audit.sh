#!/bin/bash
# `farcall audit` end to end: applications with conflicts, which its own commands then mend. $1 is the farcall program.
# Prints what failed.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"

# audit STATUS ARGUMENT...
audit() {
    expected=$1
    shift
    run_command "$expected" "$farcall" audit "$@"
}

audit 0 --help
out_has '^Usage: farcall audit'
audit 2
err_has 'audit: no folder given'
audit 2 "$tmp" "$tmp"
err_has 'more than one folder given'
audit 2 --for dos "$tmp"
err_has "audit: unknown system 'dos'; the systems are windows-x86, "
audit 2 --runtime newest "$tmp"
err_has "audit: --runtime is a version such as .*, not 'newest'"
audit 2 --enable64bit yes "$tmp"
err_has "audit: --enable64bit is 0 or 1, not 'yes'"
audit 2 --host 16 "$tmp"
err_has "host is 32, 64 or iis, not '16'"
audit 2 --windows vista "$tmp"
err_has "windows is a version such as 6.1, not 'vista'"
audit 2 --json --dot "$tmp"
audit 2 --jason "$tmp"
err_has "unknown or ambiguous option '--jason'"
audit 1 "$tmp/missing"
err_has 'missing: No such file'
audit 2 "$farcall"
err_has 'is no folder'
mkdir "$tmp/empty"
audit 0 "$tmp/empty"
out_has '^0 programs, 0 binaries: 0 conflicts, 0 doubts, 0 missing or unreadable$'

# -- Linux: a program that uses a library of the other bitness, and the proxy that audit says to make -----------------
mkdir -p "$tmp/elf/lib"
echo 'int vendor_add(int a, int b);' >"$tmp/elf/lib/vendor.h"
cat >"$tmp/vendor.c" <<'SOURCE'
#include "elf/lib/vendor.h"
int vendor_add(int a, int b) { return a + b; }
SOURCE
cat >"$tmp/app.c" <<'SOURCE'
#include "elf/lib/vendor.h"
int main(void) { return vendor_add(20, 22) == 42 ? 0 : 1; }
SOURCE
case $(file -Lb "$farcall" 2>/dev/null || "$farcall" inspect "$farcall") in
*32-bit* | *i386*) own=-m32 other=-m64 target=i386-linux ;;
*) own=-m64 other=-m32 target=x86_64-linux ;;
esac
gcc $own -shared -fPIC -o "$tmp/elf/lib/libvendor.so" "$tmp/vendor.c" || exit 1
# shellcheck disable=SC2016
gcc $own -o "$tmp/elf/app" "$tmp/app.c" -L "$tmp/elf/lib" -lvendor '-Wl,-rpath,$ORIGIN/lib/proxies:$ORIGIN/lib' || exit 1
audit 0 "$tmp/elf"
"$tmp/elf/app" || fail "the program as it was made"
gcc $other -shared -fPIC -o "$tmp/elf/lib/libvendor.so" "$tmp/vendor.c" || exit 1
audit 4 "$tmp/elf"
out_has "^conflict: .*/elf/app needs .*/elf/lib/libvendor.so, which is .* and cannot be loaded into a .*-bit process"
out_has "^  or: +Rebuild|^  mend: Put a proxy"
command=$(grep -o 'farcall proxy .*' "$tmp/out")
[ "$command" = "farcall proxy $tmp/elf/lib/libvendor.so --header $tmp/elf/lib/vendor.h --caller $target --used-by \
$tmp/elf/app -o $tmp/elf/lib/proxies" ] || fail "the command is: $command"
"$tmp/elf/app" 2>/dev/null && fail "the program runs with a library of the other bitness"
runtime=$(dirname "$farcall")/../lib/libfarcall.so
if nm -D "$runtime" 2>/dev/null | grep -E '__[at]san_init' >/dev/null; then
    : # a sanitizer's library wants a program that was built with it: tests/proxy.sh makes such
elif (PATH=$(dirname "$farcall"):$PATH && eval "$command") >"$tmp/out" 2>"$tmp/err"; then
    "$tmp/elf/app" || fail "the program through the proxy"
    audit 0 "$tmp/elf"
else
    fail "$command"
fi

# -- Managed programs, and native libraries of both bitnesses ----------------------------------------------------------
zlib32=/usr/i686-w64-mingw32/lib/zlib1.dll zlib64=/usr/x86_64-w64-mingw32/lib/zlib1.dll
if ! command -v mcs >/dev/null || [ ! -e "$zlib32" ] || [ ! -e "$zlib64" ]; then
    echo "SKIPPED cli_audit: mcs or libz-mingw-w64 is not installed: managed programs are left out"
    [ "$failed" -eq 0 ] && exit 77
    exit 1
fi
cat >"$tmp/app.cs" <<'SOURCE'
using System.Runtime.InteropServices;
class App {
    [DllImport("zlib1")] static extern uint zlibCompileFlags();
    static int Main() { return zlibCompileFlags() == 0 ? 1 : 0; }
}
SOURCE
echo 'class App { static int Main() { return Part.Value; } }' >"$tmp/user.cs"
echo 'public class Part { public static int Value = 0; }' >"$tmp/part.cs"

# mends REMEDY FOLDER: the folder has conflicts; after the command of that remedy it has none.
mends() {
    "$farcall" audit --strict --json "$2" >"$tmp/json" 2>"$tmp/err"
    [ $? -eq 4 ] || fail "audit $2: no conflict to be mended by $1"
    command=$(python3 - "$1" "$tmp/json" <<'SCRIPT'
import json, sys
for finding in json.load(open(sys.argv[2]))["findings"]:
    for remedy in finding["remedies"]:
        if remedy["remedy"] == sys.argv[1] and "command" in remedy:
            print(remedy["command"])
            sys.exit()
SCRIPT
    )
    [ -n "$command" ] || fail "audit $2: does not say that $1 mends it"
    (PATH=$(dirname "$farcall"):$PATH && eval "$command") >"$tmp/out" 2>"$tmp/err" || fail "$command"
    audit 0 --strict "$2"
}

mkdir "$tmp/require" "$tmp/old" "$tmp/upgrade" "$tmp/free" "$tmp/release" "$tmp/web"
mcs -out:"$tmp/require/app.exe" "$tmp/app.cs" && cp "$zlib32" "$tmp/require" || exit 1
mends require-32 "$tmp/require"
mcs -target:library -out:"$tmp/old/part.dll" "$tmp/part.cs" &&
    mcs -out:"$tmp/old/user.exe" -r:"$tmp/old/part.dll" "$tmp/user.cs" || exit 1
"$farcall" corflags "$tmp/old/part.dll" /RevertCLRHeader --force >"$tmp/out" ||
    sed 's/v4\.0\.30319/v2.0.50727/' -i "$tmp/old/part.dll"
"$farcall" corflags "$tmp/old/part.dll" /RevertCLRHeader >"$tmp/out" || fail "part.dll of .NET 1.1"
mends prefer-32 "$tmp/old"
mcs -out:"$tmp/upgrade/app.exe" "$tmp/app.cs" && cp "$zlib64" "$tmp/upgrade" || exit 1
sed 's/v4\.0\.30319/v2.0.50727/' -i "$tmp/upgrade/app.exe"
"$farcall" corflags "$tmp/upgrade/app.exe" /RevertCLRHeader >"$tmp/out" || fail "app.exe of .NET 1.1"
echo '<configuration><startup><supportedRuntime version="v4.0"/></startup></configuration>' \
    >"$tmp/upgrade/app.exe.config"
mends upgrade-header "$tmp/upgrade"
mcs -target:library -platform:x86 -out:"$tmp/free/part.dll" "$tmp/part.cs" &&
    mcs -out:"$tmp/free/user.exe" -r:"$tmp/free/part.dll" "$tmp/user.cs" || exit 1
mends release "$tmp/free"
mcs -platform:x86 -out:"$tmp/release/app.exe" "$tmp/app.cs" && cp "$zlib64" "$tmp/release" || exit 1
mends release "$tmp/release"

# A web role: no program, a host that is stated.
mcs -target:library -out:"$tmp/web/web.dll" "$tmp/app.cs" && cp "$zlib32" "$tmp/web" || exit 1
audit 4 --host iis "$tmp/web"
out_has '^\(host\) +a 64-bit process'
out_has 'appcmd set apppool'
audit 4 --host 64 "$tmp/web"
audit 0 --host 32 "$tmp/web"

# .NET: an apphost's program is the assembly beside it, and .deps.json says where its libraries are.
mkdir -p "$tmp/core/runtimes/win-x64/native" "$tmp/core/runtimes/win-x86/native"
cp "$zlib64" "$tmp/core/runtimes/win-x64/native/"
cp "$zlib32" "$tmp/core/runtimes/win-x86/native/"
mcs -out:"$tmp/core/app.exe" "$tmp/app.cs" && mv "$tmp/core/app.exe" "$tmp/core/app.dll" || exit 1
echo '{"targets": {".NETCoreApp,Version=v8.0": {"zlib/1.0": {"runtimeTargets": {
    "runtimes/win-x64/native/zlib1.dll": {"rid": "win-x64", "assetType": "native"},
    "runtimes/win-x86/native/zlib1.dll": {"rid": "win-x86", "assetType": "native"}}}}}}' >"$tmp/core/app.deps.json"
audit 0 --strict -v "$tmp/core"
out_has 'runtimes/win-x64/native/zlib1.dll  64-bit \(x86_64\)  \(P/Invoke of app.dll\)'

# -- The forms of the result ----------------------------------------------------------------------------------------
page=$tmp/page.html
mkdir "$tmp/<odd> & \"name\""
cp "$tmp/web"/* "$tmp/<odd> & \"name\""
audit 4 --host 64 --html "$page" "$tmp/<odd> & \"name\""
grep -q 'src=\|href=\|@import\|url(' "$page" && fail "the page needs something else"
python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$page" 2>"$tmp/err" ||
    fail "the page is not well-formed"
audit 4 --host 64 --dot "$tmp/<odd> & \"name\""
grep -vqE '^(digraph audit \{|  (rankdir|node|edge).*;|  "[^"]+"( -> "[^"]+")? \[.*\];|\})$' "$tmp/out" && fail "odd lines in the graph"
out_has '-> .*\[label="P/Invoke", color='
if command -v dot >/dev/null; then
    dot -Tsvg "$tmp/out" -o "$tmp/graph.svg" || fail "dot takes no such graph"
fi

# In a real browser: every box is to be seen, none lies on another, and conflicts have their colour.
if ! command -v chromium >/dev/null; then
    echo "SKIPPED cli_audit: chromium is not installed: the page was not looked at"
    [ "$failed" -eq 0 ] && exit 77
    exit 1
fi
cat >"$tmp/look.js" <<'SCRIPT'
const boxes = [...document.querySelectorAll("svg .node rect")].map(r => r.getBoundingClientRect());
const hit = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const overlaps = boxes.filter((a, i) => boxes.some((b, k) => i < k && hit(a, b))).length;
const unseen = boxes.filter(b => b.width < 50 || b.height < 20).length;
const bad = document.querySelector("svg .conflict rect"), good = document.querySelector("svg .works rect");
const lines = [...document.querySelectorAll("svg path")].filter(p => p.getTotalLength() > 20).length;
const right = e => e.getBoundingClientRect().right;
const wide = [...document.querySelectorAll("svg .node")].filter(
    g => [...g.querySelectorAll("text")].some(t => right(t) > right(g.querySelector("rect")))).length;
document.title = `boxes ${boxes.length} lines ${lines} overlaps ${overlaps} unseen ${unseen} wide ${wide} red ` +
    `${getComputedStyle(bad).stroke != getComputedStyle(good).stroke}`;
SCRIPT
{ sed 's,</body>,<script>,' "$page" | sed '/<script>/q' && cat "$tmp/look.js" && echo '</script></body></html>'; } \
    >"$tmp/looked.html"
timeout 300 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$tmp/browser" --dump-dom \
    "file://$tmp/looked.html" >"$tmp/dom" 2>/dev/null
grep -q '<title>boxes 3 lines 2 overlaps 0 unseen 0 wide 0 red true</title>' "$tmp/dom" ||
    fail "the browser sees: $(grep -o '<title>boxes[^<]*' "$tmp/dom")"

[ "$failed" -eq 0 ]
