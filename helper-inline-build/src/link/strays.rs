//! What headers put into helper bitcode beside functions.
//!
//! It is linked whether a helper needs it or not, so the report names it. Not
//! here: what Rust crates keep on purpose.

use super::job::Harmonized;
use super::llvm::Module;

/// A line for each thing in a helper unit that stays though nothing calls it:
/// what is marked as used, and assembly outside of functions.
pub(super) fn strays(module: &Module<'_>) -> Vec<Harmonized> {
    let mut found = Vec::new();
    for global in module.used() {
        let section = global.section();
        let place = if section.is_empty() {
            String::new()
        } else {
            format!(", in section {section}")
        };
        found.push(Harmonized {
            attribute: format!("used {}", global.name()),
            action: format!("kept: the C source marks it as used{place}"),
            functions: 0,
        });
    }
    let asm = module.inline_asm();
    if !asm.trim().is_empty() {
        found.push(Harmonized {
            attribute: "assembly outside of functions".into(),
            action: format!("kept, {} lines", asm.trim().lines().count()),
            functions: 0,
        });
    }
    found
}
