/* Helpers that compilers of different versions are likeliest to disagree on:
 * what they pass in which registers, and what they write into bitcode. The
 * callers are in callers.rs, what they print in expected.txt. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef __uint128_t u128;
typedef __int128_t s128;

#define helper(name) rust_helper_##name

/* Structs, by the ways in which the two ABIs pass them. */
struct small { u32 a, b; };
struct bytes { u8 b[3]; };
struct odd { u32 a; u8 b; };
struct twelve { u32 a, b, c; };
struct pair { u64 a, b; };
struct point { float x, y, z; };
struct mixed { u64 n; double d; };
struct large { u64 word[5]; };
union word { u32 n; float f; };

struct small helper(small)(u32 a, u32 b) { return (struct small){ b, a + b }; }
struct bytes helper(bytes)(struct bytes v) { v.b[1] ^= v.b[0]; return v; }
struct odd helper(odd)(struct odd v, u32 by) { v.a += by; v.b -= 1; return v; }
struct twelve helper(twelve)(struct twelve v) { return (struct twelve){ v.c, v.a, v.b }; }
struct pair helper(pair)(struct pair v, u64 by) { v.a += by; v.b ^= by; return v; }
struct point helper(point)(struct point v, float by)
{
	v.x *= by;
	v.y += by;
	v.z -= by;
	return v;
}
struct mixed helper(mixed)(struct mixed v) { return (struct mixed){ v.n * 3, v.d / 2 }; }
struct large helper(sret)(u64 seed)
{
	struct large v;
	for (int i = 0; i < 5; i++)
		v.word[i] = seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return v;
}
/* The callee owns the copy: what it writes must not reach the caller. */
u64 helper(byval)(struct large v, int at)
{
	v.word[at] += 1;
	return v.word[0] ^ v.word[1] ^ v.word[2] ^ v.word[3] ^ v.word[4];
}
union word helper(transparent)(union word v) { v.f += 1; return v; }

/* 128 bits, and scalars narrower than a register. */
u128 helper(wide_product)(u64 a, u64 b) { return (u128)a * b; }
s128 helper(wide_shift)(s128 v, u32 by) { return v >> by; }
u64 helper(wide_store)(u128 *to, u128 v) { *to += v; return *to >> 64; }
signed char helper(narrow)(signed char a, short b) { return a + b; }
_Bool helper(is_odd)(u32 v) { return v & 1; }

/* Callbacks. */
u64 helper(fold)(u64 (*step)(void *, u64), void *data, u32 count)
{
	u64 sum = 0;
	for (u32 i = 0; i < count; i++)
		sum = sum * 31 + step(data, i);
	return sum;
}

/* Inline assembly. */
u64 helper(swap)(u64 v)
{
#ifdef __x86_64__
	__asm__("bswapq %0" : "+r"(v));
#else
	__asm__("rev %0, %0" : "+r"(v));
#endif
	return v;
}
u32 helper(branch)(u32 v)
{
#ifdef __x86_64__
	__asm__ goto("testl $4, %0\n\tjnz %l[set]" : : "r"(v) : "cc" : set);
#else
	__asm__ goto("tbnz %w0, #2, %l[set]" : : "r"(v) : : set);
#endif
	return v + 1;
set:
	return v * 2;
}

/* Atomic operations. */
_Bool helper(compare_exchange)(u64 *at, u64 *old, u64 new)
{
	return __atomic_compare_exchange_n(at, old, new, 0, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED);
}
u32 helper(fetch_add)(u32 *at, u32 by) { return __atomic_fetch_add(at, by, __ATOMIC_ACQ_REL); }

/* Statics: one copy of each, whoever inlines its user. */
static u64 total;
u64 helper(count)(u64 by) { return total += by; }
u64 helper(counted)(void) { return total; }
u32 helper(local_static)(void) { static u32 calls; return ++calls; }
u32 helper(table)(u32 at)
{
	static const u32 primes[] = { 2, 3, 5, 7, 11, 13, 17, 19 };
	return primes[at & 7];
}

/* A variadic function is no helper, but a helper may call one. */
static u64 sum_of(u32 count, ...)
{
	__builtin_va_list list;
	u64 sum = 0;
	__builtin_va_start(list, count);
	while (count--)
		sum += __builtin_va_arg(list, u64);
	__builtin_va_end(list);
	return sum;
}
u64 helper(variadic)(u64 a, u64 b, u64 c) { return sum_of(3, a, b, c); }

/* Bit-fields. */
struct fields { u32 low : 3; int middle : 10; u32 high : 19; };
int helper(field_get)(const struct fields *f) { return f->middle; }
void helper(field_set)(struct fields *f, int v) { f->middle = v; f->high += 1; }
struct fields helper(fields)(struct fields f) { f.low = ~f.low; return f; }

/* A stack frame of unknown size, a switch, and a helper called by another. */
u32 helper(reverse)(u8 *data, u32 count)
{
	u8 copy[count];
	u32 sum = 0;
	for (u32 i = 0; i < count; i++)
		copy[i] = data[count - 1 - i];
	for (u32 i = 0; i < count; i++)
		sum += (data[i] = copy[i]) * (i + 1);
	return sum;
}
u32 helper(choose)(u32 which, u32 v)
{
	switch (which) {
	case 0: return v + 17;
	case 1: return v * 5;
	case 2: return v ^ 0xff;
	case 3: return v << 3;
	case 4: return helper(branch)(v);
	default: return ~v;
	}
}

/* What the build side adds to every unit. */
void helper_inline_baseline(void) {}
