#!/bin/bash
# zlib and SQLite of 32 bits, as proxies under 64-bit programs that others wrote: zlib's own minigzip and CPython. $1 is
# the farcall program. Prints what failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$here/shell/command.sh"
build=$(cd "$(dirname "$farcall")/.." && pwd)
farcall=$build/bin/farcall
examples=/usr/share/doc/zlib1g-dev/examples
python=/usr/bin/python3.11

skip() {
    echo "SKIPPED proxy_real: $*"
    exit 77
}

runtime=
for file in "$build/lib/x86_64-linux/libfarcall.so" "$build/lib/libfarcall.so"; do
    [ -e "$file" ] && "$farcall" inspect "$file" | grep -q x86_64-linux && runtime=$file && break
done
[ -n "$runtime" ] || skip "there is no libfarcall.so for x86_64-linux"
nm -D "$runtime" | grep -qE '__[at]san_init' && skip "foreign programs do not load a sanitizer's library"
[ -e /usr/lib/i386-linux-gnu/libz.so.1 ] || skip "there is no 32-bit zlib; tools/setup.sh installs it"
echo '#include <zlib.h>' | cc -E -xc - >"$tmp/out" 2>"$tmp/err" || skip "there is no zlib.h; tools/setup.sh installs it"

# compare NAME COMMAND...: prints and returns the same with the proxies as without.
compare() {
    local name=$1
    shift
    timeout 100 "$@" >"$tmp/expected" 2>&1 </dev/null
    local wanted=$?
    LD_LIBRARY_PATH=$tmp/proxies timeout 100 "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    local status=$?
    [ $wanted -eq 0 ] || fail "$name: exit status $wanted without a proxy"
    [ $status -eq $wanted ] || fail "$name: exit status $status"
    cmp -s "$tmp/expected" "$tmp/out" || fail "$name: prints something else"
}

run_command 0 "$farcall" proxy /usr/lib/i386-linux-gnu/libz.so.1 --header zlib.h -D _LARGEFILE64_SOURCE --sidecar zlib \
    -o "$tmp/proxies"
out_has '^bridged +inflate$'
out_has '^bridged +gzprintf$'
cd "$tmp" || exit 1
if [ -e "$examples/minigzip.c" ]; then
    cc -w "$examples/minigzip.c" -lz -o minigzip || failed=$((failed + 1))
    compare minigzip sh -c "cat '$farcall' >plain; ./minigzip plain; ./minigzip -d plain.gz; cksum plain"
fi

if [ -x "$python" ]; then
    compare "CPython: zlib and gzip" "$python" -c '
import gzip, io, zlib
data = b"".join(b"%d:%s;" % (i, b"x" * (i % 50)) for i in range(20000))
for level in range(-1, 10):
    packed = zlib.compress(data, level)
    assert zlib.decompress(packed) == data
    print(level, zlib.crc32(packed), zlib.adler32(packed))
c = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_FILTERED, b"x" * 20)
half = c.compress(data[:70000])
d = c.copy()
print(zlib.crc32(half + c.compress(data[70000:]) + c.flush()), zlib.crc32(half + d.flush()))
print(len(gzip.decompress(gzip.compress(data, mtime=0))))
try:
    zlib.decompress(b"nonsense")
except zlib.error as error:
    print(error)'
    if "$python" -c 'import test.test_zlib' 2>/dev/null; then
        LD_LIBRARY_PATH=$tmp/proxies timeout 110 "$python" -m test test_zlib test_gzip >"$tmp/out" 2>"$tmp/err" ||
            fail "CPython's own tests of zlib and gzip"
    fi
fi

if [ -x "$python" ] && [ -e /usr/lib/i386-linux-gnu/libsqlite3.so.0 ] &&
    echo '#include <sqlite3.h>' | cc -E -xc - >"$tmp/out" 2>"$tmp/err"; then
    run_command 0 "$farcall" proxy /usr/lib/i386-linux-gnu/libsqlite3.so.0 --header sqlite3.h --sidecar sqlite3 \
        -o "$tmp/proxies"
    compare "CPython: sqlite3" "$python" -c '
import sqlite3
c = sqlite3.connect(":memory:")
c.execute("create table t(a, b, c)")
c.executemany("insert into t values(?, ?, ?)", ((i, "x%d" % i, b"%d" % i if i % 3 else None) for i in range(2000)))
c.create_function("twice", 1, lambda x: x * 2)
c.create_collation("backwards", lambda a, b: (a < b) - (a > b))
print(c.execute("select count(*), sum(a), max(b), total(a / 3.0) from t").fetchall())
print(c.execute("select twice(a), b, c from t order by b collate backwards limit 5").fetchall())
try:
    c.execute("select nonsense")
except sqlite3.OperationalError as error:
    print(error)'
fi

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
