//! Helpers with state: each function below counts in one and the same static.
#![allow(missing_docs)]

mod bindings {
    include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
}

pub fn generic<T: Into<i32>>(by: T) -> i32 {
    // SAFETY: one thread counts.
    unsafe { bindings::count(by.into()) }
}

pub fn direct(by: i32) -> i32 {
    // SAFETY: one thread counts.
    unsafe { bindings::count(by) }
}

#[inline]
pub fn peek(a: i32) -> i32 {
    // SAFETY: one thread counts.
    unsafe { bindings::peek(a) }
}

pub fn sort(values: &mut [i32]) {
    // SAFETY: pointer and length are those of the slice.
    unsafe { bindings::sort(values.as_mut_ptr(), values.len() as _) }
}

pub fn dot(a: &[i32], b: &[i32]) -> i32 {
    // SAFETY: it only computes.
    a.iter().zip(b).map(|(a, b)| unsafe { bindings::mul(*a, *b) }).sum()
}
