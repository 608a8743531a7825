//! Debian package files to a kernel tree that can be moved: chosen paths only,
//! and no path in it that needs the packages installed. Where the packages come
//! from is not its matter.

use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cli::command;

/// Unpacks what lies under one of `prefixes` (such as `boot`) in a `.deb` into `tree`.
/// `on_bytes` hears how many bytes of the package's content have passed.
pub fn unpack(deb: &Path, tree: &Path, prefixes: &[&str], on_bytes: impl FnMut(u64)) -> Result<()> {
    let mut dpkg = Command::new("dpkg-deb");
    dpkg.arg("--fsys-tarfile").arg(deb);
    dpkg.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command::spawn(&mut dpkg)?;
    let stdout = child
        .stdout
        .take()
        .context("dpkg-deb's output was not piped")?;
    let written = extract(Counting::new(stdout, on_bytes), tree, prefixes)
        .with_context(|| format!("unpacking {} into {}", deb.display(), tree.display()));
    if written.is_err() {
        // It would wait for ever on a pipe that nobody reads.
        let _ = child.kill();
    }
    let status = command::wait(&mut child, None)?.context("no limit was set")?;
    if written? == 0 {
        bail!(
            "{} holds nothing under {}",
            deb.display(),
            prefixes.join(", ")
        );
    }
    if !status.success() {
        bail!("`{}` failed ({status})", command::shown(&dpkg));
    }
    Ok(())
}

fn extract(mut reader: impl Read, tree: &Path, prefixes: &[&str]) -> Result<usize> {
    let mut written = 0;
    let mut archive = tar::Archive::new(&mut reader);
    for entry in archive.entries()? {
        command::check_interrupt()?;
        let mut entry = entry?;
        let path: PathBuf = entry
            .path()?
            .components()
            .filter(|component| !matches!(component, Component::CurDir))
            .collect();
        let wanted = prefixes.iter().any(|prefix| path.starts_with(prefix));
        if wanted && entry.unpack_in(tree)? {
            written += 1;
        }
    }
    // The rest of the last block, so that the writer ends well and not on a broken pipe.
    std::io::copy(&mut reader, &mut std::io::sink())?;
    Ok(written)
}

/// Debian's flavour Makefile includes the common one by its installed path, and
/// may name its own directory so. The path from the Makefile itself works wherever
/// the tree is.
pub fn make_movable(build_dir: &Path) -> Result<()> {
    let makefile = build_dir.join("Makefile");
    let text = std::fs::read_to_string(&makefile)
        .with_context(|| format!("reading {}", makefile.display()))?;
    let mended = movable(&text);
    if mended.contains("/usr/src/") {
        bail!(
            "{} names the installed headers in a way that is not known:\n{text}",
            makefile.display()
        );
    }
    std::fs::write(&makefile, mended).with_context(|| format!("writing {}", makefile.display()))
}

fn movable(makefile: &str) -> String {
    const HERE: &str = "$(dir $(lastword $(MAKEFILE_LIST)))";
    let lines = makefile.lines().map(|line| {
        if line.starts_with("KBUILD_OUTPUT=/usr/src/") {
            format!("KBUILD_OUTPUT:=$(realpath {HERE})\n")
        } else {
            line.replace("include /usr/src/", &format!("include {HERE}../")) + "\n"
        }
    });
    lines.collect()
}

struct Counting<R, F> {
    inner: R,
    bytes: u64,
    on_bytes: F,
}

impl<R: Read, F: FnMut(u64)> Counting<R, F> {
    fn new(inner: R, on_bytes: F) -> Self {
        Self {
            inner,
            bytes: 0,
            on_bytes,
        }
    }
}

impl<R: Read, F: FnMut(u64)> Read for Counting<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes += read as u64;
        (self.on_bytes)(self.bytes);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(paths: &[&str]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for path in paths {
            let mut header = tar::Header::new_gnu();
            header.set_size(2);
            header.set_mode(0o644);
            header.set_cksum();
            builder.append_data(&mut header, path, &b"hi"[..]).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn only_the_wanted_paths_are_unpacked() {
        let tree = tempfile::tempdir().unwrap();
        let tar = archive(&["./boot/vmlinuz-1", "./lib/modules/1/a.ko", "./bootstrap"]);
        assert_eq!(extract(&tar[..], tree.path(), &["boot"]).unwrap(), 1);
        assert!(tree.path().join("boot/vmlinuz-1").is_file());
        assert!(!tree.path().join("lib").exists());
        assert!(!tree.path().join("bootstrap").exists());
    }

    #[test]
    fn a_truncated_archive_is_an_error() {
        let tree = tempfile::tempdir().unwrap();
        let tar = archive(&["./boot/vmlinuz-1"]);
        assert!(extract(&tar[..513], tree.path(), &["boot"]).is_err());
    }

    #[test]
    fn a_file_that_is_no_package_is_named() {
        let tree = tempfile::tempdir().unwrap();
        let deb = tree.path().join("broken.deb");
        std::fs::write(&deb, "not a package").unwrap();
        let error = unpack(&deb, tree.path(), &["boot"], |_| ()).unwrap_err();
        assert!(format!("{error:#}").contains("broken.deb"), "{error:#}");
    }

    #[test]
    fn the_flavour_makefile_finds_the_common_one_from_anywhere() {
        let root = tempfile::tempdir().unwrap();
        let source = root.path().join("src");
        let flavour = source.join("linux-headers-1-amd64");
        let common = source.join("linux-headers-1-common");
        std::fs::create_dir_all(&flavour).unwrap();
        std::fs::create_dir_all(&common).unwrap();
        std::fs::write(
            common.join("Makefile"),
            "found:\n\t@echo found in $(KBUILD_OUTPUT)\n",
        )
        .unwrap();
        let lines = "KBUILD_OUTPUT=/usr/src/linux-headers-1-amd64\n\
                     include /usr/src/linux-headers-1-common/Makefile\n";
        std::fs::write(flavour.join("Makefile"), lines).unwrap();
        make_movable(&flavour).unwrap();

        let moved = root.path().join("elsewhere");
        std::fs::rename(&source, &moved).unwrap();
        let directory = moved.join("linux-headers-1-amd64").canonicalize().unwrap();
        let found = format!("found in {}\n", directory.display());
        let mut by_directory = Command::new("make");
        by_directory.arg("-sC").arg(&directory);
        assert_eq!(command::output(&mut by_directory).unwrap(), found);
        let mut by_file = Command::new("make");
        by_file.arg("-sf").arg(directory.join("Makefile"));
        assert_eq!(command::output(&mut by_file).unwrap(), found);
    }
}
