#!/bin/bash
# Builds presets and runs their tests, printing what failed and what was skipped.
#   test.sh PRESET...
# The last line is "N passed, N failed, N skipped" over all of them; exit status 1 if anything failed.
# A preset that does not build counts as one failure.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

passed=0 failed=0 skipped=0

# The number in an attribute of the report's first element, whose lines come first.
attribute() {
    sed -n "0,/[[:space:]]$1=\"/s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$2"
}

for preset in "$@"; do
    if ! tools/build.sh "$preset"; then
        failed=$((failed + 1))
        continue
    fi
    report=$PWD/build/$preset/tests.xml
    log=build/$preset/tests.log
    rm -f "$report"
    status=0
    ctest --preset "$preset" --no-label-summary --output-junit "$report" >"$log" 2>&1 || status=$?
    if [ ! -s "$report" ]; then
        cat "$log"
        failed=$((failed + 1))
        continue
    fi
    tests=$(attribute tests "$report")
    bad=$(attribute failures "$report")
    not_run=$(($(attribute skipped "$report") + $(attribute disabled "$report")))
    if [ "$bad" -gt 0 ]; then
        echo "-- $preset: failed, with their output:"
        grep -vE '^ *Start |^ *[0-9]+/[0-9]+ Test .* Passed |^Test project |^ *$' "$log"
    elif [ "$status" -ne 0 ]; then
        cat "$log"
        bad=1
    fi
    sed -n "s/.*\(SKIPPED [^<]*\).*/$preset: \1/p" "$report"
    passed=$((passed + tests - bad - not_run))
    failed=$((failed + bad))
    skipped=$((skipped + not_run))
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
