#!/bin/bash
# The installation works from any folder: installed, moved to a name with spaces, and used from there by programs that
# know it only through pkg-config. And the shared library exports the public functions, and nothing else.
set -euo pipefail

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

source=$(cd "$(dirname "$0")/.." && pwd)
build=${FARCALL_TEST_BUILD:?}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

flock "$build/install.lock" cmake --install "$build" --prefix "$tmp/first" >"$tmp/log" || fail "cmake --install: $(cat "$tmp/log")"
dist="$tmp/a moved folder"
mv "$tmp/first" "$dist"

for file in bin/farcall lib/libfarcall.a lib/libfarcall.so.0 lib/pkgconfig/farcall.pc include/farcall/farcall.h \
    libexec/farcall/i386-linux/farcall-host libexec/farcall/x86_64-linux/farcall-host share/doc/farcall/LICENSE; do
    [ -s "$dist/$file" ] || fail "not installed: $file"
done

if grep -qE '^FARCALL_SANITIZE:[A-Z]+=.+' "$build/CMakeCache.txt"; then
    exit 0 # what follows would need the sanitizer's run-time library
fi

# Everything declared with FC_API, by all public headers.
grep -hoE '^FC_API [^;(]*\bfc_[a-z0-9_]+\(' "$source"/include/farcall/*.h | grep -oE 'fc_[a-z0-9_]+\($' | tr -d '(' |
    sort -u >"$tmp/declared"

# Reads the library at $1 and builds and runs a program with it; $2 is -m32 or -m64.
check_library() {
    local folder=$1 width=$2 flags program="$tmp/program$2"
    [ "$(objdump -p "$folder/libfarcall.so" | awk '$1 == "SONAME" { print $2 }')" = libfarcall.so.0 ] ||
        fail "$folder: SONAME"
    nm -D --defined-only "$folder/libfarcall.so" | awk '{ print $3 }' | sort -u >"$tmp/exported"
    comm -13 "$tmp/declared" "$tmp/exported" >"$tmp/extra"
    [ ! -s "$tmp/extra" ] || fail "$folder exports what no public header declares: $(tr '\n' ' ' <"$tmp/extra")"
    comm -23 "$tmp/declared" "$tmp/exported" >"$tmp/lacking"
    [ ! -s "$tmp/lacking" ] || fail "$folder does not export: $(tr '\n' ' ' <"$tmp/lacking")"

    flags=$(PKG_CONFIG_PATH="$folder/pkgconfig" pkg-config --cflags --libs farcall)
    eval "gcc $width -Wall -Werror -o '$program' '$tmp/program.c' $flags" || fail "$folder: does not link: $flags"
    LD_LIBRARY_PATH=$folder "$program" || fail "$folder: the program failed"
    flags=$(PKG_CONFIG_PATH="$folder/pkgconfig" pkg-config --cflags --static --libs farcall)
    eval "gcc $width -Wall -Werror -o '$dist/bin/static$width' '$tmp/program.c' ${flags//-lfarcall/-l:libfarcall.a}" ||
        fail "$folder: does not link statically: $flags"
    "$dist/bin/static$width" || fail "$folder: the statically linked program failed"
    (cd "$dist/bin" && "./static$width" /) || fail "$folder: the program fails in another folder than it was started in"
}

# Calls zlib in a host of each width.
cat >"$tmp/program.c" <<'PROGRAM'
#include <farcall/farcall.h>
#include <stdio.h>
#include <unistd.h>

static int try(const char *path) {
    struct fc_library *library = NULL;
    struct fc_function *version;
    const char *text;
    int result = fc_open(path, NULL, &library);
    if (result == FC_OK && (result = fc_bind(library, "const char *zlibVersion(void)", &version)) == FC_OK &&
        (result = fc_call(version, &text)) == FC_OK) {
        printf("%s %s\n", path, text);
    } else {
        fprintf(stderr, "%s: %s: %s\n", path, fc_strerror(result), fc_error_text());
    }
    fc_library_close(library);
    return result;
}

int main(int argc, char **argv) {
    if (argc > 1 && chdir(argv[1]) != 0) {
        return 1;
    }
    return try("/usr/lib/i386-linux-gnu/libz.so.1") != FC_OK || try("/usr/lib/x86_64-linux-gnu/libz.so.1") != FC_OK;
}
PROGRAM

case $(LC_ALL=C readelf -h "$dist/lib/libfarcall.so") in
*ELF64*)
    check_library "$dist/lib" -m64
    check_library "$dist/lib/i386-linux" -m32
    ;;
*)
    check_library "$dist/lib" -m32
    check_library "$dist/lib/x86_64-linux" -m64
    ;;
esac

# A proxy is made with what is there, too: the sidecar, the header, the library.
"$dist/bin/farcall" proxy --preset zlib /usr/lib/i386-linux-gnu/libz.so.1 -o "$tmp/proxies" >"$tmp/log" ||
    fail "farcall proxy --preset zlib"
ldd "$tmp/proxies/libz.so.1" | grep -F "$dist/lib" >/dev/null || fail "the proxy does not have the installed libfarcall"
