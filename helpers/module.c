// SPDX-License-Identifier: GPL-2.0
/* The module itself. */
#include <linux/module.h>

__rust_helper const char *rust_helper_module_name(struct module *module)
{
	return module_name(module);
}
