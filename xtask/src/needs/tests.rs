//! The rows as people see them, for made-up machines.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use expect_test::expect;
use helper_inline_build::cli::needs::{Named, Rust, table};
use helper_inline_build::cli::rustup;
use helper_inline_build::link::LlvmLibrary;
use helper_inline_build::{Error, Rustc, Version};

use super::*;

fn host(dir: &Path) -> Host {
    Host {
        arch: "x86_64".into(),
        path: vec![dir.join("bin")],
        libraries: vec![dir.join("lib")],
        headers: vec![dir.join("include")],
        cross_libraries: vec![dir.join("cross")],
    }
}

fn toolchain() -> Toolchain {
    Toolchain {
        rust: Err(Error::Usage {
            message: "no rustc".into(),
        }),
        clang: Err(Error::Usage {
            message: "no clang".into(),
        }),
        libclang: Ok(String::new()),
        rustups: Vec::new(),
        named: Named::default(),
    }
}

fn shown(dir: &Path, toolchain: &Toolchain) -> String {
    let text = table(&of_tests(&host(dir), toolchain));
    text.replace(&*dir.to_string_lossy(), "~")
}

#[test]
fn a_machine_with_everything() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let file = |name: &str| {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    for name in [
        "gdb",
        "mold",
        "openssl",
        "distccd",
        "ip",
        "python3",
        "jsonschema",
        "chromium",
        "ninja",
        "flex",
        "bison",
        "bc",
        "xz",
        "qemu-aarch64",
        "aarch64-linux-gnu-gcc",
        "clang-14",
        "clang-16",
        "clang-19",
        "clang-22",
    ] {
        file(&format!("bin/{name}"));
    }
    for header in ["liburing.h", "urcu.h", "uthash.h", "xxhash.h"] {
        file(&format!("include/{header}"));
    }
    file("lib/libelf.so");
    file("cross/crt1.o");
    file("sysroot/lib/rustlib/aarch64-unknown-linux-gnu/lib/libcore-1.rlib");
    file("1.85/lib/rustlib/aarch64-unknown-linux-musl/lib/libcore-1.rlib");
    let llvm = Version {
        major: 22,
        minor: 1,
        patch: 2,
    };
    let toolchain = Toolchain {
        rust: Ok(Rust {
            rustc: Rustc {
                program: "rustc".into(),
                version: "rustc 1.95.0".into(),
                llvm,
                host: "x86_64-unknown-linux-gnu".into(),
            },
            llvm: Ok(LlvmLibrary {
                path: dir.join("libLLVM.so"),
            }),
            sysroot: Ok(dir.join("sysroot")),
        }),
        rustups: vec![rustup::Toolchain {
            name: "1.85-x86_64-unknown-linux-gnu".into(),
            sysroot: dir.join("1.85"),
        }],
        ..toolchain()
    };
    expect![[r#"
        found    gdb                               ~/bin/gdb
        found    mold                              ~/bin/mold
        found    openssl                           ~/bin/openssl
        found    distcc                            ~/bin/distccd
        found    ip                                ~/bin/ip
        found    python3                           ~/bin/python3
        found    jsonschema                        ~/bin/jsonschema
        found    chromium                          ~/bin/chromium
        found    ninja                             ~/bin/ninja
        found    flex                              ~/bin/flex
        found    bison                             ~/bin/bison
        found    bc                                ~/bin/bc
        found    xz                                ~/bin/xz
        found    libelf's headers                  ~/lib/libelf.so
        found    qemu-aarch64                      ~/bin/qemu-aarch64
        found    liburing's headers                ~/include/liburing.h
        found    userspace RCU's headers           ~/include/urcu.h
        found    uthash's headers                  ~/include/uthash.h
        found    xxHash's headers                  ~/include/xxhash.h
        found    target aarch64-unknown-linux-gnu  installed
        found    C compiler for AArch64            ~/bin/aarch64-linux-gnu-gcc
        found    C library for AArch64             ~/cross/crt1.o
        found    rustc 1.85, the oldest            ~/1.85
        found    clang 14, to compare              ~/bin/clang-14
        found    clang 16, to compare              ~/bin/clang-16
        found    clang 19, to compare              ~/bin/clang-19
        found    clang 22, to compare              ~/bin/clang-22
    "#]]
    .assert_eq(&shown(dir, &toolchain));
}

#[test]
fn a_machine_with_nothing() {
    let dir = tempfile::tempdir().unwrap();
    expect![[r#"
        MISSING  gdb                               no `gdb` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends gdb
        MISSING  mold                              no `mold` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends mold
        MISSING  openssl                           no `openssl` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends openssl
        MISSING  distcc                            no `distccd` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends distcc
        MISSING  ip                                no `ip` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends iproute2
        MISSING  python3                           no `python3` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends python3
        MISSING  jsonschema                        no `jsonschema` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends python3-jsonschema
        MISSING  chromium                          no `chromium` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends chromium fonts-liberation
        MISSING  ninja                             no `ninja` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends ninja-build
        MISSING  flex                              no `flex` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends flex
        MISSING  bison                             no `bison` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends bison
        MISSING  bc                                no `bc` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends bc
        MISSING  xz                                no `xz` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends xz-utils
        MISSING  libelf's headers                  no libelf.so, which objtool of a kernel's sources is linked with (needed by test)
                 mend it with: apt-get install --no-install-recommends libelf-dev
        MISSING  qemu-aarch64                      no `qemu-aarch64` or `qemu-aarch64-static` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends qemu-user
        MISSING  liburing's headers                no liburing.h, which an example binds (needed by test)
                 mend it with: apt-get install --no-install-recommends liburing-dev
        MISSING  userspace RCU's headers           no urcu.h, which an example binds (needed by test)
                 mend it with: apt-get install --no-install-recommends liburcu-dev
        MISSING  uthash's headers                  no uthash.h, which an example binds (needed by test)
                 mend it with: apt-get install --no-install-recommends uthash-dev
        MISSING  xxHash's headers                  no xxhash.h, which an example binds (needed by test)
                 mend it with: apt-get install --no-install-recommends libxxhash-dev
        MISSING  target aarch64-unknown-linux-gnu  no rustc (needed by test)
                 mend it with: rustup target add aarch64-unknown-linux-gnu
        MISSING  C compiler for AArch64            no `aarch64-linux-gnu-gcc` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends gcc-aarch64-linux-gnu
        MISSING  C library for AArch64             no crt1.o for it (needed by test)
                 mend it with: apt-get install --no-install-recommends libc6-dev-arm64-cross
        MISSING  rustc 1.85, the oldest            rustup has it not (needed by test)
                 mend it with: rustup toolchain install 1.85 --profile minimal --target aarch64-unknown-linux-musl
        MISSING  clang 14, to compare              no `clang-14` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends clang-14
        MISSING  clang 16, to compare              no `clang-16` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends clang-16
        MISSING  clang 19, to compare              no `clang-19` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends clang-19
        MISSING  clang 22, to compare              no `clang-22` on PATH (needed by test)
                 mend it with: apt-get install --no-install-recommends clang-22
    "#]]
    .assert_eq(&shown(dir.path(), &toolchain()));
}
