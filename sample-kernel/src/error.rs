//! Error numbers as a type, positive inside and negative on their way out.

use core::ffi::c_int;

use helper_inline_module::Errno;

use crate::bindings;

/// An error number of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error(c_int);

/// A result whose error is a kernel error number.
pub type Result<T = ()> = core::result::Result<T, Error>;

#[allow(missing_docs)] // named as the kernel's own
impl Error {
    pub const AGAIN: Self = Self(bindings::EAGAIN as c_int);
    pub const FAULT: Self = Self(bindings::EFAULT as c_int);
    pub const INTERRUPTED: Self = Self(bindings::EINTR as c_int);
    pub const INVALID: Self = Self(bindings::EINVAL as c_int);
    pub const MESSAGE_SIZE: Self = Self(bindings::EMSGSIZE as c_int);
    pub const NO_DEVICE: Self = Self(bindings::ENODEV as c_int);
    pub const NO_MEMORY: Self = Self(bindings::ENOMEM as c_int);
    pub const NOT_A_TTY: Self = Self(bindings::ENOTTY as c_int);
    /// The system call is to be repeated when the signal has been handled.
    pub const RESTART: Self = Self(bindings::ERESTARTSYS as c_int);
    pub const NO_SEEK: Self = Self(bindings::ESPIPE as c_int);

    /// The number to return to the kernel.
    #[must_use]
    pub const fn to_errno(self) -> c_int {
        -self.0
    }

    /// Takes what a kernel function returned: 0 or a negative error number.
    ///
    /// # Errors
    /// That number.
    pub const fn check(returned: c_int) -> Result {
        if returned < 0 {
            Err(Self(-returned))
        } else {
            Ok(())
        }
    }
}

impl From<Error> for Errno {
    fn from(error: Error) -> Errno {
        Errno::new(error.0)
    }
}
