//! Constructors and destructors of helpers' C in a kernel module, whose loader runs those
//! that checks bring along and no others.
//!
//! Not here: those of programs, which the C library runs (`llvm::constructors`).

use super::llvm::{Function, Global, Module};

/// Functions of clang's own, which kernels that are built with these checks call.
const OF_CHECKS: &[(&str, &str)] = &[
    ("asan.module_ctor", "AddressSanitizer describes variables"),
    ("asan.module_dtor", "AddressSanitizer describes variables"),
    ("hwasan.module_ctor", "HWAddressSanitizer starts"),
    ("msan.module_ctor", "MemorySanitizer starts"),
    ("tsan.module_ctor", "ThreadSanitizer starts"),
    ("sancov.module_ctor", "coverage counts edges"),
    ("__llvm_gcov_init", "coverage counts lines"),
    ("__llvm_profile_init", "profiles begin"),
];

/// Refuses a unit, linked, with others.
pub(super) fn check(module: &Module<'_>) -> Result<(), String> {
    let mut others = module.constructors().into_iter().map(Global::name);
    let is_known = |name: &str| OF_CHECKS.iter().any(|(own, _)| name.starts_with(own));
    let Some(name) = others.find(|name| !is_known(name)) else {
        return Ok(());
    };
    let place = module.function(&name).and_then(Function::defined_at);
    let place = place.map_or_else(String::new, |place| format!(" ({place})"));
    Err(format!(
        "`{name}`{place} is a constructor or destructor, which kernels do not run (constructors \
         some do, by CONFIG_CONSTRUCTORS, which is not supported): take the attribute off, and \
         call it from the module's `init` or `drop`"
    ))
}
