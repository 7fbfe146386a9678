# Sourced by the tests of the command line; their first argument is the farcall program.
# shellcheck shell=sh disable=SC2034
farcall=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0
skipped=0

# skip_part WHY...: for a part that cannot be tested here. The rest is; the test ends with 77, unless something failed.
skip_part() {
    echo "SKIPPED $(basename "$0" .sh): $*"
    skipped=$((skipped + 1))
}

fail() {
    echo "FAILED: $*"
    sed 's/^/  stdout: /' "$tmp/out"
    sed 's/^/  stderr: /' "$tmp/err"
    failed=$((failed + 1))
}

# run_program STATUS PROGRAM ARGUMENT...: expects that exit status.
run_program() {
    expected=$1
    shift
    command=$*
    timeout 300 "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    status=$?
    [ "$status" -eq "$expected" ] || fail "$command: exit status $status, expected $expected"
}

# The same, and on stderr there is nothing but "farcall: " lines: some if it failed, none if it succeeded.
run_command() {
    run_program "$@"
    if grep -qv '^farcall: ' "$tmp/err"; then
        fail "$command: a line on stderr without prefix"
    fi
    if [ "$expected" -eq 0 ] && [ -s "$tmp/err" ]; then
        fail "$command: succeeded, but complained"
    fi
    if [ "$expected" -ne 0 ] && [ ! -s "$tmp/err" ]; then
        fail "$command: failed without saying why"
    fi
}

# The same, and a command that failed has printed nothing.
run_or_say_nothing() {
    run_command "$@"
    if [ "$expected" -ne 0 ] && [ -s "$tmp/out" ]; then
        fail "$command: failed, but printed something"
    fi
}

out_has() {
    grep -qE -e "$1" "$tmp/out" || fail "$command: no line on stdout matches: $1"
}
err_has() {
    grep -qE -e "$1" "$tmp/err" || fail "$command: no line on stderr matches: $1"
}
