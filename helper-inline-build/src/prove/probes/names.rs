//! Names of events and their fields, as the kernel takes them.
//!
//! Not here: what they are of.

use std::collections::HashSet;

/// The most characters of an event's or a group's name (`MAX_EVENT_NAME_LEN`).
pub(super) const EVENT: usize = 63;
/// The most characters of a field's name (`MAX_ARG_NAME_LEN`).
pub(super) const ARGUMENT: usize = 31;
/// What names of fields that every event has begin with.
const RESERVED: [&str; 2] = ["common_", "__probe_"];

/// Names that are given.
#[derive(Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// `name_1`, or the first such name that is not given yet.
    pub(super) fn unused(&mut self, name: &str, most: usize) -> String {
        let mut number = 1_u64;
        loop {
            let suffix = format!("_{number}");
            let new = shortened(name, most - suffix.len()).to_owned() + &suffix;
            if self.0.insert(new.clone()) {
                return new;
            }
            number += 1;
        }
    }

    /// The name itself, or when it is given or reserved one with a number.
    pub(super) fn unused_first(&mut self, name: &str, most: usize) -> String {
        let new = shortened(name, most);
        let is_reserved = RESERVED.iter().any(|reserved| new.starts_with(reserved));
        if is_reserved {
            return self.unused(&format!("of_{name}"), most);
        }
        match self.0.insert(new.to_owned()) {
            true => new.to_owned(),
            false => self.unused(name, most),
        }
    }
}

fn shortened(name: &str, most: usize) -> &str {
    &name[..name.len().min(most)]
}

/// A name as a C identifier, in ASCII.
pub(super) fn identifier(name: &str) -> String {
    let is_good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut good: String = name
        .chars()
        .map(|c| if is_good(c) { c } else { '_' })
        .collect();
    if !good.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        good.insert(0, '_');
    }
    shortened(&good, EVENT).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_given_once() {
        let mut names = Names::default();
        let long = "h".repeat(80);
        let first = names.unused(&long, EVENT);
        let second = names.unused(&(long + "x"), EVENT);
        assert_eq!((first.len(), second.len()), (EVENT, EVENT));
        assert!(first.ends_with("h_1") && second.ends_with("h_2"));
        let mut names = Names::default();
        assert_eq!(names.unused_first("lock", ARGUMENT), "lock");
        assert_eq!(names.unused_first("lock", ARGUMENT), "lock_1");
        assert_eq!(
            names.unused_first("common_pid", ARGUMENT),
            "of_common_pid_1"
        );
        assert_eq!(identifier("my-module"), "my_module");
        assert_eq!(identifier("9p"), "_9p");
    }
}
