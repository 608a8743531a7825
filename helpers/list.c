// SPDX-License-Identifier: GPL-2.0
/* Doubly linked lists with their nodes inside the objects. */
#include <linux/list.h>

__rust_helper void rust_helper_INIT_LIST_HEAD(struct list_head *head)
{
	INIT_LIST_HEAD(head);
}

__rust_helper void rust_helper_list_add(struct list_head *node,
					struct list_head *head)
{
	list_add(node, head);
}

__rust_helper void rust_helper_list_add_tail(struct list_head *node,
					     struct list_head *head)
{
	list_add_tail(node, head);
}

__rust_helper void rust_helper_list_del(struct list_head *node)
{
	list_del(node);
}

__rust_helper void rust_helper_list_del_init(struct list_head *node)
{
	list_del_init(node);
}

__rust_helper void rust_helper_list_move_tail(struct list_head *node,
					      struct list_head *head)
{
	list_move_tail(node, head);
}

__rust_helper int rust_helper_list_empty(const struct list_head *head)
{
	return list_empty(head);
}

__rust_helper int rust_helper_list_is_last(const struct list_head *node,
					   const struct list_head *head)
{
	return list_is_last(node, head);
}

__rust_helper void rust_helper_list_splice_init(struct list_head *from,
						struct list_head *to)
{
	list_splice_init(from, to);
}
