//! Disks on blk-mq, apart from what they are made of: a driver says what to do
//! with a request, and gets the rest from here.

mod disk;
mod request;
mod tag_set;

pub use disk::{Disk, NewDisk};
pub use request::{Operation, Request, Status};
pub use tag_set::TagSet;

/// What answers the requests of a disk.
pub trait Driver: Send + Sync + 'static {
    /// Answers a request. May sleep, and may be called on several processors at
    /// once.
    fn handle(&self, request: &Request<'_>) -> Status;
}
