#!/bin/sh
# `farcall proxy`: a vendor's library is replaced, in both directions, under a program that does not know. $1 is the farcall
# program. Prints what failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$here/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/proxies.sh
. "$here/shell/proxies.sh"

symbols_of() { # with their versions
    readelf -W --dyn-syms "$1" | awk '$7 != "UND" && $5 != "LOCAL" && ($4 == "FUNC" || $8 ~ /^vendor_(v|l|count)/) {
        print $4, $8
    }' | sort
}

# status PART: runs the user with the proxy.
user() {
    { LD_LIBRARY_PATH=$proxies timeout 300 "$tmp/user$width" "$1" >"$tmp/out" 2>"$tmp/err"; } 2>/dev/null
    status=$?
}

# ends STATUS TEXT: how the user ended, and what it said.
ends() {
    [ "$status" -eq "$1" ] || fail "$caller: exit status $status, expected $1"
    grep -qF -e "$2" "$tmp/out" "$tmp/err" || fail "$caller: it did not say: $2"
}

make_library() { # FLAG OUTPUT [FOLDER]: of other sources
    cc "$1" -shared -fPIC -O1 -Wl,-soname,libvendor.so.2 -Wl,--version-script,"${3:-$here/proxy}/vendor.map" \
        -I"$here/proxy" "${3:-$here/proxy}/vendor.c" -o "$2"
}

make_proxy() {
    run_command 0 "$farcall" proxy "$tmp/vendor-$callee/libvendor.so.2" --header "$here/proxy/vendor.h" \
        --sidecar "$here/proxy/vendor.side" "$@"
}

test_direction() {
    width=$1 caller=$2 callee=$3
    runtime=$(runtime_of "$caller")
    [ -n "$runtime" ] || return 0
    flags="-m$width $(sanitizer_of "$runtime")"
    native=$tmp/vendor-$caller proxies=$tmp/proxies-$caller
    # shellcheck disable=SC2086
    cc $flags -O1 "$here/proxy/user.c" "$native/libvendor.so.2" -lpthread -o "$tmp/user$width" || failed=$((failed + 1))
    # shellcheck disable=SC2086
    cc $flags "$here/proxy/loader.c" -ldl -o "$tmp/loader$width" || failed=$((failed + 1))

    make_proxy -o "$proxies"
    out_has '^bridged +add@@VENDOR_1.0'
    out_has '^bridged +also_plus@@VENDOR_1.0 \(the same as (add|plus)\)$'
    out_has '^bridged +loose$'
    out_has '^refused +rate@VENDOR_0.9$' # a version that nothing else has
    out_has '^refused +rate@VENDOR_1.0$'
    out_has '^refused +unclear$'
    out_has 'parameter .what. of unclear is .void \*.'
    out_has '^not declared +undeclared$'
    out_has '^not declared +hidden_number \(variable\)$'
    out_has '^bridged +vendor_counter \(variable\)$'
    out_has '^bridged +vendor_counts \(variable\)$'
    out_has '^refused +vendor_place \(variable\)$'
    out_has '^ +it may change, and is not the same on both sides, or has pointers in it, which ._Fc_sync_. does not help: '
    out_has '^refused +vendor_unasked \(variable\)$'
    out_has '^ +it may change: write ._Fc_sync_. before its declaration '
    out_has '^bridged +vendor_version \(variable\)$'
    out_has '^libvendor.so.2: .* exports: '
    symbols_of "$native/libvendor.so.2" >"$tmp/symbols"
    symbols_of "$proxies/libvendor.so.2" >"$tmp/proxy-symbols"
    same "$caller: the exports" "$tmp/symbols" "$tmp/proxy-symbols"
    [ "$(objdump -p "$proxies/libvendor.so.2" | awk '$1 == "SONAME" { print $2 }')" = libvendor.so.2 ] ||
        fail "$caller: another soname"
    # A function of numbers writes the line itself.
    sed -n '/^EXPORTED int p[0-9]*(int a0, int a1) {$/,/^}$/p' "$proxies/libvendor.so.2.c" >"$tmp/out"
    out_has 'FC_PROXY_PUT\(lane.line, [0-9]+, (int|long long), a1\);'
    readelf -W --dyn-syms "$proxies/libvendor.so.2" >"$tmp/proxy-names"
    if grep -qE 'vendor_(unasked|place)' "$tmp/proxy-names"; then
        fail "$caller: a refused variable is exported"
    fi

    for part in values variables forks threads signals leaves first-in-handler firsts-at-once; do
        case $part$flags in
        forks*thread)
            skip_part "$caller: ThreadSanitizer has no threads in what a process with threads forked"
            continue
            ;;
        esac
        LD_LIBRARY_PATH=$native timeout 300 "$tmp/user$width" $part >"$tmp/expected" 2>&1
        expected=$?
        user $part
        [ $status -eq $expected ] || fail "$caller: $part: exit status $status, expected $expected"
        same "$caller: $part" "$tmp/expected" "$tmp/out"
    done

    user crash
    ends 134 'libvendor.so.2: crash: '
    ends 134 'Write _Fc_fails_with_(value) before crash in a sidecar to have it return that instead'
    user fails
    ends 0 '-7 1 5'
    ends 0 '-7 2.5 0 5 1'
    user refused
    ends 134 'libvendor.so.2: unclear: it cannot be called through this proxy: '
    user undeclared
    ends 134 'libvendor.so.2: undeclared: it cannot be called through this proxy: no header or sidecar that'
    if [ "$width" = 64 ]; then
        user range
        ends 134 'libvendor.so.2: widest: '
    fi

    LD_LIBRARY_PATH='' timeout 300 "$tmp/loader$width" "$proxies/libvendor.so.2" >"$tmp/out" 2>"$tmp/err"
    status=$?
    [ "$(sort -u "$tmp/out")" = 'count 1 gone' ] || fail "$caller: loaded again: exit status $status"
    if [ -z "$(sanitizer_of "$runtime")" ]; then
        LD_PRELOAD=$proxies/libvendor.so.2 LD_LIBRARY_PATH=$native timeout 300 "$tmp/user$width" values >"$tmp/out" 2>"$tmp/err"
        LD_LIBRARY_PATH=$native timeout 300 "$tmp/user$width" values >"$tmp/expected"
        same "$caller: preloaded" "$tmp/expected" "$tmp/out"
    fi
    # shellcheck disable=SC2086
    cc $flags -I"$here/../include" "$here/proxy/handled.c" "$proxies/libvendor.so.2" "$runtime" \
        -Wl,-rpath,"$proxies:$(dirname "$runtime")" -o "$tmp/handled" || failed=$((failed + 1))
    timeout 300 "$tmp/handled" >"$tmp/out" 2>"$tmp/err"
    same "$caller: failures" "$here/proxy/handled.expected" "$tmp/out"
    test_groups
    test_deadlines
    test_finding
}

