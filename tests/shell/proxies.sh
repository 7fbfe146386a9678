# Sourced by tests of generated proxies, behind command.sh. Skips the test where programs of one width cannot be built.
# shellcheck shell=sh disable=SC2154
build=$(cd "$(dirname "$farcall")/.." && pwd)

for flag in -m32 -m64; do
    if ! echo 'int main(void) { return 0; }' | cc "$flag" -xc - -o "$tmp/a.out" >"$tmp/out" 2>"$tmp/err"; then
        echo "SKIPPED $(basename "$0" .sh): cc $flag does not work here"
        exit 77
    fi
done

# The target that has a libfarcall here, of its own width or in a folder: "" where a sanitizer's build has none.
runtime_of() {
    for folder in "$build/lib/$1" "$build/lib"; do
        if [ -e "$folder/libfarcall.so" ] && "$farcall" inspect "$folder/libfarcall.so" | grep "$1" >/dev/null; then
            echo "$folder/libfarcall.so"
            return
        fi
    done
}

# A sanitizer's library wants a program that was built with it.
sanitizer_of() {
    case $(nm -D "$1") in
    *__asan_init*) echo "-fsanitize=address,undefined" ;;
    *__tsan_init*) echo "-fsanitize=thread" ;;
    esac
}

# what EXPECTED ACTUAL: two files are the same.
same() {
    if ! cmp -s "$2" "$3"; then
        diff "$2" "$3" >"$tmp/out"
        : >"$tmp/err"
        fail "$1 differs"
    fi
}
