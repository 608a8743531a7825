// SPDX-License-Identifier: GPL-2.0
/*
 * A char by value. Whether it is signed is a matter of the kernel's flags: by the
 * architecture before 6.2, unsigned on all from then on.
 */

__rust_helper int rust_helper_char_widen(char c)
{
	return c;
}

__rust_helper char rust_helper_char_next(char c)
{
	return c + 1;
}

/* The same two without a char on the way from or to Rust. */
__rust_helper int rust_helper_char_widen_in_c(int value)
{
	return (char)value;
}

__rust_helper int rust_helper_char_next_in_c(int value)
{
	return (char)((char)value + 1);
}
