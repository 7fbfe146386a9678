#!/bin/sh
# `farcall call --header` and `farcall explain --header`: $1 is the farcall program. Prints what failed.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"
: "${FARCALL_TEST_LIBS:=$(dirname "$farcall")/../testlibs}"

for flag in -m32 -m64; do
    if ! echo '#include <stddef.h>' | cc -E "$flag" -xc - >"$tmp/out" 2>"$tmp/err"; then
        echo "SKIPPED cli_header: cc $flag does not work here"
        exit 77
    fi
done

case $("$farcall" inspect "$farcall") in
*x86_64-linux*) other=i386-linux ;;
*) other=x86_64-linux ;;
esac
buffers=$FARCALL_TEST_LIBS/$other/libbuffers.so
mkdir "$tmp/include"
cat >"$tmp/include/inner.h" <<'END'
typedef unsigned int sum_t;
#if SIZE_OF_LONG == 8
int wide_only(void);
#endif
END
cat >"$tmp/vendor.h" <<'END'
#include <stddef.h>
#define SIZE_OF_LONG __SIZEOF_LONG__
#include "inner.h"
int calls_made(void);
sum_t checksum(const void *data, size_t size);
int FUNCTION(int value);
END
echo 'sum_t checksum(_In_reads_bytes_(size) const void *data, size_t size);' >"$tmp/side.h"
echo 'int broken(' >"$tmp/broken.h"
set -- --header "$tmp/vendor.h" -I "$tmp/include" -D FUNCTION=made_up

run_command 0 "$farcall" call "$@" --sidecar "$tmp/side.h" "$buffers" checksum hello 5
out_has '^[1-9][0-9]*$'
run_command 0 "$farcall" call "$@" "$buffers" calls_made
run_command 0 "$farcall" call "$@" "$buffers" \
    'sum_t checksum(_In_reads_bytes_(size) const void *data, size_t size)' hello 5
out_has '^[1-9][0-9]*$'
run_or_say_nothing 1 "$farcall" call "$@" "$buffers" checksum hello 5
err_has 'parameter .data. of checksum'
err_has 'vendor.h:5: declared here'
run_or_say_nothing 1 "$farcall" call "$@" "$buffers" checksun hello 5
err_has "did you mean 'checksum'"
run_or_say_nothing 1 "$farcall" call "$@" "$buffers" wide_only
err_has 'but not for i386-linux'
run_or_say_nothing 1 "$farcall" call "$@" --sidecar "$tmp/broken.h" "$buffers" calls_made
err_has 'broken.h:'
run_or_say_nothing 1 "$farcall" call "$@" --sidecar "$tmp/nowhere.h" "$buffers" calls_made
err_has 'nowhere.h'
run_or_say_nothing 1 "$farcall" call --header "$tmp/vendor.h" "$buffers" calls_made
err_has 'inner.h'
run_or_say_nothing 2 "$farcall" call -I "$tmp" "$buffers" 'int calls_made(void)'
err_has 'are for --header'
run_or_say_nothing 1 env CC="$tmp/no-compiler" "$farcall" call "$@" "$buffers" calls_made
err_has 'needs a C compiler'
run_or_say_nothing 1 env CC=false "$farcall" call "$@" "$buffers" calls_made
err_has "'false -E .*' failed, and did not say why$"
run_command 0 env CC='cc -DUNUSED' "$farcall" call "$@" "$buffers" calls_made

run_command 0 "$farcall" explain "$@" --sidecar "$tmp/side.h" "$buffers" checksum
out_has 'checksum'
run_command 0 "$farcall" explain "$@" --target "$other" made_up
run_or_say_nothing 1 "$farcall" explain "$@" --target "$other" checksum
err_has 'parameter .data. of checksum'

# What cannot be read is left out, and listed.
cat >"$tmp/odd.h" <<'END'
int with_block(int (^block)(int));
int calls_made(void);
END
run_command 0 "$farcall" call --header "$tmp/odd.h" "$buffers" calls_made
run_or_say_nothing 1 "$farcall" call --header "$tmp/odd.h" "$buffers" with_block
err_has 'odd.h:1:21: '
run_command 0 "$farcall" explain --header "$tmp/odd.h" --skipped "$buffers"
out_has 'odd.h:1:21: '
out_has '^int with_block'
run_command 0 "$farcall" explain --header "$tmp/vendor.h" -I "$tmp/include" --target "$other" --skipped
[ -s "$tmp/out" ] && fail "something of a header without faults is listed as left out"
run_or_say_nothing 2 "$farcall" explain --target "$other" --skipped
err_has 'skipped is for --header'
run_or_say_nothing 2 "$farcall" explain --header "$tmp/odd.h" --skipped "$buffers" calls_made
err_has "'calls_made' is one argument too many"

# Sidecars by name lie beside the program, wherever that is.
mkdir -p "$tmp/moved/bin" "$tmp/moved/share/farcall/sidecars"
cp "$farcall" "$tmp/moved/bin/farcall"
cp "$tmp/side.h" "$tmp/moved/share/farcall/sidecars/vendor.h"
run_command 0 "$tmp/moved/bin/farcall" explain "$@" --sidecar vendor "$buffers" checksum
run_command 0 "$tmp/moved/bin/farcall" explain "$@" --sidecar vendor.h "$buffers" checksum
run_or_say_nothing 1 "$tmp/moved/bin/farcall" explain "$@" --sidecar other "$buffers" checksum
err_has 'other: No such file'
run_or_say_nothing 1 "$tmp/moved/bin/farcall" explain "$@" --sidecar ./vendor.h "$buffers" checksum
err_has 'No such file'
# A file that is there comes first.
cp "$tmp/broken.h" "$tmp/vendor"
run_or_say_nothing 1 sh -c "cd '$tmp' && moved/bin/farcall explain --header odd.h --sidecar vendor --target $other calls_made"
err_has 'vendor:1:'

# For a Windows library by mingw's compiler, with windows.h, whose annotations stay.
if command -v i686-w64-mingw32-gcc >/dev/null; then
    echo '#include <windows.h>
        typedef struct { DWORD size; WCHAR name[8]; } INFO;
        BOOL WINAPI GetInfo(_Inout_ INFO *info, LPARAM parameter);' >"$tmp/windows.h"
    run_command 0 "$farcall" explain --header "$tmp/windows.h" --target i386-windows GetInfo
    out_has 'decorated   `_GetInfo@8`'
    out_has '^argument 1 `info`, in and out: INFO \*$'
    # shellcheck disable=SC2016
    out_has 'one `INFO`, '
fi

# A preset is header, macros and sidecar.
mkdir -p "$tmp/presets/include"
echo '#ifdef _LARGEFILE64_SOURCE
int checked(const unsigned char *data, int size);
#endif' >"$tmp/presets/include/zlib.h"
echo 'int checked(_In_reads_(size) const unsigned char *data, int size);' >"$tmp/moved/share/farcall/sidecars/zlib.h"
run_command 0 "$tmp/moved/bin/farcall" explain --preset zlib -I "$tmp/presets/include" "$buffers" checked
out_has 'checked'
run_or_say_nothing 2 "$farcall" explain --preset zlip "$buffers" checked
err_has "no preset is called 'zlip'"

exit $((failed > 0))
