//! What helpers do: random C statements over their parameters and statics, with
//! one defined meaning.
//!
//! Expressions are pure and of type `u64`, so no order of evaluation and no
//! overflow matters; what changes something is a statement of its own. Not here:
//! signatures (`program`).

use super::model::{BUFFER, Scalar, Shape, Struct, Type};
use fastrand::Rng;
use std::fmt::Write as _;

/// Mutable statics that every unit has; their names and types.
pub const STATICS: &[(&str, Scalar)] = &[
    ("state_a", Scalar::U64),
    ("state_b", Scalar::I32),
    ("state_c", Scalar::U16),
    ("state_d", Scalar::Bool),
];

/// The tables and statics themselves.
pub fn statics(rng: &mut Rng) -> String {
    let mut text = String::new();
    for (name, scalar) in STATICS {
        let _ = writeln!(text, "static {} {name} = {};", scalar.c(), rng.u32(0..2));
    }
    let bytes: Vec<String> = (0..16).map(|_| rng.u8(..).to_string()).collect();
    let _ = writeln!(
        text,
        "static const u8 bytes[16] = {{ {} }};",
        bytes.join(", ")
    );
    let words: Vec<String> = (0..8).map(|_| format!("{:#x}ULL", rng.u64(..))).collect();
    let _ = writeln!(text, "static u64 words[8] = {{ {} }};", words.join(", "));
    text
}

/// Something that can be read and perhaps assigned.
#[derive(Debug, Clone)]
struct Place {
    text: String,
    scalar: Scalar,
    writable: bool,
}

/// A body under construction.
pub struct Body<'r> {
    rng: &'r mut Rng,
    places: Vec<Place>,
    callbacks: Vec<String>,
    text: String,
    locals: usize,
    loops: usize,
}

