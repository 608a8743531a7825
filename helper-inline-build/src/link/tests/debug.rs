//! Debug sections: none unless asked for, and then frames of inlined helpers for
//! a symbolizer and for a debugger, around the same code.
//!
//! Not here: modules packaged for a kernel (`xtask`'s tests).

use super::fixture::{Fixture, Linked, PREFIX, file_name, run};
use super::reference;
use crate::{Clang, Rustc};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget, SectionKind};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A helper of two levels; what is in front of the numbers is at these lines.
const C: &str = "static inline unsigned long inner(unsigned long value)
{
    __asm__ volatile(\"nop\" : \"+r\"(value)); /* 3 */
    return value;
}
unsigned long rust_helper_outer(unsigned long given)
{
    return inner(given) + given; /* 8 */
}";

/// Its caller. The fixture puts one line before it.
const RUST: &str = "unsafe extern \"C\" { fn rust_helper_outer(given: u64) -> u64; }
#[unsafe(no_mangle)]
pub extern \"C\" fn caller(a: u64) -> u64 {
    unsafe { rust_helper_outer(a * 2) } // 5
}";

fn with_debug(mut fixture: Fixture) -> Fixture {
    fixture.debug = true;
    fixture
}

fn two_levels(mut fixture: Fixture) -> Linked {
    fixture.c(C);
    fixture.rust(RUST);
    fixture.link()
}

/// A frame: function, file and line.
type Frame = (String, String, u64);

/// The frames of each address of the object's only code section, innermost
/// first.
fn frames(object: &Path) -> Vec<Vec<Frame>> {
    let size = section(object, ".text").len();
    let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
    let mut symbolizer = Command::new(clang.tool("llvm-symbolizer"));
    symbolizer
        .args(["--output-style=JSON", "--inlines", "--obj"])
        .arg(object)
        .args((0..size).map(|address| format!("{address:#x}")));
    let text = run(&mut symbolizer);
    let addresses: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let frame = |frame: &serde_json::Value| {
        let text = |key: &str| frame[key].as_str().unwrap().to_owned();
        let file = file_name(Path::new(&text("FileName")));
        (text("FunctionName"), file, frame["Line"].as_u64().unwrap())
    };
    addresses
        .iter()
        .map(|address| {
            let frames = address["Symbol"].as_array().unwrap();
            frames.iter().map(frame).collect()
        })
        .collect()
}

fn section(object: &Path, name: &str) -> Vec<u8> {
    let data = std::fs::read(object).unwrap();
    let file = object::File::parse(data.as_slice()).unwrap();
    let section = file.section_by_name(name).unwrap();
    section.data().unwrap().to_owned()
}

fn debug_sections(linked: &Linked) -> Vec<String> {
    let sections = linked.sections().into_iter();
    sections.filter(|s| s.contains("debug")).collect()
}

#[test]
fn no_debug_section_is_left_though_both_sides_have_line_tables() {
    let linked = two_levels(Fixture::new());
    assert!(linked.sections().iter().any(|s| s == ".text"));
    assert_eq!(debug_sections(&linked), [""; 0]);
    // The control.
    let linked = two_levels(with_debug(Fixture::new()));
    let sections = debug_sections(&linked);
    assert!(sections.iter().any(|s| s == ".debug_info"), "{sections:?}");
}

#[test]
fn frames_of_inlined_helpers_have_their_own_files_and_lines() {
    // As CONFIG_DEBUG_INFO_SPLIT has it; the object holds everything all the same.
    let mut split = Fixture::new();
    split.flags.push("-gsplit-dwarf");
    for fixture in [Fixture::new(), Fixture::hosted(), Fixture::aarch64(), split] {
        let target = fixture.target;
        let linked = two_levels(with_debug(fixture));
        assert_eq!(linked.symbols(), ["caller"], "{target}");
        let expected = [
            ("inner", "helpers0.c", 3),
            ("rust_helper_outer", "helpers0.c", 8),
            ("caller", "module.rs", 5),
        ]
        .map(|(function, file, line)| (function.to_owned(), file.to_owned(), line));
        let frames = frames(&linked.object);
        assert!(
            frames.iter().any(|f| f[..] == expected),
            "{target}: {frames:?}"
        );
    }
}

