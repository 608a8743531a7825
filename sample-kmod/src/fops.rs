//! The file operations, as the kernel calls them: each turns C's arguments
//! into types that can be trusted and errors into numbers.

use core::ffi::{c_char, c_int, c_long, c_uint, c_ulong};
use core::mem::MaybeUninit;

use crate::abi;
use crate::bindings;
use crate::file::File;
use crate::ioctl;
use crate::open_file::OpenFile;
use helper_inline_module::this_module;
use sample_kernel::alloc::KBox;
use sample_kernel::error::Result;
use sample_kernel::uaccess::UserMemory;

/// A table that the kernel only reads.
#[repr(transparent)]
pub struct Table<T>(pub T);

// SAFETY: nobody writes it, and what it points to is as constant.
unsafe impl<T> Sync for Table<T> {}

/// The table for the misc device.
pub static FILE_OPERATIONS: Table<bindings::file_operations> = Table(bindings::file_operations {
    owner: this_module(),
    llseek: Some(llseek),
    read: Some(read),
    write: Some(write),
    poll: Some(poll),
    unlocked_ioctl: Some(unlocked_ioctl),
    open: Some(open),
    release: Some(release),
    // SAFETY: null and None, for every other field of the table.
    ..unsafe { MaybeUninit::zeroed().assume_init() }
});

/// The state that `open` left in the file.
///
/// # Safety
/// The kernel passed `file` to an operation between open and release, which
/// runs for as long as `'a`.
unsafe fn opened<'a>(file: *mut bindings::file) -> (File<'a>, &'a OpenFile) {
    // SAFETY: the caller's promise; open() stored a box there.
    unsafe {
        let file = File::new(file);
        (file, &*file.private_data().cast::<OpenFile>())
    }
}

/// A length or a negative error number.
fn length(outcome: Result<usize>) -> isize {
    match outcome {
        Ok(len) => len as isize,
        Err(error) => error.to_errno() as isize,
    }
}

unsafe extern "C" fn open(_inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
    // SAFETY: the kernel passed the file to this operation.
    let file = unsafe { File::new(file) };
    match OpenFile::new(file) {
        Ok(open) => {
            file.set_private_data(open.into_raw().cast());
            0
        }
        Err(error) => error.to_errno(),
    }
}

unsafe extern "C" fn release(_inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
    // SAFETY: this is the last operation on the file, so it can take back the
    // box that open() left there.
    let open = unsafe { KBox::from_raw(File::new(file).private_data().cast()) };
    OpenFile::release(open);
    0
}

unsafe extern "C" fn read(
    file: *mut bindings::file,
    to: *mut c_char,
    len: usize,
    _position: *mut bindings::loff_t,
) -> isize {
    // SAFETY: the kernel passed the file to this operation.
    let (file, open) = unsafe { opened(file) };
    open.note(abi::OP_READ);
    let memory = UserMemory::new(to.addr(), len);
    let outcome = open.watch(open.device.read(memory, file.is_nonblocking()));
    if let Ok(bytes) = outcome {
        open.advance(bytes);
    }
    length(outcome)
}

unsafe extern "C" fn write(
    file: *mut bindings::file,
    from: *const c_char,
    len: usize,
    _position: *mut bindings::loff_t,
) -> isize {
    // SAFETY: the kernel passed the file to this operation.
    let (file, open) = unsafe { opened(file) };
    open.note(abi::OP_WRITE);
    let memory = UserMemory::new(from.addr(), len);
    length(open.watch(open.device.write(memory, file.is_nonblocking())))
}

unsafe extern "C" fn llseek(
    file: *mut bindings::file,
    offset: bindings::loff_t,
    whence: c_int,
) -> bindings::loff_t {
    // SAFETY: the kernel passed the file to this operation.
    let (_, open) = unsafe { opened(file) };
    open.note(abi::OP_LLSEEK);
    match open.seek(offset, whence == bindings::SEEK_CUR as c_int) {
        Ok(position) => position,
        Err(error) => error.to_errno().into(),
    }
}

unsafe extern "C" fn poll(
    file: *mut bindings::file,
    table: *mut bindings::poll_table,
) -> bindings::__poll_t {
    // SAFETY: the kernel passed the file to this operation.
    let (file, open) = unsafe { opened(file) };
    open.note(abi::OP_POLL);
    open.device.counters.polls.inc();
    let queue = &open.device.queue;
    // SAFETY: the file keeps the device, and so its queues.
    unsafe {
        file.poll_wait(&queue.readers, table);
        file.poll_wait(&queue.writers, table);
    }
    open.device.events()
}

unsafe extern "C" fn unlocked_ioctl(
    file: *mut bindings::file,
    command: c_uint,
    argument: c_ulong,
) -> c_long {
    // SAFETY: the kernel passed the file to this operation.
    let (_, open) = unsafe { opened(file) };
    open.note(abi::OP_IOCTL);
    open.device.counters.ioctls.inc();
    match open.watch(ioctl::run(&open.device, command, argument as usize)) {
        Ok(value) => value.into(),
        Err(error) => error.to_errno().into(),
    }
}
