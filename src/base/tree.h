/* base: ordered sets of what has a node of a tree in it: adding and removing take no memory.
 * Runs in: the caller.  Threads: one at a time.
 * Does not: own what is in it. */
#ifndef FC_BASE_TREE_H
#define FC_BASE_TREE_H

struct fc__tree_node {
    struct fc__tree_node *left, *right;
};
/* The order of two of them, or of one and a key: 0 if they are the same. */
typedef int fc__tree_order(const struct fc__tree_node *left, const struct fc__tree_node *right);

/* A NULL root is an empty tree. */
/* The node that is the same as `key`; NULL if there is none. */
struct fc__tree_node *fc__tree_find(struct fc__tree_node *root, const struct fc__tree_node *key, fc__tree_order *order);
/* The node itself, or one there that is the same, and then it is not added. */
struct fc__tree_node *fc__tree_add(struct fc__tree_node **root, struct fc__tree_node *node, fc__tree_order *order);
/* A node that is in it. */
void fc__tree_remove(struct fc__tree_node **root, struct fc__tree_node *node, fc__tree_order *order);

#endif
