//! What is chosen, of kernels and modules that are empty files.

use std::fs;
use std::path::{Path, PathBuf};

use guest::Work;

use super::{Machine, Module, WorkName, modules, sets, works};
use crate::boot::Args;
use crate::kernels::{Arch, Kernel};

fn kernel() -> Kernel {
    Kernel {
        release: "6.1.0-56-amd64".into(),
        arch: Arch::Amd64,
        build_dir: PathBuf::new(),
        image: PathBuf::new(),
    }
}

fn names(root: &Path, args: &Args) -> Vec<String> {
    modules(root, &kernel(), args)
        .unwrap()
        .iter()
        .map(|ko| ko.file_name().unwrap().to_str().unwrap().to_owned())
        .collect()
}

fn all() -> Args {
    Args {
        all: true,
        ..Args::default()
    }
}

#[test]
fn each_sample_that_is_there_is_booted() {
    let root = tempfile::tempdir().unwrap();
    let names = |args: &Args| names(root.path(), args);
    let some = Args::default();
    // What its absence is reported as.
    assert_eq!(names(&some), ["sample_kmod.ko"]);
    let dir = "target/dist/x86_64-unknown-none/6.1.0-56-amd64";
    let dir = root.path().join(dir);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("sample_block.ko"), "").unwrap();
    fs::write(dir.join("other.ko"), "").unwrap();
    assert_eq!(names(&some), ["sample_block.ko"]);
    fs::write(dir.join("sample_kmod.ko"), "").unwrap();
    assert_eq!(names(&some), ["sample_kmod.ko", "sample_block.ko"]);
    let named = Args {
        ko: Some("x/other.ko".into()),
        ..Args::default()
    };
    assert_eq!(names(&named), ["other.ko"]);
}

#[test]
fn all_are_the_samples_and_what_else_dist_has_made() {
    let root = tempfile::tempdir().unwrap();
    let samples = ["sample_kmod.ko", "sample_block.ko"];
    assert_eq!(names(root.path(), &all()), samples);
    let dir = "target/dist/x86_64-unknown-none/6.1.0-56-amd64";
    let dir = root.path().join(dir);
    fs::create_dir_all(&dir).unwrap();
    for file in ["other.ko", "sample_kmod.ko", "sample_kmod.report.json"] {
        fs::write(dir.join(file), "").unwrap();
    }
    assert_eq!(names(root.path(), &all()), samples);
    fs::write(dir.join("other.report.json"), "").unwrap();
    assert_eq!(
        names(root.path(), &all()),
        ["sample_kmod.ko", "sample_block.ko", "other.ko"]
    );
}

#[test]
fn one_kernel_of_all_goes_through_many_rounds() {
    assert_eq!(works(&Args::default(), true), [Work::Everyday]);
    assert_eq!(works(&all(), true), Work::ALL[..4]);
    assert_eq!(
        works(&all(), false),
        [Work::Everyday, Work::Pressure, Work::Faults]
    );
    let asked = Args {
        work: vec![WorkName::Rounds, WorkName::Faults],
        ..Args::default()
    };
    assert_eq!(works(&asked, false), [Work::Rounds, Work::Faults]);
}

#[test]
fn a_machine_has_the_modules_that_its_work_can_be_done_with() {
    let module = |name: &str| Module {
        ko: format!("x/{name}.ko").into(),
        name: name.into(),
    };
    let there = ["sample_kmod", "sample_block", "other"].map(module);
    let names = |work: Work| -> Vec<Vec<String>> {
        let sets = sets(work, &there).into_iter();
        sets.map(|set| set.into_iter().map(|module| module.name).collect())
            .collect()
    };
    assert_eq!(
        names(Work::Everyday),
        [["sample_kmod"], ["sample_block"], ["other"]]
    );
    assert_eq!(
        names(Work::Rounds),
        [["sample_kmod", "sample_block", "other"]]
    );
    assert_eq!(names(Work::Pressure), [["sample_kmod", "sample_block"]]);
    assert_eq!(names(Work::Faults), [["sample_kmod"]]);
    assert!(sets(Work::Faults, &there[1..]).is_empty());
}

#[test]
fn no_two_machines_of_a_kernel_share_a_directory() {
    let modules = ["sample_kmod", "sample_block"].map(|name| Module {
        ko: PathBuf::new(),
        name: name.into(),
    });
    let mut directories: Vec<String> = Work::ALL
        .into_iter()
        .flat_map(|work| sets(work, &modules).into_iter().map(move |set| (work, set)))
        .map(|(work, modules)| {
            let machine = Machine {
                kernel: kernel(),
                work,
                modules,
            };
            machine.directory()
        })
        .collect();
    let before = directories.len();
    directories.sort();
    directories.dedup();
    assert_eq!((before, directories.len()), (6, 6), "{directories:?}");
}
