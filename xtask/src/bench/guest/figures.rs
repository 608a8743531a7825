//! What the counts of a machine come to: for each operation the instructions of
//! its three builds, and whether they are what inlining is for.

use anyhow::{Context as _, Result};
use guest::counts::abi::{Operation, Side};
use guest::counts::{Build, Count, SYSTEM_CALL, UNANSWERED};

/// Instructions of an operation, the loop around it included.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    pub what: String,
    /// Rust with helpers inlined.
    pub inlined: f64,
    /// Rust with helpers called.
    pub called: f64,
    pub c: f64,
    /// C in the module whose helpers are called, which has none.
    pub c_beside_called: f64,
}

/// What a read costs in the driver: the difference to one that is not answered.
const IN_THE_DRIVER: &str = "of that, answering in the driver";

/// Puts counts together, in the order of the table.
pub fn figures(counts: &[Count]) -> Result<Vec<Figures>> {
    let mut all = Operation::ALL
        .iter()
        .map(|operation| Figures::new(counts, operation.name()))
        .collect::<Result<Vec<_>>>()?;
    let read = Figures::new(counts, Operation::BlockRead.name())?;
    let unanswered = format!("{}{UNANSWERED}", read.what);
    all.push(read.less(&Figures::new(counts, &unanswered)?));
    all.push(Figures::new(counts, SYSTEM_CALL)?);
    Ok(all)
}

impl Figures {
    fn new(counts: &[Count], what: &str) -> Result<Self> {
        let of = |build, side| {
            let found = counts
                .iter()
                .filter(|count| count.what == what && count.build == build && count.side == side);
            // More than the least is what came in between.
            found
                .map(Count::each)
                .reduce(f64::min)
                .with_context(|| format!("{what} was not counted for {side:?}, {build:?}"))
        };
        Ok(Self {
            what: what.to_owned(),
            inlined: of(Build::Inlined, Side::Rust)?,
            called: of(Build::Called, Side::Rust)?,
            c: of(Build::Inlined, Side::C)?,
            c_beside_called: of(Build::Called, Side::C)?,
        })
    }

    fn less(&self, other: &Self) -> Self {
        Self {
            what: IN_THE_DRIVER.to_owned(),
            inlined: self.inlined - other.inlined,
            called: self.called - other.called,
            c: self.c - other.c,
            c_beside_called: self.c_beside_called - other.c_beside_called,
        }
    }

    /// Rust with helpers inlined, as a part of C.
    pub fn to_c(&self) -> f64 {
        self.inlined / self.c
    }

    /// Rust with helpers inlined, as a part of Rust with helpers called.
    pub fn to_called(&self) -> f64 {
        self.inlined / self.called
    }
}

/// A block read with helpers inlined is to be this part of one with helpers called.
const READ_TO_CALLED: f64 = 0.98;

/// Counts of a loop are whole numbers, but for what is left of an interrupt.
const EXACT: f64 = 0.01;

/// The block layer does not do quite the same for each request.
const READ_NEARLY: f64 = 0.002;

