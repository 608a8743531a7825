//! A module's beginning and end.

use core::cell::UnsafeCell;
use core::ffi::c_int;
use core::mem::MaybeUninit;

use crate::Errno;

/// A kernel module: a value that lives from loading to unloading.
///
/// Its `Drop` is what happens when the module is unloaded.
///
/// ```
/// use helper_inline_module::{Errno, Module};
///
/// struct Table([u64; 16]);
///
/// impl Module for Table {
///     fn init() -> Result<Self, Errno> {
///         Ok(Table([0; 16]))
///     }
/// }
/// # assert_eq!(Table::init().unwrap().0[0], 0);
/// ```
pub trait Module: Sized + Send + Sync + 'static {
    /// Called once, when the module is loaded, by a process that may sleep.
    ///
    /// # Errors
    /// The module is then not loaded. What `init` had made by then must be gone
    /// again, as it is when it was owned by values that were dropped.
    fn init() -> Result<Self, Errno>;
}

/// Where the one value of a module is kept. For [`module!`](crate::module).
pub struct Slot<T>(UnsafeCell<MaybeUninit<T>>);

// SAFETY: it is written before the module is live and dropped after; between
// the two nobody has access.
unsafe impl<T: Sync> Sync for Slot<T> {}

impl<T: Module> Slot<T> {
    /// Holds nothing.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only for a static")]
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Makes the value; returns what the kernel wants to hear.
    ///
    /// # Safety
    /// Called once, and by nobody but the module's loader.
    pub unsafe fn begin(&self) -> c_int {
        match T::init() {
            Ok(module) => {
                // SAFETY: the caller's promise: nobody else is here.
                unsafe { (*self.0.get()).write(module) };
                0
            }
            Err(error) => error.to_c(),
        }
    }

    /// Drops the value.
    ///
    /// # Safety
    /// [`Slot::begin`] has returned 0, and this is called once after it.
    pub unsafe fn end(&self) {
        // SAFETY: the caller's promise.
        unsafe { (*self.0.get()).assume_init_drop() }
    }
}

#[cfg(not(helper_inline_built_in))]
unsafe extern "C" {
    /// The kernel's object for this module, made by modpost. Only its address
    /// is of use here; what it holds differs between kernels.
    static __this_module: [u8; 0];
}

/// The module, for the kernel to count its users: `THIS_MODULE` of C. Null in
/// built-in code, which is no module.
///
/// `T` is your binding of `struct module`. The address alone may be used.
///
/// ```no_run
/// # mod bindings { pub struct module; }
/// let owner: *mut bindings::module = helper_inline_module::this_module();
/// ```
#[must_use]
pub const fn this_module<T>() -> *mut T {
    #[cfg(not(helper_inline_built_in))]
    return (&raw const __this_module).cast_mut().cast();
    #[cfg(helper_inline_built_in)]
    core::ptr::null_mut()
}
