// SPDX-License-Identifier: GPL-2.0
/* An open file, as its file operations see it. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/poll.h>

/* The EPOLL masks carry a cast for sparse, see helpers.h. */
static const u32 rust_const_epollin __maybe_unused = (__force u32)EPOLLIN;
static const u32 rust_const_epollrdnorm __maybe_unused = (__force u32)EPOLLRDNORM;
static const u32 rust_const_epollout __maybe_unused = (__force u32)EPOLLOUT;
static const u32 rust_const_epollwrnorm __maybe_unused = (__force u32)EPOLLWRNORM;

__rust_helper struct inode *rust_helper_file_inode(const struct file *file)
{
	return file_inode(file);
}

__rust_helper unsigned int rust_helper_iminor(const struct inode *inode)
{
	return iminor(inode);
}

__rust_helper unsigned int rust_helper_file_flags(const struct file *file)
{
	return READ_ONCE(file->f_flags);
}

__rust_helper void *rust_helper_file_private_data(const struct file *file)
{
	return file->private_data;
}

__rust_helper void rust_helper_file_set_private_data(struct file *file,
						     void *data)
{
	file->private_data = data;
}

__rust_helper void rust_helper_poll_wait(struct file *file,
					 struct wait_queue_head *wq,
					 poll_table *table)
{
	poll_wait(file, wq, table);
}
