//! The table as people see it, for made-up machines: found and missing rows,
//! and what each missing one is mended with.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use expect_test::{Expect, expect};

use super::*;

/// A machine made of shell scripts that answer like the real programs.
struct Machine {
    directory: tempfile::TempDir,
    host: Host,
}

impl Machine {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        for name in ["bin", "lib", "sysroot/lib", "root"] {
            fs::create_dir_all(path(name)).unwrap();
        }
        let host = Host {
            path: vec![path("bin")],
            variables: Default::default(),
            libraries: vec![path("lib")],
            llvm_roots: vec![path("llvm")],
        };
        Self { directory, host }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn program(self, name: &str, answer: &str) -> Self {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{answer}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    fn file(self, name: &str) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.host.variables.insert(name.into(), value.into());
        self
    }

    fn rust(self) -> Self {
        let sysroot = self.path("sysroot");
        let answer = format!(
            "case $1 in -vV) printf 'release: 1.95.0\\nLLVM version: 22.1.2\\n';; *) echo {};; esac",
            sysroot.display()
        );
        let mut machine = self
            .program("rustc", &answer)
            .file("sysroot/lib/libLLVM.so.22.1-rust")
            .file("sysroot/lib/libLLVM-22-rust.so");
        for target in [
            "x86_64-unknown-none",
            "aarch64-unknown-none-softfloat",
            "x86_64-unknown-linux-musl",
            "aarch64-unknown-linux-musl",
        ] {
            machine = machine.file(&format!("sysroot/lib/rustlib/{target}/lib/libcore-1.rlib"));
        }
        machine
    }

    fn clang(self, name: &str, version: &str) -> Self {
        self.program(
            name,
            &format!("echo 'Debian clang version {version} (1~deb12u1)'"),
        )
    }

    fn llvm_tools(mut self, major: u32) -> Self {
        for tool in ["ld.lld", "llvm-ar", "llvm-nm", "llvm-objcopy", "llvm-strip"] {
            self = self.program(&format!("{tool}-{major}"), "");
        }
        self.file(&format!("llvm/llvm-{major}/lib/libclang.so"))
    }

    fn system(self) -> Self {
        let mut machine = self.file("lib/libelf.so.1");
        for name in [
            "make",
            "cc",
            "apt-get",
            "qemu-system-x86_64",
            "qemu-system-aarch64",
        ] {
            machine = machine.program(name, "");
        }
        machine
    }

    fn kernels(mut self) -> Self {
        for arch in ["amd64", "arm64"] {
            let tree = format!("root/target/kernels/6.1.0-56-{arch}");
            self = self
                .file(&format!("{tree}/boot/vmlinuz-6.1.0-56-{arch}"))
                .file(&format!(
                    "{tree}/usr/src/linux-headers-6.1.0-56-{arch}/Module.symvers"
                ));
        }
        self
    }

    fn needs(&self) -> Vec<Need> {
        let mut needs = all(&self.path("root"), &self.host);
        // The one need that is looked for on the real machine.
        needs.retain(|need| need.name != "Debian's archive keyring");
        needs
    }

    fn check(&self, expected: Expect) {
        let directory = self.directory.path().to_string_lossy().into_owned();
        expected.assert_eq(&table(&self.needs()).replace(&directory, "~"));
    }

    fn row(&self, name: &str) -> State {
        let needs = self.needs();
        let need = needs.into_iter().find(|need| need.name == name);
        need.expect("a need of that name").state
    }

    fn why_missing(&self, name: &str) -> String {
        match self.row(name) {
            State::Missing(why, mend) => {
                format!("{why}; {mend}").replace(&*self.directory.path().to_string_lossy(), "~")
            }
            State::Found(what) => panic!("{name} was found: {what}"),
        }
    }
}

