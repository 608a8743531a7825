//! The build-script side: C helper sources in, bitcode, declarations, an
//! ordinary archive and the hand-off manifest out.
//!
//! Not here: linking bitcode into Rust (`link`), which a build script cannot do.

mod bindings;
mod compile;
mod env;
mod headers;
mod inlining;
mod libclang;
mod prefix_map;
mod rerun;
mod sources;
mod wrap;

pub use bindings::libclang_version;

use crate::manifest::{ClangInfo, FILE_NAME, KernelInfo, Manifest, VARIABLE, VERSION};
use crate::{Clang, Error, Policy, Result, Rustc, files, kernel};
use env::BuildEnv;
use libclang::Arguments;
use sources::Sources;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The C unit, in `OUT_DIR`, and the file of wrappers that it includes.
const UNIT: &str = "helper-inline-unit.c";
const WRAPPERS: &str = "helper-inline-wrappers.c";

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
    policy: Option<Policy>,
    kernel: Option<PathBuf>,
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
            policy: None,
            kernel: None,
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
        let env = BuildEnv::read()?;
        // A second call would overwrite what the first one made.
        if COMPILED.swap(true, Ordering::Relaxed) {
            return Err(Error::Usage {
                message: "`Helpers::compile` is called twice in one build script: \
                          give all sources to one `Helpers`"
                    .into(),
            });
        }
        let mut rerun = rerun::Rerun::new(&env.out_dir, &env.target);
        // First, so that mending any error below makes cargo try again.
        self.sources.watch(&mut rerun);
        rerun.emit_inputs();
        let policy = Policy::from_env()?.or(self.policy);

        let rustc = Rustc::from_env()?;
        let kernel_dir = std::env::var_os("HELPER_INLINE_KERNEL")
            .map(PathBuf::from)
            .or(self.kernel.clone());
        let (clang, out_of_line) = match kernel_dir {
            Some(_) => (Some(Clang::find(rustc.llvm)?), None),
            None => inlining::clang(&env.target, rustc.llvm)?,
        };
        let clang = clang.as_ref();
        if kernel_dir.is_none() {
            inlining::check(&env.target, policy, out_of_line.as_deref())?;
        }
        bindings::require_libclang(rustc.llvm.major)?;
        let unit = env.out_dir.join(UNIT);
        let wrappers = env.out_dir.join(WRAPPERS);
        if !self.wraps.is_empty() && !wrappers.is_file() {
            files::write(&wrappers, b"")?;
        }
        let included = (!self.wraps.is_empty()).then_some(wrappers.as_path());
        files::write_if_changed(&unit, self.sources.unit(included)?.as_bytes())?;

        let args = self.args(&env)?;
        let kernel = match kernel_dir {
            Some(dir) => Some(kernel::KernelDir::open(&dir)?),
            None => None,
        };
        let cc = compile::Cc {
            clang,
            args: &args,
            adjust: &|cc| self.adjust_cc.iter().for_each(|adjust| adjust(cc)),
        };
        let build = || match &kernel {
            Some(kernel) => {
                kernel.check_target(&env.target)?;
                let clang = clang.expect("kernels are compiled by clang alone");
                compile::by_kbuild(&env, clang, kernel, &unit, &args)
            }
            None => compile::by_cc(&env, &cc, &unit),
        };
        let (compiled, wrapped) = if self.wraps.is_empty() {
            (build()?, wrap::Wrapped::default())
        } else {
            let flags = match &kernel {
                // Kbuild tells its flags by compiling: first without wrappers.
                Some(_) => {
                    files::write_if_changed(&wrappers, b"")?;
                    build()?.flags
                }
                None => cc.flags()?,
            };
            let mut wrapped = self.wrap(&env, clang, &rustc, &flags, kernel.is_some())?;
            (
                headers::compile_wrapped(&mut wrapped, &wrappers, build)?,
                wrapped,
            )
        };
        if let Some(depfile) = &compiled.depfile {
            rerun.emit_depfile(depfile)?;
        }

        let arguments = Arguments::new(&compiled.flags, &env.target, clang);
        let declared = bindings::generate(
            bindings::Request {
                unit: &unit,
                arguments: &arguments.bindgen,
                prefix: &self.prefix,
                wrapped: &wrapped,
                output: &env.out_dir.join("helpers.rs"),
            },
            self.adjust_bindgen,
        )?;

        let exempt = headers::symbols(&self.exempt, &wrapped.names());
        if let Some(unknown) = exempt.iter().find(|e| !declared.helpers.contains(e)) {
            return Err(Error::Usage {
                message: format!(
                    "`{unknown}` is exempted and no helper of that name is there; \
                     give its C symbol, prefix included, or the name of what is wrapped"
                ),
            });
        }
        let manifest = Manifest {
            version: VERSION,
            package: env.package,
            target: env.target,
            prefix: self.prefix,
            helpers: declared.helpers,
            exempt,
            wrapped: wrapped.of(),
            refused: wrapped.refused().to_vec(),
            bitcode: compiled.bitcode.clone(),
            archive: compiled.archive.clone(),
            clang: clang.map(|clang| ClangInfo {
                version: clang.version.to_string(),
                llvm: clang.version.major,
                path: clang.path.clone(),
            }),
            flags: compiled.flags,
            kernel: kernel.map(|k| KernelInfo {
                dir: k.path().to_owned(),
                release: k.release().to_owned(),
                built_in: compile::is_built_in(),
            }),
            policy: self.policy,
            out_of_line,
        };
        let manifest_path = env.out_dir.join(FILE_NAME);
        manifest.write(&manifest_path)?;
        println!("cargo::rustc-env={VARIABLE}={}", manifest_path.display());
        Ok(Built {
            bitcode: compiled.bitcode,
            bindings: declared.path,
            archive: compiled.archive,
            manifest: manifest_path,
        })
    }

    /// The user's include directories, macros and flags as compiler arguments.
    fn args(&self, env: &BuildEnv) -> Result<Vec<String>> {
        let includes = self
            .includes
            .iter()
            .map(|dir| format!("-I{}", env.package_dir.join(dir).display()));
        let defines = self.defines.iter().map(|(k, v)| format!("-D{k}={v}"));
        let sources = self.sources.files()?;
        Ok(includes
            .chain(defines)
            .chain(prefix_map::flags(&env.package_dir, &env.out_dir, &sources))
            .chain(self.flags.iter().cloned())
            .collect())
    }
}
