/* Conformance: what members of structs and elements of arrays point to, and pointers to structs that come out. */
#define CONFORMANCE_TEST "structs_pointers"
#include "conformance/cases.h"

#include "conformance/points.h"

/* -- data behind members ------------------------------------------------------------------------------------------- */

static struct vector any_vector(int max) {
    struct vector vector = {.count = any_of(0, max)};
    vector.values = SCRATCH(double, vector.count + 1);
    for (int i = 0; i < vector.count; i++) {
        vector.values[i] = any_of(-1000, 1000);
    }
    return vector;
}

CASE(pointer_to_an_array_in_a_struct) {
    struct vector vector = any_vector(40);
    double *const values = vector.values;
    SEE(CALL(weigh_vector, (const struct vector *)&vector));
    CALL_VOID(scale_vector, &vector, (double)any_of(-3, 3));
    SEE(vector.values == values);
    SEE(vector.count);
    SEE_EACH(values, vector.count + 1);
}

CASE(pointers_to_arrays_in_an_array_of_structs) {
    struct vector vectors[6];
    const int count = any_of(0, 6);
    for (int i = 0; i < count; i++) {
        vectors[i] = any_vector(9);
    }
    SEE(CALL(weigh_vectors, (const struct vector *)vectors, count));
    CALL_VOID(scale_vectors, vectors, count, 0.5);
    for (int i = 0; i < count; i++) {
        SEE_EACH(vectors[i].values, vectors[i].count);
    }
}

CASE(arrays_in_a_struct_with_computed_lengths) {
    struct picture picture = {.width = (short)any_of(1, 12), .height = (short)any_of(0, 12)};
    const struct point spot = any_point();
    const int size = picture.width * picture.height;
    picture.pixels = SCRATCH(unsigned short, size + 1);
    for (int i = 0; i < size; i++) {
        RANDOM(picture.pixels[i]);
    }
    picture.hot_spot = any_bool() ? &spot : NULL;
    if (any_bool()) {
        picture.histogram = SCRATCH(long, picture.width + 1);
        for (int i = 0; i < picture.width; i++) {
            picture.histogram[i] = any_of(0, 1000);
        }
    }
    SEE(CALL(sum_picture, (const struct picture *)&picture));
    CALL_VOID(darken_picture, &picture);
    SEE_EACH(picture.pixels, size + 1);
    if (picture.histogram != NULL) {
        SEE_EACH(picture.histogram, picture.width);
    }
    SEE(picture.hot_spot == &spot);
}

CASE(structs_behind_a_struct) {
    struct segment first = any_segment(), second = any_segment();
    struct vector vectors[3] = {any_vector(4), any_vector(4), any_vector(4)};
    struct scene scene = {.count = any_of(0, 3), .vectors = vectors};
    scene.first = any_bool() ? &first : NULL;
    scene.second = any_bool() ? &second : NULL;
    SEE(CALL(sum_scene, (const struct scene *)&scene));
    SEE(CALL(bump_scene, &scene));
    see_segment(&first);
    see_segment(&second);
    for (int i = 0; i < 3; i++) {
        SEE_EACH(vectors[i].values, vectors[i].count);
    }
}

CASE(opaque_members_come_back_unchanged) {
    int mine = 5, hidden = 6;
    struct holder a = {.tag = any_of(1, 1000), .user = &mine, .private_data = &hidden, .count = any_of(0, 1000)};
    struct holder b = {.tag = any_of(1, 1000), .user = any_bool() ? (void *)case_run : NULL, .count = 3};
    SEE(CALL(user_of_holder, (const struct holder *)&a) == &mine);
    void *const of_b = b.user;
    CALL_VOID(swap_users, &a, &b);
    SEE(a.user == of_b);
    SEE(b.user == &mine);
    SEE(a.tag);
}

CASE(local_members_stay_with_the_caller) {
    int mine = 5;
    struct holder holder = {.tag = any_of(1, 1000), .user = &mine, .private_data = &mine, .count = any_of(0, 1000)};
    SEE(CALL(sees_private_data, (const struct holder *)&holder));
    SEE(holder.private_data == &mine);
}

/* -- aliases ------------------------------------------------------------------------------------------------------- */

CASE(two_parameters_point_to_one_struct) {
    struct point point = {any_of(0, 1000), any_of(0, 1000)}, other = any_point();
    other.x /= 2;
    SEE(CALL(bump_twice, &point, &point));
    SEE(point.x);
    SEE(point.y);
    SEE(CALL(bump_twice, &point, &other));
    SEE(point.x);
    SEE(point.y);
    SEE(other.x);
    SEE(other.y);
}

