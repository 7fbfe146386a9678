/* A library that others need, for tests that take it away. */
int gone(void) {
    return 1;
}
