#include "structs.h"

#include "mix.h"

#include <stdlib.h>

static unsigned long long mix_primitives(unsigned long long sum, const struct primitives *value) {
    sum = mix_float(mix(sum, (unsigned char)value->c), value->d);
    sum = mix(mix(sum, (unsigned short)value->s), (unsigned long long)value->ll);
    sum = mix_float(mix(mix(sum, value->b), (unsigned)value->i), value->f);
    return mix(mix(mix(sum, value->uc), value->ull), value->us);
}
unsigned long long sum_primitives(const struct primitives *value) {
    return mix_primitives(1, value);
}
void fill_primitives(struct primitives *value, int seed) {
    memset(value, 0, sizeof *value);
    value->c = (char)(seed % 100);
    value->d = seed / 8.0;
    value->s = (short)(seed * 3);
    value->ll = seed * 10000000019LL;
    value->b = seed % 2 != 0;
    value->i = seed ^ 0x1234567;
    value->f = (float)(seed % 1000) / 4;
    value->uc = (unsigned char)(seed * 7);
    value->ull = ~(unsigned long long)seed;
    value->us = (unsigned short)(seed * 11);
}
void bump_primitives(struct primitives *value) {
    value->c = (char)(value->c + 1);
    value->d *= 2;
    value->s = (short)(value->s ^ 0x55);
    value->ll ^= 0x123456789abcdefLL;
    value->b = !value->b;
    value->i ^= 0x40;
    value->f += 1;
    value->uc ^= 0xff;
    value->ull += 1;
    value->us = (unsigned short)(value->us + 5);
}
unsigned long long sum_primitives_array(const struct primitives *values, int count) {
    unsigned long long sum = 1;
    for (int i = 0; i < count; i++) {
        sum = mix_primitives(sum, &values[i]);
    }
    return sum;
}
void fill_primitives_array(struct primitives *values, int count, int seed) {
    for (int i = 0; i < count; i++) {
        fill_primitives(&values[i], seed + i);
    }
}
void bump_primitives_array(struct primitives *values, int count) {
    for (int i = 0; i < count; i++) {
        bump_primitives(&values[i]);
    }
}
int some_primitives(struct primitives *values, int capacity, int *count) {
    *count = capacity / 2;
    fill_primitives_array(values, *count, capacity);
    return capacity - *count;
}
unsigned long long sum_primitives_if_any(const struct primitives *value) {
    return value == NULL ? 99 : sum_primitives(value);
}

static unsigned long long mix_widths(unsigned long long sum, const struct widths *value) {
    sum = mix(mix(sum, (unsigned char)value->before), (unsigned long long)value->l);
    sum = mix(mix(mix(sum, value->ul), value->size), (unsigned char)value->between);
    sum = mix(mix(sum, (unsigned long long)value->difference), (unsigned long long)value->time);
    for (int i = 0; i < 3; i++) {
        sum = mix(sum, (unsigned long long)value->table[i]);
    }
    return mix(sum, (unsigned char)value->after);
}
unsigned long long sum_widths(const struct widths *value) {
    return mix_widths(1, value);
}
void bump_widths(struct widths *value) {
    value->before ^= 1;
    value->l ^= 2;
    value->ul ^= 3;
    value->size ^= 4;
    value->between ^= 5;
    value->difference ^= 6;
    value->time ^= 7;
    for (int i = 0; i < 3; i++) {
        value->table[i] ^= 8 + i;
    }
    value->after ^= 9;
}
void fill_widths(struct widths *value, int seed) {
    memset(value, 0, sizeof *value);
    value->l = -seed;
    value->ul = (unsigned long)seed;
    value->size = (size_t)-1;
    value->time = seed * 2;
    value->table[2] = seed / 3;
    value->after = 'z';
    bump_widths(value);
    value->size = (size_t)-1 - (size_t)(seed % 16);
}
unsigned long long sum_widths_array(const struct widths *values, size_t count) {
    unsigned long long sum = 1;
    for (size_t i = 0; i < count; i++) {
        sum = mix_widths(sum, &values[i]);
    }
    return sum;
}
void bump_widths_array(struct widths *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bump_widths(&values[i]);
    }
}
void set_wide_member(struct widths *value, long long l) {
    memset(value, 0, sizeof *value);
    value->l = (long)l;
}

