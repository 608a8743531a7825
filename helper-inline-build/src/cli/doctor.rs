//! `doctor`: shows what is there and what is missing. Changes nothing.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::front;
use crate::cli::needs::{self, Purpose};

/// `doctor`
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: Args) -> Outcome {
    let needs = needs::all(&front::root());
    print!("{}", needs::table(&needs));
    let missing = needs
        .iter()
        .filter(|need| need.serves(Purpose::Dist) && need.missing().is_some())
        .count();
    if missing == 0 {
        println!("dist can run");
        return Ok(());
    }
    Err(Failure::need(format_args!(
        "{missing} of the needs of dist missing; `{} dist --bootstrap` installs them on a system with apt",
        front::name()
    )))
}
