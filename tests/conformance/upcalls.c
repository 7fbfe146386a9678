#include "upcalls.h"

#include "mix.h"

#include <stdlib.h>

/* -- by value ------------------------------------------------------------------------------------------------------ */

struct one_byte map_one_byte(struct one_byte (*map)(struct one_byte value), int seed) {
    const struct one_byte got = map((struct one_byte){(unsigned char)seed});
    return (struct one_byte){(unsigned char)(got.value ^ 1)};
}
struct three_shorts map_three_shorts(struct three_shorts (*map)(struct three_shorts value), int seed) {
    struct three_shorts got = map((struct three_shorts){{(short)seed, (short)(seed >> 3), (short)-seed}});
    got.values[1] ^= 1;
    return got;
}
struct long_and_short map_long_and_short(struct long_and_short (*map)(struct long_and_short value), int seed) {
    struct long_and_short got = map((struct long_and_short){-(long)seed, (short)seed});
    got.wide ^= 1;
    return got;
}
struct longs_and_double map_longs_and_double(struct longs_and_double (*map)(int times, struct longs_and_double value),
                                             int seed) {
    struct longs_and_double value = {{seed, 1, -2, 3, -(long)seed}, seed / 8.0};
    for (int i = 0; i < 3; i++) {
        value = map(i, value);
    }
    value.values[2] ^= 1;
    return value;
}
struct time_and_size map_time_and_size(struct time_and_size (*map)(struct time_and_size value), int seed) {
    struct time_and_size got = map((struct time_and_size){seed, (size_t)-1});
    got.time ^= 1;
    return got;
}
struct of_long_double map_of_long_double(struct of_long_double (*map)(struct of_long_double value), int seed) {
    struct of_long_double got = map((struct of_long_double){seed / 8.0L});
    got.value = -got.value;
    return got;
}
union int_or_float map_int_or_float(union int_or_float (*map)(union int_or_float value, int is_real), int seed) {
    union int_or_float value = {.word = seed};
    value = map(value, 0);
    value.real = (float)(value.word % 1024) / 8;
    return map(value, 1);
}
struct bits_only map_bits(struct bits_only (*map)(struct bits_only value), int seed) {
    struct bits_only got = map((struct bits_only){.kind = (unsigned)seed & 15, .length = (unsigned)seed >> 5 & 4095});
    got.kind ^= 1;
    return got;
}

unsigned long long sum_named(struct named (*make)(struct named value), const char *name, long id) {
    const long pair[] = {id, -id};
    unsigned long long sum = 1;
    struct named named = {id, name, pair};
    for (int i = 0; i < 4; i++) {
        named = make(named);
        sum = mix_text(mix(sum, (unsigned long long)named.id), named.name);
        sum = mix(mix(sum, (unsigned long long)named.pair[0]), (unsigned long long)named.pair[1]);
    }
    return mix(sum, named.pair == pair);
}

unsigned long long sum_quotes(const struct quote *(*quote)(const char *text, int count, const long *values,
                                                           const struct point *at),
                              const char *text, int times) {
    const long values[] = {times, -times, 7};
    const struct point point = {times, 3};
    unsigned long long sum = 1;
    for (int i = 0; i < times; i++) {
        const struct quote *quoted = quote(i % 2 == 0 ? text : "of the library", i % 4, values, &point);
        if (quoted == NULL) {
            continue;
        }
        sum = mix_text(sum, quoted->text);
        for (int k = 0; k < quoted->count; k++) {
            sum = mix(sum, (unsigned long long)quoted->values[k]);
        }
        sum = mix(sum, quoted->at == NULL ? 5u : (unsigned)quoted->at->x);
        sum = mix(sum, (quoted->text == text) * 4u + (quoted->values == values) * 2u + (quoted->at == &point));
    }
    return sum;
}

/* -- members of every kind ----------------------------------------------------------------------------------------- */

