//! Kernel build directories that cannot be used.

use crate::support::{ARM, Fixture, X86, build_dir, kernel, scratch};
use helper_inline_build::kernel::KernelDir;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The real build directory as a tree of links, in which parts can be changed.
fn farm(name: &str) -> PathBuf {
    let dir = scratch("kernels").join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).unwrap();
    }
    let original = build_dir(&kernel("amd64"));
    for part in ["", "include", "include/generated", "include/config"] {
        fs::create_dir_all(dir.join(part)).unwrap();
        for entry in fs::read_dir(original.join(part)).unwrap() {
            let entry = entry.unwrap();
            let link = dir.join(part).join(entry.file_name());
            let opened = ["include", "generated", "config"].map(|d| entry.file_name() == *d);
            if !opened.contains(&true) {
                symlink(entry.path(), link).unwrap();
            }
        }
    }
    let makefile = dir.join("Makefile");
    fs::remove_file(&makefile).unwrap();
    let include = format!("include {}\n", original.join("Makefile").display());
    fs::write(makefile, include).unwrap();
    dir
}

#[test]
fn a_directory_that_is_no_kernel() {
    let fixture = Fixture::good();
    let none = scratch("no-kernel");
    fixture.refuses(
        2,
        &mut fixture.dist_for(X86, &none),
        &[
            none.to_str().unwrap(),
            "not a kernel build directory",
            "kernels fetch",
        ],
    );
    fixture.refuses(
        2,
        &mut fixture.dist_for(X86, &none.join("missing")),
        &["missing", "there is no such directory", "--kernel"],
    );
    fixture.refuses(
        2,
        fixture
            .xtask()
            .args(["--target", X86])
            .env("HELPER_INLINE_KERNEL", &none),
        &["not a kernel build directory", "HELPER_INLINE_KERNEL"],
    );
}

#[test]
fn each_missing_part_is_named_with_what_makes_it() {
    let fixture = Fixture::good();
    let whole = farm("whole");
    KernelDir::open(&whole).unwrap();
    for (file, mend) in [
        ("Module.symvers", "make modules"),
        ("include/generated/autoconf.h", "make modules_prepare"),
        ("include/generated/utsrelease.h", "make modules_prepare"),
        ("include/config/auto.conf", "make modules_prepare"),
    ] {
        let dir = farm("lacking");
        fs::remove_file(dir.join(file)).unwrap();
        fixture.refuses(
            2,
            &mut fixture.dist_for(X86, &dir),
            &[dir.to_str().unwrap(), file, mend],
        );
    }
    let dir = farm("lacking");
    fs::remove_dir_all(dir.join("include/generated")).unwrap();
    fixture.refuses(
        2,
        &mut fixture.dist_for(X86, &dir),
        &["include/generated/", "make modules_prepare"],
    );
}

#[test]
fn an_option_that_a_module_cannot_follow_is_named() {
    let fixture = Fixture::good();
    for (option, word) in [
        ("CONFIG_CFI_CLANG", "kCFI"),
        ("CONFIG_GCC_PLUGIN_RANDSTRUCT", "plugin of GCC"),
        ("CONFIG_RANDSTRUCT_FULL", "scripts/basic/randstruct.seed"),
        ("CONFIG_KASAN_GENERIC", "KASAN"),
    ] {
        let dir = farm("unfollowed");
        let config = dir.join("include/config/auto.conf");
        let text = fs::read_to_string(&config).unwrap();
        replace(&config, &format!("{text}{option}=y\n"));
        fixture.refuses(
            2,
            &mut fixture.dist_for(X86, &dir),
            &[dir.to_str().unwrap(), option, word],
        );
    }
}

#[test]
fn a_kernel_of_another_architecture() {
    let fixture = Fixture::good();
    for (target, arch, is) in [(X86, "arm64", "aarch64"), (ARM, "amd64", "x86_64")] {
        let words = [
            &*format!("it is a kernel for {is}, and the target is `{target}`"),
            "--target",
        ];
        fixture.refuses(2, &mut fixture.dist_for(target, &kernel(arch)), &words);
        // A kernel that fits does not excuse one that does not.
        let both = &mut fixture.dist_for(target, &kernel("arm64"));
        both.arg("--kernel").arg(kernel("amd64"));
        fixture.refuses(2, both, &words);
    }

    let hosted = "x86_64-unknown-linux-gnu";
    fixture.refuses(
        2,
        &mut fixture.dist_for(hosted, &kernel("amd64")),
        &[hosted, "a kernel module needs a bare-metal target"],
    );

    let dir = farm("riscv");
    replace(&dir.join("include/config/auto.conf"), "CONFIG_RISCV=y\n");
    fixture.refuses(
        2,
        &mut fixture.dist_for(X86, &dir),
        &["neither x86_64 nor arm64"],
    );
}

#[test]
fn a_kernel_whose_makefile_fails_is_shown_with_makes_own_words() {
    let fixture = Fixture::new("broken-makefile");
    let dir = farm("broken-makefile");
    replace(&dir.join("Makefile"), "$(error nothing can be made here)\n");
    fixture.fails(
        3,
        &mut fixture.dist_for(X86, &dir),
        &["Makefile:1: *** nothing can be made here.  Stop."],
    );
}

fn replace(path: &Path, text: &str) {
    fs::remove_file(path).unwrap();
    fs::write(path, text).unwrap();
}
