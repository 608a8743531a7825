//! Process 1 of a virtual machine: loads one kernel module and unloads it, a few times,
//! and says on the kernel's console what it saw.
//!
//! It is compiled for the machine by rustc alone, of the standard library and nothing
//! else. Judging the whole log is the host's part.

use std::ffi::{CString, c_char, c_int, c_long, c_ulong, c_void};
use std::fs::{self, File, OpenOptions};
use std::io::{Error, Write};
use std::os::fd::AsRawFd;

// Of musl, which the standard library is linked with.
unsafe extern "C" {
    fn mount(
        source: *const c_char,
        at: *const c_char,
        kind: *const c_char,
        flags: c_ulong,
        data: *const c_void,
    ) -> c_int;
    fn reboot(how: c_int) -> c_int;
    fn sync();
    fn syscall(number: c_long, ...) -> c_long;
}

/// `LINUX_REBOOT_CMD_RESTART` and `LINUX_REBOOT_CMD_POWER_OFF`.
const HOW: [c_int; 2] = [0x0123_4567, 0x4321_fedc];

/// `finit_module` and `delete_module`.
#[cfg(target_arch = "x86_64")]
const CALLS: [c_long; 2] = [313, 176];
#[cfg(target_arch = "aarch64")]
const CALLS: [c_long; 2] = [273, 106];

/// `O_NONBLOCK`: a module that is used is not waited for.
const NO_WAITING: c_int = 0o4000;

/// A module of one's own always sets these: out-of-tree and unsigned. The last a kernel
/// sets itself whose structures are of randomized order.
const EXPECTED_TAINT: u64 = 1 << 12 | 1 << 13 | 1 << 17;

fn main() {
    if std::process::id() != 1 {
        eprintln!("this program is the init of a virtual machine");
        std::process::exit(2);
    }
    let mounted = [("devtmpfs", "/dev"), ("proc", "/proc"), ("sysfs", "/sys")]
        .into_iter()
        .try_for_each(|(kind, at)| mount_at(kind, at));
    match mounted.and_then(|()| run()) {
        Ok(()) => {}
        Err(error) => say(&format!("FAIL {error}")),
    }
    say("DONE");
    for how in HOW {
        // SAFETY: neither takes a pointer; nothing here needs to survive.
        unsafe {
            sync();
            reboot(how);
        }
    }
    // Process 1 must not end; the host's time limit stops the machine.
    loop {
        std::thread::park();
    }
}

fn run() -> Result<(), String> {
    let text = read("/instructions")?;
    let (name, rest) = text.trim().split_once(' ').ok_or("no instructions")?;
    let (rounds, parameters) = rest.split_once(' ').unwrap_or((rest, ""));
    let rounds: u32 = rounds.parse().map_err(|e| format!("rounds {rounds}: {e}"))?;
    let release = read("/proc/sys/kernel/osrelease")?;
    say(&format!("ok boot: {}", release.trim()));
    load(name, parameters)?;
    say(&format!("ok load: {name}"));
    unload(name)?;
    say(&format!("ok unload: {name}"));
    for round in 1..=rounds {
        load(name, parameters)
            .and_then(|()| unload(name))
            .map_err(|error| format!("in round {round} of {rounds}: {error}"))?;
    }
    say(&format!("ok rounds: {rounds} loads and unloads"));
    let tainted = read("/proc/sys/kernel/tainted")?;
    let bits: u64 = tainted.trim().parse().map_err(|e| format!("taint {tainted}: {e}"))?;
    match bits & !EXPECTED_TAINT {
        0 => say("ok taint: none of a fault"),
        bad => return Err(format!("the kernel is tainted ({bad:#x})")),
    }
    Ok(())
}

/// One line into the kernel's log, which then has one writer to the serial line.
fn say(text: &str) {
    let line = format!("HIB-GUEST: {text}\n");
    let kmsg = OpenOptions::new().write(true).open("/dev/kmsg");
    if kmsg.and_then(|mut kmsg| kmsg.write_all(line.as_bytes())).is_err() {
        print!("{line}");
    }
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}

fn load(name: &str, parameters: &str) -> Result<(), String> {
    let file = File::open(format!("/{name}.ko")).map_err(|e| format!("opening {name}.ko: {e}"))?;
    let parameters = CString::new(parameters).map_err(|e| e.to_string())?;
    // SAFETY: the descriptor is open and the parameters end in NUL.
    let result = unsafe { syscall(CALLS[0], file.as_raw_fd(), parameters.as_ptr(), 0) };
    if result != 0 {
        return Err(format!("loading {name}: {}", Error::last_os_error()));
    }
    match line_of(name)? {
        Some(line) if line.contains(" Live ") => Ok(()),
        line => Err(format!("{name} is loaded and not live: {line:?}")),
    }
}

fn unload(name: &str) -> Result<(), String> {
    let text = CString::new(name).map_err(|e| e.to_string())?;
    // SAFETY: the name ends in NUL and outlives the call.
    if unsafe { syscall(CALLS[1], text.as_ptr(), NO_WAITING) } != 0 {
        return Err(format!("unloading {name}: {}", Error::last_os_error()));
    }
    match line_of(name)? {
        None => Ok(()),
        Some(line) => Err(format!("{name} is still listed after unloading: {line}")),
    }
}

fn line_of(name: &str) -> Result<Option<String>, String> {
    let listed = read("/proc/modules")?;
    let mut lines = listed.lines();
    let found = lines.find(|line| line.split(' ').next() == Some(name));
    Ok(found.map(str::to_owned))
}

fn mount_at(kind: &str, at: &str) -> Result<(), String> {
    let [kind_text, at_text] = [kind, at].map(|text| CString::new(text).expect("no NUL"));
    // SAFETY: the strings end in NUL and outlive the call; no data is passed.
    let result = unsafe {
        mount(
            kind_text.as_ptr(),
            at_text.as_ptr(),
            kind_text.as_ptr(),
            0,
            std::ptr::null(),
        )
    };
    const BUSY: i32 = 16; // the kernel has mounted its /dev by itself
    match Error::last_os_error() {
        _ if result == 0 => Ok(()),
        error if error.raw_os_error() == Some(BUSY) => Ok(()),
        error => Err(format!("mounting {kind} on {at}: {error}")),
    }
}
