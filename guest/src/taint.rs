//! What the kernel remembers of what went wrong.

use std::fs;

/// A module of one's own always sets these: out-of-tree and unsigned. The last a
/// kernel sets itself whose structures are of randomized order.
const EXPECTED: u64 = 1 << 12 | 1 << 13 | 1 << 17;
/// A warning and a dead process do: TAINT_DIE and TAINT_WARN.
pub const FAULTS: u64 = 1 << 7 | 1 << 9;

/// What is wrong with the kernel's taint, when `asked_for` must be in it.
pub fn read(asked_for: u64) -> Result<Option<String>, String> {
    let path = "/proc/sys/kernel/tainted";
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    Ok(bad(&text, asked_for))
}

/// What a good taint is.
pub fn explained(asked_for: u64) -> String {
    let mut text = "none of a fault".to_owned();
    if asked_for != 0 {
        text += &format!(", and {}, as asked for", letters(asked_for));
    }
    text
}

fn bad(tainted: &str, asked_for: u64) -> Option<String> {
    let Ok(bits) = tainted.trim().parse::<u64>() else {
        return Some(format!("the kernel's taint is no number: {tainted}"));
    };
    let bad = bits & !EXPECTED & !asked_for;
    if bad != 0 {
        return Some(format!("the kernel is tainted: {} ({bits})", letters(bad)));
    }
    let missing = asked_for & !bits;
    if missing != 0 {
        let letters = letters(missing);
        return Some(format!("the kernel's taint lacks {letters} ({bits})"));
    }
    None
}

/// The letters of Documentation/admin-guide/tainted-kernels.rst, by bit.
fn letters(bits: u64) -> String {
    let all = "PFSRMBUDAWCIOELKXTN".chars().enumerate();
    all.filter(|(bit, _)| bits & (1 << bit) != 0)
        .map(|(_, letter)| letter)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{FAULTS, bad};

    #[test]
    fn only_a_modules_own_taint_is_fine() {
        assert_eq!(bad("0\n", 0), None);
        assert_eq!(bad("12288\n", 0), None);
        assert_eq!(bad("135168\n", 0), None);
        assert_eq!(
            bad("12928\n", 0).unwrap(),
            "the kernel is tainted: DW (12928)"
        );
        assert!(bad("x", 0).is_some());
    }

    #[test]
    fn what_was_asked_for_must_be_there() {
        assert_eq!(bad("12928\n", FAULTS), None);
        assert_eq!(
            bad("12416\n", FAULTS).unwrap(),
            "the kernel's taint lacks W (12416)"
        );
        assert_eq!(
            bad("12960\n", FAULTS).unwrap(),
            "the kernel is tainted: B (12960)"
        );
    }
}
