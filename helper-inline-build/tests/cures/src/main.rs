//! The test writes its calls here.

fn main() {}
