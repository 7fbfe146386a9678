#!/bin/sh
# `farcall explain`: $1 is the farcall program. Prints what failed.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"
: "${FARCALL_TEST_LIBS:=$(dirname "$farcall")/../testlibs}"
FARCALL_LIBEXEC=$tmp/nowhere # no host is needed
export FARCALL_LIBEXEC

case $("$farcall" inspect "$farcall") in
*x86_64-linux*) own=x86_64-linux other=i386-linux ;;
*) own=i386-linux other=x86_64-linux ;;
esac
basic=$FARCALL_TEST_LIBS/$other/libbasic.so

run() {
    expected=$1
    shift
    run_or_say_nothing "$expected" "$farcall" explain "$@"
}

# prints: stdout is exactly what comes here.
prints() {
    cat >"$tmp/wanted"
    diff "$tmp/wanted" "$tmp/out" >"$tmp/diff" || fail "$command: not what was expected: $(cat "$tmp/diff")"
}
out_lacks() {
    if grep -qE -e "$1" "$tmp/out"; then
        fail "$command: a line on stdout matches: $1"
    fi
}
# part TITLE LINE...: the part of stdout that begins with the line TITLE has exactly these lines behind it.
part() {
    title=$1
    shift
    printf '%s\n' "$@" >"$tmp/wanted"
    awk -v title="$title" '$0 == "" { on = 0 } on { print } $0 == title { on = 1 }' "$tmp/out" >"$tmp/part"
    diff "$tmp/wanted" "$tmp/part" >"$tmp/diff" || fail "$command: not what was expected of '$title': $(cat "$tmp/diff")"
}

crc32='unsigned long crc32(unsigned long crc, _In_reads_(len) const unsigned char *buf, unsigned len)'
compress='int compress(_Out_writes_to_(*destLen, *destLen) unsigned char *dest, _Inout_ unsigned long *destLen,
    _In_reads_(sourceLen) const unsigned char *source, unsigned long sourceLen)'

# -- From here to the other side --------------------------------------------------------------------------------------------
run 0 --target "$other" "$crc32"
if [ $own = x86_64-linux ]; then
    prints <<'TEXT'
crc32: from x86_64-linux (here) to i386-linux (there)
  convention  cdecl (System V i386): all arguments on the stack
  frame       3 stack words, 12 bytes; the first cache line has room for 32 more
  short path  no: argument 2 is a pointer
  errno       set here if the function sets it to something other than 0, else untouched

argument 1 `crc`, in: unsigned long
  width       8 bytes here, 4 there
  conversion  checked and cut: 0 to 4294967295, else FC_ERANGE, and nothing is sent
  travels in  stack word 0, in the first cache line

argument 2 `buf`, in: const unsigned char *
  width       8 bytes here, 4 there
  conversion  the address of the copy takes its place; NULL stays NULL
  points to   `len` bytes
  before      copied to the first cache line if there is room, else to scratch
  after       nothing is copied back
  fc_alloc    not copied if it lies in such memory
  travels in  stack word 1, in the first cache line

argument 3 `len`, in: unsigned int
  width       4 bytes on both sides
  conversion  as it is
  travels in  stack word 2, in the first cache line

result: unsigned long
  width       4 bytes there, 8 here
  conversion  zero-extended
  travels in  eax, in the first cache line
TEXT
else
    prints <<'TEXT'
crc32: from i386-linux (here) to x86_64-linux (there)
  convention  System V x86-64: six integer and eight vector registers, then the stack
  frame       3 integer registers, 24 bytes; the first cache line has room for 24 more
  short path  no: argument 2 is a pointer
  errno       set here if the function sets it to something other than 0, else untouched

argument 1 `crc`, in: unsigned long
  width       4 bytes here, 8 there
  conversion  zero-extended
  travels in  rdi, in the first cache line

argument 2 `buf`, in: const unsigned char *
  width       4 bytes here, 8 there
  conversion  the address of the copy takes its place; NULL stays NULL
  points to   `len` bytes
  before      copied to the first cache line if there is room, else to scratch
  after       nothing is copied back
  fc_alloc    not copied if it lies in such memory
  travels in  rsi, in the first cache line

