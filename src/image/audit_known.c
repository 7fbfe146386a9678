/* image: what Windows, the redistributable packages of Visual C++ and DirectX, and the runtimes of .NET are known to
 * have, by name; so it is not reported missing from an application that needs it. Sources: of Windows the "DLLs" of the
 * Windows API index, umbrella libraries and driver imports of Microsoft's documentation, with those of Wine's builtin
 * libraries that are parts of Windows; of the redistributables "Determining which DLLs to redistribute" and the DirectX
 * End-User Runtimes (June 2010); of the .NET Framework its reference assemblies, 4.8; of .NET the prefixes of its
 * shared frameworks; of API sets "Windows API sets". */
#include "image/audit.h"

#include <stdlib.h>

/* clang-format off */
/* In the order of strcmp, in lower case, without ".dll". */
static const char *const windows[] = {
    "acledit", "aclui", "activeds", "actxprxy", "adsldp", "adsldpc", "advapi32", "advpack", "aepic", "amsi",
    "amstream", "apisetschema", "apphelp", "appmgmts", "appwiz.cpl", "atl", "atlthunk", "atmlib", "authz", "avicap32",
    "avifil32", "avrt", "bcrypt", "bcryptprimitives", "bluetoothapis", "bootvid", "browseui", "bthprops.cpl",
    "cabinet", "cards", "cfgmgr32", "ci", "cimwin32", "classpnp.sys", "clbcatq", "cldapi", "clfs.sys", "clfsw32",
    "clusapi", "cng.sys", "combase", "comcat", "comctl32", "comdlg32", "compstui", "computecore", "computenetwork",
    "computestorage", "comsvcs", "coremessaging", "coremessagingui", "credui", "crtdll", "crypt32", "cryptdlg",
    "cryptdll", "cryptext", "cryptnet", "cryptowinrt", "cryptsp", "cryptui", "cscapi", "ctl3d32", "d2d1",
    "d2d1debug3", "d3d10", "d3d10_1", "d3d10core", "d3d10level9", "d3d10warp", "d3d11", "d3d12", "d3d8", "d3d8thk",
    "d3d9", "d3dcompiler_47", "d3dim", "d3dim700", "d3drm", "d3dscache", "davclnt", "davhlpr", "dbgcore", "dbgeng",
    "dbghelp", "dbgmodel", "dciman32", "dcomp", "ddao35", "ddraw", "ddrawex", "devenum", "devobj", "dfscli",
    "dhcpcsvc", "dhcpcsvc6", "dhcpsvc", "dhtmled.ocx", "diagnosticdatasettings", "diasymreader", "difxapi", "dinput",
    "dinput8", "directmanipulation", "directxdatabasehelper", "dispex", "dmband", "dmcompos", "dmime", "dmloader",
    "dmscript", "dmstyle", "dmsynth", "dmusic", "dmusic32", "dnsapi", "dplay", "dplayx", "dpnaddr", "dpnet",
    "dpnhpast", "dpnhupnp", "dpnlobby", "dpvoice", "dpwsockx", "drmclien", "dsdmo", "dsound", "dsquery", "dsreg",
    "dsrole", "dssenh", "dsuiext", "dswave", "dwmapi", "dwrite", "dx8vb", "dxcore", "dxdiagn", "dxgi", "dxgidebug",
    "dxgkrnl.sys", "dxtrans", "dxva2", "eappcfg", "eappprxy", "efswrt", "elscore", "esent", "esscli", "evr",
    "explorerframe", "fastprox", "faultrep", "feclient", "fhsvcctl", "fltlib", "fltmgr.sys", "fntcache", "fontsub",
    "framedyn", "framedynos", "fusion", "fveapi", "fvecerts", "fwbase", "fwpkclnt.sys", "fwpuclnt", "fxsapi",
    "gameux", "gamingtcui", "gdi32", "gdiplus", "glu32", "gpapi", "gpedit", "gpkcsp", "hal", "hhctrl.ocx", "hid",
    "hidclass.sys", "hidparse.sys", "hlink", "hnetcfg", "http.sys", "httpapi", "hvsocket", "ia2comproxy", "iccvid",
    "icmp", "icmui", "icu", "icuin", "icuuc", "ieframe", "ieproxy", "iertutil", "imaadp32.acm", "imagehlp", "imgutil",
    "imm32", "inetcomm", "inetcpl.cpl", "inetmib1", "infosoft", "initpki", "inkobj", "inputhost", "inseng",
    "iphlpapi", "iprop", "irprops.cpl", "itircl", "itss", "joy.cpl", "jscript", "jsproxy", "kdcom", "kerberos",
    "kernel.appcore", "kernel32", "kernelbase", "ks.sys", "ksecdd.sys", "ksproxy.ax", "ksuser", "ktmw32",
    "l3codeca.acm", "linkinfo", "loadperf", "localspl", "localui", "logoncli", "lsasrv", "lz32", "magnification",
    "mapi32", "mapistub", "mciavi32", "mcicda", "mciqtz32", "mciseq", "mciwave", "mf", "mf3216", "mfc40", "mfc40u",
    "mfc42", "mfc42u", "mfcaptureengine", "mfcore", "mfds", "mferror", "mfh264enc", "mfmediaengine", "mfplat",
    "mfplay", "mfreadwrite", "mfsrcsnk", "mgmtapi", "mi", "midimap", "miutils", "mlang", "mmcbase", "mmcndmgr",
    "mmdevapi", "mountmgr.sys", "mp3dmod", "mpr", "mprapi", "mprmsg", "mrmcorer", "msacm32", "msacm32.drv", "msado15",
    "msadp32.acm", "msajapi", "msasn1", "mscat32", "mscms", "mscoree", "mscoreei", "msctf", "msctfmonitor", "msctfp",
    "msdaps", "msdart", "msdasql", "msdelta", "msdmo", "msdrm", "msftedit", "msg711.acm", "msgsm32.acm", "mshtml",
    "msi", "msident", "msimg32", "msimsg", "msimtf", "msisip", "msisys.ocx", "msls31", "msmpeg2vdec", "msnet32",
    "msoert2", "mspatcha", "msports", "msquic", "msrle32", "msrpc.sys", "msscript.ocx", "mssign32", "mssip32",
    "mstask", "mstscax", "msv1_0", "msvbvm60", "msvcp_win", "msvcrt", "msvcrt20", "msvcrt40", "msvfw32", "msvidc32",
    "mswb7", "mswsock", "msxml", "msxml2", "msxml3", "msxml6", "mtxdm", "ncrypt", "ncryptprov", "ncryptsslp",
    "nddeapi", "ndfapi", "ndis.sys", "ndproxystub", "netapi32", "netbios", "netcfgx", "netevent", "netio.sys",
    "netjoin", "netprofm", "netutils", "newdev", "ninput", "nlaapi", "normaliz", "npmshtml", "nsi", "nsiproxy.sys",
    "ntdll", "ntdsapi", "ntlanman", "ntlmshared", "ntmarta", "ntoskrnl.exe", "ntprint", "ntshrui", "objsel", "odbc32",
    "odbcbcp", "odbccp32", "odbccu32", "oemlicense", "ole32", "oleacc", "oleacchooks", "oleaut32", "olecli32",
    "oledb32", "oledlg", "olepro32", "olesvr32", "olethk32", "onecore", "onecoreuap", "opcservices", "opengl32",
    "p2p", "p2pgraph", "p9np", "packager", "pcacli", "pcwum", "pdh", "peerdist", "photometadatahandler", "pla",
    "polstore", "portabledeviceapi", "portabledeviceguids", "portabledevicetypes", "portcls.sys", "powrprof",
    "printui", "prntvpt", "profapi", "profext", "projectedfslib", "propsys", "psapi", "pshed", "pstorec",
    "pwrshplugin", "qasf", "qcap", "qdvd", "qedit", "qmgr", "qmgrprxy", "quartz", "query", "quserex", "qwave",
    "rasapi32", "rasdlg", "rasman", "rdpbase", "regapi", "resampledmo", "resutils", "riched20", "riched32",
    "rmclient", "rometadata", "rpcns4", "rpcrt4", "rpcrtremote", "rsabase", "rsaenh", "rstrtmgr", "rtm", "rtutils",
    "rtworkq", "samcli", "samlib", "sapi", "sas", "sbe", "sberes", "scarddlg", "sccbase", "scecli", "schannel",
    "schedcli", "schedsvc", "scrobj", "scrrun", "scsiport.sys", "sechost", "secur32", "security", "sensapi",
    "sensorsapi", "serialui", "setupapi", "sfc", "sfc_os", "shcore", "shdoclc", "shdocvw", "shell32", "shfolder",
    "shlwapi", "shsvcs", "slbcsp", "slc", "slcext", "slwga", "snmpapi", "softpub", "spoolss", "sppc", "srclient",
    "srvcli", "ssdpapi", "sspicli", "sti", "stobject", "storport.sys", "storprop", "strmdll", "structuredquery",
    "svrapi", "svsvc", "sxs", "sxshared", "synceng", "t2embed", "tapi3", "tapi32", "taskschd", "tbs", "tdh",
    "tdi.sys", "threadpoolwinrt", "tm.sys", "tpmvsc", "tquery", "traffic", "twinapi", "twinapi.appcore", "tzres",
    "ucrtbase", "uianimation", "uiautomationcore", "uiribbon", "ulib", "umpdc", "upnp", "url", "urlmon", "usbperf",
    "usbport.sys", "user32", "userdataaccountapis", "userenv", "usp10", "utildll", "uxtheme", "vaultcli", "vbscript",
    "vbssysprep", "vdmdbg", "version", "vga", "vid", "videoprt.sys", "virtdisk", "vmcompute", "vmdevicehost",
    "vssapi", "watchdog.sys", "wbemcomn", "wbemdisp", "wbemprox", "wbemsvc", "wcmapi", "wdf01000.sys", "wdfldr.sys",
    "wdi", "wdscore", "webauthn", "webservices", "websocket", "wecapi", "wer", "wevtapi", "wevtfwd", "wevtsvc",
    "wiaaut", "wiaservc", "wimgapi", "win32k.sys", "win32u", "winbio", "windows.data.pdf",
    "windows.devices.enumeration", "windows.gaming.input", "windows.gaming.ui.gamebar", "windows.globalization",
    "windows.media", "windows.media.devices", "windows.media.speech", "windows.networking", "windows.storage",
    "windows.ui", "windowscodecs", "windowscodecsext", "windowsperformancerecordercontrol", "winhttp",
    "winhvemulation", "winhvplatform", "wininet", "winmm", "winmmbase", "winnls32", "winnsi", "winprint", "winsatapi",
    "winscard", "winspool.drv", "winsqlite3", "winsta", "winsync", "wintrust", "wintypes", "winusb", "wkscli",
    "wlanapi", "wlanhlp", "wlanui", "wldap32", "wldp", "wmasf", "wmi", "wmiutils", "wmp", "wmphoto", "wmvcore",
    "wmvdecod", "wofutil", "wow32", "wow64", "wow64cpu", "wow64win", "wpc", "wpnapps", "wpprecorder.sys", "ws2_32",
    "wscapi", "wsdapi", "wshbth", "wship6", "wshom.ocx", "wshtcpip", "wsmsvc", "wsnmp32", "wsock32", "wtsapi32",
    "wuapi", "wuaueng", "xaudio2_8", "xaudio2_9", "xinput1_4", "xinput9_1_0", "xinputuap", "xmllite", "xolehlp",
    "xpsprint", "xpssvcs", "xwizards",
};

