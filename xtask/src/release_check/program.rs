//! The programs that release checks ask: where they are, and how they get there.
//!
//! Not here: what they are asked.

use std::path::{Path, PathBuf};

use crate::command;
use crate::failure::{Failure, Outcome};

/// A cargo subcommand, and the version of it that is compiled here; any that is on PATH is
/// taken as it is.
struct Wanted {
    name: &'static str,
    version: &'static str,
}

const DENY: Wanted = Wanted {
    name: "cargo-deny",
    version: "0.20.2",
};
const SEMVER: Wanted = Wanted {
    name: "cargo-semver-checks",
    version: "0.51.0",
};

/// Where each is.
#[derive(Debug)]
pub struct Programs {
    pub deny: PathBuf,
    pub semver: PathBuf,
}

/// Finds them, and compiles those that are missing if that is asked for.
pub fn all(root: &Path, bootstrap: bool) -> Outcome<Programs> {
    let tools = root.join("target/tools");
    Ok(Programs {
        deny: find(&tools, &DENY, bootstrap)?,
        semver: find(&tools, &SEMVER, bootstrap)?,
    })
}

fn find(tools: &Path, wanted: &Wanted, bootstrap: bool) -> Outcome<PathBuf> {
    let own = tools.join("bin");
    let mut directories = command::search_path();
    directories.push(own.clone());
    match command::find_in(&directories, wanted.name) {
        Some(program) => Ok(program),
        None if bootstrap => {
            install(tools, wanted)?;
            Ok(own.join(wanted.name))
        }
        None => Err(missing(tools, wanted)),
    }
}

/// As a debug build: compiling it takes longer than anything it does here.
fn install(tools: &Path, wanted: &Wanted) -> Outcome {
    let mut cargo = command::cargo();
    cargo.args(["install", "--debug", "--locked", wanted.name]);
    cargo
        .args(["--version", wanted.version, "--root"])
        .arg(tools);
    // Of the two programs much is the same.
    cargo.arg("--target-dir").arg(tools.join("build"));
    println!("running: {}", command::shown(&cargo));
    Ok(command::run(&mut cargo)?)
}

fn missing(tools: &Path, wanted: &Wanted) -> Failure {
    Failure::need(format_args!(
        "there is no `{name}` on PATH or in {}; mend it with `cargo xtask release-check \
         --bootstrap`, which compiles it there, or with `cargo install --locked {name}`",
        tools.join("bin").display(),
        name = wanted.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_with_both_ways_to_mend_it() {
        let text = missing(Path::new("target/tools"), &DENY).to_string();
        expect_test::expect!["there is no `cargo-deny` on PATH or in target/tools/bin; mend it with `cargo xtask release-check --bootstrap`, which compiles it there, or with `cargo install --locked cargo-deny`"]
            .assert_eq(&text);
    }
}
