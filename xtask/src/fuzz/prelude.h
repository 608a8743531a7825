/* What every generated unit begins with: fixed-width names, and operations that
 * C leaves undefined for some operands, defined for all. */
#ifdef __CHAR_UNSIGNED__
typedef char u8;
typedef signed char s8;
#else
typedef unsigned char u8;
typedef char s8;
#endif
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef unsigned __int128 u128;
typedef __int128 s128;
typedef unsigned long usize;
typedef long ssize;
typedef float f32;
typedef double f64;

#ifndef PLANT
#define PLANT 0
#endif
/* What assembly says of a symbol by its name. */
#ifdef __x86_64__
#define asm_load(to, name) \
	__asm__ volatile("movq " name "(%%rip), %0" : "=r"(to) : : "memory")
#define asm_twice(name) \
	__asm__(".pushsection .text.fuzz_asm,\"ax\",@progbits\n" name ":\n" \
		"leaq (%rdi,%rdi), %rax\nretq\n.popsection")
#else
#define asm_load(to, name) \
	__asm__ volatile("adrp %0, " name "\n\tldr %0, [%0, :lo12:" name "]" \
			 : "=r"(to) : : "memory")
#define asm_twice(name) \
	__asm__(".pushsection .text.fuzz_asm,\"ax\",@progbits\n" name ":\n" \
		"add x0, x0, x0\nret\n.popsection")
#endif
#define barrier_on(x) __asm__ volatile("" : "+r"(x) : : "memory")

static inline u64 div_u(u64 a, u64 b) { return b ? a / b : a; }
static inline u64 mod_u(u64 a, u64 b) { return b ? a % b : b - a; }
static inline u64 div_s(s64 a, s64 b)
{
	if (b == 0 || b == -1)
		return -(u64)a;
	return (u64)(a / b);
}
static inline u64 div_s32(s32 a, s32 b)
{
	return (b == 0 || b == -1) ? ~(u32)a : (u64)(a / b);
}
static inline u64 mod_s16(s16 a, s16 b) { return b ? (u64)(a % b) : (u64)a; }
static inline u64 rotate(u64 a, u64 n) { return a << (n & 63) | a >> (-n & 63); }
static inline u64 rotate32(u32 a, u32 n) { return a << (n & 31) | a >> (-n & 31); }
static inline u64 shift_s(s64 a, u64 n) { return (u64)(a >> (n & 63)); }
static inline u64 high(u64 a, u64 b) { return (u64)((u128)a * b >> 64); }
static inline u64 leading(u64 a) { return a ? (u64)__builtin_clzll(a) : 64; }
static inline u64 trailing(u32 a) { return a ? (u64)__builtin_ctz(a) : 32; }
static inline u64 checked(s32 a, s32 b)
{
	s32 r;
	return __builtin_mul_overflow(a, b, &r) ? 0x5a5aULL : (u64)r;
}
static inline u64 checked_u16(u16 a, u16 b)
{
	u16 r;
	return __builtin_add_overflow(a, b, &r) ? (u64)r << 20 : r;
}
/* Both arms agree, so it matters to nobody when it is decided. */
static inline u64 triple(u64 a)
{
	if (__builtin_constant_p(a))
		return a * 3;
	return (a << 1) + a;
}
static inline u64 align_up(u64 a, u64 n)
{
	return __builtin_constant_p(n) ? (a + (1ULL << (n & 15)) - 1) & -(1ULL << (n & 15))
				       : ((a + ((1ULL << (n & 15)) - 1)) >> (n & 15)) << (n & 15);
}
static inline u64 select_size(u64 n)
{
	switch (n & 15) {
	case 0: return 8;
	case 1: case 2: return 16;
	case 3: return n >> 3;
	case 7: case 9: n += 5; /* fallthrough */
	case 11: return n ^ 0x33;
	default: return ~n;
	}
}
static u64 sum_of(int n, ...)
{
	__builtin_va_list list;
	u64 sum = 0;
	__builtin_va_start(list, n);
	while (n-- > 0)
		sum = sum * 31 + __builtin_va_arg(list, u64);
	__builtin_va_end(list);
	return sum;
}
/* Functions of which the address is taken, and a table of them. */
static u64 twist(u64 a) { return a * 5 ^ a >> 3; }
static u64 turn(u64 a) { return rotate(a, 11) - 7; }
static u64 (*const operations[2])(u64) = { twist, turn };
static inline u64 is_twist(u64 a) { return operations[a & 1] == twist; }
static const char *const names[4] = { "inline", "static", "extern", "helper" };
/* State that belongs to a header's function, whichever helper calls it. */
static inline u64 tick(u64 by)
{
	static u64 ticks;
	return ticks += by;
}
static inline u64 unused_anchor(void) { return sum_of(0); }
/* What the build side adds to every unit; ordinary builds have no use for it. */
#ifdef HELPER_INLINE_BITCODE
#ifdef HELPER_INLINE_INSTRUMENTED
__attribute__((section(".text.helper_inline_instrumented")))
#endif
void helper_inline_baseline(void) {}
#endif
