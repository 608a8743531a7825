//! A part of a thin link as a command of its own: its request is a file, and so is its
//! answer, so that any build engine can run it.
//!
//! Not here: the process that it runs in (`child`).

use super::job::{CheckJob, CrateJob, HelpersJob, LibrariesJob, RestJob, SettleJob, SurveyJob};
use crate::link::job::{Failure, HelperInput};
use serde::{Deserialize, Serialize};

/// What a child is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// To make units of helpers; answered by [`HelperFacts`](super::HelperFacts).
    Helpers(HelpersJob),
    /// To make a unit of a crate; answered by [`Facts`](super::Facts).
    Crate(CrateJob),
    /// To make a unit of libraries; answered by [`Facts`](super::Facts).
    Libraries(LibrariesJob),
    /// To compile what is left of the helpers; answered by
    /// [`RestFacts`](super::RestFacts).
    Rest(RestJob),
    /// To find the calls that stayed; answered by [`SurveyFacts`](super::SurveyFacts).
    Survey(SurveyJob),
    /// To put in place what a thin link decided.
    Settle(SettleJob),
    /// To see that an object has none of the helpers that were inlined before.
    Check(CheckJob),
}

impl Request {
    /// The helpers that it is about, where it has them whole.
    pub(in crate::link) fn helpers(&self) -> &[HelperInput] {
        match self {
            Request::Helpers(job) => &job.helpers,
            _ => &[],
        }
    }
}

/// Does what is asked for and returns the answer as JSON.
pub(in crate::link) fn run(
    request: &Request,
    stage: &mut dyn FnMut(String),
) -> Result<String, Failure> {
    match request {
        Request::Helpers(job) => json(&super::helpers::run(job, stage)?),
        Request::Crate(job) => json(&super::krate::run(job, stage)?),
        Request::Libraries(job) => json(&super::libraries::run(job, stage)?),
        Request::Rest(job) => json(&super::rest::run(job, stage)?),
        Request::Survey(job) => json(&super::survey::run(job, stage)?),
        Request::Settle(job) => json(&super::settle::run(job)?),
        Request::Check(job) => json(&super::check::run(job)?),
    }
}

fn json(answer: &impl Serialize) -> Result<String, Failure> {
    Ok(serde_json::to_string(answer).expect("answers are plain data"))
}
