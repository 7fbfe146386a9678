#include "lists.h"

#include "mix.h"

#include <stdlib.h>

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

int is_itself(struct self *self) {
    if (self->self == NULL) {
        return 0;
    }
    self->self->value += 5;
    return self->self == self ? 1 : 2;
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
