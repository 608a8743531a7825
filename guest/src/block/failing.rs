//! Loading that fails at each of its steps in turn, and leaves nothing behind.

use super::PATH;
use super::disk::directory;
use crate::checks::Checks;
use crate::memory::Usage;
use crate::module::Module;

/// The steps of loading that can be made to fail.
const STEPS: u32 = 6;
/// How often each fails; enough for [`Usage::leaked_since`] to judge.
const ROUNDS: u32 = 24;

/// Goes through these, with the module unloaded before and after.
pub fn run(checks: &mut Checks, module: &Module) -> Result<(), String> {
    for step in 1..=STEPS {
        fails(checks, module, step)?;
        // What the kernel sets up once is there now.
        let before = Usage::settled()?;
        for _ in 0..ROUNDS {
            let _ = module.try_load(&format!("fail_step={step}"));
        }
        let leaked = Usage::settled()?.leaked_since(&before, ROUNDS);
        let what = format!("what {ROUNDS} loads leak that fail at step {step}");
        checks.equal(&what, &leaked, &Vec::new())?;
    }
    // There is no further step: the number above is right.
    module.load_with(&format!("fail_step={}", STEPS + 1))?;
    checks.ok("no step is left out");
    module.unload()
}

fn fails(checks: &mut Checks, module: &Module, step: u32) -> Result<(), String> {
    let outcome = module.try_load(&format!("fail_step={step}"));
    let what = format!("loading that fails at step {step}");
    checks.fails(&what, outcome, libc::ENOMEM)?;
    checks.equal("the module is listed", &module.is_listed()?, &false)?;
    let left = std::path::Path::new(PATH).exists() || directory(PATH).exists();
    checks.equal("the disk is there", &left, &false)
}
