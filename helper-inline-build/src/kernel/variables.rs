//! Variables of the environment that a kernel's own make files heed, and that the user's
//! builds keep: what they hold is an input of helpers and of modules.
//!
//! Not here: those that are not passed on (`kbuild`), those of clang (`clang::defaults`).

/// Each, and what it changes.
const VARIABLES: &[(&str, &str)] = &[
    ("KCFLAGS", "flags for C"),
    ("KCPPFLAGS", "flags for the preprocessor"),
    ("KAFLAGS", "flags for assembly"),
    ("KCONFIG_CONFIG", "the configuration's file"),
    ("KBUILD_EXTRA_WARN", "warnings, or errors in their place"),
    ("KBUILD_EXTRA_SYMBOLS", "symbols of other modules"),
    (
        "KBUILD_MODPOST_WARN",
        "whether a symbol that nothing has is an error",
    ),
    ("KBUILD_MODPOST_NOFINAL", "whether the module is linked"),
    ("KBUILD_BUILD_TIMESTAMP", "a time in what is made"),
];

/// Their names.
pub(crate) fn variables() -> impl Iterator<Item = &'static str> {
    VARIABLES.iter().map(|(name, _)| *name)
}
