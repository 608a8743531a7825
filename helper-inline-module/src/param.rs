//! Parameters: values that whoever loads the module gives, and that may be
//! changed through sysfs.
//!
//! What the kernel reads of a parameter, `struct kernel_param`, is laid out as its
//! own headers say.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char};
use core::mem::MaybeUninit;

use crate::this_module;

#[allow(
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    dead_code,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unsafe_op_in_unsafe_fn
)]
mod bindings {
    #[cfg(not(helper_inline_without_kernel))]
    include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
    #[cfg(helper_inline_without_kernel)]
    include!("param/shown.rs");
}

/// A parameter's value, shared with the kernel.
pub struct Param<T: Value>(UnsafeCell<T>);

// SAFETY: the kernel writes it at any time; here it is only read, in ways that
// allow for that.
unsafe impl<T: Value> Sync for Param<T> {}

impl<T: Value> Param<T> {
    /// With the value that it has when whoever loads the module gives none.
    #[must_use]
    pub const fn new(default: T) -> Self {
        Self(UnsafeCell::new(default))
    }
}

impl<T: Number> Param<T> {
    /// The value now.
    ///
    /// ```ignore
    /// for _ in 0..params::times.get() {
    ///     greet();
    /// }
    /// ```
    #[inline]
    pub fn get(&self) -> T {
        // SAFETY: the place is a live T. The kernel writes a T in one piece, so
        // any moment's value is whole.
        unsafe { self.0.get().read_volatile() }
    }
}

impl Param<Text> {
    /// Shows the text to `look`. Nobody changes it meanwhile: `look` must not take
    /// long, and must not read another text. May sleep.
    ///
    /// ```ignore
    /// let is_set = params::name.with(|name| !name.is_empty());
    /// ```
    pub fn with<R>(&self, look: impl FnOnce(&CStr) -> R) -> R {
        // SAFETY: under the lock that writers take, the pointer is to a string
        // that ends in NUL: the default, or what the kernel has put there.
        unsafe {
            bindings::kernel_param_lock(this_module());
            let seen = look(CStr::from_ptr((*self.0.get()).0));
            bindings::kernel_param_unlock(this_module());
            seen
        }
    }
}

/// What a parameter may be.
///
/// # Safety
/// `OPS` are the kernel's operations for exactly this type.
pub unsafe trait Value: 'static {
    /// The operations.
    #[doc(hidden)]
    const OPS: Operations;
}

/// Values of one word.
pub trait Number: Value + Copy {}

/// The kernel's `struct kernel_param_ops` for a type.
#[doc(hidden)]
pub struct Operations(*const bindings::kernel_param_ops);

/// A string, of the kernel's type `charp`.
#[repr(transparent)]
pub struct Text(*const c_char);

impl Text {
    /// A default.
    #[must_use]
    pub const fn new(default: &'static CStr) -> Self {
        Self(default.as_ptr())
    }
}

macro_rules! values {
    ($($type:ty: $ops:ident;)*) => {
        $(
            // SAFETY: the operations' C type has the size and meaning of this on
            // every 64-bit kernel.
            unsafe impl Value for $type {
                const OPS: Operations = Operations(&raw const bindings::$ops);
            }
        )*
    };
}

values! {
    bool: param_ops_bool;
    u8: param_ops_byte;
    i16: param_ops_short;
    u16: param_ops_ushort;
    i32: param_ops_int;
    u32: param_ops_uint;
    i64: param_ops_long;
    u64: param_ops_ullong;
    Text: param_ops_charp;
}

impl Number for bool {}
impl Number for u8 {}
impl Number for i16 {}
impl Number for u16 {}
impl Number for i32 {}
impl Number for u32 {}
impl Number for i64 {}
impl Number for u64 {}

/// What the kernel reads of a parameter. For [`module!`](crate::module).
#[doc(hidden)]
#[repr(transparent)]
pub struct Descriptor(bindings::kernel_param);

// SAFETY: the kernel only reads it.
unsafe impl Sync for Descriptor {}

impl Descriptor {
    /// Of a parameter that lives as long as the module.
    ///
    /// # Panics
    /// At compile time, when `mode` would let others than root change the
    /// parameter or is no mode of a file that is only read and written: what
    /// `VERIFY_OCTAL_PERMISSIONS()` refuses in C.
    #[must_use]
    pub const fn new<T: Value>(name: &'static CStr, value: &'static Param<T>, mode: u16) -> Self {
        assert!(
            mode & !0o644 == 0,
            "a parameter's mode is 0, 0o400, 0o440, 0o444, 0o600, 0o640 or 0o644"
        );
        let (user, group, others) = (mode >> 6, mode >> 3 & 7, mode & 7);
        assert!(
            user & 4 >= group && group >= others,
            "who may read a parameter: root before the group, the group before others"
        );
        // SAFETY: null and zero are values of every field.
        let mut param: bindings::kernel_param = unsafe { MaybeUninit::zeroed().assume_init() };
        param.name = name.as_ptr();
        param.mod_ = this_module();
        param.ops = T::OPS.0;
        param.perm = mode;
        // As MODULE's module_param() has it: to be set when the module is loaded.
        param.level = -1;
        param.__bindgen_anon_1.arg = value.0.get().cast();
        Self(param)
    }
}

/// A parameter's name, with its end.
///
/// # Panics
/// At compile time, when there is none.
#[doc(hidden)]
#[must_use]
pub const fn c_name(name: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(name.as_bytes()) {
        Ok(name) => name,
        Err(_) => panic!("a name ends in NUL and has no other"),
    }
}

/// One parameter, in the module `params` of the author's crate.
#[doc(hidden)]
#[macro_export]
macro_rules! __param {
    (
        $(#[$about:meta])*
        $name:ident: str = $default:expr, $mode:literal, $description:literal
    ) => {
        $(#[$about])*
        pub(crate) static $name: $crate::param::Param<$crate::param::Text> =
            $crate::param::Param::new($crate::param::Text::new($default));
        $crate::__describe_param!($name, "charp", $mode, $description);
    };
    (
        $(#[$about:meta])*
        $name:ident: $type:ident = $default:expr, $mode:literal, $description:literal
    ) => {
        $(#[$about])*
        pub(crate) static $name: $crate::param::Param<$type> =
            $crate::param::Param::new($default);
        $crate::__describe_param!($name, $crate::__param_type!($type), $mode, $description);
    };
}

/// What the kernel and `modinfo` read of a parameter.
#[doc(hidden)]
#[macro_export]
macro_rules! __describe_param {
    ($name:ident, $type:expr, $mode:literal, $description:literal) => {
        $crate::__modinfo!("parmtype=", ::core::stringify!($name), ":", $type);
        $crate::__modinfo!("parm=", ::core::stringify!($name), ":", $description);
        const _: () = {
            const NAME: &str =
                ::core::concat!($crate::__modinfo_prefix!(), ::core::stringify!($name), "\0");
            // SAFETY: the section is an array of such structures, which have no
            // padding between them.
            #[used]
            #[unsafe(link_section = "__param")]
            static PARAM: $crate::param::Descriptor =
                $crate::param::Descriptor::new($crate::param::c_name(NAME), &$name, $mode);
        };
    };
}

/// The kernel's name of a type.
#[doc(hidden)]
#[macro_export]
#[rustfmt::skip]
macro_rules! __param_type {
    (bool) => { "bool" };
    (u8) => { "byte" };
    (i16) => { "short" };
    (u16) => { "ushort" };
    (i32) => { "int" };
    (u32) => { "uint" };
    (i64) => { "long" };
    (u64) => { "ullong" };
}
