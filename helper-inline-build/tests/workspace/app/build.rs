//! A build script that calls helpers itself.

fn main() {
    println!("cargo::rustc-env=COUNTED={}", counter::direct(7));
}
