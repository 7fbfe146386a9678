#!/bin/bash
# Images that nothing here can make: Arm64X and Arm64EC, a single-file bundle, Mach-O and mixed code, out of packages of
# npm. $1 is the farcall program. Prints what failed.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/npm.sh
. "$(dirname "$0")/shell/npm.sh"

run() {
    expected=$1
    shift
    run_command "$expected" "$farcall" "$@"
}

if ! edge=$(npm_package edge-js 26.1.0); then
    echo "SKIPPED image_npm: $edge"
    exit 77
fi
if ! sarif=$(npm_package @microsoft/sarif-multitool-win32 5.7.0); then
    echo "SKIPPED image_npm: $sarif"
    exit 77
fi

run 0 inspect -v "$sarif/Sarif.Multitool.exe"
out_has '^    apphost      starts \.NET, single-file bundle$'
run 0 inspect -v --for windows11-arm64 "$sarif/arm64/vcruntime140.dll"
out_has '^    hybrid       Arm64X$'
[ "$(grep -c '^      system     works: It is Arm64X' "$tmp/out")" -eq 2 ] || fail "$command: not for both kinds of process"
run 0 inspect -v --for windows11-arm64 --for windows-x64 "$sarif/arm64/vcruntime140_1.dll"
out_has '^    hybrid       Arm64EC$'
[ "$(grep -c '^      system     works: It is Arm64EC' "$tmp/out")" -eq 1 ] || fail "$command: not for one kind of process"
run 0 inspect -v "$sarif/amd64/vcruntime140_1.dll"
grep -q hybrid "$tmp/out" && fail "$command: is no hybrid"
run 0 inspect --json "$sarif"
/usr/bin/python3 -c 'import json, sys
images = json.load(open(sys.argv[1]))
assert len(images) == 18, len(images)
assert not any("problems" in image for image in images)' "$tmp/out" || fail "$command: not the JSON expected"

# The C runtime in the folder for ARM64 is for i386.
run 0 inspect "$edge"
[ "$(grep -cE '/win32/arm64/[a-z]+140\.dll +PE +32 +i386 +library +i386-windows$' "$tmp/out")" -eq 4 ] ||
    fail "$command: the runtime in win32/arm64"
[ "$(grep -cE '/darwin/(arm64/[0-9]+/[a-z_]+\.node +Mach-O +64 +aarch64|x64/[0-9]+/[a-z_]+\.node +Mach-O +64 +x86_64) +library' \
    "$tmp/out")" -eq 16 ] || fail "$command: Mach-O"
run 0 inspect -v "$edge/lib/native/win32/ia32/20/edge_nativeclr.node" "$edge/lib/native/win32/arm64/20/edge_nativeclr.node"
[ "$(grep -c '^    tied  .*native' "$tmp/out")" -ge 2 ] || fail "$command: mixed code"

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
