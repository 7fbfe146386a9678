/* Audits of applications made by hand: each kind of conflict, and what mends it. */
#include "made_managed.h"

#include <farcall/audit.h>

enum { FILES_MAX = 24, TEXT_MAX = 2048 };
enum { IMPORTS_AT = 0x480, THUNKS_AT = 0x5c0, IMPORT_NAMES_AT = 0x500 }; /* offsets; RVAs are 0xc00 more */
enum { MODULE_REF = 0x1a, IMPL_MAP = 0x1c, ASSEMBLY_REF = 0x23 };

/* -- A tree in memory --------------------------------------------------------------------------------------------- */

struct tree {
    struct {
        const char *path;
        unsigned char data[MADE_LEN];
        size_t len;
    } files[FILES_MAX];
    size_t count;
    int open; /* files that are */
};

static struct tree tree;

static bool open_file(void *user_data, const char *path, const void **ret_data, size_t *ret_len, void **ret_handle) {
    struct tree *files = user_data;
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->files[i].path, path) == 0) {
            *ret_data = files->files[i].data;
            *ret_len = files->files[i].len;
            *ret_handle = files;
            files->open++;
            return true;
        }
    }
    return false;
}

static void close_file(void *user_data, void *handle) {
    assert_ptr_equal(user_data, handle);
    ((struct tree *)user_data)->open--;
}

static void put_file(const char *path, const void *data, size_t len) {
    assert_true(tree.count < FILES_MAX && len <= MADE_LEN);
    tree.files[tree.count].path = path;
    memcpy(tree.files[tree.count].data, data, len);
    tree.files[tree.count++].len = len;
}

static void put_image(const char *path, const struct made *made) {
    put_file(path, made->bytes, MADE_LEN);
}

static void put_text(const char *path, const char *text) {
    put_file(path, text, strlen(text));
}

static struct fc_audit *begin(void) {
    const struct fc_audit_files files = {&tree, open_file, close_file, NULL};
    struct fc_audit *audit = NULL;
    assert_int_equal(fc_audit_new(&files, &audit), FC_OK);
    for (size_t i = 0; i < tree.count; i++) {
        assert_int_equal(fc_audit_add(audit, tree.files[i].path), FC_OK);
    }
    return audit;
}

static struct fc_audit *run(struct fc_audit *audit) {
    assert_int_equal(fc_audit_run(audit), FC_OK);
    assert_int_equal(tree.open, 0);
    return audit;
}

/* -- Images ------------------------------------------------------------------------------------------------------- */

/* Native, importing the libraries, of which the list ends with NULL, by ordinal. */
static struct made make_native(unsigned machine, unsigned characteristics, const char *const *libraries) {
    struct made made = make_pe(machine != I386, machine, characteristics);
    size_t name_at = IMPORT_NAMES_AT;
    put(&made, PE_OPTIONAL + 16, 0x1000, 4); /* an entry point: it has code */
    put(&made, pe_directory(&made, 1), IMPORTS_AT + 0xc00, 4);
    put(&made, pe_directory(&made, 1) + 4, 0x60, 4);
    put(&made, THUNKS_AT, 1, 4);
    put(&made, THUNKS_AT + (made.is_wide ? 7u : 3u), 0x80, 1);
    for (size_t i = 0; libraries != NULL && libraries[i] != NULL; i++) {
        put(&made, IMPORTS_AT + 20 * i, THUNKS_AT + 0xc00, 4);
        put(&made, IMPORTS_AT + 20 * i + 12, name_at + 0xc00, 4);
        put(&made, IMPORTS_AT + 20 * i + 16, THUNKS_AT + 0xc00, 4);
        strcpy((char *)made.bytes + name_at, libraries[i]);
        name_at += strlen(libraries[i]) + 1;
    }
    return made;
}

