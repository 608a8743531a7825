//! The generated workspace: which crate calls which helpers and which other crates, and
//! its files.
//!
//! All of it follows from a seed. Not here: the code of one crate (`krate`) and of the
//! helpers (`helpers`).

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;

use super::helpers;
use super::krate::Krate;

/// The same workspaces each time.
const SEED: u64 = 0x7468_696e;

/// Rounds of all crates together, so that each workspace runs about as long.
const ROUNDS: usize = 60_000;

/// Helpers that a crate calls at least.
const AT_LEAST: usize = 36;

/// The package that is linked.
pub const PROGRAM: &str = "driver";

/// A generated workspace.
pub struct Workspace {
    pub dir: PathBuf,
    pub crates: usize,
    pub helpers: usize,
}

impl Workspace {
    /// Writes the files. `library` is helper-inline-build's directory, `lock` a
    /// `Cargo.lock` that has what build scripts need.
    pub fn write(
        dir: &Path,
        crates: usize,
        helpers: usize,
        library: &Path,
        lock: &Path,
    ) -> Result<Workspace> {
        let mut rng = Rng::with_seed(SEED ^ ((crates as u64) << 32) ^ helpers as u64);
        let workspace = Workspace {
            dir: dir.to_owned(),
            crates,
            helpers,
        };
        if dir.exists() {
            fs::remove_dir_all(dir).with_context(|| format!("removing {}", dir.display()))?;
        }
        workspace.put(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"bt-sys\", \"driver\", \"unit*\"]\n\n\
             [profile.release]\ncodegen-units = 1\n",
        )?;
        workspace.put("Cargo.lock", &fs::read_to_string(lock)?)?;
        workspace.put_sys(library, &mut rng)?;
        for number in 0..crates {
            workspace.put_crate(number, &mut rng)?;
        }
        workspace.put_program()?;
        Ok(workspace)
    }

    /// Replaces a constant in a crate.
    pub fn edit(&self, number: usize, from: &str, to: &str) -> Result<()> {
        let path = self.dir.join(Krate::name(number)).join("src/lib.rs");
        let text = fs::read_to_string(&path)?;
        ensure!(text.contains(from), "{} has no `{from}`", path.display());
        fs::write(&path, text.replace(from, to))
            .with_context(|| format!("writing {}", path.display()))
    }

    fn put_sys(&self, library: &Path, rng: &mut Rng) -> Result<()> {
        let manifest = format!(
            "[build-dependencies]\nhelper-inline-build = {{ path = \"{}\" }}\n",
            library.display()
        );
        self.put_manifest("bt-sys", &manifest)?;
        for (name, text) in helpers::files(self.helpers, rng) {
            self.put(&format!("bt-sys/{name}"), &text)?;
        }
        self.put(
            "bt-sys/build.rs",
            "//! Compiles the helpers.\n\nfn main() -> Result<(), helper_inline_build::Error> {\n    \
             helper_inline_build::Helpers::new()\n        .dir(\"helpers\")\n        \
             .include(\"include\")\n        .compile()\n        .map(drop)\n}\n",
        )?;
        self.put(
            "bt-sys/src/lib.rs",
            "//! Declares the helpers.\n#![allow(non_camel_case_types)]\n\n\
             include!(concat!(env!(\"OUT_DIR\"), \"/helpers.rs\"));\n",
        )
    }

    fn put_crate(&self, number: usize, rng: &mut Rng) -> Result<()> {
        let name = Krate::name(number);
        let others = others(number, rng);
        let helpers = self.helpers_of(number, rng);
        let mut manifest = String::from("[dependencies]\nbt-sys = { path = \"../bt-sys\" }\n");
        depend_on(&mut manifest, others.iter().copied());
        self.put_manifest(&name, &manifest)?;
        let krate = Krate {
            number,
            others: &others,
            helpers: &helpers,
        };
        self.put(&format!("{name}/src/lib.rs"), &krate.text(rng))
    }

