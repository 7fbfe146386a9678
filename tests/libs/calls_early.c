/* Calls back, by way of another library, while it is opened, looked up in, and closed. Built for every target. */
int call_what_is_kept(int a);
void call_what_is_kept_in_a_thread(int a);

__attribute__((constructor)) static void begin(void) {
    call_what_is_kept(1);
    call_what_is_kept_in_a_thread(2);
}
__attribute__((destructor)) static void end(void) {
    call_what_is_kept(4);
}

static int answer(void) {
    return 42;
}
static int (*choose(void))(void) {
    call_what_is_kept(3);
    return answer;
}
int chosen(void) __attribute__((ifunc("choose")));
