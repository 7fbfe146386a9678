#!/bin/bash
# Strings and paths of functions of Windows on the command line. $1 is the farcall program.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/wine.sh
. "$(dirname "$0")/shell/wine.sh"
why=$(wine_tools) || { echo "SKIPPED windows_texts: $why" && exit 77; }

# prints TARGET TEXT PROTOTYPE ARG...: what a call of kernel32.dll prints, line by line
prints() {
    target=$1 wanted=$2
    shift 2
    command="call -t $target $1"
    timeout 60 "$farcall" call -t "$target" kernel32.dll "$@" >"$tmp/out" 2>"$tmp/err" </dev/null ||
        fail "$command: exit status $?: $(cat "$tmp/err")"
    [ "$(cat "$tmp/out")" = "$wanted" ] || fail "$command: printed $(cat "$tmp/out") instead of $wanted"
}

file="$tmp/Größe 😀"
echo text >"$file"
for target in i386-windows x86_64-windows; do
    prints "$target" 4 'int __stdcall lstrlenW(LPCWSTR text)' 'aé😀'
    prints "$target" 5 'int __stdcall lstrlenW(_In_z_ LPCWSTR text)' 'Größe'
    prints "$target" $'5\nto = "aé😀"' \
        'DWORD __stdcall ExpandEnvironmentStringsW(_In_z_ LPCWSTR from, _Out_writes_z_(size) LPWSTR to, DWORD size)' \
        'aé😀' _ 20
    prints "$target" 32 'DWORD __stdcall GetFileAttributesW(_Fc_path_ LPCWSTR name)' "$file"
    cd "$tmp" || exit 1
    prints "$target" 32 'DWORD __stdcall GetFileAttributesW(_Fc_path_ LPCWSTR name)' 'Größe 😀'
    cd "$OLDPWD" || exit 1
    prints "$target" 16 'DWORD __stdcall GetFileAttributesA(_Fc_path_ LPCSTR name)' "$tmp/"
done

[ "$failed" -eq 0 ]
