//! `sample_kmod`, a Linux kernel module: a device `/dev/helper_sample` that
//! keeps messages until they are read, and `/proc/helper_sample` with its
//! counters. It stands for the modules that this project is made for, so it
//! reaches the kernel through C helpers wherever a C module would use an
//! inline function or a macro.
//!
//! It is a kernel module and nothing else: for any target but a bare-metal one
//! the crate is empty.
#![cfg(target_os = "none")]
#![no_std]

mod abi;
mod alloc;
mod atomic;
mod bench;
mod bindings;
mod bits;
mod completion;
mod counters;
mod device;
mod error;
mod file;
mod fops;
mod ioctl;
mod list;
mod memory;
mod message;
mod misc;
mod modinfo;
mod mutex;
mod open_file;
mod page;
mod panic;
mod percpu;
mod print;
mod proc;
mod queue;
mod rcu;
mod refcount;
mod spinlock;
mod static_key;
mod task;
mod time;
mod uaccess;
mod wait;

use core::ffi::c_int;

use counters::{LIVE_FILES, LIVE_MESSAGES};
use error::Result;
use print::{pr_err, pr_info};

/// What the kernel calls when the module is loaded.
// SAFETY: the names and sections are those the kernel's loader looks for; this
// is called once, and its section is freed after it.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".init.text")]
pub extern "C" fn init_module() -> c_int {
    match load() {
        Ok(()) => {
            let (possible, online) = percpu::cpu_counts();
            pr_info!("loaded, {online} of {possible} processors");
            0
        }
        Err(error) => {
            pr_err!("not loaded, error {}", error.to_errno());
            error.to_errno()
        }
    }
}

/// What the kernel calls before the module is unloaded.
// SAFETY: see init_module().
#[unsafe(no_mangle)]
#[unsafe(link_section = ".exit.text")]
pub extern "C" fn cleanup_module() {
    misc::deregister();
    proc::remove();
    device::withdraw();
    let (messages, files) = (LIVE_MESSAGES.read(), LIVE_FILES.read());
    panic::warn_on(messages != 0 || files != 0);
    pr_info!("unloaded, {messages} messages, {files} files live");
}

/// The device comes last: nobody can have opened it when something fails.
fn load() -> Result {
    device::publish()?;
    if let Err(error) = proc::create() {
        device::withdraw();
        return Err(error);
    }
    if let Err(error) = misc::register() {
        proc::remove();
        device::withdraw();
        return Err(error);
    }
    Ok(())
}

/// The kernel calls the two through pointers that are made outside of this
/// object. A kernel with indirect branch tracking wants to see such a pointer
/// here, as C modules have one.
// SAFETY: pointers, in the sections that are freed with what they point to.
#[used]
#[unsafe(link_section = ".init.data")]
static mut INIT_MODULE: extern "C" fn() -> c_int = init_module;
// SAFETY: see INIT_MODULE.
#[used]
#[unsafe(link_section = ".exit.data")]
static mut CLEANUP_MODULE: extern "C" fn() = cleanup_module;
