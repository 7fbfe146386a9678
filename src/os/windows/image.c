/* os: what an image imports. Of files nothing is believed; of what is loaded, the loader has believed it. */
#include "os/windows/windows.h"

enum { IMPORTS_MAX = 1024 };

struct image {
    const unsigned char *data;
    size_t len; /* of the file; 0: it is loaded */
    const IMAGE_SECTION_HEADER *sections;
    unsigned section_count;
};

/* `size` bytes at the address; NULL if the file has none there. */
static const void *at(const struct image *image, uint32_t address, size_t size) {
    if (image->len == 0) {
        return image->data + address;
    }
    for (unsigned i = 0; i < image->section_count; i++) {
        const IMAGE_SECTION_HEADER *section = &image->sections[i];
        const uint64_t offset = (uint64_t)address - section->VirtualAddress;
        if (address >= section->VirtualAddress && offset + size <= section->SizeOfRawData &&
            section->PointerToRawData + offset + size <= image->len) {
            return image->data + section->PointerToRawData + offset;
        }
    }
    return NULL;
}

static const IMAGE_DATA_DIRECTORY *imports_of(struct image *image) {
    const IMAGE_DOS_HEADER *dos = (const void *)image->data;
    const bool is_file = image->len != 0;
    if (is_file && (image->len < sizeof *dos || dos->e_lfanew < 0 ||
                    (size_t)dos->e_lfanew + sizeof(IMAGE_NT_HEADERS) > image->len)) {
        return NULL;
    }
    const IMAGE_NT_HEADERS *headers = (const void *)(image->data + dos->e_lfanew);
    image->sections = IMAGE_FIRST_SECTION(headers);
    image->section_count = headers->FileHeader.NumberOfSections;
    const size_t end = (size_t)((const unsigned char *)(image->sections + image->section_count) - image->data);
    if (headers->Signature != IMAGE_NT_SIGNATURE || headers->OptionalHeader.Magic != IMAGE_NT_OPTIONAL_HDR_MAGIC ||
        headers->OptionalHeader.NumberOfRvaAndSizes <= IMAGE_DIRECTORY_ENTRY_IMPORT || (is_file && end > image->len)) {
        return NULL;
    }
    return &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
}

const char *fc__windows_import(const void *data, size_t len, unsigned index) {
    struct image image = {.data = data, .len = len};
    const IMAGE_DATA_DIRECTORY *imports = imports_of(&image);
    if (imports == NULL || imports->VirtualAddress == 0 || index >= IMPORTS_MAX) {
        return NULL;
    }
    const IMAGE_IMPORT_DESCRIPTOR *entry =
        at(&image, imports->VirtualAddress + index * (uint32_t)sizeof *entry, sizeof *entry);
    if (entry == NULL || entry->Name == 0) {
        return NULL;
    }
    const char *name = at(&image, entry->Name, 1);
    const size_t room = name == NULL ? 0
                        : len == 0   ? MAX_PATH
                                     : len - (size_t)((const unsigned char *)name - image.data);
    return name != NULL && strnlen(name, room) < room ? name : NULL;
}