# Two proxies of one library count together in one host, and apart in two.
test_groups() {
    for group in '' '--group=vendors'; do
        for i in 1 2; do
            # shellcheck disable=SC2086
            make_proxy -o "$tmp/group$i" $group
        done
        LD_LIBRARY_PATH='' timeout 300 "$tmp/loader$width" "$tmp/group1/libvendor.so.2" "$tmp/group2/libvendor.so.2" \
            >"$tmp/out" 2>"$tmp/err"
        status=$?
        if [ -n "$group" ]; then
            ends 0 '1 2 same host 3'
        else
            ends 0 '1 1 other host 2'
        fi
    done
}

# A call that is too long, by the environment's deadline and by the proxy's own.
test_deadlines() {
    kept=$proxies
    FARCALL_DEADLINE_MS_LIBVENDOR=1000
    export FARCALL_DEADLINE_MS_LIBVENDOR
    user deadline
    ends 0 '-9 1 then 1 in another host 1'
    user sleeps
    ends 134 'libvendor.so.2: sleeps: no answer within 1000 ms'
    for wrong in 1s -1 ' 5' 4294967296; do
        FARCALL_DEADLINE_MS_LIBVENDOR=$wrong
        user crash
        ends 134 "FARCALL_DEADLINE_MS_LIBVENDOR=$wrong is no number of milliseconds"
    done
    FARCALL_DEADLINE_MS_LIBVENDOR=

    proxies=$tmp/timed-$caller
    make_proxy -o "$proxies" --deadline 1000
    user deadline
    ends 0 '-9 1 then 1 in another host 1'
    FARCALL_DEADLINE_MS_LIBVENDOR=1200
    user sleeps
    ends 134 'no answer within 1200 ms'
    FARCALL_DEADLINE_MS_LIBVENDOR=0
    user waits
    ends 0 'waited 1500'
    unset FARCALL_DEADLINE_MS_LIBVENDOR
    proxies=$kept
}

