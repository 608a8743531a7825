//! Whether an object is free of the helpers that were inlined when its graph of jobs was
//! written: for an engine that runs these jobs without `dist`.
//!
//! Not here: why one stayed, which `dist` finds out.

use super::job::CheckJob;
use crate::link::inputs::{link_failure, show};
use crate::link::job::Failure;
use crate::prove::read_object;

/// Does a job.
pub(super) fn run(job: &CheckJob) -> Result<(), Failure> {
    let facts = read_object(&job.object, &job.inlined)
        .map_err(|error| link_failure(&show(&job.object), error.to_string()))?;
    let there = facts.helpers.iter().chain(&facts.undefined);
    let left: Vec<&str> = there
        .filter(|name| job.inlined.contains(*name))
        .map(String::as_str)
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    let reason = format!(
        "helpers stayed out of line that were inlined before: {}; `dist --lto thin` says why",
        left.join(", ")
    );
    Err(link_failure(&show(&job.object), reason))
}
