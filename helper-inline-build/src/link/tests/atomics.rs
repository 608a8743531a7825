//! Atomics of a module for AArch64 are instructions, whatever clang makes of them by
//! itself: no kernel has the functions of libgcc that do them out of line.

use super::fixture::{Fixture, Linked};
use std::path::Path;

/// An atomic in Rust itself, one of `core`'s own and a helper with another.
const RUST: &str = "
use core::sync::atomic::{AtomicU32, Ordering};
unsafe extern \"C\" { fn rust_helper_add(a: *mut u32) -> u32; }
#[unsafe(no_mangle)] pub fn count(n: &AtomicU32, a: *mut u32) -> u32 {
    n.fetch_add(3, Ordering::SeqCst) + unsafe { rust_helper_add(a) }
}
#[unsafe(no_mangle)] pub fn at_most(n: &AtomicU32) -> Result<u32, u32> {
    n.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| n.checked_add(1))
}";
const C: &str = "unsigned int rust_helper_add(unsigned int *a)\n\
    { return __atomic_fetch_add(a, 5, __ATOMIC_SEQ_CST); }\n\
    unsigned int swap(unsigned int *a) { return __atomic_exchange_n(a, 1, __ATOMIC_RELAXED); }\n\
    unsigned int rust_helper_unused(unsigned int *a) { return swap(a); }";

fn outlined(linked: &Linked) -> Vec<String> {
    let undefined = linked.undefined_symbols().into_iter();
    undefined
        .filter(|name| name.starts_with("__aarch64_"))
        .collect()
}

/// A kernel's helpers with a flag of clang's own choice, or another's.
fn kernel(flags: &[&'static str]) -> Fixture {
    let mut fixture = Fixture::aarch64();
    fixture.flags = [&["-mgeneral-regs-only"], flags].concat();
    fixture
}

#[test]
fn a_module_has_none_out_of_line() {
    for inline in [true, false] {
        for flag in ["-moutline-atomics", "-mno-outline-atomics"] {
            let mut fixture = kernel(&[flag]);
            fixture.inline = inline;
            fixture.c(C);
            fixture.rust(RUST);
            let linked = fixture.link();
            assert_eq!(outlined(&linked), [""; 0], "{flag}, inlined: {inline}");
            let changes = &linked.outcome.harmonized;
            let told = changes
                .iter()
                .any(|c| c.action.contains("`+outline-atomics` removed"));
            assert_eq!(told, flag == "-moutline-atomics", "{changes:?}");
        }
    }
    // The control: a hosted program has them, of C and of Rust.
    let mut hosted = Fixture::hosted();
    hosted.target = "aarch64-unknown-linux-gnu";
    hosted.flags = vec!["-moutline-atomics"];
    hosted.c(C);
    hosted.rust(RUST);
    let linked = hosted.link();
    assert!(
        outlined(&linked).iter().any(|n| n.contains("ldadd4")),
        "{:?}",
        outlined(&linked)
    );
}

/// A directory in which clang finds a GCC for AArch64.
fn gcc(dir: &Path) {
    let gcc = dir.join("lib/gcc/aarch64-linux-gnu/12");
    std::fs::create_dir_all(&gcc).unwrap();
    for file in ["crtbegin.o", "libgcc.a"] {
        std::fs::write(gcc.join(file), "").unwrap();
    }
}

#[test]
fn what_another_compiler_on_the_machine_has_clang_choose_changes_nothing() {
    let with = tempfile::tempdir().unwrap();
    let without = tempfile::tempdir().unwrap();
    gcc(with.path());
    let flag = |dir: &Path| &*format!("--gcc-toolchain={}", dir.display()).leak();
    let (with, without) = (flag(with.path()), flag(without.path()));
    let code = |units: [&'static str; 2]| {
        let mut fixture = kernel(&[]);
        fixture.flags.push(units[0]);
        fixture.c(C);
        // Compiled on another day.
        *fixture.flags.last_mut().unwrap() = units[1];
        fixture.c("unsigned long rust_helper_second(unsigned long a) { return a + 1; }");
        fixture.rust(RUST);
        let linked = fixture.link();
        let changed = linked.outcome.harmonized.iter();
        let removed = changed
            .filter(|c| c.action.contains("outline-atomics"))
            .count();
        assert_eq!(outlined(&linked), [""; 0]);
        let text = linked.disassembly();
        (
            text.split_once("Disassembly").unwrap().1.to_owned(),
            removed,
        )
    };
    let (text, removed) = code([with, with]);
    assert_eq!(removed, 2, "clang sees no GCC: the test shows nothing");
    for (units, expected) in [
        ([with, without], 1),
        ([without, with], 1),
        ([without, without], 0),
    ] {
        let (other, removed) = code(units);
        assert_eq!(other, text, "{units:?}");
        assert_eq!(removed, expected, "{units:?}");
    }
}
