//! What the module and whoever loads it agree on: the numbers that its parameters
//! take, and what it answers. Plain data, without the kernel, so that a program can
//! include this file as it is.
#![allow(dead_code)]

/// What is done in each round of a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Two instructions, to see that they are counted as such.
    TwoInstructions,
    RefCount,
    Atomic,
    SpinLock,
    List,
    Kmalloc,
    CopyToUser,
    PerCpu,
    /// Of a disk that is open. What answers it is the disk's.
    BlockRead,
}

/// [`Operation::BlockRead`] goes through so many pages from the disk's beginning on.
pub const PLACES: u32 = 256;

impl Operation {
    pub const ALL: [Self; 9] = [
        Self::TwoInstructions,
        Self::RefCount,
        Self::Atomic,
        Self::SpinLock,
        Self::List,
        Self::Kmalloc,
        Self::CopyToUser,
        Self::PerCpu,
        Self::BlockRead,
    ];

    /// Of the parameter `operation`.
    pub const fn number(self) -> u8 {
        self as u8
    }

    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TwoInstructions => "a loop of two instructions",
            Self::RefCount => "reference count: get, put",
            Self::Atomic => "atomic add",
            Self::SpinLock => "spin lock, add, unlock",
            Self::List => "list: add, take first",
            Self::Kmalloc => "kmalloc of 8 bytes, kfree",
            Self::CopyToUser => "copy_to_user of 32 bytes",
            Self::PerCpu => "per-CPU increment",
            Self::BlockRead => "block read of 4 KiB",
        }
    }
}

/// What the loop is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Rust,
    C,
}

impl Side {
    pub const ALL: [Self; 2] = [Self::Rust, Self::C];

    /// Of the parameter `side`.
    pub const fn number(self) -> u8 {
        self as u8
    }

    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// Where the module puts what it counted: the fewest instructions of all
/// repetitions.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Of a loop of so many rounds.
    pub once: u64,
    /// Of one of twice as many.
    pub twice: u64,
    /// Rounds of all loops together, by what they did.
    pub rounds_seen: u64,
}

/// What [`Operation::CopyToUser`] copies.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The last one's is that of the last round.
    pub round: u64,
    pub more: [u64; 3],
}

impl Record {
    /// Which one copies is seen in what is copied.
    pub const fn new(side: Side) -> Self {
        let mark = 0x5afe + side.number() as u64;
        Self {
            round: u64::MAX,
            more: [mark, mark + 1, mark + 2],
        }
    }
}
