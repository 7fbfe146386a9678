#!/bin/bash
# The verdicts for Wine against Wine: each executable of the policy's table and each kind that mcs makes is started, and
# the bitness of its process compared with what `farcall inspect --for wine` says. $1 is the farcall program.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/wine.sh
. "$(dirname "$0")/shell/wine.sh"

farcall=$(realpath "$farcall")
here=$(realpath "$(dirname "$0")")
rows=$(realpath "${FARCALL_TEST_BUILD:-$(dirname "$farcall")/..}")/tests/test_image_rows
if ! why=$(wine_tools); then
    echo "SKIPPED wine_starts: $why"
    exit 77
fi
mkdir "$tmp/rows"
FARCALL_TEST_ROWS="$tmp/rows" "$rows" >"$tmp/out" 2>"$tmp/err" || fail "the rows are not written"
i686-w64-mingw32-gcc -O -o "$tmp/starts.exe" "$here/windows/starts.c" || exit 1
wine_begin "$tmp/prefix"
trap 'wine_end; rm -rf "$tmp"' EXIT
cd "$tmp/rows" || exit 1

if command -v mcs >/dev/null; then
    echo 'class App { static int Main() { return 0; } }' >"$tmp/app.cs"
    for platform in anycpu x86 anycpu32bitpreferred x64 itanium arm; do
        mcs -platform:$platform -out:mcs-$platform.exe "$tmp/app.cs" || exit 1
        sed 's/v4\.0\.30319/v1.1.4322\x00/' mcs-$platform.exe >mcs-$platform-old.exe
        "$farcall" corflags mcs-$platform-old.exe /RevertCLRHeader >"$tmp/out"
        "$farcall" corflags mcs-$platform-old.exe -o mcs-$platform-whacked.exe --upgrade-clr-header >"$tmp/out"
    done
fi

# Row 20, no PE image.
echo text >20-text.exe
printf MZ >20-cut.exe
cp /bin/true 20-elf.exe

# What the verdicts say, in the words of starts.exe.
"$farcall" inspect --json --for wine ./*.exe >"$tmp/verdicts" 2>"$tmp/err" || fail "inspect --for wine"
/usr/bin/python3 -c 'import json, sys
for image in json.load(open(sys.argv[1])):
    verdict = image["verdicts"][0]
    state = verdict["bits"] if "bits" in verdict else "fails %d" % verdict["system"]["code"]
    print(state, image["file"])' "$tmp/verdicts" | sort -k2 >"$tmp/expected"
timeout 300 wine "$tmp/starts.exe" ./*.exe 2>"$tmp/err" | sort -k2 >"$tmp/real"
command="wine starts.exe"
count=$(wc -l <"$tmp/real")
[ "$count" -ge 30 ] || fail "only $count programs were started"
diff "$tmp/expected" "$tmp/real" >"$tmp/out" || fail "verdicts (<) are not what Wine does (>)"

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
