//! The kernel as bindgen sees it: C helpers without their prefix, types and
//! the exported functions that build.rs names. For wrappers, here and in modules.
#![allow(
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    dead_code,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    // The next one is newer than the oldest rustc that is served.
    unknown_lints,
    unnecessary_transmutes,
    unsafe_op_in_unsafe_fn
)]

include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
