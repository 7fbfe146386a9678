#!/bin/sh
# From a vendor's library and header to a proxy, as docs/guide/proxy.md has it: a driver with kept pointers, memory that it
# allocates, callbacks from its threads, jobs that callers allocate, a macro that looks into a handle, and variables, in
# both directions. $1 is the farcall program. Prints what failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$here/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/proxies.sh
. "$here/shell/proxies.sh"

test_direction() {
    width=$1 caller=$2 library=$tmp/$2/farcall/libdriver.so
    runtime=$(runtime_of "$caller")
    [ -n "$runtime" ] || return 0
    mkdir -p "$tmp/$caller/native" "$tmp/$caller/farcall"
    for flag in "-m$width native" "-m$((96 - width)) farcall"; do
        cc "${flag% *}" -shared -fPIC -O1 -fvisibility=hidden -Wl,-soname,libdriver.so "$here/proxy/driver.c" -lpthread \
            -o "$tmp/$caller/${flag#* }/libdriver.so" || failed=$((failed + 1))
    done
    # shellcheck disable=SC2046
    cc "-m$width" $(sanitizer_of "$runtime") -O1 "$here/proxy/driver_user.c" "$tmp/$caller/native/libdriver.so" \
        -o "$tmp/$caller/user" || failed=$((failed + 1))

    run_command 1 "$farcall" proxy "$library" --header "$here/proxy/driver.h" --strict --used-by "$tmp/$caller/user"
    out_has '^refused +used +drv_submit$'
    out_has '^refused +used +drv_debug \(variable\)$' # of which the program has a copy
    out_has '^bridged +used +drv_units \(variable\)$'
    run_command 0 "$farcall" proxy "$library" --header "$here/proxy/driver.h" --sidecar "$here/proxy/driver.side" \
        --strict --used-by "$tmp/$caller/user" --forget-path -o "$tmp/$caller"
    out_has '^28 of them are used, 0 of these not bridged$'

    LD_LIBRARY_PATH=$tmp/$caller/native timeout 300 "$tmp/$caller/user" >"$tmp/expected" 2>&1
    LD_LIBRARY_PATH=$tmp/$caller timeout 300 "$tmp/$caller/user" >"$tmp/actual" 2>&1
    grep -q '^log 1 close LOG$' "$tmp/expected" || fail "$caller: the program does not get to its end"
    same "$caller: what the program prints" "$tmp/expected" "$tmp/actual"
    LD_LIBRARY_PATH=$tmp/$caller timeout 300 "$tmp/$caller/user" job >"$tmp/out" 2>"$tmp/err"
    grep -q '^job: over -9$' "$tmp/out" || fail "$caller: a job that is over is not refused"
}

test_direction 64 x86_64-linux
test_direction 32 i386-linux

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ] || exit 1
[ "$skipped" -eq 0 ] || exit 77