argument 3 `len`, in: unsigned int
  width       4 bytes on both sides
  conversion  as it is
  travels in  rdx, in the first cache line

result: unsigned long
  width       8 bytes there, 4 here
  conversion  checked and cut: 0 to 4294967295, else FC_ERANGE, after the call
  travels in  rax, in the first cache line
TEXT
fi

run 0 --target "$other" "$compress"
if [ $own = x86_64-linux ]; then
    # shellcheck disable=SC2016
    part 'argument 1 `dest`, out: unsigned char *' \
        '  width       8 bytes here, 4 there' \
        '  conversion  the address of the copy takes its place; NULL stays NULL' \
        '  points to   `*destLen` bytes' \
        '  before      nothing is copied; there is room for it in scratch' \
        '  after       the first `*destLen` bytes, as it is then, are copied back, never more than there' \
        '              was room for' \
        '  fc_alloc    not copied if it lies in such memory' \
        '  travels in  stack word 0, in the first cache line'
    # shellcheck disable=SC2016
    part 'argument 2 `destLen`, in and out: unsigned long *' \
        '  width       8 bytes here, 4 there' \
        '  conversion  the address of the copy takes its place; NULL stays NULL' \
        '  points to   one value, 8 bytes here, 4 there' \
        '  going in    checked and cut: 0 to 4294967295, else FC_ERANGE, and nothing is sent' \
        '  coming out  zero-extended' \
        '  before      copied to scratch' \
        '  after       what was changed is copied back' \
        '  fc_alloc    copied out of such memory too, since the widths differ' \
        '  travels in  stack word 1, in the first cache line'
else
    # shellcheck disable=SC2016
    part 'argument 2 `destLen`, in and out: unsigned long *' \
        '  width       4 bytes here, 8 there' \
        '  conversion  the address of the copy takes its place; NULL stays NULL' \
        '  points to   one value, 4 bytes here, 8 there' \
        '  going in    zero-extended' \
        '  coming out  checked and cut: 0 to 4294967295, else FC_ERANGE, after the call' \
        '  before      copied to scratch' \
        '  after       what was changed is copied back' \
        '  fc_alloc    copied out of such memory too, since the widths differ' \
        '  travels in  rsi, in the first cache line'
fi

# size_t and long, which differ in width and in what may be lost.
run 0 -t "$other" 'size_t f(size_t size, long offset, ssize_t count)'
if [ $own = x86_64-linux ]; then
    # shellcheck disable=SC2016
    part 'argument 1 `size`, in: size_t' \
        '  width       8 bytes here, 4 there' \
        '  conversion  checked and cut: 0 to 4294967295, or in the top page, as (size_t)-1 is, else' \
        '              FC_ERANGE, and nothing is sent' \
        '  travels in  stack word 0, in the first cache line'
    # shellcheck disable=SC2016
    part 'argument 2 `offset`, in: long' \
        '  width       8 bytes here, 4 there' \
        '  conversion  checked and cut: -2147483648 to 2147483647, else FC_ERANGE, and nothing is sent' \
        '  travels in  stack word 1, in the first cache line'
    part 'result: size_t' \
        '  width       4 bytes there, 8 here' \
        '  conversion  zero-extended; the top page, as (size_t)-1, stays the top page' \
        '  travels in  eax, in the first cache line'
else
    # shellcheck disable=SC2016
    part 'argument 2 `offset`, in: long' \
        '  width       4 bytes here, 8 there' \
        '  conversion  sign-extended' \
        '  travels in  rsi, in the first cache line'
    part 'result: size_t' \
        '  width       8 bytes there, 4 here' \
        '  conversion  checked and cut: 0 to 4294967295, or in the top page, as (size_t)-1 is, else' \
        '              FC_ERANGE, after the call' \
        '  travels in  rax, in the first cache line'
fi

# -- The callee's conventions -------------------------------------------------------------------------------------------------
run 0 --target i386-linux 'double mix(float a, double b, int c)'
prints <<TEXT
mix: from $own (here) to i386-linux (there)
  convention  cdecl (System V i386): all arguments on the stack
  frame       4 stack words, 16 bytes
  short path  no: the result is a floating-point number
  errno       set here if the function sets it to something other than 0, else untouched

