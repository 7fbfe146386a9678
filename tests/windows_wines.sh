#!/bin/bash
# Windows libraries under the kinds of Wine that there are: made of the one that is here, by hiding parts of it in a mount
# namespace. New WoW64, whose one 64-bit program runs both bitnesses, runs all of test_windows; a Wine of one bitness
# calls that, and says what is missing for the other. $1 is the farcall program.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/wine.sh
. "$(dirname "$0")/shell/wine.sh"
build=${FARCALL_TEST_BUILD:-$(dirname "$farcall")/..}
programs=/usr/lib/wine
wide=${wine_wide%/*}
narrow=${wine_narrow%/*}

skip() {
    echo "SKIPPED windows_wines: $*"
    exit 77
}

# -- Inside: $2 is which Wine it is to be ------------------------------------------------------------------------------
hide() {
    if [ -d "$1" ]; then
        mount -t tmpfs none "$1"
    else
        mount --bind /dev/null "$1"
    fi
}
# doctor STATUS TARGET
doctor() {
    run_command "$1" "$farcall" doctor "$2"
}

wow64() {
    hide "$programs/wine" && hide "$narrow/i386-unix" && mount --bind "$narrow/i386-windows" "$wide/i386-windows" || exit 1
    doctor 0 i386-windows
    out_has "^i386-windows +works: .*; Wine [^ ]* \\($programs/wine64\\), thin prefix"
    doctor 0 x86_64-windows
    out_has "^x86_64-windows +works: .*; Wine [^ ]* \\($programs/wine64\\), thin prefix"
    "$build/tests/test_windows" >"$tmp/all" 2>&1
    status=$?
    grep -v '^\[' "$tmp/all" >"$tmp/out"
    tail -n 1 "$tmp/out"
    [ "$status" -eq 0 ] || fail "test_windows under new WoW64: exit status $status"
}
narrow_only() {
    hide "$programs/wine64" && hide "$programs/wineserver64" && hide "$wide" || exit 1
    doctor 0 i386-windows
    out_has "^i386-windows +works: .*; Wine [^ ]* \\($programs/wine\\), thin prefix"
    doctor 1 x86_64-windows
    err_has 'runs 32-bit Windows programs only.* apt-get install wine64'
}
wide_only() {
    hide "$programs/wine" && hide "$narrow" || exit 1
    doctor 0 x86_64-windows
    out_has "^x86_64-windows +works: .*; Wine [^ ]* \\($programs/wine64\\), thin prefix"
    doctor 1 i386-windows
    err_has 'runs 64-bit Windows programs only.* apt-get install wine32:i386'
}

if [ $# -gt 1 ]; then
    export XDG_CACHE_HOME="$tmp/cache"
    unset WINEPREFIX WINELOADER
    "$2"
    for WINEPREFIX in "$tmp"/cache/farcall/wine-*; do
        export WINEPREFIX
        wine_end
    done
    [ "$failed" -eq 0 ]
    exit
fi

# -- Outside -----------------------------------------------------------------------------------------------------------
why=$(wine_tools) || skip "$why"
for part in "$programs/wine" "$programs/wine64" "$wide/i386-windows"; do
    [ -e "$part" ] || skip "this Wine is not laid out as Debian's: there is no $part"
done
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(--map-root-user)
unshare "${as_root[@]}" --mount true 2>/dev/null || skip "this system does not let us have mounts of our own"
for kind in wow64 narrow_only wide_only; do
    unshare "${as_root[@]}" --mount --propagation private bash "$0" "$farcall" "$kind" || { echo "FAILED: $kind" && failed=1; }
done
[ "$failed" -eq 0 ]
