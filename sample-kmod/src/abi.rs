//! What user programs need to know of `/dev/helper_sample`: ioctl numbers and
//! their structures. Plain data, without the kernel, so that a program can
//! include this file as it is. Not every program needs every item.
#![allow(dead_code)]

/// Where the device appears.
pub const DEVICE_PATH: &str = "/dev/helper_sample";
/// Where its counters appear.
pub const PROC_PATH: &str = "/proc/helper_sample";

/// The longest message that [`Config::max_message`] may allow.
pub const MAX_MESSAGE: u32 = 16 * 1024;
/// The longest queue that [`Config::max_queued`] may allow.
pub const MAX_QUEUED: u32 = 4096;
/// The most rounds of one [`Bench`].
pub const MAX_ITERATIONS: u32 = 10_000_000;

/// Limits, in force from the next write on.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Bytes of the longest message accepted.
    pub max_message: u32,
    /// Messages that may wait to be read.
    pub max_queued: u32,
}

/// A look at the next message, which stays.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Peek {
    /// Address of the buffer; what the message does not fill is cleared.
    pub buffer: u64,
    /// Bytes of the buffer.
    pub capacity: u32,
    /// Out: bytes of the message.
    pub length: u32,
}

/// A loop over one kind of helper inside the kernel.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Bench {
    /// One of the `BENCH_` numbers.
    pub kind: u32,
    /// Rounds, at most [`MAX_ITERATIONS`].
    pub iterations: u32,
    /// Out: how long they took.
    pub nanoseconds: u64,
    /// Out: what they came to; the number of rounds when all is well.
    pub result: u64,
}

/// The counters, as in the file under `/proc`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files opened since the module was loaded.
    pub opens: u64,
    /// Files closed for the last time.
    pub releases: u64,
    /// Files open now.
    pub open_files: u64,
    /// Messages handed to readers.
    pub reads: u64,
    /// Messages accepted from writers.
    pub writes: u64,
    /// Bytes of the former.
    pub bytes_read: u64,
    /// Bytes of the latter.
    pub bytes_written: u64,
    /// Nanoseconds that the read messages had waited, in all.
    pub waited_ns: u64,
    /// Messages in memory.
    pub live_messages: u64,
    /// Messages that wait to be read.
    pub queued: u64,
    /// Messages dropped by `CLEAR`.
    pub cleared: u64,
    /// Calls of poll, select and epoll.
    pub polls: u64,
    /// ioctl calls, refused ones too.
    pub ioctls: u64,
    /// Addresses of the caller that could not be read or written.
    pub faults: u64,
    /// Reads and writes seen while tracing was on.
    pub traced: u64,
    /// How often the configuration was replaced.
    pub generation: u64,
    /// A bit for each file operation that was ever called, see `OP_`.
    pub operations: u64,
}

/// What code does that the kernel patches.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patched {
    /// Whether the branch on the static key of tracing is taken.
    pub branch: u32,
    /// The state of that key, read as data.
    pub key: u32,
    /// What the static call makes of [`CALLED_WITH`].
    pub call: u32,
    /// 1 when an alternative for a feature of the processor took the place of what
    /// returns 0: POPCNT of x86, CRC32 of arm64.
    pub common: u32,
    /// The same for one that few have: AVX512F of x86, LSE atomics of arm64.
    pub rare: u32,
    /// Nothing.
    pub reserved: u32,
}

/// What C makes of a value as a `char`, whose sign depends on the kernel.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chars {
    /// The value, of which a `char` has the lowest eight bits.
    pub value: i32,
    /// Out: it as an `int`, where Rust passes the `char`.
    pub widened: i32,
    /// Out: the `char` after it, where Rust passes the one and is given the other.
    pub next: i32,
    /// Out: it as an `int`, by C alone.
    pub widened_in_c: i32,
    /// Out: the `char` after it, by C alone.
    pub next_in_c: i32,
}

/// The argument of the static call.
pub const CALLED_WITH: u32 = 1000;
/// What the function makes of it that the call goes to at first.
pub const CALLED_FIRST: u32 = CALLED_WITH + 1;
/// What the other makes of it.
pub const CALLED_SECOND: u32 = CALLED_WITH * 2;

/// Bits of [`Stats::operations`].
pub const OP_OPEN: u32 = 0;
/// read
pub const OP_READ: u32 = 1;
/// write
pub const OP_WRITE: u32 = 2;
/// ioctl
pub const OP_IOCTL: u32 = 3;
/// poll
pub const OP_POLL: u32 = 4;
/// llseek
pub const OP_LLSEEK: u32 = 5;
/// release
pub const OP_RELEASE: u32 = 6;

