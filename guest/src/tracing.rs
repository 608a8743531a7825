//! The kernel's own tracing: events of probes, placed by lines of text.
//!
//! Not here: what is probed, and what the events should say.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::system;

const TRACEFS: &str = "/sys/kernel/tracing";

/// The tracing of this kernel.
pub struct Tracing(PathBuf);

impl Tracing {
    /// Mounts it.
    pub fn open() -> Result<Self, String> {
        system::mount(c"tracefs", c"/sys/kernel/tracing")?;
        Ok(Self(Path::new(TRACEFS).to_owned()))
    }

    /// Places a probe by its line, or says why the kernel does not.
    pub fn place(&self, line: &str) -> io::Result<()> {
        let mut file = self.append("kprobe_events")?;
        // In one piece, which the kernel takes as one.
        file.write_all(format!("{line}\n").as_bytes())
    }

    /// Turns all events of a group on or off.
    pub fn turn(&self, group: &str, on: bool) -> Result<(), String> {
        let path = self.0.join("events").join(group).join("enable");
        fs::write(&path, if on { "1" } else { "0" })
            .map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The lines of the events so far, without the heading.
    pub fn events(&self) -> Result<Vec<String>, String> {
        let path = self.0.join("trace");
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Ok(lines.map(str::to_owned).collect())
    }

    /// Takes all probes away. They are off.
    pub fn clear(&self) -> Result<(), String> {
        let path = self.0.join("kprobe_events");
        File::create(&path)
            .map(drop)
            .map_err(|error| format!("{}: {error}", path.display()))
    }

    fn append(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().append(true).open(self.0.join(name))
    }
}