/* Managed, with one reference and one P/Invoke, each of which may be NULL. */
static struct made make_assembly(unsigned characteristics, unsigned minor, uint32_t flags, const char *reference,
                                 const char *library) {
    struct made made = make_managed(false, characteristics, "v4.0.30319");
    put(&made, PE_OPTIONAL + 16, 0x1000, 4);
    put(&made, CLI + 6, minor, 2);
    put(&made, CLI + 16, flags, 4);
    if (library != NULL) {
        put_row_count(&made, MODULE_REF, 1);
        put_row_count(&made, IMPL_MAP, 1);
    }
    if (reference != NULL) {
        put_row_count(&made, ASSEMBLY_REF, 1);
    }
    struct made_rows rows = begin_rows(&made);
    if (library != NULL) {
        put_string(&rows, library);
        put_cell(&rows, 0, 2);
        put_cell(&rows, 0, 2);
        put_string(&rows, "Function");
        put_cell(&rows, 1, 2);
    }
    if (reference != NULL) {
        put_cell(&rows, 1, 8);
        put_cell(&rows, 0, 4);
        put_blob(&rows, "\1\2\3\4\5\6\7\10", 8);
        put_string(&rows, reference);
        put_cell(&rows, 0, 2);
        put_cell(&rows, 0, 2);
    }
    return made;
}

static void put_native(const char *path, unsigned machine, unsigned characteristics, const char *library) {
    const struct made made = make_native(machine, characteristics, (const char *const[]){library, NULL});
    put_image(path, &made);
}

static void put_assembly(const char *path, unsigned characteristics, unsigned minor, uint32_t flags,
                         const char *reference, const char *library) {
    const struct made made = make_assembly(characteristics, minor, flags, reference, library);
    put_image(path, &made);
}

/* -- What was found, as text --------------------------------------------------------------------------------------- */

static char found[TEXT_MAX];

static void append(const char *text) {
    assert_true(strlen(found) + strlen(text) + 2 < sizeof found);
    strcat(found, text);
}

static int tell_remedy(void *user_data, enum fc_remedy remedy, const char *text, const char *command) {
    (void)user_data;
    assert_non_null(text);
    append(" ");
    append(fc_remedy_name(remedy));
    if (command != NULL) {
        append("<");
        append(command);
        append(">");
    }
    return 0;
}

static int tell_finding(void *user_data, const struct fc_audit_finding *finding) {
    static const char *const severities[] = {"", "?", "-"};
    assert_int_not_equal(strlen(fc_audit_finding_text(finding)), 0);
    append(severities[fc_audit_finding_severity(finding)]);
    append(fc_finding_name(fc_audit_finding_kind(finding)));
    append(" ");
    append(fc_audit_file_path(fc_audit_finding_file(finding)));
    if (user_data != NULL) {
        fc_audit_visit_remedies(finding, tell_remedy, NULL);
    }
    append("\n");
    return 0;
}

/* The findings, a line each, with their remedies; then the audit is gone. */
static void assert_findings(struct fc_audit *audit, const char *expected) {
    found[0] = '\0';
    fc_audit_visit_findings(audit, tell_finding, found);
    fc_audit_free(audit);
    assert_string_equal(found, expected);
}

/* The same without remedies. */
static void assert_kinds(struct fc_audit *audit, const char *expected) {
    found[0] = '\0';
    fc_audit_visit_findings(audit, tell_finding, NULL);
    fc_audit_free(audit);
    assert_string_equal(found, expected);
}

static int tell_process(void *user_data, const struct fc_audit_process *process) {
    (void)user_data;
    append(fc_audit_process_program(process) != NULL ? fc_audit_process_name(process) : "host");
    append(": ");
    append(fc_process_title(fc_audit_process_kind(process)));
    append("\n");
    return 0;
}

static void assert_processes(const struct fc_audit *audit, const char *expected) {
    found[0] = '\0';
    fc_audit_visit_processes(audit, tell_process, NULL);
    assert_string_equal(found, expected);
}

