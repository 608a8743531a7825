// SPDX-License-Identifier: GPL-2.0
/* Atomic counters of 32 and 64 bits. */
#include <linux/atomic.h>

__rust_helper int rust_helper_atomic_read(const atomic_t *v)
{
	return atomic_read(v);
}

__rust_helper void rust_helper_atomic_set(atomic_t *v, int i)
{
	atomic_set(v, i);
}

__rust_helper void rust_helper_atomic_inc(atomic_t *v)
{
	atomic_inc(v);
}

__rust_helper void rust_helper_atomic_dec(atomic_t *v)
{
	atomic_dec(v);
}

__rust_helper void rust_helper_atomic_add(int i, atomic_t *v)
{
	atomic_add(i, v);
}

__rust_helper void rust_helper_atomic_sub(int i, atomic_t *v)
{
	atomic_sub(i, v);
}

__rust_helper int rust_helper_atomic_inc_return(atomic_t *v)
{
	return atomic_inc_return(v);
}

__rust_helper int rust_helper_atomic_dec_return(atomic_t *v)
{
	return atomic_dec_return(v);
}

__rust_helper bool rust_helper_atomic_dec_and_test(atomic_t *v)
{
	return atomic_dec_and_test(v);
}

__rust_helper int rust_helper_atomic_xchg(atomic_t *v, int new)
{
	return atomic_xchg(v, new);
}

__rust_helper int rust_helper_atomic_cmpxchg(atomic_t *v, int old, int new)
{
	return atomic_cmpxchg(v, old, new);
}

__rust_helper s64 rust_helper_atomic64_read(const atomic64_t *v)
{
	return atomic64_read(v);
}

__rust_helper void rust_helper_atomic64_set(atomic64_t *v, s64 i)
{
	atomic64_set(v, i);
}

__rust_helper void rust_helper_atomic64_inc(atomic64_t *v)
{
	atomic64_inc(v);
}

__rust_helper void rust_helper_atomic64_dec(atomic64_t *v)
{
	atomic64_dec(v);
}

__rust_helper void rust_helper_atomic64_add(s64 i, atomic64_t *v)
{
	atomic64_add(i, v);
}

__rust_helper s64 rust_helper_atomic64_inc_return(atomic64_t *v)
{
	return atomic64_inc_return(v);
}

__rust_helper s64 rust_helper_atomic64_fetch_add(s64 i, atomic64_t *v)
{
	return atomic64_fetch_add(i, v);
}
