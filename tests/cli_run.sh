#!/bin/bash
# `farcall run`: $1 is the farcall program. Prints what failed.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"

# run STATUS ARGUMENT...: the status and the output may be the program's.
run() {
    expected=$1
    shift
    run_program "$expected" "$farcall" run "$@"
}

run 2
err_has 'run: no program given'
run 2 --with magic /bin/true
err_has "run: unknown way 'magic'; there are direct, wine, mono and dotnet"
run 0 --help
out_has '^Usage: farcall run'
run 1 "$tmp/missing"
err_has 'missing: No such file'
echo text >"$tmp/text"
run 1 "$tmp/text"
err_has 'run: .*/text: It is no binary of this system'

# ELF, with its arguments and its exit status, also one that begins like an option of ours.
run 0 /bin/echo --explain 'a b' ''
[ "$(cat "$tmp/out")" = "--explain a b " ] || fail "$command: the arguments did not arrive"
[ ! -s "$tmp/err" ] || fail "$command: said something"
run 1 /bin/false
run 7 --explain /bin/sh -c 'exit 7'
err_has '^farcall: run: directly, in a 64-bit process$'
program=$(realpath "$farcall")
cp /bin/true "$tmp/program"
(cd "$tmp" && "$program" run program) || fail "run program: a name without a slash is looked for elsewhere"

# A Windows program where there is no Wine, and a managed one where there is no Mono either.
if [ -e /usr/i686-w64-mingw32/lib/zlib1.dll ]; then
    run 1 /usr/i686-w64-mingw32/lib/zlib1.dll
    err_has 'It is a library, which no system starts'
fi
if command -v mcs >/dev/null && command -v mono >/dev/null; then
    cat >"$tmp/app.cs" <<'SOURCE'
class App { static int Main(string[] a) { System.Console.WriteLine(string.Join("|", a)); return 42; } }
SOURCE
    mcs -platform:x86 -out:"$tmp/app.exe" "$tmp/app.cs" || exit 1
    run 42 --explain "$tmp/app.exe" one 'two three'
    out_has '^one\|two three$'
    err_has '^farcall: run: by .*/mono, in a 64-bit process$'
    echo '{"runtimeOptions": {"framework": {"version": "6.0.0"}}}' >"$tmp/app.runtimeconfig.json"
    run 1 "$tmp/app.exe"
    err_has 'run: .*: The runtime refuses it: it requires 32 bits, and this process has 64'
    run 1 --with direct "$tmp/app.exe"
    err_has 'It is a PE image, which Linux starts only through Wine or Mono'
    mcs -out:"$tmp/app.exe" "$tmp/app.cs" || exit 1
    command="run without dotnet"
    PATH=/nowhere "$farcall" run "$tmp/app.exe" >"$tmp/out" 2>"$tmp/err" && fail "$command: succeeded"
    err_has 'run: .*: dotnet is needed, and not installed'
fi

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
