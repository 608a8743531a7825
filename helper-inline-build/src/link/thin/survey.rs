//! Which calls of helpers the optimizer left, and why.
//!
//! Not here: counting them against those that there were (`account`).

use super::facts::{Left, SurveyFacts};
use super::job::SurveyJob;
use super::unit;
use crate::link::below::left_below;
use crate::link::count::{HIDDEN, REMARK, SITE};
use crate::link::engine;
use crate::link::inputs::show;
use crate::link::job::Failure;
use crate::link::llvm::Module;
use std::collections::BTreeSet;

/// Does a job. `stage` is told what begins, for the case that LLVM ends the process.
pub(in crate::link) fn run(
    job: &SurveyJob,
    stage: &mut dyn FnMut(String),
) -> Result<SurveyFacts, Failure> {
    let link = unit::as_link(&job.target, "survey", Vec::new());
    engine::with_inputs(&link, stage, |inputs| {
        let mut left = Vec::new();
        let mut below = Vec::new();
        for path in &job.bitcode {
            let read = inputs.bitcode(path)?;
            // Linked into another, so that all of it is read.
            let mut whole = Module::new(inputs.context, "unit");
            whole.set_triple(&read.triple());
            whole.set_data_layout(&read.data_layout());
            inputs.link(&mut whole, read, &show(path))?;
            left.extend(left_in(&whole, &job.helpers));
            below.extend(left_below(&whole, &job.wrapped));
        }
        Ok(SurveyFacts { left, below })
    })
}

/// The uses of helpers in a module.
pub(super) fn left_in(module: &Module<'_>, helpers: &BTreeSet<String>) -> Vec<Left> {
    let mut left = Vec::new();
    let functions = module.functions().into_iter().map(|f| f.global());
    let all = functions.chain(module.aliases()).chain(module.ifuncs());
    for function in all {
        let name = function.name();
        let helper = name.strip_prefix(HIDDEN).unwrap_or(&name);
        // LLVM tells declarations of one name apart by a number.
        let numbered = || helpers.get(helper.rsplit_once('.')?.0);
        let helper = helpers.get(helper).or_else(numbered);
        let Some(helper) = helper else { continue };
        let calls = function.calls();
        for call in &calls.direct {
            left.push(Left {
                helper: helper.clone(),
                number: call.call_attribute(SITE),
                holder: Some(call.function().name()),
                location: call.location().map(|place| place.to_string()),
                remark: call.call_attribute(REMARK),
            });
        }
        for user in function.users() {
            if user.is_some_and(|i| calls.direct.iter().any(|call| call.is(i))) {
                continue;
            }
            left.push(Left {
                helper: helper.clone(),
                number: None,
                holder: user.map(|i| i.function().name()),
                location: user.and_then(|i| Some(i.location()?.to_string())),
                remark: None,
            });
        }
    }
    left
}
