#!/bin/bash
# zlib and SQLite of 32 bits, as proxies under 64-bit programs that others wrote. $1 is the farcall program. Prints what
# failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$here/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/real.sh
. "$here/shell/real.sh"
examples=/usr/share/doc/zlib1g-dev/examples

begin libz.so.1 zlib.h
run_command 0 "$farcall" proxy --preset zlib "$libraries/libz.so.1" -o "$tmp/proxies"
out_has '^bridged +inflate(@|$)'
out_has '^bridged +gzprintf(@|$)'

# zlib's own programs
if needs "$examples/minigzip.c" "$examples/example.c"; then
    for name in minigzip example; do
        cc -w "$examples/$name.c" -lz -o "$tmp/$name" || failed=$((failed + 1))
    done
    compare minigzip sh -c "cat '$farcall' >plain && '$tmp/minigzip' plain && cksum plain.gz &&
        '$tmp/minigzip' -d plain.gz && cksum plain && '$tmp/minigzip' -9 <plain | '$tmp/minigzip' -d | cksum"
    # It prints how wide zlib's types are, and those are the library's: the rest is the same.
    compare example sh -c "'$tmp/example' >out && sed 's/, compile flags = .*//' out && cksum foo.gz"
fi

# Debian's programs
# shellcheck disable=SC2016
needs /usr/bin/git && compare git sh -c '
    export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_DATE="2020-01-01 00:00 +0000" GIT_COMMITTER_DATE="2020-01-01 00:00 +0000"
    git -c init.defaultBranch=main init -q tree && cd tree && git config user.name name && git config user.email a@b &&
        git config pack.threads 1 && cp -r /usr/include/linux . && git add . && git commit -q -m one &&
        for file in linux/i*.h; do echo "/* more */" >>"$file"; done && git commit -qam two && git gc -q &&
        git fsck --full --strict && git log --format=%H --stat && cksum .git/objects/pack/*.pack &&
        git archive --format=tar.gz HEAD | cksum'
needs /usr/bin/pigz && compare pigz sh -c "
    pigz -p 3 -b 128 -c '$farcall' | cksum && pigz -9 -z -c '$farcall' | cksum && pigz -0 -c '$farcall' | gzip -dc | cksum"
if needs /usr/bin/pngcheck /usr/share/doc/libpng-dev/examples/pngtest.png; then
    compare pngcheck pngcheck -vvt /usr/share/doc/libpng-dev/examples/pngtest.png
fi

if needs "$python"; then
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
fi
cpython test_zlib test_gzip

if needs "$python" "$libraries/libsqlite3.so.0" && echo '#include <sqlite3.h>' | cc -E -xc - >"$tmp/out" 2>"$tmp/err"; then
    run_command 0 "$farcall" proxy --preset sqlite3 "$libraries/libsqlite3.so.0" -o "$tmp/proxies"
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
finish