static unsigned long long mix_before(unsigned long long sum, const struct padded_before *value) {
    return mix(mix(sum, (unsigned)value->a), (unsigned long long)value->b);
}
static unsigned long long mix_after(unsigned long long sum, const struct padded_after *value) {
    return mix(mix(sum, (unsigned long long)value->a), (unsigned)value->b);
}
unsigned long long sum_padded(const struct padded_before *before, const struct padded_after *after,
                              const struct padded_array *array) {
    unsigned long long sum = mix_after(mix_before(1, before), after);
    sum = mix(sum, (unsigned char)array->a);
    for (int i = 0; i < 3; i++) {
        sum = mix(sum, (unsigned long long)array->b[i]);
    }
    return mix_float(mix_float(mix(sum, (unsigned char)array->c), array->d[0]), array->d[1]);
}
void bump_padded(struct padded_before *before, struct padded_after *after, struct padded_array *array) {
    before->a ^= 1;
    before->b ^= 2;
    after->a ^= 3;
    after->b ^= 4;
    array->a ^= 5;
    array->b[0] ^= 6;
    array->b[2] = array->b[1];
    array->c ^= 7;
    array->d[0] += 1;
    array->d[1] = -array->d[1];
}
unsigned long long sum_padded_arrays(const struct padded_before *before, const struct padded_after *after, int count) {
    unsigned long long sum = 1;
    for (int i = 0; i < count; i++) {
        sum = mix_after(mix_before(sum, &before[i]), &after[i]);
    }
    return sum;
}
void bump_aligned(struct aligned_8 *value, struct aligned_whole *wholes) {
    value->a ^= 1;
    value->b ^= 2;
    value->c ^= 3;
    for (int i = 0; i < 2; i++) {
        wholes[i].a += i + 1;
        wholes[i].b = (char)(wholes[i].b ^ 4);
    }
}
unsigned long long sum_packed(const struct packed_tight *tight, const struct packed_by_two *two) {
    unsigned long long sum = mix(mix(1, (unsigned char)tight->a), (unsigned)tight->b);
    sum = mix(mix(sum, (unsigned long long)tight->c), (unsigned short)tight->d);
    sum = mix(mix(sum, (unsigned char)two->a), (unsigned)two->b);
    return mix(mix_float(sum, two->c), (unsigned char)two->d);
}
void bump_packed(struct packed_tight *tight, struct packed_by_two *twos) {
    tight->a ^= 1;
    tight->b ^= 2;
    tight->c ^= 3;
    tight->d ^= 4;
    for (int i = 0; i < 3; i++) {
        twos[i].a ^= 5;
        twos[i].b ^= 6;
        twos[i].c *= 4;
        twos[i].d ^= 7;
    }
}

static unsigned long long mix_point(unsigned long long sum, const struct point *point) {
    return mix(mix(sum, (unsigned)point->x), (unsigned)point->y);
}
static unsigned long long mix_segment(unsigned long long sum, const struct segment *segment) {
    sum = mix_point(mix_point(mix(sum, (unsigned char)segment->kind), &segment->from), &segment->to);
    return mix(sum, (unsigned long long)segment->length);
}
unsigned long long sum_segment(const struct segment *segment) {
    return mix_segment(1, segment);
}
void turn_segment(struct segment *segment) {
    struct point kept = segment->from;
    segment->from = segment->to;
    segment->to = kept;
    segment->kind ^= 1;
    segment->length = -segment->length;
}
unsigned long long sum_drawing(const struct drawing *drawing) {
    unsigned long long sum = mix(1, (unsigned short)drawing->id);
    sum = mix_segment(mix_segment(sum, &drawing->outline[0]), &drawing->outline[1]);
    sum = mix_point(mix_float(sum, drawing->view.scale), &drawing->view.origin);
    for (int i = 0; i < 6; i++) {
        sum = mix(sum, (unsigned)drawing->grid[i / 3][i % 3]);
    }
    sum = mix_bytes(sum, drawing->name, sizeof drawing->name);
    for (int i = 0; i < 5; i++) {
        sum = mix(sum, drawing->flags[i]);
    }
    return mix_float(sum, (double)drawing->precise);
}
void bump_drawing(struct drawing *drawing) {
    drawing->id ^= 1;
    turn_segment(&drawing->outline[0]);
    drawing->outline[1].to.y ^= 2;
    drawing->view.scale *= 2;
    drawing->view.origin.x ^= 3;
    drawing->grid[1][2] ^= 4;
    drawing->grid[0][1] = drawing->grid[1][0];
    drawing->name[10] ^= 5;
    drawing->flags[3] = !drawing->flags[3];
    drawing->precise = -drawing->precise / 2;
}
void move_points(struct point *points, int count, const struct point *by) {
    const struct point step = *by; /* which may be one of them */
    for (int i = 0; i < count; i++) {
        points[i].x ^= step.x;
        points[i].y ^= step.y;
    }
}
void mirror_point(const struct point *from, struct point *to) {
    const struct point mirrored = {from->y, from->x};
    *to = mirrored;
}

