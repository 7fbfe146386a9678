#include "start_rows.h"

static struct fc_conditions *make_conditions(enum fc_system system) {
    struct fc_conditions *conditions = NULL;
    assert_int_equal(fc_conditions_new(system, &conditions), FC_OK);
    return conditions;
}

static struct fc_verdict *start(const struct made *made, const struct fc_conditions *conditions) {
    struct fc_image *image = open_bytes(made->bytes, MADE_LEN);
    struct fc_verdict *verdict = NULL;
    assert_int_equal(fc_policy_start(image, conditions, &verdict), FC_OK);
    fc_image_close(image); /* a verdict does not need it */
    return verdict;
}

/* -- Starting an executable --------------------------------------------------------------------------------------- */

static void check_start(size_t row, enum fc_system system) {
    struct made made = make_shape(&start_rows[row].shape, 0);
    struct fc_conditions *conditions = make_conditions(system);
    fc_conditions_add_runtime(conditions, "v2.0.50727");
    struct fc_verdict *verdict = start(&made, conditions);
    const struct fc_opinion *os = fc_verdict_os(verdict), *clr = fc_verdict_clr(verdict);
    int expected = start_rows[row].expected[system];
    int actual =
        fc_opinion_outcome(os) == FC_OUTCOME_FAILS ? -(int)fc_opinion_code(os) : (int)fc_verdict_process(verdict);
    bool is_refused = clr != NULL && fc_opinion_outcome(clr) == FC_OUTCOME_FAILS;
    bool is_managed = start_rows[row].shape.major != NATIVE;
    if (actual != expected || (clr != NULL) != (is_managed && expected > 0) ||
        is_refused != (start_rows[row].clr_refuses && expected > 0)) {
        fail_msg("%s on %s: %d, expected %d; %s / %s", start_rows[row].name, fc_system_name(system), actual, expected,
                 fc_opinion_reason(os), clr != NULL ? fc_opinion_reason(clr) : "-");
    }
    if (is_refused) {
        assert_int_equal(fc_opinion_code(clr), 0x8007000B);
    }
    assert_true(fc_opinion_reason(os)[0] != '\0' && fc_opinion_source(os)[0] != '\0');
    assert_int_equal(fc_verdict_process(verdict) == FC_PROCESS_NONE, expected < 0);
    fc_verdict_free(verdict);
    fc_conditions_free(conditions);
}

TEST(policy_start_table) {
    for (size_t row = 0; row < sizeof start_rows / sizeof *start_rows; row++) {
        for (unsigned system = 0; system < SYSTEMS; system++) {
            check_start(row, (enum fc_system)system);
        }
    }
}

static enum fc_process process_of(const struct made *made, struct fc_conditions *conditions) {
    struct fc_verdict *verdict = start(made, conditions);
    enum fc_process process = fc_verdict_process(verdict);
    fc_verdict_free(verdict);
    return process;
}

TEST(policy_mono_starts_a_short_cli_header) { /* row 17 */
    struct made made = make_shape(&(struct shape){false, I386, 2, 5, ILONLY | SHORT_CLI}, 0);
    struct fc_conditions *mono = make_conditions(FC_SYSTEM_MONO);
    assert_int_equal(process_of(&made, mono), FC_PROCESS_X86_64);
    fc_conditions_free(mono);
}

TEST(policy_start_of_a_cli_directory_beyond_the_count) {
    struct made made = make_shape(&(struct shape){false, I386, 2, 5, ILONLY}, 0);
    struct fc_conditions *conditions = make_conditions(FC_SYSTEM_WINDOWS_X64);
    put(&made, pe_directory(&made, 0) - 4, 2, 4);
    struct fc_verdict *verdict = start(&made, conditions);
    assert_int_equal(fc_opinion_outcome(fc_verdict_os(verdict)), FC_OUTCOME_MAY_FAIL);
    assert_non_null(strstr(fc_opinion_reason(fc_verdict_os(verdict)), "beyond NumberOfRvaAndSizes"));
    fc_verdict_free(verdict);
    fc_conditions_free(conditions);
}

