#include "lists.h"

#include "mix.h"

#include <stdlib.h>
#include <string.h>

unsigned long long sum_nodes(const struct node *first) {
    unsigned long long sum = 1;
    for (; first != NULL; first = first->next) {
        sum = mix(sum, (unsigned long long)first->value);
    }
    return sum;
}
int bump_nodes(struct node *first) {
    int count = 0;
    for (; first != NULL; first = first->next) {
        first->value ^= ++count;
    }
    return count;
}
int count_ring(const struct node *first) {
    int count = 0;
    const struct node *at = first;
    do {
        count++;
        at = at->next;
    } while (at != first && at != NULL && count < 100000);
    return at == first ? count : -1;
}
void bump_ring(struct node *first) {
    struct node *at = first;
    for (int i = 1; i == 1 || at != first; i++, at = at->next) {
        at->value ^= i * 3;
    }
}

double weigh_twins(const struct twin *first) {
    double sum = 0;
    for (int i = 1; first != NULL; first = first->next, i++) {
        sum += first->weight * i + first->value;
    }
    return sum;
}
int check_twins(struct twin *first) {
    int count = 0;
    for (; first != NULL; first = first->next, count++) {
        if (first->next != NULL && first->next->previous != first) {
            return -1;
        }
        if (first->previous != NULL && first->previous->next != first) {
            return -2;
        }
        first->weight += first->previous != NULL ? first->previous->value : 0.5;
        first->value ^= 1;
    }
    return count;
}

unsigned long long sum_tree(const struct tree *root) {
    if (root == NULL) {
        return 7;
    }
    unsigned long long sum = mix_text(mix(1, (unsigned)root->key), root->name);
    return mix(mix(sum, sum_tree(root->left)), sum_tree(root->right) + 1);
}
int depth_of_tree(const struct tree *root) {
    if (root == NULL) {
        return 0;
    }
    int left = depth_of_tree(root->left), right = depth_of_tree(root->right);
    return 1 + (left > right ? left : right);
}
void double_tree(struct tree *root) {
    root->key *= 2;
    if (root->left != NULL) {
        double_tree(root->left);
    }
    if (root->right != NULL) {
        double_tree(root->right);
    }
}

long long sum_branches(const struct branch *root) {
    long long sum = root->value;
    for (int i = 0; i < root->count; i++) {
        sum += (i + 2) * sum_branches(root->children[i]);
    }
    return sum;
}
void bump_branches(struct branch *root) {
    root->value++;
    for (int i = 0; i < root->count; i++) {
        bump_branches(root->children[i]);
    }
}

long worth_of_owner(const struct owner *owner) {
    long worth = owner->money;
    for (const struct thing *thing = owner->things; thing != NULL; thing = thing->next) {
        worth += thing->owner == owner ? thing->price : -1000;
    }
    return worth;
}
void pay_for_things(struct owner *owner) {
    for (struct thing *thing = owner->things; thing != NULL; thing = thing->next) {
        thing->owner->money -= thing->price;
        thing->price = 0;
    }
}

