//! The read side of userspace RCU.

/// Reads a shared value `n` times.
#[inline(never)]
pub fn run(n: u64) -> u64 {
    static VALUE: u64 = 3;
    let mut shared: *const u64 = &raw const VALUE;
    let mut sum = 0u64;
    // SAFETY: the thread is registered while it reads, and nobody writes.
    unsafe {
        peers_sys::urcu_memb_register_thread();
        for i in 0..n {
            peers_sys::urcu_memb_read_lock();
            sum = sum.wrapping_add((*peers_sys::rcu_load(&mut shared)).wrapping_add(i));
            peers_sys::urcu_memb_read_unlock();
        }
        peers_sys::urcu_memb_unregister_thread();
    }
    sum
}