/* -- Remedies ----------------------------------------------------------------------------------------------------- */

TEST(audit_has_a_program_that_calls_32bit_code_require_32_bits) {
    put_assembly("a/app.exe", 0, 5, ILONLY, NULL, "vendor32");
    put_native("a/VENDOR32.DLL", I386, DLL, "KERNEL32.dll");
    assert_findings(run(begin()),
                    "load a/VENDOR32.DLL require-32<farcall corflags a/app.exe /32BITREQ+> bridge<farcall "
                    "proxy a/VENDOR32.DLL --header VENDOR32.h --caller x86_64-windows -o a/proxies> rebuild\n");
}

TEST(audit_finds_nothing_once_the_program_requires_32_bits) {
    put_assembly("a/app.exe", 0, 5, ILONLY | REQUIRED, NULL, "vendor32.dll");
    put_native("a/vendor32.dll", I386, DLL, "KERNEL32.dll");
    struct fc_audit *audit = run(begin());
    assert_processes(audit, "a/app.exe: a 32-bit process (WOW64)\n");
    assert_findings(audit, "");
}

TEST(audit_changes_no_program_that_loads_64bit_code_too) {
    put_assembly("a/app.exe", 0, 5, ILONLY, "middle", "vendor32.dll");
    put_assembly("a/middle.dll", DLL, 5, ILONLY, NULL, "vendor64.dll");
    put_native("a/vendor32.dll", I386, DLL, "KERNEL32.dll");
    put_native("a/vendor64.dll", AMD64, DLL, "KERNEL32.dll");
    assert_findings(run(begin()),
                    "load a/vendor32.dll bridge<farcall proxy a/vendor32.dll --header vendor32.h --caller "
                    "x86_64-windows -o a/proxies> rebuild\n");
}

TEST(audit_has_a_program_prefer_32_bits_for_old_il) {
    put_assembly("a/app.exe", 0, 5, ILONLY, "old", NULL);
    put_assembly("a/old.dll", DLL, 0, ILONLY, NULL, NULL);
    assert_findings(run(begin()), "?load a/old.dll prefer-32<farcall corflags a/app.exe /32BITPREF+> rebuild\n");
}

TEST(audit_upgrades_the_header_of_an_old_program_that_calls_64bit_code) {
    put_assembly("a/app.exe", 0, 0, ILONLY, NULL, "vendor64.dll");
    put_native("a/vendor64.dll", AMD64, DLL, "KERNEL32.dll");
    assert_findings(
        run(begin()),
        "load a/vendor64.dll upgrade-header<farcall corflags a/app.exe --upgrade-clr-header> bridge<farcall "
        "proxy a/vendor64.dll --header vendor64.h --caller i386-windows -o a/proxies> rebuild\n");
}

TEST(audit_frees_an_assembly_that_is_bound_without_need) {
    put_assembly("a/app 1.exe", 0, 5, ILONLY, "bound", NULL);
    put_assembly("a/bound.dll", DLL, 5, ILONLY | REQUIRED, NULL, NULL);
    assert_findings(run(begin()),
                    "load a/bound.dll release<farcall corflags a/bound.dll /32BITREQ-> require-32<farcall "
                    "corflags 'a/app 1.exe' /32BITREQ+> rebuild\n");
}

TEST(audit_does_not_free_an_assembly_that_calls_native_code) {
    put_assembly("a/app.exe", 0, 5, ILONLY, "bound", NULL);
    put_assembly("a/bound.dll", DLL, 5, ILONLY | REQUIRED, NULL, "vendor32.dll");
    put_native("a/vendor32.dll", I386, DLL, "KERNEL32.dll");
    assert_findings(run(begin()), "load a/bound.dll require-32<farcall corflags a/app.exe /32BITREQ+> rebuild\n");
}

