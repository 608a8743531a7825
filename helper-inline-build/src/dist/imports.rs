//! What a module needs of its kernel, checked before it is packaged: each
//! undefined symbol against the kernel's exports.
//!
//! modpost checks the same and names only the symbol; here the helper and its
//! source line are named too, and a licence that the loader would refuse is told
//! before there is a module. Not here: where a symbol is used (`link::imports`).

use crate::kernel::{Export, KernelDir, ModInfo, Symvers};
use crate::link::job::{Import, ImportUser};
use crate::prove::ImportReport;
use crate::{Error, Result};
use std::path::Path;

/// Symbols that Kbuild gives every module itself.
const KBUILDS_OWN: &[&str] = &["__this_module", "_GLOBAL_OFFSET_TABLE_"];

/// Licences that the kernel takes for the GPL (`license_is_gpl_compatible`).
const GPL: &[&str] = &[
    "GPL",
    "GPL v2",
    "GPL and additional rights",
    "Dual BSD/GPL",
    "Dual MIT/GPL",
    "Dual MPL/GPL",
];

/// Checks an object's undefined symbols against what a kernel exports, and
/// modules that `KBUILD_EXTRA_SYMBOLS` lists, as Kbuild has it.
///
/// # Errors
/// [`Error::KernelSymbols`], with a line for each symbol that the module would
/// not get.
pub(super) fn check_imports(
    kernel: &KernelDir,
    info: &ModInfo,
    undefined: &[String],
    imports: &[Import],
) -> Result<Vec<ImportReport>> {
    let mut symvers = Symvers::default();
    symvers.add(&kernel.path().join("Module.symvers"))?;
    let extra = std::env::var("KBUILD_EXTRA_SYMBOLS").unwrap_or_default();
    for file in extra.split_whitespace() {
        symvers.add(Path::new(file))?;
    }
    let needed = Needed {
        symvers: &symvers,
        info,
        imports,
    };
    needed
        .check(undefined)
        .map_err(|problems| Error::KernelSymbols {
            release: kernel.release().to_owned(),
            dir: kernel.path().to_owned(),
            problems,
        })
}

/// What is known of a module's needs.
struct Needed<'a> {
    symvers: &'a Symvers,
    info: &'a ModInfo,
    imports: &'a [Import],
}

impl Needed<'_> {
    fn check(&self, undefined: &[String]) -> Result<Vec<ImportReport>, Vec<String>> {
        let mut found = Vec::new();
        let mut problems = self.licence_problem();
        for symbol in undefined {
            if KBUILDS_OWN.contains(&symbol.as_str()) {
                continue;
            }
            let Some(export) = self.symvers.get(symbol) else {
                problems.push(format!(
                    "`{symbol}` is not exported{}",
                    self.needed_by(symbol)
                ));
                continue;
            };
            problems.extend(
                self.problem(export)
                    .map(|problem| format!("`{symbol}` {problem}{}", self.needed_by(symbol))),
            );
            found.push(ImportReport {
                symbol: symbol.clone(),
                crc: format!("{:#010x}", export.crc),
                module: export.module.clone(),
                gpl_only: export.gpl_only,
                namespace: export.namespace.clone(),
            });
        }
        if problems.is_empty() {
            Ok(found)
        } else {
            Err(problems)
        }
    }

    fn licence_problem(&self) -> Vec<String> {
        let none = self.info.values("license").next().is_none();
        none.then(|| {
            "the module states no licence: put `license=…` into its .modinfo section".to_owned()
        })
        .into_iter()
        .collect()
    }

    /// Why the module would not get an export.
    fn problem(&self, export: &Export) -> Option<String> {
        let other = self
            .info
            .values("license")
            .find(|licence| !GPL.contains(licence));
        if let (true, Some(licence)) = (export.gpl_only, other) {
            return Some(format!(
                "is for modules under the GPL only, and this one is under `{licence}`"
            ));
        }
        let namespace = export.namespace.as_deref()?;
        let imported = self.info.values("import_ns").any(|name| name == namespace);
        (!imported).then(|| {
            format!(
                "is in the namespace {namespace}, which the module does not import: put \
                 `import_ns={namespace}` into its .modinfo section"
            )
        })
    }

    fn needed_by(&self, symbol: &str) -> String {
        needed_by(self.imports, symbol)
    }
}

