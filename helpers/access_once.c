// SPDX-License-Identifier: GPL-2.0
/* Single, untorn accesses to shared memory. */
#include <linux/compiler.h>

__rust_helper u32 rust_helper_read_once_u32(const u32 *p)
{
	return READ_ONCE(*p);
}

__rust_helper u64 rust_helper_read_once_u64(const u64 *p)
{
	return READ_ONCE(*p);
}

__rust_helper void *rust_helper_read_once_ptr(void *const *p)
{
	return READ_ONCE(*p);
}

__rust_helper void rust_helper_write_once_u32(u32 *p, u32 value)
{
	WRITE_ONCE(*p, value);
}

__rust_helper void rust_helper_write_once_u64(u64 *p, u64 value)
{
	WRITE_ONCE(*p, value);
}

__rust_helper void rust_helper_write_once_ptr(void **p, void *value)
{
	WRITE_ONCE(*p, value);
}