TEST(audit_offers_the_file_that_fits) {
    put_native("a/app.exe", AMD64, 0, "vendor.dll");
    put_native("a/vendor.dll", I386, DLL, "KERNEL32.dll");
    put_native("a/64/vendor.dll", AMD64, DLL, "KERNEL32.dll");
    put_text("a/vendor.h", "int Function(void);");
    assert_findings(run(begin()), "load a/vendor.dll other-file bridge<farcall proxy a/vendor.dll --header a/vendor.h "
                                  "--caller x86_64-windows --used-by a/app.exe -o a/proxies> rebuild\n");
}

/* -- Hosts -------------------------------------------------------------------------------------------------------- */

static struct fc_audit *web_role(enum fc_host host) {
    put_assembly("bin/web.dll", DLL, 5, ILONLY, NULL, "vendor32.dll");
    put_native("bin/vendor32.dll", I386, DLL, "KERNEL32.dll");
    struct fc_audit *audit = begin();
    assert_int_equal(fc_audit_set_host(audit, host), FC_OK);
    return run(audit);
}

TEST(audit_of_a_web_role_offers_a_32bit_pool) {
    assert_findings(web_role(FC_HOST_IIS),
                    "load bin/vendor32.dll pool<appcmd set apppool /apppool.name:POOL "
                    "/enable32BitAppOnWin64:true> bridge<farcall proxy bin/vendor32.dll --header "
                    "vendor32.h --caller x86_64-windows -o bin/proxies> rebuild\n");
}

TEST(audit_of_a_32bit_host_finds_nothing) {
    assert_kinds(web_role(FC_HOST_32), "");
}

TEST(audit_of_a_64bit_host_finds_the_conflict) {
    assert_kinds(web_role(FC_HOST_64), "load bin/vendor32.dll\n");
}

TEST(audit_gives_libraries_without_a_host_processes_that_fit) {
    put_native("n/x86/addon.node", I386, DLL, "node.exe");
    put_native("n/x64/addon.node", AMD64, DLL, "node.exe");
    put_native("n/arm64/addon.node", ARM64, DLL, "vcruntime140.dll");
    put_native("n/vcruntime140.dll", I386, DLL, NULL);
    struct fc_audit *audit = run(begin());
    assert_processes(audit, "host: a 32-bit process (WOW64)\nhost: a 64-bit process\nhost: a native ARM64 process\n");
    assert_kinds(audit, "load n/vcruntime140.dll\n");
}

TEST(audit_finds_a_library_in_the_folder_of_another_machine) {
    put_native("n/arm64/one.dll", I386, DLL, NULL);
    put_native("n/x64/two.dll", AMD64, DLL, NULL);
    put_assembly("n/x64/three.dll", DLL, 5, ILONLY, NULL, NULL);
    assert_findings(run(begin()), "folder n/arm64/one.dll other-file\n");
}

/* -- Names -------------------------------------------------------------------------------------------------------- */

TEST(audit_knows_libraries_of_the_system_by_name) {
    static const char *const libraries[] = {"user32.DLL", "api-ms-win-core-com-l1-1-0.dll", "ext-ms-x.dll",
                                            "MSVCP140.dll", NULL};
    struct made made = make_native(AMD64, 0, libraries);
    put_image("app.exe", &made);
    assert_kinds(run(begin()), "");
}

TEST(audit_says_what_is_missing) {
    put_native("app.exe", AMD64, 0, "gone.dll");
    put_assembly("tool.exe", 0, 5, ILONLY, "Gone", "System.Xml.dll");
    assert_kinds(run(begin()), "-missing gone.dll\n-missing Gone\n-missing System.Xml.dll\n");
}

TEST(audit_prefers_the_systems_library_to_a_copy_that_does_not_fit) {
    put_native("app.exe", AMD64, 0, "dbghelp.dll");
    put_native("dbghelp.dll", I386, DLL, NULL);
    assert_kinds(run(begin()), "");
}

