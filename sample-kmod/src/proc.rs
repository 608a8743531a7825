//! `/proc/helper_sample`: the counters as text, for people and scripts.

use core::ffi::{c_char, c_int, c_void};
use core::fmt::{self, Write};
use core::mem::MaybeUninit;
use core::ptr;

use crate::abi::Stats;
use crate::bindings;
use crate::counters::Counters;
use crate::device::DeviceRef;
use crate::fops::Table;
use crate::static_key;
use crate::task;
use sample_kernel::bits;
use sample_kernel::error::{Error, Result};
use sample_kernel::percpu::{cpu_counts, possible_cpus};

const NAME: *const c_char = c"helper_sample".as_ptr();

static PROC_OPERATIONS: Table<bindings::proc_ops> = Table(bindings::proc_ops {
    proc_open: Some(open),
    proc_read: Some(bindings::seq_read),
    proc_lseek: Some(bindings::seq_lseek),
    proc_release: Some(bindings::single_release),
    // SAFETY: null and None, for every other field of the table.
    ..unsafe { MaybeUninit::zeroed().assume_init() }
});

/// Makes the file.
pub fn create() -> Result {
    // SAFETY: the name and the table live as long as the module.
    let entry = unsafe { bindings::proc_create(NAME, 0o444, ptr::null_mut(), &PROC_OPERATIONS.0) };
    if entry.is_null() {
        return Err(Error::NO_MEMORY);
    }
    Ok(())
}

/// Removes the file, and waits for those who are reading it.
pub fn remove() {
    // SAFETY: create() made it.
    unsafe { bindings::remove_proc_entry(NAME, ptr::null_mut()) }
}

unsafe extern "C" fn open(_inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
    // SAFETY: the kernel passed the file to this operation.
    unsafe { bindings::single_open(file, Some(show), ptr::null_mut()) }
}

unsafe extern "C" fn show(file: *mut bindings::seq_file, _: *mut c_void) -> c_int {
    let Ok(device) = DeviceRef::get() else {
        return Error::NO_DEVICE.to_errno();
    };
    // A full buffer is no error: the kernel calls again with a larger one.
    let _ = write_all(&mut Text(file), &device.stats(), &device.counters);
    0
}

/// The text of a seq_file that is being made.
struct Text(*mut bindings::seq_file);

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: the kernel passed the file to show(), which is running.
        unsafe {
            bindings::seq_write(self.0, text.as_ptr().cast(), text.len());
            if bindings::seq_has_overflowed(self.0) {
                return Err(fmt::Error);
            }
        }
        Ok(())
    }
}

fn write_all(text: &mut Text, stats: &Stats, counters: &Counters) -> fmt::Result {
    for (name, value) in [
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
        ("operations", bits::count(stats.operations).into()),
        ("tracing", static_key::is_set().into()),
        ("reader_uid", task::current_user().into()),
    ] {
        writeln!(text, "{name}: {value}")?;
    }
    let (possible, online) = cpu_counts();
    writeln!(text, "cpus: {online} of {possible}")?;
    for cpu in possible_cpus() {
        let (reads, writes) = (counters.reads.of(cpu), counters.writes.of(cpu));
        writeln!(text, "cpu{}: reads {reads} writes {writes}", cpu.number())?;
    }
    Ok(())
}
