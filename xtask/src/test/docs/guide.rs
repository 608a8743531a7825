//! That the two first chapters of the guide work: the files that they show are written
//! into an empty directory, and built there as the chapters say.
//!
//! A file is a block of code behind a paragraph that begins with its name. Not here: what
//! is installed by then, which is this workspace's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde_json::Value;

use crate::command;
use crate::kernels::{self, Arch};
use crate::test::package::PUBLISHED;

/// Tries the chapters of the workspace at `root`.
pub fn check(root: &Path) -> Result<()> {
    let arch = Arch::host().context("helpers are inlined for x86_64 and aarch64 alone")?;
    module(root, arch)?;
    ffi(root)
}

/// The kernel module: made, and loaded in a virtual machine.
fn module(root: &Path, arch: Arch) -> Result<()> {
    let project = Project::write(root, "kernel-module.md")?;
    let kernels = kernels::installed(&kernels::directory(root));
    let kernel = kernels.into_iter().find(|kernel| kernel.arch == arch);
    let kernel = kernel.context("no kernel is there; mend it with: cargo xtask kernels fetch")?;
    let xtask = || -> Result<Command> {
        let mut xtask = Command::new(command::own_program(&root.join("target/guide"))?);
        project.prepare(&mut xtask);
        Ok(xtask)
    };
    let out = project.dir.path().join("out");
    let mut dist = xtask()?;
    dist.args(["dist", "--manifest-path"])
        .arg(project.dir.path().join("Cargo.toml"))
        .arg("--kernel")
        .arg(&kernel.build_dir)
        .arg("--out")
        .arg(&out);
    command::run(&mut dist)?;
    let made = out.join(arch.module_target()).join(&kernel.release);
    let report: Value = serde_json::from_str(&fs::read_to_string(made.join("report.json"))?)?;
    let inlined = report["summary"]["inlined"].as_u64().unwrap_or_default();
    ensure!(
        inlined >= 4,
        "the chapter's module has {inlined} inlined calls"
    );
    let mut boot = xtask()?;
    boot.args(["boot", "--kernel"]).arg(&kernel.build_dir);
    command::run(boot.arg("--ko").arg(made.join("hello.ko")))?;
    println!("the guide's module is built, with {inlined} calls inlined, and loads");
    Ok(())
}

/// The FFI crate: its own test, with all helpers inlined.
fn ffi(root: &Path) -> Result<()> {
    let project = Project::write(root, "ffi-crate.md")?;
    let wrapper = super::super::examples::build_wrapper(root)?;
    let mut cargo = command::cargo();
    project.prepare(&mut cargo);
    cargo.args(["test", "--release", "--offline", "--quiet"]);
    find_wrapper(&mut cargo, &wrapper)?;
    command::run(&mut cargo)?;
    let mut report = Command::new(&wrapper);
    project.prepare(&mut report);
    report.args(["helper-inline", "report", "--json", "--"]);
    report.args(["test", "--no-run", "--release", "--offline", "--quiet"]);
    find_wrapper(&mut report, &wrapper)?;
    let report: Value = serde_json::from_str(&command::output(&mut report)?)?;
    let crates = report["crates"].as_array().context("no crates")?;
    let helpers = crates
        .iter()
        .flat_map(|c| c["helpers"].as_array())
        .flatten();
    let states: Vec<&Value> = helpers.map(|helper| &helper["state"]).collect();
    ensure!(
        states.len() >= 2 && states.iter().all(|state| *state == "inlined"),
        "the chapter's crate has helpers in these states: {states:?}"
    );
    println!(
        "the guide's FFI crate passes its test, with {} helpers inlined",
        states.len()
    );
    Ok(())
}

/// Has cargo find the wrapper by its name, as after `cargo install`.
fn find_wrapper(command: &mut Command, wrapper: &Path) -> Result<()> {
    let own = wrapper.parent().map(Path::to_owned);
    let path = own.into_iter().chain(command::search_path());
    command
        .env("PATH", std::env::join_paths(path)?)
        .env("HELPER_INLINE_POLICY", "require");
    Ok(())
}

/// What a chapter shows, in a directory of its own.
struct Project {
    dir: tempfile::TempDir,
    target: PathBuf,
}

impl Project {
    fn write(root: &Path, chapter: &str) -> Result<Project> {
        let dir = tempfile::tempdir()?;
        let text = fs::read_to_string(root.join("docs/guide").join(chapter))?;
        let mut files = files(&text);
        let manifest = files.get_mut("Cargo.toml").context("no Cargo.toml")?;
        manifest.push_str("\n[patch.crates-io]\n");
        for name in PUBLISHED {
            *manifest += &format!("{name} = {{ path = {:?} }}\n", root.join(name));
        }
        // The versions that are here.
        let lock = fs::read_to_string(root.join("Cargo.lock"))?;
        files.insert("Cargo.lock".to_owned(), lock);
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().context("a file is in a directory")?)?;
            fs::write(path, text)?;
        }
        // Where the same packages are compiled already.
        let target = root.join("target");
        Ok(Project { dir, target })
    }

    /// Has a command run there.
    fn prepare(&self, command: &mut Command) {
        command
            .current_dir(self.dir.path())
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_NET_OFFLINE", "true")
            // As what is compiled already, which the chapters' profiles would change.
            .env("CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_DEBUG", "none")
            .env_remove("CARGO_MANIFEST_DIR")
            .env_remove("HELPER_INLINE_KERNEL");
    }
}

/// The files that a chapter shows, by their names.
fn files(chapter: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    // The paragraph's first word when that is code.
    let mut name: Option<String> = None;
    let mut begins = false;
    let mut block: Option<String> = None;
    for event in Parser::new(chapter) {
        let begun = std::mem::take(&mut begins);
        match event {
            Event::Start(Tag::Paragraph) => (begins, name) = (true, None),
            Event::Start(Tag::Heading { .. }) => name = None,
            Event::Code(code) if begun => name = Some(code.into_string()),
            Event::Start(Tag::CodeBlock(_)) => block = Some(String::new()),
            Event::Text(text) => {
                if let Some(block) = &mut block {
                    block.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                let text = block.take().unwrap_or_default();
                files.extend(name.take().map(|name| (name, text)));
            }
            _ => {}
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_the_blocks_behind_their_names() {
        let chapter = "Do this:\n\n```sh\nls\n```\n\n`a/b.c` is C,\nas `c.h` is:\n\n```c\nint a;\n```\n\n```c\nint b;\n```\n";
        let files = files(chapter);
        assert_eq!(files, [("a/b.c".to_owned(), "int a;\n".to_owned())].into());
    }
}
