#!/bin/bash
# Makes a Debian 12 (x86-64) machine ready to build and test farcall. May be run any number of times: when nothing is
# missing it only asks dpkg and ends. Needs root, or sudo, only if something is missing.
set -euo pipefail

packages=(
    # compilers for both widths, and the build
    build-essential gcc-multilib cmake ninja-build pkg-config
    # the 32-bit C library, and libraries of both widths that tests and examples call
    libc6:i386 libgcc-s1:i386 zlib1g-dev zlib1g:i386 libsqlite3-dev libsqlite3-0:i386
    libexpat1:i386 libpng16-16:i386
    libxml2-dev libxml2:i386
    # headers whose layouts are compared with the compiler's
    libexpat1-dev libpng-dev
    # JSON, linked into the command
    libjansson-dev libjansson-dev:i386
    # tests
    libcmocka-dev libcmocka0:i386 valgrind libc6-dbg
    # programs that run over proxies of zlib and expat, and suites of their own
    git pigz pngcheck expat python3.11 libpython3.11-testsuite
    # and of SQLite
    sqlite3 perl libdbi-perl libdbd-sqlite3-perl
    # managed images to look into, and other programs that read them
    mono-mcs mono-utils mono-runtime libmono-cil-dev python3-pefile
    # a browser, to look at the page of an audit
    chromium
    # fuzzing, lint, Windows libraries by another compiler, manual pages
    clang clang-format clang-tidy libclang-rt-14-dev lld mandoc
    # Windows programs and libraries: made, started and looked into, and another program that reads them
    libz-mingw-w64-dev libgcrypt-mingw-w64-dev xvfb gcc-mingw-w64-i686 gcc-mingw-w64-x86-64 wine wine64 wine32:i386 pev
)

say() { echo "setup: $*" >&2; }

if ! command -v dpkg-query >/dev/null || [ "$(dpkg --print-architecture)" != amd64 ]; then
    say "this is no Debian for x86-64; please install the equivalents of: ${packages[*]}"
    exit 1
fi

# Prints those of its arguments that are not installed, as PACKAGE:ARCHITECTURE. One query for all.
missing_of() {
    dpkg-query --show --showformat '${binary:Package} ${Architecture} ${db:Status-Status}\n' "$@" 2>/dev/null |
        awk -v wanted="$*" '
            $3 == "installed" { sub(/:.*/, "", $1); have[$1 ":" ($2 == "all" ? "amd64" : $2)] = 1 }
            END {
                count = split(wanted, names, " ")
                for (i = 1; i <= count; i++) {
                    name = names[i] ~ /:/ ? names[i] : names[i] ":amd64"
                    if (!(name in have)) print names[i]
                }
            }'
}

# The source of a package that has tests which the package has not: into `sources`, in the version that is installed, from
# where the machine has its packages, with an index of its own. Without it those tests are skipped, and say so; it is
# asked for again the next day.
sources=/usr/src/farcall-tests
fetch_source() {
    local version archive folder
    version=$(dpkg-query --show --showformat '${Version}' "$1")
    archive=$1_${version%-*}.orig.tar.gz
    if [ -e "$sources/$archive" ] || [ -n "$(find "$sources/$archive.asked" -mtime -1 2>/dev/null)" ]; then
        return 0
    fi
    folder=$(mktemp -d)
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/parts"
    cp /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list "$folder/parts" 2>/dev/null || true
    cp /etc/apt/sources.list "$folder" 2>/dev/null || : >"$folder/sources.list"
    find "$folder" -name '*.list' -exec sed -i 's/^deb /deb-src /' {} +
    find "$folder" -name '*.sources' -exec sed -i 's/^Types:.*/Types: deb-src/' {} +
    local options=(-q -o Acquire::Retries=0 -o Acquire::http::Timeout=30 -o Dir::Etc::sourcelist="$folder/sources.list"
        -o Dir::Etc::sourceparts="$folder/parts" -o Dir::State::lists="$folder/lists" -o Dir::Cache="$folder/cache")
    say "fetching the source of $1"
    (cd "$folder" && apt-get "${options[@]}" update
        apt-get "${options[@]}" --download-only source "$1=$version") >"$folder/log" 2>&1 || true
    if ! "${as_root[@]}" install -D -m 644 "$folder/$archive" "$sources/$archive" 2>>"$folder/log"; then
        say "there is no source of $1 $version to be had; its tests will be skipped:"
        tail -n 3 "$folder/log" >&2
        "${as_root[@]}" install -D -m 644 /dev/null "$sources/$archive.asked" 2>/dev/null || true
    fi
    rm -rf "$folder"
}

