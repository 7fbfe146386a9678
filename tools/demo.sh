#!/bin/sh
# Shows 64-bit programs computing with 32-bit libraries. Needs a finished build (`make`); `make demo` does all of it.
set -eu
cd "$(dirname "$0")/.."
examples=build/release/examples
farcall=build/dist/bin/farcall

title() { printf '\n-- %s\n' "$*"; }
show() {
    printf '$'
    for word in "$@"; do
        case $word in
        *[!A-Za-z0-9_./:=-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$@"
}

title "What runs here"
show $farcall doctor

title "A 64-bit program calls Add in a 32-bit library"
show $farcall inspect $examples/add $examples/libs/i386-linux/libnativelibrary.so
show $examples/add $examples/libs/i386-linux/libnativelibrary.so

title "A 64-bit program compresses a file with the 32-bit zlib"
show $examples/zlib README.md
show $examples/zlib $farcall

title "A 64-bit program keeps a database with the 32-bit SQLite"
show $examples/sqlite

title "The same from the shell"
show $farcall call --target i386-linux libz.so.1 'const char *zlibVersion(void)'
show $farcall call --target i386-linux libz.so.1 \
    'unsigned long crc32(unsigned long crc, _In_reads_(len) const unsigned char *buf, unsigned len)' 0 hello 5

printf '\nAll of it worked. README.md says how to do the same in a program of your own.\n'
