//! A ring that reads a file, and entries without a ring.

use example_liburing::{Read, Ring, sys};
use std::fs::File;
use std::io::{self, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::AsFd as _;
use std::path::PathBuf;

/// A ring, or `None` where the kernel says that there can be none: a container may
/// forbid it, and an emulator lack it. Said past the test harness, which would keep it
/// to itself.
fn ring(entries: u32) -> Option<Ring> {
    match Ring::new(entries) {
        Ok(ring) => Some(ring),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied
            ) =>
        {
            let mut stderr = io::stderr();
            writeln!(stderr, "NO RING, NOTHING READ: {error}").unwrap();
            None
        }
        Err(error) => panic!("io_uring_queue_init: {error}"),
    }
}

/// A file of `len` bytes that differ from place to place.
fn file(name: &str, len: usize) -> (File, Vec<u8>) {
    let content: Vec<u8> = (0..len as u64)
        .map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8)
        .collect();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, &content).unwrap();
    (File::open(path).unwrap(), content)
}

#[test]
fn a_file_is_read_in_more_pieces_than_the_ring_has_entries() {
    const PIECE: usize = 4096;
    let Some(mut ring) = ring(8) else { return };
    let (file, content) = file("pieces", 100 * PIECE + 123);
    let mut read_back = vec![0; content.len()];
    let mut reads: Vec<Read> = read_back
        .chunks_mut(PIECE)
        .enumerate()
        .map(|(number, buffer)| Read {
            file: file.as_fd(),
            offset: (number * PIECE) as u64,
            buffer,
        })
        .collect();
    // The ring serves again.
    for _ in 0..3 {
        reads.iter_mut().for_each(|read| read.buffer.fill(0));
        let results = ring.read(&mut reads);
        assert_eq!(results.len(), 101);
        for (number, result) in results.into_iter().enumerate() {
            let expected = if number < 100 { PIECE } else { 123 };
            assert_eq!(result.unwrap(), expected, "piece {number}");
        }
    }
    assert!(read_back == content, "the pieces are not the file's");
}

#[test]
fn each_read_has_its_own_result() {
    let Some(mut ring) = ring(4) else { return };
    let (file, content) = file("results", 1000);
    let unreadable = File::create(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("w")).unwrap();
    let mut buffers = [[0; 64]; 3];
    let [across_the_end, behind_it, of_another] = &mut buffers;
    let mut reads = [
        Read {
            file: file.as_fd(),
            offset: 990,
            buffer: across_the_end,
        },
        Read {
            file: file.as_fd(),
            offset: 2000,
            buffer: behind_it,
        },
        Read {
            file: unreadable.as_fd(),
            offset: 0,
            buffer: of_another,
        },
    ];
    let results = ring.read(&mut reads);
    assert_eq!(*results[0].as_ref().unwrap(), 10);
    assert_eq!(*results[1].as_ref().unwrap(), 0);
    const EBADF: i32 = 9;
    assert_eq!(results[2].as_ref().unwrap_err().raw_os_error(), Some(EBADF));
    assert_eq!(buffers[0][..10], content[990..]);
    assert_eq!(buffers[0][10..], [0; 54]);
}

#[test]
fn an_entry_is_prepared_without_a_ring() {
    let mut entry = MaybeUninit::<sys::io_uring_sqe>::zeroed();
    let mut buffer = [0; 16];
    let address = buffer.as_mut_ptr();
    // SAFETY: an entry is made of integers; nobody carries it out.
    let entry = unsafe {
        sys::io_uring_prep_read(entry.as_mut_ptr(), 7, address.cast(), 16, 1 << 40);
        sys::io_uring_sqe_set_data64(entry.as_mut_ptr(), 0x1234_5678_9abc_def0);
        entry.assume_init()
    };
    assert_eq!(u32::from(entry.opcode), sys::io_uring_op_IORING_OP_READ);
    assert_eq!((entry.fd, entry.len), (7, 16));
    assert_eq!(entry.user_data, 0x1234_5678_9abc_def0);
    // SAFETY: these are the members that a read uses.
    let (offset, data) = unsafe { (entry.__bindgen_anon_1.off, entry.__bindgen_anon_2.addr) };
    assert_eq!((offset, data), (1 << 40, address as u64));
}
