//! Instructions on which a kernel places no probe for their own sake.
//!
//! Not here: those that it patches or looks up itself (`patched`).

mod aarch64;
mod x86_64;

use crate::prove::site::Refusal;
use object::Architecture;

/// Why there is none on the instruction that code begins with: no kprobe in a kernel, no
/// uprobe elsewhere.
pub(super) fn refusal(architecture: Architecture, in_kernel: bool, code: &[u8]) -> Option<Refusal> {
    match (architecture, in_kernel) {
        (Architecture::X86_64, true) => x86_64::kprobe(code),
        (Architecture::X86_64, false) => x86_64::uprobe(code),
        (Architecture::Aarch64, _) => aarch64::probe(code, in_kernel),
        _ => None,
    }
}
