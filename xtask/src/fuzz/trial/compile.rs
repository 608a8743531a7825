//! Compiling a program's units and crates, for the ordinary build and for the
//! engine.
//!
//! Not here: linking what comes of it.

use super::{Trial, write};
use crate::fuzz::callers::crate_name;
use crate::fuzz::flags::LOCAL_BOUNDS;
use crate::helper_names::helper_names;
use anyhow::Result;
use helper_inline_build::link::job::{CrateInput, HelperInput, Job};
use std::path::{Path, PathBuf};
use std::process::Command;

impl Trial<'_> {
    /// Compiles everything for both builds: the objects of the ordinary one, and
    /// what the engine gets, with the flags of the build side.
    pub(super) fn compile(&mut self) -> Result<(Vec<PathBuf>, Job)> {
        let mut objects = Vec::new();
        let mut helpers = Vec::new();
        let mut crates = Vec::new();
        for (number, unit) in self.program.units.iter().enumerate() {
            let source = self.dir.join(format!("helpers{number}.c"));
            write(&source, &unit.text)?;
            let object = source.with_extension("o");
            let mut ordinary = self.tools.clang(&source, &object);
            self.step(
                ordinary
                    .arg(self.program.ordinary)
                    .args(&self.program.flags),
            )?;
            let bitcode = source.with_extension("bc");
            let mut clang = self.tools.clang(&source, &bitcode);
            clang
                .arg(self.program.levels.clang)
                .args(&self.program.flags)
                .args(["-emit-llvm", "-DHELPER_INLINE_BITCODE"]);
            // As the build side: checks that passes add are there before helpers are inlined.
            match self.program.flags.contains(&LOCAL_BOUNDS) {
                true => clang.arg("-DHELPER_INLINE_INSTRUMENTED"),
                false => clang.args(["-Xclang", "-disable-llvm-passes"]),
            };
            if self.program.lines {
                clang.arg("-gline-tables-only");
            }
            if self.plant {
                clang.arg("-DPLANT=1");
            }
            self.step(&mut clang)?;
            objects.push(object);
            helpers.push(HelperInput {
                package: format!("fuzz{number}"),
                prefix: unit.prefix.into(),
                helpers: helper_names(&unit.text, unit.prefix),
                c_names: std::collections::BTreeMap::new(),
                bitcode,
                exempt: self.program.exempt(unit.prefix),
                wrapped: Vec::new(),
            });
        }
        if !self.program.native.is_empty() {
            let source = self.dir.join("native.c");
            write(
                &source,
                &format!("typedef unsigned long long u64;\n{}", self.program.native),
            )?;
            let object = source.with_extension("o");
            self.step(self.tools.clang(&source, &object).arg("-O1"))?;
            self.native = Some(object);
        }
        for (number, text) in self.program.crates.iter().enumerate() {
            let name = crate_name(number);
            let source = self.dir.join(&name).with_extension("rs");
            write(&source, text)?;
            self.step(&mut self.rustc(&source, number))?;
            objects.push(source.with_extension("o"));
            let bitcode = source.with_extension("bc");
            crates.push(CrateInput { name, bitcode });
        }
        let job = Job {
            llvm: self.tools.llvm.clone(),
            name: "fuzz".into(),
            helpers,
            crates,
            libraries: match self.program.core {
                true => self.tools.libraries.clone(),
                false => Vec::new(),
            },
            keep: Vec::new(),
            kernel: false,
            inline: true,
            debug: self.program.lines,
            object: self.dir.join("fuzz.o"),
        };
        Ok((objects, job))
    }

    /// One run of rustc makes both builds' files: half of its time is spent before
    /// there is any code.
    fn rustc(&self, source: &Path, number: usize) -> Command {
        let metadata = |number| self.dir.join(format!("lib{}.rmeta", crate_name(number)));
        let mut rustc = self.tools.rustc(source);
        rustc
            .args(["--crate-type=rlib", "-Ccodegen-units=1"])
            .arg(format!("--crate-name={}", crate_name(number)))
            .arg(format!("-Copt-level={}", self.program.levels.rustc))
            .arg(format!("-Crelocation-model={}", self.program.relocation))
            // For what it makes on the way.
            .arg("--out-dir")
            .arg(self.dir);
        let files = [
            ("llvm-bc", source.with_extension("bc")),
            ("obj", source.with_extension("o")),
            ("metadata", metadata(number)),
        ];
        for (kind, file) in files {
            rustc.arg(format!("--emit={kind}={}", file.display()));
        }
        for dependency in 0..number {
            let (name, file) = (crate_name(dependency), metadata(dependency));
            rustc.arg(format!("--extern={name}={}", file.display()));
        }
        if self.program.lines {
            rustc.arg("-Cdebuginfo=line-tables-only");
        }
        rustc
    }
}
