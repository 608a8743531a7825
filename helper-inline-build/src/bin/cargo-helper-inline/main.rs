//! `cargo helper-inline`, and the rustc wrapper that inlines in a cargo build.
//!
//! Not here: the commands, and which of its roles it is started in
//! (`helper_inline_build::cli`).

use helper_inline_build::cli::{self, Front};
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main(Front::subcommand())
}
