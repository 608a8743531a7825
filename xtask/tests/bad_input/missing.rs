//! A machine that lacks something: refused before any work, with what mends it.

use crate::support::{Fixture, kernel, on_path, scratch, script};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn no_clang() {
    let fixture = Fixture::good();
    // Only what must be there before clang is looked for.
    let programs = scratch("programs");
    for program in ["rustc", "cargo"] {
        let link = programs.join(program);
        if !link.exists() {
            symlink(on_path(program), link).unwrap();
        }
    }
    fixture.refuses(
        2,
        fixture.dist().env("PATH", &programs),
        &["clang", "apt-get install", "--bootstrap"],
    );

    let named = fixture.dir.join("no-such-clang");
    fixture.refuses(
        2,
        fixture.dist().env("HELPER_INLINE_CLANG", &named),
        &["clang", named.to_str().unwrap(), "HELPER_INLINE_CLANG"],
    );
    fixture.refuses(
        2,
        fixture.dist().env("HELPER_INLINE_CLANG", on_path("true")),
        &["/true", "HELPER_INLINE_CLANG"],
    );
}

#[test]
fn a_clang_that_is_newer_than_the_linking_llvm() {
    let fixture = Fixture::good();
    let clang = scratch("newer").join("clang");
    script(&clang, "echo 'clang version 99.1.0'");
    let llvm = helper_inline_build::Rustc::from_env().unwrap().llvm.major;
    fixture.refuses(
        2,
        fixture.dist().env("HELPER_INLINE_CLANG", &clang),
        &[
            clang.to_str().unwrap(),
            "99.1.0",
            &format!("LLVM {llvm}"),
            "HELPER_INLINE_CLANG",
        ],
    );
}

#[test]
fn no_libclang() {
    let fixture = Fixture::good();
    let empty = scratch("no-libclang");
    fixture.refuses(
        2,
        fixture.dist().env("LIBCLANG_PATH", &empty),
        &["libclang", "LIBCLANG_PATH"],
    );
    // A file of that name that cannot be loaded is as good as none.
    let bogus = scratch("bogus-libclang").join("libclang.so");
    fs::write(&bogus, "no library\n").unwrap();
    fixture.refuses(
        2,
        fixture.dist().env("LIBCLANG_PATH", bogus.parent().unwrap()),
        &["libclang", bogus.to_str().unwrap(), "LIBCLANG_PATH"],
    );
}

#[test]
fn a_linking_llvm_that_is_none() {
    let fixture = Fixture::good();
    let text = scratch("no-llvm").join("libLLVM.so");
    fs::write(&text, "no library\n").unwrap();
    // The second is a library, of something else.
    for named in [text, on_path("true")] {
        fixture.refuses(
            2,
            fixture.dist().env("HELPER_INLINE_LLVM", &named),
            &["LLVM", named.to_str().unwrap(), "HELPER_INLINE_LLVM"],
        );
    }
}

#[test]
fn a_target_that_is_not_installed() {
    let fixture = Fixture::good();
    for target in ["riscv64gc-unknown-none-elf", "no-such-target"] {
        fixture.refuses(
            2,
            fixture.xtask().args(["--target", target]),
            &[target, &format!("rustup target add {target}")],
        );
        fixture.refuses(
            2,
            &mut fixture.dist_for(target, &kernel("amd64")),
            &[target],
        );
    }
}
