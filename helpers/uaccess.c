// SPDX-License-Identifier: GPL-2.0
/* Memory of the calling process. Each returns what its kernel name returns. */
#include <linux/uaccess.h>

__rust_helper unsigned long rust_helper_copy_from_user(void *to,
						       const void __user *from,
						       unsigned long n)
{
	return copy_from_user(to, from, n);
}

__rust_helper unsigned long rust_helper_copy_to_user(void __user *to,
						     const void *from,
						     unsigned long n)
{
	return copy_to_user(to, from, n);
}

__rust_helper unsigned long rust_helper_clear_user(void __user *to,
						   unsigned long n)
{
	return clear_user(to, n);
}

__rust_helper int rust_helper_get_user_u32(u32 *value, const u32 __user *from)
{
	return get_user(*value, from);
}

__rust_helper int rust_helper_put_user_u32(u32 value, u32 __user *to)
{
	return put_user(value, to);
}

__rust_helper int rust_helper_put_user_u64(u64 value, u64 __user *to)
{
	return put_user(value, to);
}

/*
 * Where the two above call a function of the kernel's, as on x86, these do not:
 * the access and its entry in the exception table are in the caller.
 */
__rust_helper int rust_helper_unsafe_get_user_u32(u32 *value,
						  const u32 __user *from)
{
	if (!user_read_access_begin(from, sizeof(*from)))
		return -EFAULT;
	unsafe_get_user(*value, from, fault);
	user_read_access_end();
	return 0;
fault:
	user_read_access_end();
	return -EFAULT;
}

__rust_helper int rust_helper_unsafe_put_user_u32(u32 value, u32 __user *to)
{
	if (!user_write_access_begin(to, sizeof(*to)))
		return -EFAULT;
	unsafe_put_user(value, to, fault);
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

__rust_helper int rust_helper_access_ok(const void __user *from,
					unsigned long n)
{
	return access_ok(from, n);
}
