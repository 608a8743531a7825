//! The library's one error type and the exit code that each error stands for.
//!
//! Not here: a helper that stayed out of line. That is a finding, not a
//! failure of this library; it is part of the report, and the policy decides.

use std::fmt;
use std::path::PathBuf;

/// What can go wrong. Every message names the input, the cause and, where there
/// is one, the command or the setting that mends it.
///
/// `Debug` prints the same text as `Display`, so that a build script's
/// `fn main() -> Result<(), helper_inline_build::Error>` shows a readable error.
///
/// ```
/// use helper_inline_build::Error;
///
/// let error = Error::TargetMissing { target: "x86_64-unknown-none".into() };
/// assert_eq!(
///     error.to_string(),
///     "rustc has no `core` for target `x86_64-unknown-none`: run `rustup target add x86_64-unknown-none`"
/// );
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A variable that cargo sets for build scripts is not set.
    #[error(
        "environment variable {variable} is not set: call `Helpers::compile` from a build script"
    )]
    NotInBuildScript {
        /// The missing variable.
        variable: &'static str,
    },
    /// No helper source was given.
    #[error(
        "no helper source given: add one with `Helpers::file`, or a directory with `Helpers::dir`, or name \
         what of a header is to be wrapped with `Helpers::wrap_function` and the like"
    )]
    NoSources,
    /// A source, header or directory does not exist.
    #[error("{} `{}` does not exist", what, path.display())]
    InputNotFound {
        /// What it was to be ("helper source", "header", …).
        what: &'static str,
        /// The path as given.
        path: PathBuf,
    },
    /// A path that the tool below cannot take.
    #[error("path `{}` cannot be used: {reason}", path.display())]
    InvalidPath {
        /// The path.
        path: PathBuf,
        /// Why not, and what to do.
        reason: String,
    },
    /// No clang was found.
    #[error(
        "no clang found (looked for {searched}): install one of at most LLVM {rustc_llvm}, \
         for instance `apt-get install clang-{rustc_llvm}`, or set HELPER_INLINE_CLANG to its path"
    )]
    ClangNotFound {
        /// The names looked for.
        searched: String,
        /// LLVM's major version in rustc.
        rustc_llvm: u32,
    },
    /// The compiler found is no clang, or does not run.
    #[error("`{}` cannot be used as clang: {reason}; set HELPER_INLINE_CLANG to a clang", path.display())]
    ClangUnusable {
        /// The compiler.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The clang found writes bitcode that rustc's LLVM cannot read, and its own
    /// is not there to link with.
    #[error(
        "`{}` is clang {clang}, newer than rustc's LLVM {llvm}, and no libLLVM {major} was found to link both with: \
         its bitcode cannot be read safely; install `libllvm{major}`, or `clang-{llvm}` or older and set \
         HELPER_INLINE_CLANG to it, or set HELPER_INLINE_LLVM to a newer libLLVM",
        path.display(), major = clang.split('.').next().unwrap_or_default()
    )]
    ClangTooNew {
        /// The compiler.
        path: PathBuf,
        /// Its version.
        clang: String,
        /// Major version of rustc's LLVM.
        llvm: u32,
    },
    /// Two crates have helpers of one symbol.
    #[error(
        "`{}` and `{}` each have a helper of the symbol `{name}`, and a linker would take one \
         of the two for both: rename one, or let one have a symbol of its own, which \
         `Helpers::keep_c_names`, an asm label, or assembly or an `alias` that names it keeps it \
         from",
        packages[0], packages[1]
    )]
    EqualNames {
        /// The symbol.
        name: String,
        /// The crates.
        packages: [String; 2],
    },
    /// bindgen found no libclang.
    #[error(
        "libclang cannot be loaded: {detail}; install it (`apt-get install libclang-{rustc_llvm}-dev`) \
         or set LIBCLANG_PATH to the directory that holds it"
    )]
    LibclangNotFound {
        /// What the loader said.
        detail: String,
        /// LLVM's major version in rustc.
        rustc_llvm: u32,
    },
    /// rustc has no standard library for the target.
    #[error("rustc has no `core` for target `{target}`: run `rustup target add {target}`")]
    TargetMissing {
        /// The target triple.
        target: String,
    },
    /// A target that this operation does not serve.
    #[error("target `{target}` is not supported here: {reason}")]
    TargetUnsupported {
        /// The target triple.
        target: String,
        /// Why not, and which are.
        reason: String,
    },
    /// The directory given is not a kernel build directory that can be used.
    #[error("kernel build directory `{}`: {problem}; {mend}", dir.display())]
    KernelDir {
        /// The directory.
        dir: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What mends it.
        mend: String,
    },
    /// No libLLVM to link with was found, or it cannot be used.
    #[error("no usable libLLVM: {detail}; set HELPER_INLINE_LLVM to a libLLVM shared library")]
    LlvmUnusable {
        /// What was tried.
        detail: String,
    },
    /// The policy asks for inlining, and this build does not inline.
    #[error(
        "helpers must be inlined (policy `require`), and would be called out of line: {reason}"
    )]
    OutOfLine {
        /// Why, and what mends it where something does.
        reason: String,
    },
    /// An input of helpers is no longer what it was when they were compiled, and a
    /// module would be of two states of it.
    #[error(
        "`{}` changed after the helpers of `{package}` were compiled with it, so nothing was made \
         of them: run `dist` again in `{}`, which compiles them anew",
        path.display(), workspace.display()
    )]
    InputChanged {
        /// The input.
        path: PathBuf,
        /// The package whose build script compiled the helpers.
        package: String,
        /// The workspace.
        workspace: PathBuf,
    },
    /// A wrong request of the user's.
    #[error("{message}")]
    Usage {
        /// The message, whole.
        message: String,
    },
    /// Something of a header that cannot be called from Rust by a wrapper.
    #[error("`{name}` cannot be wrapped: {reason}; {mend}")]
    CannotWrap {
        /// The function, macro or constant.
        name: String,
        /// Why not.
        reason: String,
        /// What serves instead.
        mend: String,
    },
    /// A request to wrap something that the headers do not have.
    #[error(
        "`{request}` matches {what}: mend the name or pattern (it is matched as a whole), or add \
         the header that has it by `Helpers::header`"
    )]
    NothingToWrap {
        /// The call.
        request: String,
        /// What it does not match.
        what: String,
    },
    /// The headers do not compile.
    #[error("the headers to wrap from cannot be read:\n{detail}")]
    Headers {
        /// libclang's messages, with file and line.
        detail: String,
    },
    /// A compiler refused a helper source.
    #[error("compiling the helpers failed ({status}):\n{stderr}\ncommand: {command}")]
    Compile {
        /// The command, as it can be pasted.
        command: String,
        /// Its exit status.
        status: String,
        /// The compiler's own messages, with file and line.
        stderr: String,
    },
    /// bindgen could not make declarations.
    #[error("bindgen failed on the helper declarations: {message}")]
    Bindgen {
        /// bindgen's message.
        message: String,
    },
    /// A command failed.
    #[error("{what} failed ({status}){}\ncommand: {command}", indented(output))]
    Command {
        /// What the command was to do.
        what: String,
        /// The command, as it can be pasted.
        command: String,
        /// Its exit status.
        status: String,
        /// What it printed.
        output: String,
    },
    /// One of many jobs failed, or did not make what it was to make.
    #[error(
        "a job failed ({how}){}\nto see it alone: cd {} && {command}",
        indented(output),
        crate::command::quote(&dir.to_string_lossy())
    )]
    Job {
        /// Its exit status, or what is wrong with what it left.
        how: String,
        /// The command, as it can be pasted.
        command: String,
        /// Where relative paths in it begin.
        dir: PathBuf,
        /// What it printed.
        output: String,
    },
    /// A file could not be read, written or moved.
    #[error("cannot {action} `{}`: {error}", path.display())]
    Io {
        /// What was tried ("read", "write", …).
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason. Not named `source`, because the message says it.
        error: std::io::Error,
    },
    /// A file is not what its reader expects.
    #[error("`{}` is not valid {expected}: {detail}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was expected ("LLVM bitcode", "hand-off manifest", …).
        expected: &'static str,
        /// What was found.
        detail: String,
    },
    /// A bitcode file was written by an LLVM newer than the one that links.
    #[error(
        "`{}` was produced by {producer}, newer than the linking LLVM {reader}{}: compile it with an LLVM of at most that version \
         (HELPER_INLINE_CLANG for helpers), or set HELPER_INLINE_LLVM to a newer libLLVM",
        path.display(),
        beside.as_ref().map_or(String::new(), |other| format!(", beside {other}"))
    )]
    ProducerTooNew {
        /// The bitcode file.
        path: PathBuf,
        /// The producer's own name of itself.
        producer: String,
        /// Producer and path of what it is linked with, where that is known.
        beside: Option<String>,
        /// The linking LLVM's version.
        reader: String,
    },
    /// The inputs cannot be linked soundly.
    #[error("cannot link `{input}`: {reason}")]
    Link {
        /// The input that was at work.
        input: String,
        /// Why not.
        reason: String,
    },
    /// LLVM ended the child process.
    #[error("LLVM ended with {how} while {stage}{}", indented(stderr))]
    LlvmDied {
        /// Signal or exit status.
        how: String,
        /// The step and the input at work.
        stage: String,
        /// What LLVM printed.
        stderr: String,
    },
    /// LLVM did not end.
    #[error(
        "LLVM did not end within {seconds} s while {stage}; \
         if it only needs longer, set HELPER_INLINE_LINK_TIMEOUT to more seconds"
    )]
    LinkTimeout {
        /// How long it was waited for.
        seconds: u64,
        /// The step and the input at work.
        stage: String,
    },
    /// Rust code calls helpers that no source defines.
    #[error(
        "helpers called from Rust that no helper source defines: {}; define them in a source given to `Helpers`, or mend the name",
        names.join(", ")
    )]
    UndefinedHelpers {
        /// Each symbol with its callers.
        names: Vec<String>,
    },
    /// A module needs symbols that its kernel would not give it.
    #[error(
        "kernel {release} (`{}`) would refuse the module:\n  {}",
        dir.display(),
        problems.join("\n  ")
    )]
    KernelSymbols {
        /// The kernel's release.
        release: String,
        /// Its build directory.
        dir: PathBuf,
        /// Each symbol with the reason, and who needs it.
        problems: Vec<String>,
    },
    /// The user asked to stop.
    #[error("interrupted; nothing unfinished was kept")]
    Interrupted,
    /// The object contradicts the report.
    #[error("the object contradicts the bitcode's account, please report this: {detail}")]
    ProofContradicted {
        /// Which statement does not hold.
        detail: String,
    },
}

