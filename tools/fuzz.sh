#!/bin/bash
# Runs each fuzz target for a bounded time.
#   fuzz.sh SECONDS [NAME...]
# It starts from fuzz/corpus/NAME and keeps what it finds in build/fuzz/corpus/NAME. An input that crashes is left in
# build/fuzz/found/NAME-*: give it a name, add it to fuzz/corpus/NAME, and write a test for it.
set -euo pipefail
cd "$(dirname "$0")/.."

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
    mkdir -p "build/fuzz/corpus/$name"
    options=(-max_total_time="$seconds" -timeout=10 -malloc_limit_mb=64 -rss_limit_mb=512 -print_final_stats=0 -verbosity=0
        -artifact_prefix="build/fuzz/found/$name-")
    [ -f "fuzz/$name.dict" ] && options+=(-dict="fuzz/$name.dict")
    corpus=("build/fuzz/corpus/$name")
    [ -d "fuzz/corpus/$name" ] && corpus+=("fuzz/corpus/$name")
    if "$program" "${options[@]}" "${corpus[@]}" >"build/fuzz/$name.log" 2>&1; then
        echo "$name: nothing found in $seconds s"
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
