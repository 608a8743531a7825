//! Packs the initramfs: the guest's program, the files that it is given, and the
//! empty directories that are mounted on. Which files is the caller's matter.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use cpio::newc;

const DIRECTORY: u32 = 0o040_755;
const PROGRAM: u32 = 0o100_755;
const DATA: u32 = 0o100_644;

/// A file for the guest: where it finds it, and what is in it.
pub struct Content {
    pub path: String,
    pub bytes: Vec<u8>,
}

impl Content {
    /// What a file of the host holds.
    pub fn copy(path: impl Into<String>, file: &Path) -> Result<Self> {
        Ok(Self {
            path: path.into(),
            bytes: read(file)?,
        })
    }

    /// A text.
    pub fn text(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            bytes: text.into().into_bytes(),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("reading {}", path.display()))
}

/// Writes the archive beside `path` and renames it there.
pub fn write(path: &Path, program: &Path, files: &[Content]) -> Result<()> {
    let partial = path.with_extension("partial");
    let file = File::create(&partial).with_context(|| format!("creating {}", partial.display()))?;
    let mut archive = Archive {
        out: BufWriter::new(file),
        inode: 0,
    };
    let packed: Result<()> = (|| {
        for directory in ["dev", "proc", "sys", "tmp"] {
            archive.add(directory, DIRECTORY, &[])?;
        }
        archive.add("init", PROGRAM, &read(program)?)?;
        for file in files {
            archive.add(relative(&file.path), DATA, &file.bytes)?;
        }
        newc::trailer(archive.out)?.flush()?;
        fs::rename(&partial, path)?;
        Ok(())
    })();
    if packed.is_err() {
        // Half an archive is of no use to anybody.
        let _ = fs::remove_file(&partial);
    }
    packed.with_context(|| format!("writing {}", path.display()))
}

fn relative(path: &str) -> &str {
    path.trim_start_matches('/')
}

struct Archive {
    out: BufWriter<File>,
    inode: u32,
}

impl Archive {
    fn add(&mut self, name: &str, mode: u32, content: &[u8]) -> Result<()> {
        self.inode += 1;
        let length = u32::try_from(content.len())
            .with_context(|| format!("{name} is too large for an initramfs"))?;
        // Distinct inodes: equal ones would be hard links to the kernel.
        let mut entry = newc::Builder::new(name)
            .ino(self.inode)
            .nlink(1)
            .mode(mode)
            .write(&mut self.out, length);
        entry.write_all(content)?;
        entry.finish()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_holds_what_the_guest_looks_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        fs::write(path("program"), b"\x7fELF program").unwrap();
        fs::write(path("m.ko"), b"\x7fELF module!").unwrap();
        let files = [
            Content::copy("/m.ko", &path("m.ko")).unwrap(),
            Content::text("/instructions", "modules=m\nrounds=3\n"),
        ];
        write(&path("i.cpio"), &path("program"), &files).unwrap();

        let mut found = Vec::new();
        let mut file = File::open(path("i.cpio")).unwrap();
        loop {
            let mut reader = newc::Reader::new(file).unwrap();
            if reader.entry().is_trailer() {
                break;
            }
            let (name, mode) = (reader.entry().name().to_owned(), reader.entry().mode());
            let mut content = String::new();
            std::io::Read::read_to_string(&mut reader, &mut content).unwrap();
            found.push((name, mode, content));
            file = reader.finish().unwrap();
        }
        let has = |name: &str, mode: u32, content: &str| {
            found.contains(&(name.to_owned(), mode, content.to_owned()))
        };
        assert!(has("init", PROGRAM, "\x7fELF program"), "{found:?}");
        assert!(has("m.ko", DATA, "\x7fELF module!"));
        assert!(has("instructions", DATA, "modules=m\nrounds=3\n"));
        assert!(has("proc", DIRECTORY, ""));
        assert!(!path("i.partial").exists());
    }

    #[test]
    fn a_missing_file_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let error = Content::copy("/no.ko", &path("no.ko")).err().unwrap();
        assert!(format!("{error:#}").contains("no.ko"));
        let error = write(&path("i.cpio"), &path("no-program"), &[]).unwrap_err();
        assert!(format!("{error:#}").contains("no-program"));
        assert!(!path("i.cpio").exists() && !path("i.partial").exists());
    }
}