unsigned long long change_bits(void (*change)(struct bits *bits), int seed) {
    struct bits bits = {.a = (unsigned)seed & 7, .b = -3, .c = (unsigned)seed & 0xffffff, .d = 1, .f = -200, .g = 1};
    bits.e = (unsigned long long)seed * 1000003u & 0xffffffffffu;
    bits.h = seed % 1000;
    change(&bits);
    return sum_bits(&bits);
}
unsigned long long change_packet(void (*change)(struct packet *packet), int count) {
    struct packet *packet = malloc(sizeof *packet + sizeof(long) * (size_t)count);
    if (packet == NULL) {
        return 0;
    }
    packet->type = 7;
    packet->count = count;
    for (int i = 0; i < count; i++) {
        packet->values[i] = i * 1001 - 7;
    }
    change(packet);
    const unsigned long long sum = sum_packet(packet);
    free(packet);
    return sum;
}
unsigned long long change_variants(void (*change)(struct variant *values, int count), int seed) {
    int ints[] = {seed, -seed, 3};
    struct variant values[] = {
        {.kind = VARIANT_INT, .as.i = seed},
        {.kind = VARIANT_LONG, .as.l = -(long)seed},
        {.kind = VARIANT_TEXT, .as.text = "of the library"},
        {.kind = VARIANT_INTS, .count = 3, .as.ints = ints},
        {.kind = VARIANT_PAIR, .as.pair = {(short)seed, seed}},
        {.kind = VARIANT_DOUBLE, .as.d = seed / 8.0},
        {.kind = VARIANT_NONE},
    };
    const int count = sizeof values / sizeof values[0];
    change(values, count);
    return mix(mix(sum_variants(values, count), (unsigned)ints[0]), (unsigned)ints[2]);
}
unsigned long long ask_for_variant(void (*make)(struct variant *value, int kind), int kind) {
    struct variant value;
    memset(&value, 0, sizeof value);
    make(&value, kind);
    return sum_variant(&value);
}
unsigned long long change_drawing(int (*change)(struct drawing *drawing), int seed) {
    struct drawing drawing;
    memset(&drawing, 0, sizeof drawing);
    drawing.id = (short)seed;
    drawing.outline[1].to.y = seed;
    drawing.outline[0].length = -(long)seed;
    drawing.view.scale = 0.5;
    drawing.grid[1][2] = seed ^ 5;
    drawing.precise = seed / 4.0L;
    return mix(sum_drawing(&drawing), (unsigned)change(&drawing)) ^ sum_drawing(&drawing);
}
unsigned long long change_events(int (*change)(struct event *events, int count), int count) {
    struct event events[20];
    unsigned long long sum = 1;
    memset(events, 0, sizeof events);
    for (int i = 0; i < count; i++) {
        events[i] = (struct event){(short)i, i * 5000000000, {i, -i}, "event"};
    }
    sum = mix(sum, (unsigned)change(events, count));
    for (int i = 0; i < 20; i++) {
        sum = mix(mix(sum, (unsigned short)events[i].type), (unsigned long long)events[i].time);
        sum = mix_bytes(mix(sum, (unsigned long long)events[i].position[1]), events[i].text, sizeof events[i].text);
    }
    return sum;
}
unsigned long long show_scene(int (*look)(const struct scene *scene), int seed) {
    double values[] = {seed, 2, -3};
    struct vector vectors[] = {{3, values}, {0, NULL}, {2, values + 1}};
    struct segment segment = {'s', {seed, 1}, {2, -seed}, seed};
    struct scene scene = {&segment, &segment, 3, vectors};
    const int same = look(&scene);
    scene.second = NULL;
    scene.count = 1;
    return mix((unsigned)same, (unsigned)look(&scene));
}

/* -- what leads on ------------------------------------------------------------------------------------------------- */

unsigned long long walk_nodes(int (*walk)(struct node *first), int count) {
    struct node nodes[30];
    for (int i = 0; i < count; i++) {
        nodes[i] = (struct node){i * 100 - 7, i + 1 < count ? &nodes[i + 1] : NULL};
    }
    const int walked = walk(count > 0 ? nodes : NULL);
    return mix(count > 0 ? sum_nodes(nodes) : 0, (unsigned)walked);
}
int walk_ring(int (*walk)(const struct node *first), int count) {
    struct node nodes[30];
    for (int i = 0; i < count; i++) {
        nodes[i] = (struct node){i * i, &nodes[(i + 1) % count]};
    }
    return walk(nodes);
}
unsigned long long change_pointed(int (*change)(struct point **points, int count), int count) {
    struct point points[4] = {{1, 2}, {3, 4}, {5, 6}, {7, 8}}, *pointers[12];
    unsigned long long sum = 1;
    for (int i = 0; i < count; i++) {
        pointers[i] = i % 5 == 3 ? NULL : &points[i % 3];
    }
    sum = mix(sum, (unsigned)change(pointers, count));
    for (int i = 0; i < 4; i++) {
        sum = mix(mix(sum, (unsigned)points[i].x), (unsigned)points[i].y);
    }
    return sum;
}
int show_grid(int (*look)(const int grid[2][3]), int seed) {
    const int grid[2][3] = {{seed, 1, 2}, {3, 4, -seed}};
    return look(grid);
}
int change_two(int (*change)(struct point *a, struct point *b), int seed) {
    struct point one = {seed, 1}, other = {2, seed};
    int sum = change(&one, &one);
    sum += 3 * change(&one, &other);
    return sum + one.x % 1000 + one.y % 1000 * 5 + other.x % 1000 * 7 + other.y % 1000 * 11;
}

