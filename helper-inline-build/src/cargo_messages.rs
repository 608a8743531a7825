//! Running cargo and hearing what it makes, by its JSON messages.
//!
//! Not here: which build, and what is done with what it made.

use crate::manifest::VARIABLE;
use crate::{Error, Result, command};
use cargo_metadata::{BuildScript, Message};
use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The cargo that runs us, or the one on `PATH`.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

/// Runs a cargo command that was given `--message-format` with JSON, and hands its
/// messages on. What it says to people it says itself.
pub(crate) fn run(cargo: &mut Command, what: &str, mut hear: impl FnMut(Message)) -> Result<()> {
    command::show(cargo);
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| command::start_error(what, cargo, &e))?;
    let stdout = child.stdout.take().expect("stdout is piped");
    Message::parse_stream(BufReader::new(stdout))
        .map_while(std::result::Result::ok)
        .for_each(&mut hear);
    let status = child
        .wait()
        .map_err(|e| command::start_error(what, cargo, &e))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Command {
        what: format!("{what} (its messages are above)"),
        command: command::line(cargo),
        status: status.to_string(),
        output: String::new(),
    })
}

/// The manifest of a build script that compiled helpers. By what the script said, not
/// by what is there: `OUT_DIR` may hold what an earlier version of it made.
pub(crate) fn manifest_of(script: BuildScript) -> Option<PathBuf> {
    let named = script.env.into_iter().find(|(key, _)| key == VARIABLE);
    named.map(|(_, path)| PathBuf::from(path))
}
