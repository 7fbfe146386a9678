#!/bin/bash
# SQLite of 32 bits, as a proxy under 64-bit programs that others wrote: Perl's DBD::SQLite with its own test suite, and the
# sqlite3 shell. $1 is the farcall program. Prints what failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$here/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/real.sh
. "$here/shell/real.sh"
library=$libraries/libsqlite3.so.0

begin libsqlite3.so.0 sqlite3.h

run_command 0 "$farcall" proxy "$library" --header sqlite3.h --sidecar sqlite3 -o "$tmp/proxies"
for name in sqlite3_config sqlite3_db_config sqlite3_vtab_config sqlite3_test_control; do
    out_has "^bridged +$name\$"
done
cd "$tmp" || exit 1

# -- the sqlite3 shell -------------------------------------------------------------------------------------------------

if ldd "$(command -v sqlite3)" 2>/dev/null | grep libsqlite3 >/dev/null; then
    cat >script.sql <<'END'
.echo on
create table t(a integer primary key, b text, c blob);
insert into t values(1, 'one', x'0102'), (2, 'two', null), (3, 'three', zeroblob(20));
.mode box
select a, b, hex(c), typeof(c) from t;
.mode csv
select * from t where b like 't%';
.dump
.dbconfig
.dbconfig enable_fkey on
.dbconfig enable_fkey
.limit
.explain auto
explain query plan select * from t where b = 'x' order by c;
select nonsense from t;
select sha3('x'), edit_nothing(3);
.selftest --init
.testctrl byteorder
.testctrl prng_seed 42
select random();
.log stdout
select value from generate_series(1, 5);
create virtual table f using fts5(x);
insert into f values('hello world'), ('goodbye');
select * from f where f match 'hello';
select printf('%5d|%-8s|%g', 42, 'x', 1.5), 1e300*10, 9223372036854775807;
.backup copy.db
.tables
.headers on
.mode json
select * from t;
.parameter set @p 3
select b from t where a = @p;
.progress 10
select count(*) from t;
.trace stdout
select 1;
.trace off
.auth on
select a from t limit 1;
.auth off
END
    # What it prints at the end is not all: what stands in files, too.
    shell_script() {
        rm -f copy.db
        timeout 300 sqlite3 :memory: <script.sql
        echo "status $?"
        timeout 300 sqlite3 copy.db .dump
    }
    shell_script >wanted 2>&1
    LD_LIBRARY_PATH=$tmp/proxies shell_script >out 2>&1
    : >err
    diff wanted out >difference || { cp difference out && fail "the sqlite3 shell: prints something else"; }
    [ "$(wc -l <wanted)" -gt 100 ] || fail "the sqlite3 shell: its own script ended early"

    # A query without end, which says that it has begun; Ctrl-C is sqlite3_interrupt in a signal handler.
    interrupted() {
        rm -f begun
        timeout -s KILL 300 sqlite3 :memory: >"$1" 2>&1 <<'END' &
with recursive c(x) as (select writefile('begun', 'x') union all select x + 1 from c) select max(x) from c;
select 'and on';
END
        local waiter=$! tries=0
        until [ -e begun ] || [ $((tries += 1)) -gt 300 ]; do
            sleep 0.1
        done
        kill -INT "$(ps -o pid= --ppid $waiter)"
        wait $waiter
        echo "status $?" >>"$1"
    }
    interrupted wanted
    LD_LIBRARY_PATH=$tmp/proxies interrupted out
    grep -q interrupted wanted || fail "the sqlite3 shell: Ctrl-C did not interrupt it without a proxy"
    cmp -s wanted out || fail "the sqlite3 shell: Ctrl-C does something else"
else
    skip_part "there is no sqlite3 shell that loads libsqlite3; tools/setup.sh installs it"
fi

# -- DBD::SQLite -------------------------------------------------------------------------------------------------------

# Its tests stand in its source alone. 43_fts3.t gives SQLite a pointer to a struct of functions inside a blob, which nobody
# can see there.
version=$(dpkg-query --show --showformat '${Version}' libdbd-sqlite3-perl 2>/dev/null)
source=${FARCALL_TEST_SOURCES:-/usr/src/farcall-tests}/libdbd-sqlite3-perl_${version%-*}.orig.tar.gz
if [ -z "$version" ]; then
    skip_part "there is no DBD::SQLite for Perl; tools/setup.sh installs it"
elif ! tar -xf "$source" 2>err; then
    skip_part "there is no $source; tools/setup.sh fetches it where the network allows"
else
    cd DBD-SQLite-* || exit 1
    find t -name '*.t' ! -name 43_fts3.t | LC_ALL=C sort >"$tmp/list"
    [ "$(wc -l <"$tmp/list")" -gt 100 ] || fail "DBD::SQLite has fewer tests than it had"
    LC_ALL=C LD_LIBRARY_PATH=$tmp/proxies timeout -s KILL 900 prove -j4 - <"$tmp/list" >"$tmp/out" 2>"$tmp/err" ||
        fail "DBD::SQLite: its tests"
    made=$(sed -n 's/^Files=.* Tests=\([0-9]*\),.*/\1/p' "$tmp/out")
    [ "${made:-0}" -gt 3800 ] || fail "DBD::SQLite: ${made:-no} tests were made, not the 3,848 that there are"
    LC_ALL=C LD_LIBRARY_PATH=$tmp/proxies perl -MDBD::SQLite -e 'print `cat /proc/$$/maps`' >"$tmp/maps"
    grep -q "$tmp/proxies/libsqlite3" "$tmp/maps" || fail "DBD::SQLite does not load the proxy"
fi

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ] || exit 1
[ "$skipped" -eq 0 ] || exit 77