argument 1 \`a\`, in: float
  width       4 bytes on both sides
  conversion  as it is
  travels in  stack word 0, in the first cache line

argument 2 \`b\`, in: double
  width       8 bytes on both sides
  conversion  as it is
  travels in  stack words 1 and 2, in the first cache line

argument 3 \`c\`, in: int
  width       4 bytes on both sides
  conversion  as it is
  travels in  stack word 3, in the first cache line

result: double
  width       8 bytes on both sides
  conversion  rounded from the 80 bits of st0 to 64
  travels in  st0, in the first cache line
TEXT
run 0 --target x86_64-linux 'double mix(float a, double b, int c)'
prints <<TEXT
mix: from $own (here) to x86_64-linux (there)
  convention  System V x86-64: six integer and eight vector registers, then the stack
  frame       1 integer register, 2 vector registers, 24 bytes
  short path  no: the result is a floating-point number
  errno       set here if the function sets it to something other than 0, else untouched

argument 1 \`a\`, in: float
  width       4 bytes on both sides
  conversion  as it is
  travels in  xmm0, in the first cache line

argument 2 \`b\`, in: double
  width       8 bytes on both sides
  conversion  as it is
  travels in  xmm1, in the first cache line

argument 3 \`c\`, in: int
  width       4 bytes on both sides
  conversion  as it is
  travels in  rdi, in the first cache line

result: double
  width       8 bytes on both sides
  conversion  as it is
  travels in  xmm0, in the first cache line
TEXT

# -- Windows --------------------------------------------------------------------------------------------------------------
run 0 -t i386-windows 'unsigned __stdcall Add(unsigned a, unsigned b)'
prints <<TEXT
Add: from $own (here) to i386-windows (there)
  convention  stdcall: all arguments on the stack
  pops        8 bytes of arguments, itself
  decorated   \`_Add@8\`
  frame       2 stack words, 8 bytes
  short path  yes: every value goes straight into the first cache line
  errno       set here if the function sets it to something other than 0, else untouched

argument 1 \`a\`, in: unsigned int
  width       4 bytes on both sides
  conversion  as it is
  travels in  stack word 0, in the first cache line

argument 2 \`b\`, in: unsigned int
  width       4 bytes on both sides
  conversion  as it is
  travels in  stack word 1, in the first cache line

result: unsigned int
  width       4 bytes on both sides
  conversion  as it is
  travels in  eax, in the first cache line
TEXT
run 0 -t i386-windows 'double __fastcall f(short a, double d, int b, int c)'
out_has '^  convention  fastcall: '
out_has '^  pops        12 bytes of arguments, itself$'
out_has '^  decorated   `@f@20`$'
out_has '^  frame       2 integer registers, 3 stack words, 20 bytes$'
out_has '^  travels in  ecx, '
out_has '^  travels in  stack words 0 and 1, '
out_has '^  travels in  edx, '
out_has '^  travels in  stack word 2, '
out_has '^  travels in  st0, '
run 0 -t i386-windows 'struct s { int a[3]; }; struct s __stdcall f(int a)'
out_has '^  pops        8 bytes of arguments, itself$' # with where the result goes
out_has '^  decorated   `_f@4`$'
run 0 -t i386-windows 'int f(int a)'
out_has '^  convention  cdecl \(Microsoft\): '
out_lacks 'pops|decorated'
run 0 -t i386-windows 'int __stdcall f(int a, ..., int)' # is called as C is
out_has '^  convention  cdecl \(Microsoft\): '
run 0 -t x86_64-windows 'int __stdcall f(float a, int b, double c, int d, int e)'
out_has '^  convention  Microsoft x64: four registers, by position, then the stack$'
out_lacks 'pops|decorated'
out_has '^  frame       4 registers, 1 stack word, 40 bytes$'
for place in xmm0 rdx xmm2 r9 'stack word 0' rax; do
    out_has "^  travels in  $place, in the first cache line\$"
done
run 0 -t x86_64-windows 'struct s { char a[3]; }; int f(struct s b)'
out_has '^  travels in  scratch, its address in rcx, in the first cache line$'
run 1 -t "$other" 'int __stdcall f(int a)'
err_has "the calling convention .stdcall., which farcall has no calls by in libraries for $other\\. If it means nothing"
echo 'int __stdcall f(int a);' >"$tmp/stdcall.h"
run 1 -t "$other" --header "$tmp/stdcall.h" f
run 0 -t "$other" --header "$tmp/stdcall.h" -D __stdcall= f # as the message says
run 1 -t i386-windows 'int __vectorcall f(int a)'
err_has 'the calling convention `vectorcall`, which farcall has no calls by in libraries for i386-windows'

# What windows.h calls types is known without it, and what a text says of them counts.
run 0 -t i386-windows 'BOOL WINAPI EnumWindows(WNDENUMPROC lpEnumFunc, LPARAM lParam)'
out_has '^  decorated   `_EnumWindows@8`$'
out_has '^argument 1 `lpEnumFunc`, in: WNDENUMPROC$'
out_has '^argument 2 `lParam`, in: LPARAM$'
out_has '^result: BOOL$'
run 0 -t x86_64-windows 'HRESULT f(_In_ const GUID *id, HWND a, HANDLE b, unsigned __int64 c, _In_reads_bytes_(2 * sizeof(DWORD)) LPVOID d)'
out_has 'one `const GUID`, 16 bytes on both sides$'
[ "$(grep -c 'conversion  opaque: ' "$tmp/out")" = 2 ] || fail "$command: two opaque handles are expected"
out_has '^  points to   `2 \* 4` bytes$'
run 0 -t i386-windows 'typedef unsigned short DWORD; typedef struct _GUID { int a; } GUID; DWORD f(DWORD DATE, _In_ GUID *g)'
out_has '^  width       2 bytes on both sides$'
out_has 'one `GUID`, 4 bytes on both sides$'
run 1 -t "$other" 'DWORD f(void)'
err_has "unknown type name 'DWORD'"

# -- Pointers and strings -------------------------------------------------------------------------------------------------------
run 0 -t "$own" 'struct s; struct s *same(struct s *handle, _Fc_opaque_ void *data)'
# shellcheck disable=SC2016
grep -qFx 'argument 1 `handle`, in: struct s *' "$tmp/out" || fail "$command: no handle"
[ "$(grep -cFx '  conversion  opaque: as it is' "$tmp/out")" -eq 3 ] || fail "$command: not three that stay as they are"
run 0 -t "$other" 'struct s; struct s *same(struct s *handle)'
narrow='  conversion  opaque: its low word where that restores it, else a token that stands for it'
wide='  conversion  opaque: extended; a token becomes the pointer that it stands for'
if [ $own = x86_64-linux ]; then
    # shellcheck disable=SC2016
    part 'argument 1 `handle`, in: struct s *' '  width       8 bytes here, 4 there' "$narrow" \
        '  travels in  stack word 0, in the first cache line'
    part 'result: struct s *' '  width       4 bytes there, 8 here' "$wide" '  travels in  eax, in the first cache line'
else
    # shellcheck disable=SC2016
    part 'argument 1 `handle`, in: struct s *' '  width       4 bytes here, 8 there' "$wide" \
        '  travels in  rdi, in the first cache line'
    part 'result: struct s *' '  width       8 bytes there, 4 here' "$narrow" '  travels in  rax, in the first cache line'
fi
run 0 -t i386-linux 'const char *zlibVersion(void)'
width='8 here'
[ $own = x86_64-linux ] || width=
part 'result: const char *' \
    "  width       4 bytes ${width:+there, }${width:-on both sides}" \
    '  conversion  a string: in place if the library allocated it, until the library frees it; else' \
    '              copied to this side, where it lives until the session is closed; NULL stays NULL' \
    '  after       of a copy up to 2047 bytes come with the answer, more with a second request' \
    '  travels in  eax, in the first cache line'
run 0 -t "$own" 'int puts(const char *text)'
grep -qFx '  before      copied with its NUL to the first cache line if there is room, else to scratch' "$tmp/out" ||
    fail "$command: not copied with its NUL"

# -- Libraries ----------------------------------------------------------------------------------------------------------------
run 0 "$basic" 'int Add(int a, int b)'
head -n 1 "$tmp/out" | grep -Fx "Add: from $own (here) to $other (there)" >/dev/null || fail "$command: not the file's target"
grep -qFx '  short path  yes: every value goes straight into the first cache line' "$tmp/out" ||
    fail "$command: not short"
run 0 --target "$other" "$basic" 'int Add(int a, int b)'
run 0 --target "$other" libbasic.so 'int Add(int a, int b)'
run 0 --targ "$other" -- 'int Add(int a, int b)'
run 1 --target "$own" "$basic" 'int Add(int a, int b)'
err_has "libbasic.so is a library for $other \\([36][24] bits\\), not for $own"
run 1 "$tmp/nowhere.so" 'int f(void)'
err_has 'explain: .*/nowhere.so: No such file or directory'
echo text >"$tmp/text"
run 1 "$tmp/text" 'int f(void)'
err_has 'not a binary'

# -- Options and usage ----------------------------------------------------------------------------------------------------------
for option in --help -h; do
    run 0 $option
    head -n 1 "$tmp/out" | grep '^Usage: farcall explain' >/dev/null || fail "$command: no usage"
done
run 2
err_has 'explain: no prototype given'
run 2 --target "$other" ''
err_has 'explain: the prototype is empty'
run 2 '' 'int f(void)'
err_has "explain: the library's name is empty"
err_has "try 'farcall explain --help'"
run 2 'int f(void)'
err_has 'nothing says which target is meant: give --target, such as --target i386-linux, or the path of the library'
run 2 libz.so.1 'int f(void)'
err_has 'libz.so.1 is a name, not a path, .* give --target'
run 2 --target sparc-linux 'int f(void)'
err_has 'there is no target `sparc-linux`; the targets are i386-linux, x86_64-linux'
run 2 --target
err_has "option '--target' needs an argument"
run 2 -x 'int f(void)'
err_has "unknown option '-x'"
run 2 --target "$other" "$basic" 'int Add(int a, int b)' 1
err_has "'1' is one argument too many"

# -- What a declaration may lack ------------------------------------------------------------------------------------------------
run 1 --target "$other" 'int Add(itn a, int b)'
err_has '^farcall: explain: prototype:1:9: unknown type name'
err_has '^farcall: int Add\(itn a, int b\)$'
err_has '^farcall:         \^$'
run 1 --target "$other" 'int Add(void *a, int b)'
err_has 'parameter `a` of Add is `void \*`.*_In_reads_bytes_\(n\)'
run 1 --target "$other" 'int Add(__int128 a, int b)'
err_has 'parameter `a` of Add has the type `__int128`'
run 0 --target "$other" 'int f(int (*p)(int *n))' # all of the reason
out_has 'anything else is FC_EUNSUPPORTED: parameter `n` of$'
out_has 'See docs/annotations.md\.$'
run 1 --target "$other" 'int printf(const char *format, ...)'
err_has 'is variadic'
run 1 --target "$other" 'struct s { char *text; } value'
err_has 'member `text` of'
run 1 --target "$other" 'typedef int value'
err_has 'is not a function'
run 1 --target "$other" Add
err_has '`Add` is a name alone, and no declarations were given that could have it: .*--header'

# The same on a terminal, and a full disk does not go unnoticed.
if command -v script >/dev/null; then
    run 0 --target "$other" "$crc32"
    TERM=xterm timeout 300 script -qec "'$farcall' explain --target $other '$crc32'" /dev/null </dev/null |
        tr -d '\r' >"$tmp/terminal"
    cmp -s "$tmp/terminal" "$tmp/out" || fail "$command: another text on a terminal"
fi
if [ -w /dev/full ]; then
    command="farcall explain >/dev/full"
    : >"$tmp/out"
    "$farcall" explain --target "$other" "$crc32" >/dev/full 2>"$tmp/err"
    [ $? -eq 1 ] || fail "$command: exit status not 1"
    err_has '^farcall: standard output: '
fi

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
