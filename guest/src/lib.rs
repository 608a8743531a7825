//! What the guest and `cargo xtask boot` agree on: the instructions that the
//! one is given, and the lines that the other looks for. No system calls here;
//! it is compiled for both sides.

pub mod counts;
mod faults;
mod instructions;
mod report;

pub use faults::{Expected, Fault};
pub use instructions::{Instructions, Step, Work};
pub use report::Report;

/// Where the guest finds its instructions in the initramfs.
pub const INSTRUCTIONS: &str = "/instructions";
/// Where it finds the probes to place, if it is to place any.
pub const PROBES: &str = "/probes";
/// What every line of the guest's own begins with.
pub const MARK: &str = "HIB-GUEST:";
/// The module with the device for messages.
pub const SAMPLE: &str = "sample_kmod";
/// The module with the disk.
pub const BLOCK: &str = "sample_block";
/// The modules that the guest can exercise, not only load and unload.
pub const SAMPLES: [&str; 2] = [SAMPLE, BLOCK];
/// What a process is called that takes memory away, for the kernel to end.
pub const HOG: &str = "memory-hog";

/// Where the guest finds a module in the initramfs.
#[must_use]
pub fn module_file(name: &str) -> String {
    format!("/{name}.ko")
}
