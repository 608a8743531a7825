//! Those of x86_64: too long to be copied with a breakpoint behind them, or with a prefix.
//!
//! Not here: decoding any further than to what is refused.

use crate::prove::site::Refusal;

/// The most bytes that an instruction may have.
const LONGEST: usize = 15;
/// `nopw disp32(%rax,%rax)` without prefixes, the first four of its eight bytes.
const NOP: [u8; 4] = [0x0f, 0x1f, 0x84, 0x00];
/// Its bytes, the address with them.
const NOP_BYTES: usize = 8;
/// Prefixes that lengthen it: of the operand's size, and of the segment `cs`.
const LENGTHENING: [u8; 2] = [0x66, 0x2e];

/// Why there is no kprobe on the instruction that code begins with.
///
/// Since 5.13 the kernel puts a breakpoint behind its copy of the instruction, both in 15
/// bytes (`MAX_INSN_SIZE`), and refuses the probe (`ENOSPC`) where the instruction takes
/// all of them. Of what compilers write that is the longest padding alone: a `nop` with an
/// address that nobody reads and prefixes that say nothing.
pub(super) fn kprobe(code: &[u8]) -> Option<Refusal> {
    let prefixes = LONGEST - NOP_BYTES;
    let is_longest = code.len() >= LONGEST
        && code[..prefixes]
            .iter()
            .all(|byte| LENGTHENING.contains(byte))
        && code[prefixes..].starts_with(&NOP);
    is_longest.then_some(Refusal::Padding)
}

/// Why there is no uprobe on it.
///
/// The kernel takes no instruction with the prefix `lock` or that of a segment but `fs` and
/// `gs` (`is_prefix_bad()` of its uprobes). It says so (`ENOTSUPP`) only when the program
/// runs already; else it takes the event, which never fires. Padding of ten bytes and more
/// has such a prefix.
pub(super) fn uprobe(code: &[u8]) -> Option<Refusal> {
    for byte in code {
        match byte {
            // es, cs, ss, ds and lock
            0x26 | 0x2e | 0x36 | 0x3e | 0xf0 => return Some(Refusal::Unsteppable),
            // Sizes, repetition, fs and gs
            0x66 | 0x67 | 0xf2 | 0xf3 | 0x64 | 0x65 => {}
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As LLVM and binutils write it.
    const PADDING: [u8; 15] = [
        0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0,
    ];

    #[test]
    fn no_kprobe_is_on_the_longest_padding_alone() {
        assert_eq!(kprobe(&PADDING), Some(Refusal::Padding));
        let with_more = [&PADDING[..], &[0x90]].concat();
        assert_eq!(kprobe(&with_more), Some(Refusal::Padding));
        assert_eq!(kprobe(&PADDING[1..]), None, "cut short");
        let shorter = [&PADDING[1..], &[0x90]].concat();
        assert_eq!(kprobe(&shorter), None, "one prefix less");
        assert_eq!(kprobe(&[0x66; 16]), None, "no nop");
        assert_eq!(kprobe(&[]), None);
    }

    #[test]
    fn no_uprobe_is_on_a_prefix_that_the_kernel_does_not_know_to_step_over() {
        let lock_inc = [0xf0, 0xff, 0x07];
        let lock_incw = [0x66, 0xf0, 0xff, 0x07];
        let notrack_jmp = [0x3e, 0xff, 0xe0];
        for refused in [&lock_inc[..], &lock_incw, &notrack_jmp, &PADDING] {
            assert_eq!(uprobe(refused), Some(Refusal::Unsteppable), "{refused:x?}");
        }
        let nop_of_nine = [0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0];
        let mov_fs = [0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0];
        // What follows the prefixes is no prefix: `xor $0xf0, %al`
        let xor = [0x34, 0xf0];
        for taken in [&nop_of_nine[..], &mov_fs, &xor, &[]] {
            assert_eq!(uprobe(taken), None, "{taken:x?}");
        }
    }
}
