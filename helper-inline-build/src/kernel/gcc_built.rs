//! Compiling with clang for a kernel that was configured with GCC.
//!
//! Kbuild chooses flags by configuration symbols, and headers choose code by
//! them. Both must see clang, and nothing else of the configuration may change.
//! One table here holds every such symbol. Not here: running make.

use super::KernelDir;
use crate::Version;

/// What a symbol becomes when clang stands in for GCC.
enum Becomes {
    /// Not set, neither for make nor for headers.
    Unset,
    /// Not set for headers; make does not look at it.
    UnsetInHeaders,
    /// `y`.
    Yes,
    /// Not set, and the other symbol (which clang serves) set in its place.
    UnsetInFavourOf(&'static str),
}

/// Symbols that depend on the compiler, and the reason for each.
const SYMBOLS: &[(&str, Becomes)] = &[
    // Which compiler it is. Without this pair the retpoline flags vanish.
    ("CC_IS_GCC", Becomes::Unset),
    ("CC_IS_CLANG", Becomes::Yes),
    // Work-arounds and abilities of GCC alone.
    ("GCC_ASM_GOTO_OUTPUT_WORKAROUND", Becomes::UnsetInHeaders),
    ("GCC_ASM_GOTO_OUTPUT_BROKEN", Becomes::UnsetInHeaders),
    // clang drops the segment prefix of GCC's named address spaces from per-CPU
    // assembly, and the kernel then oopses.
    ("USE_X86_SEG_SUPPORT", Becomes::UnsetInHeaders),
    ("CC_HAS_NAMED_AS", Becomes::UnsetInHeaders),
    ("CC_HAS_NAMED_AS_FIXED_SANITIZERS", Becomes::UnsetInHeaders),
    // GCC writes the fentry call sites' table itself; with clang objtool does.
    (
        "FTRACE_MCOUNT_USE_CC",
        Becomes::UnsetInFavourOf("FTRACE_MCOUNT_USE_OBJTOOL"),
    ),
    // clang spells it -falign-functions=N.
    ("CC_HAS_MIN_FUNCTION_ALIGNMENT", Becomes::Unset),
    // -fsanitize=bounds-strict is GCC's.
    ("UBSAN_BOUNDS_STRICT", Becomes::Unset),
    // clang cannot load them. What they do is done otherwise, or mixes randomness
    // in, or is refused (`unserved`).
    ("GCC_PLUGINS", Becomes::Unset),
    // Variables on the stack that the plugin clears are among all of them, which
    // clang clears. Rust's are never read before they are written.
    ("GCC_PLUGIN_STRUCTLEAK_USER", CLEARED_STACK),
    ("GCC_PLUGIN_STRUCTLEAK_BYREF", CLEARED_STACK),
    ("GCC_PLUGIN_STRUCTLEAK_BYREF_ALL", CLEARED_STACK),
];

const CLEARED_STACK: Becomes = Becomes::UnsetInFavourOf("INIT_STACK_ALL_ZERO");

/// Variables for make's command line.
pub(super) fn make_variables(kernel: &KernelDir, clang: Version) -> Vec<String> {
    let mut variables = Vec::new();
    for (symbol, becomes) in SYMBOLS {
        let set = kernel.is_set(&format!("CONFIG_{symbol}"));
        match becomes {
            Becomes::Yes => variables.push(format!("CONFIG_{symbol}=y")),
            Becomes::Unset if set => variables.push(format!("CONFIG_{symbol}=")),
            Becomes::UnsetInFavourOf(other) if set => {
                variables.push(format!("CONFIG_{symbol}="));
                variables.push(format!("CONFIG_{other}=y"));
            }
            _ => {}
        }
    }
    if kernel.is_set("CONFIG_UBSAN_BOUNDS_STRICT") {
        variables.push("CONFIG_UBSAN_ARRAY_BOUNDS=y".into());
    }
    variables.push("CONFIG_GCC_VERSION=0".into());
    variables.push(format!("CONFIG_CLANG_VERSION={}", version_number(clang)));
    // GCC's -Wimplicit-fallthrough=5 is an unknown warning to clang.
    variables.push("CONFIG_CC_IMPLICIT_FALLTHROUGH=-Wimplicit-fallthrough".into());
    variables
}

/// A `generated/autoconf.h` to be found before the kernel's own.
///
/// make's variables do not reach the headers, so this includes the kernel's and
/// then makes the same changes.
pub(super) fn shadow_autoconf(clang: Version) -> String {
    let mut text = String::from(
        "/* The kernel's configuration as clang must see it; generated. */\n\
         #include_next <generated/autoconf.h>\n",
    );
    for (symbol, becomes) in SYMBOLS {
        text += &format!("#undef CONFIG_{symbol}\n");
        if let Becomes::Yes = becomes {
            text += &format!("#define CONFIG_{symbol} 1\n");
        }
    }
    text += "#undef CONFIG_GCC_VERSION\n#define CONFIG_GCC_VERSION 0\n";
    text += &format!(
        "#undef CONFIG_CLANG_VERSION\n#define CONFIG_CLANG_VERSION {}\n",
        version_number(clang)
    );
    text
}

/// A version as the kernel's configuration writes it: 22.1.8 is 220108.
fn version_number(version: Version) -> u32 {
    version.major * 10_000 + version.minor * 100 + version.patch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_of_gcc_gives_way_to_what_clang_has_for_it() {
        let config = "CONFIG_X86_64=y\nCONFIG_GCC_PLUGINS=y\n\
                      CONFIG_GCC_PLUGIN_STRUCTLEAK_BYREF_ALL=y\n";
        let dir = crate::kernel::dir::tests::kernel(config);
        let kernel = KernelDir::open(dir.path()).unwrap();
        let version = Version {
            major: 22,
            minor: 1,
            patch: 8,
        };
        let variables = make_variables(&kernel, version);
        let has = |variable: &str| variables.iter().any(|v| v == variable);
        assert!(has("CONFIG_GCC_PLUGINS=") && has("CONFIG_INIT_STACK_ALL_ZERO=y"));
        let dir = crate::kernel::dir::tests::kernel("CONFIG_X86_64=y\n");
        let plain = make_variables(&KernelDir::open(dir.path()).unwrap(), version);
        assert!(!plain.iter().any(|v| v.contains("INIT_STACK")), "{plain:?}");
    }

    #[test]
    fn the_shadow_includes_the_kernels_own_and_turns_gcc_into_clang() {
        let text = shadow_autoconf(Version {
            major: 22,
            minor: 1,
            patch: 8,
        });
        assert!(text.contains("#include_next <generated/autoconf.h>"));
        assert!(text.contains(
            "#undef CONFIG_CC_IS_GCC\n#undef CONFIG_CC_IS_CLANG\n#define CONFIG_CC_IS_CLANG 1\n"
        ));
        assert!(text.contains("#define CONFIG_CLANG_VERSION 220108\n"));
        assert!(text.contains("#undef CONFIG_CC_HAS_NAMED_AS\n"));
    }
}
