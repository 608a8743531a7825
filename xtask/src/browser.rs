//! A headless browser, Debian's chromium: what it makes of a page, and pictures of it.
//!
//! It is given no network. Not here: what a page is to be.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::command;

/// The program.
pub const PROGRAM: &str = "chromium";

/// How long it may take for one page, on a slow machine that does more.
const LIMIT: Duration = Duration::from_secs(180);

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct View {
    pub width: u32,
    pub height: u32,
    pub dark: bool,
}

/// What came of looking.
pub struct Seen {
    /// The document as it is in the end.
    pub dom: String,
    /// What the page said on the console: its errors, above all.
    pub console: Vec<String>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 800,
            dark: false,
        }
    }
}

impl View {
    /// Loads a page, which may name a part of it behind `#`.
    pub fn dom(self, page: &Path, part: &str) -> Result<Seen> {
        let (dom, log) = self.run(page, part, &["--dump-dom"])?;
        ensure!(
            dom.contains("</html>"),
            "{PROGRAM} shows no document of {}:\n{log}",
            page.display()
        );
        let console = log.lines().filter(|line| line.contains(":CONSOLE"));
        Ok(Seen {
            console: console.map(str::to_owned).collect(),
            dom,
        })
    }

    /// Draws the beginning of a page, as a PNG.
    pub fn draw(self, page: &Path, part: &str, picture: &Path) -> Result<()> {
        let option = format!("--screenshot={}", picture.display());
        let (_, log) = self.run(page, part, &[&option, "--hide-scrollbars"])?;
        ensure!(
            picture.is_file(),
            "{PROGRAM} drew nothing of {}:\n{log}",
            page.display()
        );
        Ok(())
    }

    fn run(self, page: &Path, part: &str, options: &[&str]) -> Result<(String, String)> {
        let profile = tempfile::tempdir().context("making a profile for the browser")?;
        let page = page
            .canonicalize()
            .with_context(|| format!("looking for {}", page.display()))?;
        let scheme = if self.dark { 0 } else { 1 };
        let log = profile.path().join("log");
        let shown = profile.path().join("out");
        let mut browser = Command::new(PROGRAM);
        browser
            .args(["--headless", "--no-sandbox", "--disable-gpu"])
            .args(["--disable-quic", "--no-first-run", "--disable-sync"])
            .args(["--disable-background-networking"])
            .args(["--disable-component-update", "--disable-dev-shm-usage"])
            // Whatever it would ask for is nowhere.
            .arg("--host-resolver-rules=MAP * ~NOTFOUND")
            .arg("--enable-logging=stderr")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("--window-size={},{}", self.width, self.height))
            .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
            .args(options)
            .arg(format!("file://{}{part}", page.display()))
            .stdin(std::process::Stdio::null())
            .stdout(std::fs::File::create(&shown)?)
            .stderr(std::fs::File::create(&log)?);
        let status = command::wait(&mut command::spawn(&mut browser)?, Some(LIMIT))?;
        let read = |path: &Path| -> Result<String> {
            let bytes = std::fs::read(path).context("reading what the browser said")?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let (shown, log) = (read(&shown)?, read(&log)?);
        let status = status.with_context(|| format!("{PROGRAM} does not end:\n{log}"))?;
        ensure!(
            status.success(),
            "`{}` failed ({status}):\n{log}",
            command::shown(&browser)
        );
        Ok((shown, log))
    }
}
