//! The registration of `/dev/helper_sample` with the kernel's misc devices.

use core::cell::UnsafeCell;
use core::ffi::c_int;
use core::mem::MaybeUninit;

use crate::bindings;
use crate::fops::FILE_OPERATIONS;
use sample_kernel::error::{Error, Result};

/// The kernel's record of the device, which it links into its list.
struct Registration(UnsafeCell<bindings::miscdevice>);

// SAFETY: the kernel changes it under its own lock; here only its address is
// used.
unsafe impl Sync for Registration {}

static REGISTRATION: Registration = Registration(UnsafeCell::new(bindings::miscdevice {
    minor: bindings::MISC_DYNAMIC_MINOR as c_int,
    name: c"helper_sample".as_ptr(),
    fops: &raw const FILE_OPERATIONS.0,
    // SAFETY: null and zero, for every other field of the record.
    ..unsafe { MaybeUninit::zeroed().assume_init() }
}));

/// Makes the device appear.
pub fn register() -> Result {
    // SAFETY: the record lives as long as the module, and is not registered.
    Error::check(unsafe { bindings::misc_register(REGISTRATION.0.get()) })
}

/// Makes it disappear. The kernel does not call open any more afterwards.
pub fn deregister() {
    // SAFETY: register() has succeeded.
    unsafe { bindings::misc_deregister(REGISTRATION.0.get()) }
}
