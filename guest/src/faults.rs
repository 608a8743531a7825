//! Faults that a module is asked for, and what the kernel must say of each: which
//! place in which source, and which function of the module.

/// The helpers that report what must not happen.
const SOURCE: &str = include_str!("../../helpers/bug.c");

/// What is made to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `WARN_ON()`, several times at one place.
    Warning,
    /// `WARN_ON_ONCE()`, several times at each of two places.
    WarningOnce,
    /// Two references to what nobody has a reference to.
    ReferenceToNothing,
    /// `BUG()`
    Bug,
    /// A panic of Rust's, which ends in one.
    Panic,
}

/// What the kernel says of a fault.
#[derive(Debug, PartialEq, Eq)]
pub struct Expected {
    /// How many reports there are.
    pub reports: usize,
    /// What stands in the line that names the place.
    pub place: Vec<String>,
    /// A part of the symbol of the function that the helper was inlined into.
    pub function: &'static str,
    /// Lines that come before the report or in it.
    pub says: &'static [&'static str],
    /// Whether the process ends with it.
    pub fatal: bool,
}

impl Fault {
    /// All, in the order in which they are asked for.
    pub const ALL: [Self; 5] = [
        Self::Warning,
        Self::WarningOnce,
        Self::ReferenceToNothing,
        Self::Bug,
        Self::Panic,
    ];

    /// Its name, in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::WarningOnce => "warning-once",
            Self::ReferenceToNothing => "reference-to-nothing",
            Self::Bug => "bug",
            Self::Panic => "panic",
        }
    }

    /// What the kernel must say.
    #[must_use]
    pub fn expected(self) -> Expected {
        let (reports, place, function, says): (usize, _, _, &[_]) = match self {
            Self::Warning => (2, at("return WARN_ON(condition);"), "faults4warn", &[]),
            Self::WarningOnce => (
                2,
                at("return WARN_ON_ONCE(condition);"),
                "faults9warn_once",
                &[],
            ),
            // Counting is inlined, and the warning is the kernel's own.
            Self::ReferenceToNothing => (
                2,
                vec!["WARNING:".to_owned(), "refcount_warn_saturate".to_owned()],
                "faults20reference_to_nothing",
                &[
                    "refcount_t: addition on 0; use-after-free.",
                    "refcount_t: saturated; leaking memory.",
                ],
            ),
            Self::Bug => (1, bug(), "faults3bug", &[]),
            Self::Panic => (1, bug(), "faults5panic", &["sample_kmod: panicked at"]),
        };
        Expected {
            reports,
            place,
            function,
            says,
            fatal: matches!(self, Self::Bug | Self::Panic),
        }
    }
}

fn bug() -> Vec<String> {
    let mut place = at("\tBUG();");
    place[0] = "kernel BUG at".to_owned();
    place
}

/// Where a warning is that this line of the helpers makes.
fn at(line: &str) -> Vec<String> {
    let before = SOURCE.lines().take_while(|text| !text.contains(line));
    let place = format!("helpers/bug.c:{}", before.count() + 1);
    vec!["WARNING:".to_owned(), place]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_where_the_source_has_them() {
        let lines: Vec<&str> = SOURCE.lines().collect();
        for (fault, text) in [
            (Fault::Warning, "WARN_ON("),
            (Fault::WarningOnce, "WARN_ON_ONCE("),
            (Fault::Bug, "BUG();"),
        ] {
            let place = &fault.expected().place[1];
            let number: usize = place.rsplit_once(':').unwrap().1.parse().unwrap();
            assert!(lines[number - 1].contains(text), "{place}");
        }
    }
}
