//! What a machine is for, and the steps that show that it was done.

use std::fmt;

use crate::{INSTRUCTIONS, SAMPLES};

/// What the guest is to do with the modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Load each, use it, have each step of loading fail; load all again a few times.
    Everyday,
    /// Load and unload all of them in turn, many times.
    Rounds,
    /// Load, use and unload them while there is hardly any memory.
    Pressure,
    /// Have the kernel report what must not happen.
    Faults,
    /// Place probes on inlined calls, and look at what they show.
    Probes,
}

impl Work {
    /// All there are.
    pub const ALL: [Self; 5] = [
        Self::Everyday,
        Self::Rounds,
        Self::Pressure,
        Self::Faults,
        Self::Probes,
    ];

    /// Its name, in the instructions and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Everyday => "everyday",
            Self::Rounds => "rounds",
            Self::Pressure => "pressure",
            Self::Faults => "faults",
            Self::Probes => "probes",
        }
    }
}

/// What the guest is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instructions {
    /// What the machine is for.
    pub work: Work,
    /// The modules' names as the kernel shows them, with underscores.
    pub modules: Vec<String>,
    /// How many rounds of loading and unloading to go through.
    pub rounds: u32,
}

impl Instructions {
    /// As text for the file at [`INSTRUCTIONS`].
    #[must_use]
    pub fn to_text(&self) -> String {
        format!(
            "work={}\nmodules={}\nrounds={}\n",
            self.work.name(),
            self.modules.join(" "),
            self.rounds
        )
    }

    /// From that text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
                .ok_or_else(|| format!("{INSTRUCTIONS} has no line `{name}=`"))
        };
        let (work, rounds) = (value("work")?, value("rounds")?);
        Ok(Self {
            work: Work::ALL
                .into_iter()
                .find(|known| known.name() == work)
                .ok_or_else(|| format!("{INSTRUCTIONS}: work={work} is unknown"))?,
            modules: value("modules")?
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            rounds: rounds
                .parse()
                .map_err(|error| format!("{INSTRUCTIONS}: rounds={rounds}: {error}"))?,
        })
    }

    /// Whether the guest can exercise a module, not only load it.
    #[must_use]
    pub fn exercises(module: &str) -> bool {
        SAMPLES.contains(&module)
    }

    /// The steps that a run without a failure reports, in this order; some once for each
    /// module.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let everyday = |module: &String| -> &[Step] {
            match Self::exercises(module) {
                true => &[Step::Load, Step::Exercise, Step::Unload, Step::Failing],
                false => &[Step::Load, Step::Unload],
            }
        };
        let own = match self.work {
            Work::Everyday => {
                let each = self.modules.iter().flat_map(everyday).copied();
                each.chain([Step::Rounds]).collect()
            }
            Work::Rounds => vec![Step::Rounds],
            Work::Pressure => vec![Step::Pressure],
            Work::Faults => vec![Step::Load, Step::Faults, Step::Unload],
            Work::Probes => vec![Step::Load, Step::Probes, Step::Unload],
        };
        let mut steps = vec![Step::Boot];
        steps.extend(own);
        if !matches!(self.work, Work::Faults | Work::Probes) {
            // What a process that was ended by the kernel held is not given back,
            // nor is at once what probes took.
            steps.push(Step::Memory);
        }
        steps.extend([Step::Taint, Step::Log]);
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
    /// Each step of its loading was made to fail, and left nothing behind.
    Failing,
    /// It was loaded and unloaded again and again.
    Rounds,
    /// The same while memory was short.
    Pressure,
    /// The kernel reported each fault, and went on.
    Faults,
    /// The probes were placed, and one showed what it should.
    Probes,
    /// None of it ate memory.
    Memory,
    /// The kernel does not think that something bad happened, but for what was
    /// asked for.
    Taint,
    /// The kernel logged nothing grave, but for what was asked for.
    Log,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boot => "boot",
            Self::Load => "load",
            Self::Exercise => "exercise",
            Self::Unload => "unload",
            Self::Failing => "failing",
            Self::Rounds => "rounds",
            Self::Pressure => "pressure",
            Self::Faults => "faults",
            Self::Probes => "probes",
            Self::Memory => "memory",
            Self::Taint => "taint",
            Self::Log => "log",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_survive_their_text() {
        for work in Work::ALL {
            let instructions = Instructions {
                work,
                modules: vec!["sample_kmod".into(), "sample_block".into()],
                rounds: 7,
            };
            let text = instructions.to_text();
            assert_eq!(Instructions::parse(&text), Ok(instructions));
        }
    }

    #[test]
    fn instructions_that_are_no_good_are_named() {
        for (text, named) in [
            ("work=everyday\nmodules=x\nrounds=many\n", "rounds=many"),
            ("work=none\nmodules=x\nrounds=1\n", "work=none"),
            ("work=rounds\nrounds=1\n", "modules="),
        ] {
            let error = Instructions::parse(text).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_module_that_nobody_knows_is_only_loaded() {
        let steps = |modules: &[&str]| {
            Instructions {
                work: Work::Everyday,
                modules: modules.iter().map(|&name| name.to_owned()).collect(),
                rounds: 1,
            }
            .steps()
        };
        assert!(steps(&["sample_block"]).contains(&Step::Exercise));
        assert!(!steps(&["other"]).contains(&Step::Exercise));
        let count = |modules: &[&str], step| steps(modules).iter().filter(|s| **s == step).count();
        let both = ["sample_kmod", "other"];
        assert_eq!(
            (count(&both, Step::Load), count(&both, Step::Failing)),
            (2, 1)
        );
        assert_eq!(count(&SAMPLES, Step::Exercise), 2);
    }
}
