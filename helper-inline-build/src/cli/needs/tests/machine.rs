//! Machines and toolchains made by hand. What is found on a real machine is the
//! library's to test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::link::LlvmLibrary;
use crate::{Clang, Error, Rustc, Version};
use expect_test::Expect;

use crate::cli::needs::toolchain::{Named, Rust, Toolchain};
use crate::cli::needs::{Host, Need, probe, table};

/// Directories of empty programs and files, and what the library would say.
pub struct Machine {
    directory: tempfile::TempDir,
    host: Host,
    pub toolchain: Toolchain,
}

fn version(major: u32) -> Version {
    Version {
        major,
        minor: 1,
        patch: 2,
    }
}

fn not_started() -> Error {
    Error::Command {
        what: "asking rustc's version".into(),
        command: "rustc -vV".into(),
        status: "cannot start `rustc`: No such file or directory".into(),
        output: String::new(),
    }
}

impl Machine {
    /// Without anything.
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        for name in ["bin", "lib", "project"] {
            fs::create_dir_all(path(name)).unwrap();
        }
        let host = Host {
            arch: "x86_64".into(),
            path: vec![path("bin")],
            libraries: vec![path("lib")],
            headers: Vec::new(),
            cross_libraries: Vec::new(),
        };
        let toolchain = Toolchain {
            rust: Err(not_started()),
            clang: Err(Error::ClangNotFound {
                searched: "clang-22 down to clang-14, and clang".into(),
                rustc_llvm: 22,
            }),
            libclang: Err(Error::LibclangNotFound {
                detail: "couldn't find libclang.so".into(),
                rustc_llvm: 22,
            }),
            rustups: Vec::new(),
            named: Named::default(),
        };
        Self {
            directory,
            host,
            toolchain,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn program(self, name: &str) -> Self {
        let machine = self.file(&format!("bin/{name}"));
        let path = machine.path("bin").join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        machine
    }

    pub fn file(self, name: &str) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
        self
    }

    pub fn rust(mut self) -> Self {
        self.toolchain.rust = Ok(Rust {
            rustc: Rustc {
                program: "rustc".into(),
                version: "rustc 1.95.0 (59807616e 2026-04-14)".into(),
                llvm: version(22),
                host: "x86_64-unknown-linux-gnu".into(),
            },
            llvm: Ok(LlvmLibrary {
                path: self.path("sysroot/lib/libLLVM.so.22.1-rust"),
            }),
            sysroot: Ok(self.path("sysroot")),
        });
        for target in [
            "x86_64-unknown-none",
            "aarch64-unknown-none-softfloat",
            "x86_64-unknown-linux-musl",
            "aarch64-unknown-linux-musl",
        ] {
            self = self.file(&format!("sysroot/lib/rustlib/{target}/lib/libcore-1.rlib"));
        }
        self
    }

    pub fn clang(mut self, path: &str, major: u32) -> Self {
        self.toolchain.clang = Ok(Clang {
            path: path.into(),
            version: version(major),
        });
        self.toolchain.libclang = Ok(format!("clang version {major}.1.2"));
        self
    }

    pub fn llvm_tools(mut self, suffix: &str) -> Self {
        for tool in ["ld.lld", "llvm-ar", "llvm-nm", "llvm-objcopy", "llvm-strip"] {
            self = self.program(&format!("{tool}{suffix}"));
        }
        self
    }

    pub fn system(self) -> Self {
        let mut machine = self.file("lib/libelf.so.1");
        for name in [
            "make",
            "cc",
            "apt-get",
            "qemu-system-x86_64",
            "qemu-system-aarch64",
            "pahole",
        ] {
            machine = machine.program(name);
        }
        machine
    }

    pub fn kernels(mut self) -> Self {
        for arch in ["amd64", "arm64"] {
            let tree = format!("project/target/kernels/6.1.0-56-{arch}");
            self = self
                .file(&format!("{tree}/boot/vmlinuz-6.1.0-56-{arch}"))
                .file(&format!(
                    "{tree}/usr/src/linux-headers-6.1.0-56-{arch}/Module.symvers"
                ));
        }
        self
    }

    pub fn needs(&self) -> Vec<Need> {
        let mut needs = probe::all(&self.path("project"), &self.host, &self.toolchain);
        // The one need that is looked for on the real machine.
        needs.retain(|need| need.name != "Debian's archive keyring");
        needs
    }

    pub fn check(&self, expected: Expect) {
        let directory = self.directory.path().to_string_lossy().into_owned();
        expected.assert_eq(&table(&self.needs()).replace(&directory, "~"));
    }

    pub fn why_missing(&self, name: &str) -> String {
        let needs = self.needs();
        let need = needs.iter().find(|need| need.name == name);
        let (why, mend) = need.unwrap().missing().expect("it is not there");
        format!("{why}; {mend}").replace(&*self.directory.path().to_string_lossy(), "~")
    }
}
