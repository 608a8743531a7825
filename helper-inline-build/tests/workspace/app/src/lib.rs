//! All ways to a helper: of this crate, through generic code, through another crate.

/// Its result depends on how often each way has counted.
#[unsafe(no_mangle)]
pub extern "C" fn app_run() -> i32 {
    counter::generic(1u8);
    counter::direct(2);
    middle::count(3);
    let mut values = [3, 1, 2];
    counter::sort(&mut values);
    counter::generic(4u16) * 10 + values[0] + counter::dot(&[1, 2, 3], &[4, 5, 6])
}
