#!/bin/sh
# `farcall doctor`, in the build and in copies of the installation that lack something: $1 is the farcall program.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/wine.sh
. "$(dirname "$0")/shell/wine.sh"
build=${FARCALL_TEST_BUILD:-$(dirname "$farcall")/..}
unset FARCALL_LIBEXEC WINEPREFIX WINELOADER
XDG_CACHE_HOME=$tmp/cache
export XDG_CACHE_HOME

# doctor PROGRAM STATUS ARGUMENT...
doctor() {
    program=$1 expected=$2
    shift 2
    run_command "$expected" "$program" doctor "$@"
}
works() {
    out_has "^$1 +works: started in [0-9]+\\.[0-9] ms, [0-9]+\\.[0-9]+ us a call\$"
}
fails() {
    out_has "^$1 +does not work\$"
    err_has "^farcall: doctor: $1: $2"
}

works_under_wine() {
    out_has "^$1 +works: started in [0-9]+\\.[0-9] ms, [0-9]+\\.[0-9]+ us a call; Wine [0-9][^ ]* \\(/.*\\), $2 prefix $3"
}

# -- Here ----------------------------------------------------------------------------------------------------------------
doctor "$farcall" 0 i386-linux x86_64-linux
works i386-linux
works x86_64-linux
[ "$(wc -l <"$tmp/out")" -eq 2 ] || fail "$command: not two lines"
doctor "$farcall" 0 --help
out_has '^Usage: farcall doctor'
doctor "$farcall" 0 -h
doctor "$farcall" 2 now
err_has 'doctor: there is no target `now`; the targets are i386-linux, x86_64-linux'
err_has "try 'farcall doctor --help'"
doctor "$farcall" 0 x86_64-linux
works x86_64-linux
[ "$(wc -l <"$tmp/out")" -eq 1 ] || fail "$command: not one line"
doctor "$farcall" 2 --make-prefix=thin
err_has "doctor: a prefix can be made 'full', not 'thin'"
doctor "$farcall" 2 --make-prefix=full now
err_has "doctor: 'now' is one argument too many beside --make-prefix"
doctor "$farcall" 2 --verbose
err_has "unknown or ambiguous option '--verbose'"
doctor "$farcall" 2 -q
err_has "unknown option '-q'"

# -- Wine ------------------------------------------------------------------------------------------------------------------
if why=$(wine_tools); then
    doctor "$farcall" 0
    works i386-linux
    works x86_64-linux
    works_under_wine i386-windows thin "$tmp/cache/farcall/wine-"
    works_under_wine x86_64-windows thin "$tmp/cache/farcall/wine-"
    works_under_wine i386-windows-gnu thin "$tmp/cache/farcall/wine-"
    works_under_wine x86_64-windows-gnu thin "$tmp/cache/farcall/wine-"
    [ "$(wc -l <"$tmp/out")" -eq 6 ] || fail "$command: not six lines"
    prefix=$(echo "$tmp"/cache/farcall/wine-*)
    [ -d "$prefix" ] || fail "$command: there is not one prefix in $prefix"
    WINEPREFIX=$prefix
    export WINEPREFIX
    doctor "$farcall" 0 i386-windows
    works_under_wine i386-windows "the caller's" "$prefix"
    wine_end
    WINEPREFIX=$tmp/none
    doctor "$farcall" 1 i386-windows
    fails i386-windows 'WINEPREFIX is .*/none, which is no prefix'
    unset WINEPREFIX
else
    echo "the part with Wine is not run: $why"
fi
WINELOADER=$tmp/none/wine
export WINELOADER
doctor "$farcall" 1 i386-windows
fails i386-windows 'hosts for i386-windows run under Wine, and WINELOADER names none: .* apt-get install wine32:i386'
doctor "$farcall" 1 x86_64-windows
fails x86_64-windows '.* apt-get install wine64'
doctor "$farcall" 1 --make-prefix=full
err_has '^farcall: doctor: hosts for i386-windows run under Wine, and WINELOADER names none'
unset WINELOADER

# -- An installation with something missing ----------------------------------------------------------------------------
dist="$tmp/a dist"
if ! flock "$build/install.lock" cmake --install "$build" --prefix "$dist" >"$tmp/log" 2>&1; then
    cat "$tmp/log"
    exit 1
fi
installed=$dist/bin/farcall
hosts=$dist/libexec/farcall
doctor "$installed" 0 i386-linux x86_64-linux
works i386-linux
works x86_64-linux

mv "$hosts/i386-linux/farcall-host" "$tmp/host"
doctor "$installed" 1 i386-linux x86_64-linux
works x86_64-linux
fails i386-linux 'there is no host program for i386-linux: no libexec/farcall/i386-linux/farcall-host in any folder above .*/bin/farcall\. Install the hosts beside the library, set FARCALL_LIBEXEC'

# Mended as it says.
mkdir -p "$tmp/hosts/i386-linux"
cp "$tmp/host" "$tmp/hosts/i386-linux/farcall-host"
FARCALL_LIBEXEC=$tmp/hosts
export FARCALL_LIBEXEC
doctor "$installed" 0 i386-linux x86_64-linux
works i386-linux
works x86_64-linux
unset FARCALL_LIBEXEC

# A host that may not be executed is none.
if [ "$(id -u)" -ne 0 ]; then
    cp "$tmp/host" "$hosts/i386-linux/farcall-host"
    chmod a-x "$hosts/i386-linux/farcall-host"
    doctor "$installed" 1 i386-linux x86_64-linux
    fails i386-linux 'there is no host program for i386-linux'
fi

# The system has no loader for it; here, no interpreter.
printf '#!/nowhere/ld-linux.so.2\n' >"$hosts/i386-linux/farcall-host"
chmod +x "$hosts/i386-linux/farcall-host"
doctor "$installed" 1 i386-linux x86_64-linux
works x86_64-linux
fails i386-linux 'cannot start the host .*: No such file or directory\. The program is there, so what is missing is the loader of its bitness; on Debian: dpkg --add-architecture i386 && apt-get update && apt-get install libc6:i386'

# The kernel does not run such programs; here, since it is none.
printf '\1\2\3\4 no program' >"$hosts/i386-linux/farcall-host"
doctor "$installed" 1 i386-linux x86_64-linux
fails i386-linux 'cannot start the host .*: Exec format error\. This system does not run i386-linux programs'

# It starts and says why it cannot go on.
printf '#!/bin/sh\necho cannot load shared libraries: libc.so.6 >&2\nexit 127\n' >"$hosts/i386-linux/farcall-host"
doctor "$installed" 1 i386-linux x86_64-linux
works x86_64-linux
fails i386-linux 'the host .*/farcall-host did not start: it ended with exit status 127\. It printed:'
err_has '^farcall: cannot load shared libraries: libc\.so\.6$'

# Nothing at all.
rm -rf "$hosts"
doctor "$installed" 1 i386-linux x86_64-linux
fails i386-linux 'there is no host program for i386-linux'
fails x86_64-linux 'there is no host program for x86_64-linux'

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
