/* Helpers whose values depend on flags, or that bindgen leaves out by itself. */
#include <stdbool.h>

typedef char letter_t;
struct chars { char c; letter_t l; char a[3]; };
enum small { SMALL_A, SMALL_B = 200 };
enum negative { NEGATIVE_A = -1, NEGATIVE_B = 3 };
enum big { BIG = 0x100000000LL };

int rust_helper_widen(char c) { return c; }
char rust_helper_narrow(int x) { return x; }
letter_t rust_helper_letter(letter_t l) { return l; }
struct chars rust_helper_make(int x) { return (struct chars){x, x, {x, x, x}}; }
int rust_helper_sum(struct chars s) { return s.c + s.l + s.a[1]; }
int rust_helper_back(int (*f)(char), int x) { return f(x); }
int rust_helper_first(const char *s) { return s[0]; }
enum small rust_helper_small(enum small e) { return e == SMALL_B ? SMALL_A : SMALL_B; }
enum negative rust_helper_negative(enum negative e) { return e == NEGATIVE_A ? NEGATIVE_B : NEGATIVE_A; }
enum big rust_helper_big(enum big e) { return e; }
int rust_helper_of_bool(bool b) { return b ? 10 : 20; }
bool rust_helper_to_bool(int x) { return x & 4; }
short rust_helper_mixed(short s, unsigned char u, signed char i) { return s + u + i; }

inline __attribute__((always_inline, gnu_inline)) int rust_helper_always(int a) { return a + 1; }
static inline int rust_helper_internal(int a) { return a + 2; }
__attribute__((visibility("hidden"))) int rust_helper_hidden(char c) { return c + 3; }
int rust_helper_label(int a) __asm__("values_label");
int rust_helper_label(int a) { return a + 4; }

/* In assembly, which leaves other bits above those of a value. */
char leaves_char(void);
short leaves_short(void);
bool leaves_bool(void);
int passes(int (*f)(char, short, bool));
static int passed(char c, short s, bool b) { return c + s + (b ? 1000 : 2000); }
int rust_helper_left_char(void) { return leaves_char(); }
int rust_helper_left_short(void) { return leaves_short(); }
int rust_helper_left_bool(void) { return leaves_bool() ? 10 : 20; }
letter_t rust_helper_handed_char(void) { return leaves_char(); }
short rust_helper_handed_short(void) { return leaves_short(); }
bool rust_helper_handed_bool(void) { return leaves_bool(); }
int rust_helper_passed(void) { return passes(passed); }
