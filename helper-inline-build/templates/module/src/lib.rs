//! `@MODULE@`, a Linux kernel module.
//!
//! For any target but a bare-metal one the crate is only checked, for editors.
#![cfg(any(target_os = "none", helper_inline_checked))]
#![no_std]

mod kernel;

use helper_inline_module::{Errno, Module};
use kernel::{Count, bindings, pr_info};

helper_inline_module::module! {
    type: Example,
    license: "Dual MIT/GPL",
    authors: ["You"],
    description: "A module in Rust whose C helpers are inlined",
    params: {
        /// Read as `params::users.get()`.
        users: u32 = 3, 0o444, "How many users there are, at least 1";
    },
}

/// The module while it is loaded.
struct Example {
    users: Count,
}

impl Module for Example {
    fn init() -> Result<Self, Errno> {
        let users = params::users.get();
        if users == 0 {
            return Err(Errno::new(bindings::EINVAL as i32));
        }
        let count = Count::new();
        for _ in 1..users {
            count.get();
        }
        // SAFETY: it only reads the mask of processors.
        let processors = unsafe { bindings::num_online_cpus() };
        pr_info!("loaded for {users} users on {processors} processors");
        Ok(Self { users: count })
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let mut users = 1;
        while !self.users.put() {
            users += 1;
        }
        pr_info!("unloaded, {users} users gone");
    }
}
