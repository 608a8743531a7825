//! An error number on its way to the kernel.

use core::ffi::c_int;

/// An error number of the kernel's, from 1 to 4095.
///
/// ```
/// use helper_inline_module::Errno;
///
/// const ENOMEM: i32 = 12;
/// assert_eq!(Errno::new(ENOMEM).to_c(), -12);
/// // What C functions return is taken too.
/// assert_eq!(Errno::new(-ENOMEM), Errno::new(ENOMEM));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(c_int);

impl Errno {
    /// `MAX_ERRNO` of `include/linux/err.h`.
    const MAX: c_int = 4095;
    /// The same on every architecture.
    const EINVAL: c_int = 22;

    /// Takes a number of either sign, as C code has both. What is no error
    /// number becomes EINVAL: a failure must not look like a success.
    #[must_use]
    pub const fn new(number: c_int) -> Errno {
        match number {
            1..=Self::MAX => Errno(number),
            _ if number < 0 && number >= -Self::MAX => Errno(-number),
            _ => Errno(Self::EINVAL),
        }
    }

    /// The negative number that C functions return.
    #[must_use]
    pub const fn to_c(self) -> c_int {
        -self.0
    }
}
