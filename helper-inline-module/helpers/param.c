// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Parameters whose value is more than a word. The kernel's functions exist only
 * where it has sysfs.
 */
#include <linux/moduleparam.h>

/* No header declares a helper: bindgen reads the definitions. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

void rust_helper_kernel_param_lock(struct module *module)
{
	kernel_param_lock(module);
}

void rust_helper_kernel_param_unlock(struct module *module)
{
	kernel_param_unlock(module);
}
