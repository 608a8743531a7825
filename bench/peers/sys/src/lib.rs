//! Declarations of the wrapped functions.
#![allow(
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    missing_docs,
    clippy::all
)]

include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