/* What a runtime refuses though its loader does not: a place in the file, and what is put there. */
static const struct {
    size_t offset;
    uint32_t value;
    unsigned size;
    enum fc_system system;
    bool is_refused;
} refusals[] = {
    {CLI, 71, 4, FC_SYSTEM_WINDOWS_X64, true}, /* cb */
    {CLI, 71, 4, FC_SYSTEM_DOTNET, true},
    {CLI, 71, 4, FC_SYSTEM_MONO, false},
    {CLI, 80, 4, FC_SYSTEM_DOTNET, false},
    {PE_HEADER + 20, 232, 2, FC_SYSTEM_DOTNET, true}, /* SizeOfOptionalHeader */
    {PE_HEADER + 20, 232, 2, FC_SYSTEM_MONO, true},
    {PE_OPTIONAL + 52, 1, 4, FC_SYSTEM_DOTNET, true}, /* Win32VersionValue */
    {PE_OPTIONAL + 52, 1, 4, FC_SYSTEM_WINDOWS_X64, false},
    {CLI + 48, 0x1200, 4, FC_SYSTEM_DOTNET, true}, /* slots for native callers */
    {CLI + 16, ILONLY | 8, 4, FC_SYSTEM_DOTNET, true},
    {CLI + 16, ILONLY | 0x10000, 4, FC_SYSTEM_DOTNET, false},
};

TEST(policy_runtimes_refuse_odd_headers) {
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct made made = make_shape(&(struct shape){false, I386, 2, 5, ILONLY}, 0);
        struct fc_conditions *conditions = make_conditions(refusals[i].system);
        fc_conditions_add_runtime(conditions, "v2.0.50727");
        put(&made, refusals[i].offset, refusals[i].value, refusals[i].size);
        if (refusals[i].offset == PE_HEADER + 20) { /* which moves the section table */
            memmove(made.bytes + PE_OPTIONAL + 232, made.bytes + PE_OPTIONAL + 224, 40);
        }
        struct fc_verdict *verdict = start(&made, conditions);
        if ((fc_opinion_outcome(fc_verdict_clr(verdict)) == FC_OUTCOME_FAILS) != refusals[i].is_refused) {
            fail_msg("row %zu: %s", i, fc_opinion_reason(fc_verdict_clr(verdict)));
        }
        fc_verdict_free(verdict);
        fc_conditions_free(conditions);
    }
}

TEST(policy_start_of_what_is_no_image) { /* row 20 */
    static const char *const texts[] = {"text", "", "\177ELF"};
    for (size_t i = 0; i < 2; i++) {
        struct fc_image *image = open_bytes(texts[i], strlen(texts[i]));
        for (unsigned system = 0; system < FC_SYSTEM_COUNT; system++) {
            struct fc_conditions *conditions = make_conditions((enum fc_system)system);
            struct fc_verdict *verdict = NULL;
            assert_int_equal(fc_policy_start(image, conditions, &verdict), FC_OK);
            assert_int_equal(fc_opinion_outcome(fc_verdict_os(verdict)), FC_OUTCOME_FAILS);
            assert_null(fc_verdict_clr(verdict));
            fc_verdict_free(verdict);
            fc_conditions_free(conditions);
        }
        fc_image_close(image);
    }
}

TEST(policy_start_of_a_library_fails) {
    struct made made = make_shape(&(struct shape){false, I386, 2, 5, ILONLY}, DLL);
    struct fc_conditions *conditions = make_conditions(FC_SYSTEM_WINDOWS_X64);
    assert_int_equal(process_of(&made, conditions), FC_PROCESS_NONE);
    fc_conditions_free(conditions);
}

TEST(policy_obeys_enable64bit) {
    struct made made = make_shape(&(struct shape){false, I386, 2, 5, ILONLY}, 0);
    struct fc_conditions *conditions = make_conditions(FC_SYSTEM_WINDOWS_X64);
    assert_int_equal(fc_conditions_set_enable64bit(conditions, false), FC_OK);
    assert_int_equal(process_of(&made, conditions), FC_PROCESS_WOW64);
    assert_int_equal(fc_conditions_set_enable64bit(conditions, true), FC_OK);
    assert_int_equal(process_of(&made, conditions), FC_PROCESS_X86_64);
    struct fc_conditions *itanium = make_conditions(FC_SYSTEM_WINDOWS_IA64);
    fc_conditions_set_enable64bit(itanium, false);
    assert_int_equal(process_of(&made, itanium), FC_PROCESS_WOW64);
    fc_conditions_free(itanium);
    fc_conditions_set_enable64bit(conditions, false);
    made = make_shape(&(struct shape){false, I386, 2, 5, ILONLY}, DLL); /* which stays one that is not started */
    assert_int_equal(process_of(&made, conditions), FC_PROCESS_NONE);
    made = make_shape(&(struct shape){true, AMD64, 2, 5, ILONLY}, 0); /* which it does not concern */
    assert_int_equal(process_of(&made, conditions), FC_PROCESS_X86_64);
    fc_conditions_free(conditions);
}

