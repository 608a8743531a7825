//! `cargo xtask`: the commands of `cargo helper-inline`, without installing anything.

fn main() -> std::process::ExitCode {
    helper_inline_build::cli::main(helper_inline_build::cli::Front::xtask())
}
