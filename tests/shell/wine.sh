# Sourced by the tests that start Windows programs. `wine_begin` makes a prefix of links into Wine's own folders, which
# takes no time and no room; nothing may be installed there, since that would write through the links.
# shellcheck shell=sh

# The first of its arguments that is a folder.
first_folder() {
    for folder; do
        [ ! -d "$folder" ] || { echo "$folder" && return; }
    done
}
wine_wide=$(first_folder /usr/lib/x86_64-linux-gnu/wine/x86_64-windows)
wine_narrow=$(first_folder /usr/lib/i386-linux-gnu/wine/i386-windows)

# Status 1, and why on stdout, if Windows programs of both widths cannot be made and started here.
wine_tools() {
    for tool in i686-w64-mingw32-gcc x86_64-w64-mingw32-gcc wine; do
        if ! command -v "$tool" >/dev/null; then
            echo "$tool is not installed"
            return 1
        fi
    done
    if [ -z "$wine_wide" ] || [ -z "$wine_narrow" ]; then
        echo "Wine is not installed for both widths"
        return 1
    fi
}

# wine_begin DIR
wine_begin() {
    export WINEPREFIX="$1" WINEDEBUG=-all WINEDLLOVERRIDES="winedbg.exe=d"
    mkdir -p "$1/drive_c/windows" "$1/dosdevices" && ln -s "$wine_wide" "$1/drive_c/windows/system32" &&
        ln -s "$wine_narrow" "$1/drive_c/windows/syswow64" && ln -s ../drive_c "$1/dosdevices/c:" &&
        ln -s / "$1/dosdevices/z:" && echo disable >"$1/.update-timestamp"
}

# Ends the server of the prefix, and what runs in it.
wine_end() {
    "$(command -v wineserver || echo /usr/lib/wine/wineserver)" -k
}
