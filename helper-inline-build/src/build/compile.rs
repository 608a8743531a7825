//! Compiling the helper unit to bitcode and to an ordinary archive.
//!
//! Two ways: through `cc` with the flags of the cargo build, or through a
//! kernel's own Kbuild. Not here: which clang, which sources.

use super::env::BuildEnv;
use super::headers::Unit;
use super::libclang::Arguments;
use crate::clang::defaults;
use crate::clang::instrumentation::{self, INSTRUMENTED_MACRO};
use crate::kernel::{HelperUnit, KernelDir, compile_helpers, helper_flags};
use crate::manifest::{BITCODE_MACRO, BUILT_IN_VARIABLE, DEBUG_VARIABLE};
use crate::{Clang, Error, Result, command, files};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The compiled helpers, in `OUT_DIR`.
pub(super) struct Compiled {
    /// `None` when it was no clang that compiled.
    pub bitcode: Option<PathBuf>,
    pub archive: PathBuf,
    /// The flags, for bindgen and the manifest.
    pub flags: Vec<String>,
    /// `None` when the compiler writes none.
    pub depfile: Option<PathBuf>,
    /// The compiler's working directory.
    pub directory: PathBuf,
    /// What of the kernel decided how they were compiled.
    pub kernel_files: Vec<PathBuf>,
}

/// The flag for the debug information that is wanted in the bitcode.
fn debug_flag() -> &'static str {
    match std::env::var_os(DEBUG_VARIABLE) {
        Some(_) => "-g",
        None => "-gline-tables-only",
    }
}

/// Whether helpers for a kernel are to be code of its image.
pub(super) fn is_built_in() -> bool {
    std::env::var_os(BUILT_IN_VARIABLE).is_some()
}

/// `cc` with the flags of the cargo build and the user's.
pub(super) struct Cc<'a> {
    /// The clang that makes bitcode; without it `cc` takes the compiler that it
    /// would take anyway, which makes none.
    pub clang: Option<&'a Clang>,
    pub target: &'a str,
    pub args: &'a [String],
    pub adjust: &'a dyn Fn(&mut cc::Build),
}

impl Cc<'_> {
    fn configure(&self) -> cc::Build {
        let mut cc = cc::Build::new();
        if let Some(clang) = self.clang {
            cc.compiler(&clang.path);
            cc.flags(defaults::flags(self.target, false));
        }
        cc.flags(self.args);
        (self.adjust)(&mut cc);
        cc
    }

    fn failed(&self, error: &cc::Error) -> Error {
        Error::Compile {
            command: self
                .clang
                .map_or_else(|| "cc".to_owned(), |clang| clang.path.display().to_string()),
            status: "no exit status".into(),
            stderr: error.to_string(),
        }
    }

    /// The compiler for the bitcode.
    ///
    /// -O2 whatever the profile: at -O0 clang marks every function `noinline`.
    pub(super) fn bitcode_tool(&self) -> Result<cc::Tool> {
        let mut cc = self.configure();
        cc.opt_level(2).debug(false);
        cc.try_get_compiler().map_err(|error| self.failed(&error))
    }

    /// The flags that the bitcode is compiled with.
    pub(super) fn flags(&self) -> Result<Vec<String>> {
        Ok(flags_of(&self.bitcode_tool()?))
    }
}

fn flags_of(tool: &cc::Tool) -> Vec<String> {
    let args = tool.args().iter();
    args.map(|arg| arg.to_string_lossy().into_owned()).collect()
}

/// Compiles through `cc`.
pub(super) fn by_cc(env: &BuildEnv, cc: &Cc<'_>, unit: &Path) -> Result<Compiled> {
    let depfile = env.out_dir.join("helpers.d");
    let (bitcode, depfile, flags) = match cc.clang {
        Some(_) => {
            let (bitcode, flags) = bitcode_by_cc(env, cc, unit, &depfile)?;
            (Some(bitcode), Some(depfile), flags)
        }
        None => (None, None, cc.flags()?),
    };
    let name = archive_name(env);
    cc.configure()
        .file(unit)
        // What clang warns of it has said already, of the same source.
        .cargo_warnings(bitcode.is_none())
        .try_compile(&name)
        .map_err(|error| cc.failed(&error))?;
    Ok(Compiled {
        bitcode,
        archive: archive(env),
        flags,
        depfile,
        directory: env.package_dir.clone(),
        kernel_files: Vec::new(),
    })
}

