//! What helpers do: random C statements over their parameters and statics, with
//! one defined meaning.
//!
//! Expressions are pure and of type `u64`, so no order of evaluation and no
//! overflow matters; what changes something is a statement of its own. Here is
//! what a body knows of its surroundings, and its end. Not here: signatures
//! (`program`).

mod expression;
mod statement;

use super::model::{BUFFER, Scalar, Shape, Struct, Type};
use super::state::{SHARED, STATICS};
use fastrand::Rng;
use std::fmt::Write as _;

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
    /// Functions from `u64` to `u64` that it can call.
    functions: &'r [String],
    text: String,
    locals: usize,
    loops: usize,
}

impl<'r> Body<'r> {
    /// A body for a signature: its parameters can be read and assigned.
    pub fn new(
        rng: &'r mut Rng,
        parameters: &[Type],
        structs: &[Struct],
        functions: &'r [String],
    ) -> Body<'r> {
        let mut body = Body {
            rng,
            places: Vec::new(),
            callbacks: Vec::new(),
            functions,
            text: String::new(),
            locals: 0,
            loops: 0,
        };
        for (name, scalar) in STATICS.iter().chain(SHARED) {
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

    fn local_name(&mut self) -> String {
        self.locals += 1;
        format!("v{}", self.locals - 1)
    }

    /// Calls an earlier helper, with its scalar parameters.
    pub fn call(&mut self, name: &str, parameters: &[Scalar], result: Scalar) {
        let arguments: Vec<String> = parameters.iter().map(|s| self.value("1", *s)).collect();
        let local = self.local_name();
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
