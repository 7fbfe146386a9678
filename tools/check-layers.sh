#!/bin/sh
# Checks that no file includes what its layer may not, and that operating systems are told apart only where they may be.
#   check-layers.sh [ROOT]        the tree to check; default: the one this script lies in
#   check-layers.sh --self-test   shows that each kind of violation is found
# Prints one line per violation; exit status 1 if there was any.
set -eu

# folder : folders and single headers of src/ that its files may include besides their own folder's.
# docs/architecture.md has the same table with its reasons.
table='
base    :
os      : base
image   : base
decl    : base
abi     : base decl
wire    : base os
client  : base os image decl abi wire
gate    : base os abi client/client.h
host    : base os wire abi/frame.h
guardian: os wire
proxy   : base decl abi image
gateway : base os
cli     : base os proxy gateway
'

check() {
    (cd "$1" && find include src -type f \( -name '*.[ch]' -o -name '*.S' \) | LC_ALL=C sort) |
        (cd "$1" && TABLE="$table" awk '
        function complain(text) { printf "%s:%d: %s\n", path, line, text; violations++ }

        # May a file of `folder` include `header`, a path below src/?
        function allowed(folder, header,    top) {
            top = header; sub(/\/.*/, "", top)
            if (header ~ /^os\/[^\/]+\//) return folder == "os"   # a contract for all; its folders per system for itself
            return top == folder || (folder, top) in may || (folder, header) in may
        }

        function check_include(folder, text,    header, quoted, top) {
            quoted = text ~ /^"/
            header = substr(text, 2); sub(/[">].*/, "", header)
            top = header; sub(/\/.*/, "", top)
            if (folder == "include") {
                if (quoted || (top in layers)) complain("a public header includes \"" header "\"")
            } else if (header ~ /\.\./) {
                complain("include by way of ..: \"" header "\"")
            } else if (top == "farcall") {
                if (quoted) complain("write <" header ">: it is a public header")
            } else if (quoted && !(top in layers)) {
                complain("write \"folder/" header "\": quoted includes start at src/")
            } else if (top in layers && header ~ /\//) {
                if (!quoted) complain("write \"" header "\": it is not a public header")
                else if (!allowed(folder, header)) complain(folder " may not include \"" header "\"")
            }
        }

        # `next_lines`: what follows; a public header may tell systems apart to define how symbols are exported.
        function check_condition(folder, text, next_lines) {
            if (text !~ /(^|[^A-Za-z0-9_])(_WIN32|_WIN64|__MINGW32__|__MINGW64__|_MSC_VER|__CYGWIN__|__linux__|__linux|__gnu_linux__|__unix__|__APPLE__|__FreeBSD__|__WINE__)([^A-Za-z0-9_]|$)/) return
            if (folder == "os" || path ~ /\.S$/) return
            if (folder == "include" && next_lines ~ /#[ \t]*define[ \t]+FC_API/) return
            complain("tells operating systems apart: " text)
        }

        function check_file(    count, folder, i, text, parts) {
            for (count = 0; (getline text < path) > 0; ) lines[++count] = text
            close(path)
            lines[count + 1] = lines[count + 2] = lines[count + 3] = ""
            split(path, parts, "/")
            folder = parts[1] == "include" ? "include" : parts[2]
            line = 1
            if (folder != "include" && !(folder in layers)) { complain("folder \"" folder "\" is in no layer"); return }
            for (line = 1; line <= count; line++) {
                text = lines[line]
                if (text !~ /^[ \t]*#/) continue
                sub(/^[ \t]*#[ \t]*/, "", text)
                if (text ~ /^include/) { sub(/^include(_next)?[ \t]*/, "", text); check_include(folder, text) }
                else if (text ~ /^(if|ifdef|ifndef|elif)[ \t(]/)
                    check_condition(folder, text, lines[line + 1] "\n" lines[line + 2])
            }
        }

        BEGIN {
            count = split(ENVIRON["TABLE"], rows, "\n")
            for (i = 1; i <= count; i++) {
                if (rows[i] !~ /:/) continue
                split(rows[i], sides, ":"); gsub(/ /, "", sides[1]); layers[sides[1]] = 1
                n = split(sides[2], names, " ")
                for (k = 1; k <= n; k++) may[sides[1], names[k]] = 1
            }
        }
        { path = $0; check_file() }
        END { exit violations > 0 }')
}

# Each line: the file, its violating line, a part of the message it must give; '-' where none may come.
self_test() {
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
    failed=0
    cases=0
    while IFS='|' read -r file text expected; do
        [ -n "$file" ] || continue
        cases=$((cases + 1))
        rm -rf "$dir/tree"
        mkdir -p "$dir/tree/include/farcall" "$dir/tree/src/base" "$dir/tree/$(dirname "$file")"
        printf '#include <stdio.h>\n%b\nint x;\n' "$text" >"$dir/tree/$file"
        status=0
        check "$dir/tree" >"$dir/out" 2>&1 || status=$?
        if [ "$expected" = - ]; then
            [ "$status" -eq 0 ] && [ ! -s "$dir/out" ] && continue
        else
            [ "$status" -eq 1 ] && sed 's/:[0-9]*:/:/' "$dir/out" | grep -F "$file: $expected" >/dev/null && continue
        fi
        failed=$((failed + 1))
        printf 'FAILED %s: %s\n  expected: %s\n  status %s: %s\n' "$file" "$text" "$expected" "$status" "$(cat "$dir/out")"
    done <<'CASES'
src/base/a.c|#include "base/b.h"|-
src/base/a.c|#include <farcall/farcall.h>|-
src/base/a.c|#include "os/os.h"|base may not include "os/os.h"
src/image/pe.c|#include "os/os.h"|image may not include "os/os.h"
src/image/pe.c|  #  include  "decl/decl.h"|image may not include "decl/decl.h"
src/decl/parse.c|#include "base/arena.h"|-
src/abi/plan.c|#include "decl/decl.h"|-
src/abi/plan.c|#include "wire/wire.h"|abi may not include "wire/wire.h"
src/wire/turn.c|#include "abi/frame.h"|wire may not include "abi/frame.h"
src/client/call.c|#include "abi/plan.h"|-
src/client/call.c|#include "host/host.h"|client may not include "host/host.h"
src/client/call.c|#include "os/linux/process.h"|client may not include "os/linux/process.h"
src/os/linux/memory.c|#include "os/linux/process.h"|-
src/os/linux/memory.c|#include <linux/futex.h>|-
src/host/main.c|#include "abi/frame.h"|-
src/host/main.S|#include "abi/plan.h"|host may not include "abi/plan.h"
src/host/main.c|#include "decl/decl.h"|host may not include "decl/decl.h"
src/gate/gate.c|#include "client/client.h"|-
src/gate/gate.c|#include "client/session.h"|gate may not include "client/session.h"
src/cli/main.c|#include "client/client.h"|cli may not include "client/client.h"
src/base/a.c|#include "b.h"|write "folder/b.h"
src/base/a.c|#include "../os/os.h"|include by way of ..
src/base/a.c|#include <os/os.h>|write "os/os.h"
src/base/a.c|#include "farcall/farcall.h"|write <farcall/farcall.h>
include/farcall/a.h|#include <farcall/farcall.h>|-
include/farcall/a.h|#include "base/b.h"|a public header includes "base/b.h"
include/farcall/a.h|#include <base/b.h>|a public header includes "base/b.h"
include/farcall/a.h|#ifdef _WIN32\n#define FC_API __declspec(dllimport)\n#endif|-
include/farcall/a.h|#ifdef _WIN32\nint y;\n\n#endif|tells operating systems apart: ifdef _WIN32
src/base/a.c|#ifdef _WIN32\n#endif|tells operating systems apart: ifdef _WIN32
src/host/a.c|#if defined(__linux__) && 1\n#endif|tells operating systems apart: if defined(__linux__)
src/host/a.S|#ifdef __linux__\n#endif|-
src/os/os.h|#ifdef _WIN32\n#endif|-
src/base/a.c|#ifdef __x86_64__\n#endif|-
src/misc/a.c|int y;|folder "misc" is in no layer
src/base/a.c|#if MY_WIN32_THING\n#endif|-
CASES
    echo "$cases cases, $failed failed"
    [ "$failed" -eq 0 ]
}

case ${1-} in
--self-test) self_test ;;
*) check "${1:-$(dirname "$0")/..}" ;;
esac
