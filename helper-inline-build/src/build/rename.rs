//! Giving compiled helpers their symbols: by a pragma, or in the archive afterwards.
//!
//! Not here: which symbols (`symbols`).

use super::compile::Cc;
use crate::manifest::BITCODE_MACRO;
use crate::{Clang, Error, Result, command, files};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Begins what C names are called until objcopy has renamed the helpers.
const MEANWHILE: &str = "helper_inline_c.";

/// How a compiler's functions get another symbol than their name in C.
pub(super) enum Renaming {
    /// clang takes a pragma before the definition.
    Pragma,
    /// GCC takes it for declarations alone, not for a definition that has none before it;
    /// the archive, which is all that it makes, is changed by this objcopy.
    Objcopy(PathBuf),
}

impl Renaming {
    /// The way that serves a compiler; `None` where there is none and symbols are C names.
    pub(super) fn of(clang: Option<&Clang>, cc: &Cc<'_>) -> Result<Option<Renaming>> {
        if clang.is_some() {
            return Ok(Some(Renaming::Pragma));
        }
        let tool = cc.bitcode_tool()?;
        if tool.is_like_msvc() {
            return Ok(None);
        }
        if tool.is_like_clang() {
            return Ok(Some(Renaming::Pragma));
        }
        let answer = tool.to_command().arg("-print-prog-name=objcopy").output();
        let path = answer.map_or_else(
            |_| "objcopy".into(),
            |answer| String::from_utf8_lossy(&answer.stdout).trim().to_owned(),
        );
        let mut version = Command::new(&path);
        version.arg("--version").stdin(Stdio::null());
        let runs = version.output().is_ok_and(|output| output.status.success());
        Ok(runs.then(|| Renaming::Objcopy(path.into())))
    }

    /// The lines for the end of the unit: each C name as a weak symbol beside the helper's own,
    /// for other C and for declarations that were written by hand. It is weak, for another
    /// crate may have a helper of the name.
    pub(super) fn c_names(&self, symbols: &BTreeMap<String, String>) -> String {
        if symbols.is_empty() {
            return String::new();
        }
        // An alias has not all attributes of what it stands for.
        let mut text = format!(
            "#if !defined({BITCODE_MACRO}) && defined(__ELF__)\n\
             #if defined(__GNUC__) && !defined(__clang__)\n\
             #pragma GCC diagnostic ignored \"-Wpragmas\"\n\
             #pragma GCC diagnostic ignored \"-Wmissing-attributes\"\n#endif\n"
        );
        for (name, symbol) in symbols {
            let (own, target) = match self {
                Renaming::Pragma => (name.clone(), symbol),
                Renaming::Objcopy(_) => (format!("{MEANWHILE}{name}"), name),
            };
            text += &format!(
                "extern __typeof__({name}) __c_name_of_{name} __asm__(\"{own}\") \
                 __attribute__((weak, alias(\"{target}\")));\n"
            );
        }
        text + "#endif\n"
    }

    /// The lines for the beginning of the unit.
    pub(super) fn pragmas(&self, symbols: &BTreeMap<String, String>) -> String {
        let line = |(name, symbol)| format!("#pragma redefine_extname {name} {symbol}\n");
        match self {
            Renaming::Pragma => symbols.iter().map(line).collect(),
            Renaming::Objcopy(_) => String::new(),
        }
    }

    /// Changes an archive, if that was not the compiler's to do.
    pub(super) fn rename(&self, archive: &Path, symbols: &BTreeMap<String, String>) -> Result<()> {
        let Renaming::Objcopy(objcopy) = self else {
            return Ok(());
        };
        let list = archive.with_extension("symbols");
        let line = |(name, symbol)| format!("{name} {symbol}\n{MEANWHILE}{name} {name}\n");
        let lines: String = symbols.iter().map(line).collect();
        files::write(&list, lines.as_bytes())?;
        let mut rename = Command::new(objcopy);
        rename.arg("--redefine-syms").args([&list, archive]);
        let output = rename.stdin(Stdio::null()).output();
        let output = output.map_err(|e| command::start_error("naming helpers", &rename, &e))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::Compile {
            command: command::line(&rename),
            status: output.status.to_string(),
            stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pragma_gives_a_function_its_symbol() {
        let symbols = [("h_a".to_owned(), "h_a__p_1".to_owned())].into();
        let pragma = Renaming::Pragma.pragmas(&symbols);
        assert_eq!(pragma, "#pragma redefine_extname h_a h_a__p_1\n");
        assert_eq!(Renaming::Objcopy("objcopy".into()).pragmas(&symbols), "");
    }
}
