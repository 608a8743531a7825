#[allow(warnings)]
mod b {
    include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
}
pub fn version() -> i32 {
    unsafe { b::version() }
}
