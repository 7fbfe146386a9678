/* Cannot be loaded: nothing defines what it calls. */
int defined_nowhere(int value);
int undefined(int value) {
    return defined_nowhere(value);
}
