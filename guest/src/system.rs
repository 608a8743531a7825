//! What process 1 needs from the kernel before and after everything else:
//! mounts, its release and the power switch.

use std::ffi::CStr;
use std::io::Error;

/// Mounts /proc, /sys and /dev.
pub fn mount_all() -> Result<(), String> {
    mount(c"proc", c"/proc")?;
    mount(c"sysfs", c"/sys")?;
    mount(c"devtmpfs", c"/dev")?;
    mount(c"tmpfs", c"/tmp")?;
    mount(c"debugfs", c"/sys/kernel/debug")
}

/// Mounts a file system of this kind; one that is there already is no error.
pub fn mount(kind: &CStr, at: &CStr) -> Result<(), String> {
    // SAFETY: the three strings end in NUL and outlive the call; no data is passed.
    let result = unsafe {
        libc::mount(
            kind.as_ptr(),
            at.as_ptr(),
            kind.as_ptr(),
            0,
            std::ptr::null(),
        )
    };
    if result == 0 {
        return Ok(());
    }
    let error = Error::last_os_error();
    // The kernel may have mounted its /dev by itself.
    if error.raw_os_error() == Some(libc::EBUSY) {
        return Ok(());
    }
    Err(format!("mounting {kind:?} on {at:?}: {error}"))
}

/// The release of the kernel, or why it does not tell.
pub fn kernel_release() -> String {
    std::fs::read_to_string("/proc/sys/kernel/osrelease")
        .map_or_else(|error| error.to_string(), |text| text.trim().to_owned())
}

/// Ends the virtual machine. A kernel without a power switch halts for ever when it
/// is asked to use it; and any can reset the machine, which then is not begun anew.
pub fn power_off() -> ! {
    for how in [libc::RB_AUTOBOOT, libc::RB_POWER_OFF] {
        // SAFETY: takes no pointer; nothing here needs to survive it.
        unsafe {
            libc::sync();
            libc::reboot(how);
        }
    }
    // Process 1 must not end; the host's time limit stops the machine.
    loop {
        std::thread::sleep(std::time::Duration::from_secs(3600));
    }
}