#[test]
fn a_helper_behind_an_adapter_has_its_frame() {
    let mut fixture = with_debug(Fixture::aarch64());
    fixture.c("struct s { unsigned value; };
        struct s rust_helper_s(unsigned a) { __asm__ volatile(\"nop\" : \"+r\"(a)); struct s s = { a }; return s; }");
    fixture.rust(
        "#[repr(C)] pub struct S { value: u32 }
         unsafe extern \"C\" { fn rust_helper_s(a: u32) -> S; }
         #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: u32) -> u32 { unsafe { rust_helper_s(a).value } }",
    );
    let linked = fixture.link();
    let adapted = |h: &crate::link::job::Harmonized| h.action.starts_with("adapted");
    assert!(linked.outcome.harmonized.iter().any(adapted));
    let frames = frames(&linked.object);
    let functions = frames
        .iter()
        .map(|chain| chain.iter().map(|f| f.0.as_str()).collect::<Vec<_>>());
    let expected = ["rust_helper_s", "caller"];
    assert!(functions.clone().any(|f| f == expected), "{frames:?}");
}

#[test]
fn the_version_of_dwarf_is_that_of_the_first_c_unit() {
    for (fixture, flags) in [
        (Fixture::new as fn() -> Fixture, ["-gdwarf-3", "-gdwarf-5"]),
        (Fixture::new, ["-gdwarf-5", "-gdwarf-3"]),
        (Fixture::hosted, ["-gdwarf-3", "-gdwarf-5"]),
        (Fixture::hosted, ["-gdwarf-5", "-gdwarf-3"]),
    ] {
        let mut fixture = with_debug(fixture());
        let kernel = fixture.kernel;
        fixture.flags.push(flags[0]);
        fixture.c(C);
        fixture.flags.push(flags[1]);
        fixture.c("unsigned long rust_helper_other(void) { return 1; }");
        fixture.rust(RUST);
        let info = section(&fixture.link().object, ".debug_info");
        let version = u16::from_le_bytes([info[4], info[5]]);
        let expected = format!("-gdwarf-{version}");
        assert_eq!(expected, flags[0], "kernel: {kernel}");
    }
}

/// Sections of code with their bytes.
fn code(linked: &Linked) -> BTreeMap<String, Vec<u8>> {
    let data = std::fs::read(&linked.object).unwrap();
    let file = object::File::parse(data.as_slice()).unwrap();
    let code = file.sections().filter(|s| s.kind() == SectionKind::Text);
    code.map(|s| (s.name().unwrap().to_owned(), s.data().unwrap().to_owned()))
        .collect()
}

/// The same inputs without and with debug information.
fn code_of_both(fixture: impl Fn() -> Fixture) -> [BTreeMap<String, Vec<u8>>; 2] {
    [false, true].map(|debug| {
        let mut fixture = fixture();
        fixture.debug = debug;
        fixture.c(reference::C);
        fixture.rust(reference::RUST);
        code(&fixture.link())
    })
}

#[test]
fn debug_information_changes_no_code() {
    let aarch64_unwound = || {
        let mut fixture = Fixture::aarch64();
        fixture.flags.push("-fasynchronous-unwind-tables");
        fixture
    };
    for fixture in [Fixture::new, Fixture::hosted, aarch64_unwound] {
        let [without, with] = code_of_both(fixture);
        assert!(without[".text"].len() > 100);
        assert_eq!(without, with, "{}", fixture().target);
    }
    // Where AArch64's functions have no unwind tables, those of `.debug_frame`
    // are new, and LLVM moves no instruction of a prologue across their marks:
    // the same instructions in another order.
    let [without, with] = code_of_both(Fixture::aarch64).map(|code| {
        let sorted = code.into_iter().map(|(name, bytes)| {
            let mut words: Vec<[u8; 4]> = bytes.chunks(4).map(|w| w.try_into().unwrap()).collect();
            words.sort_unstable();
            (name, words)
        });
        sorted.collect::<BTreeMap<_, _>>()
    });
    assert_eq!(without, with);
}

#[test]
fn the_proof_counts_calls_and_not_what_debug_sections_refer_to() {
    let mut fixture = with_debug(Fixture::new());
    fixture.c(
        "__attribute__((noinline)) unsigned rust_helper_stays(unsigned a) {
            __asm__ volatile(\"\" : \"+r\"(a)); return a; }
        unsigned rust_helper_add(unsigned a) { return a + 1; }",
    );
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_stays(a: u32) -> u32; fn rust_helper_add(a: u32) -> u32; }
         #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: u32) -> u32 {
             unsafe { rust_helper_stays(rust_helper_add(a)) + rust_helper_stays(3) } }",
    );
    let linked = fixture.link();
    assert!(references_from_debug_sections(&linked.object) > 0);
    let facts = linked.facts();
    let helpers: Vec<&String> = facts.helpers.iter().collect();
    assert_eq!(helpers, ["rust_helper_stays"]);
    let calls: Vec<(&str, u64)> = facts
        .helper_calls
        .iter()
        .map(|(name, calls)| (name.as_str(), *calls))
        .collect();
    assert_eq!(calls, [("rust_helper_stays", 2)]);
    crate::prove::check(&facts, &linked.outcome.helpers).unwrap();
}

