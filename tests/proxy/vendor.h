/* A vendor's library, to be replaced by a proxy. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct small {
    int x;
    float y;
};
struct pair {
    double first, second;
};
struct twelve {
    int parts[3];
};
struct large {
    long values[6];
};

extern const char vendor_version[];
extern const short vendor_limits[3];
struct vendor_step {
    short from;
    int to;
};
extern const struct vendor_step vendor_steps[];
extern int vendor_counter;
extern short vendor_counts[4];
extern char *vendor_place;
extern int vendor_unasked;
int count_up(int by);

int add(int left, int right);
int plus(int left, int right);
long widest(long value);
double half(double value);
float quarter(float value);
long double third(long double value);
_Bool is_odd(unsigned char value);
short narrow(signed char value, unsigned short other);
unsigned long long mixed(char a, long long b, float c, void *handle, double d);
struct small swap_small(struct small value);
struct pair swap_pair(struct pair value);
struct twelve turn(struct twelve value, int by);
struct large turn_large(struct large value, int by);
const char *name_of(int number);
size_t length(const char *text);
size_t fill(char *buffer, size_t size);
int rate(void);
int loose(void);
void nothing(void);
int process(void);
int each(int count, int (*visit)(int number));
int crash(int really);
int fails(int really);
double fails_half(int really);
struct large fails_large(int really);
void fails_nothing(int really);
int *unclear(void *what);
int wait_here(int (*until)(void));
int sleeps(int ms);
int naps(int ms);
int constructed(void);
int print(char *to, size_t size, const char *format, ...);
int vprint(char *to, size_t size, const char *format, va_list list);
void *make(int value);
int look(void *made);
int count(void);
