//! Version lines of kernels, such as 6.1, and which of Debian's suites has one.
//! Which packages make up a kernel of it is not its matter.

use std::path::Path;

use super::{Arch, packages};
use crate::cli::apt::{Apt, Suites};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::progress::Step;

/// The version line that is fetched when none is named: Debian 12's own.
pub const DEFAULT_RELEASE: &str = "6.1";

/// Fails unless this is a version line.
pub(super) fn check(line: &str) -> Outcome {
    let numbers: Vec<&str> = line.split('.').collect();
    let number = |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if numbers.len() <= 2 && numbers.iter().all(number) {
        return Ok(());
    }
    Err(Failure::usage(format_args!(
        "`{line}` is no kernel version line; give its first two numbers, such as --release {DEFAULT_RELEASE}, or the first one for the newest of it"
    )))
}

/// An apt whose lists have kernels of the line: Debian 12's own where there are,
/// because Kbuild's programs of a newer one may need a newer C library.
pub(super) fn find(
    directory: &Path,
    line: &str,
    missing: &[Arch],
    architectures: &[Arch],
) -> Outcome<(Apt, Suites)> {
    let names: Vec<&str> = architectures.iter().map(|arch| arch.debian()).collect();
    let begin = usize::from(line != DEFAULT_RELEASE);
    let mut known: Vec<String> = Vec::new();
    for &suites in &Suites::ALL[begin..] {
        let apt = Apt::new(&directory.join(".apt"), &names, suites)?;
        let step = Step::of_percent("package lists");
        apt.update(|percent| step.at_percent(percent))?;
        step.done();
        let mut found = true;
        for &arch in missing {
            let (versions, has) = packages::has_line(&apt, line, arch)?;
            let of_arch = versions.iter().map(|version| format!("{version} ({arch})"));
            known.extend(of_arch);
            found &= has;
        }
        if found {
            return Ok((apt, suites));
        }
    }
    known.dedup();
    let known = if known.is_empty() {
        "nothing".to_owned()
    } else {
        known.join(", ")
    };
    Err(Failure::usage(format_args!(
        "Debian has no {line} kernel for {}; it has {known}; choose one of these with --release X.Y",
        missing
            .iter()
            .map(|arch| arch.debian())
            .collect::<Vec<_>>()
            .join(" and ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_two_numbers_or_one() {
        assert!(check("6.12").is_ok() && check("7").is_ok());
        for line in ["6.1.0", "6.x", "", "../x", "6."] {
            assert_eq!(check(line).unwrap_err().code(), 2, "{line}");
        }
    }
}
