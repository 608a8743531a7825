//! A kernel that changes in place, at the same path and of the same release, with times
//! that a package manager or a backup leaves: older than the last build.

use crate::support::{Fixture, X86, build_dir, kernel, run, scratch};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// In the module: the offset of a field, and what a configuration and a header add to it.
const HELPER: &str = "\
#include <linux/sched.h>
#ifndef CONFIG_HELPER_INLINE_TEST
#define CONFIG_HELPER_INLINE_TEST 0
#endif
#ifndef SHADOW
#define SHADOW 0
#endif
void rust_helper_needs(void *unused)
{
	asm volatile(\"movl %0, %%eax\" : : \"i\"(0x5afe0000 + SHADOW + CONFIG_HELPER_INLINE_TEST
		+ offsetof(struct task_struct, pid)) : \"eax\");
}
";

/// A checksum that no symbol has.
const CHECKSUM: u32 = 0xdead_beef;

fn fixture(name: &str) -> Fixture {
    let fixture = Fixture::new(name);
    fixture.write("helpers/needs.c", HELPER);
    fixture.edit(
        "src/lib.rs",
        "        bindings::warn_on(",
        "        bindings::needs(core::ptr::null_mut());\n        bindings::warn_on(",
    );
    fixture
}

fn cp(arguments: &[&str], from: &[PathBuf], to: &Path) {
    let copied = Command::new("cp")
        .args(arguments)
        .args(from)
        .arg(to)
        .status();
    assert!(copied.unwrap().success(), "cp to {}", to.display());
}

fn empty(name: &str) -> PathBuf {
    let dir = scratch("kernels").join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).unwrap();
    }
    fs::create_dir_all(&dir).unwrap();
    dir.canonicalize().unwrap()
}

/// Debian's two directories of headers.
fn debians() -> [PathBuf; 2] {
    let build = build_dir(&kernel("amd64"));
    let name = build.file_name().unwrap().to_str().unwrap();
    let common = name.strip_suffix("amd64").unwrap().to_owned() + "common";
    [build.with_file_name(common), build]
}

/// A build directory that is the source directory, as Fedora has it.
fn single_tree(name: &str) -> PathBuf {
    let dir = empty(name);
    let [common, build] = debians();
    let parts = |root: &Path, names: &[&str]| -> Vec<PathBuf> {
        names.iter().map(|name| root.join(name)).collect()
    };
    // Links of the scripts are followed, what is in them is copied.
    cp(
        &["-rL", "--preserve=timestamps"],
        &parts(&common, &["Makefile", "include", "scripts", "tools"]),
        &dir,
    );
    fs::create_dir(dir.join("arch")).unwrap();
    let arch = parts(&common, &["arch/x86"]);
    cp(&["-rL", "--preserve=timestamps"], &arch, &dir.join("arch"));
    let own = ["Module.symvers", ".config", "include", "arch"];
    cp(
        &["-rL", "--preserve=timestamps"],
        &parts(&build, &own),
        &dir,
    );
    dir
}

/// As Ubuntu has it: what the packages of all flavours share is linked to.
fn pair(name: &str) -> PathBuf {
    let whole = single_tree(name);
    let dir = empty(&format!("{name}-generic"));
    cp(&["-rs"], &[whole.join("include"), whole.join("arch")], &dir);
    for name in ["Makefile", "scripts", "tools", "Module.symvers", ".config"] {
        std::os::unix::fs::symlink(whole.join(name), dir.join(name)).unwrap();
    }
    dir
}

/// Writes a file in place, with a time of long ago.
fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    let touched = Command::new("touch")
        .args(["-d", "2020-01-01"])
        .arg(path)
        .status();
    assert!(touched.unwrap().success());
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{} has no `{from}`", path.display());
    put(path, &text.replace(from, to));
}

/// Another layout of the kernel's structures, and the checksums that go with it.
fn grow(kernel: &Path) {
    let header = kernel.join("include/linux/sched.h");
    edit(
        &header,
        "\tpid_t\t\t\t\tpid;",
        "\tlong grown[8]; pid_t pid;",
    );
    let symbols = fs::read_to_string(kernel.join("Module.symvers")).unwrap();
    let layout = symbols
        .lines()
        .find(|line| line.contains("\tmodule_layout\t"));
    let old = layout.unwrap();
    let new = format!("{CHECKSUM:#010x}{}", &old[10..]);
    edit(&kernel.join("Module.symvers"), old, &new);
}

/// Runs `dist`; what is in the module: the number, and whether it has the checksum.
#[track_caller]
fn made(fixture: &Fixture, kernel: &Path) -> (u16, bool) {
    let made = run(&mut fixture.dist_for(X86, kernel));
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    read(fixture)
}

