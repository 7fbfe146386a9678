/* image: the numbers of processors in each format, and one name for each processor.
 * Sources: the gABI's e_machine registry (<elf.h>), Microsoft's "PE Format", Apple's <mach/machine.h>. */
#include "image/image.h"

static const char unknown[] = "unknown";

struct elf_machine {
    uint32_t number;
    const char *name, *wide_name; /* ELFCLASS32 and ELFCLASS64 */
};

static const struct elf_machine elf_machines[] = {
    {2, "sparc", "sparc64"},
    {3, "i386", "i386"},
    {4, "m68k", "m68k"},
    {6, "iamcu", "iamcu"},
    {8, "mips", "mips64"},
    {10, "mips", "mips64"},
    {15, "hppa", "hppa64"},
    {18, "sparc", "sparc64"},
    {20, "powerpc", "powerpc"},
    {21, "powerpc64", "powerpc64"},
    {22, "s390", "s390x"},
    {40, "arm", "arm"},
    {42, "sh", "sh"},
    {43, "sparc64", "sparc64"},
    {50, "ia64", "ia64"},
    {62, "x86_64", "x86_64"},
    {83, "avr", "avr"},
    {92, "or1k", "or1k"},
    {93, "arc", "arc"},
    {94, "xtensa", "xtensa"},
    {105, "msp430", "msp430"},
    {164, "hexagon", "hexagon"},
    {183, "aarch64", "aarch64"},
    {189, "microblaze", "microblaze"},
    {190, "cuda", "cuda"},
    {195, "arcv2", "arcv2"},
    {224, "amdgpu", "amdgpu"},
    {243, "riscv32", "riscv64"},
    {247, "bpf", "bpf"},
    {252, "csky", "csky"},
    {258, "loongarch32", "loongarch64"},
    {0x9026, "alpha", "alpha"},
};

const char *fc__machine_of_elf(uint32_t number, bool is_wide) {
    for (size_t i = 0; i < sizeof elf_machines / sizeof *elf_machines; i++) {
        if (elf_machines[i].number == number) {
            return is_wide ? elf_machines[i].wide_name : elf_machines[i].name;
        }
    }
    return unknown;
}

struct pe_machine {
    uint16_t number;
    uint8_t bits; /* 0: not settled by the number */
    const char *name;
};

static const struct pe_machine pe_machines[] = {
    {0x014c, 32, "i386"},        {0x0162, 32, "mips"},    {0x0166, 32, "mips"},    {0x0168, 32, "mips"},
    {0x0169, 32, "mips"},        {0x0184, 32, "alpha"},   {0x01a2, 32, "sh"},      {0x01a3, 32, "sh"},
    {0x01a6, 32, "sh"},          {0x01a8, 32, "sh"},      {0x01c0, 32, "arm"},     {0x01c2, 32, "arm"},
    {0x01c4, 32, "arm"},         {0x01f0, 32, "powerpc"}, {0x01f1, 32, "powerpc"}, {0x0200, 64, "ia64"},
    {0x0266, 32, "mips"},        {0x0284, 64, "alpha"},   {0x0366, 32, "mips"},    {0x0466, 32, "mips"},
    {0x0ebc, 0, "ebc"},          {0x5032, 32, "riscv32"}, {0x5064, 64, "riscv64"}, {0x6232, 32, "loongarch32"},
    {0x6264, 64, "loongarch64"}, {0x8664, 64, "x86_64"},  {0xa641, 64, "arm64ec"}, {0xa64e, 64, "arm64x"},
    {0xaa64, 64, "aarch64"},
};

static const struct pe_machine *find_pe_machine(uint32_t number) {
    for (size_t i = 0; i < sizeof pe_machines / sizeof *pe_machines; i++) {
        if (pe_machines[i].number == number) {
            return &pe_machines[i];
        }
    }
    return NULL;
}

/* .NET marks ReadyToRun code for other systems by XORing the machine number (dotnet/runtime, pedecoder.h). */
static const struct {
    uint16_t mask;
    const char *name;
} readytorun_systems[] = {
    {0x7b79, "Linux"}, {0x4644, "Apple"}, {0xadc4, "FreeBSD"}, {0x1993, "NetBSD"}, {0x1992, "SunOS"},
};

const char *fc__machine_of_pe(uint32_t number, int *ret_bits, const char **ret_os) {
    const struct pe_machine *machine = find_pe_machine(number);
    const char *os = "Windows";
    for (size_t i = 0; machine == NULL && i < sizeof readytorun_systems / sizeof *readytorun_systems; i++) {
        machine = find_pe_machine(number ^ readytorun_systems[i].mask);
        os = readytorun_systems[i].name;
    }
    *ret_bits = machine != NULL ? machine->bits : 0;
    *ret_os = machine != NULL ? os : "Windows";
    return machine != NULL ? machine->name : unknown;
}

const char *fc__machine_of_macho(uint32_t number) {
    switch (number) {
    case 7:
        return "i386";
    case 0x01000007:
        return "x86_64";
    case 12:
        return "arm";
    case 0x0100000c:
    case 0x0200000c: /* arm64_32 */
        return "aarch64";
    case 18:
        return "powerpc";
    case 0x01000012:
        return "powerpc64";
    default:
        return unknown;
    }
}
