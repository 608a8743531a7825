#[allow(warnings)]
mod b {
    include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
}
pub fn version() -> i32 {
    unsafe { b::version() }
}
unsafe extern "C" {
    static mut rust_helper_state: i32;
}
/// Called by C, and none of its helpers.
#[unsafe(no_mangle)]
extern "C" fn rust_helper_callback(x: i32) -> i32 {
    x + 100
}
pub fn with_prefix() -> i32 {
    unsafe {
        rust_helper_state += 1;
        b::twice() * 1000 + b::weak() * 10 + b::other()
    }
}
