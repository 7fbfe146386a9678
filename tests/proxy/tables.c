#include "tables.h"

#include <stdlib.h>

const char *const table_names[] = {"zero", "th\"r\\ee\n?", NULL, "", "zero", "\xff"};
const char *const table_name = "vendor";
const struct code table_codes[] = {{"first", 1, -5}, {"second", 2, 1LL << 40}, {NULL, 3, 7}};
const struct code *const table_best = &table_codes[1];
static const short counts[] = {1, 2, 3};
static const struct node leaf = {"leaf", NULL, NULL, counts, 2};
static const struct node other = {"other", &leaf, &table_tree, NULL, 0};
const struct node table_tree = {"root", &leaf, &other, counts + 1, 2};
const char *const *const table_lists[] = {table_names, table_names + 3, NULL};
const long table_longs[3] = {-1, 5, 0x7fffffff};
const double table_mixed[2] = {1.5, -2.25};
const struct operations table_operations = {add, NULL, -3, 0xfffffff0UL};

const char *table_changing[] = {"one"};
static char buffer[] = "may change";
const char *const table_buffer = buffer;
static const struct node nodes[3];
const struct node *const table_unclear = nodes;
static int hidden(int value) {
    return value;
}
const struct hidden table_hidden = {hidden};
void (*const table_free)(void *memory) = free;
#ifdef __i386__
const int table_address[] = {0, (int)&hidden};
#else
const int table_address[] = {0, 1};
#endif
const void *const table_number = (const void *)-1;
static const struct code *const links[] = {table_codes, NULL};
const struct code *const *const table_chain[] = {links, NULL};
int table_unasked[] = {1, 2};

int table_row[] = {1, 2, 3, 4, 5};
short table_zeros[100];
__attribute__((visibility("default"))) int add(int left, int right) {
    return left + right;
}
int row_set(int index, int value) {
    table_row[index] = value;
    table_zeros[index + 95] = (short)value;
    return index;
}
int row_get(int index) {
    return table_row[index] * 1000 + table_zeros[index + 95];
}
