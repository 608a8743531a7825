//! The processor's counter, as programs read it.

/// What it stands at. It goes up by one with each instruction, of programs and of
/// the kernel, when QEMU is told to have it so.
pub fn now() -> u64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86_64 processor has the instruction.
    unsafe {
        core::arch::x86_64::_rdtsc()
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: Linux lets programs read this register.
    unsafe {
        let now: u64;
        core::arch::asm!("mrs {now}, cntvct_el0", now = out(reg) now);
        now
    }
}