TEST(policy_obeys_the_preferred_machine) {
    struct made made = make_shape(&(struct shape){false, I386, 2, 5, ILONLY}, 0);
    struct fc_conditions *conditions = make_conditions(FC_SYSTEM_WINDOWS11_ARM64);
    assert_int_equal(fc_conditions_set_prefers_arm64(conditions, true), FC_OK);
    assert_int_equal(process_of(&made, conditions), FC_PROCESS_AARCH64);
    made = make_shape(&(struct shape){false, I386, 2, 5, ILONLY | REQUIRED}, 0); /* which it does not concern */
    assert_int_equal(process_of(&made, conditions), FC_PROCESS_I386_EMULATED);
    fc_conditions_free(conditions);
}

TEST(policy_tells_what_arm64_code_takes) {
    struct made made = make_shape(&(struct shape){true, ARM64, 2, 5, ILONLY}, 0);
    static const enum fc_system systems[] = {FC_SYSTEM_WINDOWS11_ARM64, FC_SYSTEM_WINDOWS10_ARM64};
    for (size_t i = 0; i < 2; i++) {
        struct fc_conditions *conditions = make_conditions(systems[i]);
        fc_conditions_add_runtime(conditions, "v2.0.50727");
        struct fc_verdict *verdict = start(&made, conditions);
        assert_non_null(strstr(fc_opinion_reason(fc_verdict_clr(verdict)), ".NET Framework 4.8.1"));
        assert_int_equal(fc_opinion_outcome(fc_verdict_clr(verdict)), i == 0 ? FC_OUTCOME_WORKS : FC_OUTCOME_MAY_FAIL);
        fc_verdict_free(verdict);
        fc_conditions_free(conditions);
    }
}

TEST(policy_obeys_manifests_on_arm64) {
    static const struct {
        const char *text;
        enum fc_process process;
    } cases[] = {
        {"<a xmlns:w=\"x\"><w:supportedArchitectures xmlns='y'>amd64 arm64</w:supportedArchitectures></a>", A},
        {"<supportedArchitectures>amd64</supportedArchitectures>", M},
        {"<!-- <supportedArchitectures>arm64</supportedArchitectures> --><a/>", M},
        {"<supportedArchitectures", M},
        {"<supportedArchitectures>arm64", M},
        {"<a b='<supportedArchitectures>arm64<'/>", M},
    };
    struct made made = make_shape(&(struct shape){false, I386, 2, 5, ILONLY}, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fc_conditions *conditions = make_conditions(FC_SYSTEM_WINDOWS11_ARM64);
        assert_int_equal(fc_conditions_set_manifest(conditions, cases[i].text, strlen(cases[i].text)), FC_OK);
        assert_int_equal(process_of(&made, conditions), cases[i].process);
        fc_conditions_free(conditions);
    }
}

