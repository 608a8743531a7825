//! `cargo helper-inline explain CAUSE`: what keeps a helper out of line, and the cure.
//!
//! Not here: the texts (`prove::explain`).

use super::failure::{Failure, Outcome};
use crate::link::job::Cause;
use crate::prove::explain;

/// `cargo helper-inline explain`
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// The cause, as a report has it; all of them when not given
    #[arg(value_name = "CAUSE")]
    cause: Option<String>,
}

impl Explain {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let causes = match &self.cause {
            None => Cause::ALL.to_vec(),
            Some(name) => vec![named(name)?],
        };
        let texts: Vec<String> = causes.into_iter().map(text).collect();
        println!("{}", texts.join("\n\n"));
        Ok(())
    }
}

fn named(name: &str) -> Outcome<Cause> {
    Cause::named(name).ok_or_else(|| {
        let known: Vec<&str> = Cause::ALL.iter().map(|cause| cause.name()).collect();
        Failure::usage(format_args!(
            "`{name}` is no cause that a report names; they are {}",
            known.join(", ")
        ))
    })
}

fn text(cause: Cause) -> String {
    let explanation = explain(cause);
    format!(
        "{}\n\n{}\n\nTo see it: {}\n\nCure: {}",
        cause.name(),
        explanation.what,
        explanation.see,
        explanation.cure
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_explained_by_its_name() {
        for cause in Cause::ALL.iter().copied() {
            let found = named(cause.name()).unwrap();
            assert!(text(found).starts_with(&format!("{}\n\n", cause.name())));
        }
        let failure = named("bad-luck").unwrap_err();
        assert_eq!(failure.code(), 2);
        assert!(format!("{failure:#}").contains("they are noinline, "));
    }
}