#[test]
fn a_machine_with_everything() {
    let machine = Machine::new()
        .rust()
        .clang("clang-22", "22.1.8")
        .llvm_tools(22)
        .system()
        .kernels();
    machine.check(expect![[r#"
        found    rustc                                  1.95.0
        found    rustc's LLVM                           22.1.2 (~/sysroot/lib/libLLVM.so.22.1-rust)
        found    target x86_64-unknown-none             installed
        found    target aarch64-unknown-none-softfloat  installed
        found    target x86_64-unknown-linux-musl       installed
        found    target aarch64-unknown-linux-musl      installed
        found    clang                                  22.1.8 (~/bin/clang-22)
        found    libclang                               ~/llvm/llvm-22/lib/libclang.so
        found    ld.lld                                 ~/bin/ld.lld-22
        found    llvm-ar                                ~/bin/llvm-ar-22
        found    llvm-nm                                ~/bin/llvm-nm-22
        found    llvm-objcopy                           ~/bin/llvm-objcopy-22
        found    llvm-strip                             ~/bin/llvm-strip-22
        found    make                                   ~/bin/make
        found    C compiler for this machine            ~/bin/cc
        found    libelf                                 ~/lib/libelf.so.1
        found    kernel for amd64                       6.1.0-56-amd64
        found    kernel for arm64                       6.1.0-56-arm64
        found    qemu-system-x86_64                     ~/bin/qemu-system-x86_64
        found    qemu-system-aarch64                    ~/bin/qemu-system-aarch64
    "#]]);
    assert!(missing_for(&machine.needs(), Purpose::Test).is_ok());
}

#[test]
fn a_machine_with_nothing() {
    let machine = Machine::new();
    machine.check(expect![[r#"
        MISSING  rustc                                  no `rustc` on PATH (needed by dist, test)
                 mend it with: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y
        MISSING  rustc's LLVM                           no `rustc` on PATH (needed by dist, test)
                 mend it with: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y
        MISSING  target x86_64-unknown-none             no `rustc` on PATH (needed by dist, test)
                 mend it with: rustup target add x86_64-unknown-none
        MISSING  target aarch64-unknown-none-softfloat  no `rustc` on PATH (needed by dist, test)
                 mend it with: rustup target add aarch64-unknown-none-softfloat
        MISSING  target x86_64-unknown-linux-musl       no `rustc` on PATH (needed by boot, test)
                 mend it with: rustup target add x86_64-unknown-linux-musl
        MISSING  target aarch64-unknown-linux-musl      no `rustc` on PATH (needed by boot, test)
                 mend it with: rustup target add aarch64-unknown-linux-musl
        MISSING  clang                                  no `clang-22` or older on PATH (needed by dist, test)
                 mend it with: apt-get install --no-install-recommends clang-22
        MISSING  libclang                               no libclang.so where bindgen looks (needed by dist, test)
                 mend it with: apt-get install --no-install-recommends libclang-22-dev
        MISSING  ld.lld                                 no `ld.lld-22` on PATH (needed by dist, test)
                 mend it with: apt-get install --no-install-recommends lld-22
        MISSING  llvm-ar                                no `llvm-ar-22` on PATH (needed by dist, test)
                 mend it with: apt-get install --no-install-recommends llvm-22
        MISSING  llvm-nm                                no `llvm-nm-22` on PATH (needed by dist, test)
                 mend it with: apt-get install --no-install-recommends llvm-22
        MISSING  llvm-objcopy                           no `llvm-objcopy-22` on PATH (needed by dist, test)
                 mend it with: apt-get install --no-install-recommends llvm-22
        MISSING  llvm-strip                             no `llvm-strip-22` on PATH (needed by dist, test)
                 mend it with: apt-get install --no-install-recommends llvm-22
        MISSING  make                                   no `make` on PATH (needed by dist, test)
                 mend it with: apt-get install --no-install-recommends make
        MISSING  C compiler for this machine            no `cc` or `gcc` on PATH (needed by dist, test)
                 mend it with: apt-get install --no-install-recommends gcc libc6-dev
        MISSING  libelf                                 no libelf.so.1, which the kernel's objtool needs (needed by dist, test)
                 mend it with: apt-get install --no-install-recommends libelf1
        MISSING  kernel for amd64                       none under ~/root/target/kernels (needed by dist, boot, test)
                 mend it with: cargo xtask kernels fetch --arch amd64
        MISSING  kernel for arm64                       none under ~/root/target/kernels (needed by dist, boot, test)
                 mend it with: cargo xtask kernels fetch --arch arm64
        MISSING  apt-get, for kernels                   no `apt-get` on PATH (needed by dist, test)
                 mend it with: unpack kernel headers yourself and name them with --kernel DIR
        MISSING  qemu-system-x86_64                     no `qemu-system-x86_64` on PATH (needed by boot, test)
                 mend it with: apt-get install --no-install-recommends qemu-system-x86
        MISSING  qemu-system-aarch64                    no `qemu-system-aarch64` on PATH (needed by boot, test)
                 mend it with: apt-get install --no-install-recommends qemu-system-arm
    "#]]);
    for purpose in [Purpose::Dist, Purpose::Boot, Purpose::Test] {
        assert_eq!(
            missing_for(&machine.needs(), purpose).unwrap_err().code(),
            2
        );
    }
}

#[test]
fn kernels_and_qemu_do_not_keep_dist_from_running() {
    let machine = Machine::new()
        .rust()
        .clang("clang-22", "22.1.8")
        .llvm_tools(22)
        .system();
    fs::remove_file(machine.path("bin/qemu-system-x86_64")).unwrap();
    assert!(missing_for(&machine.needs(), Purpose::Dist).is_ok());
    let failure = missing_for(&machine.needs(), Purpose::Boot).unwrap_err();
    assert!(
        format!("{failure:#}").contains("apt-get install --no-install-recommends qemu-system-x86")
    );
}

#[test]
fn the_newest_clang_that_rustc_can_read_is_chosen_with_its_own_tools() {
    let machine = Machine::new()
        .rust()
        .clang("clang-23", "23.1.0")
        .clang("clang-19", "19.1.7")
        .llvm_tools(19);
    assert!(matches!(machine.row("clang"), State::Found(what) if what.starts_with("19.1.7 ")));
    assert!(matches!(machine.row("ld.lld"), State::Found(what) if what.ends_with("ld.lld-19")));
    assert!(
        matches!(machine.row("libclang"), State::Found(what) if what.ends_with("llvm-19/lib/libclang.so"))
    );
}

#[test]
fn a_clang_newer_than_rustcs_llvm_is_refused() {
    let machine = Machine::new().rust().clang("clang", "23.1.0");
    assert_eq!(
        machine.why_missing("clang"),
        "~/bin/clang is clang 23.1.0, newer than rustc's LLVM 22, which has to read its bitcode; apt-get install --no-install-recommends clang-22"
    );
}

#[test]
fn the_variables_are_obeyed_and_their_mistakes_named() {
    let machine = Machine::new()
        .rust()
        .clang("my-clang", "21.1.0")
        .clang("clang-22", "22.1.8");
    let named = machine.path("bin/my-clang");
    let machine = machine
        .variable("HELPER_INLINE_CLANG", &named.to_string_lossy())
        .variable("LIBCLANG_PATH", "/nowhere")
        .variable("HELPER_INLINE_LLVM", "/nowhere/libLLVM.so");
    assert!(matches!(machine.row("clang"), State::Found(what) if what.starts_with("21.1.0 ")));
    assert!(
        machine
            .why_missing("libclang")
            .starts_with("LIBCLANG_PATH=/nowhere ")
    );
    assert!(
        machine
            .why_missing("rustc's LLVM")
            .starts_with("HELPER_INLINE_LLVM=/nowhere/libLLVM.so ")
    );
    let machine = machine.variable("HELPER_INLINE_CLANG", "no-such-clang");
    assert!(
        machine
            .why_missing("clang")
            .starts_with("HELPER_INLINE_CLANG=no-such-clang is no program")
    );
}
