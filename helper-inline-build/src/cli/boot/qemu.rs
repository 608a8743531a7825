//! One run of QEMU: its command line for each architecture, its console into a
//! file, and a limit in time. What the console says is not its matter.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cli::command;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::kernels::Arch;

/// What to run.
pub struct Run<'a> {
    pub arch: Arch,
    pub image: &'a Path,
    pub initramfs: &'a Path,
    pub log: &'a Path,
    pub cpus: u32,
    pub memory_mib: u32,
    /// Whether the machine's clock is the number of instructions it has run, one
    /// for each nanosecond. Such a machine has one CPU.
    pub count_instructions: bool,
    /// Kernel parameters, besides those that every machine needs.
    pub parameters: &'a str,
    pub limit: Duration,
    pub verbose: bool,
}

/// How it ended.
pub enum End {
    /// By itself: the guest powered off, or its kernel panicked.
    Exit(ExitStatus),
    /// It was still running at the limit.
    Limit(Duration),
}

impl End {
    /// What is wrong with this end, if anything.
    pub fn problem(&self) -> Option<String> {
        match self {
            Self::Exit(status) if status.success() => None,
            Self::Exit(status) => Some(format!("QEMU failed ({status})")),
            Self::Limit(limit) => Some(format!(
                "the machine was still running after {} s and was stopped; --limit sets more",
                limit.as_secs()
            )),
        }
    }
}

fn program(arch: Arch) -> &'static str {
    match arch {
        Arch::Amd64 => "qemu-system-x86_64",
        Arch::Arm64 => "qemu-system-aarch64",
    }
}

/// Whether QEMU is there at all.
pub fn check(arch: Arch) -> Outcome {
    if command::find(program(arch)).is_some() {
        return Ok(());
    }
    let package = match arch {
        Arch::Amd64 => "qemu-system-x86",
        Arch::Arm64 => "qemu-system-arm",
    };
    Err(Failure::need(format_args!(
        "`{}` is not on PATH: apt-get install --no-install-recommends {package}",
        program(arch)
    )))
}

/// The first two numbers of a version.
pub type Version = (u32, u32);

/// Which QEMU it is.
pub fn version(arch: Arch) -> Result<Version> {
    let mut ask = Command::new(program(arch));
    let said = command::output(ask.arg("--version"))?;
    version_in(&said)
        .with_context(|| format!("`{} --version` names no version:\n{said}", program(arch)))
}

fn version_in(said: &str) -> Option<Version> {
    let (_, rest) = said.split_once("version ")?;
    let mut numbers = rest.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Runs to the end or to the limit.
pub fn run(run: &Run) -> Result<End> {
    let mut log =
        File::create(run.log).with_context(|| format!("creating {}", run.log.display()))?;
    let mut qemu = command_line(run);
    qemu.stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command::spawn(&mut qemu)?;
    let mut console = child.stdout.take().context("stdout was not piped")?;
    let mut errors = child.stderr.take().context("stderr was not piped")?;
    let verbose = run.verbose;
    let (status, copied, complaints) = std::thread::scope(|scope| {
        let copy = scope.spawn(move || copy(&mut console, &mut log, verbose));
        let complaints = scope.spawn(move || {
            let mut text = String::new();
            let _ = errors.read_to_string(&mut text);
            text
        });
        let status = command::wait(&mut child, Some(run.limit));
        (status, copy.join(), complaints.join().unwrap_or_default())
    });
    if let Ok(Err(error)) = copied {
        return Err(error).with_context(|| format!("writing {}", run.log.display()));
    }
    match status? {
        None => Ok(End::Limit(run.limit)),
        // QEMU itself refused, rather than anything in it.
        Some(status) if !status.success() && !complaints.trim().is_empty() => {
            anyhow::bail!(
                "`{}` failed ({status}):\n{}",
                command::shown(&qemu),
                complaints.trim()
            )
        }
        Some(status) => Ok(End::Exit(status)),
    }
}

fn copy(console: &mut impl Read, log: &mut File, verbose: bool) -> std::io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let length = console.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        log.write_all(&buffer[..length])?;
        if verbose {
            // A closed terminal is no reason to lose the log.
            let _ = std::io::stderr().write_all(&buffer[..length]);
        }
    }
}

fn command_line(run: &Run) -> Command {
    let mut qemu = Command::new(program(run.arch));
    let (machine, cpu, console) = match run.arch {
        // QEMU counts each round of a repeated instruction, and without this feature
        // the kernel copies eight bytes in a round instead of one.
        Arch::Amd64 if run.count_instructions => ("q35", "max,-cx16,-erms", "ttyS0"),
        // Without cx16 taken away QEMU 7.2's software emulation of it crashes
        // 6.12 kernels on two CPUs now and then, with no module loaded.
        Arch::Amd64 => ("q35", "max,-cx16", "ttyS0"),
        // One tick of its counter for each nanosecond, and not for each sixteenth.
        Arch::Arm64 if run.count_instructions => {
            ("virt", "cortex-a72,cntfrq=1000000000", "ttyAMA0")
        }
        Arch::Arm64 => ("virt", "cortex-a72", "ttyAMA0"),
    };
    qemu.args(["-M", machine, "-accel", "tcg", "-cpu", cpu])
        .args(["-m", &run.memory_mib.to_string()])
        // The firmware's older table of CPUs, by which kernels without ACPI go, has one
        // of each socket.
        .args(["-smp", &format!("{n},sockets={n}", n = run.cpus)])
        .args(["-display", "none", "-monitor", "none", "-serial", "stdio"])
        .args(["-no-reboot", "-nic", "none", "-nodefaults"])
        .arg("-kernel")
        .arg(run.image)
        .arg("-initrd")
        .arg(run.initramfs)
        .arg("-append")
        .arg(format!(
            "console={console} {KERNEL_PARAMETERS} {}",
            run.parameters
        ));
    if run.count_instructions {
        // While no CPU has anything to do, time goes on to when one has.
        qemu.args(["-icount", "shift=0,sleep=off"]);
    }
    qemu
}

/// A machine's memory when nothing else is asked for.
pub const MEMORY_MIB: u32 = 512;

/// A kernel that panics ends the machine, and every line reaches the console.
const KERNEL_PARAMETERS: &str = "panic=-1 ignore_loglevel printk.devkmsg=on rdinit=/init";

/// Any oops ends the machine, and slabs are checked (red zones, poison, double
/// frees), which makes their counts exact too.
pub const STRICT: &str = "oops=panic slub_debug=FZPU";

/// The same for a machine that must survive an oops.
pub const SURVIVING: &str = "slub_debug=FZPU";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_as_distributions_and_qemu_itself_print_it() {
        let debian = "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\n";
        assert_eq!(version_in(debian), Some((7, 2)));
        assert_eq!(version_in("QEMU emulator version 10.0.2\n"), Some((10, 0)));
        assert_eq!(version_in("QEMU emulator\n"), None);
    }
}
