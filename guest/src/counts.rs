//! What the guest and `cargo xtask bench guest` agree on: the files that the one
//! is given, and the lines with counts that the other looks for. No system calls
//! here; it is compiled for both sides.

use std::fmt;

use crate::MARK;

/// What the module of the loops and its loader agree on.
#[path = "../../sample-bench/src/abi.rs"]
pub mod abi;

use abi::Side;

/// Where the guest finds what to count. Without this file it exercises a module.
pub const ORDER: &str = "/count";
/// The module with the loops.
pub const LOOPS: &str = "sample_bench";

/// The name of a block read by a program.
pub const SYSTEM_CALL: &str = "pread() of 4 KiB, O_DIRECT";
/// What is behind the name of a read that the driver ends without reading.
pub const UNANSWERED: &str = ", not answered";

/// How a module was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// `--inline require`
    Inlined,
    /// `--inline off`
    Called,
}

impl Build {
    pub const ALL: [Self; 2] = [Self::Inlined, Self::Called];

    /// Where the guest finds the module with the loops, built like this.
    pub fn loops(self) -> &'static str {
        match self {
            Self::Inlined => "/loops.inlined.ko",
            Self::Called => "/loops.called.ko",
        }
    }

    /// Where it finds the module with the disk.
    pub fn disk(self) -> &'static str {
        match self {
            Self::Inlined => "/disk.inlined.ko",
            Self::Called => "/disk.called.ko",
        }
    }
}

/// How much the guest is to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Rounds of the shorter loop.
    pub rounds: u32,
    /// Reads of the shorter series.
    pub reads: u32,
    /// Of both, each of which the shortest counts.
    pub repetitions: u32,
    /// How often all of it is done, with the modules loaded anew.
    pub loads: u32,
}

impl Order {
    /// As text for the file at [`ORDER`].
    pub fn to_text(&self) -> String {
        format!(
            "{} {} {} {}\n",
            self.rounds, self.reads, self.repetitions, self.loads
        )
    }

    /// From that text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u32>, _> = text.split_whitespace().map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[rounds, reads, repetitions, loads]) => Ok(Self {
                rounds,
                reads,
                repetitions,
                loads,
            }),
            _ => Err(format!("{ORDER} does not hold four numbers: {text}")),
        }
    }
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub build: Build,
    pub side: Side,
    /// The operation, in words.
    pub what: String,
    /// How often it was done in the shorter loop.
    pub rounds: u32,
    /// Instructions of the shorter loop.
    pub once: u64,
    /// Instructions of the one that is twice as long.
    pub twice: u64,
}

impl Count {
    /// Instructions of one operation.
    pub fn each(&self) -> f64 {
        self.twice.saturating_sub(self.once) as f64 / f64::from(self.rounds)
    }

    /// Reads a line of the console.
    pub fn parse(line: &str) -> Option<Self> {
        let text = &line[line.find(MARK)? + MARK.len()..];
        let text = text.trim().strip_prefix("note count ")?;
        let mut words = text.splitn(6, ' ');
        let build = match words.next()? {
            "inlined" => Build::Inlined,
            "called" => Build::Called,
            _ => return None,
        };
        let side = match words.next()? {
            "rust" => Side::Rust,
            "c" => Side::C,
            _ => return None,
        };
        Some(Self {
            build,
            side,
            rounds: words.next()?.parse().ok()?,
            once: words.next()?.parse().ok()?,
            twice: words.next()?.parse().ok()?,
            what: words.next()?.to_owned(),
        })
    }
}

/// As the text of a [`Report::Note`](crate::Report::Note).
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let build = match self.build {
            Build::Inlined => "inlined",
            Build::Called => "called",
        };
        let side = match self.side {
            Side::Rust => "rust",
            Side::C => "c",
        };
        write!(
            f,
            "count {build} {side} {} {} {} {}",
            self.rounds, self.once, self.twice, self.what
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Report;

    #[test]
    fn orders_survive_their_text() {
        let order = Order {
            rounds: 1000,
            reads: 100,
            repetitions: 5,
            loads: 2,
        };
        assert_eq!(Order::parse(&order.to_text()), Ok(order));
        assert!(Order::parse("1 2").unwrap_err().contains(ORDER));
    }

    #[test]
    fn counts_survive_the_console() {
        let count = Count {
            build: Build::Called,
            side: Side::C,
            what: "reference count: get, put".into(),
            rounds: 1000,
            once: 5012,
            twice: 10012,
        };
        let line = format!("[    1.234567] {}\r", Report::Note(count.to_string()));
        assert_eq!(Count::parse(&line), Some(count.clone()));
        assert_eq!(count.each(), 5.0);
        assert_eq!(Count::parse("HIB-GUEST: note count many things"), None);
        assert_eq!(Count::parse("HIB-GUEST: DONE"), None);
    }

    #[test]
    fn operations_have_numbers_of_their_own() {
        for operation in abi::Operation::ALL {
            let number = operation.number();
            assert_eq!(abi::Operation::of_number(number), Some(operation));
        }
        for side in Side::ALL {
            assert_eq!(Side::of_number(side.number()), Some(side));
        }
        assert_eq!(abi::Operation::of_number(100), None);
    }
}
