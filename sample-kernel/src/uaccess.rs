//! Memory of the calling process, which may be anything: every access can
//! fail, and nothing read is taken for granted.

use core::ffi::{c_ulong, c_void};
use core::mem::MaybeUninit;

use crate::alloc::KBytes;
use crate::bindings;
use crate::error::{Error, Result};

/// Values that may be copied as bytes.
///
/// # Safety
/// Any bytes are a value, and a value has no padding.
pub unsafe trait Bytes: Copy {}

/// A piece of the caller's memory, or so the caller says.
#[derive(Clone, Copy)]
pub struct UserMemory {
    address: *mut c_void,
    len: usize,
}

impl UserMemory {
    /// So many bytes from an address on.
    #[inline]
    pub fn new(address: usize, len: usize) -> Self {
        Self {
            address: core::ptr::without_provenance_mut(address),
            len,
        }
    }

    /// The whole of a `T` at an address.
    #[inline]
    pub fn of<T: Bytes>(address: usize) -> Self {
        Self::new(address, size_of::<T>())
    }

    /// How many bytes it has.
    #[expect(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(self) -> usize {
        self.len
    }

    /// Refuses early what lies outside of any process.
    ///
    /// # Errors
    /// [`Error::FAULT`], here and below.
    #[inline]
    pub fn check(self) -> Result {
        // SAFETY: looks at the numbers alone.
        match unsafe { bindings::access_ok(self.address, self.len as c_ulong) } {
            0 => Err(Error::FAULT),
            _ => Ok(()),
        }
    }

    /// A copy of all of it.
    ///
    /// # Errors
    /// [`Error::FAULT`], or [`Error::NO_MEMORY`].
    pub fn to_kernel(self) -> Result<KBytes> {
        // SAFETY: on success as many bytes as there is room for are written.
        unsafe { KBytes::try_fill(self.len, |to| self.read_raw(to)) }
    }

    /// Copies all of it to `to`.
    ///
    /// # Errors
    /// See check().
    ///
    /// # Safety
    /// `to` can be written for as many bytes.
    unsafe fn read_raw(self, to: *mut u8) -> Result {
        // SAFETY: the caller's promise for the kernel's side; the user's side
        // is checked by the call.
        let left =
            unsafe { bindings::copy_from_user(to.cast(), self.address, self.len as c_ulong) };
        whole(left)
    }

    /// Copies `from` to its beginning.
    ///
    /// # Errors
    /// See check(); also when there is less room.
    #[inline]
    pub fn write(self, from: &[u8]) -> Result {
        if from.len() > self.len {
            return Err(Error::FAULT);
        }
        // SAFETY: the slice can be read; the user's side is checked by the call.
        let left = unsafe {
            bindings::copy_to_user(self.address, from.as_ptr().cast(), from.len() as c_ulong)
        };
        whole(left)
    }

    /// Clears all but the first `skip` bytes.
    ///
    /// # Errors
    /// See check().
    pub fn clear_from(self, skip: usize) -> Result {
        let Some(rest) = self.len.checked_sub(skip) else {
            return Ok(());
        };
        // SAFETY: the user's side is checked by the call.
        let left =
            unsafe { bindings::clear_user(self.address.wrapping_byte_add(skip), rest as c_ulong) };
        whole(left)
    }

    /// Reads the `T` that was named in [`UserMemory::of`].
    ///
    /// # Errors
    /// See check().
    #[inline]
    pub fn read_value<T: Bytes>(self) -> Result<T> {
        if self.len != size_of::<T>() {
            return Err(Error::FAULT);
        }
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: the place has the size of T, and any bytes make a T.
        unsafe {
            self.read_raw(value.as_mut_ptr().cast())?;
            Ok(value.assume_init())
        }
    }

    /// Copies a `T` to its beginning.
    ///
    /// # Errors
    /// See write().
    #[inline]
    pub fn write_value<T: Bytes>(self, value: &T) -> Result {
        // SAFETY: a T without padding is that many initialised bytes.
        self.write(unsafe {
            core::slice::from_raw_parts(core::ptr::from_ref(value).cast(), size_of::<T>())
        })
    }
}

/// Reads a `u32`.
///
/// # Errors
/// [`Error::FAULT`]
#[inline]
pub fn get_u32(address: usize) -> Result<u32> {
    let mut value = 0;
    // SAFETY: the value is ours; the user's side is checked by the call.
    let error =
        unsafe { bindings::get_user_u32(&mut value, core::ptr::without_provenance(address)) };
    Error::check(error).map(|()| value)
}

/// Writes a `u32`.
///
/// # Errors
/// [`Error::FAULT`]
#[inline]
pub fn put_u32(address: usize, value: u32) -> Result {
    // SAFETY: the user's side is checked by the call.
    let error =
        unsafe { bindings::put_user_u32(value, core::ptr::without_provenance_mut(address)) };
    Error::check(error)
}

/// Reads a `u32` by an instruction of the module's own, which has an entry in its
/// exception table.
///
/// # Errors
/// [`Error::FAULT`]
#[inline]
pub fn get_u32_inline(address: usize) -> Result<u32> {
    let mut value = 0;
    // SAFETY: the value is ours; the user's side is checked by the call.
    let error = unsafe {
        bindings::unsafe_get_user_u32(&mut value, core::ptr::without_provenance(address))
    };
    Error::check(error).map(|()| value)
}

/// Writes a `u32` by such an instruction.
///
/// # Errors
/// [`Error::FAULT`]
#[inline]
pub fn put_u32_inline(address: usize, value: u32) -> Result {
    // SAFETY: the user's side is checked by the call.
    let error =
        unsafe { bindings::unsafe_put_user_u32(value, core::ptr::without_provenance_mut(address)) };
    Error::check(error)
}

/// The copying calls return how many bytes they could not reach.
#[inline]
fn whole(left: c_ulong) -> Result {
    match left {
        0 => Ok(()),
        _ => Err(Error::FAULT),
    }
}
