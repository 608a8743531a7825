// SPDX-License-Identifier: GPL-2.0
/*
 * Small allocations. A size that is a constant at the call in Rust is one in
 * kmalloc() too once the helper is inlined, and picks its cache at build time.
 */
#include <linux/slab.h>

__rust_helper void *rust_helper_kmalloc(size_t size, gfp_t flags)
{
	return kmalloc(size, flags);
}

__rust_helper void *rust_helper_kzalloc(size_t size, gfp_t flags)
{
	return kzalloc(size, flags);
}

__rust_helper void *rust_helper_kmalloc_array(size_t n, size_t size,
					      gfp_t flags)
{
	return kmalloc_array(n, size, flags);
}

__rust_helper void *rust_helper_kcalloc(size_t n, size_t size, gfp_t flags)
{
	return kcalloc(n, size, flags);
}

/* A function, kept a helper: some kernels have had a macro of that name. */
__rust_helper void rust_helper_kfree(const void *object)
{
	kfree(object);
}
