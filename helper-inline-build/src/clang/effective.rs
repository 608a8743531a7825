//! clang's effective arguments: what its driver makes of a unit's flags on this machine.
//!
//! Among them is what clang chooses by what else is installed, by files of arguments and by
//! variables, so they are an input of all that it compiles. Not here: what of that is fixed
//! (`defaults`).

use super::defaults;
use crate::{Result, command};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

type Question = (PathBuf, Vec<String>, bool);

/// What was asked before: the units of a build share most flags, and each answer costs a
/// process.
static KNOWN: LazyLock<Mutex<HashMap<Question, String>>> = LazyLock::new(Mutex::default);

/// The arguments, a line each, without names of files that are made.
///
/// # Errors
/// [`Error::Command`](crate::Error::Command) when clang does not take the flags.
pub(crate) fn arguments(clang: &Path, flags: &[String], is_kernel: bool) -> Result<String> {
    let question = (clang.to_owned(), deciding(flags), is_kernel);
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.get(&question) {
        return Ok(known.clone());
    }
    drop(known);
    let mut driver = Command::new(clang);
    driver
        .args(&question.1)
        .args(["-###", "-x", "c", "-c", "/dev/null", "-o", "/dev/null"])
        .stdin(Stdio::null());
    if is_kernel {
        defaults::isolate(&mut driver);
    }
    command::show(&driver);
    let output = driver.output();
    let output = command::check("asking clang for its arguments", &driver, output)?;
    let answer = normalized(&String::from_utf8_lossy(&output.stderr));
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.insert(question, answer.clone());
    Ok(answer)
}

/// Forgets what was asked before, as another process would.
#[cfg(test)]
pub(crate) fn forget() {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.clear();
}

/// Flags by which the driver can decide something; others it only passes on, and they are
/// inputs by themselves.
pub(crate) fn deciding(flags: &[String]) -> Vec<String> {
    const WITH_VALUE: [&str; 5] = ["-include", "-isystem", "-iquote", "-idirafter", "-imacros"];
    const PASSED_ON: [&str; 7] = ["-I", "-D", "-U", "-W", "-M", "-w", "-c"];
    let mut value_follows = false;
    let deciding = flags.iter().filter(|flag| {
        let is_value = std::mem::take(&mut value_follows);
        let is_alone = ["-I", "-D", "-U", "-MF", "-MT", "-MQ"].contains(&flag.as_str());
        value_follows = !is_value && (is_alone || WITH_VALUE.contains(&flag.as_str()));
        let is_passed_on =
            PASSED_ON.iter().any(|name| flag.starts_with(name)) || flag.contains("prefix-map=");
        !is_value && !value_follows && !is_passed_on
    });
    deciding.cloned().collect()
}

/// The compiler's own command line as the driver shows it, a word a line.
fn normalized(shown: &str) -> String {
    /// Arguments that say where, not how.
    const PLACES: [&str; 2] = ["-fdebug-compilation-dir=", "-fcoverage-compilation-dir="];
    let line = shown.lines().rfind(|line| line.contains(" \"-cc1\" "));
    let words = line.unwrap_or_default().trim().trim_matches('"');
    let words = words.split("\" \"");
    let words = words.filter(|word| !PLACES.iter().any(|place| word.starts_with(place)));
    words.collect::<Vec<_>>().join("\n")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::{Clang, Rustc};

    fn clang() -> PathBuf {
        Clang::find(Rustc::from_env().unwrap().llvm).unwrap().path
    }

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn what_another_compiler_changes_is_in_them() {
        let machine = tempfile::tempdir().unwrap();
        let gcc = machine.path().join("lib/gcc/aarch64-linux-gnu/12");
        let flags = words("--target=aarch64-unknown-linux-gnu -O2 --gcc-toolchain=");
        let flags = |more: &str| {
            let mut flags = flags.clone();
            *flags.last_mut().unwrap() += machine.path().to_str().unwrap();
            // A question of its own, as it would be in another process.
            flags.push(more.to_owned());
            flags
        };
        let ask = |more: &str| arguments(&clang(), &flags(more), false).unwrap();
        let before = ask("-fno-common");
        std::fs::create_dir_all(&gcc).unwrap();
        for file in ["crtbegin.o", "libgcc.a"] {
            std::fs::write(gcc.join(file), "").unwrap();
        }
        assert_eq!(ask("-fno-common"), before, "asked once");
        let after = ask("-fno-strict-aliasing");
        let has = |text: &str| text.lines().any(|word| word == "+outline-atomics");
        assert!(!has(&before) && has(&after), "{before}\n\n{after}");
    }

    #[test]
    fn what_says_where_and_what_is_only_passed_on_is_not() {
        let flags = words(
            "-O2 -I a -Ib -include c.h -DX=1 -Wall -Wp,-MMD,d -isystem e -fmacro-prefix-map=/f= \
             -fPIC -MF g --target=x86_64-linux-gnu -c",
        );
        assert_eq!(
            deciding(&flags),
            ["-O2", "-fPIC", "--target=x86_64-linux-gnu"]
        );
        let text = arguments(&clang(), &flags, true).unwrap();
        assert!(text.lines().any(|word| word == "-O2"), "{text}");
        assert!(!text.contains("compilation-dir"), "{text}");
    }

    #[test]
    fn flags_that_clang_does_not_take_are_an_error_with_the_command() {
        let error = arguments(&clang(), &words("--no-such-flag"), false).unwrap_err();
        assert!(error.to_string().contains("--no-such-flag"), "{error}");
    }
}
