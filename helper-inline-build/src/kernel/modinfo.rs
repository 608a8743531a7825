//! What a module says of itself: the `key=value` strings in an object's
//! `.modinfo` sections.
//!
//! Not here: what modpost adds to them.

use crate::{Error, Result, files};
use object::{Object as _, ObjectSection as _};
use std::path::Path;

/// A module's own statements.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ModInfo(Vec<(String, String)>);

impl ModInfo {
    /// Reads them from an object.
    pub(crate) fn read(object: &Path) -> Result<ModInfo> {
        let malformed = |e: object::Error| Error::Malformed {
            path: object.to_owned(),
            expected: "object file",
            detail: e.to_string(),
        };
        let data = files::read(object)?;
        let file = object::File::parse(data.as_slice()).map_err(malformed)?;
        let mut strings = Vec::new();
        for section in file.sections() {
            if section.name().map_err(malformed)? == ".modinfo" {
                strings.extend(parse(section.data().map_err(malformed)?));
            }
        }
        Ok(ModInfo(strings))
    }

    /// All of them, as `key=value`, in the order in which they stand.
    pub(crate) fn strings(&self) -> Vec<String> {
        let pairs = self.0.iter();
        pairs.map(|(key, value)| format!("{key}={value}")).collect()
    }

    /// Every value of a key, in the order in which they stand.
    pub(crate) fn values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let matching = self.0.iter().filter(move |(name, _)| name == key);
        matching.map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
impl ModInfo {
    pub(crate) fn from_strings(strings: &[&str]) -> ModInfo {
        ModInfo(parse(strings.join("\0").as_bytes()))
    }
}

fn parse(section: &[u8]) -> Vec<(String, String)> {
    section
        .split(|byte| *byte == 0)
        .filter_map(|text| {
            let text = String::from_utf8_lossy(text);
            let (key, value) = text.split_once('=')?;
            Some((key.to_owned(), value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_told_apart_by_their_nul_and_padding_is_none() {
        let info = ModInfo(parse(b"license=GPL\0\0\0import_ns=A\0import_ns=B\0x"));
        assert_eq!(info.values("license").collect::<Vec<_>>(), ["GPL"]);
        assert_eq!(info.values("import_ns").collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(info.values("alias").count(), 0);
    }
}
