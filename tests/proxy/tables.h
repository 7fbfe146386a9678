/* What a vendor's library exports besides functions. */
#include <stddef.h>

/* Constants that lead to others, or that are laid out differently for programs of the other width. */
extern const char *const table_names[];
extern const char *const table_name;
struct code {
    const char *name;
    int code;
    long long large;
};
extern const struct code table_codes[];
extern const struct code *const table_best;
struct node {
    const char *label;
    const struct node *left, *right;
    const short *counts;
    int count;
};
extern const struct node table_tree;
extern const char *const *const table_lists[];
extern const long table_longs[3];
extern const double table_mixed[2];
struct operations {
    int (*add)(int left, int right);
    int (*none)(void);
    long flags : 5;
    unsigned long mask;
};
extern const struct operations table_operations;

/* What a proxy cannot have, each for a reason of its own. */
extern const char *table_changing[];
extern const char *const table_buffer;
extern const struct node *const table_unclear;
struct hidden {
    int (*hidden)(int value);
};
extern const struct hidden table_hidden;
extern void (*const table_free)(void *memory);
extern const int table_address[];
extern const void *const table_number;
extern const struct code *const *const table_chain[];
extern int table_unasked[];

/* What may change, and has no length here. */
extern int table_row[];
extern short table_zeros[];

int add(int left, int right);
int row_set(int index, int value);
int row_get(int index);
