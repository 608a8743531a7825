//! What tells a program or a shared library from another: its linker's digest of it.
//!
//! Cheap enough for what is asked at each start: a few pages are read. Not here: what of
//! an installation matters (`clang::installed`), digests that are kept (`memo`).

use super::content;
use object::elf::{ELF_NOTE_GNU, FileHeader64, NT_GNU_BUILD_ID};
use object::read::elf::{FileHeader as _, ProgramHeader as _};
use object::{Endianness, ReadCache};
use std::fs::File;
use std::path::Path;

/// The content of a program: its build id and its size, of which the latter tells what was
/// stripped or appended to. Without a build id a digest of all of it.
pub(crate) fn of_program(path: &Path) -> String {
    build_id(path).unwrap_or_else(|| content(path))
}

fn build_id(path: &Path) -> Option<String> {
    let file = File::open(path).ok()?;
    let metadata = file.metadata().ok()?;
    // A device or a pipe may have no end.
    if !metadata.is_file() {
        return None;
    }
    let cache = ReadCache::new(file);
    let id = note(&cache)?;
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("{id}.{:x}", metadata.len()))
}

/// The build id, by the program headers alone: reading symbols of a large program takes
/// longer than all else that is done at a start.
fn note(file: &ReadCache<File>) -> Option<&[u8]> {
    let header = FileHeader64::<Endianness>::parse(file).ok()?;
    let endian = header.endian().ok()?;
    for segment in header.program_headers(endian, file).ok()? {
        let Ok(Some(mut notes)) = segment.notes(endian, file) else {
            continue;
        };
        while let Ok(Some(note)) = notes.next() {
            if note.name() == ELF_NOTE_GNU && note.n_type(endian) == NT_GNU_BUILD_ID {
                return Some(note.desc());
            }
        }
    }
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_program_of_other_content_is_another() {
        let own = std::env::current_exe().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let [copy, longer, script, other] =
            ["copy", "longer", "script", "other"].map(|name| dir.path().join(name));
        for path in [&copy, &longer] {
            std::fs::copy(&own, path).unwrap();
        }
        assert_eq!(of_program(&copy), of_program(&own));
        let mut file = File::options().append(true).open(&longer).unwrap();
        file.write_all(b"x").unwrap();
        assert_ne!(of_program(&longer), of_program(&own));
        // What is no object, and what is not there.
        std::fs::write(&script, "#!/bin/sh\n# 1\n").unwrap();
        std::fs::write(&other, "#!/bin/sh\n# 2\n").unwrap();
        assert_ne!(of_program(&script), of_program(&other));
        assert_eq!(of_program(Path::new("/no/such")), "unreadable:NotFound");
        assert_eq!(of_program(Path::new("/dev/zero")), "unreadable:Other");
    }
}
