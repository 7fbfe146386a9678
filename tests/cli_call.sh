#!/bin/sh
# `farcall call`: $1 is the farcall program. Prints what failed.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"
: "${FARCALL_TEST_LIBS:=$(dirname "$farcall")/../testlibs}"

# The other bitness first, by which the rest is called.
case $("$farcall" inspect "$farcall") in
*x86_64-linux*) own=x86_64-linux other=i386-linux ;;
*) own=i386-linux other=x86_64-linux ;;
esac
basic=$FARCALL_TEST_LIBS/$other/libbasic.so
buffers=$FARCALL_TEST_LIBS/$other/libbuffers.so
pointers=$FARCALL_TEST_LIBS/$other/libpointers.so

run() {
    expected=$1
    shift
    run_or_say_nothing "$expected" "$farcall" call "$@"
}

err_has() {
    grep -qE -e "$1" "$tmp/err" || fail "$command: no line on stderr matches: $1"
}
# prints LINE...: stdout is exactly these lines.
prints() {
    printf '%s\n' "$@" >"$tmp/wanted"
    cmp -s "$tmp/wanted" "$tmp/out" || fail "$command: not what was expected: $*"
}

# -- The two commands that everyone tries first ------------------------------------------------------------------------
for target in i386-linux x86_64-linux; do
    if [ "$target" = i386-linux ] || [ -e /usr/lib/x86_64-linux-gnu/libz.so.1 ]; then
        run 0 --target "$target" libz.so.1 'const char *zlibVersion(void)'
        prints '"1.2.13"'
        run 0 --target "$target" libz.so.1 \
            'unsigned long crc32(unsigned long crc, _In_reads_(len) const unsigned char *buf, unsigned len)' 0 hello 5
        prints 907060870
    fi
done

# -- Backends -----------------------------------------------------------------------------------------------------------
for backend in process direct auto; do
    run 0 --backend "$backend" "$FARCALL_TEST_LIBS/$own/libbasic.so" 'int Add(int, int)' 20 22
    prints 42
done
run 0 -b auto "$basic" 'int Add(int, int)' 20 22
prints 42
run 0 -b direct libc.so.6 'size_t strlen(const char *text)' hello # the name alone: this program's own target
prints 5
run 0 -b direct "$FARCALL_TEST_LIBS/$own/libbuffers.so" \
    'int get_bytes(_Out_writes_to_(*size, *size) unsigned char *data, _Inout_ unsigned long *size, unsigned long have)' \
    _ 4 4
out_has 'size = 4'
run 0 -b direct --library-path "$FARCALL_TEST_LIBS/$own" libneeds_gone.so 'int needs_gone(void)'
prints 1
run 1 -b direct "$basic" 'int Add(int, int)' 20 22
err_has "libbasic.so is a library for $other .*direct"
run 1 -b direct --target "$other" libc.so.6 'int abs(int)' 1
err_has "this process, which is $own"
run 2 -b gate "$basic" 'int Add(int, int)' 20 22
err_has 'there is no backend `gate`; the backends are process, direct, auto'
run 2 -b direct -d 100 "$FARCALL_TEST_LIBS/$own/libbasic.so" 'int Add(int, int)' 20 22
err_has 'a deadline ends the host, and --backend direct has none'

# -- Options and usage ---------------------------------------------------------------------------------------------------
run 0 --help
out_has '^Usage: farcall call'
run 0 -h
run 2
err_has 'call: no library and no prototype given'
err_has "try 'farcall call --help'"
run 2 "$basic"
err_has 'call: no prototype given'
run 2 --target
err_has "option '--target' needs an argument"
run 2 --target sparc-linux "$basic" 'int Add(int, int)' 1 2
err_has 'there is no target `sparc-linux`; the targets are i386-linux, x86_64-linux'
run 1 libz.so.1 'unsigned long crc32(void)'
err_has 'libz.so.1 is a name, not a path, .* --target'
run 2 --frobnicate "$basic" 'int Add(int, int)' 1 2
err_has "unknown or ambiguous option '--frobnicate'"
run 2 -x "$basic" 'int Add(int, int)' 1 2
err_has "unknown option '-x'"
for number in 0 -1 x '' 1x 99999999999; do
    run 2 --repeat "$number" "$basic" 'int Add(int, int)' 1 2
    err_has "'$number' is no number of calls"
    run 2 --deadline "$number" "$basic" 'int Add(int, int)' 1 2
    err_has "'$number' is no number of milliseconds"
