//! Constructors and destructors of helpers' C in a kernel module, whose loader runs those
//! that checks bring along and no others.
//!
//! Not here: those of programs, which the C library runs (`llvm::constructors`).

use super::llvm::Module;

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

/// Refuses a unit with others.
pub(super) fn check(module: &Module<'_>) -> Result<(), String> {
    let mut names = module.constructors().into_iter();
    let is_known = |name: &str| OF_CHECKS.iter().any(|(own, _)| name.starts_with(own));
    match names.find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => Err(format!(
            "`{name}` is a constructor or destructor, and no kernel runs those of a module: call \
             it from the module's `init` or `drop`, without the attribute"
        )),
    }
}
