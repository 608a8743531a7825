//! `sample_kmod`, a Linux kernel module: a device `/dev/helper_sample` that
//! keeps messages until they are read, and `/proc/helper_sample` with its
//! counters. It stands for the modules that this project is made for, so it
//! reaches the kernel through C helpers wherever a C module would use an
//! inline function or a macro.
//!
//! It is a kernel module and nothing else: for any target but a bare-metal one it is
//! only checked, for editors.
#![cfg(any(target_os = "none", helper_inline_checked))]
#![no_std]

mod abi;
mod alternatives;
mod bench;
mod bindings;
mod chars;
mod completion;
mod counters;
mod device;
mod faults;
mod file;
mod fops;
mod ioctl;
mod message;
mod misc;
mod open_file;
mod proc;
mod queue;
mod rcu;
mod static_call;
mod static_key;
mod task;
mod time;
mod uaccess;
mod wait;

use helper_inline_module::{Errno, Module};
use sample_kernel::error::Result;
use sample_kernel::steps::Steps;
use sample_kernel::{panic, percpu, pr_err, pr_info};

use counters::{LIVE_FILES, LIVE_MESSAGES};

/// What stands before each line in the kernel's log.
const LOG_PREFIX: &str = "helper_sample";

helper_inline_module::module! {
    type: Sample,
    license: "Dual MIT/GPL",
    authors: ["The helper-inline-build authors"],
    description: "Sample of a Rust module with inlined C helpers",
    params: {
        /// For tests of the way back.
        fail_step: u8 = 0, 0, "Have this step of loading fail, counted from 1";
    },
}

/// The module while it is loaded.
struct Sample;

impl Module for Sample {
    fn init() -> core::result::Result<Self, Errno> {
        match load() {
            Ok(()) => {
                let (possible, online) = percpu::cpu_counts();
                pr_info!("loaded, {online} of {possible} processors");
                Ok(Self)
            }
            Err(error) => {
                pr_err!("not loaded, error {}", error.to_errno());
                Err(error.into())
            }
        }
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        misc::deregister();
        proc::remove();
        device::withdraw();
        let (messages, files) = (LIVE_MESSAGES.read(), LIVE_FILES.read());
        panic::warn_on(messages != 0 || files != 0);
        pr_info!("unloaded, {messages} messages, {files} files live");
    }
}

/// The device comes last: nobody can have opened it when something fails.
fn load() -> Result {
    let mut steps = Steps::new(params::fail_step.get());
    device::publish(&mut steps)?;
    if let Err(error) = steps.begin().and_then(|()| proc::create()) {
        device::withdraw();
        return Err(error);
    }
    if let Err(error) = steps.begin().and_then(|()| misc::register()) {
        proc::remove();
        device::withdraw();
        return Err(error);
    }
    Ok(())
}
