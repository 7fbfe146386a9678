/* tests: executables of every kind that loaders tell apart, and what each system does with them. */
#ifndef FC_TESTS_START_ROWS_H
#define FC_TESTS_START_ROWS_H

#include "made_managed.h"

#include <farcall/policy.h>

/* -- Images of the tables ----------------------------------------------------------------------------------------- */

enum { NATIVE = -1, SYSTEMS = FC_SYSTEM_WINE + 1 };
enum { ARMNT = 0x1c4, IA64 = 0x200, LINUX_AMD64 = 0xfd1d, ENTRY = 0x10 };
enum { SHORT_CLI = 1 << 24 }; /* among flags: the directory says that the CLI header has no bytes */

struct shape {
    bool is_wide;
    unsigned machine;
    int major, minor; /* of the CLI header; NATIVE for none */
    uint32_t flags;
};

static inline struct made make_shape(const struct shape *shape, unsigned characteristics) {
    struct made made = shape->major == NATIVE ? make_pe(shape->is_wide, shape->machine, characteristics)
                                              : make_managed(shape->is_wide, characteristics, "v2.0.50727");
    put(&made, PE_HEADER + 4, shape->machine, 2);
    put(&made, PE_HEADER + 22, characteristics | (shape->is_wide ? 0x23u : 0x103u), 2); /* at a fixed address */
    put(&made, PE_OPTIONAL + 16, 0x1000, 4);
    put(&made, PE_OPTIONAL + (shape->is_wide ? 24 : 28), 0x400000, 4);
    put(&made, PE_OPTIONAL + 40, 4, 2); /* versions of the system and of the subsystem */
    put(&made, PE_OPTIONAL + 48, 4, 2);
    put(&made, PE_OPTIONAL + 56, 0x2000, 4); /* SizeOfImage */
    if (shape->major != NATIVE) {
        put(&made, CLI + 4, (unsigned)shape->major, 2);
        put(&made, CLI + 6, (unsigned)shape->minor, 2);
        put(&made, CLI + 16, shape->flags & ~(uint32_t)SHORT_CLI, 4);
        put(&made, pe_directory(&made, 14) + 4, shape->flags & SHORT_CLI ? 0 : 72, 4);
    }
    return made;
}

#define I FC_PROCESS_I386
#define W FC_PROCESS_WOW64
#define E FC_PROCESS_I386_EMULATED
#define X FC_PROCESS_X86_64
#define M FC_PROCESS_X86_64_EMULATED
#define A FC_PROCESS_AARCH64
#define T FC_PROCESS_IA64
#define R FC_PROCESS_ARM
#define F193 (-193)
#define F216 (-216)

static const struct {
    const char *name;
    struct shape shape;
    int expected[SYSTEMS]; /* Windows x86, x64, Itanium, 10 and 11 on ARM64; Wine: a process, or a code */
    bool clr_refuses;      /* .NET Framework's opinion, where it starts */
} start_rows[] = {
    {"1 native i386", {false, I386, NATIVE, 0, 0}, {I, W, W, E, E, W}, false},
    {"2 native x86_64", {true, AMD64, NATIVE, 0, 0}, {F216, X, F216, F216, M, X}, false},
    {"2 managed x86_64", {true, AMD64, 2, 5, ILONLY}, {F216, X, F216, F216, M, X}, false},
    {"2 managed x86_64, old header", {true, AMD64, 2, 0, ILONLY}, {F216, X, F216, F216, M, X}, false},
    {"3 native ARM64", {true, ARM64, NATIVE, 0, 0}, {F216, F216, F216, A, A, F193}, false},
    {"3 managed ARM64", {true, ARM64, 2, 5, ILONLY}, {F216, F216, F216, A, A, F193}, false},
    {"4 Itanium", {true, IA64, 2, 5, ILONLY}, {F216, F193, T, F216, F216, F193}, false},
    {"5 ARM", {false, ARMNT, NATIVE, 0, 0}, {F216, F193, F216, R, R, F193}, false},
    {"6 AnyCPU", {false, I386, 2, 5, ILONLY}, {I, X, T, E, M, X}, false},
    {"7 AnyCPU of .NET 1.x", {false, I386, 2, 0, ILONLY}, {I, W, W, E, E, W}, false},
    {"8 prefers 32 bits", {false, I386, 2, 5, ILONLY | REQUIRED | PREFERRED}, {I, W, W, E, E, W}, false},
    {"9 x86", {false, I386, 2, 5, ILONLY | REQUIRED}, {I, W, W, E, E, W}, false},
    {"9 x86 of .NET 1.x", {false, I386, 2, 0, ILONLY | REQUIRED}, {I, W, W, E, E, W}, false},
    {"10 mixed", {false, I386, 2, 5, 0}, {I, W, W, E, E, W}, false},
    {"10 mixed, old header", {false, I386, 2, 0, 0}, {I, W, W, E, E, W}, false},
    {"11 illegal", {false, I386, 2, 5, ILONLY | PREFERRED}, {I, X, T, E, M, X}, false},
    {"12 mixed, requires 32", {false, I386, 2, 5, REQUIRED}, {I, W, W, E, E, W}, false},
    {"12 mixed, prefers 32", {false, I386, 2, 5, REQUIRED | PREFERRED}, {I, W, W, E, E, W}, false},
    {"13 PE32+ that requires 32", {true, AMD64, 2, 5, ILONLY | REQUIRED}, {F216, X, F216, F216, M, X}, true},
    {"14 PE32 for x86_64", {false, AMD64, NATIVE, 0, 0}, {F193, F193, F193, F193, F193, F193}, false},
    {"14 PE32+ for i386", {true, I386, 2, 5, ILONLY}, {F193, F193, F193, F193, F193, F193}, false},
    {"15 major 1", {false, I386, 1, 9, ILONLY}, {I, W, W, E, E, W}, true},
    {"16 major 3", {false, I386, 3, 0, ILONLY}, {I, X, T, E, M, X}, true},
    {"17 short CLI header", {false, I386, 2, 5, ILONLY | SHORT_CLI}, {I, W, W, E, E, W}, true},
    {"18 native entry", {false, I386, 2, 5, ILONLY | ENTRY}, {I, X, T, E, M, X}, true},
    {"19 code for Linux", {true, LINUX_AMD64, 2, 5, ILONLY}, {F193, F193, F193, F193, F193, F193}, false},
};

#endif
