//! Debian kernels under `target/kernels/`: `cargo xtask kernels fetch`, and what
//! other commands ask about the ones that are there. Building against a kernel
//! and booting one are other modules' matters.

mod arch;
mod fetch;
mod installed;
mod packages;
mod programs;
mod progress;
pub mod unpack;

use std::path::{Path, PathBuf};

pub use arch::Arch;
pub use fetch::{DEFAULT_RELEASE, fetch};
pub use installed::{Kernel, at, build_dir, default_for, installed};

use crate::command;
use crate::failure::Outcome;

/// `cargo xtask kernels …`
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
    /// List the kernels that are there
    List {
        /// Where they are, instead of target/kernels
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
struct FetchArgs {
    /// The kernel's version line: 6.1 is Debian 12's own, 6.12 comes from its
    /// backports, and newer ones from those of Debian 13
    #[arg(long, value_name = "X.Y", default_value = DEFAULT_RELEASE)]
    release: String,
    /// For which architecture; both when not given
    #[arg(long, value_enum, value_name = "ARCH")]
    arch: Vec<Arch>,
    /// Where to unpack, instead of target/kernels
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Where kernels are kept in the workspace at `root`.
pub fn directory(root: &Path) -> PathBuf {
    root.join("target/kernels")
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let default = || directory(&command::workspace_root());
    match args.action {
        Action::Fetch(args) => {
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
        Action::List { dir } => {
            for kernel in installed(&dir.unwrap_or_else(default)) {
                println!("{}  {}", kernel.release, kernel.build_dir.display());
            }
        }
    }
    Ok(())
}
