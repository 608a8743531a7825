//! Calls a helper through generic code of another crate alone.

/// Counts.
pub fn count(by: u8) -> i32 {
    counter::generic(by)
}
