//! A damaged input in front of the whole command: `dist` as a process, with a cargo
//! that has already built.
//!
//! The stand-in for cargo answers with what cargo said of such a workspace, so a
//! run costs milliseconds. Not here: the faster way, without the command (`trial`).

use super::originals::{Originals, write};
use super::trial::{Ending, LIMIT, left, panicked};
use crate::command;
use anyhow::{Context as _, Result};
use helper_inline_build::link::child;
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Answers from files in the directory that it is asked in.
const CARGO: &str =
    "#!/bin/sh\ncase \"$1\" in metadata) cat metadata.json ;; *) cat build.json ;; esac\n";

const PACKAGE: &str = "path+file:///mutated#0.0.0";

/// The stand-in for cargo.
pub struct Cargo(PathBuf);

impl Cargo {
    pub fn write(dir: &Path) -> Result<Cargo> {
        let path = dir.join("cargo");
        write(&path, CARGO.as_bytes())?;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, mode).context("cannot make a script executable")?;
        Ok(Cargo(path))
    }
}

/// A workspace that cargo has built.
pub struct Workspace<'a> {
    originals: &'a Originals,
    dir: PathBuf,
    pub manifest: PathBuf,
    pub helpers: PathBuf,
    pub module: PathBuf,
}

impl<'a> Workspace<'a> {
    /// Makes it in a directory, of whole inputs.
    pub fn make(originals: &'a Originals, dir: &Path) -> Result<Workspace<'a>> {
        let built = dir
            .join("target/dist/.build")
            .join(originals.target)
            .join("release");
        let (deps, out) = (built.join("deps"), built.join("build/mutated-1/out"));
        for dir in [&deps, &out] {
            std::fs::create_dir_all(dir).context("cannot make a directory")?;
        }
        let workspace = Workspace {
            originals,
            dir: dir.to_owned(),
            manifest: out.join("helper-inline.json"),
            helpers: out.join("helpers.bc"),
            module: deps.join("mutated-1.bc"),
        };
        let copy = |from: &Path, to: &Path| {
            std::fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))
        };
        copy(&originals.helpers, &workspace.helpers)?;
        copy(&originals.module, &workspace.module)?;
        let library = deps.join("library-1.bc");
        copy(&originals.dir.join("library.bc"), &library)?;
        let more = built.join("build/more-1/out");
        std::fs::create_dir_all(&more).context("cannot make a directory")?;
        let manifests = [
            (workspace.manifest.clone(), workspace.helpers.clone()),
            (more.join("helper-inline.json"), originals.more.clone()),
        ];
        let mut lines = Vec::new();
        for (manifest, bitcode) in &manifests {
            let text = serde_json::to_vec(&originals.manifest(bitcode))?;
            write(manifest, &text)?;
            lines.push(script(manifest));
        }
        lines.push(artifact("library", &library));
        lines.push(artifact("mutated", &workspace.module));
        lines.push(json!({"reason": "build-finished", "success": true}));
        let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
        write(&dir.join("build.json"), lines.as_bytes())?;
        write(
            &dir.join("metadata.json"),
            metadata(dir).to_string().as_bytes(),
        )?;
        write(&dir.join("Cargo.toml"), b"")?;
        Ok(workspace)
    }

    /// Runs `dist` on it.
    pub fn dist(&self, cargo: &Cargo) -> Result<Ending> {
        let out = self.dir.join("out");
        let log = self.dir.join("dist.log");
        let errors = std::fs::File::create(&log).context("cannot write a log")?;
        let mut dist = Command::new(child::program());
        dist.args(["dist", "--target", self.originals.target, "--manifest-path"])
            .arg(self.dir.join("Cargo.toml"))
            .arg("--out")
            .arg(&out)
            .env("CARGO", &cargo.0)
            .env("HELPER_INLINE_LINK_TIMEOUT", LIMIT.as_secs().to_string())
            .env_remove("HELPER_INLINE_KERNEL")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors);
        let limit = LIMIT * 2 + Duration::from_secs(20);
        let status = command::wait(&mut command::spawn(&mut dist)?, Some(limit))?;
        let made = if out.exists() {
            files(&out)?
        } else {
            Vec::new()
        };
        let said = std::fs::read(&log).context("cannot read a log")?;
        let told = || String::from_utf8_lossy(&said).trim().to_owned();
        let Some(status) = status else {
            return Ok(Err("dist does not end".into()));
        };
        let expected: &[&str] = match status.code() {
            Some(0) => &[".mutated.stamp", "mutated.o", "report.html", "report.json"],
            Some(1) => &["report.html", "report.json"],
            Some(2 | 3) => &[],
            _ => return Ok(Err(format!("dist ended with {status}: {}", told()))),
        };
        Ok(if panicked(&said) {
            Err(format!("dist or its child panicked: {}", told()))
        } else if made != expected {
            Err(format!(
                "dist ended with {status} and left {made:?}: {}",
                told()
            ))
        } else {
            match status.code() {
                Some(0) => Ok("dist: made"),
                Some(1) => Ok("dist: a helper stayed"),
                _ => Ok("dist: refused"),
            }
        })
    }
}

/// The names of all files below a directory.
fn files(dir: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for name in left(dir)? {
        let path = dir.join(&name);
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(name),
        }
    }
    found.sort();
    Ok(found)
}

fn target(name: &str, kind: &str) -> serde_json::Value {
    json!({
        "kind": [kind], "crate_types": [kind], "name": name, "src_path": "/mutated/lib.rs",
        "edition": "2024", "doc": true, "doctest": false, "test": false,
    })
}

fn metadata(dir: &Path) -> serde_json::Value {
    json!({
        "packages": [{
            "name": "mutated", "version": "0.0.0", "id": PACKAGE, "source": null,
            "dependencies": [], "targets": [target("mutated", "lib")], "features": {},
            "manifest_path": dir.join("Cargo.toml"), "edition": "2024",
            "metadata": {"helper-inline": {"module": "mutated"}},
        }],
        "workspace_members": [PACKAGE], "workspace_default_members": [PACKAGE],
        "resolve": null, "target_directory": dir.join("target"), "version": 1,
        "workspace_root": dir, "metadata": null,
    })
}

fn artifact(name: &str, bitcode: &Path) -> serde_json::Value {
    let metadata = bitcode.with_file_name(format!("lib{name}-1.rmeta"));
    json!({
        "reason": "compiler-artifact", "package_id": PACKAGE, "manifest_path": "/mutated/Cargo.toml",
        "target": target(name, "lib"), "features": [], "filenames": [metadata],
        "executable": null, "fresh": true,
        "profile": {
            "opt_level": "3", "debuginfo": 0, "debug_assertions": false,
            "overflow_checks": false, "test": false,
        },
    })
}

fn script(manifest: &Path) -> serde_json::Value {
    json!({
        "reason": "build-script-executed", "package_id": PACKAGE, "linked_libs": [],
        "linked_paths": [], "cfgs": [], "out_dir": manifest.parent(),
        "env": [["HELPER_INLINE_MANIFEST", manifest]],
    })
}
