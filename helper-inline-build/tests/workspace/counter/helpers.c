#include <more.h>
#include <stdlib.h>

static int total;

static int step(int by)
{
	static int calls;

	calls++;
	total += by;
	return total * 1000 + calls;
}

int rust_helper_count(int by) { return step(by); }
int rust_helper_mul(int a, int b) { return a * b + MORE; }

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void rust_helper_sort(int *v, unsigned long n) { qsort(v, n, sizeof *v, compare); }

#ifdef STAY
__attribute__((noinline))
#endif
int rust_helper_peek(int a) { return a + total; }
