//! The inlined calls that are read from debug sections: where their code is, and where
//! their parameters are, in objects and in a program.
//!
//! Not here: a module packaged for a kernel (`xtask`'s tests), or each DWARF expression
//! (`prove`).

use super::fixture::{Fixture, Linked, run};
use crate::prove::{InlinedCall, Parameter, Place, Recoverable, Refusal, SitesReport, read_sites};
use crate::{Clang, Rustc};
use std::path::Path;
use std::process::Command;

/// A helper whose code stays, with a parameter of each kind.
const C: &str = "struct pair { unsigned long a, b; };
unsigned long rust_helper_mix(unsigned long given, int number, const struct pair *pair)
{
    __asm__ volatile(\"nop\" : \"+r\"(given), \"+r\"(number));
    return given + number + pair->b;
}
unsigned long rust_helper_gone(unsigned long a) { return a - a; }";

/// Its callers. The fixture puts one line before it.
const RUST: &str = "unsafe extern \"C\" {
    fn rust_helper_mix(given: u64, number: i32, pair: *const [u64; 2]) -> u64;
    fn rust_helper_gone(a: u64) -> u64;
}
#[inline(always)]
fn between(given: u64, pair: &[u64; 2]) -> u64 {
    unsafe { rust_helper_mix(given, -42, pair) } // 8
}
#[unsafe(no_mangle)]
pub extern \"C\" fn first(given: u64, pair: &[u64; 2]) -> u64 {
    between(given, pair) + unsafe { rust_helper_gone(given) }
}
#[unsafe(no_mangle)]
pub extern \"C\" fn second(pair: &[u64; 2], given: u64) -> u64 {
    between(given, pair)
}";

const HELPERS: [&str; 2] = ["rust_helper_gone", "rust_helper_mix"];

fn link(mut fixture: Fixture, debug: bool) -> Linked {
    fixture.debug = debug;
    fixture.c(C);
    fixture.rust(RUST);
    fixture.link()
}

fn sites(file: &Path) -> SitesReport {
    read_sites(file, &HELPERS.into(), false).unwrap()
}

/// The call whose code is in a function, and there is no other.
fn only_in<'a>(sites: &'a SitesReport, function: &str) -> &'a InlinedCall {
    let mut calls = sites.calls.iter();
    let found = calls.find(|call| call.ranges[0].symbol == function);
    assert!(
        calls.all(|call| call.ranges[0].symbol != function),
        "{sites:?}"
    );
    found.unwrap_or_else(|| panic!("{sites:?}"))
}

fn parameter(name: &str, value_type: &str, place: Place) -> Parameter {
    Parameter {
        name: name.into(),
        value_type: Some(value_type.into()),
        place,
    }
}

#[test]
fn each_copy_of_a_call_has_its_range_and_parameters() {
    let registers = |fixture: &Fixture| match fixture.target.starts_with("x86_64") {
        true => ["rdi", "rsi"],
        false => ["x0", "x1"],
    };
    for fixture in [Fixture::new(), Fixture::hosted(), Fixture::aarch64()] {
        let (target, registers) = (fixture.target, registers(&fixture));
        let linked = link(fixture, true);
        let sites = sites(&linked.object);
        assert_eq!(sites.calls.len(), 2, "{target}: {sites:?}");
        assert_eq!(sites.totals.fully, 2, "{target}: {sites:?}");
        for (function, [given, pair]) in [
            ("first", registers),
            ("second", [registers[1], registers[0]]),
        ] {
            let call = only_in(&sites, function);
            assert_eq!(call.helper, "rust_helper_mix");
            assert_eq!(call.caller, "module::between");
            let location = call.location.as_deref().unwrap();
            assert!(location.ends_with("/module.rs:8:14"), "{location}");
            assert_eq!(call.recoverable, Recoverable::Fully);
            let register = |name: &str| Place::Register(name.into());
            let expected = [
                parameter("given", "u64", register(given)),
                parameter("number", "s32", Place::Constant("-42".into())),
                parameter("pair", "x64", register(pair)),
            ];
            assert_eq!(call.parameters, expected, "{target}");
            for range in &call.ranges {
                assert_eq!(range.symbol, function);
                assert_eq!(range.file_offset, None);
                assert!(range.bytes > 0);
            }
        }
    }
}

