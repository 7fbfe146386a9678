/* Trees: what is added is found, in order, until it is removed. */
#include "harness.h"

#include "base/tree.h"

#include <stddef.h>
#include <stdint.h>

struct number {
    struct fc__tree_node node;
    int value;
    bool is_in;
};

static int value_of(const struct fc__tree_node *node) {
    return ((const struct number *)(const void *)node)->value;
}

static int by_value(const struct fc__tree_node *left, const struct fc__tree_node *right) {
    return (value_of(left) > value_of(right)) - (value_of(left) < value_of(right));
}

static struct number *find(struct fc__tree_node *root, int value) {
    const struct number key = {.value = value};
    return (struct number *)(void *)fc__tree_find(root, &key.node, by_value);
}

/* Counts them, and sees that they are in order, between the two. */
static unsigned count(const struct fc__tree_node *node, int least, int most) {
    if (node == NULL) {
        return 0;
    }
    assert_in_range(value_of(node) + 10, least + 10, most + 10);
    return 1 + count(node->left, least, value_of(node) - 1) + count(node->right, value_of(node) + 1, most);
}

static unsigned depth(const struct fc__tree_node *node) {
    if (node == NULL) {
        return 0;
    }
    const unsigned left = depth(node->left), right = depth(node->right);
    return 1 + (left > right ? left : right);
}

TEST(tree_has_what_is_added_until_it_is_removed) {
    enum { NUMBERS = 500, ROUNDS = 20000 };
    static struct number numbers[NUMBERS];
    struct fc__tree_node *root = NULL;
    unsigned in = 0;
    uint32_t state = 1;
    for (int i = 0; i < NUMBERS; i++) {
        numbers[i].value = i;
    }
    for (int round = 0; round < ROUNDS; round++) {
        state = state * 1664525 + 1013904223;
        struct number *number = &numbers[(state >> 8) % NUMBERS];
        assert_ptr_equal(find(root, number->value), number->is_in ? number : NULL);
        if (number->is_in) {
            fc__tree_remove(&root, &number->node, by_value);
        } else {
            assert_ptr_equal(fc__tree_add(&root, &number->node, by_value), &number->node);
        }
        number->is_in = !number->is_in;
        in += number->is_in ? 1u : -1u;
        if (round % 100 == 0) {
            assert_int_equal(count(root, 0, NUMBERS - 1), in);
        }
    }
    for (int i = 0; i < NUMBERS; i++) {
        if (numbers[i].is_in) {
            fc__tree_remove(&root, &numbers[i].node, by_value);
        }
    }
    assert_null(root);
}

TEST(tree_keeps_the_first_of_those_that_are_the_same) {
    struct number first = {.value = 1}, other = {.value = 2}, same = {.value = 1};
    struct fc__tree_node *root = NULL;
    assert_ptr_equal(fc__tree_add(&root, &first.node, by_value), &first.node);
    assert_ptr_equal(fc__tree_add(&root, &other.node, by_value), &other.node);
    assert_ptr_equal(fc__tree_add(&root, &same.node, by_value), &first.node);
    assert_int_equal(count(root, 0, 10), 2);
}

/* In whatever order they come: a chain would be as deep as there are nodes. */
TEST(tree_is_not_deep) {
    enum { NUMBERS = 20000 };
    static struct number numbers[NUMBERS];
    struct fc__tree_node *root = NULL;
    for (int i = 0; i < NUMBERS; i++) {
        numbers[i].value = i;
        fc__tree_add(&root, &numbers[i].node, by_value);
    }
    assert_in_range(depth(root), 15, 100);
}
