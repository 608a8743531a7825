//! The child process that links, and the parent's side of it.
//!
//! The program that uses this crate calls [`dispatch`] first thing in `main`;
//! [`run`] then starts that same program again for the child. Not here: the
//! work itself (`engine`).

mod part;

pub(crate) use part::STAGES;
#[cfg(feature = "dist")]
pub(crate) use part::failure_of;

use super::c_names::CNames;
use super::job::{Failure, Job, Message, Outcome, PrepareJob, Request, UnitJob};
use super::probe::Probe;
use super::watch::Watch;
use super::{engine, prepare, probe, unit};
use crate::{Error, Result, files};
use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

/// The variable with the seconds that LLVM may take for one module.
const LIMIT: &str = "HELPER_INLINE_LINK_TIMEOUT";

/// What it may take when the variable is not set: a hundred times what the
/// largest module known takes, for slow machines.
const DEFAULT_LIMIT: Duration = Duration::from_secs(600);

/// The argument that makes a program this crate's child.
pub const ARGUMENT: &str = "--helper-inline-link-child";

/// Does the child's work and returns its exit code, when this process was
/// started as one. Call it before anything else in `main`.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     if let Some(code) = helper_inline_build::link::child::dispatch() {
///         return code;
///     }
///     // What the program is for.
///     std::process::ExitCode::SUCCESS
/// }
/// ```
#[must_use]
pub fn dispatch() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != ARGUMENT {
        return None;
    }
    Some(match (arguments.next(), arguments.next()) {
        (Some(request), Some(answer)) => {
            let tells = arguments.next().is_some_and(|word| word == STAGES);
            part::work(request.as_ref(), answer.as_ref(), tells)
        }
        _ => work(),
    })
}

fn work() -> ExitCode {
    let mut text = String::new();
    let request: Request = match std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|e| e.to_string())
        .and_then(|_| serde_json::from_str(&text).map_err(|e| e.to_string()))
    {
        Ok(request) => request,
        Err(error) => {
            eprintln!("this is a part of a link, not a command of its own: {error}");
            return ExitCode::from(2);
        }
    };
    let inputs = request.helpers().to_vec();
    let names = CNames::of(&inputs);
    let result = match request {
        Request::Link(job) => {
            engine::run(&job, &mut |stage| send(&Message::Stage(stage))).map(Message::Done)
        }
        Request::Prepare(job) => prepare::run(&job, &mut |stage| send(&Message::Stage(stage)))
            .map(|()| Message::Prepared),
        Request::Unit(job) => {
            unit::run(&job, &mut |stage| send(&Message::Stage(stage))).map(Message::Done)
        }
        Request::Probe(probe) => probe::run(&probe).map(|()| Message::Survived),
    };
    let (message, code) = match result {
        Ok(mut message) => {
            if let Message::Done(outcome) = &mut message {
                names.put_in_outcome(outcome);
            }
            (message, ExitCode::SUCCESS)
        }
        Err(failure) => {
            let failure = names.put_in_failure(failure);
            (Message::Failed(failure), ExitCode::FAILURE)
        }
    };
    send(&message);
    code
}

