#!/bin/sh
# docs/protocol.md is normative: its operations and control messages have the numbers that src/wire has.
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0

# compare PREFIX HEADING HEADER: the rows "| NUMBER `NAME` |" below the heading, the header's enumerators.
compare() {
    sed -n "/^##* $2\$/,/^## /s/^| \([0-9]*\) \`\([A-Z]*\)\` .*/\1 \2/p" docs/protocol.md | sort >"$folder/document"
    tr '\n' ' ' <"src/wire/$3" | grep -oE "FC__WIRE_$1_[A-Z]+ *= *[0-9]+" |
        sed -E "s/FC__WIRE_$1_([A-Z]+) *= *([0-9]+)/\2 \1/" | sort >"$folder/code"
    if [ ! -s "$folder/code" ] || ! diff -u "$folder/document" "$folder/code"; then
        echo "docs/protocol.md, \"$2\", and src/wire/$3 have different numbers"
        status=1
    fi
}

compare OP Operations channel.h
compare CONTROL 'Control connection' message.h
exit $status
