/* A library that keeps to the protocol, since it knows nothing of it, and to no declaration: counts, ends, addresses,
 * kinds and circles are not what its caller was told. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

int add(int a, int b) {
    return a + b;
}

/* -- places where nothing is, or less than is said ----------------------------------------------------------------- */

/* The end of the mapping that `inside` lies in. */
static uintptr_t end_of_mapping(uintptr_t inside) {
    char line[4608];
    FILE *maps = fopen("/proc/self/maps", "re");
    uintptr_t found = inside;
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        char *rest;
        const uintptr_t base = (uintptr_t)strtoull(line, &rest, 16);
        const uintptr_t end = (uintptr_t)strtoull(rest + 1, NULL, 16);
        found = inside >= base && inside < end ? end : found;
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return found;
}

/* Two pages, of which the second cannot be read. */
static unsigned char *page_before_nothing(void) {
    static unsigned char *pages;
    if (pages == NULL) {
        pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(pages, 'x', 2 * PAGE);
        mprotect(pages + PAGE, PAGE, PROT_NONE);
    }
    return pages;
}

enum { PLACES = 9 };
int places(void) {
    return PLACES;
}

static void *place(int number) {
    static void *small;
    switch (number) {
    case 1:
        return (void *)16;
    case 2:
        return (void *)(UINTPTR_MAX - 3); /* an int that ends where all addresses do */
    case 3:
        return (void *)(UINTPTR_MAX - 4095);
    case 4:
        return page_before_nothing() + PAGE;
    case 5:
        return page_before_nothing() + PAGE - 8; /* without end */
    case 6:
        return (void *)(uintptr_t)add;
    case 7:
        small = small != NULL ? small : malloc(4);
        memset(small, 'y', 4);
        return small;
    case 8: /* the heap's last bytes */
        small = small != NULL ? small : malloc(4);
        return (void *)(end_of_mapping((uintptr_t)small) - 4);
    default:
        return NULL;
    }
}

char *text_at(int number) {
    return place(number);
}

int *numbers_at(int number) {
    return place(number);
}

/* -- structs ------------------------------------------------------------------------------------------------------- */

struct numbers {
    unsigned count;
    int *values;
};

int lie_of_count(struct numbers *numbers, unsigned count) {
    numbers->count = count;
    return 0;
}

int lie_of_place(struct numbers *numbers, int number) {
    numbers->values = place(number);
    return 0;
}

struct numbers *lie_of_both(unsigned count, int number) {
    static struct numbers made;
    made = (struct numbers){.count = count, .values = place(number)};
    return &made;
}

struct numbers *numbers_struct_at(int number) {
    return place(number);
}

struct value {
    int kind;
    union {
        long long number;
        char *text;
        struct numbers *numbers;
    } is;
};

int lie_of_kind(struct value *value, int kind) {
    value->kind = kind;
    return 0;
}

struct value *value_at(int kind, int number) {
    static struct value made;
    made.kind = kind;
    made.is.text = place(number);
    return &made;
}

struct node {
    int number;
    struct node *next;
};

/* `count` nodes, the last of which leads back to the first, or to a place. */
struct node *nodes(unsigned count, int is_circle, int number) {
    struct node *first = NULL, *last = NULL;
    for (unsigned i = 0; i < count; i++) {
        struct node *node = malloc(sizeof *node);
        node->number = (int)i;
        node->next = first;
        first = node;
        last = i == 0 ? node : last;
    }
    if (last != NULL) {
        last->next = is_circle ? first : place(number);
    }
    return first;
}

/* `said` numbers, of which there are `count`: from 1 on, behind how many there are. */
struct packet {
    unsigned count;
    struct packet *next;
    int values[];
};
static struct packet *fill_packet(struct packet *packet, unsigned count, unsigned said) {
    *packet = (struct packet){.count = said, .next = packet};
    for (unsigned i = 0; i < count; i++) {
        packet->values[i] = (int)i + 1;
    }
    return packet;
}
struct packet *packet_of_heap(unsigned count, unsigned said) {
    return fill_packet(malloc(sizeof(struct packet) + count * sizeof(int)), count, said);
}
/* Behind it is nothing. */
struct packet *packet_of_library(unsigned count, unsigned said) {
    const size_t bytes = sizeof(struct packet) + count * sizeof(int), pages = (bytes + PAGE - 1) / PAGE * PAGE;
    unsigned char *memory =
        mmap(NULL, pages + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    mprotect(memory + pages, PAGE, PROT_NONE);
    return fill_packet((struct packet *)(memory + ((pages - bytes) & ~(size_t)15)), count, said);
}
int tell_packet(int (*hear)(struct packet *packet), unsigned count, unsigned said) {
    struct packet *packet = packet_of_library(count, said);
    const int result = hear(packet);
    return result + (count > 0 ? packet->values[count - 1] : 0);
}

/* `count` nodes, by their addresses: 0 rising, 1 falling, 2 in no order. */
struct node *nodes_in_order(unsigned count, int order) {
    struct node *nodes = malloc(count * sizeof *nodes), *next = NULL;
    for (unsigned i = count; i-- > 0;) {
        const unsigned at = order == 0 ? i : order == 1 ? count - 1 - i : (unsigned)((uint64_t)i * 2654435761U % count);
        nodes[at] = (struct node){.number = (int)i, .next = next};
        next = &nodes[at];
    }
    return next;
}

/* -- upcalls ------------------------------------------------------------------------------------------------------- */

int tell_numbers(int (*hear)(const int *values, int count), int count, int number) {
    return hear(place(number), count);
}

int tell_text(int (*hear)(const char *text), int number) {
    return hear(place(number));
}

/* A list of texts whose pointers are places, and which has no end. */
static char **texts_at(int number) {
    char **list = (char **)(void *)page_before_nothing();
    for (size_t i = 0; i < PAGE / sizeof *list; i++) {
        list[i] = number == 0 ? (char *)page_before_nothing() : place(number);
    }
    return list;
}

int tell_texts(int (*hear)(char **texts), int number) {
    return hear(texts_at(number));
}

int tell_struct(int (*hear)(struct numbers *numbers), unsigned count, int number) {
    struct numbers made = {.count = count, .values = place(number)};
    return hear(&made);
}

int tell_value(int (*hear)(struct value *value), int kind, int number) {
    struct value made = {.kind = kind, .is.text = place(number)};
    return hear(&made);
}
