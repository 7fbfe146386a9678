#!/bin/bash
# What Windows libraries print arrives where the caller prints, and what Wine says when a host does not start is in the
# error. $1 is the farcall program.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/wine.sh
. "$(dirname "$0")/shell/wine.sh"
why=$(wine_tools) || { echo "SKIPPED windows_output: $why" && exit 77; }
unset WINEPREFIX WINELOADER WINEDEBUG
export XDG_CACHE_HOME="$tmp/cache"
end() {
    for WINEPREFIX in "$tmp"/cache/farcall/wine-*; do
        export WINEPREFIX
        wine_end
    done
    rm -rf "$tmp"
}
trap end EXIT

# prints TARGET DESCRIPTOR: into $tmp/out and $tmp/err
prints() {
    command="write to $2 by $1"
    timeout 60 "$farcall" call -t "$1" msvcrt.dll 'int _write(int fd, _In_z_ const char *text, unsigned count)' \
        "$2" 'printed here' 12 >"$tmp/out" 2>"$tmp/err" </dev/null || fail "$command: exit status $?"
}
for target in i386-windows x86_64-windows; do
    prints "$target" 1
    out_has '^printed here12$'
    [ ! -s "$tmp/err" ] || fail "$command: something on stderr"
    prints "$target" 2
    out_has '^12$'
    [ "$(cat "$tmp/err")" = "printed here" ] || fail "$command: not that on stderr, but: $(cat "$tmp/err")"
done

# A prefix of a kind that Wine refuses: of a file in the place of a drive's folder it makes nothing.
prefix=$(echo "$tmp"/cache/farcall/wine-*)
WINEPREFIX=$prefix
export WINEPREFIX
wine_end
mkdir -p "$tmp/bad/dosdevices"
echo '#arch=win32' >"$tmp/bad/system.reg"
WINEPREFIX=$tmp/bad
run_command 3 "$farcall" call -t x86_64-windows msvcrt.dll 'int abs(int number)' 1
err_has '^farcall: call: the host .*farcall-host.exe did not start: .* It printed:'
err_has '^farcall: wine: '
unset WINEPREFIX

# A start that fails without a word, as when the wineserver that Wine starts ends at once, is tried again.
real=/usr/lib/wine/wine64
mkdir "$tmp/wine"
cat >"$tmp/wine.c" <<'END'
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int argc, char **argv) {
    if (argc > 1 && mkdir(getenv("FIRST_START"), 0700) == 0) {
        return 1;
    }
    return execv(getenv("REAL_WINE"), argv);
}
END
cc -o "$tmp/wine/wine64" "$tmp/wine.c" || fail "no loader could be compiled"
ln -s "${wine_wide%-windows}-unix" "$tmp/wine/x86_64-unix"
run_command 0 env WINELOADER="$tmp/wine/wine64" FIRST_START="$tmp/first" REAL_WINE="$real" \
    "$farcall" call -t x86_64-windows msvcrt.dll 'int abs(int number)' 5
out_has '^5$'
[ -d "$tmp/first" ] || fail "no start failed"

[ "$failed" -eq 0 ]
