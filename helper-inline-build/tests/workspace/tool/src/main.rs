//! Has nothing to do with helpers.

fn main() {
    println!("tool");
}
