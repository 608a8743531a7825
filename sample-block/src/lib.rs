//! `sample_block`, a Linux kernel module: a disk, `/dev/helper_block`, whose
//! blocks are pages of memory. It is the second of this project's modules, with
//! wrappers that it shares with the first, and stands for drivers: what the
//! kernel asks of it comes in its own time, on every processor at once.
//!
//! It is a kernel module and nothing else: for any target but a bare-metal one it is
//! only checked, for editors.
#![cfg(any(target_os = "none", helper_inline_checked))]
#![no_std]

mod bindings;
mod counters;
mod device;
mod mq;
mod settings;
mod store;

use helper_inline_module::{Errno, Module};
use sample_kernel::pr_err;

use device::Device;
use mq::Disk;

/// What stands before each line in the kernel's log.
const LOG_PREFIX: &str = "sample_block";

helper_inline_module::module! {
    type: Sample,
    license: "Dual MIT/GPL",
    authors: ["The helper-inline-build authors"],
    description: "Sample of a Rust block device with inlined C helpers",
    version: "0.1.0",
    aliases: ["devname:helper_block"],
    params: {
        /// Of the disk, as below `/dev`.
        name: str = c"helper_block", 0o444, "Name of the disk";
        /// The disk's size. Memory is taken when it is first written to.
        size_mib: u32 = 64, 0o444, "Size of the disk in MiB";
        /// A power of two from 512 to 4096.
        block_size: u32 = 512, 0o444, "Bytes of a block";
        /// As many as the kernel has processors at most.
        queues: u16 = 0, 0o444, "Hardware queues, 0 for one for each processor";
        /// Of each hardware queue.
        depth: u16 = 64, 0o444, "Requests that a hardware queue takes at once";
        /// For tests of what is above the disk.
        refuse_writes: bool = false, 0o644, "Answer writes with an input/output error";
        /// For counting what that costs; see `settings::Answer`.
        answer: u8 = 0, 0, "Answer requests in Rust (0), in C (1), or not at all (2)";
        /// For tests of the way back.
        fail_step: u8 = 0, 0, "Have this step of loading fail, counted from 1";
    },
}

/// The module while it is loaded.
struct Sample {
    disk: Disk<Device>,
}

impl Module for Sample {
    fn init() -> Result<Self, Errno> {
        match device::make() {
            Ok(disk) => Ok(Self { disk }),
            Err(error) => {
                pr_err!("not loaded, error {}", error.to_errno());
                Err(error.into())
            }
        }
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        // The disk goes after this, when nobody can have it open.
        self.disk.data().report();
    }
}
