#!/bin/sh
# Variables of a library in its proxy, in both directions: constants that lead to others are copied with what they lead
# to, and what cannot be had is refused for its own reason. $1 is the farcall program. Prints what failed.
# shellcheck disable=SC2016 # the backquotes of messages
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$here/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/proxies.sh
. "$here/shell/proxies.sh"

# refused NAME WHY
refused() {
    out_has "^refused +$1 \(variable\)\$"
    grep -A1 -E "^refused +$1 \(variable\)" "$tmp/out" | grep -qF -e "$2" || fail "$caller: $1 is not refused for: $2"
}

# compare CC-OPTION...: the program with the library that is so built for it, and with a proxy of the other one.
compare() {
    folder=$tmp/$caller
    rm -rf "$folder"
    mkdir -p "$folder/native" "$folder/other"
    for flag in "-m$width native" "-m$((96 - width)) other"; do
        cc "${flag% *}" -shared -fPIC -O1 "$@" -Wl,-soname,libtables.so -I"$here/proxy" "$here/proxy/tables.c" \
            -o "$folder/${flag#* }/libtables.so" || failed=$((failed + 1))
    done
    # shellcheck disable=SC2086
    cc $flags -O1 -I"$here/proxy" "$here/proxy/tables_user.c" "$folder/native/libtables.so" -o "$folder/user" ||
        failed=$((failed + 1))
    run_command 0 "$farcall" proxy "$folder/other/libtables.so" --header "$here/proxy/tables.h" \
        --sidecar "$here/proxy/tables.side" -o "$folder/proxies"
    cp "$tmp/out" "$tmp/table"
    LD_LIBRARY_PATH=$folder/native timeout 300 "$folder/user" >"$tmp/expected" 2>&1
    LD_LIBRARY_PATH=$folder/proxies timeout 300 "$folder/user" >"$tmp/actual" 2>&1
    grep -q '^1 77 77 8009$' "$tmp/expected" || fail "$caller: the program does not get to its end"
    same "$caller: with $*" "$tmp/expected" "$tmp/actual"
    cp "$tmp/table" "$tmp/out"
}

# rebuilt SED-SCRIPT: the program with the proxy, over a library that is built from changed sources.
rebuilt() {
    sed "$1" "$here/proxy/tables.c" >"$tmp/changed.c"
    cc "-m$((96 - width))" -shared -fPIC -O2 -I"$here/proxy" "$tmp/changed.c" -o "$tmp/changed.so" || failed=$((failed + 1))
    FARCALL_LIBRARY_LIBTABLES=$tmp/changed.so LD_LIBRARY_PATH=$folder/proxies timeout 300 "$folder/user" \
        >"$tmp/actual" 2>"$tmp/err"
}

# One that was built anew is as good, and one that has other constants than the proxy is not.
test_rebuilt() {
    rebuilt 's/^const char .const table_name =/const char *const more[] = {"more", "and more"};&/'
    same "$caller: built anew" "$tmp/expected" "$tmp/actual"
    while IFS='|' read -r name script; do
        rebuilt "$script" 2>"$tmp/out"
        grep -qF "of what it exports, other values have $name. Generate the proxy anew from it" "$tmp/err" ||
            fail "$caller: with $script there is no word of $name"
    done <<'END'
table_longs|s/{-1, 5,/{-1, 6,/
table_mixed|s/-2.25/-2.5/
table_name|s/"vendor"/"wendor"/
table_codes|s/"second"/"secand"/
table_codes|s/{"first", 1/{NULL, 1/
table_best|s/&table_codes.1./\&table_codes[2]/
table_operations|s/= {add,/= {row_get,/;s/^const struct operations/int row_get(int);&/;s/add.int left, int right. {/add(int left, int right) {/
table_tree|s/{"leaf",/{"Leaf",/
table_tree|s/{1, 2, 3}/{1, 2, 4}/
END
}

test_direction() {
    width=$1 caller=$2
    runtime=$(runtime_of "$caller")
    [ -n "$runtime" ] || return 0
    flags="-m$width $(sanitizer_of "$runtime")"
    compare -Wl,-z,pack-relative-relocs
    compare -Wl,-z,relro
    for name in names name codes best tree lists longs operations row zeros; do
        out_has "^bridged +table_$name \(variable\)\$"
    done
    refused table_changing 'it may change, and is not the same on both sides, or has pointers in it, which `_Fc_sync_`'
    refused table_buffer 'table_buffer points to memory of the library that may change'
    refused table_unclear 'table_unclear points to something in the library of which nothing says what and how much'
    refused table_hidden 'table_hidden.hidden points to a function that the library does not export'
    refused table_free 'table_free points into another library'
    refused table_number 'table_number is a number where a pointer should be'
    refused table_chain 'table_chain[0] points to something in the library of which nothing says'
    refused table_unasked 'it may change: write `_Fc_sync_` before its declaration'
    [ "$width" = 32 ] || refused table_address 'it has an address in it where a number is declared'
    test_rebuilt
    # A library whose relocated constants stay writable: their section tells, and without a table of sections nothing does.
    compare -Wl,-z,norelro
    python3 - "$folder/other/libtables.so" "$tmp/writable.so" <<'END'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
at, size = (32, 4) if data[4] == 1 else (40, 8)  # e_shoff
data[at : at + size] = bytes(size)
open(sys.argv[2], "wb").write(data)
END
    run_command 0 "$farcall" proxy "$tmp/writable.so" --header "$here/proxy/tables.h" --sidecar "$here/proxy/tables.side"
    out_has '^bridged +table_names \(variable\)$'
    refused table_tree 'table_tree.left points to memory of the library that may change'
    # Without the sidecar nothing says that these are strings, and what they point to is not there either.
    run_command 0 "$farcall" proxy "$folder/other/libtables.so" --header "$here/proxy/tables.h"
    refused table_codes 'member `name` of `struct code`'
    refused table_best 'it points into a variable of the library that is not bridged'
}

test_direction 64 x86_64-linux
test_direction 32 i386-linux

# A number that the program's type cannot hold.
cc -m64 -shared -fPIC -x c -o "$tmp/wide.so" - <<'END_OF_C'
const long limits[] = {1, 5000000000};
END_OF_C
echo 'extern const long limits[];' >"$tmp/wide.h"
run_command 0 "$farcall" proxy "$tmp/wide.so" --header "$tmp/wide.h"
refused limits 'is 5000000000, which does not fit `long`, 32 bits wide in the caller'

# Relocations that are not in the file.
cc -m32 -shared -fPIC -x c -o "$tmp/cut.so" - <<'END_OF_C'
const char *const name = "name";
END_OF_C
echo 'extern const char *const name;' >"$tmp/cut.h"
python3 - "$tmp/cut.so" <<'END_OF_PYTHON'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
for place in range(0, len(data) - 8, 4):
    tag, value = struct.unpack_from("<II", data, place)
    if tag == 18 and value % 8 == 0 and struct.unpack_from("<II", data, place + 8) == (19, 8):  # DT_RELSZ, DT_RELENT
        struct.pack_into("<I", data, place + 4, 0x1000000)
open(sys.argv[1], "wb").write(data)
END_OF_PYTHON
run_or_say_nothing 1 "$farcall" proxy "$tmp/cut.so" --header "$tmp/cut.h"
err_has 'DT_REL: 0x1000000 bytes of relocations at address 0x[0-9a-f]+ lie in no segment'

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ] || exit 1
[ "$skipped" -eq 0 ] || exit 77
