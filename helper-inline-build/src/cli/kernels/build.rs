//! `kernels build`: a kernel built here from Debian's sources, by clang, with an
//! output directory apart from them (`O=`), and small enough for minutes. What
//! such a tree is to `dist` is the library's matter.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Clang, Rustc};
use anyhow::{Context, Result, bail};

use super::{Arch, Kernel, fetch, source};
use crate::cli::command;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::progress::{self, Step};

const COMMON: &str = include_str!("build/common.config");

/// What is built.
#[derive(Debug)]
pub struct Plan {
    /// The version line, such as `6.12`.
    pub line: String,
    pub arch: Arch,
    /// Its name, between the version and the architecture in the release.
    pub name: String,
    /// Lines of a configuration, on top of the small one.
    pub options: Vec<String>,
}

impl Plan {
    /// What stands behind the version.
    fn local_version(&self) -> String {
        format!("-{}-{}", self.name, self.arch)
    }

    /// All that the configuration must have.
    fn configuration(&self) -> String {
        let own = match self.arch {
            Arch::Amd64 => include_str!("build/amd64.config"),
            Arch::Arm64 => include_str!("build/arm64.config"),
        };
        let mut text = format!("{COMMON}{own}");
        text += &format!("CONFIG_LOCALVERSION=\"{}\"\n", self.local_version());
        for option in &self.options {
            text += option;
            text.push('\n');
        }
        text
    }
}

/// Builds the kernel in `directory`, unless it is there.
pub fn build(directory: &Path, plan: &Plan) -> Outcome<Kernel> {
    if let Some(bad) = plan.options.iter().find(|line| !is_option(line)) {
        return Err(Failure::usage(format_args!(
            "`{bad}` is no line of a configuration; write CONFIG_NAME=value"
        )));
    }
    if plan.name.is_empty() || !plan.name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(Failure::usage(format_args!(
            "`{}` cannot stand in a kernel's release; use letters and digits",
            plan.name
        )));
    }
    command::catch_interrupts();
    if let Some(kernel) = there(directory, plan) {
        progress::line(&format!("{} is already there", kernel.release));
        return Ok(kernel);
    }
    fs::create_dir_all(directory).with_context(|| format!("creating {}", directory.display()))?;
    let directory = directory
        .canonicalize()
        .with_context(|| format!("resolving {}", directory.display()))?;
    let _one_at_a_time = fetch::lock(&directory)?;
    if let Some(kernel) = there(&directory, plan) {
        return Ok(kernel);
    }
    let (source, version) = source::unpacked(&directory, &plan.line)?;
    let release = format!("{version}{}", plan.local_version());
    let tree = directory.join(&release);
    let made = make(&tree, &source, plan, &release);
    if made.is_err() {
        // Of a build that did not come to its end nothing is of use.
        let _ = fs::remove_dir_all(&tree);
    }
    made?;
    let kernel = Kernel::in_tree(&tree, &release);
    Ok(kernel.with_context(|| format!("{} holds no whole kernel", tree.display()))?)
}

fn is_option(line: &str) -> bool {
    line.strip_prefix("CONFIG_")
        .is_some_and(|rest| rest.contains('=') && !rest.contains('\n'))
}

fn there(directory: &Path, plan: &Plan) -> Option<Kernel> {
    let tail = plan.local_version();
    super::installed(directory)
        .into_iter()
        .find(|kernel| kernel.is_of_line(&plan.line) && kernel.release.ends_with(&tail))
}

fn make(tree: &Path, source: &Path, plan: &Plan, release: &str) -> Result<()> {
    let clang = Clang::find(Rustc::from_env()?.llvm)?;
    let output = tree.join("build");
    fs::create_dir_all(&output).with_context(|| format!("creating {}", output.display()))?;
    let run = |targets: &[&str]| -> Result<()> {
        let mut make = source::make(source);
        make.arg("-j2")
            .arg(format!("O={}", output.display()))
            .arg(format!("LLVM={}", clang.kbuild_llvm()))
            .arg(format!("CC={}", clang.path.display()))
            .arg(match plan.arch {
                Arch::Amd64 => "ARCH=x86_64",
                Arch::Arm64 => "ARCH=arm64",
            })
            .args(targets);
        command::output(&mut make).map(drop)
    };
    let step = Step::of_percent(&format!("build {release}"));
    run(&["tinyconfig"])?;
    let wanted = plan.configuration();
    append(&output.join(".config"), &wanted)?;
    run(&["olddefconfig"])?;
    check(&output.join(".config"), &wanted, source)?;
    step.at_percent(5.0);
    run(&[match plan.arch {
        Arch::Amd64 => "bzImage",
        Arch::Arm64 => "Image",
    }])?;
    step.at_percent(95.0);
    // Last, because it leaves Module.symvers, and with that the tree is whole.
    run(&["modules"])?;
    step.done();
    Ok(())
}

