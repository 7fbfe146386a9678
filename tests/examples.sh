#!/bin/bash
# The examples run, and check what they compute. $1 is the farcall command; the examples lie beside its folder.
set -u
build=$(cd "$(dirname "$1")/.." && pwd)
examples=$build/examples
failures=0

run() {
    local wanted=$1
    shift
    local out
    if ! out=$("$@" 2>&1) || [[ $out != *"$wanted"* ]]; then
        printf 'FAILED: %s\nwanted: %s\ngot:    %s\n' "$*" "$wanted" "$out"
        failures=$((failures + 1))
    fi
}

for target in i386-linux x86_64-linux; do
    run "Add(40, 2) = 42" "$examples/add" "$examples/libs/$target/libnativelibrary.so"
    run "Add(4000000000, 5) = 4000000005" "$examples/add" "$examples/libs/$target/libnativelibrary.so" 4000000000 5
done
run "Add(4294967295, 2) = 1" "$examples/add" "$examples/libs/i386-linux/libnativelibrary.so" 4294967295 2

# A real file, an empty one, and one that does not compress.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
: >"$scratch/empty"
head -c 300000 /dev/urandom >"$scratch/random"

# zlib and SQLite of the other bitness; set-up installs the 32-bit ones.
can_load() { "$1" call --target "$2" "$3" "$4" >/dev/null 2>&1; }
other=i386-linux
[[ $("$1" inspect "$examples/add") == *i386-linux* ]] && other=x86_64-linux
for library in "libz.so.1 zlibVersion" "libsqlite3.so.0 sqlite3_libversion"; do
    # shellcheck disable=SC2086
    set -- "$1" $library
    if ! can_load "$1" "$other" "$2" "const char *$3(void)"; then
        printf 'FAILED: there is no %s for %s; tools/setup.sh installs it\n' "$2" "$other"
        failures=$((failures + 1))
    fi
done
run "byte for byte" "$examples/zlib" "$1"
run "compressed to 8; byte for byte" "$examples/zlib" "$scratch/empty"
run "uncompressed it is the file again" "$examples/zlib" "$scratch/random"
run "1000 rows from 1 to 1000, the sum of squares is 333833500." "$examples/sqlite"
run "1000 rows from 1 to 1000" "$examples/sqlite" "$scratch/database"
[[ $failures -eq 0 ]]
