//! What tells a program or a shared library from another: its linker's digest of it.
//!
//! Cheap enough for what is asked at each start: a few pages are read. Not here: what of
//! an installation matters (`clang::installed`), digests that are kept (`memo`).

use super::content;
use object::{Object as _, ReadCache};
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
    let object = object::File::parse(&cache).ok()?;
    let id = object.build_id().ok()??;
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("{id}.{:x}", metadata.len()))
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
