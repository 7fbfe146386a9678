#!/bin/bash
# `farcall audit` of applications that others made: Debian's Mono and Wine, two packages of npm. $1 is the farcall program.
# What cannot be had here is left out, and said. Prints what failed.
set -u
here=$(cd "$(dirname "$0")" && pwd)

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$here/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/npm.sh
. "$here/shell/npm.sh"

audit() {
    expected=$1
    shift
    run_command "$expected" "$farcall" audit "$@"
}

skipped=0
skip() {
    echo "SKIPPED audit_real: $*"
    skipped=$((skipped + 1))
}

# -- Debian's: nothing of it is in conflict ----------------------------------------------------------------------------
for folder in /usr/lib/mono /usr/lib/x86_64-linux-gnu/wine /usr/lib/i386-linux-gnu/wine; do
    if [ -d "$folder" ]; then
        audit 0 --html "$tmp/page.html" "$folder"
        out_has ': 0 conflicts, [0-9]+ doubts, [0-9]+ missing or unreadable$'
        tail -c 20 "$tmp/page.html" | grep '</html>' >/dev/null || fail "the page of $folder has no end"
    else
        skip "$folder is not there"
    fi
done
if [ -d /usr/lib/x86_64-linux-gnu/wine/x86_64-windows ]; then # Windows knows all of its own libraries by name
    audit 0 --strict /usr/lib/x86_64-linux-gnu/wine/x86_64-windows
fi

# -- npm's ---------------------------------------------------------------------------------------------------------------

if package=$(npm_package edge-js 26.1.0); then
    audit 4 --json "$package"
    python3 - "$tmp/out" <<'SCRIPT' || fail "edge-js: the findings are others"
import json, sys
audit = json.load(open(sys.argv[1]))
names = sorted(finding["file"].split("/native/")[1] for finding in audit["findings"])
print(names)
sys.exit(names != ["win32/arm64/" + name for name in
                   ("concrt140.dll", "msvcp140.dll", "vccorlib140.dll", "vcruntime140.dll")])
SCRIPT
else
    skip "$package"
fi

if package=$(npm_package @microsoft/sarif-multitool-win32 5.7.0); then
    audit 0 --strict -v "$package"
    out_has 'Sarif.Multitool.exe +a 64-bit process'
    out_has 'arm64/vcruntime140.dll  64-bit \(Arm64X\)'
    out_has 'arm64/vcruntime140_1.dll  64-bit \(Arm64EC\)'
    out_has ': 0 conflicts, 0 doubts, 0 missing or unreadable$'
else
    skip "$package"
fi

[ "$failed" -eq 0 ] || exit 1
[ "$skipped" -eq 0 ] || exit 77
