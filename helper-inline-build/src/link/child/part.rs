//! A part of a thin link as a command of its own, which any build engine can run: its
//! request and its answer are files.
//!
//! Not here: what the parts do (`link::thin`).

use super::{LIMIT, limit, send};
use crate::link::c_names::CNames;
use crate::link::job::Message;
use crate::link::thin;
use crate::{Error, files};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The last argument of a part of a thin link that is to tell how far it is.
pub(crate) const STAGES: &str = "stages";

/// Does a part of a thin link, whose request and answer are files. It `tells` how far it
/// is when it is asked again what it died of.
pub(super) fn work(request: &Path, answer: &Path, tells: bool) -> ExitCode {
    let stage = Arc::new(Mutex::new("starting".to_owned()));
    let done = limit(std::env::var_os(LIMIT).as_deref()).and_then(|limit| {
        end_after(limit, Arc::clone(&stage));
        let text = files::read(request)?;
        let parsed: thin::Request =
            serde_json::from_slice(&text).map_err(|e| Error::Malformed {
                path: request.to_owned(),
                expected: "request of a thin link",
                detail: e.to_string(),
            })?;
        let text = thin::run(&parsed, &mut |begun| {
            if tells {
                send(&Message::Stage(begun.clone()));
            }
            *stage.lock().unwrap_or_else(PoisonError::into_inner) = begun;
        });
        let text = text.map_err(|failure| {
            let failure = CNames::of(parsed.helpers()).put_in_failure(failure);
            send(&Message::Failed(failure.clone()));
            Error::from(failure)
        })?;
        files::write_if_changed(answer, text.as_bytes())
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// Ends this process when LLVM does not end by itself.
fn end_after(limit: Duration, stage: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        std::thread::sleep(limit);
        let error = Error::LinkTimeout {
            seconds: limit.as_secs(),
            stage: stage.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        };
        eprintln!("error: {error}");
        std::process::exit(error.exit_code().into());
    });
}

/// What a part of a thin link failed of, by how its process ended and what it printed;
/// `None` when it is no process of ours.
#[cfg(feature = "dist")]
pub(crate) fn failure_of(how: &str, printed: &str) -> Option<Error> {
    let mut stage = None;
    let mut other = Vec::new();
    for line in printed.lines() {
        match serde_json::from_str(line) {
            Ok(Message::Failed(failure)) => return Some(failure.into()),
            Ok(Message::Stage(begun)) => stage = Some(begun),
            _ => other.push(line),
        }
    }
    Some(Error::LlvmDied {
        how: how.to_owned(),
        stage: stage?,
        stderr: other.join("\n"),
    })
}
