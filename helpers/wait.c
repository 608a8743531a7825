// SPDX-License-Identifier: GPL-2.0
/* Wait queues: sleep until another task says that something has changed. */
#include <linux/poll.h>
#include <linux/wait.h>

/*
 * The macro has a static in it, whose symbol is named after the function around
 * it. A function of its own keeps the helpers' prefix for helpers alone.
 */
static __always_inline void
helper_init_waitqueue_head(struct wait_queue_head *wq)
{
	init_waitqueue_head(wq);
}

__rust_helper void rust_helper_init_waitqueue_head(struct wait_queue_head *wq)
{
	helper_init_waitqueue_head(wq);
}

__rust_helper void rust_helper_init_wait(struct wait_queue_entry *wait)
{
	init_wait(wait);
}

__rust_helper int rust_helper_wq_has_sleeper(struct wait_queue_head *wq)
{
	return wq_has_sleeper(wq);
}

__rust_helper int rust_helper_waitqueue_active(struct wait_queue_head *wq)
{
	return waitqueue_active(wq);
}

__rust_helper void rust_helper_wake_up(struct wait_queue_head *wq)
{
	wake_up(wq);
}

__rust_helper void rust_helper_wake_up_all(struct wait_queue_head *wq)
{
	wake_up_all(wq);
}

__rust_helper void rust_helper_wake_up_interruptible(struct wait_queue_head *wq)
{
	wake_up_interruptible(wq);
}

/* Also wakes poll() and epoll waiters, which look at `events`. */
__rust_helper void
rust_helper_wake_up_interruptible_poll(struct wait_queue_head *wq, u32 events)
{
	wake_up_interruptible_poll(wq, (__force __poll_t)events);
}
