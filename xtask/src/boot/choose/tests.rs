//! What is chosen, of kernels and modules that are empty files.

use std::fs;
use std::path::{Path, PathBuf};

use guest::Work;

use super::{Module, WorkName, fitting, modules, works};
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
    let names = |work: Work| -> Vec<String> {
        let fitting = fitting(work, &there).into_iter();
        fitting.map(|module| module.name).collect()
    };
    for work in [Work::Everyday, Work::Rounds] {
        assert_eq!(names(work), ["sample_kmod", "sample_block", "other"]);
    }
    assert_eq!(names(Work::Pressure), ["sample_kmod", "sample_block"]);
    assert_eq!(names(Work::Faults), ["sample_kmod"]);
    assert!(fitting(Work::Faults, &there[1..]).is_empty());
}
