//! ThinLTO's back ends, distributed by `cargo helper-inline distribute` for lld: on this
//! machine and, by distcc, on others.

mod alone;
mod distcc;
mod lld;
mod machines;
mod tools;