TEST(audit_says_once_what_many_need) {
    put_native("one.exe", AMD64, 0, "vendor.dll");
    put_native("two.exe", AMD64, 0, "vendor.dll");
    put_native("vendor.dll", I386, DLL, NULL);
    assert_kinds(run(begin()), "load vendor.dll\n");
}

/* -- Texts -------------------------------------------------------------------------------------------------------- */

TEST(audit_probes_as_the_config_says) {
    put_assembly("a/app.exe", 0, 5, ILONLY, "part", NULL);
    put_assembly("a/lib/deep/part.dll", DLL, 5, ILONLY | REQUIRED, NULL, "x.dll");
    put_text("a/app.exe.config",
             "<configuration><runtime><assemblyBinding><!-- <probing privatePath=\"no\"/> -->"
             "<probing privatePath=\"bin;lib\\deep\"/></assemblyBinding></runtime></configuration>");
    assert_kinds(run(begin()), "load a/lib/deep/part.dll\n");
}

TEST(audit_follows_a_code_base) {
    put_assembly("a/app.exe", 0, 5, ILONLY, "part", NULL);
    put_assembly("a/far/away.dll", DLL, 5, ILONLY | REQUIRED, NULL, "x.dll");
    put_text("a/app.exe.config",
             "<configuration><runtime><assemblyBinding><dependentAssembly>"
             "<assemblyIdentity name=\"part\"/><codeBase version=\"1.0.0.0\" href=\"far/away.dll\"/>"
             "</dependentAssembly></assemblyBinding></runtime></configuration>");
    assert_kinds(run(begin()), "load a/far/away.dll\n");
}

TEST(audit_finds_assemblies_in_a_gac) {
    put_assembly("m/4.5/app.exe", 0, 5, ILONLY, "part", NULL);
    put_assembly("m/gac/part/1.0.0.0__0102030405060708/part.dll", DLL, 5, ILONLY, "other", NULL);
    put_assembly("m/gac/other/1.0.0.0__0102030405060708/other.dll", DLL, 5, ILONLY | REQUIRED, NULL, "x.dll");
    assert_kinds(run(begin()), "load m/gac/other/1.0.0.0__0102030405060708/other.dll\n");
}

TEST(audit_looks_in_folders_that_are_stated) {
    put_assembly("a/app.exe", 0, 5, ILONLY, NULL, "vendor");
    put_native("a/runtimes/win-x86/native/vendor.dll", I386, DLL, NULL);
    put_native("a/runtimes/win-x64/native/vendor.dll", AMD64, DLL, NULL);
    struct fc_audit *audit = begin();
    fc_audit_add_folder(audit, "a/app", "a/runtimes/win-x86/native");
    fc_audit_add_folder(audit, "a/app", "a/runtimes/win-x64/native");
    assert_kinds(run(audit), "");
}

TEST(audit_compares_side_by_side_assemblies_with_the_process) {
    put_assembly("app.exe", 0, 5, ILONLY, NULL, NULL);
    put_text(
        "app.exe.manifest",
        "<assembly><dependency><dependentAssembly><assemblyIdentity type=\"win32\" name=\"Microsoft.Windows.Common-"
        "Controls\" processorArchitecture=\"x86\"/></dependentAssembly></dependency><dependency>"
        "<dependentAssembly><assemblyIdentity name=\"Vendor.Parts\" processorArchitecture=\"*\"/>"
        "</dependentAssembly></dependency></assembly>");
    assert_findings(run(begin()),
                    "manifest Microsoft.Windows.Common-Controls manifest require-32<farcall corflags app.exe "
                    "/32BITREQ+>\n-missing Vendor.Parts\n");
}

TEST(audit_loads_com_servers_that_need_no_registration) {
    put_native("app.exe", AMD64, 0, "KERNEL32.dll");
    put_native("server.dll", I386, DLL, NULL);
    put_text("app.exe.manifest",
             "<assembly><file name=\"other.dll\"/><file name=\"server.dll\"><comClass clsid=\"{1}\"/>"
             "</file></assembly>");
    assert_kinds(run(begin()), "load server.dll\n");
}