# Where the proxy finds its library.
test_finding() {
    moved=$tmp/moved-$caller
    mkdir -p "$moved/farcall"
    make_proxy -o "$moved" --forget-path
    proxies=$moved
    user values
    ends 134 'FARCALL_LIBRARY_LIBVENDOR'
    user first-of-none # what calls nothing needs no library
    ends 0 'nothing called'
    [ ! -s "$tmp/err" ] || fail "$caller: the library was looked for"
    FARCALL_LIBRARY_LIBVENDOR=$tmp/vendor-$callee/libvendor.so.2
    export FARCALL_LIBRARY_LIBVENDOR
    user values
    ends 0 'add 5'
    FARCALL_LIBRARY_LIBVENDOR=libvendor.so.2
    user values
    ends 134 'FARCALL_LIBRARY_LIBVENDOR=libvendor.so.2 is no path. Set it to one with a slash in it'
    FARCALL_LIBRARY_LIBVENDOR=$native/libvendor.so.2
    user values
    ends 134 "is a library for $caller, but this proxy was made for one for $callee. Set FARCALL_LIBRARY_LIBVENDOR"
    cc "-m$((96 - width))" -shared -fPIC -x c -o "$tmp/other.so" - <<'END'
int add(int left, int right) { return left + right; }
END
    FARCALL_LIBRARY_LIBVENDOR=$tmp/other.so
    user values
    ends 134 'is not the library that this proxy was made for: it does not export'
    FARCALL_LIBRARY_LIBVENDOR=$tmp/versions-$callee/libvendor.so.2
    user values
    ends 134 'is not the library that this proxy was made for: it does not export '
    ends 134 ' rate@VENDOR_2.0'
    unset FARCALL_LIBRARY_LIBVENDOR
    cp "$tmp/vendor-$callee/libvendor.so.2" "$moved/farcall/"
    user values
    ends 0 'add 5'
}

mkdir "$tmp/vendor-x86_64-linux" "$tmp/vendor-i386-linux"
make_library -m64 "$tmp/vendor-x86_64-linux/libvendor.so.2"
make_library -m32 "$tmp/vendor-i386-linux/libvendor.so.2"
# The same names, some of them of another version.
mkdir "$tmp/versions" "$tmp/versions-x86_64-linux" "$tmp/versions-i386-linux"
for source in vendor.c vendor.map; do
    sed 's/VENDOR_2\.0/VENDOR_3.0/' "$here/proxy/$source" >"$tmp/versions/$source"
done
make_library -m64 "$tmp/versions-x86_64-linux/libvendor.so.2" "$tmp/versions"
make_library -m32 "$tmp/versions-i386-linux/libvendor.so.2" "$tmp/versions"
test_direction 64 x86_64-linux i386-linux
test_direction 32 i386-linux x86_64-linux

# The command itself.
vendor=$tmp/vendor-i386-linux/libvendor.so.2
header=$here/proxy/vendor.h
run_or_say_nothing 2 "$farcall" proxy
run_or_say_nothing 2 "$farcall" proxy "$vendor" -o "$tmp/x"
err_has 'give --header'
run_or_say_nothing 2 "$farcall" proxy "$vendor" other --header "$header"
for ms in '' 1s -1 4294967296; do
    run_or_say_nothing 2 "$farcall" proxy "$vendor" --header "$header" --deadline "$ms"
    err_has "'$ms' is no number of milliseconds"
done
run_or_say_nothing 1 "$farcall" proxy "$tmp/nowhere.so" --header "$header"
run_or_say_nothing 1 "$farcall" proxy "$header" --header "$header"
err_has 'vendor.h is no library that a host can load: '
for other in arm-linux i386-windows; do
    run_or_say_nothing 2 "$farcall" proxy "$vendor" --header "$header" --caller $other
    err_has "for programs of i386-linux or x86_64-linux, not of '$other'"
