#!/bin/sh
# The command line of `farcall` itself and `farcall inspect`: $1 is the farcall program. Prints what failed.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"

run() {
    expected=$1
    shift
    run_command "$expected" "$farcall" "$@"
}

out_lacks() {
    grep -qE -e "$1" "$tmp/out" && fail "$command: a line on stdout matches: $1"
}

# -- farcall ------------------------------------------------------------------------------------------------------
run 0 --help
out_has '^Usage: farcall VERB'
for verb in inspect corflags run call doctor; do
    out_has "^  $verb "
done
run 0 -h
run 0 --version
out_has '^farcall [0-9]+\.[0-9]+\.[0-9]+$'
run 2
err_has 'no verb given'
run 2 --nonsense
err_has "unknown or ambiguous option '--nonsense'"
err_has "try 'farcall --help'"
run 2 -x inspect
err_has "unknown option '-x'"
run 2 --help=now
err_has "option '--help=now' takes no argument"
run 2 inspcet
err_has "unknown verb 'inspcet'; did you mean 'inspect'\?"
run 2 cal
err_has "did you mean 'call'"
run 2 frobnicate
err_has "^farcall: unknown verb 'frobnicate'$"
run 2 ''
err_has "^farcall: unknown verb ''$"

# -- farcall inspect: usage ---------------------------------------------------------------------------------------
run 0 inspect --help
out_has '^Usage: farcall inspect'
run 2 inspect
err_has 'inspect: no file given'
err_has "try 'farcall inspect --help'"
run 2 inspect --exportz "$farcall"
err_has "inspect: unknown or ambiguous option '--exportz'"
run 2 inspect --verbose=yes "$farcall"
err_has "option '--verbose=yes' takes no argument"
run 2 inspect -vq "$farcall"
err_has "unknown option '-q'"

# -- What is no file ------------------------------------------------------------------------------------------------
: >"$tmp/empty"
echo text >"$tmp/text"
printf '#!/bin/sh\n' >"$tmp/script"
mkfifo "$tmp/fifo"
run 0 inspect "$tmp" # a tree without binaries
[ ! -s "$tmp/out" ] || fail "$command: printed something"
run 1 inspect "$tmp/missing"
err_has 'missing: No such file or directory'
run 1 inspect "$tmp/empty"
err_has 'empty: the file is empty'
run 1 inspect "$tmp/fifo"
err_has 'fifo: is a FIFO, not a regular file'
run 1 inspect /dev/zero
err_has '/dev/zero: is a device, not a regular file'
run 1 inspect ''
err_has 'file.s name is empty'
if [ "$(id -u)" -ne 0 ]; then
    echo secret >"$tmp/unreadable"
    chmod 0 "$tmp/unreadable"
    run 1 inspect "$tmp/unreadable"
    err_has 'unreadable: Permission denied'
fi
run 0 inspect "$tmp/text" "$tmp/script"
out_has '/text    *not a binary  *-  *-  *-  *-$'
out_has '/script  *script  *-  *-  *-  *-$'

# -- One line a file -------------------------------------------------------------------------------------------------
# row PATH PATTERN: the rest of the line about a file; nothing if there is no such file here.
row() {
    if [ -e "$1" ]; then
        run 0 inspect "$1"
        out_has "^FILE  *FORMAT  *BITS  *MACHINE  *KIND  *TARGET$"
        out_has "^$1  $2$"
    else
        echo "not checked: no $1"
    fi
}
row /usr/lib/i386-linux-gnu/libz.so.1 'ELF  *32  *i386  *library  *i386-linux'
row /usr/lib/x86_64-linux-gnu/libz.so.1 'ELF  *64  *x86_64  *library  *x86_64-linux'
row /usr/lib/x86_64-linux-gnu/libc.so.6 'ELF  *64  *x86_64  *library  *x86_64-linux'
row /bin/true 'ELF  *64  *x86_64  *executable  *x86_64-linux'
row /usr/libx32/libc.so.6 'ELF  *32  *x86_64  *library  *-'
row /usr/i686-w64-mingw32/lib/zlib1.dll 'PE  *32  *i386  *library  *i386-windows'
row /usr/x86_64-w64-mingw32/lib/zlib1.dll 'PE  *64  *x86_64  *library  *x86_64-windows'
row /usr/lib/x86_64-linux-gnu/crt1.o 'ELF  *64  *x86_64  *object  *x86_64-linux'
row /usr/lib/x86_64-linux-gnu/libc.a 'ar archive  *64  *x86_64  *archive  *-'

# The program itself: a PIE of either width.
run 0 inspect -v "$farcall"
out_has 'ELF  *(32|64)  *(i386|x86_64)  *executable  *(i386|x86_64)-linux$'
out_has '^    interpreter  /'
out_has '^    needed       libc\.so'
out_has '^    exports      [0-9]+ functions'
out_lacks '^    no target'

# Columns begin at the same place in every line, whatever the names.
cp "$farcall" "$tmp/grüße"
run 0 inspect "$tmp/grüße" "$tmp/text" "$farcall"
columns=$(sed 's/grüße/gruss/' "$tmp/out" | # not every awk counts characters
    awk '{ match($0, /(FORMAT|ELF|not a binary)/); print RSTART }' | sort -u | wc -l)
