//! The table as people see it, for made-up machines and toolchains: found and
//! missing rows, and what each missing one is mended with.

mod machine;

use std::fs;

use crate::Error;
use expect_test::expect;

use self::machine::Machine;
use super::toolchain::Named;
use super::*;

#[test]
fn a_machine_with_everything() {
    let machine = Machine::new()
        .rust()
        .clang("clang-22", 22)
        .program("clang-22")
        .llvm_tools("-22")
        .system()
        .kernels();
    machine.check(expect![[r#"
        found    rustc                                  1.95.0 (59807616e 2026-04-14)
        found    rustc's LLVM                           22.1.2 (~/sysroot/lib/libLLVM.so.22.1-rust)
        found    target x86_64-unknown-none             installed
        found    target aarch64-unknown-none-softfloat  installed
        found    target x86_64-unknown-linux-musl       installed
        found    target aarch64-unknown-linux-musl      installed
        found    clang                                  22.1.2 (~/bin/clang-22)
        found    libclang                               clang version 22.1.2
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
        found    pahole                                 ~/bin/pahole
    "#]]);
    assert!(missing_for(&machine.needs(), Purpose::Test).is_ok());
}

#[test]
fn a_machine_with_nothing() {
    let machine = Machine::new();
    machine.check(expect![[r#"
        MISSING  rustc                                  cannot start `rustc`: No such file or directory (needed by dist, test)
                 mend it with: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y
        MISSING  rustc's LLVM                           cannot start `rustc`: No such file or directory (needed by dist, test)
                 mend it with: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y
        MISSING  target x86_64-unknown-none             cannot start `rustc`: No such file or directory (needed by dist, test)
                 mend it with: rustup target add x86_64-unknown-none
        MISSING  target aarch64-unknown-none-softfloat  cannot start `rustc`: No such file or directory (needed by dist, test)
                 mend it with: rustup target add aarch64-unknown-none-softfloat
        MISSING  target x86_64-unknown-linux-musl       cannot start `rustc`: No such file or directory (needed by boot, test)
                 mend it with: rustup target add x86_64-unknown-linux-musl
        MISSING  target aarch64-unknown-linux-musl      cannot start `rustc`: No such file or directory (needed by boot, test)
                 mend it with: rustup target add aarch64-unknown-linux-musl
        MISSING  clang                                  looked for clang-22 down to clang-14, and clang (needed by dist, test)
                 mend it with: apt-get install --no-install-recommends clang-22
        MISSING  libclang                               couldn't find libclang.so (needed by dist, test)
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
        MISSING  kernel for amd64                       none under ~/project/target/kernels (needed by dist, boot, test)
                 mend it with: cargo helper-inline kernels fetch --arch amd64
        MISSING  kernel for arm64                       none under ~/project/target/kernels (needed by dist, boot, test)
                 mend it with: cargo helper-inline kernels fetch --arch arm64
        MISSING  apt-get, for kernels                   no `apt-get` on PATH (needed by dist, test)
                 mend it with: unpack kernel headers yourself and name them with --kernel DIR
        MISSING  qemu-system-x86_64                     no `qemu-system-x86_64` on PATH (needed by boot, test)
                 mend it with: apt-get install --no-install-recommends qemu-system-x86
        MISSING  qemu-system-aarch64                    no `qemu-system-aarch64` on PATH (needed by boot, test)
                 mend it with: apt-get install --no-install-recommends qemu-system-arm
        MISSING  pahole                                 no `pahole` on PATH (needed by dist, test)
                 mend it with: apt-get install --no-install-recommends dwarves
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
        .clang("clang-22", 22)
        .program("clang-22")
        .llvm_tools("-22")
        .system();
    fs::remove_file(machine.path("bin/qemu-system-x86_64")).unwrap();
    assert!(missing_for(&machine.needs(), Purpose::Dist).is_ok());
    let failure = missing_for(&machine.needs(), Purpose::Boot).unwrap_err();
    assert!(
        format!("{failure:#}").contains("apt-get install --no-install-recommends qemu-system-x86")
    );
}

#[test]
fn the_tools_are_those_of_the_clang_that_was_chosen() {
    let machine = Machine::new().rust().clang("clang-19", 19);
    let machine = machine.llvm_tools("-22").program("llvm-nm-19");
    assert_eq!(
        machine.why_missing("ld.lld"),
        "no `ld.lld-19` on PATH; apt-get install --no-install-recommends lld-19"
    );
    let nm = machine.needs();
    let nm = nm.iter().find(|need| need.name == "llvm-nm").unwrap();
    assert!(matches!(&nm.state, State::Found(what) if what.ends_with("/llvm-nm-19")));

    let plain = Machine::new().rust().clang("clang", 22).llvm_tools("-22");
    assert_eq!(
        plain.why_missing("llvm-ar"),
        "no `llvm-ar` on PATH; apt-get install --no-install-recommends llvm"
    );
    let beside = Machine::new().rust().clang("/no/llvm/bin/clang", 22);
    assert_eq!(
        beside.llvm_tools("").why_missing("llvm-ar"),
        "no `/no/llvm/bin/llvm-ar`, beside clang; set HELPER_INLINE_CLANG to a clang \
         that has its LLVM's tools beside it, or unset it"
    );
}

#[test]
fn a_newer_clangs_llvm_is_said_to_link() {
    let machine = Machine::new().rust().clang("clang-23", 23);
    let needs = machine.needs();
    let llvm = needs.iter().find(|need| need.name == "rustc's LLVM");
    let State::Found(what) = &llvm.unwrap().state else {
        panic!("{llvm:?}");
    };
    assert!(what.starts_with("22.1.2; clang's 23.1.2 links ("), "{what}");
}

#[test]
fn what_the_search_finds_is_mended_with_packages_of_rustcs_llvm() {
    let mut machine = Machine::new().rust();
    machine.toolchain.clang = Err(Error::ClangTooNew {
        path: "clang".into(),
        clang: "23.1.0".into(),
        llvm: 22,
    });
    assert_eq!(
        machine.why_missing("clang"),
        "`clang` is clang 23.1.0, newer than rustc's LLVM 22, and without its own libLLVM to link with; \
         apt-get install --no-install-recommends clang-22"
    );
    // Where a search under HELPER_INLINE_LLVM begins is no version to install.
    machine.toolchain.clang = Err(Error::ClangNotFound {
        searched: "clang-40 down to clang-14, and clang".into(),
        rustc_llvm: 40,
    });
    assert!(machine.why_missing("clang").ends_with(" clang-22"));
    // libclang fits the clang that is there.
    let mut machine = Machine::new().rust().clang("clang-16", 16);
    machine.toolchain.libclang = Err(Error::LibclangNotFound {
        detail: "no libclang.so".into(),
        rustc_llvm: 22,
    });
    assert_eq!(
        machine.why_missing("libclang"),
        "no libclang.so; apt-get install --no-install-recommends libclang-16-dev"
    );
}

#[test]
fn a_wrong_variable_is_a_persons_to_mend() {
    let mut machine = Machine::new().rust();
    machine.toolchain.named = Named {
        clang: true,
        llvm: true,
        libclang: true,
    };
    machine.toolchain.clang = Err(Error::ClangUnusable {
        path: "tcc".into(),
        reason: "it calls itself `tcc`".into(),
    });
    let rust = machine.toolchain.rust.as_mut().unwrap();
    rust.llvm = Err(Error::LlvmUnusable {
        detail: "HELPER_INLINE_LLVM is `/no/such`, which is no shared library".into(),
    });
    assert_eq!(
        machine.why_missing("clang"),
        "`tcc`: it calls itself `tcc`; set HELPER_INLINE_CLANG to a clang of at most LLVM 22, or unset it"
    );
    assert_eq!(
        machine.why_missing("rustc's LLVM"),
        "HELPER_INLINE_LLVM is `/no/such`, which is no shared library; \
         unset HELPER_INLINE_LLVM, or set it to a libLLVM shared library"
    );
    assert!(
        machine
            .why_missing("libclang")
            .ends_with("set LIBCLANG_PATH to the directory of libclang.so, or unset it")
    );
    for name in ["clang", "libclang", "rustc's LLVM"] {
        let needs = machine.needs();
        let need = needs.iter().find(|need| need.name == name).unwrap();
        assert!(
            matches!(need.missing(), Some((_, Mend::ByHand(_)))),
            "{name}"
        );
    }
}

#[test]
fn rustups_own_complaint_is_shown() {
    let mut machine = Machine::new();
    machine.toolchain.rust = Err(Error::Command {
        what: "asking rustc's version".into(),
        command: "rustc -vV".into(),
        status: "exit status: 1".into(),
        output: "error: no default toolchain is configured\nhelp: run rustup default stable\n"
            .into(),
    });
    assert!(
        machine
            .why_missing("rustc")
            .starts_with("error: no default toolchain is configured (exit status: 1); ")
    );
}
