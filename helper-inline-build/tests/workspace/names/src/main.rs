unsafe extern "C" {
    /// By its C name, which one crate has.
    safe fn rust_helper_target_by_name() -> i32;
}

fn main() {
    println!("{} {}", one::version(), two::version());
    println!("{} {}", three::version(), three_before::version());
    println!("{} {}", one::with_prefix(), rust_helper_target_by_name());
}
