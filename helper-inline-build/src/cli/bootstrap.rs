//! `--bootstrap`: installs what is missing with apt-get and rustup, after saying
//! so. The only part of the project that changes the system.

use std::process::Command;

use crate::Clang;
use anyhow::{Context, Result};

use crate::cli::command;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::front;
use crate::cli::needs::{self, Mend, Need, Purpose};

/// Installs what is missing for a purpose, and checks that it is there then.
/// Kernels are not its matter: `dist` fetches them.
pub fn install(purpose: Purpose) -> Outcome {
    let root = front::root();
    // A second time, because a clang that came may be the one that builds now, and
    // want its own LLVM's tools.
    for _ in 0..2 {
        let wanted = plan(&needs::all(&root), purpose)?;
        if wanted == Plan::default() {
            break;
        }
        carry_out(&wanted)?;
    }
    needs::require(&root, purpose)
}

fn carry_out(wanted: &Plan) -> Outcome {
    if !wanted.packages.is_empty() {
        apt(wanted)?;
    }
    if !wanted.targets.is_empty() {
        let mut add = Command::new("rustup");
        add.args(["target", "add"]).args(&wanted.targets);
        rustup(&mut add)?;
    }
    for (name, target) in &wanted.toolchains {
        let mut install = Command::new("rustup");
        install.args(["toolchain", "install", name, "--no-self-update"]);
        install.args(["--profile", "minimal", "--target", target]);
        rustup(&mut install)?;
    }
    Ok(())
}

/// What is to be installed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    packages: Vec<String>,
    targets: Vec<String>,
    /// Each with a target.
    toolchains: Vec<(&'static str, &'static str)>,
}

fn plan(needs: &[Need], purpose: Purpose) -> Outcome<Plan> {
    let mut plan = Plan::default();
    let add = |list: &mut Vec<String>, item: &String| {
        if !list.contains(item) {
            list.push(item.clone());
        }
    };
    for need in needs.iter().filter(|need| need.serves(purpose)) {
        match need.missing() {
            None | Some((_, Mend::OnDemand(_))) => {}
            Some((_, Mend::Apt(packages))) => {
                packages
                    .iter()
                    .for_each(|package| add(&mut plan.packages, package));
            }
            Some((_, Mend::RustTarget(target))) => add(&mut plan.targets, target),
            Some((_, Mend::RustToolchain(name, target))) => plan.toolchains.push((name, target)),
            Some((why, Mend::ByHand(how))) => {
                return Err(Failure::need(format_args!(
                    "{}: {why}; --bootstrap does not mend that, this does: {how}",
                    need.name
                )));
            }
        }
    }
    Ok(plan)
}

fn apt(plan: &Plan) -> Outcome {
    let listed = plan.packages.join(" ");
    if command::find("apt-get").is_none() {
        return Err(Failure::need(format_args!(
            "--bootstrap installs with apt-get, which is not on PATH; install what these Debian packages hold yourself: {listed}"
        )));
    }
    println!("missing: {listed}");
    let mut update = apt_get(&listed)?;
    update.arg("update");
    announce_and_run(&mut update).map_err(Failure::need_of)?;
    let packages = available(&plan.packages);
    let mut install = apt_get(&listed)?;
    install
        .args(["install", "-y", "--no-install-recommends"])
        .args(&packages);
    announce_and_run(&mut install).map_err(Failure::need_of)
}

