#!/bin/bash
# Expat of 32 bits, as a proxy under 64-bit programs that others wrote. $1 is the farcall program. Prints what failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=shell/command.sh
. "$here/shell/command.sh"
# shellcheck source-path=SCRIPTDIR source=shell/real.sh
. "$here/shell/real.sh"

begin libexpat.so.1 expat.h
run_command 0 "$farcall" proxy --preset expat --strict "$libraries/libexpat.so.1" -o "$tmp/proxies"
out_has '^bridged +XML_ParserCreate_MM$'

# CPython gives its parsers allocators of its own.
if needs "$python"; then
    ldd "$python" | grep libexpat.so.1 >/dev/null || fail "CPython has an expat of its own"
fi
cpython test_pyexpat test_sax test_minidom test_pulldom test_xml_etree_c

# Canonical forms, outlines of events, errors with their places, a DTD with entities in files, and stdin.
if needs /usr/bin/xmlwf /usr/share/mime/packages/freedesktop.org.xml; then
    cat >"$tmp/entities.xml" <<'END'
<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE a SYSTEM "entities.dtd" [<!ENTITY inner "&#38;lt;text&#38;gt;"><!ENTITY outer SYSTEM "part.xml">
<!NOTATION gif PUBLIC "gif viewer"><!ENTITY picture SYSTEM "x.gif" NDATA gif>]>
<a xmlns="urn:one" xmlns:n="urn:two" n:b="1">&inner; &outer; <![CDATA[<raw>]]><?run it?><!-- note --></a>
END
    printf '<!ELEMENT a ANY>\n<!ATTLIST a c CDATA "by default">\n' >"$tmp/entities.dtd"
    printf '<b>part</b>' >"$tmp/part.xml"
    printf '<a>\n  <b></c>\n</a>' >"$tmp/wrong.xml"
    compare xmlwf sh -c "
        xmlwf -d . /usr/share/mime/packages/freedesktop.org.xml && cksum freedesktop.org.xml &&
        xmlwf -m -d . /usr/share/mime/packages/freedesktop.org.xml && cksum freedesktop.org.xml && rm *.xml
        xmlwf -n -p -x -r -d . '$tmp/entities.xml'; cat entities.xml; xmlwf -N -x -d . '$tmp/entities.xml'; cat entities.xml
        xmlwf -c -d . '$tmp/entities.xml'; cat entities.xml; xmlwf -t '$tmp/entities.xml'; xmlwf -k '$tmp/wrong.xml'
        xmlwf '$tmp/wrong.xml'; xmlwf -s <'$tmp/entities.xml'; xmlwf -m -d . '$tmp/entities.xml'; cat entities.xml"
fi
finish