/* -- lists of strings ---------------------------------------------------------------------------------------------- */

int show_row(int (*look)(void *user, int count, char **values, char **names), void *user, int count) {
    char texts[10][8], *values[10], *names[11];
    for (int i = 0; i < count; i++) {
        memset(texts[i], 'a' + i, 7);
        texts[i][i % 8] = '\0';
        texts[i][7] = '\0';
        values[i] = i % 4 == 3 ? NULL : texts[i];
        names[i] = texts[count - 1 - i];
    }
    names[count] = NULL;
    return look(user, count, values, names) + look(user, 0, values, names + count);
}
int show_utf16(const uint16_t *(*look)(const uint16_t *text), int seed) {
    const uint16_t text[] = {(uint16_t)(seed % 1000 + 1), 0xd83d, 0xde00, 'x', 0};
    int sum = 0;
    for (int i = 0; i < 4; i++) {
        const uint16_t *got = look(text + i);
        for (int k = 0; got != NULL && got[k] != 0; k++) {
            sum = (sum * 31 + got[k]) & 0xffffff;
        }
        sum += got == text + i;
    }
    return sum;
}

/* -- pointers to pointers ------------------------------------------------------------------------------------------ */

unsigned long long look_up(int (*find)(int key, const char **text), int count) {
    unsigned long long sum = 1;
    for (int i = 0; i < count; i++) {
        const char *text = "nothing";
        sum = mix(sum, (unsigned)find(i, &text));
        sum = mix_text(sum, text);
    }
    return sum;
}
unsigned long long ask_for_longs(void (*give)(int *count, const long **values), int times) {
    unsigned long long sum = 1;
    for (int i = 0; i < times; i++) {
        int count = -1;
        const long *values = NULL;
        give(&count, &values);
        for (int k = 0; k < count; k++) {
            sum = mix(sum, (unsigned long long)values[k]);
        }
        sum = mix(sum, (unsigned)count);
    }
    return sum;
}
unsigned long long look_up_tickets(int (*find)(int key, struct ticket **ticket), int count) {
    unsigned long long sum = 1;
    for (int i = 0; i < count; i++) {
        struct ticket *ticket = NULL;
        sum = mix(sum, (unsigned)find(i, &ticket));
        sum = ticket == NULL ? mix(sum, 5) : mix_text(mix(sum, (unsigned long long)ticket->weights[1]), ticket->text);
        for (int k = 0; ticket != NULL && k < ticket->id; k++) {
            sum = mix(sum, (unsigned long long)ticket->more[k]);
        }
    }
    return sum;
}
unsigned long long ask_for_point(int (*give)(int key, struct point **point), int count) {
    unsigned long long sum = 1;
    for (int i = 0; i < count; i++) {
        struct point *point = NULL;
        sum = mix(sum, (unsigned)give(i, &point));
        sum = point == NULL ? mix(sum, 5) : mix(mix(sum, (unsigned)point->x), (unsigned)point->y);
    }
    return sum;
}

/* -- functions ----------------------------------------------------------------------------------------------------- */

int choose_function(unary_function *(*choose)(int which), int value) {
    for (int i = 0; i < 5; i++) {
        unary_function *function = choose(i);
        value = function == NULL ? value ^ 0x55 : function(value);
    }
    return value;
}

static int own_open(int mode) {
    return mode ^ 3;
}
static long own_read(int handle, char *buffer, long size) {
    for (long i = 0; i < size && i < 9; i++) {
        buffer[i] = (char)(handle + i);
    }
    return size < 9 ? size : 9;
}
static int closed;
static void own_close(int handle) {
    closed = handle;
}
static const struct operations own_operations = {own_open, own_read, own_close};

int show_operations(int (*use)(const struct operations *operations), int mode) {
    closed = mode;
    const int used = use(&own_operations);
    return used + closed;
}
const struct operations *operations_of_library(void) {
    return &own_operations;
}
int function_through_a_pointer(int index, unary_function **function) {
    *function = index == 0 ? NULL : own_open;
    return index;
}

int run_handler_by_value(struct handler handler, int value) {
    return handler.handle == NULL ? -handler.id : handler.handle(handler.user, value) + handler.id;
}
struct handler same_handler(struct handler handler) {
    handler.id++;
    return handler;
}
