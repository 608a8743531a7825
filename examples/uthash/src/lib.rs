//! uthash as Rust types. The library is one of macros: nothing is linked, and a
//! build that inlines compiles each of them into the code that uses it, as in C.

#[allow(
    dead_code,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals
)]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
}

mod array;
mod list;
mod map;
mod stack;
mod text;

pub use array::Array;
pub use list::List;
pub use map::Map;
pub use stack::Stack;
pub use text::Text;
