// SPDX-License-Identifier: GPL-2.0
/*
 * A static key: a branch that is patched into the code instead of tested.
 * The key must be a constant to the branch, so it lives here, and a project
 * with more keys adds a source like this one for each.
 */
#include <linux/jump_label.h>

static DEFINE_STATIC_KEY_FALSE(helper_trace_key);

__rust_helper bool rust_helper_static_branch_unlikely_trace(void)
{
	return static_branch_unlikely(&helper_trace_key);
}

/* May sleep: all processors are made to see the new code. */
__rust_helper void rust_helper_static_branch_enable_trace(void)
{
	static_branch_enable(&helper_trace_key);
}

__rust_helper void rust_helper_static_branch_disable_trace(void)
{
	static_branch_disable(&helper_trace_key);
}

__rust_helper bool rust_helper_static_key_enabled_trace(void)
{
	return static_key_enabled(&helper_trace_key);
}
