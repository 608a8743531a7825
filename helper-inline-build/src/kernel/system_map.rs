//! `System.map`: the symbols of a kernel image, exported to modules or not.
//!
//! Not here: what built-in code needs of them (`dist::image`).

use super::KernelDir;
use crate::{Error, Result, files};
use std::collections::HashSet;

/// The symbols of a kernel image that another object of it can use.
#[derive(Debug)]
pub(crate) struct SystemMap(HashSet<String>);

impl SystemMap {
    /// Reads that of a build directory, if it has one: the kernel has been linked
    /// there then. A distribution's headers have none.
    pub(crate) fn of(kernel: &KernelDir) -> Result<Option<SystemMap>> {
        let path = kernel.path().join("System.map");
        if !path.is_file() {
            return Ok(None);
        }
        let mut symbols = HashSet::new();
        for (number, line) in files::read_to_string(&path)?.lines().enumerate() {
            let (global, name) = parse(line).ok_or_else(|| Error::Malformed {
                path: path.clone(),
                expected: "list of a kernel's symbols (nm's System.map)",
                detail: format!("line {} is `{line}`", number + 1),
            })?;
            if global {
                symbols.insert(name.to_owned());
            }
        }
        Ok(Some(SystemMap(symbols)))
    }

    pub(crate) fn has(&self, symbol: &str) -> bool {
        self.0.contains(symbol)
    }

    #[cfg(test)]
    pub(crate) fn from_symbols(symbols: &[&str]) -> SystemMap {
        SystemMap(symbols.iter().map(|&symbol| symbol.to_owned()).collect())
    }
}

/// Whether a symbol is global, and its name. A line is its address, a letter for
/// its kind, in lower case when it is local, and the name. Weak symbols are global
/// in either case.
fn parse(line: &str) -> Option<(bool, &str)> {
    let mut words = line.split(' ');
    u64::from_str_radix(words.next()?, 16).ok()?;
    let mut kind = words.next()?.chars();
    let (Some(letter), None) = (kind.next(), kind.next()) else {
        return None;
    };
    let name = words.next().filter(|name| !name.is_empty())?;
    let global = letter.is_ascii_uppercase() || "vw".contains(letter);
    words.next().is_none().then_some((global, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_symbols_are_told_from_global_ones() {
        let line = |kind| format!("ffffffff81000000 {kind} name");
        for (kind, global) in [
            ("T", true),
            ("W", true),
            ("w", true),
            ("t", false),
            ("d", false),
        ] {
            assert_eq!(parse(&line(kind)), Some((global, "name")));
        }
        // What Debian puts in the place of one.
        assert_eq!(
            parse("ffffffffffffffff B The real System.map is in another package"),
            None
        );
        assert_eq!(parse("hello"), None);
    }
}
