//! Values of types that flags change, of which registers hold more than their bits, and
//! helpers that bindgen leaves out by itself: what C makes of them alone, what is called,
//! and what is inlined is one and the same.

use crate::workspace::{Workspace, done};
use helper_inline_build::{Clang, Rustc};
use std::path::PathBuf;
use std::process::Command;

/// The C library of the cross compiler, for programs that run here.
const CROSS_LIBRARY: &str = "/usr/aarch64-linux-gnu";

/// Where programs run, and under which flags their helpers are compiled.
struct Case {
    flags: &'static str,
    /// Under qemu, and not on this machine.
    is_cross: bool,
    /// How C's first line begins.
    begins: &'static str,
}

/// Each sign of `char`, and on AArch64 the one that it does not have of itself.
const CASES: [Case; 3] = [
    Case {
        flags: "-fsigned-char",
        is_cross: false,
        begins: "-1 -1 -56\n",
    },
    Case {
        flags: "-funsigned-char -fshort-enums",
        is_cross: false,
        begins: "255 255 200\n",
    },
    Case {
        flags: "-fsigned-char -fshort-enums",
        is_cross: true,
        begins: "-1 -1 -56\n",
    },
];

impl Case {
    /// What C itself prints, by a compiler.
    fn by(&self, mut compile: Command, workspace: &Workspace) -> String {
        let program = workspace.dir.join("in-c");
        let arch = match self.is_cross {
            true => "aarch64",
            false => std::env::consts::ARCH,
        };
        compile
            .current_dir(&workspace.dir)
            .args(self.flags.split_whitespace())
            .args(["-O1", "-o"])
            .arg(&program)
            .args(["main.c", &format!("stubs-{arch}.s")]);
        done(&mut compile);
        let mut run = Command::new(&program);
        if self.is_cross {
            run = Command::new("qemu-aarch64");
            run.args(["-L", CROSS_LIBRARY]).arg(&program);
        }
        done(&mut run).stdout
    }

    /// What C prints, by clang, with which GCC agrees.
    fn in_c(&self, workspace: &Workspace) -> String {
        let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap().path;
        let mut clang = Command::new::<PathBuf>(clang);
        let mut gcc = Command::new("gcc");
        if self.is_cross {
            clang.arg("--target=aarch64-linux-gnu");
            gcc = Command::new("aarch64-linux-gnu-gcc");
        }
        let in_c = self.by(clang, workspace);
        assert_eq!(in_c, self.by(gcc, workspace), "{}", self.flags);
        in_c
    }

    /// What a cargo command prints, which warns of nothing.
    fn printed(&self, mut cargo: Command) -> String {
        cargo.env("VALUES_FLAGS", self.flags);
        if self.is_cross {
            let target = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU";
            cargo.args(["--target", "aarch64-unknown-linux-gnu"]);
            cargo.env(format!("{target}_LINKER"), "aarch64-linux-gnu-gcc");
            let runner = format!("qemu-aarch64 -L {CROSS_LIBRARY}");
            cargo.env(format!("{target}_RUNNER"), runner);
        }
        let ran = done(&mut cargo);
        assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
        ran.stdout
    }
}

#[test]
fn values_are_cs_called_and_inlined() {
    let workspace = Workspace::of("values");
    let required = |arguments| {
        let mut cargo = workspace.inlining(arguments);
        cargo.env("HELPER_INLINE_POLICY", "require");
        cargo
    };
    for case in CASES {
        let in_c = case.in_c(&workspace);
        // The control: the flag changes what each of them prints.
        assert!(in_c.starts_with(case.begins), "{in_c}");
        let flags = case.flags;
        let called = case.printed(workspace.cargo("run"));
        assert_eq!(in_c, called, "called, {flags}");
        assert_eq!(in_c, case.printed(required("run")), "dev, {flags}");
        let release = required("run --release");
        assert_eq!(in_c, case.printed(release), "release, {flags}");
    }
}
