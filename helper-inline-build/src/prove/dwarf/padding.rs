//! Padding that leaves a kernel on x86_64 no room for a kprobe.
//!
//! Since 5.13 the kernel puts a breakpoint behind its copy of the instruction under a
//! probe, both in 15 bytes (`MAX_INSN_SIZE`), and refuses the probe (`ENOSPC`) where the
//! instruction takes all of them. Of what compilers write that is the longest padding
//! alone: a `nop` with an address that nobody reads and prefixes that say nothing. Not
//! here: decoding any other instruction.

/// The most bytes that an instruction may have.
const LONGEST: usize = 15;
/// `nopw disp32(%rax,%rax)` without prefixes, the first four of its eight bytes.
const NOP: [u8; 4] = [0x0f, 0x1f, 0x84, 0x00];
/// Its bytes, the address with them.
const NOP_BYTES: usize = 8;
/// Prefixes that lengthen it: of the operand's size, and of the segment `cs`.
const PREFIXES: [u8; 2] = [0x66, 0x2e];

/// Whether code begins with an instruction of padding that has 15 bytes.
pub(super) fn is_longest(code: &[u8]) -> bool {
    let prefixes = LONGEST - NOP_BYTES;
    code.len() >= LONGEST
        && code[..prefixes].iter().all(|byte| PREFIXES.contains(byte))
        && code[prefixes..].starts_with(&NOP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_padding_alone_is_found() {
        // As LLVM and binutils write it.
        let longest = [
            0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0,
        ];
        assert!(is_longest(&longest));
        assert!(is_longest(&[&longest[..], &[0x90]].concat()));
        assert!(!is_longest(&longest[1..]), "cut short");
        let shorter = [&longest[1..], &[0x90]].concat();
        assert!(!is_longest(&shorter), "one prefix less");
        assert!(!is_longest(&[0x66; 16]), "no nop");
        assert!(!is_longest(&[]));
    }
}