static const char *const redistributables[] = {
    "atl100", "atl110", "atl71", "atl80", "atl90", "concrt140", "d3dcompiler_33", "d3dcompiler_34", "d3dcompiler_35",
    "d3dcompiler_36", "d3dcompiler_37", "d3dcompiler_38", "d3dcompiler_39", "d3dcompiler_40", "d3dcompiler_41",
    "d3dcompiler_42", "d3dcompiler_43", "d3dcompiler_46", "d3dx10_33", "d3dx10_34", "d3dx10_35", "d3dx10_36",
    "d3dx10_37", "d3dx10_38", "d3dx10_39", "d3dx10_40", "d3dx10_41", "d3dx10_42", "d3dx10_43", "d3dx11_42",
    "d3dx11_43", "d3dx9_24", "d3dx9_25", "d3dx9_26", "d3dx9_27", "d3dx9_28", "d3dx9_29", "d3dx9_30", "d3dx9_31",
    "d3dx9_32", "d3dx9_33", "d3dx9_34", "d3dx9_35", "d3dx9_36", "d3dx9_37", "d3dx9_38", "d3dx9_39", "d3dx9_40",
    "d3dx9_41", "d3dx9_42", "d3dx9_43", "d3dxof", "mfc100", "mfc100u", "mfc110", "mfc110u", "mfc120", "mfc120u",
    "mfc140", "mfc140u", "mfc70", "mfc70u", "mfc71", "mfc71u", "mfc80", "mfc80u", "mfc90", "mfc90u", "mfcm100",
    "mfcm100u", "mfcm110", "mfcm110u", "mfcm120", "mfcm120u", "mfcm140", "mfcm140u", "mfcm80", "mfcm80u", "mfcm90",
    "mfcm90u", "msvcirt", "msvcm80", "msvcm90", "msvcp100", "msvcp110", "msvcp120", "msvcp120_app", "msvcp140",
    "msvcp140_1", "msvcp140_2", "msvcp140_atomic_wait", "msvcp140_codecvt_ids", "msvcp60", "msvcp70", "msvcp71",
    "msvcp80", "msvcp90", "msvcr100", "msvcr110", "msvcr120", "msvcr120_app", "msvcr140", "msvcr70", "msvcr71",
    "msvcr80", "msvcr90", "vcamp110", "vcamp120", "vcamp140", "vccorlib110", "vccorlib120", "vccorlib140", "vcomp",
    "vcomp100", "vcomp110", "vcomp120", "vcomp140", "vcomp80", "vcomp90", "vcruntime140", "vcruntime140_1",
    "vcruntime140_threads", "x3daudio1_0", "x3daudio1_1", "x3daudio1_2", "x3daudio1_3", "x3daudio1_4", "x3daudio1_5",
    "x3daudio1_6", "x3daudio1_7", "xactengine2_0", "xactengine2_4", "xactengine2_7", "xactengine2_9", "xactengine3_0",
    "xactengine3_1", "xactengine3_2", "xactengine3_3", "xactengine3_4", "xactengine3_5", "xactengine3_6",
    "xactengine3_7", "xapofx1_1", "xapofx1_2", "xapofx1_3", "xapofx1_4", "xapofx1_5", "xaudio2_0", "xaudio2_1",
    "xaudio2_2", "xaudio2_3", "xaudio2_4", "xaudio2_5", "xaudio2_6", "xaudio2_7", "xinput1_1", "xinput1_2",
    "xinput1_3",
};

