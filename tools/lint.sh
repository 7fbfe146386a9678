#!/bin/bash
# Checks what a compiler does not.
#   lint.sh [FILE...]    all checks, or clang-tidy and clang-format on these C files only
#   lint.sh --format     rewrite all C files in the project's format
# Exit status 1 if any check complains.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

c_files() {
    find include src tests examples bench fuzz -type f \( -name '*.c' -o -name '*.h' \) -not -path '*/corpus/*' \
        -not -path 'tests/data/*' | LC_ALL=C sort
}

if [ "${1-}" = --format ]; then
    c_files | xargs -r clang-format -i
    exit
fi

failed=()
step() {
    local name=$1
    shift
    if ! "$@"; then
        failed+=("$name")
    fi
}

if [ $# -gt 0 ]; then
    files=("$@")
else
    mapfile -t files < <(c_files)
fi

check_format() {
    local file status=0
    for file in "${files[@]}"; do
        if ! clang-format "$file" | cmp -s "$file" -; then
            echo "$file: not in the project's format; \`make format\` mends it"
            status=1
        fi
    done
    return "$status"
}

# Test libraries imitate foreign code.
own_c_files() {
    printf '%s\0' "${files[@]}" | grep -zE '\.c$' | grep -zvE '^tests/(libs|conformance|windows)/|^fuzz/'
}

# What is for Windows is not among the commands of a build.
windows='^(src/(os|host)|bench)/windows/'
windows_flags=(--target=x86_64-w64-mingw32 -std=gnu11 -Isrc -Iinclude -D_WIN32_WINNT=0x0602)
tidy_windows() {
    local sources
    mapfile -d '' sources < <(own_c_files | grep -zE "$windows")
    [ ${#sources[@]} -eq 0 ] || clang-tidy --quiet "${sources[@]}" -- "${windows_flags[@]}"
}

# Headers are seen through the files that include them.
check_tidy() {
    tools/build.sh debug || return 1
    {
        own_c_files | grep -zvE "$windows" | xargs -0 -r -n 4 -P "$(nproc)" clang-tidy -p build/debug --quiet
        tidy_windows
    } 2>&1 | grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed|^Use -header-filter' >build/debug/tidy.log
    if grep -qE '(warning|error): ' build/debug/tidy.log; then
        # The same header is reported once per file that includes it, and each file once per width.
        awk '/(warning|error): / { show = !seen[$0]++ } show' build/debug/tidy.log
        return 1
    fi
}

check_shell() {
    if ! command -v shellcheck >/dev/null; then
        echo "shellcheck is not installed: shell scripts not checked" >&2
        return 0
    fi
    grep -lE '^#!.*\b(ba)?sh\b' -r tools tests .ci --include='*' | xargs -r shellcheck --external-sources --severity=warning
}

check_manuals() {
    local pages
    mapfile -t pages < <(find docs -name '*.[1-8]' | LC_ALL=C sort)
    [ ${#pages[@]} -eq 0 ] || mandoc -T lint -W warning "${pages[@]}"
}

step clang-format check_format
step clang-tidy check_tidy
if [ $# -eq 0 ]; then
    step layers tools/check-layers.sh
    step shellcheck check_shell
    step mandoc check_manuals
fi

if [ ${#failed[@]} -gt 0 ]; then
    echo "lint: failed: ${failed[*]}"
    exit 1
fi
echo "lint: clean"
