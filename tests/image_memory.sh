#!/bin/bash
# However large the numbers in a file, reading it takes no more than 64 MiB, with the program and the file itself. Each
# file of the fuzzers' corpora is read whole under that limit. $1 is the farcall program. Prints what failed.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"

# limited COMMAND...
limited() {
    (ulimit -v 65536 && "$@" >"$tmp/out" 2>"$tmp/err" </dev/null) 2>/dev/null # where bash says what was aborted
}
# reads OPTION... FILE: it may be refused, but not for want of memory.
reads() {
    command="inspect $*"
    limited timeout 300 "$farcall" inspect "$@"
    status=$?
    [ "$status" -le 1 ] || fail "$command: exit status $status"
    if grep -q 'out of memory\|Cannot allocate' "$tmp/err"; then
        fail "$command: out of memory"
    fi
}

if ! limited "$farcall" --version; then
    echo "SKIPPED image_memory: this build takes more than 64 MiB to start"
    exit 77
fi
count=0
for file in "$(dirname "$0")"/../fuzz/corpus/{image,managed}/*; do
    reads -v --exports --imports --members --pinvoke --metadata --for all "$file"
    reads --json "$file"
    count=$((count + 1))
done
[ "$count" -ge 20 ] || fail "only $count files were read"

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