done
: >"$tmp/empty"
run_or_say_nothing 1 "$farcall" proxy "$vendor" --header "$header" --used-by "$tmp/empty"
err_has 'what uses the library is no ELF file: empty file'
run_command 0 "$farcall" proxy --help
run_command 1 "$farcall" proxy "$vendor" --header "$header" --strict -o "$tmp/strict"
err_has 'not bridged, and --strict was given'
[ ! -e "$tmp/strict" ] || fail "--strict wrote something"
cc -m64 -nostdlib -shared -fPIC -x c -o "$tmp/adds.so" - <<'END'
int add(int left, int right);
int undeclared(void);
int adds(void) { return add(1, 2); }
END
run_command 0 "$farcall" proxy "$vendor" --header "$header" --strict --used-by "$tmp/adds.so"
out_has '^bridged +used +add@@VENDOR_1.0'
out_has '^1 of them are used, 0 of these not bridged'
cc -m64 -nostdlib -shared -fPIC -x c -o "$tmp/more.so" - <<'END'
int add(int left, int right);
int undeclared(void);
int adds(void) { return add(1, undeclared()); }
END
run_command 1 "$farcall" proxy "$vendor" --header "$header" --strict --used-by "$tmp/more.so"
out_has '^not declared +used +undeclared'
# One that uses none of it is another library's, or loads it at run time.
echo 'int other(void); int others(void) { return other(); }' |
    cc -m64 -nostdlib -shared -fPIC -x c -o "$tmp/others.so" -
run_command 0 "$farcall" proxy "$vendor" --header "$header" --used-by "$tmp/others.so"
out_has '^none of them is used: the program imports no name of this library$'
run_command 1 "$farcall" proxy "$vendor" --header "$header" --strict --used-by "$tmp/others.so" -o "$tmp/strict"
err_has 'others.so uses no export of .*libvendor.so.2, and --strict was given; nothing was written'
[ ! -e "$tmp/strict" ] || fail "--strict wrote something"
# A header can ask for a variable as well as a sidecar.
echo '_Fc_sync_ extern int vendor_counter; extern short vendor_counts[4];' >"$tmp/asks.h"
run_command 0 "$farcall" proxy "$vendor" --header "$tmp/asks.h"
out_has '^bridged +vendor_counter \(variable\)$'
out_has '^refused +vendor_counts \(variable\)$'
run_command 1 "$farcall" proxy "$vendor" --header "$tmp/asks.h" --strict
# The library itself is not written over, whichever way it is named.
mkdir "$tmp/own"
cp "$vendor" "$tmp/own/kept"
for output in "$tmp/own" "$tmp/own/libvendor.so.2"; do
    for name in libvendor.so.2 other.so; do
        rm -f "$tmp/own/libvendor.so.2" "$tmp/own/other.so"
        cp "$vendor" "$tmp/own/libvendor.so.2"
        ln -s libvendor.so.2 "$tmp/own/other.so"
        run_command 1 "$farcall" proxy "$tmp/own/$name" --header "$header" -o "$output"
        err_has 'would take the place of the library itself'
        same "the library in $output" "$tmp/own/kept" "$tmp/own/libvendor.so.2"
        [ ! -e "$tmp/own/libvendor.so.2.c" ] || fail "a source was written"
    done
done
# What a file calls its symbols does not get into the source unlooked at.
LC_ALL=C sed 's/hidden_number/hidden"number/g; s/undeclared/un;eclared/g' "$vendor" >"$tmp/odd.so"
run_command 0 "$farcall" proxy "$tmp/odd.so" --header "$header" -o "$tmp/odd"
out_has '^refused +un;eclared$'
if grep -qE '__asm__\("[^"]*("[^)]|;)' "$tmp/odd/libvendor.so.2.c"; then
    fail "an odd name is in the source"
fi
LC_ALL=C sed 's/libvendor\.so\.2/x\/bvendor.so.2/g' "$vendor" >"$tmp/odd.so"
run_or_say_nothing 1 "$farcall" proxy "$tmp/odd.so" --header "$header" -o "$tmp/odd"
err_has 'its soname is no file name'
run_command 0 "$farcall" proxy "$vendor" --header "$header" --source-only -o "$tmp/source"
if [ ! -e "$tmp/source/libvendor.so.2.c" ] || [ ! -e "$tmp/source/libvendor.so.2.map" ]; then
    fail "there is no source"
fi
[ ! -e "$tmp/source/libvendor.so.2" ] || fail "--source-only built something"

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ] || exit 1
[ "$skipped" -eq 0 ] || exit 77
