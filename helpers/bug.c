// SPDX-License-Identifier: GPL-2.0
/*
 * Reports of what must not happen. Each use becomes a trapping instruction
 * and an entry in the bug table that names this file and line; the trap's
 * backtrace names the caller.
 */
#include <linux/bug.h>

__rust_helper __noreturn void rust_helper_BUG(void)
{
	BUG();
}

__rust_helper bool rust_helper_WARN_ON(bool condition)
{
	return WARN_ON(condition);
}

/* Once for each place it is inlined into: the flag is in the bug table. */
__rust_helper bool rust_helper_WARN_ON_ONCE(bool condition)
{
	return WARN_ON_ONCE(condition);
}
