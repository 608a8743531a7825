//! `Module.symvers`: what a kernel exports to modules, with each symbol's
//! checksum, licence class and namespace.
//!
//! Not here: what a module needs of it (`imports`).

use crate::{Error, Result, files};
use std::collections::HashMap;
use std::path::Path;

/// A symbol that a kernel or another module exports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Export {
    /// `CONFIG_MODVERSIONS`' checksum of its type; 0 without that option.
    pub(crate) crc: u32,
    /// The object that exports it; `vmlinux` for the kernel itself.
    pub(crate) module: String,
    /// Whether only modules under the GPL get it.
    pub(crate) gpl_only: bool,
    /// The namespace that a module has to import first.
    pub(crate) namespace: Option<String>,
}

/// Every export, by name.
#[derive(Debug, Default)]
pub(crate) struct Symvers(HashMap<String, Export>);

impl Symvers {
    /// Reads a file as modpost writes it, and adds it to what was read before.
    pub(crate) fn add(&mut self, path: &Path) -> Result<()> {
        for (number, line) in files::read_to_string(path)?.lines().enumerate() {
            let (name, export) = parse(line).ok_or_else(|| Error::Malformed {
                path: path.to_owned(),
                expected: "list of exported symbols (modpost's Module.symvers)",
                detail: format!("line {} is `{line}`", number + 1),
            })?;
            self.0.insert(name, export);
        }
        Ok(())
    }

    pub(crate) fn get(&self, symbol: &str) -> Option<&Export> {
        self.0.get(symbol)
    }
}

/// Checksum, symbol, module, export type and, since Linux 5.4, namespace, with
/// tabs between them.
fn parse(line: &str) -> Option<(String, Export)> {
    let mut fields = line.split('\t');
    let crc = u32::from_str_radix(fields.next()?.strip_prefix("0x")?, 16).ok()?;
    let symbol = fields.next().filter(|name| !name.is_empty())?;
    let module = fields.next()?;
    let kind = fields.next()?;
    let namespace = fields.next().filter(|name| !name.is_empty());
    kind.starts_with("EXPORT_").then(|| {
        let export = Export {
            crc,
            module: module.to_owned(),
            gpl_only: kind.starts_with("EXPORT_SYMBOL_GPL"),
            namespace: namespace.map(str::to_owned),
        };
        (symbol.to_owned(), export)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_each_kind_are_read() {
        let (name, export) = parse("0x4c9d28b0\tphys_base\tvmlinux\tEXPORT_SYMBOL\t").unwrap();
        assert_eq!(
            (name.as_str(), export.crc, export.gpl_only, export.namespace),
            ("phys_base", 0x4c9d_28b0, false, None)
        );
        let (_, export) =
            parse("0x84b45156\tcxl_f\tdrivers/cxl/core\tEXPORT_SYMBOL_GPL\tCXL").unwrap();
        assert_eq!(
            (export.gpl_only, export.namespace.as_deref()),
            (true, Some("CXL"))
        );
        // Before 5.4 there was no namespace.
        assert!(parse("0x00000000\tf\tvmlinux\tEXPORT_SYMBOL").is_some());
    }

    #[test]
    fn a_file_of_another_kind_is_refused_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Module.symvers");
        std::fs::write(&path, "0x1\tf\tvmlinux\tEXPORT_SYMBOL\t\nhello\n").unwrap();
        let error = Symvers::default().add(&path).unwrap_err().to_string();
        assert!(error.contains("line 2 is `hello`"), "{error}");
    }
}
