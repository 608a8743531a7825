//! Debian kernels under `target/kernels/`: `kernels fetch`, and what
//! other commands ask about the ones that are there. Building against a kernel
//! and booting one are other modules' matters.

mod arch;
mod build;
mod fetch;
mod installed;
mod line;
mod packages;
mod programs;
mod source;
pub mod unpack;

use std::path::{Path, PathBuf};

pub use arch::Arch;
pub use fetch::fetch;
pub use installed::{Kernel, at, build_dir, default_for, installed};
pub use line::DEFAULT_RELEASE;
pub use packages::one as newest_package;

use crate::cli::failure::{Failure, Outcome};
use crate::cli::{command, front, progress};

/// `kernels …`
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Download Debian kernels and their headers through apt and unpack them
    /// under target/kernels, without touching the system's package lists
    Fetch(FetchArgs),
    /// Build a small kernel from Debian's sources with clang, in an output directory
    /// apart from them, under target/kernels
    Build(BuildArgs),
    /// List the kernels that are there
    List {
        /// Where they are, instead of target/kernels
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

/// How much is said on the way.
#[derive(Debug, clap::Args)]
struct Said {
    /// Say nothing but what is wrong, and print what is there
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,
    /// Show each command before it is run, as it can be pasted
    #[arg(long, short)]
    verbose: bool,
}

impl Said {
    fn heed(&self) {
        if self.quiet {
            progress::be_quiet();
        }
        if self.verbose {
            command::show_all();
        }
    }
}

#[derive(Debug, clap::Args)]
struct FetchArgs {
    /// The kernel's version line: 6.1 is Debian 12's own, 6.12 comes from its
    /// backports, and newer ones from those of Debian 13; with one number the newest
    /// of them
    #[arg(long, value_name = "X.Y", default_value = DEFAULT_RELEASE)]
    release: String,
    /// For which architecture; both when not given
    #[arg(long, value_enum, value_name = "ARCH")]
    arch: Vec<Arch>,
    /// Where to unpack, instead of target/kernels
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    said: Said,
}

#[derive(Debug, clap::Args)]
struct BuildArgs {
    /// The version line of Debian's sources
    #[arg(long, value_name = "X.Y", default_value = BUILT_RELEASE)]
    release: String,
    /// For which architecture; the machine's own when not given
    #[arg(long, value_enum, value_name = "ARCH")]
    arch: Option<Arch>,
    /// What stands in its release before the architecture
    #[arg(long, value_name = "NAME", default_value = BUILT_NAME)]
    name: String,
    /// A line of its configuration, on top of the small one that
    /// comes with this program
    #[arg(long = "set", value_name = "CONFIG_OPTION=VALUE")]
    options: Vec<String>,
    /// Where it goes, instead of target/kernels
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    said: Said,
}

/// The version line that is built when none is named.
const BUILT_RELEASE: &str = "6.12";
/// The name of a kernel that is built when none is given.
const BUILT_NAME: &str = "clang";

/// Builds the kernel that tests use: small, by clang, for this machine.
pub fn build_default(directory: &Path) -> Outcome<Kernel> {
    let plan = build::Plan {
        line: BUILT_RELEASE.to_owned(),
        arch: this_machine()?,
        name: BUILT_NAME.to_owned(),
        options: Vec::new(),
    };
    build::build(directory, &plan)
}

fn this_machine() -> Outcome<Arch> {
    Arch::host().ok_or_else(|| Failure::usage("name an architecture with --arch"))
}

/// Where kernels are kept in the workspace at `root`.
pub fn directory(root: &Path) -> PathBuf {
    root.join("target/kernels")
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let default = || directory(&front::root());
    match args.action {
        Action::Fetch(args) => {
            args.said.heed();
            let architectures = if args.arch.is_empty() {
                Arch::ALL.to_vec()
            } else {
                args.arch
            };
            let directory = args.dir.unwrap_or_else(default);
            for kernel in fetch(&directory, &args.release, &architectures)? {
                println!("{}  {}", kernel.release, kernel.build_dir.display());
            }
        }
        Action::Build(args) => {
            args.said.heed();
            let arch = match args.arch {
                Some(arch) => arch,
                None => this_machine()?,
            };
            let plan = build::Plan {
                line: args.release,
                arch,
                name: args.name,
                options: args.options,
            };
            let kernel = build::build(&args.dir.unwrap_or_else(default), &plan)?;
            println!("{}  {}", kernel.release, kernel.build_dir.display());
        }
        Action::List { dir } => {
            for kernel in installed(&dir.unwrap_or_else(default)) {
                println!("{}  {}", kernel.release, kernel.build_dir.display());
            }
        }
    }
    Ok(())
}
