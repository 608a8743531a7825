//! The ways to link the generated program, and what each leaves between two links.
//!
//! All begin with bitcode: crates are compiled before, and that does not count. Not
//! here: the order of things, and what is counted of the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use helper_inline_build::prove::{Report, ThinReport};
use helper_inline_build::{Clang, Rustc};

use super::usage::{self, Usage};
use super::workspace::{PROGRAM, Workspace};
use crate::command;

/// A way to link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    One,
    Thin,
    Plugin,
}

impl Way {
    pub const ALL: [Way; 3] = [Way::One, Way::Thin, Way::Plugin];

    /// What it is, for the table.
    pub fn what(self) -> &'static str {
        match self {
            Way::One => "`dist`, one unit",
            Way::Thin => "`dist --lto thin`",
            Way::Plugin => "`-Clinker-plugin-lto`, lld",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Way::One => "one",
            Way::Thin => "thin",
            Way::Plugin => "plugin",
        }
    }
}

/// One link.
#[derive(Debug, Clone, Copy, Default)]
pub struct Link {
    pub usage: Usage,
    /// Units that were compiled.
    pub back_ends: usize,
}

/// Links one workspace's program.
pub struct Linker<'a> {
    workspace: &'a Workspace,
    clang: Clang,
    host: String,
    /// This program, optimized.
    xtask: PathBuf,
    /// Where all is but the sources.
    base: PathBuf,
    /// The last command by which rustc had lld link.
    line: String,
}

