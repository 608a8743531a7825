//! Packs the initramfs: the guest's program, the module, the instructions, and
//! the empty directories that are mounted on.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use cpio::newc;
use guest::Instructions;

const DIRECTORY: u32 = 0o040_755;
const PROGRAM: u32 = 0o100_755;
const DATA: u32 = 0o100_644;

/// Writes the archive beside `path` and renames it there.
pub fn write(path: &Path, program: &Path, ko: &Path, instructions: &Instructions) -> Result<()> {
    let read = |path: &Path| fs::read(path).with_context(|| format!("reading {}", path.display()));
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
        archive.add(relative(guest::MODULE), DATA, &read(ko)?)?;
        archive.add(
            relative(guest::INSTRUCTIONS),
            DATA,
            instructions.to_text().as_bytes(),
        )?;
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
        let instructions = Instructions {
            module: "m".into(),
            rounds: 3,
        };
        write(
            &path("i.cpio"),
            &path("program"),
            &path("m.ko"),
            &instructions,
        )
        .unwrap();

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
        assert!(has("module.ko", DATA, "\x7fELF module!"));
        assert!(has("instructions", DATA, "module=m\nrounds=3\n"));
        assert!(has("proc", DIRECTORY, ""));
        assert!(!path("i.partial").exists());
    }

    #[test]
    fn a_missing_module_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        fs::write(path("program"), "x").unwrap();
        let instructions = Instructions {
            module: "m".into(),
            rounds: 3,
        };
        let error = write(
            &path("i.cpio"),
            &path("program"),
            &path("no.ko"),
            &instructions,
        );
        assert!(format!("{:#}", error.unwrap_err()).contains("no.ko"));
        assert!(!path("i.cpio").exists() && !path("i.partial").exists());
    }
}
