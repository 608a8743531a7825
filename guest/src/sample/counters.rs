//! The text under /proc, and how it agrees with GET_STATS.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::abi::{self, Stats};
use super::nonblocking;
use crate::checks::Checks;
use crate::process::Child;

/// The lines `name: number`, and the sums over the lines of processors.
pub struct Counters {
    values: BTreeMap<String, u64>,
    /// Reads and writes, as each processor has counted them.
    pub by_cpu: (u64, u64),
    /// The same of each.
    pub each_cpu: Vec<Cpu>,
    /// How many processors have a line, and how many should.
    pub cpus: (u64, u64),
}

/// What a processor has counted.
pub struct Cpu {
    pub number: u64,
    pub reads: u64,
    pub writes: u64,
}

impl Counters {
    /// As they are now.
    pub fn read() -> Result<Self, String> {
        let text = fs::read_to_string(abi::PROC_PATH)
            .map_err(|error| format!("{}: {error}", abi::PROC_PATH))?;
        Self::parse(&text).ok_or_else(|| format!("{}: cannot read {text:?}", abi::PROC_PATH))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut counters = Self {
            values: BTreeMap::new(),
            by_cpu: (0, 0),
            each_cpu: Vec::new(),
            cpus: (0, 0),
        };
        for line in text.lines() {
            let (name, value) = line.split_once(": ")?;
            let words: Vec<&str> = value.split(' ').collect();
            match words[..] {
                [online, "of", possible] if name == "cpus" => {
                    online.parse::<u64>().ok()?;
                    counters.cpus.1 = possible.parse().ok()?;
                }
                ["reads", reads, "writes", writes] if name.starts_with("cpu") => {
                    let cpu = Cpu {
                        number: name.strip_prefix("cpu")?.parse().ok()?,
                        reads: reads.parse().ok()?,
                        writes: writes.parse().ok()?,
                    };
                    counters.cpus.0 += 1;
                    counters.by_cpu.0 += cpu.reads;
                    counters.by_cpu.1 += cpu.writes;
                    counters.each_cpu.push(cpu);
                }
                [number] => {
                    counters
                        .values
                        .insert(name.to_owned(), number.parse().ok()?);
                }
                _ => return None,
            }
        }
        Some(counters)
    }

    pub fn get(&self, name: &str) -> Result<u64, String> {
        self.values
            .get(name)
            .copied()
            .ok_or_else(|| format!("{} has no line {name}", abi::PROC_PATH))
    }

    /// How much a counter has grown.
    pub fn since(&self, before: &Self, name: &str) -> Result<u64, String> {
        let (now, then) = (self.get(name)?, before.get(name)?);
        now.checked_sub(then)
            .ok_or_else(|| format!("{name} went down, from {then} to {now}"))
    }
}

/// Goes through these.
pub fn run(checks: &mut Checks) -> Result<(), String> {
    let device = nonblocking()?;
    let stats = device.stats()?;
    let counters = Counters::read()?;
    for (name, value) in fields(&stats) {
        checks.equal(
            &format!("{name} in /proc and ioctl"),
            &counters.get(name)?,
            &value,
        )?;
    }
    let (reads, writes) = counters.by_cpu;
    checks.equal("reads of all processors", &reads, &stats.reads)?;
    checks.equal("writes of all processors", &writes, &stats.writes)?;
    checks.equal(
        "a line for each processor",
        &counters.cpus.0,
        &counters.cpus.1,
    )?;
    checks.equal("tracing is off", &counters.get("tracing")?, &0)?;
    drop(device);
    users(checks)?;
    file(checks)
}

/// Who reads is a struct of four bytes in the kernel, returned by value: every
/// bit of it must arrive.
fn users(checks: &mut Checks) -> Result<(), String> {
    for user in [0, 1000, 0x7654_3210, 0xfedc_ba98_u32] {
        let reader = Child::start(|| {
            // SAFETY: numbers; this is a process of its own.
            if unsafe { libc::setresuid(user, user, user) } != 0 {
                return Err(format!("setresuid: {}", io::Error::last_os_error()));
            }
            let seen = Counters::read()?.get("reader_uid")?;
            if seen != u64::from(user) {
                return Err(format!("reader_uid is {seen}, should be {user}"));
            }
            Ok(())
        })?;
        reader.join()?;
        checks.ok(&format!("user {user:#x} is seen as such"));
    }
    Ok(())
}

/// The file itself: read in pieces, read again, not written.
fn file(checks: &mut Checks) -> Result<(), String> {
    let io = |error| format!("{}: {error}", abi::PROC_PATH);
    let whole = fs::read(abi::PROC_PATH).map_err(io)?;
    let mut file = File::open(abi::PROC_PATH).map_err(io)?;
    let mut pieces = Vec::new();
    let mut piece = [0; 7];
    loop {
        match file.read(&mut piece).map_err(io)? {
            0 => break,
            length => pieces.extend_from_slice(&piece[..length]),
        }
    }
    checks.that("/proc file in pieces", pieces == whole, &pieces)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    pieces.clear();
    file.read_to_end(&mut pieces).map_err(io)?;
    checks.that("/proc file read again", pieces == whole, &pieces)?;
    // Root may open it, but there is nothing to write to.
    let mut file = OpenOptions::new()
        .write(true)
        .open(abi::PROC_PATH)
        .map_err(io)?;
    checks.fails("/proc file written", file.write(b"1"), libc::EIO)
}

/// The fields of the structure by their names in the text. `operations` is a
/// mask in the one and a count in the other.
fn fields(stats: &Stats) -> [(&'static str, u64); 17] {
    [
        ("opens", stats.opens),
        ("releases", stats.releases),
        ("open_files", stats.open_files),
        ("reads", stats.reads),
        ("writes", stats.writes),
        ("bytes_read", stats.bytes_read),
        ("bytes_written", stats.bytes_written),
        ("waited_ns", stats.waited_ns),
        ("live_messages", stats.live_messages),
        ("queued", stats.queued),
        ("cleared", stats.cleared),
        ("polls", stats.polls),
        ("ioctls", stats.ioctls),
        ("faults", stats.faults),
        ("traced", stats.traced),
        ("generation", stats.generation),
        ("operations", stats.operations.count_ones().into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::Counters;

    #[test]
    fn text_is_read() {
        let text = "opens: 3\ncpus: 1 of 2\ncpu0: reads 5 writes 6\ncpu1: reads 1 writes 1\n";
        let counters = Counters::parse(text).unwrap();
        assert_eq!(counters.get("opens"), Ok(3));
        assert_eq!((counters.by_cpu, counters.cpus), ((6, 7), (2, 2)));
        assert!(counters.get("reads").unwrap_err().contains("reads"));
        assert!(Counters::parse("opens 3\n").is_none());
    }
}
