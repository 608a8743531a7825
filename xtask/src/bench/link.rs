//! The link engine against `llvm-link --internalize` and clang as processes, on
//! generated helpers.
//!
//! Both make an object of the same bitcode, in turn, and the ratio is that of
//! each pair: the machine's speed drifts, ratios do not. Not here: compiling the
//! sources.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use helper_inline_build::link::job::{CrateInput, HelperInput, Job};
use helper_inline_build::link::{child, find_llvm_for};
use helper_inline_build::{Clang, Rustc};

use crate::bench::median;
use crate::command;
use crate::failure::Outcome;
use crate::helper_names::helper_names;

/// Where the table is kept.
const TABLE: &str = "docs/bench/link.md";

/// Helpers that are there, and how many of them are called.
const SIZES: &[(usize, usize)] = &[(5, 5), (50, 50), (500, 500), (5000, 50), (5000, 5000)];

/// Pairs that are counted; fewer for the largest, which takes long.
fn pairs(used: usize) -> usize {
    if used > 1000 { 3 } else { 9 }
}

/// Measures and writes the table.
pub fn run(root: &Path) -> Outcome {
    let mut rows = Vec::new();
    for (helpers, used) in SIZES {
        eprintln!("measuring {helpers} helpers, {used} of them used");
        rows.push(measure(*helpers, *used)?);
    }
    let table = render(&rows);
    print!("{table}");
    let path = root.join(TABLE);
    fs::write(&path, table).with_context(|| format!("writing {}", path.display()))?;
    eprintln!("written to {TABLE}");
    Ok(())
}

/// One size's result: medians over the pairs.
struct Row {
    helpers: usize,
    used: usize,
    ours_ms: f64,
    theirs_ms: f64,
    ratio: f64,
    text: (u64, u64),
}

fn measure(helpers: usize, used: usize) -> Result<Row> {
    let dir = tempfile::tempdir()?;
    let tools = Tools::find()?;
    let inputs = Inputs::generate(dir.path(), &tools, helpers, used)?;
    let ours = dir.path().join("ours.o");
    let theirs = dir.path().join("theirs.o");
    let mut times = Vec::new();
    // One pair to warm caches, which is not counted.
    for pair in 0..=pairs(used) {
        let a = timed(|| inputs.ours(&tools, &ours))?;
        let b = timed(|| inputs.theirs(&tools, &theirs))?;
        if pair > 0 {
            times.push((a, b));
        }
    }
    Ok(Row {
        helpers,
        used,
        ours_ms: median(times.iter().map(|(a, _)| *a)),
        theirs_ms: median(times.iter().map(|(_, b)| *b)),
        ratio: median(times.iter().map(|(a, b)| b / a)),
        text: (text_bytes(&ours)?, text_bytes(&theirs)?),
    })
}

struct Tools {
    rustc: Rustc,
    clang: Clang,
    llvm: PathBuf,
}

impl Tools {
    fn find() -> Result<Tools> {
        let rustc = Rustc::from_env()?;
        let clang = Clang::find(rustc.llvm)?;
        Ok(Tools {
            llvm: find_llvm_for(&rustc, &clang)?.path,
            clang,
            rustc,
        })
    }
}

/// The prefix of the helpers' symbols.
const PREFIX: &str = "rust_helper_";

struct Inputs {
    rust: PathBuf,
    /// What the helpers are compiled of.
    source: PathBuf,
    helpers: PathBuf,
    joined: PathBuf,
}

