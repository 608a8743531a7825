// SPDX-License-Identifier: GPL-2.0
/* Read-copy-update: readers that never wait, writers that replace. */
#include <linux/rcupdate.h>

__rust_helper void rust_helper_rcu_read_lock(void)
{
	rcu_read_lock();
}

__rust_helper void rust_helper_rcu_read_unlock(void)
{
	rcu_read_unlock();
}

/* Under rcu_read_lock() only. */
__rust_helper void *rust_helper_rcu_dereference(void __rcu **p)
{
	return rcu_dereference(*p);
}

/* For the writer, which holds a lock that lockdep cannot see from here. */
__rust_helper void *rust_helper_rcu_dereference_protected(void __rcu **p)
{
	return rcu_dereference_protected(*p, true);
}

__rust_helper void rust_helper_rcu_assign_pointer(void __rcu **p, void *value)
{
	rcu_assign_pointer(*p, value);
}

__rust_helper void rust_helper_rcu_init_pointer(void __rcu **p, void *value)
{
	RCU_INIT_POINTER(*p, value);
}

/* What kfree_rcu() needs to know of an object: where its rcu_head is. */
struct rust_helper_rcu_object {
	struct rcu_head rcu;
};

/*
 * Frees, after a grace period, the kmalloc()ed object that begins with this
 * rcu_head.
 */
__rust_helper void rust_helper_kfree_rcu(struct rcu_head *head)
{
	struct rust_helper_rcu_object *object =
		container_of(head, struct rust_helper_rcu_object, rcu);

	kfree_rcu(object, rcu);
}
