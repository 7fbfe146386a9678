#!/bin/bash
# The story of old programs on 64-bit Windows, with assemblies that mcs made for each platform: `farcall inspect --for`
# says what the loader does, `farcall corflags` changes it. $1 is the farcall program. Prints what failed.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"

if ! command -v mcs >/dev/null; then
    echo "SKIPPED cli_managed: mcs is not installed"
    exit 77
fi

run() {
    expected=$1
    shift
    run_command "$expected" "$farcall" "$@"
}

cat >"$tmp/app.cs" <<'SOURCE'
class App { static int Main() { return 0; } }
SOURCE

# make_old PLATFORM: a program with the version string and the header of .NET 1.1.
make_old() {
    mcs -platform:"$1" -out:"$tmp/new.exe" "$tmp/app.cs" || exit 1
    sed 's/v4\.0\.30319/v1.1.4322\x00/' "$tmp/new.exe" >"$tmp/$1.exe"
    "$farcall" corflags "$tmp/$1.exe" /RevertCLRHeader >"$tmp/out" || fail "corflags $1.exe /RevertCLRHeader"
}

# starts_in PLATFORM PROCESS: on 64-bit Windows that has the runtimes of that time.
starts_in() {
    run 0 inspect --for windows-x64 --runtime v1.1.4322 --runtime v2.0.50727 "$tmp/$1.exe"
    out_has "^    windows-x64      $2(, runtime v1\.1\.4322)?\$"
}

upgrade() {
    "$farcall" corflags "$tmp/$1.exe" --upgrade-clr-header >"$tmp/out" || fail "corflags $1.exe --upgrade-clr-header"
}

for platform in anycpu x86 anycpu32bitpreferred x64 itanium arm; do
    make_old "$platform"
done
wow64='a 32-bit process \(WOW64\)'
starts_in anycpu "$wow64"
starts_in x86 "$wow64"
starts_in anycpu32bitpreferred "$wow64"
starts_in x64 'a 64-bit process'
starts_in itanium 'does not start'
out_has '^      system     FAILS \(193\): It is for Itanium, '
starts_in arm 'does not start'
out_has '^      system     FAILS \(193\): It is for 32-bit ARM, '
for platform in anycpu x86 anycpu32bitpreferred x64; do
    upgrade "$platform"
done
starts_in anycpu 'a 64-bit process'
starts_in x86 "$wow64"
starts_in anycpu32bitpreferred "$wow64"
starts_in x64 'a 64-bit process'

# Enable64Bit in the registry, and a .config file beside the program.
run 0 inspect --for windows-x64 --enable64bit 0 "$tmp/anycpu.exe"
out_has "^    windows-x64      $wow64"
run 0 inspect --for windows11-arm64 --prefer-arm64 "$tmp/anycpu.exe"
out_has '^    windows11-arm64  a native ARM64 process'
run 0 inspect --for windows-x64 "$tmp/anycpu.exe" # a fresh Windows has no 1.1
out_has '^      runtime    FAILS: It was compiled for v1\.1\.4322, which is not installed'
echo '<configuration><startup><supportedRuntime version="v4.0"/></startup></configuration>' >"$tmp/anycpu.exe.config"
run 0 inspect --for windows-x64 "$tmp/anycpu.exe"
out_has '^    windows-x64      a 64-bit process, runtime v4\.0\.30319$'

# runtimeconfig.json for .NET.
mcs -out:"$tmp/app.exe" "$tmp/app.cs"
echo '{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "6.0.0"}, "rollForward": "Major"}}' \
    >"$tmp/app.runtimeconfig.json"
run 0 inspect --for dotnet --runtime 8.0.4 "$tmp/app.exe"
out_has '^    dotnet           a 64-bit process, runtime 8\.0\.4$'

# -- What an assembly says of itself ---------------------------------------------------------------------------------
cat >"$tmp/calls.cs" <<'SOURCE'
using System;
using System.Runtime.InteropServices;
[assembly: System.Runtime.Versioning.TargetFramework(".NETFramework,Version=v4.5")]
[assembly: System.Reflection.AssemblyVersion("1.2.3.4")]
namespace Native {
    class Calls {
        [DllImport("vendor32.dll")] static extern int Show(int hWnd, IntPtr data);
        [DllImport("other.dll", EntryPoint = "Other")] static extern void Renamed();
        unsafe static int* pointer;
        unsafe static int Main() { Renamed(); return Show(0, IntPtr.Zero) + (pointer == null ? 0 : 1); }
    }
}
SOURCE
mcs -unsafe -warn:0 -out:"$tmp/calls.exe" "$tmp/calls.cs" >/dev/null || exit 1
run 0 inspect -v --pinvoke --metadata "$tmp/calls.exe"
out_has '^    managed      IL only, any bitness \(flags 0x1, CLI header 2\.5\)$'
out_has '^    runtime      v4\.0\.30319$'
out_has '^    framework    \.NETFramework,Version=v4\.5$'
out_has '^    assembly     calls 1\.2\.3\.4$'
out_has '^    reference    mscorlib 4\.0\.0\.0$'
out_has '^    tied         it was compiled as unsafe code$'
out_has '^    pinvoke      vendor32\.dll!Show  Native\.Calls::Show  \(32 bits for hWnd\)$'
out_has '^    pinvoke      other\.dll!Other  Native\.Calls::Renamed$'
out_has '^    table        0x1c ImplMap, 2 rows of 8 bytes$'
out_has '^    needed       mscoree\.dll$'
run 0 inspect --json "$tmp/calls.exe"
/usr/bin/python3 -c 'import json, sys
managed = json.load(open(sys.argv[1]))[0]["managed"]
assert managed["neutral"] and managed["assembly"]["version"] == "1.2.3.4", managed
assert [p["library"] for p in managed["pinvokes"]] == ["vendor32.dll", "other.dll"], managed' "$tmp/out" ||
    fail "$command: not the JSON expected"

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
