//! The Rust side of a program: functions that call the helpers with constants
//! and with values that no optimizer knows, and report all that comes back.
//!
//! They are spread over a chain of crates; dependencies have functions to inline
//! and generic ones, which are compiled where they are used. Not here: the helpers
//! themselves.

use super::flags::OUT_OF_BOUNDS;
use super::helper::Helper;
use super::kinds::{IS_OWN, OWN};
use super::model::{BUFFER, Scalar, Shape, Struct, Type};
use fastrand::Rng;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What begins each crate.
const ATTRIBUTES: &str = "#![no_std]\n#![allow(warnings)]\n";

/// What the first crate has for all. `State` hides its values behind what helpers
/// return.
const PRELUDE: &str = r#"pub type Sink = extern "C" fn(u32, u64);
pub trait Report: Copy {
    fn send(self, call: u32, value: u64);
}
impl Report for Sink {
    fn send(self, call: u32, value: u64) { self(call, value) }
}
pub struct State(pub u64);
impl State {
    #[inline]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        match self.0 >> 61 {
            0 => self.0 >> 33 & 7,
            1 => !(self.0 >> 33 & 15),
            2 => 1 << (self.0 >> 33 & 63),
            _ => self.0 ^ self.0 >> 31,
        }
    }
    #[inline]
    pub fn report<S: Report>(&mut self, sink: S, call: u32, value: u64) {
        self.0 ^= value;
        sink.send(call, value);
    }
}
// Which NaN comes out of an operation is nobody's to say.
pub fn float(value: f64) -> u64 { if value.is_nan() { 1 } else { value.to_bits() } }
pub extern "C" fn add(value: u64) -> u64 { value.wrapping_add(0x1234_5678_9abc) }
pub extern "C" fn mix(value: u64) -> u64 { value.rotate_left(9) ^ value.wrapping_mul(0x9e37_79b9) }
"#;

/// The texts of the crates.
pub struct Callers {
    pub crates: Vec<String>,
    /// How many calls are in them.
    pub calls: usize,
}

/// The name of a crate.
pub fn crate_name(number: usize) -> String {
    format!("c{number}")
}

/// Writes callers for every helper; those whose address they take may then stay.
pub fn generate(
    rng: &mut Rng,
    structs: &[Struct],
    helpers: &mut [Helper],
    count: usize,
    trap: Option<&str>,
) -> Callers {
    let mut crates: Vec<String> = (0..count).map(|number| start(number, structs)).collect();
    let mut order = Vec::new();
    for number in 0..helpers.len() {
        for _ in 0..rng.usize(1..4) {
            order.push(number);
        }
    }
    rng.shuffle(&mut order);
    let mut declared = vec![BTreeSet::new(); count];
    let mut run = format!(
        "#[unsafe(no_mangle)]\npub extern \"C\" fn run(sink: Sink) {{\n    \
         let mut state = State({:#x});\n",
        rng.u64(..)
    );
    for (call, number) in order.iter().enumerate() {
        let at = rng.usize(0..count);
        declared[at].insert(*number);
        let attribute = ["", "", "#[inline(never)]\n", "#[inline]\n"][rng.usize(0..4)];
        let (generic, sink) = match rng.u32(0..4) {
            0 => ("<S: Report>", "S"),
            _ => ("", "Sink"),
        };
        let text = &mut crates[at];
        let _ = writeln!(
            text,
            "{attribute}pub fn call_{call}{generic}(state: &mut State, sink: {sink}) {{"
        );
        one_call(rng, text, call, structs, &mut helpers[*number]);
        text.push_str("}\n");
        let statement = format!("call_{call}(&mut state, sink);");
        let _ = match rng.u32(0..5) {
            0 => writeln!(run, "    for _ in 0..{} {{ {statement} }}", rng.u32(2..5)),
            _ => writeln!(run, "    {statement}"),
        };
    }
    addresses(&mut crates, &mut declared, &mut run, helpers);
    if let Some(trap) = trap {
        let _ = writeln!(
            run,
            "    for place in [2, 9] {{ state.report(sink, 0, unsafe {{ {OUT_OF_BOUNDS}(core::hint::\
             black_box(place)) }}); }}"
        );
        let _ = writeln!(
            crates[count - 1],
            "unsafe extern \"C\" {{ #[link_name = \"{trap}\"] fn {OUT_OF_BOUNDS}(a: u64) -> u64; }}"
        );
    }
    for (text, used) in crates.iter_mut().zip(declared) {
        text.push_str("unsafe extern \"C\" {\n");
        for number in used {
            text.push_str(&helpers[number].rust_declaration(structs));
        }
        text.push_str("}\n");
    }
    let root = &mut crates[count - 1];
    root.push_str(&run);
    root.push_str("}\n");
    Callers {
        crates,
        calls: order.len(),
    }
}

/// Has each crate compare the addresses of the helpers that say which is theirs.
fn addresses(
    crates: &mut [String],
    declared: &mut [BTreeSet<usize>],
    run: &mut String,
    helpers: &mut [Helper],
) {
    let is_asked = |h: &Helper| h.name.starts_with(IS_OWN);
    let asked: Vec<usize> = (0..helpers.len())
        .filter(|n| is_asked(&helpers[*n]))
        .collect();
    for (at, text) in crates.iter_mut().enumerate() {
        for number in &asked {
            let asks = helpers[*number].name.clone();
            let own = asks.replace(IS_OWN, OWN);
            let helper = (0..helpers.len()).find(|n| helpers[*n].name == own);
            let helper = helper.expect("both are there");
            helpers[helper].may_stay.push("address-taken");
            declared[at].extend([*number, helper]);
            let _ = writeln!(
                text,
                "pub fn {asks}_in_{at}(state: &mut State, sink: Sink) {{\n    \
                 let own: unsafe extern \"C\" fn(u64) -> u64 = {own};\n    \
                 state.report(sink, {at}, unsafe {{ {asks}(own as usize as u64) }});\n    \
                 state.report(sink, {at}, unsafe {{ {own}({at}) }});\n}}"
            );
            let _ = writeln!(run, "    {asks}_in_{at}(&mut state, sink);");
        }
    }
}