fn send(message: &Message) {
    let line = serde_json::to_string(message).expect("messages are plain data");
    let mut out = std::io::stdout().lock();
    // Without a parent that listens there is no one to tell.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Links one module in a child process, which may take as many seconds as
/// `HELPER_INLINE_LINK_TIMEOUT` says, 600 without it.
///
/// # Errors
/// What the inputs are refused for; [`Error::LlvmDied`] when LLVM ended the
/// child, with the input that it died of; [`Error::LinkTimeout`] when it did not
/// end. The object is written only when all is well.
///
/// ```
/// use helper_inline_build::link::{child, job::Job};
///
/// // In a program whose `main` begins with `child::dispatch()`:
/// fn link(job: &Job) -> helper_inline_build::Result<()> {
///     let outcome = child::run(job)?;
///     println!("linked by LLVM {}", outcome.llvm);
///     Ok(())
/// }
/// ```
pub fn run(job: &Job) -> Result<Outcome> {
    run_within(job, limit(std::env::var_os(LIMIT).as_deref())?)
}

/// The same with a limit of the caller's.
///
/// # Errors
/// Those of [`run`].
pub fn run_within(job: &Job, limit: Duration) -> Result<Outcome> {
    match link_in(&mut command(), job, limit) {
        Err(Error::LlvmDied { how, stage, stderr }) => Err(Error::LlvmDied {
            stage: with_culprit(stage, job, limit),
            how,
            stderr,
        }),
        other => other,
    }
}

/// Makes a crate's helpers ready for being inlined unit by unit, in a child
/// process.
///
/// # Errors
/// Those of [`run`], and [`Error::Link`] for helpers that cannot be copied.
pub fn prepare(job: &PrepareJob) -> Result<()> {
    prepare_within(job, limit(std::env::var_os(LIMIT).as_deref())?)
}

/// The same with a limit of the caller's.
///
/// # Errors
/// Those of [`prepare`].
pub fn prepare_within(job: &PrepareJob, limit: Duration) -> Result<()> {
    match ask(&mut command(), &Request::Prepare(job.clone()), limit)? {
        Message::Failed(failure) => Err(failure.into()),
        _ => Ok(()),
    }
}

/// Inlines helpers into one code-generation unit and lowers it, in a child
/// process.
///
/// # Errors
/// Those of [`run`].
pub fn run_unit(job: &UnitJob) -> Result<Outcome> {
    run_unit_within(job, limit(std::env::var_os(LIMIT).as_deref())?)
}

/// The same with a limit of the caller's.
///
/// # Errors
/// Those of [`run`].
pub fn run_unit_within(job: &UnitJob, limit: Duration) -> Result<Outcome> {
    match ask(&mut command(), &Request::Unit(job.clone()), limit)? {
        Message::Done(outcome) => Ok(outcome),
        Message::Failed(failure) => Err(failure.into()),
        _ => unreachable!("no answer to this request"),
    }
}

fn command() -> Command {
    let mut command = Command::new(program());
    command.arg(ARGUMENT);
    command
}

fn limit(variable: Option<&OsStr>) -> Result<Duration> {
    let Some(text) = variable else {
        return Ok(DEFAULT_LIMIT);
    };
    let seconds = text.to_str().and_then(|text| text.parse().ok());
    match seconds {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err(Error::Usage {
            message: format!(
                "{LIMIT} is `{}`: give it whole seconds",
                text.to_string_lossy()
            ),
        }),
    }
}

/// This program. Not by its path: cargo may replace the file while it runs, and
/// the child has to be of the same build.
#[must_use]
pub fn program() -> PathBuf {
    PathBuf::from("/proc/self/exe")
}

/// Names the input at fault where the stage does not: optimizing and lowering are
/// done to all of them together.
fn with_culprit(stage: String, job: &Job, limit: Duration) -> String {
    let helpers = job.helpers.iter().map(|helper| &helper.bitcode);
    let crates = job.crates.iter().map(|krate| &krate.bitcode);
    let mut inputs = helpers.chain(crates);
    if inputs
        .clone()
        .any(|input| stage.contains(&*input.to_string_lossy()))
    {
        return stage;
    }
    match inputs.find(|input| is_fatal(&mut command(), &job.llvm, input, limit)) {
        Some(input) => format!("{stage}, as also with `{}` alone", input.display()),
        None => stage,
    }
}

/// Whether LLVM dies of an input by itself.
fn is_fatal(command: &mut Command, llvm: &Path, input: &Path, limit: Duration) -> bool {
    let request = Request::Probe(Probe {
        llvm: llvm.to_owned(),
        bitcode: input.to_owned(),
    });
    matches!(ask(command, &request, limit), Err(Error::LlvmDied { .. }))
}

fn link_in(command: &mut Command, job: &Job, limit: Duration) -> Result<Outcome> {
    match ask(command, &Request::Link(job.clone()), limit)? {
        Message::Done(outcome) => Ok(outcome),
        Message::Failed(failure) => Err(failure.into()),
        Message::Stage(_) | Message::Survived | Message::Prepared => {
            unreachable!("no answer to this request")
        }
    }
}

/// The child's last word, or what it died of.
fn ask(command: &mut Command, request: &Request, limit: Duration) -> Result<Message> {
    let text = serde_json::to_vec(request).expect("a request is plain data");
    if crate::command::are_shown() {
        show(request, &text)?;
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| crate::command::start_error("starting the link child", command, &e))?;
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // A child that died early shows below why.
    let _ = stdin.write_all(&text);
    drop(stdin);
    let mut stage = "starting".to_owned();
    let mut last = None;
    let ended = Watch::new(child, limit).run(|line| match serde_json::from_slice(line) {
        Ok(Message::Stage(begun)) => stage = begun,
        Ok(message) => last = Some(message),
        // LLVM may print; what it says before it dies is on stderr.
        Err(_) => {}
    });
    let ended = ended
        .map_err(|e| crate::command::start_error("waiting for the link child", command, &e))?;
    let Some(status) = ended.status else {
        return Err(Error::LinkTimeout {
            seconds: limit.as_secs(),
            stage,
        });
    };
    match last {
        Some(message @ Message::Failed(_)) => Ok(message),
        Some(message) if status.success() => Ok(message),
        _ => Err(Error::LlvmDied {
            how: status.to_string(),
            stage,
            stderr: ended.errors,
        }),
    }
}

/// Shows the command of a child, with what it is asked in a file beside what it makes.
fn show(request: &Request, text: &[u8]) -> Result<()> {
    let Some(object) = request.object() else {
        return Ok(());
    };
    let mut asked = object.to_owned().into_os_string();
    asked.push(".request.json");
    let asked = PathBuf::from(asked);
    std::fs::write(&asked, text).map_err(files::io("write", &asked))?;
    // Its name here means nothing to a shell.
    let program = std::env::current_exe().unwrap_or_else(|_| program());
    crate::command::show_with(Command::new(program).arg(ARGUMENT), Some(&asked));
    Ok(())
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        match failure {
            Failure::LlvmUnusable { detail } => Error::LlvmUnusable { detail },
            Failure::Malformed { path, detail } => Error::Malformed {
                path,
                expected: "LLVM bitcode",
                detail,
            },
            Failure::ProducerTooNew {
                path,
                producer,
                beside,
                reader,
            } => Error::ProducerTooNew {
                path,
                producer,
                beside,
                reader,
            },
            Failure::Link { input, reason } => Error::Link { input, reason },
            Failure::UndefinedHelpers { names } => Error::UndefinedHelpers { names },
            Failure::Write { path, reason } => Error::Io {
                action: "write",
                path,
                error: std::io::Error::other(reason),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job {
            llvm: "libLLVM.so".into(),
            name: "m".into(),
            helpers: vec![],
            crates: vec![],
            libraries: vec![],
            keep: Vec::new(),
            kernel: false,
            inline: true,
            debug: false,
            object: "m.o".into(),
        }
    }

    fn child(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_child_that_dies_is_told_with_the_input_at_work() {
        let script = r#"cat >/dev/null; echo '{"stage":"reading `a.bc`"}'; echo 'LLVM ERROR: no' >&2; kill -ABRT $$"#;
        let error = link_in(&mut child(script), &job(), DEFAULT_LIMIT).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("while reading `a.bc`"), "{text}");
        assert!(
            text.contains("SIGABRT") && text.contains("LLVM ERROR: no"),
            "{text}"
        );
        assert_eq!(error.exit_code(), 3);
    }

    #[test]
    fn a_refusal_keeps_its_type() {
        let script = r#"cat >/dev/null; echo '{"failed":{"producer-too-new":{"path":"a.bc","producer":"LLVM99","beside":null,"reader":"22.1.2"}}}'; exit 1"#;
        let error = link_in(&mut child(script), &job(), DEFAULT_LIMIT).unwrap_err();
        assert!(matches!(error, Error::ProducerTooNew { .. }), "{error}");
    }

    #[test]
    fn a_child_that_does_not_end_is_ended_and_the_input_named() {
        let script = r#"cat >/dev/null; echo '{"stage":"optimizing `m`"}'; exec sleep 60"#;
        let started = std::time::Instant::now();
        let limit = Duration::from_millis(300);
        let error = link_in(&mut child(script), &job(), limit).unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(20));
        let text = error.to_string();
        assert!(text.contains("while optimizing `m`"), "{text}");
        assert!(text.contains(LIMIT), "{text}");
        // Also one that says no more.
        let script = "cat >/dev/null; exec >&- 2>&-; exec sleep 60";
        let error = link_in(&mut child(script), &job(), limit).unwrap_err();
        assert!(matches!(error, Error::LinkTimeout { .. }), "{error}");
    }

    #[test]
    fn the_limit_is_whole_seconds() {
        assert_eq!(limit(None).unwrap(), DEFAULT_LIMIT);
        let given = |text: &str| limit(Some(OsStr::new(text)));
        assert_eq!(given("30").unwrap(), Duration::from_secs(30));
        for wrong in ["", "0", "-1", "soon"] {
            let error = given(wrong).unwrap_err();
            assert!(error.to_string().contains("give it whole seconds"));
            assert_eq!(error.exit_code(), 2);
        }
    }

    #[test]
    fn what_is_no_message_is_passed_over() {
        let script = r#"cat >/dev/null; printf 'LLVM says \377\n{"stage":7}\n'; echo '{"stage":"reading `a`"}'; exit 9"#;
        let text = link_in(&mut child(script), &job(), DEFAULT_LIMIT)
            .unwrap_err()
            .to_string();
        assert!(text.contains("exit status: 9 while reading `a`"), "{text}");
    }
}
