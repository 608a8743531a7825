//! Submission and completion entries of an io_uring in ordinary memory, with this
//! loop in the kernel's place.

use peers_sys::{io_uring, io_uring_cqe, io_uring_sqe};
use std::sync::atomic::{AtomicU32, Ordering};

const ENTRIES: u32 = 64;

/// Passes `n` reads through a ring.
#[inline(never)]
pub fn run(n: u64) -> u64 {
    // SAFETY: all zeros are valid for these structures of C.
    let mut sqes: [io_uring_sqe; ENTRIES as usize] = unsafe { std::mem::zeroed() };
    let mut cqes: [u64; ENTRIES as usize * 2] = [0; ENTRIES as usize * 2];
    let mut buffer = [0u8; 64];
    let (sq_head, sq_tail, sq_flags) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
    let (cq_head, cq_tail) = (AtomicU32::new(0), AtomicU32::new(0));
    // SAFETY: as above.
    let mut ring: io_uring = unsafe { std::mem::zeroed() };
    ring.sq.khead = sq_head.as_ptr();
    ring.sq.ktail = sq_tail.as_ptr();
    ring.sq.kflags = sq_flags.as_ptr();
    ring.sq.sqes = sqes.as_mut_ptr();
    ring.sq.ring_mask = ENTRIES - 1;
    ring.sq.ring_entries = ENTRIES;
    ring.cq.khead = cq_head.as_ptr();
    ring.cq.ktail = cq_tail.as_ptr();
    ring.cq.cqes = cqes.as_mut_ptr().cast();
    ring.cq.ring_mask = ENTRIES - 1;
    ring.cq.ring_entries = ENTRIES;
    let mut sum = 0u64;
    for i in 0..n {
        // SAFETY: the ring's pointers are to memory that outlives it; the entry
        // written is one that the ring gave.
        unsafe {
            let sqe = peers_sys::io_uring_get_sqe(&mut ring);
            if sqe.is_null() {
                break;
            }
            peers_sys::io_uring_prep_read(sqe, 3, buffer.as_mut_ptr().cast(), 64, i);
            peers_sys::io_uring_sqe_set_data64(sqe, i);
            let slot = (cq_tail.load(Ordering::Relaxed) & (ENTRIES - 1)) as usize;
            ring.cq.cqes.add(slot).cast::<u64>().write((*sqe).user_data);
            sq_head.store(sq_head.load(Ordering::Relaxed) + 1, Ordering::Release);
            cq_tail.store(cq_tail.load(Ordering::Relaxed) + 1, Ordering::Release);
            let mut cqe: *mut io_uring_cqe = std::ptr::null_mut();
            if peers_sys::io_uring_peek_cqe(&mut ring, &mut cqe) != 0 {
                break;
            }
            sum += peers_sys::io_uring_cqe_get_data64(cqe);
            peers_sys::io_uring_cqe_seen(&mut ring, cqe);
        }
    }
    sum
}
