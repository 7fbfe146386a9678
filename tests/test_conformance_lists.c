/* Conformance: structs that point to structs: lists, rings, trees, graphs. */
#define CONFORMANCE_TEST "lists"
#include "conformance/cases.h"

#include "conformance/lists.h"

enum { NODES_MAX = 40 };

/* Nodes in a random order of memory, tied into a list. Returns the first. */
static struct node *any_nodes(struct node *nodes, int count) {
    struct node *first = NULL;
    for (int i = 0; i < count; i++) {
        struct node *node = &nodes[i * 7 % 41 % NODES_MAX]; /* 41 is prime: each once, up to 40 of them */
        *node = (struct node){any_int(), first};
        first = node;
    }
    return first;
}
/* As (number in memory, value), and at most as many as there are. */
static void see_nodes(const struct node *first, const struct node *nodes, int most) {
    for (int i = 0; first != NULL && i <= most; first = first->next, i++) {
        SEE(first - nodes);
        SEE(first->value);
    }
    SEE(first == NULL);
}

CASE(linked_list_in) {
    struct node nodes[NODES_MAX];
    SEE(CALL(sum_nodes, (const struct node *)any_nodes(nodes, any_of(0, 20))));
}

CASE(linked_list_in_and_out) {
    struct node nodes[NODES_MAX], *const first = any_nodes(nodes, any_of(0, 20));
    SEE(CALL(bump_nodes, first));
    see_nodes(first, nodes, 20);
}

CASE_TIMES(long_linked_list, 3) {
    const int count = any_of(2000, 3000);
    struct node *const nodes = SCRATCH(struct node, count);
    for (int i = 0; i < count; i++) {
        nodes[i] = (struct node){any_int(), i + 1 < count ? &nodes[i + 1] : NULL};
    }
    SEE(CALL(sum_nodes, (const struct node *)nodes));
    SEE(CALL(bump_nodes, nodes));
    see_nodes(nodes, nodes, count);
}

CASE(circular_list) {
    struct node nodes[NODES_MAX];
    const int count = any_of(1, 20);
    struct node *const first = any_nodes(nodes, count), *last = first;
    while (last->next != NULL) {
        last = last->next;
    }
    last->next = first;
    SEE(CALL(count_ring, (const struct node *)first));
    CALL_VOID(bump_ring, first);
    for (int i = 0; i < count; i++) {
        SEE(last->value);
        last = last->next;
        SEE(last - nodes);
    }
}

CASE(list_linked_both_ways) {
    struct twin twins[12];
    const int count = any_of(1, 12);
    for (int i = 0; i < count; i++) {
        twins[i] =
            (struct twin){ANY(short), i > 0 ? &twins[i - 1] : NULL, any_double(), i + 1 < count ? &twins[i + 1] : NULL};
    }
    SEE(CALL(weigh_twins, (const struct twin *)twins));
    SEE(CALL(check_twins, twins));
    for (int i = 0; i < count; i++) {
        SEE(twins[i].value);
        SEE(twins[i].weight);
        SEE(twins[i].previous == (i > 0 ? &twins[i - 1] : NULL));
        SEE(twins[i].next == (i + 1 < count ? &twins[i + 1] : NULL));
    }
}

CASE(tree_with_names) {
    struct tree trees[20];
    const int count = any_of(0, 20);
    for (int i = 0; i < count; i++) {
        trees[i] = (struct tree){.key = any_int(), .name = any_bool() ? any_text(12) : NULL};
        for (struct tree *at = trees; i > 0;) {
            struct tree **side = trees[i].key < at->key ? &at->left : &at->right;
            if (*side == NULL) {
                *side = &trees[i];
                break;
            }
            at = *side;
        }
    }
    struct tree *const root = count > 0 ? trees : NULL;
    SEE(CALL(sum_tree, (const struct tree *)root));
    SEE(CALL(depth_of_tree, (const struct tree *)root));
    if (root != NULL) {
        CALL_VOID(double_tree, root);
    }
    for (int i = 0; i < count; i++) {
        SEE(trees[i].key);
        SEE(trees[i].name);
    }
}

