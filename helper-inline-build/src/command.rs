//! Child processes whose failures show the command as it can be pasted.
//!
//! Not here: which commands are run.

use crate::{Error, Result};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether each command is shown before it is run.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Has each command of this process be shown as it can be pasted, before it is run.
#[cfg(feature = "cli")]
pub(crate) fn show_all() {
    SHOWN.store(true, Ordering::Relaxed);
}

/// Whether they are, and what they name is to stay.
#[cfg(feature = "link")]
pub(crate) fn are_shown() -> bool {
    SHOWN.load(Ordering::Relaxed)
}

/// Shows a command that is about to be run, if that was asked for.
pub(crate) fn show(command: &Command) {
    show_with(command, None);
}

/// The same of one that reads this file.
pub(crate) fn show_with(command: &Command, input: Option<&Path>) {
    if SHOWN.load(Ordering::Relaxed) {
        let dir = command.get_current_dir();
        let dir = dir.map(|dir| format!("cd {} && ", quote(&dir.to_string_lossy())));
        let input = input.map(|file| format!(" < {}", quote(&file.to_string_lossy())));
        let [dir, input] = [dir, input].map(Option::unwrap_or_default);
        eprintln!("+ {dir}{}{input}", line(command));
    }
}

/// Runs a command to its end with its output captured.
///
/// A command that cannot be started or that fails is an error with the whole
/// command line and all that it printed.
#[cfg(any(feature = "dist", feature = "wrapper", test))]
pub(crate) fn run(what: &str, command: &mut Command) -> Result<Output> {
    show(command);
    let output = command.stdin(std::process::Stdio::null()).output();
    check(what, command, output)
}

/// The same of a command that was run.
pub(crate) fn check(
    what: &str,
    command: &Command,
    output: std::io::Result<Output>,
) -> Result<Output> {
    let output = output.map_err(|source| start_error(what, command, &source))?;
    if output.status.success() {
        return Ok(output);
    }
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Err(Error::Command {
        what: what.to_owned(),
        command: line(command),
        status: output.status.to_string(),
        output: text,
    })
}

/// The error for a command that could not be started.
pub(crate) fn start_error(what: &str, command: &Command, source: &std::io::Error) -> Error {
    Error::Command {
        what: what.to_owned(),
        command: line(command),
        status: format!(
            "cannot start `{}`: {source}",
            command.get_program().to_string_lossy()
        ),
        output: String::new(),
    }
}

/// The command line, quoted for a POSIX shell, with the variables that it is given
/// beside those of this process: `cc` names all of them.
pub(crate) fn line(command: &Command) -> String {
    let mut words = Vec::new();
    for (key, value) in command.get_envs() {
        let inherited = std::env::var_os(key);
        if let Some(value) = value.filter(|value| inherited.as_deref() != Some(value)) {
            let value = value.to_string_lossy();
            words.push(format!("{}={}", key.to_string_lossy(), quote(&value)));
        }
    }
    words.push(quote(&command.get_program().to_string_lossy()));
    words.extend(command.get_args().map(|a| quote(&a.to_string_lossy())));
    words.join(" ")
}

/// A word, quoted for a POSIX shell where it must be.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_failure_shows_the_command_and_its_output() {
        let mut command = Command::new("sh");
        command
            .args(["-c", "echo out; echo err >&2; exit 7"])
            .env("KEY", "a b");
        let error = run("the probe", &mut command).unwrap_err();
        expect![[r#"
            the probe failed (exit status: 7):
            out
            err
            command: KEY='a b' sh -c 'echo out; echo err >&2; exit 7'"#]]
        .assert_eq(&error.to_string());
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run("the probe", &mut Command::new("no-such-program-here")).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("cannot start `no-such-program-here`"),
            "{error}"
        );
    }
}
