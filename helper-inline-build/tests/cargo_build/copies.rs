//! Definitions whose copy could be told from the original: each has its right value in
//! each profile, by plain cargo and through the wrapper.
//!
//! Not here: what a unit holds of them (`src/link/tests/copies.rs`).

use crate::workspace::{Workspace, done};

/// What the program prints, however it is built.
pub const RIGHT: &str = "\
labels 10 110 100
weak 101 77 36
addresses 1 1 0
tables 0 1 2
below 1 1
sorted [1, 2, 3]
alias 8 10 44 1
alias of a variable 9
chosen 4 15
assembly 6 708 7 3
top 12 42
ready 142 2
deep 26190 15
down 142
last
";

/// Helpers that are called, each with the cause.
const STAYED: &[(&str, &str)] = &[
    ("run", "not-inlinable (the addresses of its labels"),
    ("weak", "replaceable (its definition is weak"),
    ("chosen", "replaceable (it is chosen"),
    (
        "alias",
        "alias (it is another name of `rust_helper_strong`)",
    ),
    ("both", "alias (it uses the address of the alias `v_alias`)"),
    ("asm_inc", "assembly-symbol (its assembly names `asm_count`"),
    ("large", "large-frame (its variables take 60"),
    (
        "label",
        "assembly-symbol (its assembly defines the symbol `here_it_is`",
    ),
];

#[test]
fn each_kind_has_its_right_value_in_each_profile() {
    let workspace = Workspace::new();
    let run = "run --offline --manifest-path copies/Cargo.toml";
    for profile in ["", "--release"] {
        let plain = done(&mut workspace.cargo(&format!("{run} {profile}")));
        assert_eq!(plain.stdout, RIGHT, "{profile}");
        for units in ["1", "16"] {
            let mut cargo = workspace.inlining(&format!("{run} {profile}"));
            for profile in ["DEV", "RELEASE"] {
                cargo.env(format!("CARGO_PROFILE_{profile}_CODEGEN_UNITS"), units);
            }
            let ran = done(&mut cargo);
            assert_eq!(ran.stdout, RIGHT, "{profile} {units}");
            for (helper, cause) in STAYED {
                let stayed = format!("helper `rust_helper_{helper}` of `low` stayed");
                assert!(ran.stderr.contains(&stayed), "{helper}: {}", ran.stderr);
                assert!(ran.stderr.contains(cause), "{cause}: {}", ran.stderr);
            }
            // The controls: who is not recursive takes it in, and what is beside them is
            // inlined.
            assert_eq!(ran.stderr.matches("large-frame").count(), 1);
            for helper in ["ready", "strong", "one", "has_one", "sort", "thread"] {
                let stayed = format!("helper `rust_helper_{helper}` of");
                assert!(!ran.stderr.contains(&stayed), "{helper}: {}", ran.stderr);
            }
        }
    }
}