/// atomic_t and atomic64_t
pub const BENCH_ATOMIC: u32 = 0;
/// refcount_t
pub const BENCH_REFCOUNT: u32 = 1;
/// spin_lock() and spin_unlock()
pub const BENCH_SPIN_LOCK: u32 = 2;
/// spin_lock_irqsave() and spin_unlock_irqrestore()
pub const BENCH_SPIN_LOCK_IRQ: u32 = 3;
/// mutex_lock() and mutex_unlock()
pub const BENCH_MUTEX: u32 = 4;
/// list_add_tail(), list_move_tail() and list_del()
pub const BENCH_LIST: u32 = 5;
/// this_cpu_inc() and this_cpu_add()
pub const BENCH_PER_CPU: u32 = 6;
/// rcu_read_lock(), rcu_dereference() and rcu_read_unlock()
pub const BENCH_RCU: u32 = 7;
/// test_and_set_bit() and clear_bit()
pub const BENCH_BITS: u32 = 8;
/// kmalloc() of a constant size and of a variable one, kfree()
pub const BENCH_SLAB: u32 = 9;
/// READ_ONCE(), WRITE_ONCE() and the barriers
pub const BENCH_MEMORY: u32 = 10;
/// A static key that is off, then on
pub const BENCH_STATIC_KEY: u32 = 11;
/// Whole pages
pub const BENCH_PAGE: u32 = 12;
/// How many kinds there are.
pub const BENCH_KINDS: u32 = 13;

/// Nothing; returns 0.
pub const FAULT_NONE: u32 = 0;
/// A warning; returns 1.
pub const FAULT_WARNING: u32 = 1;
/// A warning that comes only once; returns 1.
pub const FAULT_WARNING_ONCE: u32 = 2;
/// Another such warning, at another place; returns 2.
pub const FAULT_WARNING_ONCE_ELSEWHERE: u32 = 3;
/// Two references to an object that nobody has a reference to; returns 1 when the
/// count is where it stays for ever.
pub const FAULT_REFERENCE: u32 = 4;
/// A bug: the calling process ends.
pub const FAULT_BUG: u32 = 5;
/// A panic of Rust's: the calling process ends.
pub const FAULT_PANIC: u32 = 6;

const TYPE: u32 = 0xb5;

/// `_IOC()` of asm-generic/ioctl.h, which x86 and arm64 both use.
const fn ioc(direction: u32, number: u32, size: usize) -> u32 {
    direction << 30 | (size as u32) << 16 | TYPE << 8 | number
}
const NONE: u32 = 0;
const WRITE: u32 = 1;
const READ: u32 = 2;

/// Fills a [`Stats`].
pub const GET_STATS: u32 = ioc(READ, 0, size_of::<Stats>());
/// Fills a [`Config`].
pub const GET_CONFIG: u32 = ioc(READ, 1, size_of::<Config>());
/// Replaces the configuration by a [`Config`].
pub const SET_CONFIG: u32 = ioc(WRITE, 2, size_of::<Config>());
/// Turns tracing on or off: a `u32`, 1 or 0.
pub const SET_TRACE: u32 = ioc(WRITE, 3, 4);
/// Drops the messages that wait; returns how many.
pub const CLEAR: u32 = ioc(NONE, 4, 0);
/// Stores the length of the next message in a `u32`; EAGAIN without one.
pub const NEXT_LENGTH: u32 = ioc(READ, 5, 4);
/// Fills a [`Peek`]; EAGAIN without a message, EMSGSIZE when it is too long.
pub const PEEK: u32 = ioc(READ | WRITE, 6, size_of::<Peek>());
/// Runs a [`Bench`].
pub const BENCH: u32 = ioc(READ | WRITE, 7, size_of::<Bench>());
/// Has the module do what must not be done: one of the `FAULT_` numbers.
pub const FAULT: u32 = ioc(NONE, 8, 0);
/// Fills a [`Patched`].
pub const GET_PATCHED: u32 = ioc(READ, 9, size_of::<Patched>());
/// Has the static call go to its first function, 0, or to the second, 1: a `u32`.
pub const SET_CALL: u32 = ioc(WRITE, 10, 4);
/// Inverts the bits of a `u32`, without a function of the kernel's in between.
pub const INVERT: u32 = ioc(READ | WRITE, 11, 4);
/// Fills in a [`Chars`].
pub const CHARS: u32 = ioc(READ | WRITE, 12, size_of::<Chars>());
/// A number of this device's type that it does not know.
pub const UNKNOWN: u32 = ioc(NONE, 0x7f, 0);
