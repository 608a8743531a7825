//! The guest's own lines on the console.

use std::fmt;

use crate::MARK;

/// A line of the guest's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A step went well: its name, and details for a person.
    Ok(String, String),
    /// Something went wrong.
    Fail(String),
    /// A number or a fact, for a person.
    Note(String),
    /// What the kernel says from here on is the report of this fault, which was
    /// asked for.
    Begin(String),
    /// And no further.
    End(String),
    /// The guest is through, whatever came of it.
    Done,
}

impl Report {
    /// Reads a line of the console, which may begin with the kernel's time stamp.
    pub fn parse(line: &str) -> Option<Self> {
        let text = line[line.find(MARK)? + MARK.len()..].trim();
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        Some(match word {
            "ok" => {
                let (step, details) = rest.split_once(": ").unwrap_or((rest, ""));
                Self::Ok(step.to_owned(), details.to_owned())
            }
            "FAIL" => Self::Fail(rest.to_owned()),
            "BEGIN" => Self::Begin(rest.to_owned()),
            "END" => Self::End(rest.to_owned()),
            "DONE" => Self::Done,
            _ => Self::Note(text.to_owned()),
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok(step, details) => write!(f, "{MARK} ok {step}: {details}"),
            Self::Fail(text) => write!(f, "{MARK} FAIL {text}"),
            Self::Note(text) => write!(f, "{MARK} note {text}"),
            Self::Begin(fault) => write!(f, "{MARK} BEGIN {fault}"),
            Self::End(fault) => write!(f, "{MARK} END {fault}"),
            Self::Done => write!(f, "{MARK} DONE"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_survive_the_console() {
        for report in [
            Report::Ok("load".into(), "sample_kmod: 3 users".into()),
            Report::Fail("it broke".into()),
            Report::Begin("warning".into()),
            Report::End("warning".into()),
            Report::Done,
        ] {
            let line = format!("[    1.234567] {report}\r");
            assert_eq!(Report::parse(&line), Some(report));
        }
        assert_eq!(Report::parse("[ 1.0] usb: new device"), None);
    }
}