done
run 0 -- "$basic" 'int Add(int a, int b)' 40 2
prints 42
run 0 --targ "$other" "$basic" 'int Add(int a, int b)' 40 2
prints 42
run 0 -t "$own" "$FARCALL_TEST_LIBS/$own/libbasic.so" 'unsigned bits(void)'
out_has "^$(if [ $own = i386-linux ]; then echo 32; else echo 64; fi)\$"
run 0 "$basic" 'int Add(int a, int b)' -40 -2
prints -42
run 2 "$basic" 'int Add(int a, int b)' 1
err_has 'Add takes 2 arguments, and 1 was given'
run 2 "$basic" 'int Add(int a, int b)' 1 2 3
err_has 'Add takes 2 arguments, and 3 were given'
run 2 "$basic" 'unsigned bits(void)' 1
err_has 'bits takes 0 arguments, and 1 was given'

# A library by name, found in a folder of ours; what it needs is found there, too.
run 0 --library-path "$FARCALL_TEST_LIBS/$other" --target "$other" libneeds_gone.so 'int needs_gone(void)'
prints 1
run 0 -L "/nowhere:$FARCALL_TEST_LIBS/$other" -t "$other" libbasic.so 'int Add(int a, int b)' 1 2
prints 3

# -- Numbers ----------------------------------------------------------------------------------------------------------------
# echo_TYPE ARGUMENT RESULT
echoes() {
    run 0 "$basic" "$2 echo_$1($2 value)" "$3"
    prints "$4"
}
echoes int int 0x7fffffff 2147483647
echoes int int -0x80000000 -2147483648
echoes int int 010 8
echoes int int +5 5
echoes int int ' 7' 7
echoes uint unsigned 4294967295 4294967295
echoes schar 'signed char' -128 -128
echoes uchar 'unsigned char' 0xff 255
echoes short short -32768 -32768
echoes llong 'long long' -9223372036854775808 -9223372036854775808
echoes ullong 'unsigned long long' 18446744073709551615 18446744073709551615
echoes int64 int64_t -9223372036854775807 -9223372036854775807
echoes uint8 uint8_t 200 200
echoes long long -2147483648 -2147483648
echoes ulong 'unsigned long' 4294967295 4294967295
echoes ssize ssize_t -1 -1
echoes bool bool true true
echoes bool bool 0 false
echoes char char x "'x'"
echoes char char "'y'" "'y'"
echoes char char 7 "'\\a'"
echoes char char 200 "'\\310'"
echoes char char "\\" "'\\\\'"
echoes double double 1.5 1.5
echoes double double 3 3.0
echoes double double -0.1 -0.1
echoes double double 1e300 1e+300
echoes double double 0x1p-3 0.125
echoes double double inf INFINITY
echoes double double -inf -INFINITY
echoes double double nan NAN
echoes float float 0.1 0.1
echoes float float 16777217 16777216.0

# not_a TYPE PROTOTYPE-NAME ARGUMENT WHAT
not_a() {
    run 2 "$basic" "$1 echo_$2($1 value)" "$3"
    err_has "argument 1 \\(value\\) of echo_$2: '$3' is not $4"
}
not_a int int 2147483648 'a signed integer of 32 bits'
not_a int int -2147483649 'a signed integer of 32 bits'
not_a int int 5x 'a signed integer of 32 bits'
not_a int int '' 'a signed integer of 32 bits'
not_a unsigned uint -1 'an unsigned integer of 32 bits'
not_a unsigned uint 4294967296 'an unsigned integer of 32 bits'
not_a 'unsigned char' uchar 256 'an unsigned integer of 8 bits'
not_a 'unsigned long long' ullong 18446744073709551616 'an unsigned integer of 64 bits'
not_a bool bool 2 '0, 1, true or false'
not_a bool bool yes '0, 1, true or false'
not_a char char xy 'a character or its number'
not_a double double one 'a number'
not_a double double 1.5x 'a number'
run 2 "$basic" 'int echo_int(int)' x
err_has "argument 1 of echo_int: 'x' is not"

