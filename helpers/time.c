// SPDX-License-Identifier: GPL-2.0
/* Ticks and nanoseconds. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>

__rust_helper unsigned long rust_helper_jiffies(void)
{
	return jiffies;
}

__rust_helper bool rust_helper_time_after(unsigned long a, unsigned long b)
{
	return time_after(a, b);
}

__rust_helper unsigned long rust_helper_msecs_to_jiffies(unsigned int ms)
{
	return msecs_to_jiffies(ms);
}

__rust_helper u64 rust_helper_ktime_get_ns(void)
{
	return ktime_get_ns();
}

__rust_helper s64 rust_helper_ktime_to_ms(ktime_t t)
{
	return ktime_to_ms(t);
}

__rust_helper void rust_helper_udelay(unsigned long usecs)
{
	udelay(usecs);
}
