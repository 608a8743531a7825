//! A request, for as long as it is answered.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use sample_kernel::page;

use crate::bindings;

/// What became of a request: `blk_status_t`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Status(bindings::blk_status_t);

impl Status {
    pub const OK: Self = Self(bindings::rust_const_blk_sts_ok);
    pub const NOT_SUPPORTED: Self = Self(bindings::rust_const_blk_sts_notsupp);
    pub const IO_ERROR: Self = Self(bindings::rust_const_blk_sts_ioerr);

    pub const fn to_c(self) -> bindings::blk_status_t {
        self.0
    }
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Read,
    Write,
    /// Nothing that a disk like this has to know.
    Other,
}

/// `struct request`, begun and not ended.
pub struct Request<'a> {
    raw: NonNull<bindings::request>,
    answering: PhantomData<&'a ()>,
}

impl Request<'_> {
    /// # Safety
    /// The kernel passed the request to a driver, which has begun it and ends it
    /// after `'a`.
    #[inline]
    pub unsafe fn new(raw: NonNull<bindings::request>) -> Self {
        Self {
            raw,
            answering: PhantomData,
        }
    }

    #[inline]
    pub fn operation(&self) -> Operation {
        // SAFETY: the request is live, here and below.
        match unsafe { bindings::req_op(self.raw.as_ptr()) } {
            bindings::rust_const_req_op_read => Operation::Read,
            bindings::rust_const_req_op_write => Operation::Write,
            _ => Operation::Other,
        }
    }

    /// Where on the disk it begins, in bytes.
    #[inline]
    pub fn position(&self) -> u64 {
        // SAFETY: see operation().
        unsafe { bindings::blk_rq_pos(self.raw.as_ptr()) << bindings::SECTOR_SHIFT }
    }

    /// How many bytes it is about.
    #[inline]
    pub fn bytes(&self) -> u32 {
        // SAFETY: see operation().
        unsafe { bindings::blk_rq_bytes(self.raw.as_ptr()) }
    }

    /// The memory that it is about, piece by piece: each lies in one page.
    #[inline]
    pub fn segments(&self) -> Segments<'_> {
        let mut at = MaybeUninit::uninit();
        // SAFETY: see operation(). The call fills in all that the next ones read.
        unsafe {
            bindings::rq_segments_begin(self.raw.as_ptr(), at.as_mut_ptr());
        }
        Segments {
            at,
            request: PhantomData,
        }
    }
}

/// A walk over the segments of a request.
pub struct Segments<'a> {
    /// Without a bio, the rest is never written nor read.
    at: MaybeUninit<bindings::req_iterator>,
    request: PhantomData<&'a Request<'a>>,
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    #[inline]
    fn next(&mut self) -> Option<Segment<'a>> {
        let mut raw = MaybeUninit::uninit();
        // SAFETY: the walk was begun, and its request is live. A segment is
        // written when the answer is yes.
        unsafe {
            bindings::rq_segments_next(self.at.as_mut_ptr(), raw.as_mut_ptr()).then(|| Segment {
                raw: raw.assume_init(),
                request: PhantomData,
            })
        }
    }
}

/// A piece of memory: `struct bio_vec`. Others may change it at any time.
pub struct Segment<'a> {
    raw: bindings::bio_vec,
    request: PhantomData<&'a Request<'a>>,
}

impl Segment<'_> {
    /// How many bytes it has.
    #[inline]
    pub fn len(&self) -> usize {
        self.raw.bv_len as usize
    }

    /// Gives it an address. Mappings of a task end in the reverse order of their
    /// making, as scopes do by themselves.
    #[inline]
    pub fn map(&self) -> Mapped<'_> {
        // SAFETY: the request has the segment's page.
        let start = unsafe { bindings::bvec_kmap_local((&raw const self.raw).cast_mut()) };
        Mapped {
            start: start.cast(),
            segment: PhantomData,
        }
    }

    /// It has new content, which a process may see through another address.
    #[inline]
    pub fn written(&self) {
        // SAFETY: see map().
        unsafe { bindings::flush_dcache_page(self.raw.bv_page) }
    }
}

/// The address of a segment, for this task.
pub struct Mapped<'a> {
    start: *mut u8,
    segment: PhantomData<&'a Segment<'a>>,
}

impl Mapped<'_> {
    /// Good for as many bytes as the segment has.
    #[inline]
    pub fn as_ptr(&self) -> *mut u8 {
        self.start
    }
}

impl Drop for Mapped<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: map() made the mapping, and later ones have ended.
        unsafe { page::unmap_local(self.start) }
    }
}