/// apt-get as root: directly, or through sudo.
fn apt_get(listed: &str) -> Outcome<Command> {
    let root = command::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let mut command = if root {
        Command::new("env")
    } else if command::find("sudo").is_some() {
        let mut sudo = Command::new("sudo");
        sudo.arg("env");
        sudo
    } else {
        return Err(Failure::need(format_args!(
            "--bootstrap needs root to install packages, and there is no sudo: run this as root, then this command again: \
             apt-get install --no-install-recommends {listed}"
        )));
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    Ok(command)
}

/// Where the system has no LLVM of rustc's version, the newest older one serves
/// as well: rustc's LLVM reads its bitcode.
fn available(packages: &[String]) -> Vec<String> {
    let known = |package: &str| {
        command::output(Command::new("apt-cache").args(["policy", package]))
            .is_ok_and(|text| text.contains("Candidate: ") && !text.contains("Candidate: (none)"))
    };
    substitute(packages, known)
}

fn substitute(packages: &[String], known: impl Fn(&str) -> bool) -> Vec<String> {
    let wanted = packages
        .iter()
        .find_map(|package| package.strip_prefix("clang-")?.parse::<u32>().ok());
    // clang and its tools go together; one that is there already decides the version.
    let Some(wanted) = wanted else {
        return packages.to_vec();
    };
    let newest = (Clang::OLDEST..=wanted)
        .rev()
        .find(|major| known(&format!("clang-{major}")));
    let Some(newest) = newest.filter(|&newest| newest != wanted) else {
        return packages.to_vec();
    };
    let old = needs::llvm_packages(wanted);
    let kept = packages
        .iter()
        .filter(|package| !old.contains(package))
        .cloned();
    kept.chain(needs::llvm_packages(newest)).collect()
}

fn rustup(command: &mut Command) -> Outcome {
    if command::find("rustup").is_none() {
        return Err(Failure::need(format_args!(
            "--bootstrap adds to Rust with rustup, which is not on PATH; what it would run, for you to do with your system's Rust: {}",
            command::shown(command)
        )));
    }
    announce_and_run(command).map_err(Failure::need_of)
}

fn announce_and_run(command: &mut Command) -> Result<()> {
    println!("running: {}", command::shown(command));
    command::run(command).context("--bootstrap could not install what is missing")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::needs::State;

    fn need(purposes: &'static [Purpose], mend: Option<Mend>) -> Need {
        Need {
            name: "n".into(),
            purposes,
            state: match mend {
                None => State::Found("1".into()),
                Some(mend) => State::Missing("not there".into(), mend),
            },
        }
    }

    fn strings(items: &[&str]) -> Vec<String> {
        items.iter().map(|&item| item.to_owned()).collect()
    }

    #[test]
    fn only_what_is_missing_for_the_purpose_is_planned_and_once() {
        let dist = &[Purpose::Dist];
        let needs = [
            need(dist, None),
            need(dist, Some(Mend::Apt(strings(&["llvm-22"])))),
            need(dist, Some(Mend::Apt(strings(&["llvm-22"])))),
            need(dist, Some(Mend::RustTarget("x86_64-unknown-none".into()))),
            need(
                dist,
                Some(Mend::OnDemand("cargo xtask kernels fetch".into())),
            ),
            need(
                &[Purpose::Boot],
                Some(Mend::Apt(strings(&["qemu-system-x86"]))),
            ),
        ];
        let expected = Plan {
            packages: strings(&["llvm-22"]),
            targets: strings(&["x86_64-unknown-none"]),
            toolchains: Vec::new(),
        };
        assert_eq!(plan(&needs, Purpose::Dist).unwrap(), expected);
        let testing = [need(
            &[Purpose::Test],
            Some(Mend::RustToolchain("1.85", "aarch64-unknown-linux-musl")),
        )];
        assert_eq!(plan(&testing, Purpose::Dist).unwrap(), Plan::default());
        let toolchains = plan(&testing, Purpose::Test).unwrap().toolchains;
        assert_eq!(toolchains, [("1.85", "aarch64-unknown-linux-musl")]);
    }

    #[test]
    fn what_only_a_person_can_mend_is_said_before_anything_is_installed() {
        let needs = [need(&[Purpose::Dist], Some(Mend::ByHand("unset X".into())))];
        let failure = plan(&needs, Purpose::Dist).unwrap_err();
        assert_eq!(failure.code(), 2);
        assert!(format!("{failure:#}").ends_with("unset X"));
    }

    #[test]
    fn an_older_llvm_takes_the_place_of_one_that_the_system_lacks() {
        let wanted = strings(&["make", "clang-22", "lld-22", "llvm-22", "libclang-22-dev"]);
        assert_eq!(
            substitute(&wanted, |package| ["clang-19", "clang-16"]
                .contains(&package)),
            strings(&["make", "clang-19", "lld-19", "llvm-19", "libclang-19-dev"])
        );
        assert_eq!(substitute(&wanted, |_| true), wanted);
        // Nothing known: apt-get itself says so, with the name that was wanted.
        assert_eq!(substitute(&wanted, |_| false), wanted);
        let no_clang = strings(&["llvm-22"]);
        assert_eq!(substitute(&no_clang, |_| false), no_clang);
    }
}
