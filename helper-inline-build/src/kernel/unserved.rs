//! Options of a kernel that a module in Rust with inlined helpers cannot follow:
//! one table, each with the reason, read from the kernel's configuration.
//!
//! What is in it would otherwise break at run time, or lose a mitigation, without
//! a word. Not here: what the link step makes equal (`link::harmonize`), or options
//! that only another compiler needs (`gcc_built`).

use std::path::Path;

/// An option that is not served, or is only when something is there.
struct Unfollowed {
    /// It has been renamed; any of these.
    names: &'static [&'static str],
    /// A file of the build directory with which it is served.
    served_with: Option<&'static str>,
    /// What it does to code or data that is not followed.
    why: &'static str,
    /// What else can be done.
    mend: &'static str,
}

/// Where Kbuild keeps what the order of randomized structures is drawn from.
const RANDSTRUCT_SEED: &str = "scripts/basic/randstruct.seed";

const CONFIGURE: &str = "configure the kernel without it";

const OPTIONS: &[Unfollowed] = &[
    Unfollowed {
        names: &["CONFIG_CFI_CLANG", "CONFIG_CFI"],
        served_with: None,
        why: "indirect calls look for kCFI type identifiers before a function, and rustc on \
              stable gives functions none",
        mend: CONFIGURE,
    },
    Unfollowed {
        names: &["CONFIG_GCC_PLUGIN_RANDSTRUCT"],
        served_with: None,
        why: "a plugin of GCC draws the order of structures' members, and clang cannot draw the \
              same",
        mend: "build the kernel with clang, or configure it without",
    },
    Unfollowed {
        names: &["CONFIG_RANDSTRUCT_FULL", "CONFIG_RANDSTRUCT_PERFORMANCE"],
        served_with: Some(RANDSTRUCT_SEED),
        why: "the order of structures' members is drawn from a seed, and the directory does not \
              have it",
        mend: "copy that file from where the kernel was built",
    },
    Unfollowed {
        names: &["CONFIG_GCC_PLUGIN_STACKLEAK"],
        served_with: None,
        why: "a plugin of GCC has each function record how deep its stack goes, which clang and \
              rustc do not do",
        mend: CONFIGURE,
    },
    Unfollowed {
        names: &["CONFIG_KSTACK_ERASE"],
        served_with: None,
        why: "each function records how deep its stack goes, and rustc's do not",
        mend: CONFIGURE,
    },
    Unfollowed {
        names: &["CONFIG_KASAN_GENERIC", "CONFIG_KASAN_SW_TAGS"],
        served_with: None,
        why: "accesses to memory are instrumented (KASAN), and rustc's on stable are not",
        mend: CONFIGURE,
    },
    Unfollowed {
        names: &["CONFIG_KCSAN"],
        served_with: None,
        why: "accesses to memory are instrumented (KCSAN), and rustc's on stable are not",
        mend: CONFIGURE,
    },
    Unfollowed {
        names: &["CONFIG_KMSAN"],
        served_with: None,
        why: "accesses to memory are instrumented (KMSAN), and rustc's on stable are not",
        mend: CONFIGURE,
    },
];

/// Why a kernel cannot be served.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unserved {
    pub(super) problem: String,
    pub(super) mend: String,
}

/// The first option of a configuration that is not served.
pub(super) fn find(dir: &Path, is_set: impl Fn(&str) -> bool) -> Option<Unserved> {
    for option in OPTIONS {
        let Some(name) = option.names.iter().find(|name| is_set(name)) else {
            continue;
        };
        let missing = match option.served_with {
            Some(file) if dir.join(file).is_file() => continue,
            Some(file) => format!(" (`{file}`)"),
            None => String::new(),
        };
        return Some(Unserved {
            problem: format!("it is configured with {name}: {}{missing}", option.why),
            mend: option.mend.to_owned(),
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_option_has_its_error_and_a_kernel_without_has_none() {
        let dir = tempfile::tempdir().unwrap();
        let mut told = String::new();
        for name in OPTIONS.iter().flat_map(|option| option.names) {
            let found = find(dir.path(), |option| option == *name).unwrap();
            told += &format!("{}; {}\n", found.problem, found.mend);
        }
        expect_test::expect![[r#"
            it is configured with CONFIG_CFI_CLANG: indirect calls look for kCFI type identifiers before a function, and rustc on stable gives functions none; configure the kernel without it
            it is configured with CONFIG_CFI: indirect calls look for kCFI type identifiers before a function, and rustc on stable gives functions none; configure the kernel without it
            it is configured with CONFIG_GCC_PLUGIN_RANDSTRUCT: a plugin of GCC draws the order of structures' members, and clang cannot draw the same; build the kernel with clang, or configure it without
            it is configured with CONFIG_RANDSTRUCT_FULL: the order of structures' members is drawn from a seed, and the directory does not have it (`scripts/basic/randstruct.seed`); copy that file from where the kernel was built
            it is configured with CONFIG_RANDSTRUCT_PERFORMANCE: the order of structures' members is drawn from a seed, and the directory does not have it (`scripts/basic/randstruct.seed`); copy that file from where the kernel was built
            it is configured with CONFIG_GCC_PLUGIN_STACKLEAK: a plugin of GCC has each function record how deep its stack goes, which clang and rustc do not do; configure the kernel without it
            it is configured with CONFIG_KSTACK_ERASE: each function records how deep its stack goes, and rustc's do not; configure the kernel without it
            it is configured with CONFIG_KASAN_GENERIC: accesses to memory are instrumented (KASAN), and rustc's on stable are not; configure the kernel without it
            it is configured with CONFIG_KASAN_SW_TAGS: accesses to memory are instrumented (KASAN), and rustc's on stable are not; configure the kernel without it
            it is configured with CONFIG_KCSAN: accesses to memory are instrumented (KCSAN), and rustc's on stable are not; configure the kernel without it
            it is configured with CONFIG_KMSAN: accesses to memory are instrumented (KMSAN), and rustc's on stable are not; configure the kernel without it
        "#]]
        .assert_eq(&told);
        assert_eq!(find(dir.path(), |_| false), None);
    }

    #[test]
    fn randomized_structures_are_served_where_their_seed_is() {
        let dir = tempfile::tempdir().unwrap();
        let seed = dir.path().join(RANDSTRUCT_SEED);
        std::fs::create_dir_all(seed.parent().unwrap()).unwrap();
        std::fs::write(seed, "0123").unwrap();
        let full = |option: &str| option == "CONFIG_RANDSTRUCT_FULL";
        assert_eq!(find(dir.path(), full), None);
        // With GCC's plugin the seed does not help.
        let plugin = |option: &str| full(option) || option == "CONFIG_GCC_PLUGIN_RANDSTRUCT";
        let found = find(dir.path(), plugin).unwrap();
        assert!(found.problem.contains("GCC_PLUGIN"), "{found:?}");
    }
}
