//! The tables against LLVM: functions of random types are compiled by the LLVM
//! that links, and where they find each part is read from their code.

use super::listing::find;
use super::*;
use crate::link::find_llvm;
use crate::link::llvm::{CodeModel, CodegenLevel, Context, Llvm, Machine, Module};
use crate::link::tests::{file_name, run};
use crate::{Clang, Rustc};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

/// How many random types are tried.
const TYPES: usize = 300;

#[test]
fn llvm_finds_x86_64s_arguments_and_results_there() {
    compare(Abi::X86_64, "x86_64-unknown-linux-gnu", 2);
}

#[test]
fn llvm_finds_aarch64s_arguments_and_results_there() {
    compare(Abi::Aarch64, "aarch64-unknown-linux-gnu", 1);
}

/// A small generator, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit
    }

    fn leaf(&mut self, wide: bool) -> Type {
        let wide = if wide { 0 } else { 3 };
        match self.below(17 - wide) {
            0 => int(1),
            1 => int(8),
            2 => int(16),
            3 => int(24),
            4 => int(32),
            5 => int(48),
            6..9 => int(64),
            9 | 10 => PTR,
            11 => FLOAT,
            12 => DOUBLE,
            13 => FLOATS,
            14 => VECTOR,
            _ => int(128),
        }
    }

    fn several(&mut self, abi: Abi) -> Type {
        if abi == Abi::Aarch64 && self.below(4) != 0 {
            let of = [int(64), PTR, FLOAT, DOUBLE, VECTOR][self.below(5)].clone();
            return array(of, 1 + self.below(4) as u64);
        }
        Type::Struct((0..=self.below(2)).map(|_| self.leaf(false)).collect())
    }

    fn parameter(&mut self, abi: Abi) -> Parameter {
        match self.below(6) {
            0 if abi == Abi::X86_64 => {
                let align = [1, 2, 4, 8, 16][self.below(5)];
                by_value(1 + self.below(40) as u64, align)
            }
            1 if abi == Abi::Aarch64 => Parameter {
                stack_align: Some([8, 16][self.below(2)]),
                ..direct(array([int(64), DOUBLE][self.below(2)].clone(), 2))
            },
            0..3 => direct(self.several(abi)),
            _ => direct(self.leaf(true)),
        }
    }
}

