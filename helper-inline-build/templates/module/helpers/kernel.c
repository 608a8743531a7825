// SPDX-License-Identifier: GPL-2.0
/*
 * What Rust cannot call by itself: inline functions and macros of the kernel. Each helper
 * is named rust_helper_ and what Rust calls it. All of them are inlined.
 */
#include <linux/bug.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/refcount.h>

/* Rust's text has a length, and printk's arguments are variable. */
void rust_helper_pr_info_str(const char *text, size_t len)
{
	pr_info("%.*s\n", (int)len, text);
}

unsigned int rust_helper_num_online_cpus(void)
{
	return num_online_cpus();
}

void rust_helper_refcount_set(refcount_t *count, int to)
{
	refcount_set(count, to);
}

void rust_helper_refcount_inc(refcount_t *count)
{
	refcount_inc(count);
}

bool rust_helper_refcount_dec_and_test(refcount_t *count)
{
	return refcount_dec_and_test(count);
}

void __noreturn rust_helper_BUG(void)
{
	BUG();
}