impl<'r> Body<'r> {
    /// A body for a signature: its parameters can be read and assigned.
    pub fn new(rng: &'r mut Rng, parameters: &[Type], structs: &[Struct]) -> Body<'r> {
        let mut body = Body {
            rng,
            places: Vec::new(),
            callbacks: Vec::new(),
            text: String::new(),
            locals: 0,
            loops: 0,
        };
        for (name, scalar) in STATICS {
            body.place((*name).to_owned(), *scalar, true);
        }
        for (at, parameter) in parameters.iter().enumerate() {
            let name = format!("p{at}");
            match *parameter {
                Type::Void => {}
                Type::Scalar(scalar) => body.place(name, scalar, true),
                Type::Struct(number) => body.fields(&format!("{name}."), &structs[number], true),
                Type::Pointer { to, mutable } => {
                    body.fields(&format!("{name}->"), &structs[to], mutable);
                }
                Type::Buffer { of, mutable } => {
                    for index in [0, BUFFER / 2, BUFFER - 1] {
                        body.place(format!("{name}[{index}]"), of, mutable);
                    }
                    let index = body.expression(1);
                    body.place(format!("{name}[({index}) & {}]", BUFFER - 1), of, mutable);
                }
                Type::Callback => body.callbacks.push(name),
            }
        }
        body
    }

    fn place(&mut self, text: String, scalar: Scalar, writable: bool) {
        self.places.push(Place {
            text,
            scalar,
            writable,
        });
    }

    fn fields(&mut self, prefix: &str, of: &Struct, writable: bool) {
        for field in &of.fields {
            let name = format!("{prefix}{}", field.name);
            match &field.shape {
                Shape::One => self.place(name, field.scalar, writable),
                Shape::Array(length) => {
                    for index in 0..*length {
                        self.place(format!("{name}[{index}]"), field.scalar, writable);
                    }
                }
                Shape::Bits(widths) => {
                    for index in 0..widths.len() {
                        self.place(format!("{name}_{index}"), field.scalar, writable);
                    }
                }
            }
        }
    }

    fn constant(&mut self) -> String {
        let value = match self.rng.u32(0..6) {
            0 => self.rng.u64(0..4),
            1 => self.rng.u64(0..256),
            2 => 1 << self.rng.u32(0..64),
            3 => (1 << self.rng.u32(0..64)) - 1,
            4 => !self.rng.u64(0..300),
            _ => self.rng.u64(..),
        };
        format!("{value:#x}ULL")
    }

    fn read(&mut self) -> String {
        let place = self.places[self.rng.usize(0..self.places.len())].clone();
        let text = place.text;
        match place.scalar {
            // Out of range, a conversion to an integer is undefined.
            s if s.is_float() => format!("(u64)({text} > {}.5f)", self.rng.i32(-9..9)),
            Scalar::U128 | Scalar::I128 if self.rng.bool() => format!("(u64)((u128){text} >> 64)"),
            _ => format!("(u64){text}"),
        }
    }

    /// A pure expression of type `u64`.
    pub fn expression(&mut self, depth: u32) -> String {
        if depth == 0 || self.rng.u32(0..8) == 0 {
            return match self.rng.u32(0..10) {
                0..3 => self.constant(),
                3 => format!("(u64)bytes[{} & 15]", self.read()),
                4 => format!("words[{} & 7]", self.read()),
                _ => self.read(),
            };
        }
        let a = self.expression(depth - 1);
        let b = self.expression(depth - 1);
        match self.rng.u32(0..28) {
            0 => format!("({a} + {b})"),
            1 => format!("({a} - {b})"),
            2 => format!("({a} * {b})"),
            3 => format!("({a} ^ {b})"),
            4 => format!("({a} & {b})"),
            5 => format!("({a} | {b})"),
            6 => format!("({a} << ({b} & 63))"),
            7 => format!("({a} >> ({b} & 63))"),
            8 => format!("shift_s((s64)({a}), {b})"),
            9 => format!("div_u({a}, {b})"),
            10 => format!("mod_u({a}, {b})"),
            11 => format!("div_s((s64)({a}), (s64)({b}))"),
            12 => format!("div_s32((s32)({a}), (s32)({b}))"),
            13 => format!("mod_s16((s16)({a}), (s16)({b}))"),
            14 => format!("rotate({a}, {b})"),
            15 => format!("rotate32((u32)({a}), (u32)({b}))"),
            16 => format!("high({a}, {b})"),
            17 => format!("(leading({a}) + trailing((u32)({b})))"),
            18 => format!("checked((s32)({a}), (s32)({b}))"),
            19 => format!("checked_u16((u16)({a}), (u16)({b}))"),
            20 => format!("(triple({a}) ^ {b})"),
            21 => format!("align_up({a}, {b})"),
            22 => format!("(select_size({a}) - {b})"),
            23 => format!("sum_of(2, (u64)({a}), (u64)({b}))"),
            24 => {
                let narrow = ["s8", "u8", "s16", "u16", "s32", "u32", "_Bool"];
                let narrow = narrow[self.rng.usize(0..narrow.len())];
                format!("((u64)({narrow})({a}) + {b})")
            }
            25 => {
                let kind = ["s64", "u64", "s32", "u32", "s8", "u16"];
                let kind = kind[self.rng.usize(0..kind.len())];
                let relation = ["<", "<=", "==", "!=", ">"][self.rng.usize(0..5)];
                format!("(u64)(({kind})({a}) {relation} ({kind})({b}))")
            }
            26 => format!("(__builtin_bswap64({a}) ^ (u64)__builtin_popcountll({b}))"),
            _ => {
                let condition = self.expression(depth - 1);
                format!("((({condition}) & 1) ? {a} : {b})")
            }
        }
    }

    fn value(&mut self, place: &str, scalar: Scalar) -> String {
        let depth = self.rng.u32(1..4);
        let value = self.expression(depth);
        match scalar {
            Scalar::Bool => format!("(_Bool)(({value}) & 4)"),
            Scalar::F32 | Scalar::F64 => {
                let operator = ["+", "-", "*"][self.rng.usize(0..3)];
                format!("{place} {operator} ({})(s16)({value})", scalar.c())
            }
            Scalar::I128 | Scalar::U128 => {
                let low = self.expression(1);
                format!("({})((u128)({value}) << 64 | ({low}))", scalar.c())
            }
            _ => format!("({})({value})", scalar.c()),
        }
    }

    fn assign(&mut self) {
        let writable: Vec<Place> = self.places.iter().filter(|p| p.writable).cloned().collect();
        let place = writable[self.rng.usize(0..writable.len())].clone();
        let value = self.value(&place.text, place.scalar);
        let _ = writeln!(self.text, "\t{} = {value};", place.text);
    }

    fn local(&mut self, scalar: Scalar, qualifier: &str) -> String {
        let name = format!("v{}", self.locals);
        self.locals += 1;
        let value = match scalar {
            s if s.is_float() => "1".to_owned(),
            _ => self.value("0", scalar),
        };
        let _ = writeln!(self.text, "\t{qualifier}{} {name} = {value};", scalar.c());
        name
    }

    /// One or a few statements. Locals made inside a block end with it.
    pub fn statement(&mut self, depth: u32) {
        match self.rng.u32(0..if depth == 0 { 11 } else { 16 }) {
            0..3 => self.assign(),
            3 => {
                let scalar = Scalar::ALL[self.rng.usize(0..Scalar::ALL.len())];
                let name = self.local(scalar, "");
                self.place(name, scalar, true);
            }
            4 => {
                let scalar = Scalar::ELEMENTS[self.rng.usize(0..Scalar::ELEMENTS.len())];
                let name = self.local(scalar, "volatile ");
                self.place(name, scalar, true);
            }
            5 => {
                let name = self.local(Scalar::U64, "");
                let _ = writeln!(self.text, "\tbarrier_on({name});");
                self.place(name, Scalar::U64, true);
            }
            6 => {
                let initial = self.rng.u8(..);
                let name = format!("v{}", self.locals);
                self.locals += 1;
                let value = self.expression(2);
                let _ = writeln!(self.text, "\tstatic u32 {name} = {initial};");
                let _ = writeln!(self.text, "\t{name} += (u32)({value});");
                self.place(name, Scalar::U32, true);
            }
            7 => {
                let name = self.local(Scalar::U64, "");
                let value = self.expression(2);
                let _ = writeln!(
                    self.text,
                    "\t{name} ^= __atomic_fetch_add(&state_a, {value}, __ATOMIC_SEQ_CST);"
                );
                self.place(name, Scalar::U64, true);
            }
            8 => {
                let name = self.local(Scalar::I32, "");
                let value = self.expression(2);
                let _ = writeln!(
                    self.text,
                    "\tstate_c += __atomic_compare_exchange_n(&state_b, &{name}, (s32)({value}), 0, \
                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);"
                );
                self.place(name, Scalar::I32, true);
            }
            9 => {
                let (at, value) = (self.expression(1), self.expression(2));
                let _ = writeln!(self.text, "\twords[({at}) & 7] += {value};");
            }
            10 => match self.callbacks.first().cloned() {
                Some(callback) => {
                    let value = self.expression(2);
                    let name = format!("v{}", self.locals);
                    self.locals += 1;
                    let _ = writeln!(self.text, "\tu64 {name} = {callback}({value});");
                    self.place(name, Scalar::U64, true);
                }
                None => self.assign(),
            },
            11 => {
                let condition = self.expression(2);
                let _ = writeln!(self.text, "\tif (({condition}) & 3) {{");
                self.block(depth);
                if self.rng.bool() {
                    self.text.push_str("\t} else {\n");
                    self.block(depth);
                }
                self.text.push_str("\t}\n");
            }
            12 | 13 => {
                let limit = self.expression(1);
                let index = format!("i{}", self.loops);
                self.loops += 1;
                let _ = writeln!(
                    self.text,
                    "\tfor (u32 {index} = 0; {index} < (u32)(({limit}) & 7); {index}++) {{"
                );
                let known = self.places.len();
                self.place(index, Scalar::U32, false);
                self.block(depth);
                self.places.truncate(known);
                if self.rng.u32(0..4) == 0 {
                    let condition = self.expression(1);
                    let _ = writeln!(self.text, "\tif (({condition}) & 1) break;");
                }
                self.text.push_str("\t}\n");
            }
            14 => {
                let value = self.expression(2);
                let _ = writeln!(self.text, "\tswitch (({value}) & 7) {{");
                for case in 0..self.rng.u32(2..7) {
                    let _ = writeln!(self.text, "\tcase {case}: {{");
                    self.block(0);
                    self.text.push_str(if self.rng.u32(0..4) == 0 {
                        "\t} /* fallthrough */\n"
                    } else {
                        "\tbreak; }\n"
                    });
                }
                self.text.push_str("\tdefault: {\n");
                self.block(0);
                self.text.push_str("\t} }\n");
            }
            _ => {
                // A variable length: LLVM then saves and restores the stack.
                let name = format!("v{}", self.locals);
                self.locals += 1;
                let (length, value) = (self.expression(1), self.expression(1));
                let _ = writeln!(
                    self.text,
                    "\tu16 {name}[1 + (({length}) & 15)];\n\
                     \t__builtin_memset({name}, (int)(({value}) & 0xff), sizeof {name});\n\
                     \tbarrier_on(p_{name});",
                );
                // The barrier needs a pointer to act on.
                let at = self.text.rfind("\tbarrier_on(p_").unwrap_or(0);
                self.text
                    .insert_str(at, &format!("\tu16 *p_{name} = {name};\n"));
                self.place(format!("{name}[0]"), Scalar::U16, true);
            }
        }
    }

    fn block(&mut self, depth: u32) {
        let known = self.places.len();
        for _ in 0..self.rng.u32(1..4) {
            self.statement(depth.saturating_sub(1));
        }
        self.places.truncate(known);
    }

    /// Calls a helper that comes earlier in the unit, with its scalar parameters.
    pub fn call(&mut self, name: &str, parameters: &[Scalar], result: Scalar) {
        let arguments: Vec<String> = parameters.iter().map(|s| self.value("1", *s)).collect();
        let local = format!("v{}", self.locals);
        self.locals += 1;
        let _ = writeln!(
            self.text,
            "\t{} {local} = {name}({});",
            result.c(),
            arguments.join(", ")
        );
        self.place(local, result, true);
    }

    /// Ends the body with the value it returns. `planted` adds the constant that
    /// `PLANT` changes.
    pub fn finish(mut self, result: Type, structs: &[Struct], planted: bool) -> String {
        match result {
            Type::Scalar(scalar) => {
                let value = self.value("1", scalar);
                let plant = if planted { " ^ PLANT" } else { "" };
                let _ = writeln!(self.text, "\treturn ({value}){plant};");
            }
            Type::Struct(number) => {
                let of = &structs[number];
                let _ = writeln!(self.text, "\tstruct {} r;", of.name);
                let known = self.places.len();
                self.fields("r.", of, true);
                let fields = self.places.split_off(known);
                for field in fields {
                    let start = if field.scalar.is_float() { "2" } else { "" };
                    let value = self.value(start, field.scalar);
                    let _ = writeln!(self.text, "\t{} = {value};", field.text);
                }
                self.text.push_str("\treturn r;\n");
            }
            _ => {}
        }
        self.text
    }
}
