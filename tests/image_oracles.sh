#!/bin/bash
# Some of the PE images and archives on this machine (`make oracles` takes all), read by farcall and by other programs: $1 is the farcall program.
set -u
here=$(dirname "$0")

if ! /usr/bin/python3 -c 'import pefile' 2>/dev/null; then
    echo "SKIPPED image_oracles: python3-pefile is not installed"
    exit 77
fi
folders=()
for folder in /usr/lib/mono /usr/lib/x86_64-linux-gnu/wine /usr/lib/i386-linux-gnu/wine /usr/i686-w64-mingw32 \
    /usr/x86_64-w64-mingw32; do
    [ -d "$folder" ] && folders+=("$folder")
done
if [ ${#folders[@]} -eq 0 ]; then
    echo "SKIPPED image_oracles: there are no PE images on this machine"
    exit 77
fi
if [ "${FARCALL_ORACLES-}" = all ]; then
    exec "$here/../tools/check-images.py" "$1" "${folders[@]}"
fi
timeout 600 "$here/../tools/check-images.py" --limit 8 "$1" "${folders[@]}"
