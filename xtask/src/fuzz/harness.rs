//! The program around a generated module: prints each value that it is handed.
use std::io::Write as _;

unsafe extern "C" {
    fn run(sink: extern "C" fn(u32, u64));
}

extern "C" fn sink(call: u32, value: u64) {
    let _ = writeln!(std::io::stdout(), "{call} {value:016x}");
}

#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    // SAFETY: every generated module defines it with this signature.
    unsafe { run(sink) };
    println!("end");
    0
}