impl<'a> Linker<'a> {
    pub fn new(workspace: &'a Workspace, root: &Path, base: &Path) -> Result<Linker<'a>> {
        let rustc = Rustc::from_env()?;
        Ok(Linker {
            workspace,
            clang: Clang::find(rustc.llvm)?,
            host: rustc.host,
            xtask: root.join("target/release/xtask"),
            base: base.to_owned(),
            line: String::new(),
        })
    }

    /// Compiles all crates for all ways, and links in one way or another as that goes.
    pub fn compile(&mut self) -> Result<()> {
        command::output(&mut self.dist("one", &self.base.join("out/compile")))?;
        let cache = self.state(Way::Plugin).unwrap_or_default();
        let linker = self.clang.path.display();
        let flags = format!(
            "-Clinker-plugin-lto -Clinker={linker} -Clink-arg=-fuse-ld=lld \
             -Clink-arg=-Wl,--thinlto-cache-dir={}",
            cache.display()
        );
        let mut cargo = command::cargo();
        cargo
            .current_dir(&self.workspace.dir)
            .args(["rustc", "--release", "--quiet", "--package", PROGRAM])
            .args(["--target", &self.host, "--target-dir"])
            .arg(self.base.join("plugin"))
            // What rustc links of stays, and is linked of again.
            .args(["--", "-Csave-temps", "--print=link-args"])
            .env("RUSTFLAGS", flags)
            .env("CFLAGS", "-flto=thin");
        self.line = command::output(self.with_clang(&mut cargo))?;
        ensure!(
            self.line.contains("\"-o\" \""),
            "rustc did not say how it links: {}",
            self.line
        );
        Ok(())
    }

    /// Links with nothing there of an earlier link.
    pub fn clean(&self, way: Way, cores: usize) -> Result<Link> {
        if let Some(state) = self.state(way) {
            remove(&state)?;
        }
        self.again(way, cores)
    }

    /// Links with what an earlier link left.
    pub fn again(&self, way: Way, cores: usize) -> Result<Link> {
        match way {
            Way::Plugin => {
                let cache = self.state(way).unwrap_or_default();
                let before = count(&cache);
                let mut shell = Command::new("sh");
                shell
                    .current_dir(&self.workspace.dir)
                    .args(["-c", &format!("exec env {}", self.line)]);
                let usage = usage::measure(&shell, cores)?;
                let back_ends = count(&cache) - before;
                Ok(Link { usage, back_ends })
            }
            Way::One | Way::Thin => {
                let out = self.out(way);
                remove(&out)?;
                let mut usage = usage::measure(&self.dist(way.name(), &out), cores)?;
                let report = self.report(way)?;
                let cargo = report.timings_ms.get("cargo build");
                // Where it found that there was nothing to compile.
                usage.seconds -= *cargo.context("a report without times")? as f64 / 1000.0;
                let back_ends = report.thin.map_or(1, |thin| ran(&thin));
                Ok(Link { usage, back_ends })
            }
        }
    }

    /// Keeps what a way's last link left.
    pub fn keep(&self, way: Way) -> Result<()> {
        let Some(state) = self.state(way) else {
            return Ok(());
        };
        copy(&state, &state.with_extension("kept"))
    }

    /// Puts back what was kept.
    pub fn restore(&self, way: Way) -> Result<()> {
        let Some(state) = self.state(way) else {
            return Ok(());
        };
        copy(&state.with_extension("kept"), &state)
    }

    /// The program.
    pub fn program(&self, way: Way) -> Result<PathBuf> {
        if way != Way::Plugin {
            return Ok(self.out(way).join(&self.host).join(PROGRAM));
        }
        let after = self.line.split("\"-o\" \"").nth(1);
        let path = after.and_then(|rest| rest.split('"').next());
        Ok(PathBuf::from(path.context("rustc's link has no output")?))
    }

    pub fn report(&self, way: Way) -> Result<Report> {
        let path = self.out(way).join(&self.host).join("report.json");
        let text = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Bytes of bitcode of each crate.
    pub fn units(&self) -> Result<Vec<u64>> {
        let thin = self.report(Way::Thin)?.thin.context("no thin link")?;
        let deps = format!("target/dist/.build/{}/release/deps", self.host);
        let deps = self.base.join(deps);
        let sizes = thin.back_ends.iter().map(|back_end| {
            let path = deps.join(format!("{}.bc", back_end.unit));
            let metadata = path.metadata();
            let metadata = metadata.with_context(|| format!("reading {}", path.display()))?;
            Ok(metadata.len())
        });
        sizes.collect()
    }

    fn dist(&self, lto: &str, out: &Path) -> Command {
        let mut dist = Command::new(&self.xtask);
        dist.args(["dist", "--package", PROGRAM, "--lto", lto])
            .args(["--target", &self.host, "--manifest-path"])
            .arg(self.workspace.dir.join("Cargo.toml"))
            .arg("--out")
            .arg(out)
            .env("CARGO_TARGET_DIR", self.base.join("target"));
        self.with_clang(&mut dist);
        dist
    }

    fn with_clang<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        for variable in [
            "RUSTC_WRAPPER",
            "HELPER_INLINE_POLICY",
            "HELPER_INLINE_LLVM",
        ] {
            command.env_remove(variable);
        }
        command.env("HELPER_INLINE_CLANG", &self.clang.path)
    }

    fn out(&self, way: Way) -> PathBuf {
        self.base.join("out").join(way.name())
    }

    /// Where a way has what the next link needs not do again.
    fn state(&self, way: Way) -> Option<PathBuf> {
        match way {
            Way::One => None,
            Way::Thin => Some(self.base.join("target/dist/.build/thin")),
            Way::Plugin => Some(self.base.join("lld-cache")),
        }
    }
}

fn ran(thin: &ThinReport) -> usize {
    thin.back_ends
        .iter()
        .filter(|back_end| back_end.ran)
        .count()
}

fn count(cache: &Path) -> usize {
    let entries = fs::read_dir(cache).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name());
    let kept = |name: &std::ffi::OsString| name.to_string_lossy().starts_with("llvmcache-");
    names.filter(kept).count()
}

fn remove(dir: &Path) -> Result<()> {
    match dir.exists() {
        true => fs::remove_dir_all(dir).with_context(|| format!("removing {}", dir.display())),
        false => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    remove(to)?;
    command::run(Command::new("cp").arg("-a").args([from, to]))
}
