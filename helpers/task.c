// SPDX-License-Identifier: GPL-2.0
/* The running task, its processor, and others' tasks by reference. */
#include <linux/cred.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/smp.h>

__rust_helper struct task_struct *rust_helper_get_current(void)
{
	return current;
}

__rust_helper struct task_struct *
rust_helper_get_task_struct(struct task_struct *task)
{
	return get_task_struct(task);
}

__rust_helper void rust_helper_put_task_struct(struct task_struct *task)
{
	put_task_struct(task);
}

__rust_helper pid_t rust_helper_task_pid_nr(struct task_struct *task)
{
	return task_pid_nr(task);
}

__rust_helper pid_t rust_helper_task_tgid_nr(struct task_struct *task)
{
	return task_tgid_nr(task);
}

/* A struct of four bytes by value, as the kernel has it. */
__rust_helper kuid_t rust_helper_current_uid(void)
{
	return current_uid();
}

__rust_helper int rust_helper_signal_pending(struct task_struct *task)
{
	return signal_pending(task);
}

__rust_helper int rust_helper_cond_resched(void)
{
	return cond_resched();
}

__rust_helper void rust_helper_might_sleep(void)
{
	might_sleep();
}

__rust_helper void rust_helper_preempt_disable(void)
{
	preempt_disable();
}

__rust_helper void rust_helper_preempt_enable(void)
{
	preempt_enable();
}

__rust_helper unsigned int rust_helper_raw_smp_processor_id(void)
{
	return raw_smp_processor_id();
}
