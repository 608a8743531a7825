//! The build-script side: C helper sources in, bitcode, declarations, an
//! ordinary archive and the hand-off manifest out.
//!
//! Not here: linking bitcode into Rust (`link`), which a build script cannot do.

mod bindings;
mod chars;
mod check;
mod compile;
mod env;
mod headers;
mod inlining;
mod libclang;
mod prefix_map;
mod record;
mod rename;
mod rerun;
mod search;
mod sources;
mod steps;
mod symbols;
mod wrap;

pub use bindings::libclang_version;

use crate::{Error, Policy, Result};
use sources::Sources;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether this build script has compiled its helpers.
static COMPILED: AtomicBool = AtomicBool::new(false);

type AdjustCc<'a> = Box<dyn Fn(&mut cc::Build) + 'a>;
type AdjustBindgen<'a> = Box<dyn FnOnce(bindgen::Builder) -> bindgen::Builder + 'a>;

/// C helper sources, to be compiled from a build script.
///
/// All sources become one C unit, as the kernel's own `rust/helpers/helpers.c`
/// does it: each header is read once, and a name that is defined twice is a
/// compiler error that shows both places. Paths are relative to the package's
/// directory.
///
/// ```no_run
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// helper_inline_build::Helpers::new()
///     .file("src/helpers.c")
///     .include("include")
///     .define("LIMIT", "32")
///     .cc(|cc| { cc.flag("-Wextra"); })
///     .bindgen(|bindgen| bindgen.allowlist_type("limits"))
///     .compile()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is compiled before `compile` is called"]
pub struct Helpers<'a> {
    sources: Sources,
    includes: Vec<PathBuf>,
    defines: Vec<(String, String)>,
    flags: Vec<String>,
    prefix: String,
    exempt: Vec<String>,
    keeps_c_names: bool,
    policy: Option<Policy>,
    kernel: Option<PathBuf>,
    without_kernel: Option<PathBuf>,
    wraps: wrap::Requests,
    adjust_cc: Vec<AdjustCc<'a>>,
    adjust_bindgen: Vec<AdjustBindgen<'a>>,
}

/// What [`Helpers::compile`] wrote, all of it in `OUT_DIR`.
///
/// ```no_run
/// # fn main() -> Result<(), helper_inline_build::Error> {
/// let built = helper_inline_build::Helpers::new().dir("helpers").compile()?;
/// if built.bitcode.is_none() {
///     println!("cargo::warning=no clang: helpers are called");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Built {
    /// The helpers as one bitcode module; `None` where nothing is inlined, for lack
    /// of a clang or on a target that is not served.
    pub bitcode: Option<PathBuf>,
    /// Their declarations, for `include!`.
    pub bindings: PathBuf,
    /// The helpers as an ordinary archive.
    pub archive: PathBuf,
    /// The hand-off manifest.
    pub manifest: PathBuf,
    /// Whether they were only declared, for want of a kernel
    /// ([`Helpers::bindings_without_kernel`]). There is no archive then, no bitcode and no
    /// manifest.
    pub only_declared: bool,
}

