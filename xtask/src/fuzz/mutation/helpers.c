/* Helpers whose bitcode is damaged: small, with one of everything. */
struct pair { unsigned int a; unsigned short b; };
struct wide { unsigned long a, b, c; };
static unsigned long counter = 3;
static const char *const names[] = { "one", "two", 0 };

unsigned long rust_helper_count(unsigned long by) { return counter += by; }
struct pair rust_helper_pair(unsigned int a) { struct pair p = { a, 7 }; return p; }
unsigned long rust_helper_wide(struct wide w) { return w.a ^ w.c; }
unsigned long rust_helper_each(unsigned long (*f)(unsigned long), unsigned int n)
{
	unsigned long sum = 0;
	for (unsigned int i = 0; i < (n & 7); i++)
		sum += f(i) + (names[i % 2] != 0);
	return sum;
}
unsigned int rust_helper_swap(unsigned int *p, unsigned int v)
{
	__asm__ volatile("" : "+r"(v) : : "memory");
	return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);
}
unsigned int rust_helper_choose(unsigned int v)
{
	switch (v) {
	case 0: return __builtin_constant_p(v) ? 5 : 6;
	case 1: case 9: return 8;
	case 4: return rust_helper_swap(&v, 2);
	default: return v * 3;
	}
}
void helper_inline_baseline(void) {}