# A value that one side has no room for.
if [ "$other" = i386-linux ]; then
    run 1 "$basic" 'long echo_long(long value)' 2147483648
    err_has 'argument `value` of echo_long is 2147483648, which does not fit `long`, 32 bits wide in the callee \(i386-linux\); nothing was sent'
else
    run 1 "$basic" 'long make_long(long long value)' 2147483648
    err_has 'the result of make_long is 2147483648, which does not fit `long`, 32 bits wide in the caller \(i386-linux\); the call was made'
fi
run 0 "$basic" 'void nothing(void)'
[ ! -s "$tmp/out" ] || fail "$command: printed something for void"

# -- Strings -------------------------------------------------------------------------------------------------------------------
run 0 "$basic" 'long long length_of(const char *text)' 'twelve bytes'
prints 12
run 0 "$basic" 'long long length_of(const char *text)' ''
prints 0
run 0 "$basic" 'long long length_of(const char *text)' NULL
prints -1
printf 'from a file\nof two lines' >"$tmp/file"
run 0 "$basic" 'const char *same_text(const char *text)' "@$tmp/file"
prints '"from a file\nof two lines"'
run 0 "$basic" 'const char *no_text(void)'
prints NULL
run 0 "$basic" '_Ret_z_ const unsigned char *byte_text(void)'
prints '"\303\244\377"'
run 0 "$basic" 'const char *same_text(const char *text)' 'a "quote", a \, 1'
prints '"a \"quote\", a \\, 1"'
printf 'a\0b' >"$tmp/nul"
run 1 "$basic" 'long long length_of(const char *text)' "@$tmp/nul"
err_has 'argument 1 \(text\) of length_of is a string, but @.*/nul holds a NUL byte'
run 1 "$basic" 'long long length_of(const char *text)' "@$tmp/nowhere"
err_has 'nowhere: No such file or directory'
run 1 "$basic" 'long long length_of(const char *text)' "@$tmp"
err_has 'is a directory'
head -c 3000000 /dev/zero | tr '\0' x >"$tmp/long"
run 0 "$basic" 'long long length_of(const char *text)' "@$tmp/long"
prints 3000000

# -- Buffers ----------------------------------------------------------------------------------------------------------------------
checksum='unsigned checksum(_In_reads_bytes_(size) const void *data, size_t size)'
run 0 "$buffers" "$checksum" hello 5
bytes=$(cat "$tmp/out")
printf hello >"$tmp/hello"
run 0 "$buffers" "$checksum" "@$tmp/hello" 5
prints "$bytes"
run 0 "$buffers" "$checksum" 'hello, and more' 5
prints "$bytes"
run 1 "$buffers" "$checksum" hello 6
err_has 'argument 1 \(data\) of checksum has 5 elements, but its annotation says that 6 are read'
run 0 "$buffers" 'int first_byte(_In_reads_(size) const unsigned char *data, int size)' NULL 5
prints -1
sum='long long sum_int(_In_reads_(count) const int *values, size_t count)'
run 0 "$buffers" "$sum" 1,-2,0x30 3
prints 47
run 0 "$buffers" "$sum" 5 1
prints 5
run 0 "$buffers" "$sum" '' 0
prints 0
run 0 "$buffers" "$sum" '1, 2, 3' 3
prints 6
run 2 "$buffers" "$sum" 1,x 2
err_has "argument 1 \\(values\\) of sum_int: 'x' is not a signed integer of 32 bits"
run 2 "$buffers" "$sum" 1,,2 3
run 1 "$buffers" "$sum" 1,2 3
err_has 'has 2 elements, but its annotation says that 3 are read'
run 1 "$buffers" 'unsigned channels(_In_reads_(n * 4) const unsigned char *bytes, int n)' abcd -1
err_has 'the size of argument `bytes` of channels is -4'
run 0 "$buffers" 'double sum_double(_In_reads_(count) const double *values, size_t count)' 1.5,2.25 2
prints 3.75

