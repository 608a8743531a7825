//! `cargo semver-checks`: whether the version of each published crate says what it breaks
//! for users of an earlier one.
//!
//! Not here: that something has changed at all, which docs/api shows with every change.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::command;
use crate::failure::{Failure, Outcome};
use crate::test::package::PUBLISHED;

/// The revision to compare the workspace at `root` with: this one, or the last release, if
/// there is any.
pub fn baseline(root: &Path, since: Option<String>) -> Outcome<Option<String>> {
    let Some(since) = since else {
        return Ok(released(root));
    };
    exists(root, &since)?;
    Ok(Some(since))
}

/// Compares the workspace at `root` with a revision.
pub fn check(root: &Path, semver: &Path, baseline: Option<&str>) -> Outcome {
    let Some(revision) = baseline else {
        println!(
            "no version is released, by the tags of this repository: there is nothing that \
             this one could break (--since REVISION compares with one all the same)"
        );
        return Ok(());
    };
    for name in PUBLISHED {
        let mut check = Command::new(semver);
        check
            .current_dir(root)
            .args(["semver-checks", "--package", name, "--all-features"])
            .args(["--baseline-rev", revision]);
        println!("running: {}", command::shown(&check));
        command::run(&mut check).with_context(|| {
            format!(
                "comparing {name} with {revision}; what breaks users raises the version in \
                 Cargo.toml, or is taken back"
            )
        })?;
    }
    Ok(())
}

/// The newest tag of a version, such as `v0.1.0`.
fn released(root: &Path) -> Option<String> {
    let mut git = git(root);
    git.args(["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]);
    let tag = command::output(&mut git).ok()?;
    Some(tag.trim().to_owned())
}

fn exists(root: &Path, revision: &str) -> Outcome {
    let mut git = git(root);
    git.args(["rev-parse", "--quiet", "--verify"]);
    git.arg(format!("{revision}^{{commit}}"));
    command::output(&mut git).map(drop).map_err(|_| {
        Failure::usage(format_args!(
            "--since {revision}: {} has no such revision; `git tag` lists the versions",
            root.display()
        ))
    })
}

fn git(root: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(root);
    git
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(commands: &[&[&str]]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let me = ["-c", "user.name=me", "-c", "user.email=me@localhost"];
        for arguments in commands {
            let mut git = git(dir.path());
            command::output(git.args(me).args(*arguments)).unwrap();
        }
        dir
    }

    const COMMIT: &[&str] = &["commit", "--quiet", "--allow-empty", "--message=one"];

    #[test]
    fn the_last_release_is_the_newest_tag_of_a_version() {
        let none = repository(&[&["init", "--quiet"], COMMIT, &["tag", "wip"]]);
        assert_eq!(baseline(none.path(), None).unwrap(), None);
        let two = repository(&[
            &["init", "--quiet"],
            COMMIT,
            &["tag", "v0.1.0"],
            COMMIT,
            &["tag", "v0.2.0"],
            COMMIT,
            &["tag", "very-new"],
        ]);
        let found = |since: Option<&str>| baseline(two.path(), since.map(str::to_owned));
        assert_eq!(found(None).unwrap().as_deref(), Some("v0.2.0"));
        assert_eq!(found(Some("v0.1.0")).unwrap().as_deref(), Some("v0.1.0"));
        let refused = found(Some("v9")).unwrap_err();
        assert_eq!(refused.code(), 2);
        let text = refused.to_string();
        assert!(
            text.starts_with("--since v9: ") && text.contains("`git tag`"),
            "{text}"
        );
    }
}
