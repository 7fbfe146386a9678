# Sourced by the tests that look into packages of npm.
# shellcheck shell=sh

# npm_package NAME VERSION: prints the folder with the package's files, which is fetched once, into build/npm; status 1,
# and why on stdout, if it cannot be.
npm_package() {
    name=$(echo "$1" | tr -d @ | tr / -)-$2
    root=$(cd "$(dirname "$0")/.." && pwd)/build/npm
    if ! command -v npm >/dev/null; then
        echo "npm is not installed"
        return 1
    fi
    mkdir -p "$root" && (
        flock 9
        [ -d "$root/$name" ] && exit
        rm -rf "$root/$name.new" && mkdir "$root/$name.new" && cd "$root/$name.new" &&
            timeout 90 npm pack --silent "$1@$2" >/dev/null 2>&1 && tar -xzf ./*.tgz --strip-components=1 && rm ./*.tgz &&
            mv "$root/$name.new" "$root/$name"
    ) 9>"$root/lock"
    if [ ! -d "$root/$name" ]; then
        echo "npm cannot fetch $1 $2"
        return 1
    fi
    echo "$root/$name"
}
