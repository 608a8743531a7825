//! What cargo asks of rustc, read from its arguments.
//!
//! Only what decides whether and how helpers are inlined. Not here: deciding.

#[cfg(feature = "wrapper")]
use crate::link::job::OptLevel;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// One run of rustc.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Invocation {
    pub(crate) crate_name: String,
    pub(crate) crate_types: Vec<String>,
    /// Whether it is a test harness.
    pub(crate) is_test: bool,
    pub(crate) emit: Vec<String>,
    pub(crate) out_dir: Option<PathBuf>,
    pub(crate) extra_filename: String,
    pub(crate) target: Option<String>,
    /// `-L native=…`: build scripts' directories are among them, those of
    /// dependencies' too.
    pub(crate) native_dirs: Vec<PathBuf>,
    /// `-l static=…`
    pub(crate) static_libraries: Vec<String>,
    pub(crate) opt_level: String,
    pub(crate) has_codegen_units: bool,
    pub(crate) incremental: bool,
    pub(crate) linker: Option<PathBuf>,
    /// Whether somebody said what is stripped of a program.
    pub(crate) has_strip: bool,
    /// Whether an rlib's objects are bitcode, or have it beside the code, for LTO
    /// at the end.
    pub(crate) is_for_lto: bool,
    /// Whether objects are bitcode, which the linker compiles.
    pub(crate) plugin_lto: bool,
    /// Whether the code is to have debug information.
    pub(crate) debug: bool,
    /// Whether messages are JSON.
    pub(crate) json: bool,
}

impl Invocation {
    /// Reads rustc's arguments. Those that cannot be read say nothing.
    pub(crate) fn parse(arguments: &[OsString]) -> Invocation {
        let mut invocation = Invocation {
            is_for_lto: true,
            ..Invocation::default()
        };
        let mut left: VecDeque<String> = expand(arguments).into();
        while let Some(argument) = left.pop_front() {
            let (option, joined) = split(&argument);
            let mut value = || joined.clone().or_else(|| left.pop_front());
            match option {
                "--crate-name" => invocation.crate_name = value().unwrap_or_default(),
                "--crate-type" => {
                    let types = value().unwrap_or_default();
                    invocation
                        .crate_types
                        .extend(types.split(',').map(str::to_owned));
                }
                "--test" => invocation.is_test = true,
                "--emit" => {
                    let kinds = value().unwrap_or_default();
                    let kinds = kinds.split(',').map(|kind| kind.split('=').next());
                    invocation.emit.extend(kinds.flatten().map(str::to_owned));
                }
                "--out-dir" => invocation.out_dir = value().map(PathBuf::from),
                "--target" => invocation.target = value(),
                "--error-format" => invocation.json = value().as_deref() == Some("json"),
                "-L" => {
                    let place = value().unwrap_or_default();
                    let dir = place.strip_prefix("native=").map(PathBuf::from);
                    invocation.native_dirs.extend(dir);
                }
                "-l" => {
                    let library = value().unwrap_or_default();
                    let (kind, name) = library.split_once('=').unwrap_or(("", &library));
                    if kind.split(':').next() == Some("static") {
                        invocation.static_libraries.push(name.to_owned());
                    }
                }
                "-C" | "--codegen" => invocation.codegen(&value().unwrap_or_default()),
                "-g" => invocation.debug = true,
                "-O" => invocation.opt_level = "3".into(),
                _ => {}
            }
        }
        invocation
    }