/// A type as LLVM writes it.
fn text(of: &Type) -> String {
    match of {
        Type::Leaf(Leaf::Integer(bits)) => format!("i{bits}"),
        Type::Leaf(Leaf::Pointer) => "ptr".into(),
        Type::Leaf(Leaf::Float) => "float".into(),
        Type::Leaf(Leaf::Double) => "double".into(),
        Type::Leaf(Leaf::TwoFloats) => "<2 x float>".into(),
        Type::Leaf(Leaf::Vector128) => "<4 x float>".into(),
        Type::Array(of, length) => format!("[{length} x {}]", text(of)),
        Type::Struct(parts) => {
            let parts: Vec<String> = parts.iter().map(text).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        _ => unreachable!("not generated"),
    }
}

/// Instructions that return a part: of the value `%name` and of its path.
fn probe(of: &Type, name: &str, located: &Located, high: bool) -> (String, String) {
    let mut lines = String::new();
    let mut value = format!("%{name}");
    if !located.path.is_empty() {
        // A nested way is one of several numbers.
        let path: Vec<String> = located.path.iter().map(u32::to_string).collect();
        let of = text(of);
        let _ = writeln!(
            lines,
            "  %part = extractvalue {of} {value}, {}",
            path.join(", ")
        );
        value = "%part".into();
    }
    let returned = match located.leaf {
        Leaf::Memory { .. } => {
            let _ = writeln!(lines, "  %byte = load i8, ptr {value}");
            value = "%byte".into();
            "i8".into()
        }
        Leaf::Integer(128) => {
            let shift = if high { 64 } else { 0 };
            let _ = writeln!(lines, "  %shifted = lshr i128 {value}, {shift}");
            let _ = writeln!(lines, "  %half = trunc i128 %shifted to i64");
            value = "%half".into();
            "i64".into()
        }
        leaf => text(&Type::Leaf(leaf)),
    };
    let _ = writeln!(lines, "  ret {returned} {value}");
    (returned, lines)
}

/// The functions to compile, and the place that each must return from.
fn probes(abi: Abi, version: usize) -> (String, BTreeMap<String, Place>) {
    let mut random = Random(7);
    let mut functions = String::new();
    let mut expected = BTreeMap::new();
    let mut add = |name: String, of: &Type, located: &Located, head: &dyn Fn(&str) -> String| {
        for high in [false, true] {
            if high && located.leaf != Leaf::Integer(128) {
                continue;
            }
            let place = match located.place {
                Place::General(number) if high => Place::General(number + 1),
                Place::Stack(offset) if high => Place::Stack(offset + 8),
                place => place,
            };
            let argument = format!("a{}", located.value);
            let (returned, lines) = probe(of, &argument, located, high);
            let name = format!("{name}_{}", u8::from(high));
            let head = head(&format!("define {returned} @{name}"));
            let _ = writeln!(functions, "{head}{lines}}}");
            expected.insert(name, place);
        }
    };
    for number in 0..TYPES {
        let count = 1 + random.below(12);
        let parameters: Vec<Parameter> = (0..count).map(|_| random.parameter(abi)).collect();
        let list: Vec<String> = parameters.iter().enumerate().map(argument).collect();
        let signature = signature(parameters, Type::Void);
        let all = abi
            .arguments(&signature)
            .expect("known types are generated")
            .swap_remove(version);
        for (part, located) in all.iter().enumerate() {
            let of = &signature.parameters[located.value].r#type;
            add(format!("p{number}_{part}"), of, located, &|define| {
                format!("{define}({}) {{\n", list.join(", "))
            });
        }
        let of = if random.below(2) == 0 {
            random.several(abi)
        } else {
            random.leaf(true)
        };
        // What does not fit is returned in memory, which has no places.
        for (part, located) in abi.returned(&of).iter().flatten().enumerate() {
            add(format!("r{number}_{part}"), &of, located, &|define| {
                format!("{define}(ptr %f) {{\n  %a0 = call {} %f()\n", text(&of))
            });
        }
    }
    (functions, expected)
}

fn argument((number, parameter): (usize, &Parameter)) -> String {
    let attributes = match (parameter.passing, parameter.stack_align) {
        (Passing::ByValue { bytes, align }, _) => {
            format!(" byval([{bytes} x i8]) align {}", align.unwrap())
        }
        (_, Some(align)) => format!(" alignstack({align})"),
        _ => String::new(),
    };
    format!("{}{attributes} %a{number}", text(&parameter.r#type))
}

fn compare(abi: Abi, triple: &str, versions: usize) {
    let code = compile(&probes(abi, 0).0, triple);
    assert!(code.len() > 3 * TYPES, "{}", code.len());
    let wrong = (0..versions).map(|version| {
        let mut wrong = String::new();
        for (name, place) in probes(abi, version).1 {
            let found = find(abi, &code[&name], matches!(place, Place::Vector(_)));
            if found != Some(place) {
                let code = code[&name].join("\n  ");
                let _ = writeln!(wrong, "{name}: {place:?}, found {found:?}:\n  {code}");
            }
        }
        wrong
    });
    // One of the versions is this LLVM's.
    assert_eq!(wrong.min_by_key(String::len).unwrap(), "");
}

/// The instructions of each function, by the LLVM that links.
fn compile(functions: &str, triple: &str) -> BTreeMap<String, Vec<String>> {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    std::fs::write(path("probes.ll"), functions).unwrap();
    let rustc = Rustc::from_env().unwrap();
    let clang = Clang::find(rustc.llvm).unwrap();
    run(Command::new(&clang.path)
        .arg(format!("--target={triple}"))
        .args(["-c", "-emit-llvm", "-Xclang", "-disable-llvm-passes", "-w"])
        .arg("-o")
        .args([path("probes.bc"), path("probes.ll")]));

    let llvm = Llvm::load(&find_llvm(&rustc).unwrap().path).unwrap();
    let context = Context::new(&llvm);
    let bitcode = std::fs::read(path("probes.bc")).unwrap();
    let name = file_name(&path("probes.bc"));
    // Linking reads what is only read when it is needed.
    let mut module = Module::new(&context, &name);
    let read = Module::read(&context, &bitcode, &name).unwrap();
    module.link(read).unwrap();
    let machine = Machine::new(
        &llvm,
        triple,
        true,
        CodeModel::Default,
        CodegenLevel::Default,
    )
    .unwrap();
    std::fs::write(path("probes.o"), module.lower(&machine).unwrap()).unwrap();

    let objdump = format!("llvm-objdump{}", clang.suffix());
    let listing = run(Command::new(objdump)
        .args(["-d", "--no-show-raw-insn", "--no-leading-addr"])
        .arg(path("probes.o")));
    let mut code: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut current = None;
    for line in listing.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('<').and_then(|l| l.strip_suffix(">:")) {
            current = Some(name.to_owned());
        } else if let (Some(name), false) = (&current, line.is_empty()) {
            code.entry(name.clone()).or_default().push(line.to_owned());
        }
    }
    code
}
