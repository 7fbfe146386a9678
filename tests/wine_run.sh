#!/bin/bash
# `farcall run` of real Windows programs of both widths, through Wine. $1 is the farcall program. Prints what failed.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/wine.sh
. "$(dirname "$0")/shell/wine.sh"

if ! why=$(wine_tools); then
    echo "SKIPPED wine_run: $why"
    exit 77
fi
wine_begin "$tmp/prefix" || exit 1
trap 'wine_end; rm -rf "$tmp"' EXIT

# run STATUS ARGUMENT...: the status and the output may be the program's.
run() {
    expected=$1
    shift
    run_program "$expected" "$farcall" run "$@"
    tr -d '\r' <"$tmp/out" >"$tmp/plain" && mv "$tmp/plain" "$tmp/out"
}

cat >"$tmp/app.c" <<'SOURCE'
#include <stdio.h>
int main(int argc, char **argv) {
    printf("%d bits", (int)sizeof(void *) * 8);
    for (int i = 1; i < argc; i++) {
        printf("|%s", argv[i]);
    }
    printf("\n");
    return 40 + argc;
}
SOURCE
for width in 32:i686 64:x86_64; do
    bits=${width%:*}
    "${width#*:}-w64-mingw32-gcc" -o "$tmp/app$bits.exe" "$tmp/app.c" || exit 1
    run 43 "$tmp/app$bits.exe" 'one two' --explain
    out_has "^$bits bits\|one two\|--explain\$"
    [ ! -s "$tmp/err" ] || fail "$command: said something"
    run 41 --explain "$tmp/app$bits.exe"
    out_has "^$bits bits\$"
done
err_has '^farcall: run: by /.*/wine(64)?, in a 64-bit process$'
err_has '^farcall: run: Wine on 64-bit Linux: It is for x86_64, so Wine on 64-bit Linux runs it in a 64-bit process\.$'
run 41 --explain "$tmp/app32.exe"
err_has '^farcall: run: by /.*/wine, in a 32-bit process \(WOW64\)$'
program=$(realpath "$farcall")
(cd "$tmp" && "$program" run app32.exe >"$tmp/out" 2>"$tmp/err")
status=$?
[ "$status" -eq 41 ] || fail "run app32.exe: a name without a slash: exit status $status"

# What Wine would refuse is refused before, with the same code.
i686-w64-mingw32-gcc -shared -o "$tmp/library.dll" "$tmp/app.c" || exit 1
run 1 "$tmp/library.dll"
err_has 'run: .*/library\.dll: It is a library, which no system starts'
cp "$tmp/app64.exe" "$tmp/arm.exe"
at=$(($(od -An -tu4 -j60 -N4 "$tmp/arm.exe") + 4))
printf '\x64\xaa' | dd of="$tmp/arm.exe" bs=1 seek="$at" conv=notrunc status=none
run 1 "$tmp/arm.exe"
err_has 'run: .*/arm\.exe: It is for ARM64, which Wine on 64-bit Linux does not start'

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
