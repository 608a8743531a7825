//! Symbol names that LLVM would take for two, though they are one to a linker.
//!
//! Not here: which names are exports or helpers.

use super::llvm::Module;

/// LLVM's mark of a name that is to be emitted as it is. On ELF all names are.
const ESCAPE: char = '\u{1}';

/// Takes the mark off every function's name, so that a call through an escaped
/// declaration (as bindgen writes them) meets its definition.
pub(super) fn unescape(module: &Module<'_>) {
    for function in module.functions() {
        let name = function.name();
        let Some(plain) = name.strip_prefix(ESCAPE) else {
            continue;
        };
        match module.function(plain) {
            Some(other) => function.global().replace_uses_with(other.global()),
            None => function.global().set_name(plain),
        }
    }
}
