#!/bin/bash
# Configures and builds presets, printing only what goes wrong.
#   build.sh PRESET...
set -euo pipefail
cd "$(dirname "$0")/.."

for preset in "$@"; do
    mkdir -p "build/$preset"
    log=build/$preset/build.log
    [ -e "build/$preset/build.ninja" ] || echo "building '$preset' for the first time; this takes a minute" >&2
    # One build of a tree at a time: a second one waits.
    if ! flock "build/$preset/.lock" sh -c 'cmake --preset "$1" && cmake --build --preset "$1"' - "$preset" >"$log" 2>&1; then
        grep -vE '^\[[0-9]+/[0-9]+\] |^-- ' "$log"
        echo "building '$preset' failed" >&2
        exit 1
    fi
    grep -A5 'warning:' "$log" || true
done
