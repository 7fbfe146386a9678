/* Cannot be loaded without libgone.so. */
int gone(void);
int needs_gone(void) {
    return gone();
}