CASE(input_is_an_element_of_the_output) {
    struct point points[5];
    for (int i = 0; i < 5; i++) {
        points[i] = any_point();
    }
    CALL_VOID(move_points, points, 5, (const struct point *)&points[any_of(0, 4)]);
    for (int i = 0; i < 5; i++) {
        SEE(points[i].x);
        SEE(points[i].y);
    }
}

CASE(input_and_output_are_one_struct) {
    struct point point = any_point();
    CALL_VOID(mirror_point, (const struct point *)&point, &point);
    SEE(point.x);
    SEE(point.y);
}

CASE(two_members_point_to_one_struct) {
    struct segment segment = any_segment();
    struct scene scene = {.first = &segment, .second = &segment};
    SEE(CALL(same_members, (const struct scene *)&scene));
    SEE(CALL(bump_scene, &scene));
    see_segment(&segment);
}

/* -- arrays of pointers -------------------------------------------------------------------------------------------- */

CASE(array_of_pointers_to_structs) {
    struct point points[8], *pointers[12];
    const int count = any_of(0, 12);
    for (int i = 0; i < 8; i++) {
        points[i] = (struct point){any_of(-1000, 1000), any_of(-1000, 1000)};
    }
    for (int i = 0; i < count; i++) {
        pointers[i] = any_of(0, 4) == 0 ? NULL : &points[any_of(0, 7)]; /* some more than once */
    }
    SEE(CALL(sum_point_pointers, (const struct point *const *)pointers, count));
    CALL_VOID(bump_point_pointers, pointers, count);
    for (int i = 0; i < 8; i++) {
        SEE(points[i].x);
        SEE(points[i].y);
    }
}

CASE(array_of_pointers_to_ints) {
    int values[5];
    const int *pointers[9];
    const int count = any_of(0, 9);
    for (int i = 0; i < 5; i++) {
        values[i] = any_int();
    }
    for (int i = 0; i < count; i++) {
        pointers[i] = any_of(0, 3) == 0 ? NULL : &values[any_of(0, 4)];
    }
    SEE(CALL(sum_int_pointers, (const int *const *)pointers, count));
}

CASE(tables_of_rows) {
    long cells[6][7];
    const long *rows[6];
    const int columns = any_of(0, 7);
    for (int i = 0; i < 6; i++) {
        rows[i] = any_of(0, 5) == 0 ? NULL : cells[any_of(0, 5)];
        for (int k = 0; k < 7; k++) {
            cells[i][k] = any_int();
        }
    }
    SEE(CALL(sum_table, (const long *const *)rows, any_of(0, 6), columns));
}

CASE(three_dimensions_of_pointers) {
    short cells[24], *lines[6], **planes[2];
    for (int i = 0; i < 24; i++) {
        RANDOM(cells[i]);
        lines[i / 4] = &cells[i / 4 * 4];
        planes[i / 12] = &lines[i / 12 * 3];
    }
    CALL_VOID(bump_cube, (short ***)planes, 2, any_of(0, 3), any_of(0, 4));
    SEE_EACH(cells, 24);
}

CASE(matrix_of_rows_in_a_struct) {
    long cells[4][5], *rows[4] = {cells[0], cells[1], cells[2], cells[3]};
    struct matrix matrix = {any_of(0, 4), any_of(0, 5), rows};
    for (int i = 0; i < 20; i++) {
        cells[i / 5][i % 5] = any_int();
    }
    SEE(CALL(transpose_sum, &matrix));
    SEE(matrix.rows * 10 + matrix.columns);
    SEE(matrix.cells == rows);
    for (int i = 0; i < 4; i++) {
        SEE_EACH(cells[i], 5);
    }
}

/* -- structs that nobody looks into, and results ------------------------------------------------------------------- */

CASE(incomplete_struct_is_a_handle) {
    struct unseen *const unseen = CALL(make_unseen, any_int());
    SEE(CALL(look_into_unseen, unseen));
    SEE(CALL(look_into_unseen, unseen));
    CALL_VOID(drop_unseen, unseen);
}

CASE(pointer_to_a_struct_returned) {
    const struct point *const point = CALL(constant_point, any_of(0, 2));
    SEE(point->x);
    SEE(point->y);
}

CASE(pointer_to_a_struct_or_null_returned) {
    const struct segment *const segment = CALL(find_segment, any_of(1, 4) * 10);
    SEE(segment == NULL);
    if (segment != NULL) {
        see_segment(segment);
    }
}

CASE(one_of_the_arguments_returned) {
    struct point a = any_point(), b = any_point();
    SEE(CALL(farther_of, &a, &b) == &a);
}
