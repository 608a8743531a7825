//! What code for the kernel's own image needs, checked before it is handed over:
//! the request, the object's way of being called, and its undefined symbols.
//!
//! Such code gets every global symbol of the image, under any licence and from any
//! namespace, and none of a module's. Not here: modules (`imports`).

use super::imports::needed_by;
use super::options::Options;
use crate::kernel::{KernelDir, Symvers, SystemMap};
use crate::link::job::Import;
use crate::prove::ImportReport;
use crate::{Error, Result};

/// What one object of an image was found to need.
pub(super) struct Needs {
    /// The symbols that the kernel has.
    pub found: Vec<ImportReport>,
    /// What could not be told.
    pub notes: Vec<String>,
}

/// Fails when no built-in object can be made for this.
///
/// # Errors
/// [`Error::Usage`] without a kernel or with a signing key; [`Error::KernelDir`] for
/// a kernel that is told of its initial calls in another way.
pub(super) fn check_request(
    options: &Options,
    target: &str,
    kernel: Option<&KernelDir>,
) -> Result<()> {
    let usage = |message: String| Err(Error::Usage { message });
    let Some(kernel) = kernel else {
        return usage(format!(
            "built-in code was asked for, and `{target}` is built for no kernel: \
             give --kernel for each target"
        ));
    };
    if options.sign.is_some() {
        return usage(
            "a signing key was given, and only modules are signed: \
             leave the key out, or make a module"
                .into(),
        );
    }
    let option = "CONFIG_HAVE_ARCH_PREL32_RELOCATIONS";
    if !kernel.is_set(option) {
        return Err(Error::KernelDir {
            dir: kernel.path().to_owned(),
            problem: format!("its initial calls are no relative pointers ({option} is not set)"),
            mend: "make a module for it instead".into(),
        });
    }
    Ok(())
}

/// Fails when an object has a module's entry, which nobody calls in an image.
pub(super) fn check_exports(package: &str, exports: &[String]) -> Result<()> {
    let entry = exports
        .iter()
        .find(|name| ["init_module", "cleanup_module"].contains(&name.as_str()));
    entry.map_or(Ok(()), |name| {
        Err(Error::Usage {
            message: format!(
                "`{package}` defines `{name}`, which nobody calls in built-in code: declare the \
                 module with `helper_inline_module::module!`, or leave the function out under \
                 `#[cfg(helper_inline_built_in)]`"
            ),
        })
    })
}

/// Checks an object's undefined symbols against the kernel's exports and, where the
/// build directory has it, its `System.map`.
///
/// # Errors
/// [`Error::KernelSymbols`], with a line for each symbol that is not there.
pub(super) fn check_image(
    kernel: &KernelDir,
    undefined: &[String],
    imports: &[Import],
) -> Result<Needs> {
    let mut symvers = Symvers::default();
    symvers.add(&kernel.path().join("Module.symvers"))?;
    let map = SystemMap::of(kernel)?;
    check(&symvers, map.as_ref(), undefined, imports).map_err(|problems| Error::KernelSymbols {
        release: kernel.release().to_owned(),
        dir: kernel.path().to_owned(),
        problems,
    })
}

fn check(
    symvers: &Symvers,
    map: Option<&SystemMap>,
    undefined: &[String],
    imports: &[Import],
) -> Result<Needs, Vec<String>> {
    let (mut found, mut unknown, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for symbol in undefined {
        let export = symvers.get(symbol);
        let mut problem = |what: String| {
            problems.push(format!("`{symbol}` {what}{}", needed_by(imports, symbol)));
        };
        match (export, map) {
            (Some(export), _) if export.module != "vmlinux" => problem(format!(
                "is in the module {}, and not in the kernel's image",
                export.module
            )),
            (None, _) if symbol == "__this_module" => {
                problem(
                    "is a module's; a helper that names it was not compiled as built-in code"
                        .into(),
                );
            }
            (None, Some(map)) if !map.has(symbol) => {
                problem("is no global symbol of the kernel's image (System.map)".into());
            }
            (None, None) => unknown.push(symbol.as_str()),
            (export, _) => found.push(ImportReport {
                symbol: symbol.clone(),
                crc: format!("{:#010x}", export.map_or(0, |export| export.crc)),
                module: "vmlinux".into(),
                gpl_only: export.is_some_and(|export| export.gpl_only),
                namespace: export.and_then(|export| export.namespace.clone()),
            }),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let note = (!unknown.is_empty()).then(|| {
        format!(
            "not exported, so it cannot be told whether the kernel's image has it, before it is \
             linked (its build directory has no System.map): {}",
            unknown.join(", ")
        )
    });
    Ok(Needs {
        found,
        notes: note.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(map: Option<&[&str]>, undefined: &[&str]) -> Result<Needs, Vec<String>> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Module.symvers");
        let text = "0x0000002a\tkfree\tvmlinux\tEXPORT_SYMBOL_GPL\tMM\n\
                    0x00000003\tcxl_f\tdrivers/cxl/core\tEXPORT_SYMBOL_GPL\tCXL\n";
        std::fs::write(&path, text).unwrap();
        let mut symvers = Symvers::default();
        symvers.add(&path).unwrap();
        let map = map.map(SystemMap::from_symbols);
        let undefined: Vec<String> = undefined.iter().map(|&s| s.to_owned()).collect();
        check(&symvers, map.as_ref(), &undefined, &[])
    }

    #[test]
    fn the_images_symbols_are_to_be_had_exported_or_not() {
        let found = needs(
            Some(&["set_task_comm_hidden"]),
            &["kfree", "set_task_comm_hidden"],
        );
        let found = found.unwrap_or_else(|problems| panic!("{problems:?}"));
        let crcs: Vec<&str> = found.found.iter().map(|i| i.crc.as_str()).collect();
        assert_eq!(
            (crcs, found.notes.len()),
            (vec!["0x0000002a", "0x00000000"], 0)
        );
    }

    #[test]
    fn without_a_map_what_is_not_exported_is_told() {
        let Ok(Needs { found, notes }) = needs(None, &["kfree", "hidden"]) else {
            panic!("refused")
        };
        assert_eq!(found.len(), 1);
        assert!(notes[0].ends_with(": hidden"), "{notes:?}");
    }

    #[test]
    fn what_the_image_has_not_is_refused() {
        let Err(problems) = needs(Some(&["other"]), &["hidden", "cxl_f", "__this_module"]) else {
            panic!("not refused")
        };
        expect_test::expect![[r#"
            `hidden` is no global symbol of the kernel's image (System.map); code generation needs it
            `cxl_f` is in the module drivers/cxl/core, and not in the kernel's image; code generation needs it
            `__this_module` is a module's; a helper that names it was not compiled as built-in code; code generation needs it"#]]
        .assert_eq(&problems.join("\n"));
    }
}
