//! libclang's arguments, the same for bindgen and for wrapping.
//!
//! bindgen by itself looks for headers where the first `clang-*` on `PATH` has them,
//! whose own headers (`stdatomic.h`, `immintrin.h`) another libclang cannot read. Not
//! here: finding clang (`clang`).

use crate::clang::defaults;
use crate::{Clang, served};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How a unit is read.
pub(super) struct Arguments {
    /// What bindgen is given, which adds its variables itself.
    pub bindgen: Vec<String>,
    /// The same with those variables.
    pub all: Vec<String>,
}

impl Arguments {
    /// For a unit that is compiled with these flags by this clang, or by the one
    /// that bindgen's `CLANG_PATH` names.
    pub(super) fn new(flags: &[String], target: &str, clang: Option<&Clang>) -> Arguments {
        let relevant = flags.iter().filter(|flag| concerns_types(flag)).cloned();
        let mut bindgen: Vec<String> = relevant.collect();
        let libclang = bindgen::clang_version().parsed;
        let reads_files = libclang.is_some_and(|(major, _)| major >= defaults::READS_FILES_FROM);
        if served::is_bare_metal(target) && reads_files {
            bindgen.push(defaults::NO_FILES.to_owned());
        }
        let extra = extra_arguments(target);
        let mut all = bindgen.clone();
        all.extend(extra.iter().cloned());
        let named = std::env::var_os("CLANG_PATH").map(|path| Clang::at(Path::new(&path)));
        let clang = match &named {
            Some(named) => named.as_ref().ok().or(clang),
            None => clang,
        };
        // Without one, libclang looks where it was installed.
        for path in clang.map_or_else(Vec::new, |clang| search_paths(clang, &all)) {
            let path = path.display().to_string();
            for list in [&mut bindgen, &mut all] {
                list.extend(["-isystem".to_owned(), path.clone()]);
            }
        }
        Arguments { bindgen, all }
    }
}

/// Whether a compiler flag can matter to declarations. libclang may be of
/// another version than clang and does not know every warning and debug flag.
fn concerns_types(flag: &str) -> bool {
    !flag.starts_with("-W") && !flag.starts_with("-g") && flag != "-c"
}

/// bindgen's variable, for the target or for all.
fn extra_arguments(target: &str) -> Vec<String> {
    const VARIABLE: &str = "BINDGEN_EXTRA_CLANG_ARGS";
    let names = [
        format!("{VARIABLE}_{target}"),
        format!("{VARIABLE}_{}", target.replace('-', "_")),
        VARIABLE.to_owned(),
    ];
    let found = names.iter().find_map(|name| std::env::var(name).ok());
    let Some(text) = found else {
        return Vec::new();
    };
    shlex::split(&text).unwrap_or_else(|| vec![text])
}

/// Where clang looks for headers with these arguments, beside their own
/// directories. Its own headers are left to libclang when that is of another
/// version.
fn search_paths(clang: &Clang, arguments: &[String]) -> Vec<PathBuf> {
    let ask = |more: &[&str]| {
        let mut command = Command::new(&clang.path);
        let output = command
            .args(without_directories(arguments))
            .args(more)
            .stdin(Stdio::null())
            .output();
        output.ok().filter(|output| output.status.success())
    };
    let Some(verbose) = ask(&["-E", "-x", "c", "-v", "-"]) else {
        return Vec::new();
    };
    let libclang = bindgen::clang_version().parsed.map(|(major, _)| major);
    let own = match libclang {
        Some(major) if major != clang.version.major => ask(&["-print-resource-dir"]),
        _ => None,
    };
    let own = own.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let listed = listed(&String::from_utf8_lossy(&verbose.stderr));
    let is_own = |path: &PathBuf| own.as_ref().is_some_and(|own| path.starts_with(own));
    listed.into_iter().filter(|path| !is_own(path)).collect()
}

/// The user's own directories stay what they are, no system directories.
fn without_directories(arguments: &[String]) -> Vec<&String> {
    let mut path_follows = false;
    let relevant = arguments.iter().filter(|argument| {
        if std::mem::take(&mut path_follows) {
            return false;
        }
        path_follows = *argument == "-I" || *argument == "--include-directory";
        let is_path = argument.starts_with("-I") || argument.starts_with("--include-directory=");
        !path_follows && !is_path
    });
    relevant.collect()
}

/// The list of directories in what `clang -v` prints.
fn listed(text: &str) -> Vec<PathBuf> {
    let begin = "#include <...> search starts here:";
    let lines = text.lines().skip_while(|line| *line != begin).skip(1);
    lines
        .take_while(|line| *line != "End of search list.")
        .map(|line| PathBuf::from(line.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_read_from_what_clang_prints() {
        let text = "clang version 22\n#include \"...\" search starts here:\n /mine\n\
                    #include <...> search starts here:\n /usr/lib/clang/22/include\n \
                    /usr/include\nEnd of search list.\n# 1\n";
        assert_eq!(
            listed(text),
            ["/usr/lib/clang/22/include", "/usr/include"].map(PathBuf::from)
        );
        assert!(listed("error").is_empty());
    }

    #[test]
    fn own_directories_are_not_asked_for() {
        let arguments = [
            "-I",
            "a",
            "-Ib",
            "--include-directory",
            "c",
            "-DX",
            "-isystem",
            "d",
        ];
        let arguments = arguments.map(str::to_owned);
        assert_eq!(without_directories(&arguments), ["-DX", "-isystem", "d"]);
    }
}
