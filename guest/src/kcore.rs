//! The kernel's memory as it is now, through /proc/kcore.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

const FILE: &str = "/proc/kcore";

/// An open /proc/kcore, which is an ELF file of 64 bits.
pub struct Kcore {
    file: File,
    segments: Vec<Segment>,
}

/// Where the file holds a piece of memory.
struct Segment {
    offset: u64,
    address: u64,
    len: u64,
}

impl Kcore {
    /// Nothing on a kernel without it.
    pub fn open() -> Result<Option<Self>, String> {
        let file = match File::open(FILE) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{FILE}: {error}")),
        };
        let read = |offset: u64, len: usize| {
            let mut bytes = vec![0; len];
            let outcome = file.read_exact_at(&mut bytes, offset);
            outcome.map_err(|error| format!("{FILE}: {error}"))?;
            Ok::<_, String>(bytes)
        };
        // e_phoff and e_phnum of the header; 56 bytes for each segment.
        let header = read(0, 64)?;
        let count = usize::from(u16::from_le_bytes([header[56], header[57]]));
        let table = read(word(&header, 32), 56 * count)?;
        let segments = table
            .chunks(56)
            .filter(|entry| entry[..4] == [1, 0, 0, 0])
            .map(|entry| Segment {
                offset: word(entry, 8),
                address: word(entry, 16),
                len: word(entry, 32),
            })
            .collect();
        Ok(Some(Self { file, segments }))
    }

    /// So many bytes at an address of the kernel's.
    pub fn read(&self, address: u64, len: u64) -> Result<Vec<u8>, String> {
        let holds = |segment: &&Segment| {
            let start = address.checked_sub(segment.address);
            start.is_some_and(|start| start < segment.len && segment.len - start >= len)
        };
        let segment = self.segments.iter().find(holds);
        let segment = segment.ok_or_else(|| format!("{FILE} does not have {address:#x}"))?;
        let mut bytes = vec![0; len as usize];
        self.file
            .read_exact_at(&mut bytes, segment.offset + (address - segment.address))
            .map_err(|error| format!("{FILE}, {address:#x}: {error}"))?;
        Ok(bytes)
    }
}

fn word(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}
