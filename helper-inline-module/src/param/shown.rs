// What stands for a kernel's declarations where this crate is checked or documented
// without one: enough for the items around to compile. No module is built with it.

use core::ffi::{c_char, c_void};

#[repr(C)]
pub struct module {
    _opaque: [u8; 0],
}

#[repr(C)]
pub struct kernel_param_ops {
    _opaque: [u8; 0],
}

#[repr(C)]
pub struct kernel_param {
    pub name: *const c_char,
    pub mod_: *mut module,
    pub ops: *const kernel_param_ops,
    pub perm: u16,
    pub level: i8,
    pub __bindgen_anon_1: kernel_param_value,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub union kernel_param_value {
    pub arg: *mut c_void,
}

unsafe extern "C" {
    pub static param_ops_bool: kernel_param_ops;
    pub static param_ops_byte: kernel_param_ops;
    pub static param_ops_short: kernel_param_ops;
    pub static param_ops_ushort: kernel_param_ops;
    pub static param_ops_int: kernel_param_ops;
    pub static param_ops_uint: kernel_param_ops;
    pub static param_ops_long: kernel_param_ops;
    pub static param_ops_ullong: kernel_param_ops;
    pub static param_ops_charp: kernel_param_ops;

    pub fn kernel_param_lock(module: *mut module);
    pub fn kernel_param_unlock(module: *mut module);
}
