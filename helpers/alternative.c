// SPDX-License-Identifier: GPL-2.0
/*
 * Alternatives: instructions that the kernel replaces by others when it loads the
 * code, where the processor has a feature. What these return tells which were
 * there when they ran. They are written in assembly for each architecture.
 */
#include <asm/alternative.h>
#include <asm/cpufeature.h>

/* A feature that nearly every processor has. */
__rust_helper u32 rust_helper_alternative_common(void)
{
	u32 replaced;

#if defined(CONFIG_X86)
	asm volatile(ALTERNATIVE("movl $0, %0", "movl $1, %0",
				 X86_FEATURE_POPCNT)
		     : "=r"(replaced));
#elif defined(CONFIG_ARM64)
	asm volatile(ALTERNATIVE("mov %w0, #0", "mov %w0, #1", ARM64_HAS_CRC32)
		     : "=r"(replaced));
#endif
	return replaced;
}

/* One that few have. */
__rust_helper u32 rust_helper_alternative_rare(void)
{
	u32 replaced;

#if defined(CONFIG_X86)
	asm volatile(ALTERNATIVE("movl $0, %0", "movl $1, %0",
				 X86_FEATURE_AVX512F)
		     : "=r"(replaced));
#elif defined(CONFIG_ARM64)
	asm volatile(ALTERNATIVE("mov %w0, #0", "mov %w0, #1",
				 ARM64_HAS_LSE_ATOMICS)
		     : "=r"(replaced));
#endif
	return replaced;
}