impl Default for Helpers<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Helpers<'a> {
    /// Nothing to compile yet, and the prefix `rust_helper_`.
    pub fn new() -> Self {
        Helpers {
            sources: Sources::default(),
            includes: Vec::new(),
            defines: Vec::new(),
            flags: Vec::new(),
            prefix: "rust_helper_".to_owned(),
            exempt: Vec::new(),
            keeps_c_names: false,
            policy: None,
            kernel: None,
            without_kernel: None,
            wraps: wrap::Requests::default(),
            adjust_cc: Vec::new(),
            adjust_bindgen: Vec::new(),
        }
    }

    /// Adds a C source.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .file("src/helpers.c")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn file(mut self, path: impl AsRef<Path>) -> Self {
        self.sources.file(path.as_ref());
        self
    }

    /// Adds every `*.c` at any depth below a directory, in the order of names.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .dir("helpers")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn dir(mut self, path: impl AsRef<Path>) -> Self {
        self.sources.dir(path.as_ref());
        self
    }

    /// Adds a header that is included before every source.
    ///
    /// A path is one of a file; a name in angle brackets, as in
    /// `.header("<liburing.h>")`, is included as it stands and found by the
    /// compiler.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .header("<liburing.h>")
    ///     .header("include/own.h")
    ///     .wrap_function("io_uring_get_sqe")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn header(mut self, path: impl AsRef<Path>) -> Self {
        self.sources.header(path.as_ref());
        self
    }

    /// Adds an include directory.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .include("vendor/include")
    ///     .file("src/helpers.c")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn include(mut self, path: impl AsRef<Path>) -> Self {
        self.includes.push(path.as_ref().to_owned());
        self
    }

    /// Defines a macro.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .define("_GNU_SOURCE", "1")
    ///     .file("src/helpers.c")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn define(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.defines.push((name.into(), value.into()));
        self
    }

    /// Adds a compiler flag, for the bitcode, the archive and bindgen alike.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .flag("-fno-strict-aliasing")
    ///     .file("src/helpers.c")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn flag(mut self, flag: impl Into<String>) -> Self {
        self.flags.push(flag.into());
        self
    }

    /// Sets the prefix that the helpers' C names carry and their Rust names do
    /// not; functions without it are no helpers and are not declared.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .prefix("shim_") // C's `shim_open` is Rust's `open`
    ///     .file("src/helpers.c")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Lets a helper, named as in C, stay out of line.
    ///
    /// LLVM then decides by its own cost model, and a call that stays is no
    /// failure. The report shows it as exempt.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .file("src/helpers.c")
    ///     .exempt("rust_helper_dump_state")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn exempt(mut self, symbol: impl Into<String>) -> Self {
        self.exempt.push(symbol.into());
        self
    }

    /// Keeps the helpers' C names as their symbols, for code that must know them by these.
    ///
    /// Without it each helper's symbol is one of this crate, version and build alone, and
    /// `helpers.rs` knows it; crates whose helpers have equal names then meet in one
    /// program, each with its own. The C name is a weak symbol beside it, so that other C,
    /// and declarations in Rust that were written by hand, call a helper by it as long as no
    /// other crate has one of the name. With this setting it is the only one, and two crates
    /// that keep one name are an error. A helper that is weak, has an asm label, or is named
    /// by assembly or an `alias` in the sources keeps its C name without asking.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .file("src/helpers.c")
    ///     .keep_c_names() // src/other.c calls `rust_helper_lock`
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn keep_c_names(mut self) -> Self {
        self.keeps_c_names = true;
        self
    }

    /// Sets what a helper that stays out of line means in an ordinary cargo build.
    ///
    /// [`Policy::Require`] has the build fail, also where nothing inlines at all;
    /// [`Policy::Prefer`] has it warn. Without either, a build that does not inline
    /// is an ordinary one, and one that does warns of calls that stay. The
    /// environment variable `HELPER_INLINE_POLICY` goes before it. `dist` has a
    /// policy of its own.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .file("src/helpers.c")
    ///     .policy(helper_inline_build::Policy::Require)
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Compiles by the Kbuild of this kernel build directory, with its flags.
    ///
    /// The environment variable `HELPER_INLINE_KERNEL` goes before it.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .dir("helpers")
    ///     .kernel("/lib/modules/6.1.0-56-amd64/build")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn kernel(mut self, dir: impl AsRef<Path>) -> Self {
        self.kernel = Some(dir.as_ref().to_owned());
        self
    }

    /// Declares helpers of a kernel also where no kernel is configured, as when an editor
    /// runs `cargo check`: those of a kernel that is found, or else those saved in this
    /// file.
    ///
    /// That is so where neither `HELPER_INLINE_KERNEL` nor [`kernel`](Self::kernel)
    /// names one, and for every target that is not bare metal. Nothing is compiled
    /// then, a warning says what is missing, and the crate is told by the `cfg`
    /// `helper_inline_checked` that there are declarations. A kernel is looked for
    /// below `target/kernels` and in `/lib/modules`. What declares helpers so links
    /// into no module: it has an undefined symbol that says why.
    ///
    /// `cargo helper-inline dist --save-bindings` writes the file. Where it is not there
    /// and no kernel is found, a hosted target gets nothing but the warning, and
    /// bare metal the error that it would get without this.
    ///
    /// ```no_run
    /// // build.rs of a crate that begins with
    /// // #![cfg(any(target_os = "none", helper_inline_checked))]
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .dir("helpers")
    ///     .bindings_without_kernel("helpers/bindings.rs")
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn bindings_without_kernel(mut self, path: impl AsRef<Path>) -> Self {
        self.without_kernel = Some(path.as_ref().to_owned());
        self
    }

    /// Adjusts the `cc::Build` that compiles the helpers.
    ///
    /// Not used for a kernel, whose Kbuild decides; use [`flag`](Self::flag)
    /// there.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .file("src/helpers.c")
    ///     .cc(|cc| {
    ///         cc.flag_if_supported("-Wno-unused-parameter");
    ///     })
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cc(mut self, adjust: impl Fn(&mut cc::Build) + 'a) -> Self {
        self.adjust_cc.push(Box::new(adjust));
        self
    }

    /// Adjusts the `bindgen::Builder` that declares the helpers, for instance to
    /// add types and functions that are no helpers.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), helper_inline_build::Error> {
    /// helper_inline_build::Helpers::new()
    ///     .file("src/helpers.c")
    ///     .bindgen(|bindgen| bindgen.allowlist_function("open_.*").derive_default(true))
    ///     .compile()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn bindgen(
        mut self,
        adjust: impl FnOnce(bindgen::Builder) -> bindgen::Builder + 'a,
    ) -> Self {
        self.adjust_bindgen.push(Box::new(adjust));
        self
    }

    /// Compiles and declares the helpers, and tells cargo how to link them and
    /// when to run the build script again.
    ///
    /// # Errors
    /// See [`Error`](crate::Error). Nothing half-written is left in `OUT_DIR`.
    ///
    /// ```no_run
    /// // build.rs
    /// fn main() -> Result<(), helper_inline_build::Error> {
    ///     println!("cargo::rerun-if-changed=build.rs");
    ///     helper_inline_build::Helpers::new().dir("helpers").compile().map(drop)
    /// }
    /// ```
    pub fn compile(self) -> Result<Built> {
        // A second call would overwrite what the first one made.
        if COMPILED.swap(true, Ordering::Relaxed) {
            return Err(Error::Usage {
                message: "`Helpers::compile` is called twice in one build script: \
                          give all sources to one `Helpers`"
                    .into(),
            });
        }
        steps::run(self)
    }
}
