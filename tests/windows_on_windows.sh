#!/bin/bash
# The folder that is copied to a Windows, and what is run there: here under Wine, which shows that both work. $1 is the
# farcall program.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/wine.sh
. "$(dirname "$0")/shell/wine.sh"
why=$(wine_tools) || { echo "SKIPPED windows_on_windows: $why" && exit 77; }
folder=$(cd "$(dirname "$farcall")/../on-windows" && pwd) ||
    { echo "SKIPPED windows_on_windows: not built" && exit 77; }
wine_begin "$tmp/prefix"
trap 'wine_end; rm -rf "$tmp"' EXIT

# runs STATUS FOLDER: what is run there
runs() {
    command="on-windows.cmd in $2"
    timeout 300 wine cmd /c "$(echo "z:$2/on-windows.cmd" | sed 's:/:\\:g')" >"$tmp/out" 2>"$tmp/err"
    status=$?
    [ $status -eq "$1" ] || fail "$command: exit status $status, expected $1"
}
runs 0 "$folder"
out_has '^all is well'
[ "$(grep -c '^ok  ' "$tmp/out")" -eq 20 ] || fail "$command: not 10 lines for each bitness"

# What fails is told: here, of a library that the one program cannot load.
cp -r "$folder" "$tmp/copy"
cp "$folder/i386-windows/checked.dll" "$tmp/copy/x86_64-windows/checked.dll"
runs 1 "$tmp/copy"
out_has '^FAILED  a library is loaded'
out_has '^something failed'

[ "$failed" -eq 0 ]
