//! Prints what the library counts, then counts itself.

const GREETING: &str = "counted";

fn main() {
    let run = app_library::app_run();
    let own = counter::generic(0u8);
    println!("{GREETING} {run} {own} {} {}", counter::peek(1), macros::counted!());
    println!("{}", env!("COUNTED"));
}