unsigned long long sum_bits(const struct bits *bits) {
    unsigned long long sum = mix(mix(mix(1, bits->a), (unsigned)bits->b), bits->c);
    sum = mix(mix(mix(sum, bits->d), bits->e), (unsigned)bits->f);
    return mix(mix(sum, bits->g), (unsigned long long)bits->h);
}
void bump_bits(struct bits *bits) {
    bits->a ^= 5;
    bits->b ^= 9;
    bits->c ^= 0xabcdef;
    bits->d ^= 1;
    bits->e ^= 0x123456789a;
    bits->f ^= 0x55;
    bits->g = !bits->g;
    bits->h ^= 0x1234;
}
void bump_bits_between(struct bits_between *bits, int count) {
    for (int i = 0; i < count; i++) {
        bits[i].before ^= 5;
        bits[i].a = (unsigned char)((bits[i].a + 1) & 7);
        bits[i].after = (short)(bits[i].after ^ 9);
        bits[i].b = (bits[i].b + (unsigned)i) & 0x3f;
    }
}
void bump_bits_array(struct bits_only *bits, int count) {
    for (int i = 0; i < count; i++) {
        bits[i].kind ^= 3;
        bits[i].length = (bits[i].length + (unsigned)i) & 0xfff;
    }
}

unsigned long long sum_packet(const struct packet *packet) {
    unsigned long long sum = mix(mix(1, (unsigned short)packet->type), (unsigned)packet->count);
    for (int i = 0; i < packet->count; i++) {
        sum = mix(sum, (unsigned long long)packet->values[i]);
    }
    return sum;
}
void bump_packet(struct packet *packet) {
    packet->type ^= 1;
    for (int i = 0; i < packet->count; i++) {
        packet->values[i] ^= i;
    }
}
unsigned long long sum_message(const struct message *message) {
    return mix_bytes(mix(1, message->len), message->text, message->len);
}

double weigh_vector(const struct vector *vector) {
    double sum = vector->count;
    for (int i = 0; i < vector->count; i++) {
        sum += vector->values[i] * (i + 1);
    }
    return sum;
}
void scale_vector(struct vector *vector, double by) {
    for (int i = 0; i < vector->count; i++) {
        vector->values[i] *= by;
    }
}
double weigh_vectors(const struct vector *vectors, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
        sum = sum * 2 + weigh_vector(&vectors[i]);
    }
    return sum;
}
void scale_vectors(struct vector *vectors, int count, double by) {
    for (int i = 0; i < count; i++) {
        scale_vector(&vectors[i], by + i);
    }
}
unsigned long long sum_picture(const struct picture *picture) {
    unsigned long long sum = mix(mix(1, (unsigned short)picture->width), (unsigned short)picture->height);
    for (int i = 0; i < picture->width * picture->height; i++) {
        sum = mix(sum, picture->pixels[i]);
    }
    sum = picture->hot_spot == NULL ? mix(sum, 5) : mix_point(sum, picture->hot_spot);
    for (int i = 0; picture->histogram != NULL && i < picture->width; i++) {
        sum = mix(sum, (unsigned long long)picture->histogram[i]);
    }
    return sum;
}
void darken_picture(struct picture *picture) {
    for (int i = 0; i < picture->width * picture->height; i++) {
        picture->pixels[i] /= 2;
        if (picture->histogram != NULL) {
            picture->histogram[i % picture->width] += picture->pixels[i];
        }
    }
}
unsigned long long sum_scene(const struct scene *scene) {
    unsigned long long sum = mix(1, (unsigned)scene->count);
    sum = scene->first == NULL ? mix(sum, 3) : mix_segment(sum, scene->first);
    sum = scene->second == NULL ? mix(sum, 4) : mix_segment(sum, scene->second);
    return mix_float(sum, weigh_vectors(scene->vectors, scene->count));
}
int bump_scene(struct scene *scene) {
    int done = 0;
    if (scene->first != NULL) {
        turn_segment(scene->first);
        done |= 1;
    }
    if (scene->second != NULL) {
        scene->second->from.x ^= 0x77;
        done |= 2;
    }
    scale_vectors(scene->vectors, scene->count, 2);
    return done;
}
void *user_of_holder(const struct holder *holder) {
    return holder->tag + holder->count > 0 ? holder->user : NULL;
}
void swap_users(struct holder *a, struct holder *b) {
    void *kept = a->user;
    a->user = b->user;
    b->user = kept;
    a->tag ^= b->count;
}
int sees_private_data(const struct holder *holder) {
    return holder->tag + holder->count * 2 + (holder->user != NULL);
}

