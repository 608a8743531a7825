// SPDX-License-Identifier: GPL-2.0
/* Sleeping locks. */
#include <linux/mutex.h>

/*
 * The macro has a static in it, whose symbol is named after the function around
 * it. A function of its own keeps the helpers' prefix for helpers alone.
 */
static __always_inline void helper_mutex_init(struct mutex *lock)
{
	mutex_init(lock);
}

__rust_helper void rust_helper_mutex_init(struct mutex *lock)
{
	helper_mutex_init(lock);
}

/* A function or a macro, depending on lockdep. */
__rust_helper void rust_helper_mutex_lock(struct mutex *lock)
{
	mutex_lock(lock);
}

__rust_helper int rust_helper_mutex_lock_interruptible(struct mutex *lock)
{
	return mutex_lock_interruptible(lock);
}

__rust_helper int rust_helper_mutex_trylock(struct mutex *lock)
{
	return mutex_trylock(lock);
}

__rust_helper void rust_helper_mutex_unlock(struct mutex *lock)
{
	mutex_unlock(lock);
}

__rust_helper void rust_helper_mutex_destroy(struct mutex *lock)
{
	mutex_destroy(lock);
}
