//! The kernel's log, written and read through /dev/kmsg. Writing there instead
//! of to the terminal keeps every line whole: kernel and guest then share one
//! writer to the serial line.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;

use guest::Report;

/// The kernel's log as a place to report to.
pub struct Console(File);

impl Console {
    /// Opens it.
    pub fn open() -> Result<Self, String> {
        OpenOptions::new()
            .write(true)
            .open("/dev/kmsg")
            .map(Self)
            .map_err(|error| format!("opening /dev/kmsg: {error}"))
    }

    /// One line, or several when the text has several. One write is one record,
    /// and the kernel refuses records of a kilobyte.
    pub fn say(&self, report: &Report) {
        let text = report.to_string();
        for (number, line) in text.lines().enumerate() {
            let line: String = line.chars().take(800).collect();
            let line = match number {
                0 => format!("{line}\n"),
                _ => format!("{}\n", Report::Note(line)),
            };
            if (&self.0).write_all(line.as_bytes()).is_err() {
                println!("{line}");
            }
        }
    }
}

/// A reader of records that come after its making.
pub struct Records(File);

/// A record: how grave (0 is worst), and its text.
pub struct Record {
    pub level: u32,
    pub text: String,
}

impl Records {
    /// From now on.
    pub fn from_now() -> Result<Self, String> {
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK)
            .open("/dev/kmsg")
            .map_err(|error| format!("opening /dev/kmsg for reading: {error}"))?;
        use std::io::{Seek, SeekFrom};
        (&file)
            .seek(SeekFrom::End(0))
            .map_err(|error| format!("going to the end of /dev/kmsg: {error}"))?;
        Ok(Self(file))
    }

    /// What has come since the making or the last call.
    pub fn read(&mut self) -> Result<Vec<Record>, String> {
        let mut records = Vec::new();
        let mut buffer = [0; 8192];
        loop {
            match self.0.read(&mut buffer) {
                Ok(0) => return Ok(records),
                Ok(length) => records.extend(parse(&String::from_utf8_lossy(&buffer[..length]))),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(records),
                // Records that were overwritten before they were read; the console has them.
                Err(error) if error.raw_os_error() == Some(libc::EPIPE) => {}
                Err(error) => return Err(format!("reading /dev/kmsg: {error}")),
            }
        }
    }
}

/// `6,339,5140900,-;text` and continuation lines that begin with a space.
fn parse(record: &str) -> Option<Record> {
    let (head, text) = record.split_once(';')?;
    let priority: u32 = head.split(',').next()?.parse().ok()?;
    Some(Record {
        // The lower three bits; the rest says who wrote it.
        level: priority & 7,
        text: text.lines().next().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_record_is_split_into_level_and_text() {
        let record = super::parse("12,339,5140900,-;a; b\n SUBSYSTEM=x\n").unwrap();
        assert_eq!((record.level, record.text.as_str()), (4, "a; b"));
    }
}
