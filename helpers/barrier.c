// SPDX-License-Identifier: GPL-2.0
/* Ordering of memory accesses between processors. */
#include <asm/barrier.h>
#include <asm/processor.h>

__rust_helper void rust_helper_barrier(void)
{
	barrier();
}

__rust_helper void rust_helper_smp_mb(void)
{
	smp_mb();
}

__rust_helper void rust_helper_smp_rmb(void)
{
	smp_rmb();
}

__rust_helper void rust_helper_smp_wmb(void)
{
	smp_wmb();
}

__rust_helper u32 rust_helper_smp_load_acquire_u32(const u32 *p)
{
	return smp_load_acquire(p);
}

__rust_helper void rust_helper_smp_store_release_u32(u32 *p, u32 value)
{
	smp_store_release(p, value);
}

__rust_helper void rust_helper_cpu_relax(void)
{
	cpu_relax();
}