static unsigned long long mix_nodes(unsigned long long sum, const struct node *node) {
    return mix(sum, node != NULL ? sum_nodes(node) : 3);
}
unsigned long long sum_shelf(const struct shelf *shelf) {
    unsigned long long sum = mix(0, (unsigned long long)shelf->used);
    for (int i = 0; i < shelf->used; i++) {
        sum = mix_nodes(mix(sum, sum_tree(&shelf->books[i])), shelf->nodes[i]);
    }
    for (int i = 0; i < 2; i++) {
        sum = mix_text(sum, shelf->names[i]);
        for (int j = 0; j < 3; j++) {
            sum = mix(sum, shelf->rows[i] != NULL ? (unsigned long long)shelf->rows[i][j] : 4);
        }
        sum = mix_nodes(mix_nodes(sum, shelf->pairs[i][0]), shelf->pairs[i][1]);
    }
    return mix(sum, shelf->owners[0] == shelf->owners[2]);
}
unsigned long long sum_shelf_by_value(struct shelf shelf) {
    return sum_shelf(&shelf);
}
/* Backwards, and one less. */
void sort_shelf(struct shelf *shelf) {
    for (int i = 0, j = shelf->used - 1; i < j; i++, j--) {
        struct node *const node = shelf->nodes[i];
        shelf->nodes[i] = shelf->nodes[j];
        shelf->nodes[j] = node;
        shelf->books[i].key += shelf->books[j].key % 1000;
    }
    shelf->used = (short)(shelf->used - (shelf->used > 0));
    if (shelf->names[0] != NULL) {
        shelf->names[0][0] = '!';
    }
    for (int i = 0; i < 2; i++) {
        if (shelf->rows[i] != NULL) {
            shelf->rows[i][2] = -7 - i;
        }
    }
    struct node *const node = shelf->pairs[0][1];
    shelf->pairs[0][1] = shelf->pairs[1][0];
    shelf->pairs[1][0] = node;
    void *const owner = shelf->owners[0];
    shelf->owners[0] = shelf->owners[1];
    shelf->owners[1] = owner;
}
void fill_shelf(struct shelf *shelf, int used, long value) {
    static struct node nodes[6];
    memset(shelf, 0x77, sizeof *shelf); /* what is not used is anything */
    shelf->used = (short)used;
    for (int i = 0; i < used; i++) {
        nodes[i] = (struct node){value + i, NULL};
        shelf->nodes[i] = &nodes[i];
        shelf->books[i] = (struct tree){NULL, (int)value - i, NULL, "filled"};
    }
    memset(shelf->names, 0, sizeof shelf->names);
    memset(shelf->rows, 0, sizeof shelf->rows);
    memset(shelf->pairs, 0, sizeof shelf->pairs);
    memset(shelf->owners, 0, sizeof shelf->owners);
}

int is_itself(struct self *self) {
    if (self->self == NULL) {
        return 0;
    }
    self->self->value += 5;
    return self->self == self ? 1 : 2;
}

long sum_leaf(const struct leaf *leaf) {
    long sum = 0;
    for (int i = 0; leaf->twig != NULL && i < 3; i++) {
        const struct leaf *const next = i == 0 ? &leaf->twig->first : &leaf->twig->more[i - 1];
        sum += (i + 1) * (next != leaf ? sum_leaf(next) : 1);
    }
    return leaf->twig != NULL ? sum * 3 + (leaf->twig->number != NULL ? *leaf->twig->number : 7) : 1;
}
void turn_leaf(struct leaf *leaf) {
    if (leaf->twig != NULL) {
        const struct leaf first = leaf->twig->first;
        leaf->twig->first = leaf->twig->more[1];
        leaf->twig->more[1] = first;
        if (leaf->twig->number != NULL) {
            ++*leaf->twig->number;
        }
    }
}

struct node *one_of_row(int index, long value) {
    static struct node row[4] = {{0, &row[1]}, {0, &row[2]}, {0, &row[3]}, {0, NULL}};
    row[index].value = value;
    return &row[index];
}
void bump_in_row(struct node *node) {
    node->value++;
}

void unlink_second(struct node *first) {
    struct node *second = first->next;
    if (second != NULL) {
        first->next = second->next;
        second->next = NULL;
        second->value = -second->value;
    }
}
void reverse_behind(struct node *first) {
    struct node *done = NULL;
    for (struct node *at = first->next, *next; at != NULL; at = next) {
        next = at->next;
        at->next = done;
        done = at;
    }
    first->next = done;
}
void swap_ends(struct node *a, struct node *b) {
    struct node *kept = a->next;
    a->next = b->next;
    b->next = kept;
}

struct node *push_node(struct node *list, long value) {
    struct node *node = malloc(sizeof *node);
    node->value = value;
    node->next = list;
    return node;
}
long pop_node(struct node *list, struct node **rest) {
    long value = list->value;
    *rest = list->next;
    free(list);
    return value;
}