TEST(policy_start_on_other_systems) {
    static const struct {
        struct shape shape;
        enum fc_system system;
        int bits;
        enum fc_process process;
        bool is_refused;
    } cases[] = {
        {{true, ARM64, 2, 5, ILONLY}, FC_SYSTEM_MONO, 64, X, false}, /* Mono looks at nothing */
        {{false, I386, 2, 5, ILONLY | REQUIRED}, FC_SYSTEM_MONO, 64, X, false},
        {{false, I386, 1, 0, ILONLY | REQUIRED}, FC_SYSTEM_MONO, 32, I, false},
        {{false, I386, NATIVE, 0, 0}, FC_SYSTEM_MONO, 64, FC_PROCESS_NONE, false},
        {{false, I386, 2, 5, ILONLY}, FC_SYSTEM_DOTNET, 64, X, false},
        {{false, I386, 2, 5, ILONLY | REQUIRED}, FC_SYSTEM_DOTNET, 64, X, true},
        {{false, I386, 2, 5, ILONLY | REQUIRED}, FC_SYSTEM_DOTNET, 32, I, false},
        {{false, I386, 2, 5, ILONLY | REQUIRED | PREFERRED}, FC_SYSTEM_DOTNET, 64, X, false},
        {{true, AMD64, 2, 5, ILONLY}, FC_SYSTEM_DOTNET, 32, I, true},
        {{true, ARM64, 2, 5, ILONLY}, FC_SYSTEM_DOTNET, 64, X, true},
        {{true, LINUX_AMD64, 2, 5, ILONLY}, FC_SYSTEM_DOTNET, 64, X, false},
        {{false, I386, 2, 5, 0}, FC_SYSTEM_DOTNET, 64, X, true},
        {{false, I386, 2, 5, ILONLY | 0x40}, FC_SYSTEM_DOTNET, 64, X, true},
        {{false, I386, 2, 5, ILONLY | 8}, FC_SYSTEM_DOTNET, 64, X, true}, /* signed, without a place for it */
        {{false, I386, NATIVE, 0, 0}, FC_SYSTEM_LINUX_X86_64, 64, FC_PROCESS_NONE, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = make_shape(&cases[i].shape, 0);
        struct fc_conditions *conditions = make_conditions(cases[i].system);
        assert_int_equal(fc_conditions_set_runtime_bits(conditions, cases[i].bits), FC_OK);
        struct fc_verdict *verdict = start(&made, conditions);
        const struct fc_opinion *clr = fc_verdict_clr(verdict);
        if (fc_verdict_process(verdict) != cases[i].process ||
            (clr != NULL && fc_opinion_outcome(clr) == FC_OUTCOME_FAILS) != cases[i].is_refused) {
            fail_msg("case %zu: %s / %s", i, fc_opinion_reason(fc_verdict_os(verdict)),
                     clr != NULL ? fc_opinion_reason(clr) : "-");
        }
        fc_verdict_free(verdict);
        fc_conditions_free(conditions);
    }
}

TEST(policy_start_of_elf) {
    static const struct {
        bool is_wide;
        unsigned machine;
        enum fc_process on_32, on_64;
    } cases[] = {{false, EM_386, I, I}, {true, EM_X86_64, FC_PROCESS_NONE, X}, {true, EM_AARCH64, 0, 0}};
    for (size_t i = 0; i < 3; i++) {
        struct made made = make_elf(cases[i].is_wide, false, ET_EXEC, cases[i].machine);
        struct fc_conditions *small = make_conditions(FC_SYSTEM_LINUX_I386);
        struct fc_conditions *large = make_conditions(FC_SYSTEM_LINUX_X86_64);
        assert_int_equal(process_of(&made, small), cases[i].on_32);
        assert_int_equal(process_of(&made, large), cases[i].on_64);
        struct fc_conditions *wine = make_conditions(FC_SYSTEM_WINE);
        assert_int_equal(process_of(&made, wine), cases[i].on_64);
        fc_conditions_free(wine);
        fc_conditions_free(small);
        fc_conditions_free(large);
    }
}

/* -- Loading a library -------------------------------------------------------------------------------------------- */

enum { LOADS, BAD, MAY };

static const struct {
    const char *name;
    struct shape shape;
    int as_library[3], as_assembly[3]; /* in 32-bit, x64 and emulated x64 processes */
} load_rows[] = {
    {"native i386", {false, I386, NATIVE, 0, 0}, {LOADS, BAD, BAD}, {BAD, BAD, BAD}},
    {"native x86_64", {true, AMD64, NATIVE, 0, 0}, {BAD, LOADS, LOADS}, {BAD, BAD, BAD}},
    {"AnyCPU", {false, I386, 2, 5, ILONLY}, {LOADS, LOADS, LOADS}, {LOADS, LOADS, LOADS}},
    {"AnyCPU of .NET 1.x", {false, I386, 2, 0, ILONLY}, {LOADS, LOADS, LOADS}, {LOADS, MAY, MAY}},
    {"x86", {false, I386, 2, 5, ILONLY | REQUIRED}, {LOADS, MAY, MAY}, {LOADS, BAD, BAD}},
    {"prefers 32", {false, I386, 2, 5, ILONLY | REQUIRED | PREFERRED}, {LOADS, LOADS, LOADS}, {LOADS, MAY, MAY}},
    {"illegal", {false, I386, 2, 5, ILONLY | PREFERRED}, {LOADS, LOADS, LOADS}, {LOADS, LOADS, LOADS}},
    {"mixed i386", {false, I386, 2, 5, 0}, {LOADS, BAD, BAD}, {LOADS, BAD, BAD}},
    {"managed x86_64", {true, AMD64, 2, 5, ILONLY}, {BAD, LOADS, LOADS}, {BAD, LOADS, LOADS}},
    {"mixed x86_64", {true, AMD64, 2, 5, 0}, {BAD, LOADS, LOADS}, {BAD, LOADS, LOADS}},
    {"managed ARM64", {true, ARM64, 2, 5, ILONLY}, {BAD, BAD, BAD}, {BAD, BAD, BAD}},
    {"managed Itanium", {true, IA64, 2, 5, ILONLY}, {BAD, BAD, BAD}, {BAD, BAD, BAD}},
    {"managed ARM", {false, ARMNT, 2, 5, ILONLY}, {BAD, BAD, BAD}, {BAD, BAD, BAD}},
    {"code for Linux", {true, LINUX_AMD64, 2, 5, ILONLY}, {BAD, BAD, BAD}, {BAD, BAD, BAD}},
    {"PE32 for x86_64", {false, AMD64, 2, 5, ILONLY}, {BAD, BAD, BAD}, {BAD, BAD, BAD}},
    {"PE32+ for i386", {true, I386, 2, 5, ILONLY}, {BAD, BAD, BAD}, {BAD, BAD, BAD}},
    {"PE32+ that requires 32", {true, AMD64, 2, 5, ILONLY | REQUIRED}, {BAD, LOADS, LOADS}, {BAD, BAD, BAD}},
};

static void check_load(size_t row, enum fc_process process, enum fc_load_way way, int expected) {
    struct made made = make_shape(&load_rows[row].shape, DLL);
    struct fc_conditions *conditions = make_conditions(FC_SYSTEM_WINDOWS_X64);
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    struct fc_verdict *verdict = NULL;
    assert_int_equal(fc_policy_load(image, conditions, process, way, &verdict), FC_OK);
    const struct fc_opinion *opinion =
        way == FC_LOAD_ASSEMBLY || way == FC_LOAD_PINVOKE ? fc_verdict_clr(verdict) : fc_verdict_os(verdict);
    static const uint32_t codes[] = {193, 0xC000007B, 0x8007000B, 0x8007000B};
    enum fc_outcome outcomes[] = {FC_OUTCOME_WORKS, FC_OUTCOME_FAILS, FC_OUTCOME_MAY_FAIL};
    bool is_native = load_rows[row].shape.major == NATIVE;
    uint32_t code = way == FC_LOAD_ASSEMBLY && is_native ? 0x80131018 : codes[way];
    if (fc_opinion_outcome(opinion) != outcomes[expected] || (expected == BAD && fc_opinion_code(opinion) != code)) {
        fail_msg("%s into %s, way %d: %s (0x%x)", load_rows[row].name, fc_process_title(process), way,
                 fc_opinion_reason(opinion), fc_opinion_code(opinion));
    }
    fc_verdict_free(verdict);
    fc_image_close(image);
    fc_conditions_free(conditions);
}

TEST(policy_load_table) {
    static const enum fc_process processes[] = {FC_PROCESS_WOW64, FC_PROCESS_X86_64, FC_PROCESS_X86_64_EMULATED};
    for (size_t row = 0; row < sizeof load_rows / sizeof *load_rows; row++) {
        for (size_t i = 0; i < 3; i++) {
            check_load(row, processes[i], FC_LOAD_LIBRARY, load_rows[row].as_library[i]);
            check_load(row, processes[i], FC_LOAD_IMPORT, load_rows[row].as_library[i]);
            check_load(row, processes[i], FC_LOAD_PINVOKE, load_rows[row].as_library[i]);
            check_load(row, processes[i], FC_LOAD_ASSEMBLY, load_rows[row].as_assembly[i]);
        }
    }
}

static enum fc_outcome load_outcome(const struct made *made, enum fc_system system, enum fc_process process,
                                    enum fc_load_way way) {
    struct fc_conditions *conditions = make_conditions(system);
    struct fc_image *image = open_bytes(made->bytes, MADE_LEN);
    struct fc_verdict *verdict = NULL;
    assert_int_equal(fc_policy_load(image, conditions, process, way, &verdict), FC_OK);
    enum fc_outcome outcome =
        fc_opinion_outcome(fc_verdict_clr(verdict) != NULL ? fc_verdict_clr(verdict) : fc_verdict_os(verdict));
    fc_verdict_free(verdict);
    fc_image_close(image);
    fc_conditions_free(conditions);
    return outcome;
}

TEST(policy_load_of_resources_and_hybrids) {
    struct made made = make_pe(false, I386, DLL);
    assert_int_equal(load_outcome(&made, FC_SYSTEM_WINDOWS_X64, X, FC_LOAD_LIBRARY), FC_OUTCOME_WORKS);
    made = make_pe(true, ARM64, DLL);
    put(&made, pe_directory(&made, 10), 0x1010, 4);
    put(&made, pe_directory(&made, 10) + 4, 0x140, 4);
    put(&made, 0x410, 0x140, 4);
    put(&made, 0x410 + 0xc8, 0x1000, 8);
    assert_int_equal(load_outcome(&made, FC_SYSTEM_WINDOWS11_ARM64, M, FC_LOAD_LIBRARY), FC_OUTCOME_WORKS);
    assert_int_equal(load_outcome(&made, FC_SYSTEM_WINDOWS11_ARM64, A, FC_LOAD_LIBRARY), FC_OUTCOME_WORKS);
    assert_int_equal(load_outcome(&made, FC_SYSTEM_WINDOWS_X64, X, FC_LOAD_LIBRARY), FC_OUTCOME_FAILS);
    put(&made, PE_HEADER + 4, AMD64, 2); /* Arm64EC */
    assert_int_equal(load_outcome(&made, FC_SYSTEM_WINDOWS11_ARM64, M, FC_LOAD_LIBRARY), FC_OUTCOME_WORKS);
    assert_int_equal(load_outcome(&made, FC_SYSTEM_WINDOWS11_ARM64, A, FC_LOAD_LIBRARY), FC_OUTCOME_FAILS);
    assert_int_equal(load_outcome(&made, FC_SYSTEM_WINDOWS_X64, X, FC_LOAD_LIBRARY), FC_OUTCOME_FAILS);
}

TEST(policy_load_on_other_systems) {
    struct made arm = make_shape(&(struct shape){true, ARM64, 2, 5, ILONLY}, DLL);
    struct made elf32 = make_elf(false, false, ET_DYN, EM_386), elf64 = make_library();
    assert_int_equal(load_outcome(&arm, FC_SYSTEM_MONO, X, FC_LOAD_ASSEMBLY), FC_OUTCOME_WORKS);
    assert_int_equal(load_outcome(&arm, FC_SYSTEM_DOTNET, X, FC_LOAD_ASSEMBLY), FC_OUTCOME_FAILS);
    struct made foreign = make_shape(&(struct shape){true, LINUX_AMD64, 2, 5, ILONLY}, DLL);
    struct made prefers = make_shape(&(struct shape){false, I386, 2, 5, ILONLY | REQUIRED | PREFERRED}, DLL);
    struct made mixed = make_shape(&(struct shape){false, I386, 2, 5, 0}, DLL);
    assert_int_equal(load_outcome(&foreign, FC_SYSTEM_DOTNET, X, FC_LOAD_ASSEMBLY), FC_OUTCOME_WORKS);
    assert_int_equal(load_outcome(&prefers, FC_SYSTEM_DOTNET, X, FC_LOAD_ASSEMBLY), FC_OUTCOME_WORKS);
    assert_int_equal(load_outcome(&mixed, FC_SYSTEM_DOTNET, I, FC_LOAD_ASSEMBLY), FC_OUTCOME_FAILS);
    assert_int_equal(load_outcome(&mixed, FC_SYSTEM_WINDOWS_X64, W, FC_LOAD_ASSEMBLY), FC_OUTCOME_WORKS);
    assert_int_equal(load_outcome(&elf32, FC_SYSTEM_LINUX_X86_64, X, FC_LOAD_LIBRARY), FC_OUTCOME_FAILS);
    assert_int_equal(load_outcome(&elf32, FC_SYSTEM_LINUX_X86_64, I, FC_LOAD_LIBRARY), FC_OUTCOME_WORKS);
    assert_int_equal(load_outcome(&elf64, FC_SYSTEM_LINUX_X86_64, X, FC_LOAD_LIBRARY), FC_OUTCOME_WORKS);
    assert_int_equal(load_outcome(&elf64, FC_SYSTEM_WINE, X, FC_LOAD_LIBRARY), FC_OUTCOME_FAILS);
}

TEST(policy_load_refuses_processes_without_rules) {
    struct made made = make_library();
    struct fc_conditions *conditions = make_conditions(FC_SYSTEM_LINUX_X86_64);
    struct fc_image *image = open_bytes(made.bytes, MADE_LEN);
    struct fc_verdict *verdict = NULL;
    assert_int_equal(fc_policy_load(image, conditions, FC_PROCESS_NONE, FC_LOAD_LIBRARY, &verdict), FC_EINVAL);
    assert_null(verdict);
    fc_image_close(image);
    fc_conditions_free(conditions);
}

/* -- Which runtime ------------------------------------------------------------------------------------------------ */

static const struct {
    const char *made_for, *config, *installed[3], *runtime; /* NULL: it fails */
    uint32_t flags;
} runtime_rows[] = {
    {"v4.0.30319", NULL, {NULL}, "v4.0.30319", ILONLY}, /* a fresh Windows has 4.x */
    {"v2.0.50727", NULL, {NULL}, NULL, ILONLY},         /* never rolls forward to 4 */
    {"v2.0.50727", NULL, {"v4.0.30319", "v2.0.50727"}, "v2.0.50727", ILONLY},
    {"v1.1.4322", NULL, {"v2.0.50727", "v4.0.30319"}, "v2.0.50727", ILONLY},
    {"v1.0.3705", NULL, {"v2.0.50727", "v1.1.4322"}, "v1.1.4322", ILONLY},
    {"v1.1.4322", NULL, {"v4.0.30319"}, NULL, ILONLY},
    {"Standard CLI 2005", NULL, {"v2.0.50727"}, "v2.0.50727", ILONLY},
    {"v4.0.20926", NULL, {"v4.0.30319"}, "v4.0.30319", ILONLY}, /* vMAJOR.MINOR decides */
    {"v2.0.50727",
     "<configuration><startup><supportedRuntime version='v4.0' sku='x'/></startup></configuration>",
     {"v4.0.30319"},
     "v4.0.30319",
     ILONLY},
    {"v2.0.50727",
     "<supportedRuntime version=\"v2.0.50727\"/><supportedRuntime version=\"v4.0\"/>",
     {"v4.0.30319", "v2.0.50727"},
     "v2.0.50727",
     ILONLY},
    {"v4.0.30319", "<supportedRuntime version=\"v2.0.50727\"/>", {"v4.0.30319"}, NULL, ILONLY},
    {"v4.0.30319", "<supportedRuntime version=\"v2.0.50727\"/>", {"v4.0.30319", "v2.0.50727"}, NULL, ILONLY},
    {"v2.0.50727", "<supportedRuntime version='v1.1.4322'/>", {"v1.1.4322"}, NULL, ILONLY},
    {"v2.0.50727", "<!-- <supportedRuntime version='v4.0'/> -->", {"v4.0.30319"}, NULL, ILONLY},
    {"v2.0.50727", "<startup><supportedRuntime version='v4.0'/></startup>", {"v4.0.30319"}, NULL, 0},
    {"v2.0.50727",
     "<startup useLegacyV2RuntimeActivationPolicy = \"true\"><supportedRuntime version='v4.0'/></startup>",
     {"v4.0.30319"},
     "v4.0.30319",
     0},
};

TEST(policy_chooses_framework_runtimes) {
    for (size_t i = 0; i < sizeof runtime_rows / sizeof *runtime_rows; i++) {
        struct made made = make_managed(false, 0, "");
        put(&made, META + 12, 12, 4);
        put(&made, CLI + 16, runtime_rows[i].flags, 4);
        if (strlen(runtime_rows[i].made_for) < 12) {
            strcpy((char *)made.bytes + META + 16, runtime_rows[i].made_for);
        } else { /* a longer string moves what follows */
            memmove(made.bytes + META + 36, made.bytes + META + 28, 0x50);
            put(&made, META + 12, 20, 4);
            strcpy((char *)made.bytes + META + 16, runtime_rows[i].made_for);
        }
        struct fc_conditions *conditions = make_conditions(FC_SYSTEM_WINDOWS_X64);
        for (size_t k = 0; k < 3 && runtime_rows[i].installed[k] != NULL; k++) {
            fc_conditions_add_runtime(conditions, runtime_rows[i].installed[k]);
        }
        if (runtime_rows[i].config != NULL) {
            fc_conditions_set_config(conditions, runtime_rows[i].config, strlen(runtime_rows[i].config));
        }
        struct fc_verdict *verdict = start(&made, conditions);
        bool works = fc_opinion_outcome(fc_verdict_clr(verdict)) == FC_OUTCOME_WORKS;
        if (works != (runtime_rows[i].runtime != NULL) ||
            (works && strcmp(fc_verdict_runtime(verdict), runtime_rows[i].runtime) != 0)) {
            fail_msg("row %zu: %s", i, fc_opinion_reason(fc_verdict_clr(verdict)));
        }
        fc_verdict_free(verdict);
        fc_conditions_free(conditions);
    }
}

static const struct {
    const char *wanted, *roll, *installed[5], *runtime;
} dotnet_rows[] = {
    {"6.0.0", NULL, {"6.0.5", "6.0.36", "8.0.1"}, "6.0.36"},
    {"6.0.0", NULL, {"8.0.1"}, NULL},
    {"3.0.0", NULL, {"3.2.1", "3.1.9", "3.1.32"}, "3.1.32"}, /* the lowest higher minor, its latest patch */
    {"3.1.40", NULL, {"3.1.32"}, NULL},
    {"3.0.0", "LatestPatch", {"3.1.32"}, NULL},
    {"3.0.0", "LatestMinor", {"3.1.9", "3.2.1", "5.0.0"}, "3.2.1"},
    {"3.0.0", "Major", {"8.0.1", "5.0.17", "5.0.4"}, "5.0.17"},
    {"3.0.0", "LatestMajor", {"3.0.0", "8.0.1", "5.0.17"}, "8.0.1"},
    {"6.0.5", "Disable", {"6.0.6", "6.0.5"}, "6.0.5"},
    {"6.0.5", "Disable", {"6.0.6"}, NULL},
    {"6.0.0", NULL, {NULL}, "6.0.0"},
};

TEST(policy_rolls_dotnet_forward) {
    for (size_t i = 0; i < sizeof dotnet_rows / sizeof *dotnet_rows; i++) {
        struct made made = make_managed(false, 0, "v4.0.30319");
        struct fc_conditions *conditions = make_conditions(FC_SYSTEM_DOTNET);
        fc_conditions_set_framework(conditions, dotnet_rows[i].wanted, dotnet_rows[i].roll);
        for (size_t k = 0; k < 5 && dotnet_rows[i].installed[k] != NULL; k++) {
            fc_conditions_add_runtime(conditions, dotnet_rows[i].installed[k]);
        }
        struct fc_verdict *verdict = start(&made, conditions);
        assert_text(fc_verdict_runtime(verdict), dotnet_rows[i].runtime);
        assert_int_equal(fc_opinion_outcome(fc_verdict_clr(verdict)),
                         dotnet_rows[i].runtime != NULL ? FC_OUTCOME_WORKS : FC_OUTCOME_FAILS);
        fc_verdict_free(verdict);
        fc_conditions_free(conditions);
    }
}

TEST(policy_refuses_bad_conditions) {
    struct fc_conditions *conditions = NULL;
    assert_int_equal(fc_conditions_new(FC_SYSTEM_COUNT, &conditions), FC_EINVAL);
    conditions = make_conditions(FC_SYSTEM_MONO);
    assert_int_equal(fc_conditions_set_runtime_bits(conditions, 16), FC_EINVAL);
    assert_int_equal(fc_conditions_add_runtime(conditions, NULL), FC_EINVAL);
    assert_int_equal(fc_conditions_set_config(conditions, NULL, 0), FC_EINVAL);
    for (unsigned i = 0; i < 64; i++) {
        assert_int_equal(fc_conditions_add_runtime(conditions, "1.0"), FC_OK);
    }
    assert_int_equal(fc_conditions_add_runtime(conditions, "1.0"), FC_EINVAL);
    fc_conditions_free(conditions);
    fc_conditions_free(NULL);
    assert_string_equal(fc_system_name(FC_SYSTEM_WINDOWS_X64), "windows-x64");
}