/// Compiles to bitcode, by clang. Returns it with the flags.
fn bitcode_by_cc(
    env: &BuildEnv,
    cc: &Cc<'_>,
    unit: &Path,
    depfile: &Path,
) -> Result<(PathBuf, Vec<String>)> {
    let tool = cc.bitcode_tool()?;
    let flags = flags_of(&tool);
    let beside = tempfile::tempdir_in(&env.out_dir).map_err(files::io("write", &env.out_dir))?;
    let mut partial = beside.path().join("helpers.bc");
    let command = || {
        let mut compile = tool.to_command();
        compile
            .args([debug_flag(), "-fno-lto", "-emit-llvm", "-c"])
            .arg(unit)
            .arg(format!("-D{BITCODE_MACRO}"))
            .args(["-MD", "-MF"])
            .arg(depfile);
        compile
    };
    let mut compile = command();
    if instrumentation::is_added_by_passes(command()) {
        // What gcov calls its files follows the output's name.
        partial = env.out_dir.join("instrumented.bc");
        compile.arg(format!("-D{INSTRUMENTED_MACRO}"));
    } else {
        // Without passes the bodies stay as written and `__builtin_constant_p` is
        // decided after inlining.
        compile.args(["-Xclang", "-disable-llvm-passes"]);
    }
    compile.arg("-o").arg(&partial);
    let output = compile
        .stdin(Stdio::null())
        .output()
        .map_err(|e| command::start_error("compiling the helpers", &compile, &e))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(Error::Compile {
            command: command::line(&compile),
            status: output.status.to_string(),
            stderr: stderr.trim().to_owned(),
        });
    }
    for line in stderr.lines() {
        println!("cargo::warning={line}");
    }
    let bitcode = env.out_dir.join("helpers.bc");
    files::write(&bitcode, &files::read(&partial)?)?;
    // Gone with its directory, where it is in one.
    let _ = std::fs::remove_file(&partial);
    Ok((bitcode, flags))
}

/// The unit behind the preprocessor; what is wrong with it is left to the compiler.
pub(super) fn preprocessed(unit: &Path, read: &Unit<'_>, cc: &Cc<'_>) -> Result<String> {
    let mut command = match read.clang {
        Some(clang) => {
            let arguments = Arguments::new(read.flags, &read.env.target, Some(clang));
            let mut command = Command::new(&clang.path);
            command.args(arguments.all);
            command
        }
        None => cc.bitcode_tool()?.to_command(),
    };
    command.arg("-E").arg(unit).stdin(Stdio::null());
    let output = command.output();
    let output =
        output.map_err(|e| command::start_error("preprocessing the helpers", &command, &e))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The flags that a kernel's Kbuild compiles with.
pub(super) fn kbuild_flags(
    env: &BuildEnv,
    clang: &Clang,
    kernel: &KernelDir,
    unit: &Path,
    args: &[String],
) -> Result<Vec<String>> {
    helper_flags(
        kernel,
        clang,
        &helper_unit(&env.out_dir.join("kbuild"), unit, args),
    )
}

fn helper_unit<'a>(dir: &'a Path, source: &'a Path, args: &'a [String]) -> HelperUnit<'a> {
    HelperUnit {
        dir,
        source,
        args,
        debug_flag: debug_flag(),
        built_in: is_built_in(),
    }
}

/// Compiles through a kernel's Kbuild, and tells cargo to link it if it is to be.
pub(super) fn by_kbuild(
    env: &BuildEnv,
    clang: &Clang,
    kernel: &KernelDir,
    unit: &Path,
    args: &[String],
    is_linked: bool,
) -> Result<Compiled> {
    let dir = env.out_dir.join("kbuild");
    let compiled = compile_helpers(kernel, clang, &helper_unit(&dir, unit, args))?;
    let bitcode = env.out_dir.join("helpers.bc");
    files::write(&bitcode, &files::read(&compiled.bitcode)?)?;
    let name = archive_name(env);
    // `cc` only archives here; the object is Kbuild's.
    cc::Build::new()
        .compiler(&clang.path)
        .cargo_metadata(is_linked)
        .object(&compiled.object)
        .try_compile(&name)
        .map_err(|error| Error::Compile {
            command: "ar".into(),
            status: "no exit status".into(),
            stderr: error.to_string(),
        })?;
    Ok(Compiled {
        bitcode: Some(bitcode),
        archive: archive(env),
        flags: compiled.flags,
        depfile: Some(compiled.depfile),
        directory: compiled.directory,
        kernel_files: [
            kernel.deciding_files(&compiled.source_tree),
            compiled.makefiles,
        ]
        .concat(),
    })
}

/// Where the archive goes.
pub(super) fn archive(env: &BuildEnv) -> PathBuf {
    env.out_dir.join(format!("lib{}.a", archive_name(env)))
}

/// A name of the crate's own, and of this build of it: the archives of several
/// crates, or versions of one, can meet in one link.
fn archive_name(env: &BuildEnv) -> String {
    format!(
        "helper_inline_{}",
        crate::tag::tag(&env.package, &env.out_dir)
    )
}
