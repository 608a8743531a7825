//! Running other programs: errors that print the command, a search along PATH,
//! and Ctrl-C as an ordinary error, so that half-made files are removed on the
//! way out. It knows no particular program.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The flag that Ctrl-C or SIGTERM sets. The first signal asks for an orderly end (the
/// running child is stopped, partial output removed), the second one kills.
fn interrupted_flag() -> &'static Arc<AtomicBool> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    FLAG.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // Registering fails only for signals that cannot be caught; then
            // the default action stays, which is a plain kill.
            let _ = signal_hook::flag::register_conditional_default(signal, Arc::clone(&flag));
            let _ = signal_hook::flag::register(signal, Arc::clone(&flag));
        }
        flag
    })
}

/// From here on Ctrl-C becomes an error of the running step instead of an immediate death.
/// Call it before making anything that must not be left half-made.
pub fn catch_interrupts() {
    interrupted_flag();
}

/// An error when Ctrl-C was pressed. Loops that run no child call this.
pub fn check_interrupt() -> Result<()> {
    if interrupted_flag().load(Ordering::Relaxed) {
        bail!("interrupted; nothing unfinished was kept");
    }
    Ok(())
}

/// From here on each command is shown before it is run, as it can be pasted.
pub fn show_all() {
    crate::command::show_all();
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    crate::command::line(command)
}

/// The cargo that runs this program.
pub fn cargo() -> Command {
    Command::new(crate::cargo_messages::program())
}

/// Runs to the end with the terminal as its own. An exit status other than 0 is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let mut child = spawn(command)?;
    let status = wait(&mut child, None)?.context("no limit was set")?;
    succeeded(command, status, "")
}

/// This program's own file, to be run by others, or a copy of it in a directory: cargo
/// may have replaced the file since.
pub fn own_program(copies: &Path) -> Result<PathBuf> {
    Ok(crate::own_program::file(copies)?)
}

/// Runs to the end and returns its standard output; the error carries its standard error.
pub fn output(command: &mut Command) -> Result<String> {
    command.stdout(Stdio::piped());
    let mut text = String::new();
    stream(command, |line| {
        text.push_str(line);
        text.push('\n');
    })?;
    Ok(text)
}

/// Runs to the end and hands each line of its standard output over as it comes.
pub fn stream(command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<()> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = spawn(command)?;
    let stdout = child.stdout.take().context("stdout was not piped")?;
    let stderr = child.stderr.take().context("stderr was not piped")?;
    let (lines, received) = std::sync::mpsc::channel();
    let (status, errors) = thread::scope(|scope| {
        scope.spawn(move || {
            use std::io::BufRead;
            for line in std::io::BufReader::new(stdout).split(b'\n') {
                let Ok(line) = line else { break };
                if lines.send(line).is_err() {
                    break;
                }
            }
        });
        let errors = scope.spawn(move || {
            let mut bytes = Vec::new();
            let mut stderr = stderr;
            let _ = stderr.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        loop {
            match received.recv_timeout(POLL) {
                Ok(line) => on_line(&String::from_utf8_lossy(&line)),
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    if interrupted_flag().load(Ordering::Relaxed) {
                        break;
                    }
                }
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
        let status = wait(&mut child, None);
        (status, errors.join().unwrap_or_default())
    });
    let status = status?.context("no limit was set")?;
    succeeded(command, status, &errors)
}

const POLL: Duration = Duration::from_millis(20);

/// Starts it; a program that is not there is named.
pub fn spawn(command: &mut Command) -> Result<Child> {
    catch_interrupts();
    check_interrupt()?;
    crate::command::show(command);
    command
        .spawn()
        .with_context(|| format!("cannot run `{}`", shown(command)))
}

/// Waits for the end. On Ctrl-C the child is stopped and the wait is an error;
/// past the limit it is stopped and the answer is `None`.
pub fn wait(child: &mut Child, limit: Option<Duration>) -> Result<Option<ExitStatus>> {
    let started = Instant::now();
    // Most children are quick, and some commands run thousands of them.
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for a child")? {
            check_interrupt()?;
            return Ok(Some(status));
        }
        let out_of_time = limit.is_some_and(|limit| started.elapsed() > limit);
        let interrupted = check_interrupt();
        if out_of_time || interrupted.is_err() {
            // It may have ended by itself in the meantime; both are fine.
            let _ = child.kill();
            let _ = child.wait();
            interrupted?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(POLL);
    }
}

fn succeeded(command: &Command, status: ExitStatus, errors: &str) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    let errors = errors.trim();
    let separator = if errors.is_empty() { "" } else { ":\n" };
    bail!("`{}` failed ({status}){separator}{errors}", shown(command))
}

/// The first executable file called `name` in `directories`; a name with a slash is taken as it is.
pub fn find_in(directories: &[PathBuf], name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| is_executable(path));
    }
    directories
        .iter()
        .map(|directory| directory.join(name))
        .find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// The directories on PATH.
pub fn search_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map_or_else(Vec::new, |path| std::env::split_paths(&path).collect())
}

/// The first executable called `name` on PATH.
pub fn find(name: &str) -> Option<PathBuf> {
    find_in(&search_path(), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_is_shown_with_its_standard_error() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo lost >&2; exit 7"]);
        let error = format!("{:#}", output(&mut command).unwrap_err());
        assert_eq!(
            error,
            "`sh -c 'echo lost >&2; exit 7'` failed (exit status: 7):\nlost"
        );
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = output(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(format!("{error:#}").starts_with("cannot run `no-such-program-here`: "));
    }

    #[test]
    fn output_arrives_whole_even_when_it_fills_the_pipe() {
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done",
        ]);
        let text = output(&mut command).unwrap();
        assert_eq!(text.lines().count(), 20000);
        assert_eq!(text.lines().last(), Some("19999"));
    }

    #[test]
    fn past_the_limit_the_child_is_stopped() {
        let mut child = spawn(Command::new("sleep").arg("60")).unwrap();
        let ended = wait(&mut child, Some(Duration::from_millis(50))).unwrap();
        assert!(ended.is_none());
        assert!(child.try_wait().unwrap().is_some(), "the child still runs");
    }
}
