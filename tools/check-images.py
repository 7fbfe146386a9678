#!/usr/bin/python3
"""Reads PE images with `farcall inspect --json` and with other programs, and prints where they differ.

    check-images.py [--limit N] FARCALL FILE|DIR...

The others are python3-pefile (headers, sections, imports, exports), objdump -p (libraries imported), and Mono's pedump and
monodis (CLI header, tables, references, P/Invoke). Those that are not installed are passed over. --limit takes N files,
spread evenly over all of them. The last line counts files and differences; exit status 1 if there was any.
"""
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pefile

BATCH = 50


def text_of(name):
    """As farcall writes bytes that are not UTF-8."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return "".join(chr(b) if 0x20 <= b < 0x7F else f"\\x{b:02x}" for b in name)


def pefile_facts(path):
    pe = pefile.PE(path, fast_load=True)
    pe.parse_data_directories(
        [pefile.DIRECTORY_ENTRY[f"IMAGE_DIRECTORY_ENTRY_{n}"] for n in ("IMPORT", "EXPORT", "DELAY_IMPORT")]
    )
    numbers = {}
    for part in (pe.FILE_HEADER, pe.OPTIONAL_HEADER):
        numbers.update({k: v["Value"] for k, v in part.dump_dict().items() if isinstance(v, dict)})
    numbers["TimeDateStamp"] = pe.FILE_HEADER.TimeDateStamp
    numbers["Win32VersionValue"] = pe.OPTIONAL_HEADER.Reserved1
    imports = []
    for attribute, delayed in (("DIRECTORY_ENTRY_IMPORT", False), ("DIRECTORY_ENTRY_DELAY_IMPORT", True)):
        for library in getattr(pe, attribute, []):
            for one in library.imports:
                by_ordinal = one.import_by_ordinal or one.name is None  # pefile knows names for some ordinals
                name = one.ordinal if by_ordinal else text_of(one.name)
                imports.append((text_of(library.dll), name, delayed))
    exports = []
    if hasattr(pe, "DIRECTORY_ENTRY_EXPORT"):
        for one in pe.DIRECTORY_ENTRY_EXPORT.symbols:
            forwarder = text_of(one.forwarder) if one.forwarder else None
            exports.append((text_of(one.name) if one.name else None, one.ordinal, forwarder))
    sections = [(s.VirtualAddress, s.Misc_VirtualSize, s.PointerToRawData, s.SizeOfRawData) for s in pe.sections]
    return numbers, sections, sorted(imports, key=str), sorted(exports, key=str), pe.generate_checksum()


def own_facts(image):
    imports = [(i["library"], i.get("name", i.get("ordinal")), i["delayed"]) for i in image["imports"]]
    exports = [(e.get("name"), e["ordinal"], e.get("forwarder")) for e in image["exports"]]
    sections = [(s["rva"], s["virtual_size"], s["offset"], s["size"]) for s in image["pe"]["sections"]]
    return sections, sorted(imports, key=str), sorted(exports, key=str)


def compare_pefile(image):
    numbers, sections, imports, exports, checksum = pefile_facts(image["file"])
    own_sections, own_imports, own_exports = own_facts(image)
    for name, value in image["pe"]["headers"].items():
        if numbers.get(name) != value:
            yield f"{name}: {value}, pefile has {numbers.get(name)}"
    for what, mine, theirs in (
        ("sections", own_sections, sections),
        ("imports", own_imports, imports),
        ("exports", own_exports, exports),
        ("checksum", image["pe"]["checksum"], checksum),
    ):
        if mine != theirs:
            odd = set(mine) ^ set(theirs) if isinstance(mine, list) else (mine, theirs)
            yield f"{what} differ from pefile's: {sorted(odd, key=str)[:4]}"


def output_of(*command):
    ran = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return ran.stdout + ran.stderr


def compare_objdump(image):
    dump = output_of("objdump", "-p", image["file"])
    if "file format not recognized" in dump or "file format" not in dump:
        return  # not built for this machine
    theirs = re.findall(r"^\s*DLL Name: (.*)$", dump, re.M)
    mine = list(dict.fromkeys(i["library"] for i in image["imports"] if not i["delayed"]))
    if list(dict.fromkeys(theirs)) != mine:
        yield f"libraries imported: {mine}, objdump has {theirs}"


def compare_mono(image):
    """pedump's names of tables are not always the standard's."""
    other_names = {"Method": "MethodDef", "Exported": "ExportedType", "FieldLayoutt": "FieldLayout"}
    managed, dump = image["managed"], output_of("pedump", image["file"])
    for label, mine in (("Runtime required", managed["header"]), ("Version string", managed["runtime"])):
        found = re.search(rf"{label}: (.*)", dump)
        if found is None or found.group(1).strip() != mine:
            yield f"{label}: {mine}, pedump has {found and found.group(1)}"
    theirs = {}
    for name, rows, size in re.findall(r"^Table (.*?): (\d+) records \((\d+) bytes", dump, re.M):
        name = name.replace(" ", "")
        theirs[other_names.get(name, name).lower()] = (int(rows), int(size))
    mine = {k.lower(): (v["rows"], v["row_size"]) for k, v in managed["tables"].items()}
    if mine != theirs:
        yield f"tables differ from pedump's: {sorted(set(mine.items()) ^ set(theirs.items()))}"
    references = output_of("monodis", "--assemblyref", image["file"])
    theirs = list(zip(re.findall(r"Name=(.*)", references), re.findall(r"Version=(.*)", references)))
    mine = [(r["name"], r["version"]) for r in managed["references"]]
    if mine != theirs:
        yield f"references: {mine}, monodis has {theirs}"
    calls = output_of("monodis", "--implmap", image["file"])
    theirs = re.findall(r"^\d+: .*? (\d+) \((\S*) (.*)\)$", calls, re.M)
    mine = [(str(p["flags"]), p["entry"], p["library"]) for p in managed["pinvokes"]]
    # monodis stops at a type of an assembly that it does not find.
    if mine != theirs and not (theirs and mine[: len(theirs)] == theirs and "Could not load" in calls):
        yield f"P/Invoke: {sorted(set(mine) ^ set(theirs))[:4]} and {len(mine)} of {len(theirs)}"


def collect(paths, limit):
    files = []
    for path in map(Path, paths):
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        files += [f for f in found if f.suffix.lower() in (".dll", ".exe") and f.is_file() and not f.is_symlink()]
    if limit and len(files) > limit:
        files = [files[i * len(files) // limit] for i in range(limit)]
    return [str(f) for f in files if f.read_bytes()[:2] == b"MZ"]


def differences(image):
    for problem in image.get("problems", []):
        yield f"not read: {problem}"
    if image["format"] != "PE":
        return
    yield from compare_pefile(image)
    if shutil.which("objdump"):
        yield from compare_objdump(image)
    if "managed" in image and shutil.which("pedump") and shutil.which("monodis"):
        yield from compare_mono(image)


def main():
    arguments = sys.argv[1:]
    limit = 0
    if arguments[:1] == ["--limit"]:
        limit, arguments = int(arguments[1]), arguments[2:]
    files = collect(arguments[1:], limit)
    count = managed = odd = 0
    for start in range(0, len(files), BATCH):
        batch = files[start : start + BATCH]
        ran = subprocess.run([arguments[0], "inspect", "--json", *batch], stdout=subprocess.PIPE, check=False)
        for image in json.loads(ran.stdout):
            count += 1
            managed += "managed" in image
            for difference in differences(image):
                odd += 1
                print(f"{image['file']}: {difference}")
    print(f"{count} images of {len(files)} files, {managed} managed, {odd} differences")
    return 1 if odd or count != len(files) else 0


if __name__ == "__main__":
    sys.exit(main())