    /// Each helper is called by some crate, and each crate calls some more.
    fn helpers_of(&self, number: usize, rng: &mut Rng) -> Vec<usize> {
        let mut own: Vec<usize> = (number..self.helpers).step_by(self.crates).collect();
        while own.len() < AT_LEAST {
            own.push(rng.usize(0..self.helpers));
        }
        rng.shuffle(&mut own);
        own
    }

    fn put_program(&self) -> Result<()> {
        let mut manifest = String::from("[dependencies]\n");
        depend_on(&mut manifest, 0..self.crates);
        self.put_manifest(PROGRAM, &manifest)?;
        let mut main = String::from("//! Has every driver work.\n\nfn main() {\n");
        main += "    let mut sum = 1u64;\n";
        let rounds = ROUNDS / self.crates;
        for number in 0..self.crates {
            let name = Krate::name(number);
            writeln!(
                main,
                "    sum = sum.rotate_left(1) ^ {name}::work({rounds}, sum);"
            )
            .expect("a String takes all");
        }
        main += "    println!(\"{sum:016x}\");\n}\n";
        self.put(&format!("{PROGRAM}/src/main.rs"), &main)
    }

    fn put_manifest(&self, name: &str, more: &str) -> Result<()> {
        let head = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n"
        );
        self.put(&format!("{name}/Cargo.toml"), &(head + more))
    }

    fn put(&self, file: &str, text: &str) -> Result<()> {
        let path = self.dir.join(file);
        fs::create_dir_all(path.parent().unwrap_or(&self.dir))?;
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
    }
}

/// Two or three crates before this one, so that few depend on each.
fn others(number: usize, rng: &mut Rng) -> Vec<usize> {
    if number == 0 {
        return Vec::new();
    }
    let near = rng.usize(number / 3..=number / 2);
    let mut others = vec![near];
    for _ in 0..rng.usize(1..=2) {
        others.push(rng.usize(number / 6..=number / 2));
    }
    others.retain(|other| *other < number);
    others.sort_unstable();
    others.dedup();
    others
}

fn depend_on(manifest: &mut String, crates: impl Iterator<Item = usize>) {
    for number in crates {
        let name = Krate::name(number);
        writeln!(manifest, "{name} = {{ path = \"../{name}\" }}").expect("a String takes all");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn all_helpers_are_called_and_crates_depend_on_earlier_ones() {
        let workspace = Workspace {
            dir: PathBuf::new(),
            crates: 10,
            helpers: 500,
        };
        let mut rng = Rng::with_seed(1);
        let mut called = BTreeSet::new();
        for number in 0..10 {
            called.extend(workspace.helpers_of(number, &mut rng));
            assert!(others(number, &mut rng).iter().all(|other| *other < number));
        }
        assert_eq!(called, (0..500).collect());
    }

    #[test]
    fn a_seed_makes_the_same_files_each_time() {
        let dir = tempfile::tempdir().unwrap();
        let lock = dir.path().join("lock");
        fs::write(&lock, "").unwrap();
        let made = ["a", "b"].map(|name| {
            let dir = dir.path().join(name);
            Workspace::write(&dir, 3, 60, Path::new("/library"), &lock).unwrap();
            let entries = walkdir::WalkDir::new(&dir).sort_by_file_name().into_iter();
            let files = entries
                .flatten()
                .filter(|entry| entry.file_type().is_file());
            let read = |entry: walkdir::DirEntry| {
                let name = entry.path().strip_prefix(&dir).unwrap().to_owned();
                (name, fs::read_to_string(entry.path()).unwrap())
            };
            files.map(read).collect::<Vec<_>>()
        });
        assert_eq!(made[0], made[1]);
        // Manifests of five packages and of all, two build files, sources.
        assert_eq!(made[0].len(), 6 + 2 + 2 + 3 + 2 + 1);
    }
}
