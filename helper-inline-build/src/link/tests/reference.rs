//! The kernel's own recipe beside ours: `llvm-link --internalize`, then clang.
//! With inputs that both serve, the objects agree.

use super::fixture::{Fixture, run};
use crate::{Clang, Rustc};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Helpers of several kinds. The recipe inlines only what says `always_inline`.
pub(super) const C: &str = "
    #define HELPER __attribute__((always_inline))
    struct list { struct list *next, *prev; };
    extern void warn(int); extern int constant(void), variable(unsigned long);
    HELPER int rust_helper_inc(int *a) { return __atomic_add_fetch(a, 1, __ATOMIC_SEQ_CST); }
    HELPER int rust_helper_cas(int *a, int old, int new) {
        return __atomic_compare_exchange_n(a, &old, new, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED); }
    HELPER void rust_helper_add(struct list *n, struct list *h) {
        n->next = h->next; n->prev = h; h->next->prev = n; h->next = n; }
    HELPER int rust_helper_alloc(unsigned long n) {
        return __builtin_constant_p(n) ? constant() : variable(n); }
    HELPER void rust_helper_check(int c) { if (__builtin_expect(c, 0)) warn(c); }
    HELPER unsigned rust_helper_count(void) { static unsigned counter; return ++counter; }
    HELPER unsigned long rust_helper_asm(unsigned long a) {
        __asm__ volatile(\"nop\" : \"+r\"(a)); return a; }
";
pub(super) const RUST: &str = "
    #[repr(C)] pub struct List { next: *mut List, prev: *mut List }
    unsafe extern \"C\" {
        fn rust_helper_inc(a: *mut i32) -> i32;
        fn rust_helper_cas(a: *mut i32, old: i32, new: i32) -> i32;
        fn rust_helper_add(n: *mut List, h: *mut List);
        fn rust_helper_alloc(n: usize) -> i32;
        fn rust_helper_check(c: i32);
        fn rust_helper_count() -> u32;
        fn rust_helper_asm(a: u64) -> u64;
    }
    #[unsafe(no_mangle)] pub unsafe extern \"C\" fn one(a: *mut i32, n: *mut List, h: *mut List) -> i32 {
        unsafe { rust_helper_add(n, h); rust_helper_check(rust_helper_cas(a, 1, 2)); rust_helper_inc(a) }
    }
    #[unsafe(no_mangle)] pub unsafe extern \"C\" fn two(n: usize) -> i32 {
        unsafe { rust_helper_alloc(64) + rust_helper_alloc(n) + rust_helper_count() as i32 }
    }
    #[unsafe(no_mangle)] pub unsafe extern \"C\" fn three(mut a: u64) -> u64 {
        let mut i = 0;
        while i < a { a = unsafe { rust_helper_asm(a) } + u64::from(unsafe { rust_helper_count() }); i += 3; }
        a
    }
";

/// What an object exports, needs and relocates, and the size of its code.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    exported: BTreeSet<String>,
    undefined: BTreeSet<String>,
    relocations: Vec<String>,
}

fn facts(path: &Path) -> (Facts, u64) {
    let data = std::fs::read(path).unwrap();
    let file = object::File::parse(data.as_slice()).unwrap();
    let named = |keep: fn(&object::Symbol<'_, '_>) -> bool| {
        let symbols = file.symbols().filter(move |symbol| keep(symbol));
        let names = symbols.map(|symbol| symbol.name().unwrap().to_owned());
        names.filter(|name| !name.is_empty()).collect()
    };
    let text = file.section_by_name(".text").unwrap();
    let mut relocations: Vec<String> = text
        .relocations()
        .map(|(_, relocation)| {
            let RelocationTarget::Symbol(index) = relocation.target() else {
                panic!("{relocation:?}")
            };
            let symbol = file.symbol_by_index(index).unwrap();
            // A section symbol has no name; its section has.
            let section = symbol.section_index();
            let section = section.map(|i| file.section_by_index(i).unwrap());
            let section = section.map(|s| s.name().unwrap().to_owned());
            let name = symbol.name().unwrap().to_owned();
            format!("{:?} {}", relocation.flags(), section.unwrap_or(name))
        })
        .collect();
    relocations.sort();
    let facts = Facts {
        exported: named(|symbol| symbol.is_global() && symbol.is_definition()),
        undefined: named(|symbol| symbol.is_undefined()),
        relocations,
    };
    (facts, text.size())
}

#[test]
fn our_object_agrees_with_the_recipes() {
    for (mut fixture, triple) in [
        (Fixture::new(), "x86_64-linux-gnu"),
        (Fixture::aarch64(), "aarch64-linux-gnu"),
    ] {
        // Ours gives Rust's functions the C build's frames; theirs does not.
        fixture.flags.push("-fomit-frame-pointer");
        let c = fixture.c(C);
        let rust = fixture.rust(RUST);
        let ours = fixture.link();

        let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
        let joined = c.with_file_name("joined.bc");
        let theirs = c.with_file_name("theirs.o");
        let mut link = Command::new(clang.tool("llvm-link"));
        link.args(["--internalize", "--suppress-warnings"])
            .args([&rust, &c])
            .arg("-o")
            .arg(&joined);
        run(&mut link);
        let mut lower = Command::new(&clang.path);
        lower
            .arg(format!("--target={triple}"))
            .args(["-O2", "-fno-PIE", "-g0", "-mllvm", "-trap-unreachable"])
            .args(["-Wno-override-module", "-c", "-o"])
            .args([&theirs, &joined]);
        run(&mut lower);

        let (our_facts, our_size) = facts(&ours.object);
        let (their_facts, their_size) = facts(&theirs);
        assert_eq!(our_facts, their_facts, "{triple}");
        assert!(
            our_size as f64 <= their_size as f64 * 1.01,
            "{triple}: our code has {our_size} bytes, theirs {their_size}"
        );
    }
}