/// Who needs a symbol, as it ends a line.
pub(super) fn needed_by(imports: &[Import], symbol: &str) -> String {
    let import = imports.iter().find(|import| import.symbol == symbol);
    let users: Vec<String> = import
        .into_iter()
        .flat_map(|import| import.users.iter().map(show))
        .collect();
    match users.as_slice() {
        [] => "; code generation needs it".to_owned(),
        users => format!("; needed by {}", users.join(", ")),
    }
}

/// A user of a symbol, as `helper `f` at file:line:column (through g)`.
fn show(user: &ImportUser) -> String {
    let kind = if user.helper { "helper " } else { "" };
    let place = user.location.as_ref();
    let place = place.map_or_else(String::new, |at| format!(" at {at}"));
    let through = match user.through.as_slice() {
        [] => String::new(),
        names => format!(" (through {})", names.join(", ")),
    };
    format!("{kind}`{}`{place}{through}", user.function)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a module that needs `undefined` of a kernel.
    fn check(modinfo: &[&str], undefined: &[&str]) -> Result<Vec<ImportReport>, Vec<String>> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Module.symvers");
        let text = "0x0000002a\tkfree\tvmlinux\tEXPORT_SYMBOL\t\n\
                    0x00000002\tkobject_get\tvmlinux\tEXPORT_SYMBOL_GPL\t\n\
                    0x00000003\tcxl_f\tdrivers/cxl/core\tEXPORT_SYMBOL_GPL\tCXL\n";
        std::fs::write(&path, text).unwrap();
        let mut symvers = Symvers::default();
        symvers.add(&path).unwrap();
        let user = ImportUser {
            helper: true,
            function: "rust_helper_get".into(),
            location: Some("helpers/kobject.c:7:2".into()),
            through: vec!["kobject_ref".into()],
        };
        let import = |symbol: &str| Import {
            symbol: symbol.into(),
            users: vec![user.clone()],
        };
        let undefined: Vec<String> = undefined.iter().map(|s| (*s).to_owned()).collect();
        Needed {
            symvers: &symvers,
            info: &ModInfo::from_strings(modinfo),
            imports: &[import("kobject_get"), import("secret")],
        }
        .check(&undefined)
    }

    #[test]
    fn what_is_exported_is_listed_with_its_checksum() {
        let found = check(&["license=GPL"], &["__this_module", "kfree"]).unwrap();
        let [kfree] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            (kfree.crc.as_str(), kfree.module.as_str(), kfree.gpl_only),
            ("0x0000002a", "vmlinux", false)
        );
    }

    #[test]
    fn each_symbol_that_would_be_refused_is_told_with_helper_and_line() {
        let problems = check(
            &["license=Proprietary"],
            &["kfree", "kobject_get", "secret", "memcpy_x"],
        );
        expect_test::expect![[r#"
            `kobject_get` is for modules under the GPL only, and this one is under `Proprietary`; needed by helper `rust_helper_get` at helpers/kobject.c:7:2 (through kobject_ref)
            `secret` is not exported; needed by helper `rust_helper_get` at helpers/kobject.c:7:2 (through kobject_ref)
            `memcpy_x` is not exported; code generation needs it"#]]
        .assert_eq(&problems.unwrap_err().join("\n"));
    }

    #[test]
    fn a_namespace_has_to_be_imported_and_a_licence_stated() {
        assert!(check(&["license=GPL", "import_ns=CXL"], &["cxl_f"]).is_ok());
        let problems = check(&[], &["cxl_f"]).unwrap_err().join("\n");
        assert!(problems.contains("`import_ns=CXL`"), "{problems}");
        assert!(problems.contains("states no licence"), "{problems}");
    }
}
