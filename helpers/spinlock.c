// SPDX-License-Identifier: GPL-2.0
/* Spin locks, with and without the interrupts of this processor off. */
#include <linux/spinlock.h>

/*
 * On a kernel that debugs its locks the macro has a static in it, whose symbol
 * is named after the function around it. A function of its own keeps the
 * helpers' prefix for helpers alone.
 */
static __always_inline void helper_spin_lock_init(spinlock_t *lock)
{
	spin_lock_init(lock);
}

__rust_helper void rust_helper_spin_lock_init(spinlock_t *lock)
{
	helper_spin_lock_init(lock);
}

__rust_helper void rust_helper_spin_lock(spinlock_t *lock)
{
	spin_lock(lock);
}

__rust_helper void rust_helper_spin_unlock(spinlock_t *lock)
{
	spin_unlock(lock);
}

__rust_helper int rust_helper_spin_trylock(spinlock_t *lock)
{
	return spin_trylock(lock);
}

__rust_helper int rust_helper_spin_is_locked(spinlock_t *lock)
{
	return spin_is_locked(lock);
}

__rust_helper unsigned long rust_helper_spin_lock_irqsave(spinlock_t *lock)
{
	unsigned long flags;

	spin_lock_irqsave(lock, flags);
	return flags;
}

__rust_helper void rust_helper_spin_unlock_irqrestore(spinlock_t *lock,
						      unsigned long flags)
{
	spin_unlock_irqrestore(lock, flags);
}

__rust_helper void rust_helper_spin_lock_bh(spinlock_t *lock)
{
	spin_lock_bh(lock);
}

__rust_helper void rust_helper_spin_unlock_bh(spinlock_t *lock)
{
	spin_unlock_bh(lock);
}
