#!/bin/bash
# Runs the benchmark of a preset, and keeps its results in build/bench.json.
#   bench.sh PRESET [OPTION...]    options of the benchmark: --only GROUP, --quick, --list
set -euo pipefail
cd "$(dirname "$0")/.."

preset=$1
shift
caller=x86_64
if [ "$preset" = i386 ]; then
    caller=i386
fi
program=build/$preset/bench/$caller-linux/bench
if [ ! -x "$program" ]; then
    echo "$program is not built" >&2
    exit 1
fi
exec "$program" --json build/bench.json "$@"
