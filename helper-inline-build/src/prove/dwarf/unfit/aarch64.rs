//! Those of AArch64, by `aarch64_insn_is_steppable()` of Linux 6.12 and what it simulates.
//!
//! Not here: instructions between an exclusive load and its store, where no call of a
//! helper begins.

use crate::prove::site::Refusal;

/// Instructions that the kernel neither steps over nor simulates, by mask and value.
const REFUSED: [(u32, u32); 9] = [
    // Exclusive loads and stores, and pairs compared and swapped
    (0x3f80_0000, 0x0800_0000),
    // Memory copied or set, in three instructions
    (0x3b20_0c00, 0x1900_0400),
    // A prefetch by a literal's address
    (0xff00_0000, 0xd800_0000),
    // A system register written, or a part of one
    (0xfff0_0000, 0xd510_0000),
    (0xfff8_f01f, 0xd500_401f),
    // The mask of interrupts read
    (0xffff_ffe0, 0xd53b_4220),
    // An exception made
    (0xff00_0000, 0xd400_0000),
    // A return from one, with authentication or without
    (0xffff_ffff, 0xd69f_03e0),
    (0xffff_fbff, 0xd69f_0bff),
];

/// Loads of literals, which are simulated for kprobes alone.
const LITERALS: [(u32, u32); 2] = [(0xbf00_0000, 0x1800_0000), (0xff00_0000, 0x9800_0000)];

/// Hints, and those that are stepped over: nop, pointer authentication that makes codes or
/// strips them, and landing pads.
const HINT: (u32, u32) = (0xffff_f01f, 0xd503_201f);
const STEPPED_HINTS: [u32; 12] = [
    0x00, 0x07, 0x08, 0x0a, 0x18, 0x19, 0x1a, 0x1b, 0x20, 0x22, 0x24, 0x26,
];

/// Why there is no probe on the instruction that code begins with.
pub(super) fn probe(code: &[u8], in_kernel: bool) -> Option<Refusal> {
    let word = u32::from_le_bytes(*code.first_chunk()?);
    let is = |(mask, value): &(u32, u32)| word & mask == *value;
    let is_refused = REFUSED.iter().any(is)
        || (!in_kernel && LITERALS.iter().any(is))
        || (is(&HINT) && !STEPPED_HINTS.contains(&((word & 0xfe0) >> 5)));
    is_refused.then_some(Refusal::Unsteppable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_cannot_step_over_is_told_from_its_neighbours() {
        let told = |word: u32, in_kernel| probe(&word.to_le_bytes(), in_kernel).is_some();
        for (word, instruction) in [
            (0xc85f_7c01, "ldxr x1, [x0]"),
            (0x8802_7c01, "stxr w2, w1, [x0]"),
            (0x1901_0440, "cpyfp [x0]!, [x1]!, x2!"),
            (0xd800_0040, "prfm pldl1keep, .+8"),
            (0xd51b_d040, "msr tpidr_el0, x0"),
            (0xd503_42df, "msr daifset, #2"),
            (0xd53b_4220, "mrs x0, daif"),
            (0xd420_0000, "brk #0"),
            (0xd69f_03e0, "eret"),
            (0xd69f_0bff, "eretaa"),
            (0xd503_203f, "yield"),
            (0xd503_229f, "csdb"),
        ] {
            assert!(told(word, true) && told(word, false), "{instruction}");
        }
        for (word, instruction) in [
            (0xc8df_fc01, "ldar x1, [x0]"),
            (0xf820_0022, "ldadd x0, x2, [x1]"),
            (0xf940_0000, "ldr x0, [x0]"),
            (0xd538_4100, "mrs x0, sp_el0"),
            (0xd503_201f, "nop"),
            (0xd503_233f, "paciasp"),
            (0xd503_245f, "bti c"),
            (0xd503_3bbf, "dmb ish"),
            (0x1400_0002, "b .+8"),
        ] {
            assert!(!told(word, true) && !told(word, false), "{instruction}");
        }
        let ldr_literal = 0x5800_0040;
        assert!(!told(ldr_literal, true) && told(ldr_literal, false));
        assert_eq!(probe(&[0x1f], true), None);
    }
}
