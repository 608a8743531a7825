//! Statements: assignments, locals, atomics, control flow.
//!
//! Locals made inside a block end with it. Not here: expressions.

use super::{Body, Place};
use crate::fuzz::model::Scalar;
use std::fmt::Write as _;

impl Body<'_> {
    /// One or a few statements, with blocks nested at most `depth` deep.
    pub fn statement(&mut self, depth: u32) {
        match self.rng.u32(0..if depth == 0 { 14 } else { 19 }) {
            0..3 => self.assign(),
            3 => self.plain_local(),
            4 => self.volatile_local(),
            5 => self.hidden_local(),
            6 => self.static_local(),
            7 => self.fetch_add(),
            8 => self.compare_exchange(),
            9 => self.table_entry(),
            10 => self.callback(),
            11 => self.tick(),
            12 | 13 => self.construct(),
            14 => self.branch(depth),
            15 | 16 => self.repeat(depth),
            17 => self.switch(),
            _ => self.variable_length(),
        }
    }

    fn block(&mut self, depth: u32) {
        let known = self.places.len();
        for _ in 0..self.rng.u32(1..4) {
            self.statement(depth.saturating_sub(1));
        }
        self.places.truncate(known);
    }

    fn assign(&mut self) {
        let writable: Vec<Place> = self.places.iter().filter(|p| p.writable).cloned().collect();
        let place = writable[self.rng.usize(0..writable.len())].clone();
        let value = self.value(&place.text, place.scalar);
        let _ = writeln!(self.text, "\t{} = {value};", place.text);
    }

    /// Declares a local with a value and returns its name.
    fn local(&mut self, scalar: Scalar, qualifier: &str) -> String {
        let name = self.local_name();
        let value = match scalar {
            s if s.is_float() => "1".to_owned(),
            _ => self.value("0", scalar),
        };
        let _ = writeln!(self.text, "\t{qualifier}{} {name} = {value};", scalar.c());
        name
    }

    fn plain_local(&mut self) {
        let scalar = Scalar::ALL[self.rng.usize(0..Scalar::ALL.len())];
        let name = self.local(scalar, "");
        self.place(name, scalar, true);
    }

    fn volatile_local(&mut self) {
        let scalar = Scalar::ELEMENTS[self.rng.usize(0..Scalar::ELEMENTS.len())];
        let name = self.local(scalar, "volatile ");
        self.place(name, scalar, true);
    }

    /// A local whose value the optimizer cannot know.
    fn hidden_local(&mut self) {
        let name = self.local(Scalar::U64, "");
        let _ = writeln!(self.text, "\tbarrier_on({name});");
        self.place(name, Scalar::U64, true);
    }

    fn static_local(&mut self) {
        let initial = self.rng.u8(..);
        let name = self.local_name();
        let value = self.expression(2);
        let _ = writeln!(self.text, "\tstatic u32 {name} = {initial};");
        let _ = writeln!(self.text, "\t{name} += (u32)({value});");
        self.place(name, Scalar::U32, true);
    }

    /// Changes what an inline function keeps.
    fn tick(&mut self) {
        let value = self.expression(2);
        let name = self.local_name();
        let _ = writeln!(self.text, "\tu64 {name} = tick({value});");
        self.place(name, Scalar::U64, true);
    }

    /// Calls one of the unit's constructs.
    fn construct(&mut self) {
        let functions = self.functions;
        if functions.is_empty() {
            return self.assign();
        }
        let function = &functions[self.rng.usize(0..functions.len())];
        let value = self.expression(2);
        let name = self.local_name();
        let _ = writeln!(self.text, "\tu64 {name} = {function}({value});");
        self.place(name, Scalar::U64, true);
    }

    fn fetch_add(&mut self) {
        let name = self.local(Scalar::U64, "");
        let value = self.expression(2);
        let _ = writeln!(
            self.text,
            "\t{name} ^= __atomic_fetch_add(&state_a, {value}, __ATOMIC_SEQ_CST);"
        );
        self.place(name, Scalar::U64, true);
    }

    fn compare_exchange(&mut self) {
        let name = self.local(Scalar::I32, "");
        let value = self.expression(2);
        let _ = writeln!(
            self.text,
            "\tstate_c += __atomic_compare_exchange_n(&state_b, &{name}, (s32)({value}), 0, \
             __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);"
        );
        self.place(name, Scalar::I32, true);
    }

    fn table_entry(&mut self) {
        let (at, value) = (self.expression(1), self.expression(2));
        let _ = writeln!(self.text, "\twords[({at}) & 7] += {value};");
    }

    fn callback(&mut self) {
        let Some(callback) = self.callbacks.first().cloned() else {
            return self.assign();
        };
        let value = self.expression(2);
        let name = self.local_name();
        let _ = writeln!(self.text, "\tu64 {name} = {callback}({value});");
        self.place(name, Scalar::U64, true);
    }

    fn branch(&mut self, depth: u32) {
        let condition = self.expression(2);
        let _ = writeln!(self.text, "\tif (({condition}) & 3) {{");
        self.block(depth);
        if self.rng.bool() {
            self.text.push_str("\t} else {\n");
            self.block(depth);
        }
        self.text.push_str("\t}\n");
    }

    fn repeat(&mut self, depth: u32) {
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

    fn switch(&mut self) {
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

    /// An array of variable length: LLVM then saves and restores the stack.
    fn variable_length(&mut self) {
        let name = self.local_name();
        let (length, value) = (self.expression(1), self.expression(1));
        let _ = writeln!(
            self.text,
            "\tu16 {name}[1 + (({length}) & 15)];\n\
             \t__builtin_memset({name}, (int)(({value}) & 0xff), sizeof {name});\n\
             \tu16 *p_{name} = {name};\n\
             \tbarrier_on(p_{name});",
        );
        self.place(format!("{name}[0]"), Scalar::U16, true);
    }
}
