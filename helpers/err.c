// SPDX-License-Identifier: GPL-2.0
/* Error numbers in the place of a pointer. */
#include <linux/err.h>

__rust_helper void *rust_helper_ERR_PTR(long error)
{
	return ERR_PTR(error);
}

__rust_helper long rust_helper_PTR_ERR(const void *ptr)
{
	return PTR_ERR(ptr);
}

__rust_helper bool rust_helper_IS_ERR(const void *ptr)
{
	return IS_ERR(ptr);
}

__rust_helper bool rust_helper_IS_ERR_OR_NULL(const void *ptr)
{
	return IS_ERR_OR_NULL(ptr);
}