/* In the order of strcmp, in lower case. */
static const char *const framework[] = {
    "accessibility", "cppcodeprovider", "cscompmgd", "custommarshalers", "ieexecremote", "iehost", "iiehost",
    "isymwrapper", "microsoft.activities.build", "microsoft.build", "microsoft.build.conversion.v4.0",
    "microsoft.build.engine", "microsoft.build.framework", "microsoft.build.tasks.v4.0",
    "microsoft.build.utilities.v4.0", "microsoft.csharp", "microsoft.data.entity.build.tasks", "microsoft.jscript",
    "microsoft.transactions.bridge", "microsoft.visualbasic", "microsoft.visualbasic.compatibility",
    "microsoft.visualbasic.compatibility.data", "microsoft.visualc", "microsoft.visualc.stlclr", "microsoft.vsa",
    "microsoft.win32.primitives", "mscorlib", "netstandard", "presentationbuildtasks", "presentationcore",
    "presentationframework", "presentationframework.aero", "presentationframework.aero2",
    "presentationframework.aerolite", "presentationframework.classic", "presentationframework.luna",
    "presentationframework.royale", "presentationui", "reachframework", "smdiagnostics", "stdole", "sysglobl",
    "system", "system.activities", "system.activities.core.presentation", "system.activities.durableinstancing",
    "system.activities.presentation", "system.addin", "system.addin.contract", "system.appcontext",
    "system.collections", "system.collections.concurrent", "system.collections.nongeneric",
    "system.collections.specialized", "system.componentmodel", "system.componentmodel.annotations",
    "system.componentmodel.composition", "system.componentmodel.composition.registration",
    "system.componentmodel.dataannotations", "system.componentmodel.eventbasedasync",
    "system.componentmodel.primitives", "system.componentmodel.typeconverter", "system.configuration",
    "system.configuration.install", "system.console", "system.core", "system.data", "system.data.common",
    "system.data.datasetextensions", "system.data.entity", "system.data.entity.design", "system.data.linq",
    "system.data.oracleclient", "system.data.services", "system.data.services.client", "system.data.services.design",
    "system.data.sqlxml", "system.deployment", "system.design", "system.device", "system.diagnostics.contracts",
    "system.diagnostics.debug", "system.diagnostics.fileversioninfo", "system.diagnostics.process",
    "system.diagnostics.stacktrace", "system.diagnostics.textwritertracelistener", "system.diagnostics.tools",
    "system.diagnostics.tracesource", "system.diagnostics.tracing", "system.directoryservices",
    "system.directoryservices.accountmanagement", "system.directoryservices.protocols", "system.drawing",
    "system.drawing.design", "system.drawing.primitives", "system.dynamic", "system.dynamic.runtime",
    "system.enterpriseservices", "system.globalization", "system.globalization.calendars",
    "system.globalization.extensions", "system.identitymodel", "system.identitymodel.selectors",
    "system.identitymodel.services", "system.io", "system.io.compression", "system.io.compression.filesystem",
    "system.io.compression.zipfile", "system.io.filesystem", "system.io.filesystem.driveinfo",
    "system.io.filesystem.primitives", "system.io.filesystem.watcher", "system.io.isolatedstorage", "system.io.log",
    "system.io.memorymappedfiles", "system.io.pipes", "system.io.unmanagedmemorystream", "system.linq",
    "system.linq.expressions", "system.linq.parallel", "system.linq.queryable", "system.management",
    "system.management.automation", "system.management.instrumentation", "system.messaging", "system.net",
    "system.net.http", "system.net.http.rtc", "system.net.http.webrequest", "system.net.nameresolution",
    "system.net.networkinformation", "system.net.ping", "system.net.primitives", "system.net.requests",
    "system.net.security", "system.net.sockets", "system.net.webheadercollection", "system.net.websockets",
    "system.net.websockets.client", "system.numerics", "system.objectmodel", "system.printing", "system.reflection",
    "system.reflection.context", "system.reflection.emit", "system.reflection.emit.ilgeneration",
    "system.reflection.emit.lightweight", "system.reflection.extensions", "system.reflection.primitives",
    "system.resources.reader", "system.resources.resourcemanager", "system.resources.writer", "system.runtime",
    "system.runtime.caching", "system.runtime.compilerservices.visualc", "system.runtime.durableinstancing",
    "system.runtime.extensions", "system.runtime.handles", "system.runtime.interopservices",
    "system.runtime.interopservices.runtimeinformation", "system.runtime.interopservices.windowsruntime",
    "system.runtime.numerics", "system.runtime.remoting", "system.runtime.serialization",
    "system.runtime.serialization.formatters", "system.runtime.serialization.formatters.soap",
    "system.runtime.serialization.json", "system.runtime.serialization.primitives",
    "system.runtime.serialization.xml", "system.runtime.windowsruntime", "system.runtime.windowsruntime.ui.xaml",
    "system.security", "system.security.claims", "system.security.cryptography.algorithms",
    "system.security.cryptography.csp", "system.security.cryptography.encoding",
    "system.security.cryptography.primitives", "system.security.cryptography.x509certificates",
    "system.security.principal", "system.security.securestring", "system.servicemodel",
    "system.servicemodel.activation", "system.servicemodel.activities", "system.servicemodel.channels",
    "system.servicemodel.discovery", "system.servicemodel.duplex", "system.servicemodel.http",
    "system.servicemodel.internals", "system.servicemodel.nettcp", "system.servicemodel.primitives",
    "system.servicemodel.routing", "system.servicemodel.security", "system.servicemodel.web", "system.serviceprocess",
    "system.speech", "system.text.encoding", "system.text.encoding.extensions", "system.text.regularexpressions",
    "system.threading", "system.threading.overlapped", "system.threading.tasks", "system.threading.tasks.parallel",
    "system.threading.thread", "system.threading.threadpool", "system.threading.timer", "system.transactions",
    "system.valuetuple", "system.web", "system.web.abstractions", "system.web.applicationservices",
    "system.web.datavisualization", "system.web.dynamicdata", "system.web.entity", "system.web.entity.design",
    "system.web.extensions", "system.web.extensions.design", "system.web.mobile", "system.web.regularexpressions",
    "system.web.routing", "system.web.services", "system.windows", "system.windows.controls.ribbon",
    "system.windows.forms", "system.windows.forms.datavisualization", "system.windows.input.manipulations",
    "system.windows.presentation", "system.workflow.activities", "system.workflow.componentmodel",
    "system.workflow.runtime", "system.workflowservices", "system.xaml", "system.xml", "system.xml.linq",
    "system.xml.readerwriter", "system.xml.serialization", "system.xml.xdocument", "system.xml.xmldocument",
    "system.xml.xmlserializer", "system.xml.xpath", "system.xml.xpath.xdocument", "uiautomationclient",
    "uiautomationclientsideproviders", "uiautomationprovider", "uiautomationtypes", "windowsbase",
    "windowsformsintegration", "xamlbuildtask",
};

