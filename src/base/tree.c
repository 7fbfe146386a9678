/* base: a treap: a search tree, and by priorities a heap, whose shape does not depend on the order in which nodes come.
 * R. Seidel and C. R. Aragon, "Randomized Search Trees". */
#include "base/tree.h"

#include <stddef.h>
#include <stdint.h>

/* As good as random: what a node's address comes to. */
static uint64_t priority(const struct fc__tree_node *node) {
    uint64_t mixed = (uint64_t)(uintptr_t)node * UINT64_C(0x9e3779b97f4a7c15);
    mixed ^= mixed >> 32;
    return mixed * UINT64_C(0xbf58476d1ce4e5b9);
}

struct fc__tree_node *fc__tree_find(struct fc__tree_node *root, const struct fc__tree_node *key,
                                    fc__tree_order *order) {
    while (root != NULL) {
        const int side = order(key, root);
        if (side == 0) {
            return root;
        }
        root = side < 0 ? root->left : root->right;
    }
    return NULL;
}

struct fc__tree_node *fc__tree_add(struct fc__tree_node **root, struct fc__tree_node *node, fc__tree_order *order) {
    struct fc__tree_node *const same = fc__tree_find(*root, node, order);
    if (same != NULL) {
        return same;
    }
    while (*root != NULL && priority(*root) >= priority(node)) {
        root = order(node, *root) < 0 ? &(*root)->left : &(*root)->right;
    }
    struct fc__tree_node *rest = *root, **below = &node->left, **above = &node->right;
    *root = node;
    while (rest != NULL) { /* what is there falls apart into what comes before the node and what comes behind it */
        if (order(node, rest) < 0) {
            *above = rest;
            above = &rest->left;
            rest = rest->left;
        } else {
            *below = rest;
            below = &rest->right;
            rest = rest->right;
        }
    }
    *below = *above = NULL;
    return node;
}

void fc__tree_remove(struct fc__tree_node **root, struct fc__tree_node *node, fc__tree_order *order) {
    while (*root != node) {
        root = order(node, *root) < 0 ? &(*root)->left : &(*root)->right;
    }
    struct fc__tree_node *left = node->left, *right = node->right;
    while (left != NULL && right != NULL) {
        if (priority(left) >= priority(right)) {
            *root = left;
            root = &left->right;
            left = left->right;
        } else {
            *root = right;
            root = &right->left;
            right = right->left;
        }
    }
    *root = left != NULL ? left : right;
}
