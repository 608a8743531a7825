//! The targets that are served: in an ordinary cargo build, and by `dist`, which also
//! makes kernel modules.
//!
//! Not here: what a build on others is told.

/// In words.
pub(crate) const TARGETS: &str = "x86_64 and aarch64 Linux";

/// Whether an ordinary cargo build for a target inlines, given the wrapper.
pub(crate) fn in_cargo_builds(target: &str) -> bool {
    let arch = target.split('-').next();
    let is_linux = ["-linux-gnu", "-linux-musl"]
        .iter()
        .any(|os| target.ends_with(os));
    matches!(arch, Some("x86_64" | "aarch64")) && is_linux
}

/// The targets that modules are for.
pub(crate) const X86_64_MODULES: &str = "x86_64-unknown-none";
pub(crate) const AARCH64_MODULES: &str = "aarch64-unknown-none-softfloat";

/// The target that modules are for, of the same architecture as another.
pub(crate) fn module_target(target: &str) -> &str {
    match target.split('-').next() {
        Some("x86_64") => X86_64_MODULES,
        Some("aarch64") => AARCH64_MODULES,
        _ => target,
    }
}

/// Whether there is no operating system, as for a module.
pub(crate) fn is_bare_metal(target: &str) -> bool {
    target.split('-').any(|part| part == "none")
}

/// Whether helpers are compiled to bitcode for a target.
pub(crate) fn has_bitcode(target: &str) -> bool {
    let arch = target.split('-').next();
    let is_ours = matches!(arch, Some("x86_64" | "aarch64"));
    in_cargo_builds(target) || (is_ours && is_bare_metal(target))
}

#[cfg(test)]
mod tests {
    use super::{has_bitcode, in_cargo_builds, is_bare_metal, module_target};

    #[test]
    fn linux_of_two_architectures_is_served() {
        for target in ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-musl"] {
            assert!(
                in_cargo_builds(target) && !is_bare_metal(target),
                "{target}"
            );
            assert!(is_bare_metal(module_target(target)), "{target}");
        }
        for target in [
            "x86_64-unknown-linux-gnux32",
            "x86_64-unknown-none",
            "aarch64-linux-android",
            "i686-unknown-linux-gnu",
            "aarch64-apple-darwin",
            "x86_64-pc-windows-msvc",
        ] {
            assert!(!in_cargo_builds(target), "{target}");
        }
        for target in ["x86_64-unknown-none", "aarch64-unknown-none-softfloat"] {
            assert!(has_bitcode(target) && is_bare_metal(target), "{target}");
            assert_eq!(module_target(target), target);
        }
        for target in [
            "thumbv7em-none-eabihf",
            "x86_64-pc-windows-gnu",
            "aarch64-linux-android",
        ] {
            assert!(!has_bitcode(target), "{target}");
        }
    }
}
