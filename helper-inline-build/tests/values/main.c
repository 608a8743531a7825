/* What C makes of the same calls. */
#include "helpers.c"
#include <stdio.h>

static int widen(char c) { return c; }

int main(void)
{
	struct chars s = rust_helper_make(-2);
	printf("%d %d %d\n", rust_helper_widen(-1), rust_helper_narrow(255), rust_helper_letter(200));
	printf("%d %d %d %d\n", s.c, s.l, s.a[2], rust_helper_sum(s));
	printf("%d %d\n", rust_helper_back(widen, -3), rust_helper_first("a"));
	printf("%d %d\n", rust_helper_small(SMALL_B), rust_helper_small(SMALL_A));
	printf("%d %d %lld\n", rust_helper_negative(NEGATIVE_A), rust_helper_negative(NEGATIVE_B), (long long)rust_helper_big(BIG));
	printf("%d %d %d %d\n", rust_helper_of_bool(1), rust_helper_of_bool(0), rust_helper_to_bool(4), rust_helper_to_bool(3));
	printf("%d\n", rust_helper_mixed(-300, 255, -128));
	printf("%d %d %d %d\n", rust_helper_always(1), rust_helper_internal(1), rust_helper_hidden(-1), rust_helper_label(1));
	printf("%d %d %d\n", rust_helper_left_char(), rust_helper_left_short(), rust_helper_left_bool());
	printf("%d %d %d\n", rust_helper_handed_char(), rust_helper_handed_short(), rust_helper_handed_bool());
	printf("%d\n", rust_helper_passed());
	return 0;
}