CASE(graph_of_arrays_of_pointers) {
    struct branch branches[8], *children[8][3];
    for (int i = 7; i >= 0; i--) {
        branches[i] = (struct branch){any_of(-100, 100), 0, children[i]};
        for (int want = any_of(0, 3); want > 0 && i < 7; want--) {
            children[i][branches[i].count++] = &branches[any_of(i + 1, 7)]; /* some have two parents */
        }
    }
    SEE(CALL(sum_branches, (const struct branch *)branches));
    CALL_VOID(bump_branches, branches);
    for (int i = 0; i < 8; i++) {
        SEE(branches[i].value);
    }
}

CASE(structs_of_two_kinds_that_point_to_each_other) {
    struct thing things[6];
    struct owner owner = {any_of(0, 1000000), NULL}, other = {5, NULL};
    const int count = any_of(0, 6);
    for (int i = 0; i < count; i++) {
        things[i] = (struct thing){any_of(0, 1000), any_of(0, 4) == 0 ? &other : &owner, owner.things};
        owner.things = &things[i];
    }
    SEE(CALL(worth_of_owner, (const struct owner *)&owner));
    CALL_VOID(pay_for_things, &owner);
    SEE(owner.money);
    SEE(count > 0 ? other.money : 0);
    for (int i = 0; i < count; i++) {
        SEE(things[i].price);
    }
}

/* What is not used may be anything. */
static void any_shelf(struct shelf *shelf, struct node *nodes, char *text, long *row) {
    memset(shelf, 0x99, sizeof *shelf);
    shelf->used = (short)any_of(0, 5);
    for (int i = 0; i < shelf->used; i++) {
        shelf->nodes[i] = any_of(0, 4) == 0 ? NULL : &nodes[any_of(0, 5)];
        shelf->books[i] = (struct tree){NULL, any_of(0, 100000), i > 0 ? &shelf->books[i - 1] : NULL, "a book"};
    }
    shelf->names[0] = text;
    shelf->names[1] = any_of(0, 1) == 0 ? NULL : text;
    shelf->rows[0] = row;
    shelf->rows[1] = any_of(0, 1) == 0 ? NULL : row + 3;
    for (int i = 0; i < 4; i++) {
        shelf->pairs[i / 2][i % 2] = any_of(0, 4) == 0 ? NULL : &nodes[any_of(0, 5)];
    }
    shelf->owners[0] = shelf->owners[2] = text;
    shelf->owners[1] = any_of(0, 1) == 0 ? text : NULL;
}
static void see_shelf(const struct shelf *shelf, const struct node *nodes, const char *text, const long *row) {
    SEE(shelf->used);
    for (int i = 0; i < shelf->used; i++) {
        SEE(shelf->nodes[i] != NULL ? shelf->nodes[i] - nodes : -1);
        SEE(shelf->books[i].key);
    }
    for (int i = 0; i < 4; i++) {
        SEE(shelf->pairs[i / 2][i % 2] != NULL ? shelf->pairs[i / 2][i % 2] - nodes : -1);
    }
    for (int i = 0; i < 6; i++) {
        SEE(row[i]);
    }
    SEE(text[0]);
    SEE(shelf->names[0] == text && shelf->rows[0] == row);
    SEE(shelf->owners[0] == text);
    SEE(shelf->owners[1] == text);
}

CASE(arrays_of_pointers_and_of_structs_in_a_struct) {
    struct node nodes[6];
    struct shelf shelf;
    char text[] = "a name";
    long row[6] = {1, 2, 3, 4, 5, 6};
    for (int i = 0; i < 6; i++) {
        nodes[i] = (struct node){any_int(), i % 2 == 0 ? NULL : &nodes[i - 1]};
    }
    any_shelf(&shelf, nodes, text, row);
    SEE(CALL(sum_shelf, (const struct shelf *)&shelf));
    SEE(CALL(sum_shelf_by_value, shelf));
    CALL_VOID(sort_shelf, &shelf);
    see_shelf(&shelf, nodes, text, row);
}