as_root=()
if [ "$(id -u)" -ne 0 ] && command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    as_root=(sudo)
fi

mapfile -t missing < <(missing_of "${packages[@]}")
if [ ${#missing[@]} -eq 0 ]; then
    fetch_source libdbd-sqlite3-perl
    exit 0
fi

# -- Something is missing: root is needed from here on ---------------------------------------------------------------

if [ "$(id -u)" -ne 0 ] && [ ${#as_root[@]} -eq 0 ]; then
    say "these packages are missing, and installing them needs root: ${missing[*]}"
    say "run as root: $(cd "$(dirname "$0")" && pwd)/setup.sh"
    exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q -y \
        -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1
}

if ! dpkg --print-foreign-architectures | grep -x i386 >/dev/null; then
    "${as_root[@]}" dpkg --add-architecture i386
fi

say "installing ${missing[*]}"
if ! apt update || grep -qE '^(W: Failed|E:)' "$log"; then
    say "some package indexes could not be refreshed; going on with those there are"
fi

# Where the index of one architecture is older than that of the other, the two offer different versions of a package
# that must have the same on both. Three ways, from the gentlest:
# 1. as the machine is configured;
# 2. the release's main suite preferred, whose indexes change together;
# 3. the main suite's versions also in place of newer ones that are installed, but only of the sources that stand in the
#    way: those of the i386 packages wanted and of what they depend on.
# None may remove a package.
install_packages() {
    apt install --no-install-recommends --no-remove "$@"
}
install_equalised() {
    local foreign=() sources=() lowered=() name source version
    for name in "${missing[@]}"; do
        [[ $name != *:i386 ]] || foreign+=("$name")
    done
    [ ${#foreign[@]} -gt 0 ] || return 1
    while read -r name; do
        read -r source version < <(dpkg-query --show --showformat '${source:Package} ${Version}\n' "$name:amd64" 2>/dev/null) ||
            continue # not installed, so nothing to equal
        if ! apt-cache madison "$name:i386" 2>/dev/null | awk '{ print $3 }' | grep -xF "$version" >/dev/null; then
            sources+=("$source")
        fi
    done < <(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
        --no-enhances "${foreign[@]}" | sed -n 's/^\([a-z0-9][a-z0-9.+-]*\):i386$/\1/p' | sort -u)
    [ ${#sources[@]} -gt 0 ] || return 1
    mapfile -t lowered < <(
        dpkg-query --show --showformat '${source:Package} ${Package}:${Architecture} ${db:Status-Status}\n' |
            awk -v wanted="${sources[*]}" -v suite="$codename" '
                BEGIN { count = split(wanted, names, " "); for (i = 1; i <= count; i++) is_wanted[names[i]] = 1 }
                $3 == "installed" && ($1 in is_wanted) { sub(/:all$/, "", $2); print $2 "/" suite }'
    )
    install_packages --allow-downgrades -t "$codename" "${missing[@]}" "${lowered[@]}"
}

if ! install_packages "${missing[@]}" && ! install_packages --allow-downgrades -t "$codename" "${missing[@]}" && ! install_equalised; then
    cat "$log" >&2
    say "installing failed; apt's words are above"
    exit 1
fi

mapfile -t missing < <(missing_of "${packages[@]}")
if [ ${#missing[@]} -gt 0 ]; then
    say "still missing: ${missing[*]}"
    exit 1
fi
fetch_source libdbd-sqlite3-perl
say "done"
