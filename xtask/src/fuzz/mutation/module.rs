//! The crate that calls them, whose bitcode is damaged too.
#![no_std]
#[repr(C)]
pub struct Pair { a: u32, b: u16 }
#[repr(C)]
pub struct Wide { a: u64, b: u64, c: u64 }
unsafe extern "C" {
    fn rust_helper_count(by: u64) -> u64;
    fn rust_helper_pair(a: u32) -> Pair;
    fn rust_helper_wide(w: Wide) -> u64;
    fn rust_helper_each(f: extern "C" fn(u64) -> u64, n: u32) -> u64;
    fn rust_helper_choose(v: u32) -> u32;
    fn rust_helper_more(v: u64) -> u64;
}
extern "C" fn square(v: u64) -> u64 { v.wrapping_mul(v) }
#[unsafe(no_mangle)]
pub extern "C" fn entry(x: u64) -> u64 {
    // SAFETY: the helpers take any values.
    unsafe {
        let pair = rust_helper_pair(x as u32);
        let wide = Wide { a: x, b: 2, c: library::twice(x) };
        let mut sum = rust_helper_count(x) ^ rust_helper_wide(wide) ^ u64::from(pair.a + u32::from(pair.b));
        sum ^= rust_helper_each(square, x as u32) ^ u64::from(rust_helper_choose(x as u32));
        sum ^ rust_helper_more(x)
    }
}
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! { loop {} }