/// What is not as it should be.
pub fn problems(all: &[Figures]) -> Vec<String> {
    let mut problems = Vec::new();
    for figures in all {
        let what = &figures.what;
        let two = Operation::TwoInstructions.name();
        let slack = match Operation::ALL
            .iter()
            .find(|operation| operation.name() == what)
        {
            // Of the same read as the row before it, and of a whole program's.
            None => continue,
            Some(Operation::TwoInstructions) => {
                let counts = [figures.inlined, figures.called, figures.c];
                if counts.iter().any(|count| (count - 2.0).abs() > EXACT) {
                    problems.push(format!("{two} is counted as {counts:?}"));
                }
                continue;
            }
            Some(Operation::BlockRead) => {
                if figures.to_called() > READ_TO_CALLED {
                    problems.push(format!(
                        "{what}: {:.2} with helpers inlined is not {:.0}% below {:.2} with helpers called",
                        figures.inlined,
                        100.0 * (1.0 - READ_TO_CALLED),
                        figures.called
                    ));
                }
                READ_NEARLY * figures.c
            }
            Some(_) => EXACT,
        };
        if figures.inlined > figures.c + slack {
            problems.push(format!(
                "{what}: {:.2} with helpers inlined is more than {:.2} in C",
                figures.inlined, figures.c
            ));
        }
        if figures.inlined > figures.called - 1.0 + slack {
            problems.push(format!(
                "{what}: {:.2} with helpers inlined is not below {:.2} with helpers called",
                figures.inlined, figures.called
            ));
        }
        if (figures.c - figures.c_beside_called).abs() > slack {
            problems.push(format!(
                "{what}: C is {:.2} in one module and {:.2} in the other",
                figures.c, figures.c_beside_called
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts of everything, as they should be.
    fn good() -> Vec<Count> {
        let names = Operation::ALL.map(|operation| operation.name().to_owned());
        let unanswered = format!("{}{UNANSWERED}", Operation::BlockRead.name());
        let mut counts = Vec::new();
        for what in names.into_iter().chain([unanswered, SYSTEM_CALL.into()]) {
            for build in Build::ALL {
                for side in Side::ALL {
                    let each = match (build, side) {
                        _ if what == Operation::TwoInstructions.name() => 2,
                        (Build::Called, Side::Rust) => 24,
                        _ => 20,
                    };
                    // The second one was interrupted.
                    for more in [0, 7000] {
                        counts.push(Count {
                            build,
                            side,
                            what: what.clone(),
                            rounds: 1000,
                            once: 100,
                            twice: 100 + 1000 * each + more,
                        });
                    }
                }
            }
        }
        counts
    }

    fn problems_when(change: impl Fn(&mut Count)) -> Vec<String> {
        let mut counts = good();
        counts.iter_mut().for_each(change);
        problems(&figures(&counts).unwrap())
    }

    fn is(count: &Count, operation: Operation, build: Build, side: Side) -> bool {
        count.what == operation.name() && count.build == build && count.side == side
    }

    #[test]
    fn good_counts_have_no_problem() {
        assert_eq!(problems_when(|_| ()), [""; 0]);
        let all = figures(&good()).unwrap();
        assert_eq!((all[1].to_c(), all[1].called), (1.0, 24.0));
    }

    #[test]
    fn an_instruction_more_than_in_c_is_seen() {
        let problems = problems_when(|count| {
            if is(count, Operation::List, Build::Inlined, Side::Rust) {
                count.twice += 1000;
            }
        });
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("more than 20.00 in C"), "{problems:?}");
    }

    #[test]
    fn helpers_that_are_called_after_all_are_seen() {
        let problems = problems_when(|count| {
            if count.build == Build::Inlined && count.side == Side::Rust {
                count.twice = 100 + 1000 * 24;
            }
        });
        let operations = Operation::ALL.len() - 1;
        let not_below = problems.iter().filter(|text| text.contains("not below"));
        assert_eq!(not_below.count(), operations, "{problems:?}");
        assert!(problems.iter().any(|text| text.contains("not 2% below")));
    }

    #[test]
    fn a_clock_that_counts_something_else_is_seen() {
        let problems = problems_when(|count| {
            if count.what == Operation::TwoInstructions.name() {
                count.twice += 1000;
            }
        });
        assert!(problems[0].contains("[3.0, 3.0, 3.0]"), "{problems:?}");
    }

    #[test]
    fn c_that_differs_between_the_modules_is_seen() {
        let problems = problems_when(|count| {
            if is(count, Operation::PerCpu, Build::Called, Side::C) {
                count.twice += 1000;
            }
        });
        assert!(problems[0].contains("21.00 in the other"), "{problems:?}");
    }

    #[test]
    fn what_was_not_counted_is_named() {
        let mut counts = good();
        counts.retain(|count| !is(count, Operation::Atomic, Build::Called, Side::C));
        let error = figures(&counts).unwrap_err().to_string();
        assert!(
            error.contains("atomic add was not counted for C"),
            "{error}"
        );
    }
}
