/* Prints what it finds in the tables of a library. */
#include "tables.h"

#include <stdio.h>

static void print_tree(const struct node *node, int depth) {
    printf("%s(", node->label);
    for (int i = 0; i < node->count; i++) {
        printf("%d ", node->counts[i]);
    }
    if (depth > 0 && node->left != NULL) {
        print_tree(node->left, depth - 1);
        print_tree(node->right, depth - 1);
    }
    printf(")");
}

int main(void) {
    for (int i = 0; i < 6; i++) {
        printf("[%s]", table_names[i] != NULL ? table_names[i] : "-");
    }
    printf(" %d %s\n", table_names[0] == table_names[4], table_name);
    for (int i = 0; i < 3; i++) {
        printf("%s %d %lld ", table_codes[i].name != NULL ? table_codes[i].name : "-", table_codes[i].code,
               table_codes[i].large);
    }
    printf("best %d %s\n", (int)(table_best - table_codes), table_best->name);
    print_tree(&table_tree, 4);
    printf(" %d %d\n", table_tree.right->right == &table_tree, table_tree.right->left == table_tree.left);
    printf("%s %d %d\n", table_lists[1][1], table_lists[0] == table_names, table_lists[2] == NULL);
    printf("%ld %ld %ld %g %g\n", table_longs[0], table_longs[1], table_longs[2], table_mixed[0], table_mixed[1]);
    printf("%d %d %d %d %lx\n", table_operations.add(3, 4), table_operations.add == add, table_operations.none == NULL,
           (int)table_operations.flags, table_operations.mask);
    row_set(3, 77);
    printf("%d %d %d", table_row[0], table_row[3], table_zeros[98]);
    table_row[1] = 8;
    table_zeros[96] = 9;
    printf(" %d\n", row_get(1));
    return 0;
}
