// SPDX-License-Identifier: GPL-2.0
/* Waiting for one thing to be done, once. */
#include <linux/completion.h>

__rust_helper void rust_helper_init_completion(struct completion *done)
{
	init_completion(done);
}

__rust_helper void rust_helper_reinit_completion(struct completion *done)
{
	reinit_completion(done);
}
