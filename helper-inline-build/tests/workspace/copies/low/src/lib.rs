#[allow(warnings)]
pub mod b {
    include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
}
#[inline(never)]
pub fn run(p: &[u8]) -> i32 {
    unsafe { b::run(p.as_ptr()) * 3 + b::nested(p.as_ptr()) }
}
#[inline(never)]
pub fn on() {
    unsafe { b::register(Some(b::one)) }
}
#[inline(never)]
pub fn below() -> b::callback {
    unsafe { b::below() }
}
#[inline(never)]
pub fn increase() -> i32 {
    unsafe { b::asm_inc() * 100 + b::asm_get() + b::thread() }
}
#[inline(never)]
pub fn set(x: i32) {
    unsafe { b::set_v(x) }
}