/* 1 if they are one, and then each change is seen through the other. */
int bump_twice(struct point *a, struct point *b) {
    a->x += 1;
    b->x += 10;
    b->y ^= a->x;
    a->y ^= b->x;
    return a == b;
}
int same_members(const struct scene *scene) {
    return scene->first == scene->second;
}

unsigned long long sum_point_pointers(const struct point *const *points, int count) {
    unsigned long long sum = 1;
    for (int i = 0; i < count; i++) {
        sum = points[i] == NULL ? mix(sum, 6) : mix_point(sum, points[i]);
    }
    return sum;
}
void bump_point_pointers(struct point **points, int count) {
    for (int i = 0; i < count; i++) {
        if (points[i] != NULL) {
            points[i]->x += i + 1;
            points[i]->y -= i + 1;
        }
    }
}
unsigned long long sum_int_pointers(const int *const *values, int count) {
    unsigned long long sum = 1;
    for (int i = 0; i < count; i++) {
        sum = mix(sum, values[i] == NULL ? 0x100000000u : (unsigned)*values[i]);
    }
    return sum;
}
long long sum_table(const long *const *table, int rows, int columns) {
    long long sum = 0;
    for (int i = 0; i < rows; i++) {
        for (int k = 0; table[i] != NULL && k < columns; k++) {
            sum = sum * 3 + table[i][k];
        }
    }
    return sum;
}
void bump_cube(short ***cube, int a, int b, int c) {
    for (int i = 0; i < a * b * c; i++) {
        cube[i / (b * c)][i / c % b][i % c] = (short)(cube[i / (b * c)][i / c % b][i % c] / 2 + i);
    }
}
long long transpose_sum(struct matrix *matrix) {
    long long sum = 0;
    for (int i = 0; i < matrix->rows; i++) {
        for (int k = 0; k < matrix->columns; k++) {
            sum = sum * 3 + matrix->cells[i][k];
            matrix->cells[i][k] = matrix->cells[i][k] / 2 - k;
        }
    }
    return sum;
}

number weigh_custom(const custom *value) {
    return value->value / 8 * (number)value->sign + (number)value->fruit + value->ripe * 2 + value->initial % 1000;
}
void bump_custom(custom *value) {
    value->value ^= 1;
    value->sign = value->sign == NEGATIVE ? POSITIVE : NEGATIVE;
    value->fruit = value->fruit == APPLE ? PLUM : APPLE;
    value->ripe = !value->ripe;
    value->initial ^= 2;
}

unsigned long long sum_reordered(const struct reordered *value) {
    return mix(mix_float(mix(1, (unsigned)value->a), value->b), (unsigned short)value->c);
}
void bump_reordered(struct reordered *value) {
    value->a ^= 1;
    value->b *= 2;
    value->c ^= 3;
}
unsigned long long sum_resized(const struct resized *value) {
    unsigned long long sum = mix(mix(1, (unsigned char)value->a), (unsigned)value->b);
    return mix_float(mix(mix(sum, (unsigned)value->values[0]), (unsigned)value->values[1]), value->c);
}

struct unseen {
    int value;
    struct unseen *self;
};
struct unseen *make_unseen(int value) {
    struct unseen *unseen = malloc(sizeof *unseen);
    unseen->value = value;
    unseen->self = unseen;
    return unseen;
}
int look_into_unseen(struct unseen *unseen) {
    return unseen->self == unseen ? unseen->value++ : -1;
}
void drop_unseen(struct unseen *unseen) {
    unseen->self = NULL;
    free(unseen);
}

const struct point *constant_point(int index) {
    static const struct point points[] = {{1, 2}, {-3, 4}, {0x7fffffff, -0x7fffffff}};
    return &points[index];
}
const struct segment *find_segment(int length) {
    static const struct segment segments[] = {{'a', {1, 2}, {3, 4}, 10}, {'b', {-1, -2}, {-3, -4}, 20}};
    for (int i = 0; i < 2; i++) {
        if (segments[i].length == length) {
            return &segments[i];
        }
    }
    return NULL;
}
struct point *farther_of(struct point *a, struct point *b) {
    long long far_a = (long long)a->x * a->x, far_b = (long long)b->x * b->x;
    return far_a >= far_b ? a : b;
}
