// SPDX-License-Identifier: GPL-2.0
/*
 * A static call: a call through a pointer that is patched into the code instead
 * of read, where the architecture can do that (x86), and read where it cannot.
 * The call must be a constant to its users, so it lives here, and a project with
 * more of them adds a source like this one for each.
 */
#include <linux/static_call.h>

static noinline u32 helper_sample_call_first(u32 n)
{
	return n + 1;
}

static noinline u32 helper_sample_call_second(u32 n)
{
	return n * 2;
}

DEFINE_STATIC_CALL(helper_sample_call, helper_sample_call_first);

__rust_helper u32 rust_helper_static_call_sample(u32 n)
{
	return static_call(helper_sample_call)(n);
}

/* May sleep: all processors are made to see the new code. */
__rust_helper void rust_helper_static_call_update_sample(bool second)
{
	static_call_update(helper_sample_call,
			   second ? &helper_sample_call_second :
				    &helper_sample_call_first);
}