# -- Outputs ------------------------------------------------------------------------------------------------------------------------
run 0 "$buffers" 'void iota_double(_Out_writes_(count) double *values, int count, int written)' _ 5 3
prints 'values = {0.0, 1.0, 2.0, 0.0, 0.0}'
run 0 "$buffers" 'void twice_int(_Inout_updates_(count) int *values, int count)' 1,2,-3 3
prints 'values = {2, 4, -6}'
run 0 "$buffers" 'void twice_int(_Inout_updates_(2) int *, int)' 1,2 2
prints 'argument 1 = {2, 4}'
run 0 "$buffers" 'int bump_int(_Inout_ int *value)' 41
prints 42 'value = 42'
run 0 "$buffers" 'int bump_int(_Inout_ int *value)' _
prints 1 'value = 1'
run 0 "$buffers" 'unsigned char bump_uchar(_Inout_ unsigned char *value)' 7
prints 8 'value = 8'
run 0 "$buffers" 'char bump_char(_Inout_ char *value)' a
prints "'b'" "value = 'b'"
run 0 "$buffers" 'void set_ulong(_Out_ unsigned long *value, long long to)' _ 4294967295
prints 'value = 4294967295'
run 0 "$buffers" 'void set_size(_Out_opt_ size_t *value, long long to)' _ 7
prints 'value = 7'
run 0 "$buffers" 'void copy(_Out_writes_bytes_all_(size) void *to, _In_reads_bytes_(size) const void *from, size_t size)' _ 'a	tab' 5
prints 'to = "a\ttab"'
get='int get_bytes(_Out_writes_to_(*size, *size) unsigned char *data, _Inout_ unsigned long *size, unsigned long have)'
run 0 "$buffers" "$get" _ 10 3
prints 0 'data = "\001\002\003"' 'size = 3'
run 0 "$buffers" "$get" _ 4 100 # more than there is room for
prints 1 'data = "\001\002\003\004"' 'size = 100'
report='int report(_Out_writes_to_(capacity, *length) unsigned char *data, int capacity, _Out_ int *length, int reported)'
run 0 "$buffers" "$report" _ 4 _ -1
prints -1 'data = ""' 'length = -1'
run 2 "$buffers" "$sum" _ 3
err_has "argument 1 \\(values\\) of sum_int is no output, so '_' cannot stand for it"
run 2 "$basic" 'int echo_int(int value)' _
err_has "is no output, so '_' cannot stand for it"
run 1 "$buffers" 'void fill_char(_Out_writes_(count) char *values, uint64_t count, char value)' _ 18446744073709551615 x
err_has 'argument `count` of fill_char, 18446744073709551615, is too large for a size'
run 1 "$buffers" 'void fill_int(_Out_writes_(count) int *values, uint64_t count, int value)' _ 4611686018427387904 1
err_has 'no memory for argument 1 \(values\) of fill_int, 4611686018427387904 elements'

# -- Pointers -------------------------------------------------------------------------------------------------------------------------
run 0 "$pointers" '_Fc_opaque_ void *same(_Fc_opaque_ void *pointer)' 0x1234
prints '(void *)0x1234'
run 0 "$pointers" '_Fc_opaque_ void *same(_Fc_opaque_ void *pointer)' NULL
prints NULL
run 0 "$pointers" 'struct thing; int thing_open(int number, _Outptr_ struct thing **ret_thing)' 0 _
prints 0 'ret_thing = NULL'
run 0 "$pointers" 'struct thing; int thing_open(int number, _Outptr_ struct thing **ret_thing)' 5 _
out_has '^ret_thing = \(void \*\)0x[0-9a-f]+$'
run 0 "$pointers" 'int has_callback(int (*callback)(int))' NULL
prints 0
run 2 "$pointers" '_Fc_opaque_ void *same(_Fc_opaque_ void *pointer)' somewhere
err_has "'somewhere' is not NULL or an address"

