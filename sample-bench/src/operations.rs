//! What each loop is given, which is the same for Rust and C, and how it is seen
//! what it did.

use core::mem::offset_of;
use core::ptr::{self, NonNull};

use sample_kernel::alloc::KBox;
use sample_kernel::atomic::Atomic;
use sample_kernel::error::Result;
use sample_kernel::list::{Linked, Links, List};
use sample_kernel::percpu::PerCpu;
use sample_kernel::refcount::{Counted, Ref, RefCount};
use sample_kernel::spinlock::SpinLock;
use sample_kernel::uaccess::UserMemory;

use crate::abi::{Operation, Record, Side};
use crate::{bindings, loops, params};

/// Goes through a loop and returns how many of its rounds have left their trace.
pub fn run(operation: Operation, side: Side, rounds: u32) -> Result<u64> {
    match operation {
        Operation::TwoInstructions => {
            // SAFETY: only counts down.
            unsafe { bindings::bench_two_instructions(rounds) };
            Ok(rounds.into())
        }
        Operation::RefCount => Ok(refcount(side, rounds)),
        Operation::Atomic => Ok(atomic(side, rounds)),
        Operation::SpinLock => spin_lock(side, rounds),
        Operation::List => list(side, rounds),
        Operation::Kmalloc => kmalloc(side, rounds),
        Operation::CopyToUser => copy_to_user(side, rounds),
        Operation::PerCpu => per_cpu(side, rounds),
        Operation::BlockRead => {
            let to = ptr::without_provenance_mut(params::scratch.get() as usize);
            // SAFETY: descriptor and address are checked.
            let done = unsafe { bindings::bench_block_read(params::disk.get(), to, rounds) };
            Ok(done.into())
        }
    }
}

/// The pointer that C wants of something with an inner type of the kernel's.
fn raw<T, R>(wrapper: &T) -> *mut R {
    ptr::from_ref(wrapper).cast_mut().cast()
}

fn refcount(side: Side, rounds: u32) -> u64 {
    let (taken, given) = (RefCount::new(1), RefCount::new(rounds as i32 + 1));
    let last = match side {
        Side::Rust => loops::refcount(&taken, &given, rounds),
        // SAFETY: both are live refcount_t.
        Side::C => unsafe { bindings::bench_refcount(raw(&taken), raw(&given), rounds) },
    };
    let (taken, given) = (taken.read() - 1, rounds + 1 - given.read());
    u64::from(if last == 0 { taken.min(given) } else { 0 })
}

fn atomic(side: Side, rounds: u32) -> u64 {
    let sum = Atomic::new(0);
    match side {
        Side::Rust => loops::atomic(&sum, rounds),
        // SAFETY: a live atomic_t.
        Side::C => unsafe { bindings::bench_atomic(raw(&sum), rounds) },
    }
    u64::from(sum.read().unsigned_abs()) / 3
}

fn spin_lock(side: Side, rounds: u32) -> Result<u64> {
    // SAFETY: the lock is made whole, and a box does not move.
    let locked = unsafe {
        KBox::try_init(|slot| {
            SpinLock::init(slot, 0);
            Ok(())
        })
    }?;
    match side {
        Side::Rust => loops::spin_lock(&locked, rounds),
        // SAFETY: a SpinLock<u64> is laid out as the C structure.
        Side::C => unsafe { bindings::bench_spin_lock(raw(&*locked), rounds) },
    }
    let number = *locked.lock();
    Ok(number)
}

/// What goes into a list and out again: `struct bench_object`.
#[repr(C)]
pub struct Object {
    count: RefCount,
    links: Links,
    /// 1, to be counted by.
    pub number: u64,
}

// SAFETY: the object lives in the box that new() has made it in, until its count
// is zero.
unsafe impl Counted for Object {
    fn count(&self) -> &RefCount {
        &self.count
    }

    unsafe fn free(object: NonNull<Self>) {
        // SAFETY: new() gave the box up for it.
        drop(unsafe { KBox::from_raw(object.as_ptr()) });
    }
}

// SAFETY: the links are there, and an object of new() is in no list.
unsafe impl Linked for Object {
    const LINKS: usize = offset_of!(Self, links);
}

impl Object {
    fn new() -> Result<Ref<Self>> {
        let object = KBox::new(Self {
            count: RefCount::new(1),
            links: Links::new(),
            number: 1,
        })?;
        // SAFETY: the first count is this reference's; a box is never null.
        Ok(unsafe { Ref::from_raw(NonNull::new_unchecked(object.into_raw())) })
    }
}

fn list(side: Side, rounds: u32) -> Result<u64> {
    let mut ring = List::new()?;
    let object = Object::new()?;
    match side {
        Side::Rust => loops::list(&mut ring, object, rounds),
        // SAFETY: the head is that of an empty list, in which the object is put
        // and from which it is taken; an Object is laid out as the C structure.
        Side::C => Ok(unsafe {
            bindings::bench_list(ring.head().cast(), raw::<Object, _>(&object), rounds)
        }),
    }
}

fn kmalloc(side: Side, rounds: u32) -> Result<u64> {
    match side {
        Side::Rust => loops::kmalloc(rounds),
        // SAFETY: init may sleep.
        Side::C => Ok(unsafe { bindings::bench_kmalloc(rounds) }),
    }
}

fn copy_to_user(side: Side, rounds: u32) -> Result<u64> {
    let address = params::scratch.get() as usize;
    let mut record = Record::new(side);
    let done = match side {
        Side::Rust => loops::copy_to_user(UserMemory::of::<Record>(address), &mut record, rounds)?,
        // SAFETY: the record is laid out as the C structure; the user's side is
        // checked by the call.
        Side::C => unsafe {
            let to = ptr::without_provenance_mut(address);
            bindings::bench_copy_to_user(to, (&raw mut record).cast(), rounds)
        },
    };
    Ok(done.into())
}

fn per_cpu(side: Side, rounds: u32) -> Result<u64> {
    let counter = PerCpu::new()?;
    match side {
        Side::Rust => loops::per_cpu(&counter, rounds),
        // SAFETY: the copies live as long as the counter.
        Side::C => unsafe { bindings::bench_per_cpu(counter.as_ptr(), rounds) },
    }
    Ok(counter.sum())
}