/// Relocations in debug sections against a helper, or the section that it has
/// for its own.
fn references_from_debug_sections(object: &Path) -> usize {
    let data = std::fs::read(object).unwrap();
    let file = object::File::parse(data.as_slice()).unwrap();
    let sections = file.sections();
    sections
        .filter(|section| section.name().unwrap().starts_with(".debug"))
        .flat_map(|section| section.relocations())
        .filter(|(_, relocation)| {
            let RelocationTarget::Symbol(index) = relocation.target() else {
                return false;
            };
            let symbol = file.symbol_by_index(index).unwrap();
            let section = symbol.section_index();
            let section = section.map(|i| file.section_by_index(i).unwrap());
            let section = section.map_or("", |s| s.name().unwrap()).to_owned();
            symbol.name().unwrap().starts_with(PREFIX)
                || section.starts_with(&format!(".text.{PREFIX}"))
        })
        .count()
}

#[test]
fn gdb_stops_in_an_inlined_helper_and_shows_its_frame_and_parameter() {
    let linked = two_levels(with_debug(Fixture::hosted()));
    let program = link_program(&linked);
    let mut gdb = Command::new("gdb");
    gdb.args(["-batch", "-nx"])
        // Containers may forbid it, and it makes no difference here.
        .args(["-ex", "set disable-randomization off"])
        .args([
            "-ex",
            "break helpers0.c:3",
            "-ex",
            "run",
            "-ex",
            "backtrace",
        ])
        .arg(&program)
        .env_remove("DEBUGINFOD_URLS");
    let text = run(&mut gdb);
    let frames: Vec<&str> = text.lines().filter(|l| l.starts_with('#')).collect();
    // main() calls with 20; the helper is given 40.
    for (frame, [function, place]) in frames.iter().zip([
        ["inner (value=40) at ", "helpers0.c:3"],
        ["rust_helper_outer (given=40) at ", "helpers0.c:8"],
        ["module::caller (a=", "module.rs:5"],
        ["main ()", ""],
    ]) {
        assert!(frame.contains(function) && frame.ends_with(place), "{text}");
    }
    assert_eq!(frames.len(), 4, "{text}");
}

/// A program of the object and a `main` that calls it.
fn link_program(linked: &Linked) -> PathBuf {
    let main = linked.object.with_file_name("main.c");
    let program = linked.object.with_file_name("program");
    let source = "unsigned long caller(unsigned long);\n\
                  int main(void) { return caller(20) != 80; }\n";
    std::fs::write(&main, source).unwrap();
    let clang = Clang::find(Rustc::from_env().unwrap().llvm).unwrap();
    let mut link = Command::new(&clang.path);
    link.args(["--target=x86_64-linux-gnu", "-no-pie", "-o"])
        .args([&program, &main, &linked.object]);
    run(&mut link);
    run(&mut Command::new(&program));
    program
}