impl Inputs {
    fn generate(dir: &Path, tools: &Tools, helpers: usize, used: usize) -> Result<Inputs> {
        let mut c = String::from("void helper_inline_baseline(void) {}\n");
        for n in 0..helpers {
            // The recipe inlines only what says so; ours needs no such word.
            writeln!(
                c,
                "__attribute__((always_inline)) int rust_helper_f{n}(int *a, int b) {{\n  \
                 if (b > {n}) {{ *a += b; return a[1]; }}\n  \
                 __atomic_fetch_add(a, b ^ {n}, __ATOMIC_RELAXED); return *a; }}"
            )?;
        }
        let mut rust = String::from("#![no_std]\nunsafe extern \"C\" {\n");
        for n in 0..used {
            writeln!(rust, "fn rust_helper_f{n}(a: *mut i32, b: i32) -> i32;")?;
        }
        rust += "}\n";
        for n in 0..used {
            writeln!(
                rust,
                "#[unsafe(no_mangle)] pub unsafe extern \"C\" fn call{n}(a: *mut i32, b: i32) -> i32 {{\n  \
                 unsafe {{ rust_helper_f{n}(a, b) + rust_helper_f{n}(a, 7) }} }}"
            )?;
        }
        let inputs = Inputs {
            rust: dir.join("module.bc"),
            helpers: dir.join("helpers.bc"),
            joined: dir.join("joined.bc"),
            source: dir.join("helpers.c"),
        };
        let rust_path = dir.join("module.rs");
        fs::write(&inputs.source, c)?;
        fs::write(&rust_path, rust)?;
        let mut clang = Command::new(&tools.clang.path);
        clang
            .args(["--target=x86_64-linux-gnu", "-O2", "-fno-PIE", "-mno-sse"])
            .args(["-Xclang", "-disable-llvm-passes", "-emit-llvm", "-c", "-o"])
            .args([&inputs.helpers, &inputs.source]);
        command::output(&mut clang)?;
        let mut rustc = Command::new(&tools.rustc.program);
        rustc
            .args(["--edition=2024", "--crate-type=rlib", "--emit=llvm-bc"])
            .args(["-Copt-level=2", "-Ccodegen-units=1", "-Cpanic=abort"])
            .args(["-Crelocation-model=static", "-Cforce-unwind-tables=n"])
            .args(["--target=x86_64-unknown-none", "-o"])
            .args([&inputs.rust, &rust_path]);
        command::output(&mut rustc)?;
        Ok(inputs)
    }

    fn ours(&self, tools: &Tools, object: &Path) -> Result<()> {
        let outcome = child::run(&Job {
            llvm: tools.llvm.clone(),
            name: "module".into(),
            helpers: vec![HelperInput {
                package: "module".into(),
                prefix: PREFIX.into(),
                helpers: helper_names(&fs::read_to_string(&self.source)?, PREFIX),
                c_names: std::collections::BTreeMap::new(),
                bitcode: self.helpers.clone(),
                exempt: Vec::new(),
                wrapped: Vec::new(),
            }],
            crates: vec![CrateInput {
                name: "module".into(),
                bitcode: self.rust.clone(),
            }],
            libraries: Vec::new(),
            keep: Vec::new(),
            kernel: true,
            inline: true,
            debug: false,
            object: object.to_owned(),
        })?;
        let stayed = outcome.helpers.iter().find(|h| !h.remaining.is_empty());
        ensure!(stayed.is_none(), "a helper stayed: {stayed:?}");
        Ok(())
    }

    fn theirs(&self, tools: &Tools, object: &Path) -> Result<()> {
        let mut link = Command::new(tools.clang.tool("llvm-link"));
        link.args(["--internalize", "--suppress-warnings", "-o"])
            .args([&self.joined, &self.rust, &self.helpers]);
        command::output(&mut link)?;
        let mut clang = Command::new(&tools.clang.path);
        clang
            .args(["--target=x86_64-linux-gnu", "-O2", "-fno-PIE"])
            .args(["-mllvm", "-trap-unreachable", "-Wno-override-module"])
            .args(["-c", "-o"])
            .arg(object)
            .arg(&self.joined);
        command::output(&mut clang)?;
        Ok(())
    }
}

/// How long it takes, in milliseconds.
fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed().as_secs_f64() * 1000.0)
}

fn text_bytes(object: &Path) -> Result<u64> {
    Ok(helper_inline_build::prove::read_object(object, &BTreeSet::new())?.text_bytes)
}

fn render(rows: &[Row]) -> String {
    let mut text = String::from(
        "# The link engine against llvm-link and clang\n\n\
         Written by `cargo xtask bench link`; edit nothing here by hand. Whole processes from \
         bitcode to an object, medians of runs in turn; the ratio is the median of the pairs'.\n\n\
         | helpers | used | ours, ms | llvm-link + clang -O2, ms | times faster | code, bytes: ours, theirs |\n\
         |---|---|---|---|---|---|\n",
    );
    for row in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {:.0} | {:.0} | {:.2} | {}, {} |",
            row.helpers, row.used, row.ours_ms, row.theirs_ms, row.ratio, row.text.0, row.text.1
        );
    }
    text
}
