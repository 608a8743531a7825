//! What clang takes from the machine that it runs on, and what of it is fixed here: what is
//! compiled for a kernel or a target depends on that and on its flags, not on what else is
//! installed.
//!
//! Not here: defaults that a clang was built with. They are its own, as its version is.

use crate::served;
use std::process::Command;

/// A choice that clang makes by what it finds, and the flags that make it.
struct Fixed {
    /// The architecture that has the choice.
    arch: &'static str,
    /// For a kernel or bare metal.
    kernel: &'static str,
    /// For Linux.
    hosted: &'static str,
    /// Why these.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people and by a test"))]
    reason: &'static str,
}

/// All of them. A user's own flags come later and so decide, but for a kernel.
const FIXED: &[Fixed] = &[Fixed {
    arch: "aarch64",
    kernel: "-mno-outline-atomics",
    hosted: "-moutline-atomics",
    reason: "clang calls libgcc's `__aarch64_*` for atomics where it finds a GCC for the target. \
             No kernel has them. On Linux rustc does the same by its target's definition, and \
             its compiler-builtins has them, whatever is installed",
}];

/// A variable by which clang makes something else of the same command line.
struct Variable {
    name: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "read by people and by a test"))]
    reason: &'static str,
}

const fn variable(name: &'static str, reason: &'static str) -> Variable {
    Variable { name, reason }
}

/// All of them. Nothing that is compiled for a kernel sees one, nor does a back end of a thin
/// link; for what a crate compiles for Linux they are the user's, and inputs.
const VARIABLES: &[Variable] = &[
    variable("CCC_ADD_ARGS", "arguments that are added"),
    variable(
        "CCC_OVERRIDE_OPTIONS",
        "arguments that are added, changed or removed",
    ),
    variable(
        "CLANG_CONFIG_FILE_SYSTEM_DIR",
        "where files of arguments are",
    ),
    variable("CLANG_CONFIG_FILE_USER_DIR", "where files of arguments are"),
    variable(
        "CLANG_NO_DEFAULT_CONFIG",
        "whether files of arguments are read",
    ),
    variable("COMPILER_PATH", "where programs and a GCC are looked for"),
    variable("GCC_EXEC_PREFIX", "where programs and a GCC are looked for"),
    variable("CPATH", "directories of headers, with -nostdinc too"),
    variable(
        "C_INCLUDE_PATH",
        "directories of headers, with -nostdinc too",
    ),
    variable("CPLUS_INCLUDE_PATH", "directories of headers"),
    variable("SDKROOT", "where a system's headers and libraries are"),
    variable("SOURCE_DATE_EPOCH", "what __DATE__ and __TIME__ are"),
    variable(
        "DEPENDENCIES_OUTPUT",
        "a file of dependencies that is written besides",
    ),
    variable(
        "SUNPRO_DEPENDENCIES",
        "a file of dependencies that is written besides",
    ),
];

/// The version from which on clang and libclang read files of arguments by themselves, and
/// know the flag against it.
pub(crate) const READS_FILES_FROM: u32 = 16;

/// Has clang read no files of arguments (`clang.cfg`) but those that are named.
pub(crate) const NO_FILES: &str = "--no-default-config";

/// The flags that fix what clang would choose by the machine, for a target of rustc's or
/// clang's. They belong before the user's for Linux, and behind them for a kernel, which
/// cannot serve the other choice.
pub(crate) fn flags(target: &str, is_kernel: bool) -> Vec<&'static str> {
    let arch = target.split('-').next();
    let is_kernel = is_kernel || served::is_bare_metal(target);
    let rows = FIXED.iter().filter(|row| Some(row.arch) == arch);
    rows.map(|row| if is_kernel { row.kernel } else { row.hosted })
        .collect()
}

/// The variables that change what clang compiles.
pub(crate) fn variables() -> impl Iterator<Item = &'static str> {
    VARIABLES.iter().map(|variable| variable.name)
}

/// Has a command, and the clang that it runs, compile the same on every machine: without
/// those variables, and without files of arguments (as by [`NO_FILES`], but for clang that
/// does not know it too).
pub(crate) fn isolate(command: &mut Command) {
    for variable in variables() {
        command.env_remove(variable);
    }
    command.env("CLANG_NO_DEFAULT_CONFIG", "1");
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::{Clang, Rustc};
    use std::path::Path;

    /// A directory in which clang finds a GCC for AArch64.
    fn gcc() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let gcc = dir.path().join("lib/gcc/aarch64-linux-gnu/12");
        std::fs::create_dir_all(&gcc).unwrap();
        for file in ["crtbegin.o", "libgcc.a"] {
            std::fs::write(gcc.join(file), "").unwrap();
        }
        dir
    }

    /// Whether clang compiles to calls of libgcc's atomics on a machine whose compilers are
    /// in this directory.
    fn has_outline_atomics(machine: &Path, target: &str, flags: &[&str]) -> bool {
        let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
        let mut command = Command::new(&clang.path);
        command.arg(format!("--target={target}"));
        command.arg(format!("--gcc-toolchain={}", machine.display()));
        command
            .args(flags)
            .args(["-###", "-c", "-x", "c", "/dev/null"]);
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && text.contains("-cc1"), "{text}");
        text.contains("\"+outline-atomics\"")
    }

    #[test]
    fn atomics_are_the_same_whatever_is_installed() {
        let (with, without) = (gcc(), tempfile::tempdir().unwrap());
        let (with, without) = (with.path(), without.path());
        let hosted = "aarch64-unknown-linux-gnu";
        assert!(
            has_outline_atomics(with, hosted, &[]),
            "the control: clang chooses by that"
        );
        assert!(!has_outline_atomics(without, hosted, &[]), "the control");
        for machine in [with, without] {
            for (target, is_kernel, expected) in [
                (hosted, false, true),
                ("aarch64-unknown-linux-musl", false, true),
                ("aarch64-linux-gnu", true, false),
                ("aarch64-unknown-none", false, false),
            ] {
                let outlined = has_outline_atomics(machine, target, &flags(target, is_kernel));
                assert_eq!(outlined, expected, "{target} beside {}", machine.display());
            }
        }
        assert_eq!(flags("x86_64-unknown-linux-gnu", false), [""; 0]);
    }

    #[test]
    fn an_isolated_compiler_sees_nothing_of_the_machines_settings() {
        let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("clang.cfg"), "-DBY_FILE\n").unwrap();
        let seen = |isolated: bool| {
            let mut command = Command::new(&clang.path);
            command
                .args(["-nostdinc", "-###", "-c", "-x", "c", "/dev/null"])
                .arg(format!("--config-system-dir={}", dir.path().display()))
                .env("CPATH", "/by-cpath")
                .env("CCC_OVERRIDE_OPTIONS", "# +-DBY_OVERRIDE");
            if isolated {
                isolate(&mut command);
            }
            let text = String::from_utf8(command.output().unwrap().stderr).unwrap();
            ["BY_FILE", "/by-cpath", "BY_OVERRIDE"].map(|mark| text.contains(mark))
        };
        assert_eq!(seen(false), [true; 3], "the control");
        assert_eq!(seen(true), [false; 3]);
    }

    #[test]
    fn each_row_has_a_reason() {
        assert!(FIXED.iter().all(|row| !row.reason.is_empty()));
        assert!(VARIABLES.iter().all(|row| !row.reason.is_empty()));
    }
}
