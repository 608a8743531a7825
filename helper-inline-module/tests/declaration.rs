//! What a declaration leaves in an object: this test is declared a module, and
//! reads its own file. Parameters need a kernel; the sample modules have those.

use helper_inline_module::{Errno, Module, module};
use object::{Object as _, ObjectSection as _};

struct Test;

impl Module for Test {
    fn init() -> Result<Self, Errno> {
        Err(Errno::new(-12))
    }
}

module! {
    type: Test,
    license: "Dual MIT/GPL",
    authors: ["One <one@example.org>", "Two"],
    description: "A test",
    version: "1.2",
    aliases: ["devname:test"],
    of: ["vendor,disk-1"],
    pci: [(0x1b36, 0x00ff)],
    import_ns: ["BLOCK", "CRYPTO"],
}

/// The strings in the section of this program.
fn strings() -> Vec<String> {
    let data = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let file = object::File::parse(data.as_slice()).unwrap();
    let section = file.section_by_name(".modinfo").expect("no .modinfo");
    let text = String::from_utf8(section.data().unwrap().to_vec()).unwrap();
    let mut strings: Vec<String> = text
        .split('\0')
        .filter(|s| !s.is_empty())
        .map(Into::into)
        .collect();
    strings.sort();
    strings
}

#[test]
fn every_line_of_the_declaration_is_in_modinfo() {
    assert_eq!(
        strings(),
        [
            "alias=devname:test",
            "alias=of:N*T*Cvendor,disk-1",
            "alias=of:N*T*Cvendor,disk-1C*",
            "alias=pci:v00001B36d000000FFsv*sd*bc*sc*i*",
            "author=One <one@example.org>",
            "author=Two",
            "description=A test",
            "import_ns=BLOCK",
            "import_ns=CRYPTO",
            "license=Dual MIT/GPL",
            "version=1.2",
        ]
    );
}

unsafe extern "C" {
    safe fn init_module() -> i32;
}

#[test]
fn a_failing_beginning_is_told_as_c_does() {
    assert_eq!(init_module(), -12);
}

#[test]
fn no_failure_looks_like_a_success() {
    for (number, told) in [
        (5, -5),
        (-5, -5),
        (0, -22),
        (4096, -22),
        (-4096, -22),
        (i32::MIN, -22),
    ] {
        assert_eq!(Errno::new(number).to_c(), told);
    }
}