# -- Many times ---------------------------------------------------------------------------------------------------------------------------
run 0 --repeat 1000 "$basic" 'int Add(int a, int b)' 40 2
out_has '^1000 calls in [0-9]+\.[0-9]+ ms, [0-9]+ calls per second$'
out_has '^latency in us: min [0-9.]+, p50 [0-9.]+, p90 [0-9.]+, p99 [0-9.]+, p99.9 [0-9.]+, max [0-9.]+$'
[ "$(tail -n 1 "$tmp/out")" = 42 ] || fail "$command: the result is not the last line"
[ "$(wc -l <"$tmp/out")" -eq 3 ] || fail "$command: not three lines"
run 0 -n 1 "$basic" 'int Add(int a, int b)' 40 2
prints 42
run 0 -n 5 "$basic" 'int calls_made(void)'
out_has '^0$'
run 0 -n 5 "$basic" 'int set_errno(int value)' 3

# -- What goes wrong ------------------------------------------------------------------------------------------------------------------------
run 1 "$tmp/nowhere.so" 'int f(void)'
err_has 'call: .*/nowhere.so: No such file or directory'
run 1 libz.so.1 'int f(void)'
err_has 'libz.so.1 is a name, not a path'
run 2 '' 'int f(void)'
err_has "call: the library's name is empty; is it from a variable that is not set"
run 2 "$basic" ''
err_has 'call: the prototype is empty'
run 1 --target "$other" libnowhere.so.1 'int f(void)'
err_has "the $other loader finds no library libnowhere.so.1"
run 1 --target "$own" "$basic" 'int Add(int, int)' 1 2
err_has "libbasic.so is a library for $other"
run 1 "$tmp/file" 'int f(void)'
err_has 'not a binary'
head -c 2000 "$basic" >"$tmp/cut.so"
run 1 "$tmp/cut.so" 'int f(void)'
err_has 'cut.so: ELF '
run 1 "$basic" 'int Adds(int, int)' 1 2
err_has 'does not export `Adds`; the nearest names that it does export are `Add`'
run 1 "$basic" 'int Add(itn a, int b)' 1 2
err_has '^farcall: call: prototype:1:9: '
err_has '^farcall: int Add\(itn a, int b\)$'
err_has '^farcall:         \^$'
run 1 "$basic" 'int Add(void *a, int b)' 1 2
err_has 'parameter `a` of Add is `void \*`.*_In_reads_bytes_\(n\)'
run 1 "$basic" 'int Add(__int128 a, int b)' 1 2
err_has 'parameter `a` of Add has the type `__int128`'
run 1 "$basic" 'int Add(long double a, int b)' 1 2
err_has 'cannot be given on a command line'
cp "$FARCALL_TEST_LIBS/$other/libneeds_gone.so" "$tmp/"
run 1 "$tmp/libneeds_gone.so" 'int needs_gone(void)'
err_has 'libneeds_gone.so needs libgone.so, which the '"$other"' loader does not find'

# Trouble with the host.
run 3 --target "$other" libc.so.6 'void abort(void)'
err_has "the host \\($other\\) died in the call of .abort.: SIGABRT"
run 3 --target "$other" libc.so.6 'void exit(int status)' 0
err_has 'the library called exit\(0\)'
run 3 "$pointers" 'int look(_Fc_opaque_ const int *pointer)' 16
err_has 'SIGSEGV at address 0x10, in .*/libpointers.so\+0x'
run 3 --deadline 100 --target "$other" libc.so.6 'int pause(void)'
err_has 'no answer within 100 ms'
run 3 -n 10 -d 100 --target "$other" libc.so.6 'int pause(void)'
run 0 --deadline 60000 "$basic" 'int Add(int a, int b)' 1 2
prints 3

# Nothing in a message reaches the terminal as a control.
run 1 "$(printf '/nowhere/\033[31m')" 'int f(void)'
err_has '/nowhere/\\x1b\[31m'

# What the library prints comes first; a full disk does not go unnoticed.
run 0 --target "$other" libc.so.6 'int puts(const char *text)' 'said by the library'
prints 'said by the library' 20
if [ -w /dev/full ]; then
    command="farcall call >/dev/full"
    : >"$tmp/out"
    "$farcall" call "$basic" 'int Add(int a, int b)' 1 2 >/dev/full 2>"$tmp/err"
    [ $? -eq 1 ] || fail "$command: exit status not 1"
    err_has '^farcall: standard output: '
fi

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
