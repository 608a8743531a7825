//! `cargo helper-inline`, and the rustc wrapper that inlines in a cargo build.
//!
//! Not here: the commands (`helper_inline_build::cli`).

use helper_inline_build::cli::{self, Front};
use helper_inline_build::rustc_wrapper;
use std::process::ExitCode;

fn main() -> ExitCode {
    rustc_wrapper::dispatch().unwrap_or_else(|| cli::main(Front::subcommand()))
}