[ "$columns" -eq 1 ] || fail "$command: the columns are not aligned"

# Nothing in a name reaches the terminal as a control.
name=$(printf 'a\033[31mb\nc')
cp "$farcall" "$tmp/$name"
run 0 inspect "$tmp/$name"
out_has 'a\\x1b\[31mb\\x0ac  ELF'

# -- Details -----------------------------------------------------------------------------------------------------
zlib=/usr/lib/x86_64-linux-gnu/libz.so.1
if [ -e "$zlib" ]; then
    run 0 inspect --verbose $zlib
    out_has '^    soname       libz\.so\.1$'
    out_has '^    needed       libc\.so\.6$'
    out_has '^    exports      [0-9]+ functions, 0 data$'
    out_lacks '^    function'
    run 0 inspect --exports $zlib
    out_has '^    function     compress$'
    out_has '^    function     gzungetc@@ZLIB_1\.2\.0\.2$'
    out_lacks 'soname'

    # A file that lost its end, among good ones.
    head -c 5000 $zlib >"$tmp/cut"
    run 1 inspect $zlib "$tmp/cut" "$farcall"
    err_has 'cut: ELF segment [0-9]+ \(load\): 0x[0-9a-f]+ bytes at offset 0x[0-9a-f]+, but the file ends at 0x1388'
    out_has "^$zlib "
    out_has 'ELF .* executable '
    out_lacks '/cut '
fi
if [ -e /usr/libx32/libc.so.6 ]; then
    run 0 inspect -v /usr/libx32/libc.so.6
    out_has '^    no target    the x32 ABI$'
fi
if [ -e /usr/i686-w64-mingw32/lib/zlib1.dll ]; then
    run 0 inspect -v /usr/i686-w64-mingw32/lib/zlib1.dll
    run 0 inspect --exports /usr/i686-w64-mingw32/lib/zlib1.dll
    out_has '^    function     compress$'
    run 0 inspect --imports /usr/i686-w64-mingw32/lib/zlib1.dll
    out_has '^    needed       KERNEL32\.dll$'
    out_has '^      import     Sleep$'
    run 0 inspect --for windows-x64 /usr/i686-w64-mingw32/lib/zlib1.dll
    out_has '^    windows-x64      a 32-bit process \(WOW64\)$'
    out_has '^      system     FAILS \(193\): It is native code for i386, which a 64-bit process cannot load\.'
fi

# -- Trees, JSON, verdicts ------------------------------------------------------------------------------------------
mkdir -p "$tmp/tree/below"
cp "$farcall" "$tmp/tree/below/program"
cp "$farcall" "$tmp/tree/another"
ln -s program "$tmp/tree/below/link"
echo text >"$tmp/tree/text"
run 0 inspect "$tmp/tree"
[ "$(awk '{ print $1 }' "$tmp/out")" = "FILE
$tmp/tree/another
$tmp/tree/below/program" ] || fail "$command: not the two binaries in order"
printf 'MZ%60s\377\377\377\177%60s' '' '' >"$tmp/tree/broken.dll"
run 1 inspect "$tmp/tree"
err_has 'broken.dll: '
out_has '/program  *ELF'

run 0 inspect --json "$farcall" "$tmp/text"
python3 -c 'import json, sys
program, text = json.load(open(sys.argv[1]))
assert program["format"] == "ELF" and program["kind"] == "executable" and program["elf"]["needed"], program
assert text["format"] == "not a binary" and text["exports"] == [], text' "$tmp/out" || fail "$command: not the JSON expected"
run 0 inspect --json "$tmp/tree/text" "$(printf '%s/a\033[31mb\nc' "$tmp")" 2>/dev/null
run 0 inspect --json "$tmp/tree/below"
python3 -c 'import json, sys; assert len(json.load(open(sys.argv[1]))) == 1' "$tmp/out" || fail "$command: not one object"

run 0 inspect --for linux-i386 --for windows-x64 "$farcall"
out_has '^    linux-i386  '
out_has '^    windows-x64 .*does not start$'
out_has '^      system     FAILS \(193\): It is an ELF image'
run 2 inspect --for windows-99 "$farcall"
err_has "inspect: unknown system 'windows-99'; the systems are windows-x86, .*, linux-x86_64$"
run 2 inspect --for windows-x64 --enable64bit 2 "$farcall"
err_has 'inspect: --enable64bit is 0 or 1'
run 2 inspect --for windows-x64 --runtime newest "$farcall"
err_has "inspect: --runtime is a version such as .*, not 'newest'"
for condition in '--runtime=8.0.4' '--enable64bit=0' '--prefer-arm64'; do
    run 2 inspect "$condition" "$farcall"
    err_has 'are for --for$'
done
run 2 inspect --for
err_has "option '--for' needs an argument"

# A full disk does not go unnoticed.
if [ -w /dev/full ]; then
    command="farcall inspect >/dev/full"
    : >"$tmp/out"
    "$farcall" inspect "$farcall" >/dev/full 2>"$tmp/err"
    [ $? -eq 1 ] || fail "$command: exit status not 1"
    err_has '^farcall: standard output: '
fi

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
