#!/bin/bash
# Runs each test of each test program of a preset under valgrind; hosts run as they are.
#   valgrind.sh PRESET
# The last line is "N passed, N failed, N skipped"; exit status 1 if anything failed.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=$1
tools/build.sh "$preset"
results=build/$preset/valgrind
rm -rf "$results"
mkdir -p "$results"

run_one() {
    program=$1 name=$2 results=$3
    log=$results/$(basename "$program").$name
    status=0
    { # the braces keep the shell's own remark on a crash out of the output
        timeout 1800 valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
            --errors-for-leak-kinds=definite,indirect --trace-children=no --child-silent-after-fork=yes \
            "$program" "$name" >"$log.log" 2>&1 || status=$?
    } 2>/dev/null
    echo "$status" >"$log.status"
    case $status in
    0) ;;
    77) grep SKIPPED "$log.log" ;;
    *)
        echo "-- $(basename "$program") $name: status $status"
        cat "$log.log"
        ;;
    esac
}
export -f run_one

for program in "build/$preset"/tests/test_*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    "$program" --list | while read -r name; do printf '%s\0%s\0' "$program" "$name"; done
done | xargs -0 -r -n 2 -P "$(nproc)" bash -c 'run_one "$1" "$2" "$0"' "$results"

passed=0 failed=0 skipped=0
for file in "$results"/*.status; do
    [ -e "$file" ] || continue
    case $(cat "$file") in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)) ;;
    *) failed=$((failed + 1)) ;;
    esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
