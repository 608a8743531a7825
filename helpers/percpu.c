// SPDX-License-Identifier: GPL-2.0
/* Counters with a copy for each processor, and the walk over processors. */
#include <linux/cpumask.h>
#include <linux/percpu.h>

__rust_helper u64 __percpu *rust_helper_alloc_percpu_u64(void)
{
	return alloc_percpu(u64);
}

__rust_helper void rust_helper_this_cpu_inc_u64(u64 __percpu *p)
{
	this_cpu_inc(*p);
}

__rust_helper void rust_helper_this_cpu_add_u64(u64 __percpu *p, u64 n)
{
	this_cpu_add(*p, n);
}

__rust_helper u64 rust_helper_this_cpu_read_u64(u64 __percpu *p)
{
	return this_cpu_read(*p);
}

__rust_helper u64 *rust_helper_per_cpu_ptr_u64(u64 __percpu *p,
					       unsigned int cpu)
{
	return per_cpu_ptr(p, cpu);
}

/*
 * One step of for_each_possible_cpu(): the first possible processor above
 * `cpu`, beginning with -1, or a number that is not below nr_cpu_ids.
 */
__rust_helper unsigned int rust_helper_cpumask_next_possible(int cpu)
{
	return cpumask_next(cpu, cpu_possible_mask);
}

__rust_helper unsigned int rust_helper_nr_cpu_ids(void)
{
	return nr_cpu_ids;
}

__rust_helper unsigned int rust_helper_num_possible_cpus(void)
{
	return num_possible_cpus();
}

__rust_helper unsigned int rust_helper_num_online_cpus(void)
{
	return num_online_cpus();
}

__rust_helper unsigned int rust_helper_get_cpu(void)
{
	return get_cpu();
}

__rust_helper void rust_helper_put_cpu(void)
{
	put_cpu();
}
