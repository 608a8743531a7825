//! The versions of the tools that are used, told to Kbuild in the place of those
//! that the kernel was built with.
//!
//! Kbuild chooses pahole's options by the version in the configuration, and warns
//! on each run when a tool is not the one that the kernel was built with. That
//! another compiler is used is no news here: what follows from it is done
//! (`gcc_built`, `link::harmonize`) or refused (`unserved`).

use super::KernelDir;
use crate::Clang;
use std::process::Command;

/// Variables for make's command line.
pub(super) fn make_variables(kernel: &KernelDir, clang: &Clang) -> Vec<String> {
    let mut variables = Vec::new();
    if kernel.value("CONFIG_CC_VERSION_TEXT").is_some() {
        if let Some(text) = first_line(&clang.path) {
            variables.push(format!("CONFIG_CC_VERSION_TEXT={text}"));
        }
    }
    if kernel.value("CONFIG_PAHOLE_VERSION").is_some() {
        // What the kernel's scripts say of one that is not there.
        let version = first_line("pahole".as_ref()).and_then(|line| pahole_number(&line));
        let version = version.unwrap_or(0);
        variables.push(format!("CONFIG_PAHOLE_VERSION={version}"));
    }
    variables
}

/// What a program says first when asked for its version. Kbuild takes `#` out of
/// it; the rest of what make or a shell would take for its own is in no compiler's
/// version, and with it the line is left out.
fn first_line(program: &std::path::Path) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .env("LC_ALL", "C")
        .output();
    let text = String::from_utf8(output.ok()?.stdout).ok()?;
    let line = text.lines().next()?.replace('#', "");
    (!line.contains(['$', '"', '`', '\\'])).then_some(line)
}

/// `v1.24` as the configuration has it: 124.
fn pahole_number(line: &str) -> Option<u32> {
    let (major, minor) = line.trim().strip_prefix('v')?.split_once('.')?;
    format!("{major}{minor}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paholes_version_is_a_number() {
        assert_eq!(pahole_number("v1.24"), Some(124));
        assert_eq!(pahole_number("v1.30\n"), Some(130));
        assert_eq!(pahole_number("pahole"), None);
    }

    #[test]
    fn a_program_that_is_not_there_says_nothing() {
        assert_eq!(first_line("no-such-program".as_ref()), None);
    }
}