static const char reg[] = "Windows Registry Editor Version 5.00\r\n\r\n"
                          "[HKEY_CLASSES_ROOT\\CLSID\\{1}\\InprocServer32]\r\n"
                          "@=\"C:\\\\Program Files\\\\Vendor\\\\com\\\\server.dll\"\r\n\"ThreadingModel\"=\"Both\"\r\n";

TEST(audit_finds_com_servers_in_the_wrong_half_of_the_registry) {
    put_native("a/com/server.dll", I386, DLL, NULL);
    put_text("a/setup/server.reg", reg);
    assert_findings(run(begin()), "com a/com/server.dll register<C:\\Windows\\SysWOW64\\regsvr32.exe a/com/server.dll> "
                                  "bridge rebuild\n");
}

TEST(audit_reads_registrations_in_utf16) {
    unsigned char wide[2 * sizeof reg] = {0xff, 0xfe};
    for (size_t i = 0; i + 1 < sizeof reg; i++) {
        wide[2 + 2 * i] = (unsigned char)reg[i];
    }
    put_native("a/com/server.dll", I386, DLL, NULL);
    put_file("a/server.reg", wide, sizeof wide);
    assert_kinds(run(begin()), "com a/com/server.dll\n");
}

TEST(audit_is_content_with_com_servers_in_the_right_half) {
    put_native("a/server.dll", I386, DLL, NULL);
    put_text("a/server.reg",
             "[HKEY_CLASSES_ROOT\\Wow6432Node\\CLSID\\{1}\\InprocServer32]\n@=\"C:\\\\a\\\\server.dll\"\n");
    assert_kinds(run(begin()), "");
}

TEST(audit_bridges_dlls_for_programs_of_mono) {
    put_assembly("a/app.exe", 0, 5, ILONLY, NULL, "vendor32.dll");
    put_native("a/vendor32.dll", I386, DLL, "KERNEL32.dll");
    struct fc_audit *audit = begin();
    fc_audit_set_system(audit, FC_SYSTEM_MONO);
    assert_findings(run(audit), "load a/vendor32.dll bridge<farcall proxy a/vendor32.dll --header vendor32.h --caller "
                                "x86_64-linux -o a/proxies> rebuild\n");
}

/* -- Starting ----------------------------------------------------------------------------------------------------- */

TEST(audit_finds_programs_that_do_not_start) {
    put_native("app.exe", AMD64, 0, "KERNEL32.dll");
    struct fc_audit *audit = begin();
    fc_audit_set_system(audit, FC_SYSTEM_WINDOWS_X86);
    assert_findings(run(audit), "start app.exe system rebuild\n");
}

TEST(audit_starts_each_program_on_the_system_it_is_made_for) {
    put_native("one.exe", I386, 0, NULL);
    put_native("two.exe", AMD64, 0, NULL);
    put_native("three.exe", ARM64, 0, NULL);
    struct fc_audit *audit = run(begin());
    assert_processes(audit, "one.exe: a 32-bit process (WOW64)\ntwo.exe: a 64-bit process\nthree.exe: a native ARM64 "
                            "process\n");
    assert_findings(audit, "");
}

TEST(audit_finds_programs_for_a_newer_windows) {
    struct made made = make_native(AMD64, 0, NULL);
    put(&made, PE_OPTIONAL + 48, 10, 2);
    put_image("app.exe", &made);
    struct fc_audit *audit = begin();
    fc_audit_set_windows_version(audit, 0x60001);
    assert_findings(run(audit), "windows app.exe rebuild\n");
}

/* -- Linux -------------------------------------------------------------------------------------------------------- */