/// Result with this library's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The process exit code that stands for this error: 2 for wrong usage or
    /// a missing need, 3 for a failed step.
    ///
    /// ```
    /// use helper_inline_build::Error;
    ///
    /// assert_eq!(Error::NoSources.exit_code(), 2);
    /// assert_eq!(Error::Interrupted.exit_code(), 3);
    /// ```
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::NotInBuildScript { .. }
            | Error::NoSources
            | Error::InputNotFound { .. }
            | Error::InvalidPath { .. }
            | Error::ClangNotFound { .. }
            | Error::ClangUnusable { .. }
            | Error::ClangTooNew { .. }
            | Error::LibclangNotFound { .. }
            | Error::TargetMissing { .. }
            | Error::TargetUnsupported { .. }
            | Error::KernelDir { .. }
            | Error::LlvmUnusable { .. }
            | Error::CannotWrap { .. }
            | Error::EqualNames { .. }
            | Error::NothingToWrap { .. }
            | Error::OutOfLine { .. }
            | Error::Usage { .. } => 2,
            _ => 3,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A tool's output below a message: nothing when there is none.
fn indented(output: &str) -> String {
    let trimmed = output.trim_end();
    if trimmed.is_empty() {
        String::new()
    } else {
        format!(":\n{trimmed}")
    }
}
