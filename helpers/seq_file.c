// SPDX-License-Identifier: GPL-2.0
/* Files whose text is made when they are read. */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

__rust_helper bool rust_helper_seq_has_overflowed(struct seq_file *m)
{
	return seq_has_overflowed(m);
}
