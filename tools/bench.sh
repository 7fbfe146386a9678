#!/bin/bash
# Runs every benchmark of a preset, one after the other.
#   bench.sh PRESET
set -euo pipefail
cd "$(dirname "$0")/.."

preset=$1
export FARCALL_TEST_LIBS=$PWD/build/$preset/testlibs
found=0
for program in "build/$preset"/bench/*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    found=1
    echo "== $(basename "$program")"
    "$program"
done
if [ "$found" -eq 0 ]; then
    echo "there are no benchmarks in bench/" >&2
    exit 1
fi
