//! What a person is told on standard error besides steps: what failed, what to beware of,
//! what to know.
//!
//! Coloured as cargo colours its own, on a terminal. `NO_COLOR`, `CLICOLOR` and
//! `CLICOLOR_FORCE` mean what they usually do, and `CARGO_TERM_COLOR` what it means to
//! cargo. Not here: progress.

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use std::ffi::OsStr;
use std::fmt::Display;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// Has this process use colours as the user asks for. First thing in `main`.
pub fn follow_environment() {
    if let Some(choice) = asked(std::env::var_os("CARGO_TERM_COLOR").as_deref()) {
        choice.write_global();
    }
}

/// What `CARGO_TERM_COLOR` asks for, if it says something other than what is done anyway.
fn asked(value: Option<&OsStr>) -> Option<ColorChoice> {
    match value?.to_str()? {
        "always" => Some(ColorChoice::Always),
        "never" => Some(ColorChoice::Never),
        _ => None,
    }
}

/// What failed.
pub fn error(text: impl Display) {
    line("error", ERROR, text);
}

/// What to beware of.
pub fn warning(text: impl Display) {
    line("warning", WARNING, text);
}

/// What to know.
pub fn note(text: impl Display) {
    line("note", NOTE, text);
}

fn line(word: &str, style: Style, text: impl Display) {
    anstream::eprintln!("{style}{word}{style:#}: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_variable_is_followed() {
        let asked = |value| super::asked(Some(OsStr::new(value)));
        assert_eq!(asked("always"), Some(ColorChoice::Always));
        assert_eq!(asked("never"), Some(ColorChoice::Never));
        assert_eq!(asked("auto"), None);
        assert_eq!(super::asked(None), None);
    }
}
