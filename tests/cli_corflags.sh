#!/bin/bash
# `farcall corflags` with assemblies that mcs made: $1 is the farcall program. Prints what failed.
set -u

# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$(dirname "$0")/shell/command.sh"

if ! command -v mcs >/dev/null; then
    echo "SKIPPED cli_corflags: mcs is not installed"
    exit 77
fi

# run STATUS ARGUMENT...: messages go to stdout, so stderr is not looked at.
run() {
    expected=$1
    shift
    run_program "$expected" "$farcall" corflags "$@"
}

# out_is LINE...: stdout is these lines.
out_is() {
    printf '%s\n' "$@" | cmp -s - "$tmp/out" || fail "$command: stdout is not: $*"
}

# shows FILE VERSION HEADER PE FLAGS ILONLY REQ PREF SIGNED
shows() {
    run 0 "$1" /nologo
    out_is "Version   : $2" "CLR Header: $3" "PE        : $4" "CorFlags  : $5" "ILONLY    : $6" "32BITREQ  : $7" \
        "32BITPREF : $8" "Signed    : $9"
}

cat >"$tmp/app.cs" <<'SOURCE'
class App { static int Main() { return 0; } }
SOURCE
for platform in anycpu anycpu32bitpreferred x86 x64; do
    mcs -platform:$platform -out:"$tmp/$platform.exe" "$tmp/app.cs" || exit 1
done

# -- Showing -------------------------------------------------------------------------------------------------------
shows "$tmp/anycpu.exe" v4.0.30319 2.5 PE32 0x1 1 0 0 0
shows "$tmp/anycpu32bitpreferred.exe" v4.0.30319 2.5 PE32 0x20003 1 0 1 0
shows "$tmp/x86.exe" v4.0.30319 2.5 PE32 0x3 1 1 0 0
shows "$tmp/x64.exe" v4.0.30319 2.5 PE32+ 0x1 1 0 0 0
run 0 --nologo "$tmp/anycpu32bitpreferred.exe" --RAW
out_has '^32BITREQ  : 1$'
run 0 "$tmp/x86.exe" # a banner of two lines and an empty one
[ "$(sed -n 3p "$tmp/out")" = "" ] || fail "$command: no empty line after the banner"
[ "$(sed -n 4p "$tmp/out")" = "Version   : v4.0.30319" ] || fail "$command: the banner is not of three lines"
for help in '/?' -help --Help -h; do
    run 0 "$help"
    out_has '^Usage: farcall corflags FILE'
done

# -- Changing: each spelling ---------------------------------------------------------------------------------------
change() { # FILE EXPECTED-FLAGS OPTION...
    local file=$1 flags=$2
    shift 2
    cp "$tmp/$file.exe" "$tmp/work.exe"
    run 0 /nologo "$tmp/work.exe" "$@"
    run 0 /nologo "$tmp/work.exe"
    out_has "^CorFlags  : $flags\$"
}
change anycpu 0x3 /32BIT+
change anycpu 0x3 -32bitreq+
change anycpu 0x20003 --32BitPref+
change anycpu 0x0 /ILONLY-
change x86 0x1 /32BITREQ-
change x86 0x1 /32BIT-
change x86 0x20003 /32BITPREF+
change anycpu32bitpreferred 0x1 /32BITPREF-
change anycpu32bitpreferred 0x3 /32BITREQ+
change anycpu32bitpreferred 0x1 /32BIT- /32BITPREF-
change x86 0x3 /32BITREQ- /32BITREQ+ # the last one counts
sed 's/v4\.0\.30319/v1.1.4322\x00/' "$tmp/anycpu.exe" >"$tmp/old.exe"
cmp -s "$tmp/old.exe" "$tmp/anycpu.exe" && fail "the version string was not patched"
change old 0x1 /RevertCLRHeader
out_has '^Version   : v1\.1\.4322$'
out_has '^CLR Header: 2\.0$'
run 0 "$tmp/work.exe" --upgrade-clr-header
run 0 "$tmp/work.exe"
out_has '^CLR Header: 2\.5$'
out_has '^Version   : v1\.1\.4322$'

