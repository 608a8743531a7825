//! A fault of QEMU's own that ends guests, told apart from those of kernels and modules.
//!
//! x86 kernels patch their code while other CPUs run it: a breakpoint first, then the
//! rest of the instruction, then its first byte. QEMU before 8.1 can translate the
//! breakpoint after it was taken away, because it reads code without holding the lock
//! by which writers of the page find translations of it. The CPU then meets a
//! breakpoint that the kernel no longer knows, `Oops: int3`. It is rare, and wants more
//! than one CPU. Fixed by QEMU's commit deba78709ae8, "accel/tcg: Always lock pages
//! before translation"; Debian 12's 7.2 does not have it.
//!
//! Not here: what is done about it.

use super::qemu;
use crate::cli::kernels::Arch;

/// The first QEMU without the fault.
const FIXED_IN: qemu::Version = (8, 1);

/// How every kernel that we boot names a breakpoint that it does not know.
const UNKNOWN_BREAKPOINT: &str = "int3: 0000 [#1]";

/// What the kernel says when its own start is over.
pub const STARTED: &str = "Run /init as init process";

/// Whether machines of this kind have the fault, with this QEMU.
pub fn is_faulty(arch: Arch, cpus: u32, version: qemu::Version) -> bool {
    arch == Arch::Amd64 && cpus > 1 && version < FIXED_IN
}

/// Whether a kernel died as the fault has it die.
pub fn shows_in(log: &str) -> bool {
    log.contains(UNKNOWN_BREAKPOINT)
}

/// Whether that was before any program ran in the guest, and so before any module was
/// loaded: such a machine says nothing of the module.
pub fn shows_before_init_in(log: &str) -> bool {
    shows_in(log) && !log.contains(STARTED)
}

/// What it is, for a person.
pub const EXPLANATION: &str = "QEMU before 8.1 has guests on more than one CPU die so \
    now and then by itself (`Oops: int3`, fixed by its commit deba78709ae8)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_x86_on_several_cpus_with_an_old_qemu_has_it() {
        assert!(is_faulty(Arch::Amd64, 2, (7, 2)));
        assert!(is_faulty(Arch::Amd64, 2, (8, 0)));
        assert!(!is_faulty(Arch::Amd64, 2, (8, 1)));
        assert!(!is_faulty(Arch::Amd64, 2, (10, 0)));
        assert!(!is_faulty(Arch::Amd64, 1, (7, 2)));
        assert!(!is_faulty(Arch::Arm64, 2, (7, 2)));
    }

    #[test]
    fn an_unknown_breakpoint_is_seen_in_both_forms_and_after_init_it_may_be_the_modules() {
        for oops in [
            "int3: 0000 [#1] PREEMPT SMP NOPTI",
            "Oops: int3: 0000 [#1] SMP NOPTI",
        ] {
            let at_boot = format!("[    1.577113] {oops}\r\n[    1.579270] Call Trace:\r\n");
            assert!(shows_in(&at_boot) && shows_before_init_in(&at_boot));
            let later = format!("[    1.2] {STARTED}\r\n{at_boot}");
            assert!(shows_in(&later) && !shows_before_init_in(&later));
        }
        assert!(!shows_in("[    1.5] Oops: 0002 [#1] PREEMPT SMP"));
    }
}
