/* conformance: structs that point to structs: lists, rings, trees, graphs. */
#ifndef CONFORMANCE_LISTS_H
#define CONFORMANCE_LISTS_H

#include "sal.h"

#include <stddef.h>

struct node {
    long value;
    _Field_size_opt_(1) struct node *next;
};
unsigned long long sum_nodes(_In_opt_ const struct node *first);
int bump_nodes(_Inout_opt_ struct node *first);
int count_ring(_In_ const struct node *first);
void bump_ring(_Inout_ struct node *first);

struct twin {
    short value;
    _Field_size_opt_(1) struct twin *previous;
    double weight;
    _Field_size_opt_(1) struct twin *next;
};
double weigh_twins(_In_ const struct twin *first);
int check_twins(_Inout_ struct twin *first);

struct tree {
    _Field_size_opt_(1) struct tree *left;
    int key;
    _Field_size_opt_(1) struct tree *right;
    _Field_z_ const char *name;
};
unsigned long long sum_tree(_In_opt_ const struct tree *root);
int depth_of_tree(_In_opt_ const struct tree *root);
void double_tree(_Inout_ struct tree *root);

/* Children as an array of pointers; a diamond has one child twice. */
struct branch {
    int value, count;
    _Field_size_(count) struct branch **children;
};
long long sum_branches(_In_ const struct branch *root);
void bump_branches(_Inout_ struct branch *root);

/* Two kinds that point to each other. */
struct owner;
struct thing {
    int price;
    _Field_size_opt_(1) struct owner *owner;
    _Field_size_opt_(1) struct thing *next;
};
struct owner {
    long money;
    _Field_size_opt_(1) struct thing *things;
};
long worth_of_owner(_In_ const struct owner *owner);
void pay_for_things(_Inout_ struct owner *owner);

/* Arrays of pointers, and of structs with pointers, in a struct: of some only the beginning is used. */
struct shelf {
    short used;
    _Field_size_(used) struct node *nodes[6];
    _Field_size_(used) struct tree books[5];
    _Field_z_ char *names[2];
    _At_(*rows, _Field_size_(3)) long *rows[2];
    _Field_size_(2) struct node *pairs[2][2];
    _Fc_opaque_ void *owners[3];
};
unsigned long long sum_shelf(_In_ const struct shelf *shelf);
void sort_shelf(_Inout_ struct shelf *shelf);
unsigned long long sum_shelf_by_value(struct shelf shelf);
void fill_shelf(_Out_ struct shelf *shelf, int used, long value);

/* One that points to itself. */
struct self {
    _Field_size_opt_(1) struct self *self;
    int value;
};
int is_itself(_Inout_ struct self *self);

/* A struct that leads to one which has it in itself, alone and in an array. */
struct leaf {
    _Field_size_opt_(1) struct twig *twig;
};
struct twig {
    struct leaf first, more[2];
    _Field_size_opt_(1) int *number;
};
long sum_leaf(_In_ const struct leaf *leaf);
void turn_leaf(_Inout_ struct leaf *leaf);

/* The library's own, one behind the other in its memory. */
_Ret_valid_ struct node *one_of_row(int index, long value);
void bump_in_row(_Inout_ struct node *node);

/* The list changes its shape: what comes back are the same nodes, tied in another way. */
void unlink_second(_Inout_ struct node *first);
void reverse_behind(_Inout_ struct node *first);
void swap_ends(_Inout_ struct node *a, _Inout_ struct node *b);

/* Nodes of the library's. */
_Fc_opaque_ struct node *push_node(_Fc_opaque_ struct node *list, long value);
long pop_node(_Fc_opaque_ struct node *list, _Outptr_result_maybenull_ _Fc_opaque_ struct node **rest);

#endif