CASE(arrays_in_a_struct_that_comes_out) {
    struct shelf shelf;
    memset(&shelf, 0x99, sizeof shelf);
    CALL_VOID(fill_shelf, &shelf, any_of(0, 5), (long)any_of(0, 10000));
    SEE(shelf.used);
    for (int i = 0; i < shelf.used; i++) {
        SEE(shelf.nodes[i]->value);
        SEE(shelf.books[i].key);
        SEE(shelf.books[i].name);
    }
}

CASE_TIMES(arrays_in_a_struct_have_no_more_elements_than_there_are, 3) {
    struct shelf shelf;
    memset(&shelf, 0, sizeof shelf);
    SEE(CALL(sum_shelf, (const struct shelf *)&shelf));
    shelf.used = (short)any_of(7, 10);
    CALL_FAILS(!way_now->is_direct, FC_ERANGE, sum_shelf, (const struct shelf *)&shelf);
}

CASE(structs_that_hold_what_leads_to_them) {
    int number = any_of(0, 1000);
    struct twig twigs[3] = {{.number = &number}, {.number = NULL}, {.number = &number}};
    for (int i = 0; i < 2; i++) {
        twigs[i].first.twig = any_of(0, 1) == 0 ? NULL : &twigs[i + 1];
        twigs[i].more[0].twig = any_of(0, 3) == 0 ? NULL : &twigs[i + 1];
        twigs[i].more[1].twig = any_of(0, 1) == 0 ? NULL : &twigs[i + 1];
    }
    struct leaf leaf = {twigs};
    SEE(CALL(sum_leaf, (const struct leaf *)&leaf));
    CALL_VOID(turn_leaf, &leaf);
    SEE(number);
    SEE(leaf.twig == twigs);
    SEE(twigs[0].first.twig == &twigs[1]);
    SEE(twigs[0].more[0].twig == &twigs[1]);
    SEE(twigs[0].more[1].twig == &twigs[1]);
}

CASE(neighbours_in_the_librarys_memory) {
    struct node *row[4];
    for (int i = 0; i < 4; i++) {
        row[i] = CALL(one_of_row, i, (long)any_of(0, 10000));
    }
    for (int i = 0; i < 4; i++) {
        CALL_VOID(bump_in_row, row[i]);
        SEE(row[i]->value);
        SEE(row[i]->next == (i < 3 ? row[i + 1] : NULL));
        SEE(i < 3 ? row[i]->next->value : -1);
    }
}

CASE(struct_that_points_to_itself) {
    struct self self = {&self, any_of(0, 1000)}, other = {&self, any_of(0, 1000)}, none = {NULL, 3};
    SEE(CALL(is_itself, &self));
    SEE(CALL(is_itself, &other));
    SEE(CALL(is_itself, &none));
    SEE(self.value);
    SEE(other.value);
    SEE(self.self == &self);
    SEE(other.self == &self);
}

CASE(list_that_loses_a_node) {
    struct node nodes[NODES_MAX], *const first = any_nodes(nodes, any_of(1, 10)), *const second = first->next;
    CALL_VOID(unlink_second, first);
    see_nodes(first, nodes, 10);
    see_nodes(second, nodes, 10);
}

CASE(list_reversed_by_the_library) {
    struct node nodes[NODES_MAX], *const first = any_nodes(nodes, any_of(1, 10));
    CALL_VOID(reverse_behind, first);
    see_nodes(first, nodes, 10);
}

CASE(two_lists_that_swap_their_ends) {
    struct node nodes[NODES_MAX], others[NODES_MAX];
    struct node *const a = any_nodes(nodes, any_of(1, 10)), *const b = any_nodes(others, any_of(1, 10));
    CALL_VOID(swap_ends, a, b);
    see_nodes(a->next, others, 10);
    see_nodes(b->next, nodes, 10);
}

CASE(list_of_the_librarys_own_nodes) {
    struct node *list = NULL;
    const int count = any_of(1, 10);
    for (int i = 0; i < count; i++) {
        list = CALL(push_node, list, (long)any_int());
    }
    for (int i = 0; i < count; i++) {
        struct node *rest = NULL;
        SEE(CALL(pop_node, list, &rest));
        SEE(rest == NULL);
        list = rest;
    }
}