    fn codegen(&mut self, option: &str) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        match name.replace('_', "-").as_str() {
            "extra-filename" => value.clone_into(&mut self.extra_filename),
            "opt-level" => value.clone_into(&mut self.opt_level),
            "codegen-units" => self.has_codegen_units = true,
            "incremental" => self.incremental = true,
            "debuginfo" => self.debug = !matches!(value, "0" | "none"),
            "linker" => self.linker = Some(value.into()),
            "strip" => self.has_strip = true,
            "embed-bitcode" => self.is_for_lto = !matches!(value, "no" | "n" | "off" | "false"),
            "linker-plugin-lto" => {
                self.plugin_lto = !matches!(value, "no" | "n" | "off" | "false");
                self.is_for_lto |= self.plugin_lto;
            }
            _ => {}
        }
    }

    /// What the names of the crate's files have before their first dot.
    pub(crate) fn stem(&self) -> String {
        format!("{}{}", self.crate_name, self.extra_filename)
    }

    /// Whether it makes a crate of one of these types.
    pub(crate) fn makes(&self, kinds: &[&str]) -> bool {
        self.crate_types
            .iter()
            .any(|kind| kinds.contains(&kind.as_str()))
    }

    /// Whether the linker runs.
    #[cfg(feature = "wrapper")]
    pub(crate) fn links(&self) -> bool {
        let binary = self.crate_types.is_empty() || self.is_test;
        binary || self.makes(&["bin", "cdylib", "dylib"])
    }

    /// How the crate is optimized.
    #[cfg(feature = "wrapper")]
    pub(crate) fn level(&self) -> OptLevel {
        OptLevel::of(&self.opt_level).unwrap_or(OptLevel::O0)
    }
}

/// Replaces each `@file` by the lines of that file, which cargo writes when a
/// command is too long.
fn expand(arguments: &[OsString]) -> Vec<String> {
    let mut all = Vec::new();
    for argument in arguments {
        let argument = argument.to_string_lossy();
        let file = argument.strip_prefix('@');
        match file.and_then(|path| std::fs::read_to_string(Path::new(path)).ok()) {
            Some(text) => all.extend(text.lines().map(str::to_owned)),
            None => all.push(argument.into_owned()),
        }
    }
    all
}

/// Splits `--option=value` and `-Cvalue` into option and value.
fn split(argument: &str) -> (&str, Option<String>) {
    if argument.starts_with("--") {
        return match argument.split_once('=') {
            Some((option, value)) => (option, Some(value.to_owned())),
            None => (argument, None),
        };
    }
    for option in ["-C", "-L", "-l"] {
        if let Some(value) = argument.strip_prefix(option).filter(|v| !v.is_empty()) {
            return (option, Some(value.to_owned()));
        }
    }
    (argument, None)
}

#[cfg(all(test, feature = "wrapper"))]
mod tests {
    use super::*;

    fn parse(line: &str) -> Invocation {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        Invocation::parse(&arguments)
    }

    #[test]
    fn cargos_arguments_are_read_in_both_spellings() {
        let library = parse(
            "--crate-name demo --edition=2024 src/lib.rs --error-format=json --crate-type lib \
             --emit=dep-info,metadata,link -C opt-level=3 -C embed-bitcode=no \
             -C metadata=1 -C extra-filename=-12ab --out-dir /t/deps -L dependency=/t/deps \
             -L native=/t/build/demo-34/out -l static=helper_inline_demo",
        );
        assert_eq!(library.stem(), "demo-12ab");
        assert_eq!(library.emit, ["dep-info", "metadata", "link"]);
        assert_eq!(library.native_dirs, [Path::new("/t/build/demo-34/out")]);
        assert_eq!(library.static_libraries, ["helper_inline_demo"]);
        assert_eq!(library.level(), OptLevel::O3);
        assert!(library.json && !library.links() && !library.is_for_lto);

        let program = parse(
            "--crate-name app --crate-type=bin -Cincremental=/t/inc -Clinker=gcc --emit link \
             -Lnative=/t/out -lstatic:+bundle=x --codegen=codegen_units=4 --target=t",
        );
        assert!(program.links() && program.incremental && program.has_codegen_units);
        assert_eq!(program.linker.as_deref(), Some(Path::new("gcc")));
        assert_eq!(program.native_dirs, [Path::new("/t/out")]);
        assert_eq!(program.static_libraries, ["x"]);
        assert_eq!(program.level(), OptLevel::O0);
        assert!(program.is_for_lto);
        assert!(parse("--test --crate-name t").links());
    }

    #[test]
    fn a_file_of_arguments_is_read_as_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("arguments");
        std::fs::write(&file, "--crate-name\nlong\n-C\nopt-level=s\n").unwrap();
        let invocation = parse(&format!("@{}", file.display()));
        assert_eq!(invocation.crate_name, "long");
        assert_eq!(invocation.level(), OptLevel::Os);
    }
}