/* clang-format on */

static int compare(const void *name, const void *row) {
    return strcmp(name, *(const char *const *)row);
}

static bool is_in(const char *name, const char *const *table, size_t bytes) {
    return bsearch(name, table, bytes / sizeof *table, sizeof *table, compare) != NULL;
}

/* In lower case and without ".dll"; what is too long is not known. */
static bool plain_name(const char *name, char plain[64]) {
    size_t len = strlen(name);
    len -= len > 4 && fc__audit_same(name + len - 4, ".dll") ? 4 : 0;
    if (len >= 64) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        plain[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + 32) : name[i];
    }
    plain[len] = '\0';
    return true;
}

static bool begins(const char *name, const char *prefix) {
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

enum fc_origin fc__audit_known_library(const char *name) {
    char plain[64];
    if (!plain_name(name, plain)) {
        return strncasecmp(name, "api-ms-", 7) == 0 || strncasecmp(name, "ext-ms-", 7) == 0 ? FC_ORIGIN_SYSTEM
                                                                                            : FC_ORIGIN_MISSING;
    }
    if (begins(plain, "api-ms-") || begins(plain, "ext-ms-") || is_in(plain, windows, sizeof windows)) {
        return FC_ORIGIN_SYSTEM;
    }
    return is_in(plain, redistributables, sizeof redistributables) ? FC_ORIGIN_REDISTRIBUTABLE : FC_ORIGIN_MISSING;
}

enum fc_origin fc__audit_known_assembly(const char *name, enum fc__family family) {
    /* Of .NET and ASP.NET Core; a package may have names of the same kind, and is then among the files. */
    static const char *const prefixes[] = {
        "system.",          "microsoft.aspnetcore.", "microsoft.extensions.", "microsoft.visualbasic.",
        "microsoft.win32.", "presentationframework."};
    char plain[64];
    if (!plain_name(name, plain)) {
        return FC_ORIGIN_MISSING;
    }
    if (is_in(plain, framework, sizeof framework)) {
        return FC_ORIGIN_FRAMEWORK;
    }
    for (size_t i = 0; family != FC__FAMILY_FRAMEWORK && i < sizeof prefixes / sizeof *prefixes; i++) {
        if (begins(plain, prefixes[i])) {
            return FC_ORIGIN_FRAMEWORK;
        }
    }
    return FC_ORIGIN_MISSING;
}

enum fc_origin fc__audit_known_side_by_side(const char *name) {
    if (strncasecmp(name, "Microsoft.VC", 12) == 0) {
        return FC_ORIGIN_REDISTRIBUTABLE; /* Microsoft.VC80.CRT and the like, of 2005 and 2008 */
    }
    return strncasecmp(name, "Microsoft.Windows.", 18) == 0 ? FC_ORIGIN_SYSTEM : FC_ORIGIN_MISSING;
}
