// SPDX-License-Identifier: GPL-2.0
/* Sparse arrays of pointers. */
#include <linux/xarray.h>

/* The mark has a cast for sparse, see helpers.h. */
static const u32 rust_const_xa_present __maybe_unused = (__force u32)XA_PRESENT;

/*
 * With lockdep the lock's initializer has a static in it, whose symbol is named
 * after the function around it. A function of its own keeps the helpers' prefix
 * for helpers alone.
 */
static __always_inline void helper_xa_init(struct xarray *xa)
{
	xa_init(xa);
}

__rust_helper void rust_helper_xa_init(struct xarray *xa)
{
	helper_xa_init(xa);
}

__rust_helper void *rust_helper_xa_cmpxchg(struct xarray *xa,
					   unsigned long index, void *old,
					   void *entry, gfp_t flags)
{
	return xa_cmpxchg(xa, index, old, entry, flags);
}

__rust_helper int rust_helper_xa_err(void *entry)
{
	return xa_err(entry);
}
