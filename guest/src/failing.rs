//! Loading that fails at each of its steps in turn, and leaves nothing behind.

use std::path::Path;

use crate::checks::Checks;
use crate::memory::Usage;
use crate::module::Module;

/// How often each fails; enough for [`Usage::leaked_since`] to judge.
const ROUNDS: u32 = 24;

/// A module whose parameter `fail_step` has one of its steps of loading fail.
pub struct Failing {
    /// How many steps there are.
    pub steps: u32,
    /// What is there while the module is loaded, and else not.
    pub paths: &'static [&'static str],
}

impl Failing {
    /// Goes through these, with the module unloaded before and after.
    pub fn run(&self, checks: &mut Checks, module: &Module) -> Result<(), String> {
        for step in 1..=self.steps {
            self.fails(checks, module, step)?;
            // What the kernel sets up once is there now.
            let before = Usage::settled()?;
            for _ in 0..ROUNDS {
                let outcome = module.try_load(&format!("fail_step={step}"));
                if outcome.is_ok() {
                    return Err(format!("step {step} failed once, and not again"));
                }
            }
            let leaked = Usage::settled()?.leaked_since(&before, ROUNDS);
            let what = format!("what {ROUNDS} loads leak that fail at step {step}");
            checks.equal(&what, &leaked, &Vec::new())?;
            self.nothing_left(checks, module)?;
        }
        // There is no further step: the number above is right.
        module.load_with(&format!("fail_step={}", self.steps + 1))?;
        checks.ok("no step is left out");
        for path in self.paths {
            checks.that(path, Path::new(path).exists(), &"not there when loaded")?;
        }
        module.unload()?;
        self.nothing_left(checks, module)
    }

    fn fails(&self, checks: &mut Checks, module: &Module, step: u32) -> Result<(), String> {
        let outcome = module.try_load(&format!("fail_step={step}"));
        let what = format!("loading that fails at step {step}");
        checks.fails(&what, outcome, libc::ENOMEM)?;
        self.nothing_left(checks, module)
    }

    /// Neither the module nor anything that it makes is there.
    pub fn nothing_left(&self, checks: &mut Checks, module: &Module) -> Result<(), String> {
        checks.equal("whether the module is listed", &module.is_listed()?, &false)?;
        for path in self.paths {
            let what = format!("whether {path} is there");
            checks.equal(&what, &Path::new(path).exists(), &false)?;
        }
        Ok(())
    }
}

/// What is known of a module; its name is in the error when nothing is.
pub fn of(module: &Module) -> Result<&'static Failing, String> {
    match module.name.as_str() {
        guest::SAMPLE => Ok(&crate::sample::FAILING),
        guest::BLOCK => Ok(&crate::block::FAILING),
        other => Err(format!("nobody knows how to have {other} fail")),
    }
}