fn read(fixture: &Fixture) -> (u16, bool) {
    let module = fixture.left().remove("fixture.ko").unwrap();
    let number = module.windows(4).find(|bytes| bytes[2..] == [0xfe, 0x5a]);
    let number = number.unwrap();
    let has = |bytes: [u8; 4]| module.windows(4).any(|window| window == bytes);
    (
        u16::from_le_bytes([number[0], number[1]]),
        has(CHECKSUM.to_le_bytes()),
    )
}

#[test]
fn a_kernel_that_is_its_own_source_directory_is_known_by_content() {
    let fixture = fixture("stale");
    let kernel = single_tree("stale");
    let saved = ["include/linux/sched.h", "Module.symvers"];
    let backup = empty("stale-backup");
    cp(&["-a"], &saved.map(|file| kernel.join(file)), &backup);
    let (offset, has_checksum) = made(&fixture, &kernel);
    assert!(!has_checksum);

    grow(&kernel);
    assert_eq!(made(&fixture, &kernel), (offset + 64, true));

    // A backup is restored; a header appears before another; an option is set.
    cp(&["-a"], &[backup.join("sched.h")], &kernel.join(saved[0]));
    cp(
        &["-a"],
        &[backup.join("Module.symvers")],
        &kernel.join(saved[1]),
    );
    let shadow = kernel.join("arch/x86/include/linux/sched.h");
    put(&shadow, "#define SHADOW 2\n#include_next <linux/sched.h>\n");
    let options = kernel.join("include/generated/autoconf.h");
    let text = fs::read_to_string(&options).unwrap();
    put(
        &options,
        &format!("{text}#define CONFIG_HELPER_INLINE_TEST 1\n"),
    );
    assert_eq!(made(&fixture, &kernel), (offset + 3, false));
    let again = run(&mut fixture.dist_for(X86, &kernel));
    assert!(again.stdout.contains("nothing changed") || again.stderr.contains("nothing changed"));

    // It changes while its own Kbuild makes the module: no module is made of two kernels.
    let modfinal = kernel.join("scripts/Makefile.modfinal");
    let text = fs::read_to_string(&modfinal).unwrap();
    let once = kernel.join("change-once");
    fs::write(&once, "").unwrap();
    let change = format!(
        "$(shell if rm {} 2>/dev/null; then printf '/* changed */\\n' >> {}; fi)\n",
        once.display(),
        kernel.join(saved[0]).display()
    );
    put(&modfinal, &(change + &text));
    fs::remove_dir_all(fixture.out()).unwrap();
    fixture.fails(
        3,
        &mut fixture.dist_for(X86, &kernel),
        &[
            "include/linux/sched.h` changed after the helpers of `fixture-stale` were compiled",
            "run `dist` again",
        ],
    );
    // What it says.
    assert_eq!(made(&fixture, &kernel), (offset + 3, false));
}

#[test]
fn a_pair_of_directories_with_links_is_known_by_content() {
    let fixture = fixture("stale-pair");
    let kernel = pair("stale-pair");
    // As /lib/modules names it.
    let modules = empty("stale-modules");
    let build = modules.join("build");
    std::os::unix::fs::symlink(&kernel, &build).unwrap();
    let (offset, has_checksum) = made(&fixture, &build);
    assert!(!has_checksum);
    grow(&kernel.with_file_name("stale-pair"));
    assert_eq!(made(&fixture, &build), (offset + 64, true));
    // What the kernel's make files take from the environment.
    let mut by_flag = fixture.dist_for(X86, &build);
    let by_flag = run(by_flag.env("KCPPFLAGS", "-DSHADOW=4"));
    assert_eq!(by_flag.code, Some(0), "{}", by_flag.stderr);
    assert_eq!(read(&fixture), (offset + 68, true));
}

#[test]
fn each_input_of_split_headers_is_listed() {
    let out_dir = Fixture::good().out_dir();
    let list = fs::read_to_string(out_dir.join("helper-inline-inputs")).unwrap();
    let [common, build] = debians().map(|dir| dir.canonicalize().unwrap());
    for file in [
        common.join("include/linux/bug.h"),
        common.join("Makefile"),
        common.join("arch/x86/Makefile"),
        build.join("include/generated/autoconf.h"),
        build.join("include/config/auto.conf"),
        build.join("Module.symvers"),
        build.join("Makefile"),
    ] {
        if file.exists() {
            let is_listed = list.lines().any(|line| {
                line.starts_with("file ") && line.ends_with(&format!(" {}", file.display()))
            });
            assert!(is_listed, "{}", file.display());
        }
    }
    // There or not.
    let options = build.join("include/generated/rustc_cfg");
    let end = format!(" {}", options.display());
    assert!(list.lines().any(|line| line.ends_with(&end)), "no{end}");
    // The build script's own files would make it run at every build.
    let own = format!(" {}", out_dir.display());
    assert!(!list.lines().any(|line| line.contains(&own)), "{list}");
}
