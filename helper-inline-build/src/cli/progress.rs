//! Progress that a person can watch: a bar or a spinner on a terminal, plain lines
//! elsewhere. It measures nothing itself.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Whether nothing of it is shown.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Has this process show no steps of a known end, nor what was done of them.
pub fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// A line for whoever wants to follow what is done.
pub fn line(what: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        eprintln!("{what}");
    }
}

/// One step with an end that is known in advance.
pub struct Step {
    bar: ProgressBar,
    what: String,
    terminal: bool,
}

impl Step {
    /// Announces a step over that many bytes.
    pub fn of_bytes(what: &str, bytes: u64) -> Self {
        let shape = "{msg:24} [{bar:32}] {bytes:>10} of {total_bytes}, {eta} left";
        let detail = format!("{what} ({} MB)", bytes.div_ceil(1_000_000));
        Self::new(what, bytes, shape, &detail)
    }

    /// Announces a step that is told its percentage.
    pub fn of_percent(what: &str) -> Self {
        Self::new(what, 100, "{msg:24} [{bar:32}] {percent:>3}%", what)
    }

    fn new(what: &str, length: u64, shape: &str, detail: &str) -> Self {
        let is_quiet = QUIET.load(Ordering::Relaxed);
        let terminal = !is_quiet && std::io::stderr().is_terminal();
        let bar = if terminal {
            let style = ProgressStyle::with_template(shape)
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("=> ");
            let bar = ProgressBar::new(length).with_style(style);
            bar.set_message(what.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        } else {
            line(&format!("{detail} ..."));
            ProgressBar::hidden()
        };
        bar.set_length(length);
        Self {
            bar,
            what: what.to_owned(),
            terminal,
        }
    }

    /// How much is done, of the length given at the start. Never goes back.
    pub fn at(&self, done: u64) {
        if done > self.bar.position() {
            self.bar.set_position(done);
        }
    }

    /// How much is done, in percent.
    pub fn at_percent(&self, percent: f64) {
        let length = self.bar.length().unwrap_or(100) as f64;
        self.at((length * percent / 100.0) as u64);
    }

    /// The step is done.
    pub fn done(self) {
        self.bar.finish_and_clear();
        if self.terminal {
            eprintln!("{}: done", self.what);
        }
    }
}

/// Steps of which nobody knows how long they are.
pub struct Steps {
    bar: ProgressBar,
    is_quiet: bool,
}

impl Steps {
    /// None has begun. Of quiet ones nothing is shown.
    pub fn new(is_quiet: bool) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}{prefix} ({elapsed})") {
            bar.set_style(style);
        }
        Self { bar, is_quiet }
    }

    /// One begins. What shows its own progress, as cargo does, is left to it.
    pub fn begin(&self, what: &str, shows_itself: bool) {
        if self.is_quiet {
            return;
        }
        if self.bar.is_hidden() {
            eprintln!("{what}");
            return;
        }
        self.bar.set_message(what.to_owned());
        self.bar.set_prefix("");
        match shows_itself {
            true => self.bar.disable_steady_tick(),
            false => self.bar.enable_steady_tick(Duration::from_millis(120)),
        }
    }

    /// How far the last one is. Lines in a file would be too many.
    pub fn at(&self, done: usize, of: usize) {
        self.bar.set_prefix(format!(", job {done} of {of}"));
    }

    /// The last one is done, and others may write to the terminal.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Drop for Step {
    /// A step that failed leaves no half bar above its error.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
