// SPDX-License-Identifier: GPL-2.0
/* Bits in memory that others change too, and bits in a word. */
#include <linux/bitops.h>
#include <linux/log2.h>

__rust_helper void rust_helper_set_bit(unsigned long nr, unsigned long *addr)
{
	set_bit(nr, addr);
}

__rust_helper void rust_helper_clear_bit(unsigned long nr, unsigned long *addr)
{
	clear_bit(nr, addr);
}

__rust_helper bool rust_helper_test_bit(unsigned long nr,
					const unsigned long *addr)
{
	return test_bit(nr, addr);
}

__rust_helper bool rust_helper_test_and_set_bit(unsigned long nr,
						unsigned long *addr)
{
	return test_and_set_bit(nr, addr);
}

__rust_helper bool rust_helper_test_and_clear_bit(unsigned long nr,
						  unsigned long *addr)
{
	return test_and_clear_bit(nr, addr);
}

__rust_helper unsigned int rust_helper_hweight64(u64 word)
{
	return hweight64(word);
}

__rust_helper int rust_helper_fls64(u64 word)
{
	return fls64(word);
}