#[test]
fn functions_in_sections_of_their_own_are_told_apart() {
    let mut fixture = Fixture::new();
    fixture.debug = true;
    fixture.c("#define NOP(a) __asm__ volatile(\"nop\" : \"+r\"(a))
        unsigned long rust_helper_mix(unsigned long a) { NOP(a); return a; }");
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_mix(a: u64) -> u64; }
         #[unsafe(no_mangle)] #[unsafe(link_section = \".init.text\")]
         pub extern \"C\" fn begin(a: u64) -> u64 { unsafe { rust_helper_mix(a) } }
         #[unsafe(no_mangle)] pub extern \"C\" fn work(a: u64) -> u64 { unsafe { rust_helper_mix(a) } }",
    );
    let sites = sites(&fixture.link().object);
    for (function, section) in [("begin", ".init.text"), ("work", ".text")] {
        let range = &only_in(&sites, function).ranges[0];
        assert_eq!(range.section, section, "{sites:?}");
        assert_eq!(range.address, range.offset, "each begins its section");
    }
}

#[test]
fn what_no_probe_can_read_is_lost() {
    let mut fixture = Fixture::new();
    fixture.debug = true;
    fixture.c("#define NOP(a) __asm__ volatile(\"nop\" : \"+r\"(a))
        unsigned long rust_helper_mix(unsigned long unused, unsigned long a)
        { NOP(a); return a; }
        unsigned long rust_helper_gone(unsigned long unused)
        { unsigned long a = 1; NOP(a); return a; }");
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_mix(unused: u64, a: u64) -> u64; fn rust_helper_gone(unused: u64) -> u64; }
         #[unsafe(no_mangle)] pub extern \"C\" fn partly(gone: &mut u64, a: u64) -> u64 {
             unsafe { let old = *gone; *gone = a; core::arch::asm!(\"\", out(\"rax\") _, out(\"rcx\") _, out(\"rdx\") _, out(\"rdi\") _, out(\"r8\") _, out(\"r9\") _, out(\"r10\") _, out(\"r11\") _); rust_helper_mix(old, a) } }
         #[unsafe(no_mangle)] pub extern \"C\" fn not(gone: &mut u64) -> u64 {
             unsafe { let old = *gone; *gone = 1; core::arch::asm!(\"\", out(\"rax\") _, out(\"rcx\") _, out(\"rdx\") _, out(\"rsi\") _, out(\"rdi\") _, out(\"r8\") _, out(\"r9\") _, out(\"r10\") _, out(\"r11\") _); rust_helper_gone(old) } }",
    );
    let sites = sites(&fixture.link().object);
    let partly = only_in(&sites, "partly");
    assert_eq!(partly.recoverable, Recoverable::Partly, "{partly:?}");
    assert_eq!(partly.parameters[0].place, Place::Lost);
    assert_eq!(only_in(&sites, "not").recoverable, Recoverable::Not);
    let totals = sites.totals;
    assert_eq!((totals.fully, totals.partly, totals.not), (0, 1, 1));
}

/// Calls that begin with padding, as LLVM aligns loops with, and an atomic operation.
#[test]
fn a_kernel_is_given_no_probe_on_an_instruction_that_it_refuses() {
    let refused = |mut fixture: Fixture, in_kernel, instruction: &str| {
        fixture.debug = true;
        let clobbered = if instruction.contains("x1") {
            ", \"x1\""
        } else {
            ""
        };
        fixture.c(&format!(
            "unsigned long rust_helper_mix(unsigned long *a)
            {{ __asm__ volatile(\"{instruction}\" : : \"r\"(a) : \"memory\"{clobbered}); return *a; }}"
        ));
        fixture.rust(
            "unsafe extern \"C\" { fn rust_helper_mix(a: *mut u64) -> u64; }
             #[unsafe(no_mangle)] pub extern \"C\" fn first(a: &mut u64) -> u64 { unsafe { rust_helper_mix(a) } }",
        );
        let linked = fixture.link();
        let sites = read_sites(&linked.object, &HELPERS.into(), in_kernel).unwrap();
        only_in(&sites, "first").refused
    };
    let kprobe = |instruction| refused(Fixture::new(), true, instruction);
    assert_eq!(kprobe(".nops 15"), Some(Refusal::Padding));
    assert_eq!(kprobe(".nops 14"), None);
    assert_eq!(kprobe("lock incq (%0)"), None);
    let uprobe = |instruction| refused(Fixture::hosted(), false, instruction);
    assert_eq!(uprobe(".nops 15"), Some(Refusal::Unsteppable));
    assert_eq!(uprobe(".nops 9"), None);
    assert_eq!(uprobe("lock incq (%0)"), Some(Refusal::Unsteppable));
    assert_eq!(uprobe("incq (%0)"), None);
    let on_aarch64 = |instruction| refused(Fixture::aarch64(), true, instruction);
    assert_eq!(on_aarch64("ldxr x1, [%0]"), Some(Refusal::Unsteppable));
    assert_eq!(on_aarch64("ldr x1, [%0]"), None);
}

#[test]
fn a_file_without_debug_sections_or_helpers_has_none() {
    let linked = link(Fixture::new(), false);
    assert_eq!(sites(&linked.object).calls, []);
    let linked = link(Fixture::new(), true);
    let none = read_sites(&linked.object, &["rust_helper_other"].into(), false).unwrap();
    assert_eq!(none.calls, []);
}

/// gdb stops a program at the place in its file that a uprobe would be told, and the
/// register that the report names holds what was given.
#[test]
fn a_program_has_the_parameter_where_the_report_says() {
    let linked = link(Fixture::hosted(), true);
    let main = linked.object.with_file_name("main.c");
    let program = linked.object.with_file_name("program");
    let source = "unsigned long second(const unsigned long *, unsigned long);\n\
                  static const unsigned long pair[2] = { 1, 2 };\n\
                  int main(void) { return second(pair, 4711) != 4711 - 42 + 2; }\n";
    std::fs::write(&main, source).unwrap();
    let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
    let mut link = Command::new(&clang.path);
    link.args(["--target=x86_64-linux-gnu", "-no-pie", "-o"])
        .args([&program, &main, &linked.object]);
    run(&mut link);
    run(&mut Command::new(&program));

    let sites = sites(&program);
    let call = only_in(&sites, "second");
    let entry = &call.ranges[0];
    let data = std::fs::read(&program).unwrap();
    let offset = usize::try_from(entry.file_offset.unwrap()).unwrap();
    let mut gdb = Command::new("gdb");
    let stop = format!("break *{:#x}", entry.address);
    let Place::Register(register) = &call.parameters[0].place else {
        panic!("{call:?}")
    };
    let shown = format!("printf \"given=%lu, code=%#x\\n\", ${register}, *(unsigned char *)$pc");
    gdb.args(["-batch", "-nx", "-ex", "set disable-randomization off"])
        .args(["-ex", "set language c"])
        // The instruction itself is shown, not gdb's own.
        .args(["-ex", &stop, "-ex", "run", "-ex", &shown])
        .arg(&program)
        .env_remove("DEBUGINFOD_URLS");
    let text = run(&mut gdb);
    let expected = format!("given=4711, code={:#x}", data[offset]);
    assert!(text.contains(&expected), "{expected}: {text}");
}
