//! What programs say of themselves: each question is asked once, as every answer costs a
//! process and rustup's stand-ins cost two.
//!
//! For a program that ends soon, during which no compiler is installed anew. Not here:
//! what is made of an answer.

use std::collections::HashMap;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

type Answers = HashMap<(PathBuf, Vec<String>), Output>;

static ANSWERS: LazyLock<Mutex<Answers>> = LazyLock::new(Mutex::default);

/// What a program prints, run without input. One that cannot be started is asked again:
/// it may be installed by then.
pub(crate) fn once(program: &Path, arguments: &[&str]) -> Result<Output> {
    let words = arguments.iter().map(|word| (*word).to_owned()).collect();
    let question = (program.to_owned(), words);
    // Not held while the program runs: others may ask meanwhile.
    let known = with(|answers| answers.get(&question).cloned());
    if let Some(known) = known {
        return Ok(known);
    }
    let mut asking = command(program, arguments);
    crate::command::show(&asking);
    let output = asking.output()?;
    with(|answers| answers.insert(question, output.clone()));
    Ok(output)
}

/// The command that is run.
pub(crate) fn command(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    command
}

fn with<T>(action: impl FnOnce(&mut Answers) -> T) -> T {
    let mut answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    action(&mut answers)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn each_question_is_asked_once() {
        let dir = tempfile::tempdir().unwrap();
        let asked = dir.path().join("asked");
        let count = || std::fs::read_to_string(&asked).unwrap_or_default().len();
        let script = format!("printf x >> {}; exit $1", asked.display());
        for (status, times) in [("0", 1), ("7", 2)] {
            for _ in 0..2 {
                let output = once(Path::new("sh"), &["-c", &script, "sh", status]).unwrap();
                assert_eq!(output.status.code().unwrap().to_string(), status);
            }
            assert_eq!(count(), times);
        }
        let late = dir.path().join("late");
        assert!(once(&late, &[]).is_err());
        std::os::unix::fs::symlink("/bin/true", &late).unwrap();
        assert!(once(&late, &[]).is_ok());
    }
}
