#!/bin/bash
# Runs each fuzz target for a bounded time.
#   fuzz.sh SECONDS [NAME...]
# It replays fuzz/corpus/NAME, starts from it, and keeps what it finds in build/fuzz/corpus/NAME. An input that crashes
# is left in build/fuzz/found/NAME-*: give it a name, add it to fuzz/corpus/NAME, and write a test for it.
#   fuzz.sh --fixed [NAME...]
# The same search each time, of about ten seconds a target: a fixed seed, a fixed number of runs (FUZZ_TIMES as many),
# nothing of what other searches found, and no random addresses, by which the fuzzer weighs inputs.
set -euo pipefail
cd "$(dirname "$0")/.."

fixed_runs() {
    case $1 in
    decl) echo 10000 ;;
    plan) echo 30000 ;;
    answer) echo 60000 ;;
    managed) echo 10000 ;;
    *) echo 20000 ;;
    esac
}

seconds=$1
shift
tools/build.sh fuzz
mkdir -p build/fuzz/found
failed=0
found=0
for program in build/fuzz/fuzz_*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    name=$(basename "$program")
    name=${name#fuzz_}
    if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then
        continue
    fi
    found=1
    kept=build/fuzz/corpus/$name
    how=(-max_total_time="$seconds")
    wrapper=()
    told="in $seconds s"
    if [ "$seconds" = --fixed ]; then
        kept=build/fuzz/fixed/$name
        rm -rf "$kept"
        runs=$(($(fixed_runs "$name") * ${FUZZ_TIMES:-1}))
        how=(-seed=1 -runs="$runs" -max_total_time=$((120 * ${FUZZ_TIMES:-1})))
        wrapper=(setarch -R)
        told="in $runs runs"
    fi
    mkdir -p "$kept"
    options=("${how[@]}" -timeout=10 -malloc_limit_mb=64 -rss_limit_mb=1024 -print_final_stats=0 -verbosity=0
        -artifact_prefix="build/fuzz/found/$name-")
    [ -f "fuzz/$name.dict" ] && options+=(-dict="fuzz/$name.dict")
    corpus=("$kept")
    inputs=()
    if [ -d "fuzz/corpus/$name" ]; then
        corpus+=("fuzz/corpus/$name")
        inputs=("fuzz/corpus/$name"/*)
    fi
    if { [ "${#inputs[@]}" -eq 0 ] || "$program" "${inputs[@]}"; } >"build/fuzz/$name.log" 2>&1 &&
        "${wrapper[@]}" "$program" "${options[@]}" "${corpus[@]}" >"build/fuzz/$name.log" 2>&1; then
        echo "$name: nothing found $told"
    else
        cat "build/fuzz/$name.log"
        echo "$name: FAILED"
        failed=1
    fi
done
if [ "$found" -eq 0 ]; then
    echo "no fuzz target of that name in fuzz/" >&2
    exit 1
fi
exit "$failed"
