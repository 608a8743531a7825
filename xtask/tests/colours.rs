//! Colours, where they are asked for and nowhere else.

use std::process::Command;

/// An error, with these variables and no others of that kind.
fn error(variables: &[(&str, &str)]) -> String {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask.args(["explain", "bad-luck"]);
    for variable in ["CARGO_TERM_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "NO_COLOR"] {
        xtask.env_remove(variable);
    }
    let output = xtask.envs(variables.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_file_has_none_unless_they_are_forced() {
    let plain = error(&[]);
    assert!(plain.starts_with("error: `bad-luck`"), "{plain}");
    for variables in [
        [("CARGO_TERM_COLOR", "never"), ("CLICOLOR_FORCE", "1")],
        [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "0")],
    ] {
        assert_eq!(error(&variables), plain, "{variables:?}");
    }
    for variable in [("CLICOLOR_FORCE", "1"), ("CARGO_TERM_COLOR", "always")] {
        let coloured = error(&[variable]);
        let word = "\u{1b}[1m\u{1b}[31merror\u{1b}[0m: `bad-luck`";
        assert!(coloured.starts_with(word), "{variable:?}: {coloured:?}");
    }
}