fn start(number: usize, structs: &[Struct]) -> String {
    let mut text = ATTRIBUTES.to_owned();
    if number == 0 {
        text.push_str(PRELUDE);
        structs.iter().for_each(|s| text.push_str(&s.rust()));
    }
    for dependency in 0..number {
        let _ = writeln!(text, "use {}::*;", crate_name(dependency));
    }
    text
}

fn one_call(
    rng: &mut Rng,
    text: &mut String,
    call: usize,
    structs: &[Struct],
    helper: &mut Helper,
) {
    let mut arguments = Vec::new();
    let mut after = String::new();
    for (at, parameter) in helper.parameters.iter().enumerate() {
        let name = format!("a{at}");
        let (value, argument) = match *parameter {
            Type::Void => continue,
            Type::Scalar(scalar) => (value(rng, scalar), name.clone()),
            Type::Struct(number) => (literal(rng, &structs[number]), name.clone()),
            Type::Pointer { to, mutable } => {
                report_struct(&mut after, call, &name, &structs[to]);
                let reference = if mutable { "&mut " } else { "&" };
                (literal(rng, &structs[to]), format!("{reference}{name}"))
            }
            Type::Buffer { of, mutable } => {
                let _ = writeln!(
                    after,
                    "    for element in {name} {{ {} }}",
                    report(call, "element", of)
                );
                let pointer = if mutable { "as_mut_ptr" } else { "as_ptr" };
                let elements: Vec<String> = (0..BUFFER).map(|_| value(rng, of)).collect();
                let value = format!("[{}]", elements.join(", "));
                (value, format!("{name}.{pointer}()"))
            }
            Type::Callback => {
                let function = ["add", "mix"][rng.usize(0..2)];
                (function.to_owned(), name.clone())
            }
        };
        let _ = match parameter {
            Type::Callback => writeln!(
                text,
                "    let a{at}: extern \"C\" fn(u64) -> u64 = {value};"
            ),
            _ => writeln!(text, "    let mut a{at} = {value};"),
        };
        arguments.push(argument);
    }
    let mut function = helper.name.clone();
    if rng.u32(0..40) == 0 {
        helper.may_stay.push("address-taken");
        let _ = writeln!(
            text,
            "    let f: {} = core::hint::black_box({function});",
            helper.rust_type(structs)
        );
        function = "f".into();
    }
    let _ = writeln!(
        text,
        "    // SAFETY: the pointers are to locals of the declared types.\n    \
         let r = unsafe {{ {function}({}) }};",
        arguments.join(", ")
    );
    match helper.result {
        Type::Scalar(scalar) => {
            let _ = writeln!(text, "    {}", report(call, "r", scalar));
        }
        Type::Struct(number) => report_struct(text, call, "r", &structs[number]),
        _ => {}
    }
    text.push_str(&after);
}

/// A value: a constant, or one that is not known before the program runs.
fn value(rng: &mut Rng, scalar: Scalar) -> String {
    let constant = rng.bool();
    let mut bits = || match constant {
        true => match rng.u32(0..4) {
            0 => format!("{}u64", rng.u64(0..3)),
            1 => format!("{:#x}u64", !rng.u64(0..3)),
            2 => format!("{:#x}u64", 1u64 << rng.u32(0..64)),
            _ => format!("{:#x}u64", rng.u64(..)),
        },
        false => "state.next()".to_owned(),
    };
    let low = bits();
    match scalar {
        Scalar::Bool => format!("({low} & 1 == 1)"),
        Scalar::F32 | Scalar::F64 => format!("(({low} as i16) as {} * 0.25)", scalar.rust()),
        Scalar::I128 | Scalar::U128 => {
            format!(
                "((({low} as u128) << 64 | {} as u128) as {})",
                bits(),
                scalar.rust()
            )
        }
        _ => format!("({low} as {})", scalar.rust()),
    }
}

fn literal(rng: &mut Rng, of: &Struct) -> String {
    let mut fields = Vec::new();
    for field in &of.fields {
        let value = match field.shape {
            Shape::Array(length) => {
                let elements: Vec<String> = (0..length).map(|_| value(rng, field.scalar)).collect();
                format!("[{}]", elements.join(", "))
            }
            Shape::One | Shape::Bits(_) => value(rng, field.scalar),
        };
        fields.push(format!("{}: {value}", field.name));
    }
    format!("{} {{ {} }}", of.name, fields.join(", "))
}

fn report(call: usize, place: &str, scalar: Scalar) -> String {
    match scalar {
        Scalar::F32 | Scalar::F64 => {
            format!("state.report(sink, {call}, float({place} as f64));")
        }
        Scalar::I128 | Scalar::U128 => format!(
            "state.report(sink, {call}, {place} as u64); \
             state.report(sink, {call}, ({place} as u128 >> 64) as u64);"
        ),
        _ => format!("state.report(sink, {call}, {place} as u64);"),
    }
}

fn report_struct(text: &mut String, call: usize, place: &str, of: &Struct) {
    for field in &of.fields {
        let name = format!("{place}.{}", field.name);
        let _ = match field.shape {
            Shape::Array(_) => writeln!(
                text,
                "    for element in {name} {{ {} }}",
                report(call, "element", field.scalar)
            ),
            Shape::One | Shape::Bits(_) => {
                writeln!(text, "    {}", report(call, &name, field.scalar))
            }
        };
    }
}