# Only the bytes that must change do, and the file keeps its mode; a link stays a link.
cp "$tmp/anycpu.exe" "$tmp/work.exe"
chmod 640 "$tmp/work.exe"
ln -s work.exe "$tmp/link.exe"
run 0 "$tmp/link.exe" /32BITREQ+
[ -L "$tmp/link.exe" ] || fail "$command: the link became a file"
[ "$(stat -c %a "$tmp/work.exe")" = 640 ] || fail "$command: the mode changed"
[ "$(cmp -l "$tmp/anycpu.exe" "$tmp/work.exe" | wc -l)" -eq 1 ] || fail "$command: not one byte changed"
[ -z "$(find "$tmp" -name '*.exe.??????')" ] || fail "$command: left a file behind"

# -- Without writing, and elsewhere ----------------------------------------------------------------------------------
before=$(sha256sum <"$tmp/anycpu.exe")
run 0 /nologo "$tmp/anycpu.exe" /32BITREQ+ --dry-run
out_has '^0x[0-9a-f]{8}  01 00 00 00  -> 03 00 00 00  Flags$'
run 0 /nologo "$tmp/anycpu.exe" /ILONLY+ --dry-run
out_is 'nothing to change'
run 0 "$tmp/anycpu.exe" /32BITREQ+ -o "$tmp/new.exe"
[ "$before" = "$(sha256sum <"$tmp/anycpu.exe")" ] || fail "$command: the original changed"
shows "$tmp/new.exe" v4.0.30319 2.5 PE32 0x3 1 1 0 0
run 1 "$tmp/anycpu.exe" /32BITREQ+ -o "$tmp/no/such/folder.exe"
err_has '^farcall: .*folder.exe: No such file'

# -- Strong names: delay-signed, so that the directory is there and the flag is not -----------------------------------
cat >"$tmp/key.cs" <<'SOURCE'
using System; using System.IO; using System.Security.Cryptography;
class Key { static void Main(string[] a) { File.WriteAllBytes(a[0], new RSACryptoServiceProvider(1024).ExportCspBlob(true)); } }
SOURCE
if command -v mono >/dev/null && mcs -out:"$tmp/key.exe" "$tmp/key.cs" && mono "$tmp/key.exe" "$tmp/app.snk"; then
    mcs -delaysign+ -keyfile:"$tmp/app.snk" -out:"$tmp/signed.exe" "$tmp/app.cs" || exit 1
    shows "$tmp/signed.exe" v4.0.30319 2.5 PE32 0x1 1 0 0 1
    before=$(sha256sum <"$tmp/signed.exe")
    run 1 /nologo "$tmp/signed.exe" /32BIT+
    out_is 'corflags : error CF012 : The specified file is strong name signed.  Use /Force to force the update.'
    [ "$before" = "$(sha256sum <"$tmp/signed.exe")" ] || fail "$command: changed it"
    run 0 /nologo "$tmp/signed.exe" /32BIT+ /force
    out_has '^corflags : warning CF011 : The specified file is strong name signed\.'
    shows "$tmp/signed.exe" v4.0.30319 2.5 PE32 0x3 1 1 0 1
fi

# -- What goes wrong ---------------------------------------------------------------------------------------------------
run 2
out_has '^corflags : error CF000 : '
run 2 "$tmp/x86.exe" -32bitreq
out_has '^corflags : error CF000 : '
out_has '^Usage: '
run 2 "$tmp/x86.exe" "$tmp/x64.exe"
run 1 "$tmp/missing.exe"
out_has '^corflags : error CF002 : Could not open file for reading$'
run 1 /32bitreq # no option without its sign, so a file
out_has '^corflags : error CF002 : '
echo text >"$tmp/text.exe"
run 1 /nologo "$tmp/text.exe"
out_is 'corflags : error CF008 : The specified file does not have a valid managed header'
run 1 "$tmp/anycpu.exe" /RevertCLRHeader
out_has '^corflags : error CF014 : '
cp "$tmp/x64.exe" "$tmp/work.exe"
run 0 "$tmp/work.exe" /32BITREQ+
out_has '^corflags : warning : a PE32\+ image that requires 32 bits starts, and then the runtime refuses it$'

# Under its other name.
ln -s "$(realpath "$farcall")" "$tmp/corflags"
command=corflags
"$tmp/corflags" "$tmp/x86.exe" >"$tmp/out" 2>"$tmp/err" || fail "$command: failed"
out_has '^CorFlags  : 0x3$'

[ "$failed" -eq 0 ] || echo "$failed failed"
[ "$failed" -eq 0 ]
