//! What the guest and `cargo xtask boot` agree on: the instructions that the
//! one is given, and the lines that the other looks for. No system calls here;
//! it is compiled for both sides.

pub mod counts;

use std::fmt;

/// Where the guest finds its instructions in the initramfs.
pub const INSTRUCTIONS: &str = "/instructions";
/// Where the guest finds the module in the initramfs.
pub const MODULE: &str = "/module.ko";
/// What every line of the guest's own begins with.
pub const MARK: &str = "HIB-GUEST:";
/// The module with the device for messages.
pub const SAMPLE: &str = "sample_kmod";
/// The module with the disk.
pub const BLOCK: &str = "sample_block";
/// The modules that the guest can exercise, not only load and unload.
pub const SAMPLES: [&str; 2] = [SAMPLE, BLOCK];

/// What the guest is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instructions {
    /// The module's name as the kernel shows it, with underscores.
    pub module: String,
    /// How many load and unload rounds to go through.
    pub rounds: u32,
}

impl Instructions {
    /// As text for the file at [`INSTRUCTIONS`].
    pub fn to_text(&self) -> String {
        format!("module={}\nrounds={}\n", self.module, self.rounds)
    }

    /// From that text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
                .ok_or_else(|| format!("{INSTRUCTIONS} has no line `{name}=`"))
        };
        let rounds = value("rounds")?;
        Ok(Self {
            module: value("module")?.to_owned(),
            rounds: rounds
                .parse()
                .map_err(|error| format!("{INSTRUCTIONS}: rounds={rounds}: {error}"))?,
        })
    }

    /// Whether the guest can exercise the module.
    pub fn exercises(&self) -> bool {
        SAMPLES.contains(&self.module.as_str())
    }

    /// The steps that a run without a failure reports, in this order.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = vec![Step::Boot, Step::Load];
        if self.exercises() {
            steps.push(Step::Exercise);
        }
        steps.extend([
            Step::Unload,
            Step::Rounds,
            Step::Memory,
            Step::Taint,
            Step::Log,
        ]);
        steps
    }
}

/// One thing that the guest reports as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The guest runs and knows what to do.
    Boot,
    /// The module was loaded and is live.
    Load,
    /// The module was used, and did what it should.
    Exercise,
    /// The module had no user left and is gone.
    Unload,
    /// It was loaded and unloaded again and again.
    Rounds,
    /// The rounds did not eat memory.
    Memory,
    /// The kernel does not think that something bad happened.
    Taint,
    /// The kernel logged nothing grave.
    Log,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boot => "boot",
            Self::Load => "load",
            Self::Exercise => "exercise",
            Self::Unload => "unload",
            Self::Rounds => "rounds",
            Self::Memory => "memory",
            Self::Taint => "taint",
            Self::Log => "log",
        })
    }
}

/// A line of the guest's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A step went well: its name, and details for a person.
    Ok(String, String),
    /// Something went wrong.
    Fail(String),
    /// A number or a fact, for a person.
    Note(String),
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
            Self::Done => write!(f, "{MARK} DONE"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_survive_their_text() {
        let instructions = Instructions {
            module: "sample_kmod".into(),
            rounds: 7,
        };
        assert_eq!(
            Instructions::parse(&instructions.to_text()),
            Ok(instructions)
        );
        let error = Instructions::parse("module=x\nrounds=many\n").unwrap_err();
        assert!(error.contains("rounds=many"), "{error}");
        assert!(
            Instructions::parse("rounds=1\n")
                .unwrap_err()
                .contains("module=")
        );
    }

    #[test]
    fn reports_survive_the_console() {
        let report = Report::Ok("load".into(), "sample_kmod: 3 users".into());
        let line = format!("[    1.234567] {report}\r");
        assert_eq!(Report::parse(&line), Some(report));
        assert_eq!(Report::parse("[ 1.0] HIB-GUEST: DONE"), Some(Report::Done));
        assert_eq!(
            Report::parse("HIB-GUEST: FAIL it broke"),
            Some(Report::Fail("it broke".into()))
        );
        assert_eq!(Report::parse("[ 1.0] usb: new device"), None);
    }
}
