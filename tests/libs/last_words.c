/* Calls back when it is unloaded. Needs libgone.so, so that it shows in which order libraries go. */
#include <stddef.h>

int gone(void);
static void (*last_words)(int value);

void set_last_words(void (*function)(int value)) {
    last_words = function;
}
int value_of_gone(void) {
    return gone();
}
__attribute__((destructor)) static void say_them(void) {
    if (last_words != NULL) {
        last_words(gone());
    }
}
