// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel log. A function with variable arguments cannot be inlined and
 * Rust's strings do not end in NUL, so text comes formatted and with a length.
 */
#include <linux/kernel.h>
#include <linux/printk.h>

__rust_helper void rust_helper_pr_err_str(const char *text, size_t len)
{
	pr_err("%.*s\n", (int)len, text);
}

__rust_helper void rust_helper_pr_warn_str(const char *text, size_t len)
{
	pr_warn("%.*s\n", (int)len, text);
}

__rust_helper void rust_helper_pr_info_str(const char *text, size_t len)
{
	pr_info("%.*s\n", (int)len, text);
}