/// The last line about an option is the one that counts.
fn append(config: &Path, lines: &str) -> Result<()> {
    let old =
        fs::read_to_string(config).with_context(|| format!("reading {}", config.display()))?;
    fs::write(config, old + lines).with_context(|| format!("writing {}", config.display()))
}

/// Fails when an option did not come out as it was asked for: its dependencies are
/// not met, or the kernel does not have it.
fn check(config: &Path, wanted: &str, source: &Path) -> Result<()> {
    let text =
        fs::read_to_string(config).with_context(|| format!("reading {}", config.display()))?;
    let lost = lost(&text, wanted);
    if lost.is_empty() {
        return Ok(());
    }
    bail!(
        "this kernel cannot be configured with {}: it does not have the option, or what that \
         depends on is not set; look it up in the Kconfig files of {}, and add what is missing \
         with --set",
        lost.join(", "),
        source.display()
    )
}

fn lost<'a>(config: &str, wanted: &'a str) -> Vec<&'a str> {
    let is_in = |line: &str| config.lines().any(|present| present == line);
    let mut lost = Vec::new();
    let options = wanted.lines().filter(|line| line.starts_with("CONFIG_"));
    for line in options {
        let name = line.split('=').next().unwrap_or(line);
        // A later line of the same option takes an earlier one's place.
        let of_name = |other: &&str| other.split('=').next() == Some(name);
        let last = wanted.lines().rev().find(of_name).unwrap_or(line);
        let off = last.ends_with("=n") && !config.contains(&format!("\n{name}="));
        if !off && !is_in(last) && !lost.contains(&last) {
            lost.push(last);
        }
    }
    lost
}

/// Where the output directory of a built kernel is in its tree.
pub(super) fn output_of(tree: &Path) -> PathBuf {
    tree.join("build")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(options: &[&str]) -> Plan {
        Plan {
            line: "6.12".into(),
            arch: Arch::Arm64,
            name: "clang".into(),
            options: options.iter().map(|&option| option.into()).collect(),
        }
    }

    #[test]
    fn an_option_that_did_not_come_out_is_named() {
        let config = "\nCONFIG_A=y\nCONFIG_B=\"x\"\n# CONFIG_C is not set\n";
        assert_eq!(lost(config, "CONFIG_A=y\n# why\nCONFIG_B=\"x\"\n"), [""; 0]);
        assert_eq!(lost(config, "CONFIG_C=y\nCONFIG_A=y\n"), ["CONFIG_C=y"]);
        // The last one counts, and n is the same as not there.
        assert_eq!(lost(config, "CONFIG_C=y\nCONFIG_C=n\n"), [""; 0]);
    }

    #[test]
    fn what_is_asked_for_comes_last() {
        let text = plan(&["CONFIG_RANDSTRUCT_NONE=y"]).configuration();
        assert!(text.contains("CONFIG_SHADOW_CALL_STACK=y\n"));
        assert!(text.contains("CONFIG_LOCALVERSION=\"-clang-arm64\"\n"));
        assert!(text.ends_with("CONFIG_RANDSTRUCT_NONE=y\n"), "{text}");
    }

    #[test]
    fn what_is_no_option_or_no_name_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let failure = build(directory.path(), &plan(&["RANDSTRUCT"])).unwrap_err();
        assert_eq!(failure.code(), 2);
        assert!(format!("{failure:#}").contains("CONFIG_NAME=value"));
        let odd = Plan {
            name: "a b".into(),
            ..plan(&[])
        };
        assert_eq!(build(directory.path(), &odd).unwrap_err().code(), 2);
    }
}