static struct made make_linux(bool is_wide, const char *needed, const char *runpath) {
    struct made made = make_elf(is_wide, false, ET_DYN, is_wide ? EM_X86_64 : EM_386);
    add_entry(&made, DT_NEEDED, add_string(&made, needed));
    if (runpath != NULL) {
        add_entry(&made, DT_RUNPATH, add_string(&made, runpath));
        add_entry(&made, DT_FLAGS_1, DF_1_PIE);
    }
    return made;
}

TEST(audit_follows_run_paths_as_the_dynamic_linker_does) {
    struct made app = make_linux(true, "libone.so", "$ORIGIN/../lib:/opt/lib"),
                one = make_linux(false, "libc.so.6", NULL);
    struct made libc = make_library();
    put_image("app/bin/app", &app);
    put_image("app/lib/libone.so", &one);
    put_image("/opt/lib/libc.so.6", &libc);
    tree.count--; /* it is there, and no part of the application */
    struct fc_audit *audit = begin();
    tree.count++;
    assert_findings(run(audit), "load app/lib/libone.so bridge<farcall proxy app/lib/libone.so --header one.h --caller "
                                "x86_64-linux --used-by app/bin/app -o app/lib/proxies> rebuild\n");
}

TEST(audit_finds_installed_libraries_in_the_folders_of_the_system) {
    struct made app = make_linux(true, "libsystem.so.1", "$ORIGIN"), right = make_library();
    struct made wrong = make_linux(false, "libc.so.6", NULL);
    put_image("app/app", &app);
    put_image("/lib/i386/libsystem.so.1", &wrong);
    put_image("/lib/x86_64/libsystem.so.1", &right);
    tree.count = 1;
    struct fc_audit *audit = begin();
    tree.count = 3;
    fc_audit_add_system_folder(audit, "/lib/i386");
    fc_audit_add_system_folder(audit, "/lib/x86_64"); /* where the search goes on */
    assert_findings(run(audit), "");
}

/* -- What is not as it should be ------------------------------------------------------------------------------------ */

TEST(audit_ends_where_libraries_need_each_other) {
    put_native("app.exe", AMD64, 0, "one.dll");
    put_native("one.dll", AMD64, DLL, "two.dll");
    put_native("two.dll", AMD64, DLL, "one.dll");
    put_native("self.dll", AMD64, DLL, "self.dll");
    assert_findings(run(begin()), "");
}

TEST(audit_says_which_file_is_damaged) {
    struct made made = make_pe(true, AMD64, DLL);
    put_file("cut.dll", made.bytes, 0x90);
    put_file("empty.dll", "", 0);
    put_text("text.dll", "no binary");
    assert_kinds(run(begin()), "-unreadable cut.dll\n");
}

TEST(audit_survives_texts_of_any_kind) {
    put_assembly("app.exe", 0, 5, ILONLY, "part", NULL);
    put_text("app.exe.manifest",
             "<dependentAssembly><assemblyIdentity name=\"\"<file name='x'></file><file name=\"y\"><comClass");
    put_text("app.exe.config",
             "<dependentAssembly><assemblyIdentity name=\"part\"/><codeBase href=\"../../../../../..");
    put_text("a.reg", "[\\CLSID\\\\InprocServer32]\n@=\"\\\\\\");
    put_file("b.reg", "\xff\xfe\x5b", 3);
    assert_kinds(run(begin()), "-missing part\n-missing y.dll\n");
}

TEST(audit_refuses_what_it_is_not_for) {
    const struct fc_audit_files files = {.user_data = &tree, .open = open_file};
    struct fc_audit *audit = NULL;
    assert_int_equal(fc_audit_new(&files, &audit), FC_EINVAL);
    audit = begin();
    assert_int_equal(fc_audit_add(audit, NULL), FC_EINVAL);
    assert_int_equal(fc_audit_set_system(audit, FC_SYSTEM_COUNT), FC_EINVAL);
    assert_int_equal(fc_audit_run(audit), FC_OK);
    assert_int_equal(fc_audit_run(audit), FC_EINVAL);
    fc_audit_free(audit);
    fc_audit_free(NULL);
}
