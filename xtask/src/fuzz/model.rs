//! The types of a generated program: scalars, structs and pointers, each with its
//! spelling in C and in Rust.
//!
//! The two spellings come from one description, so the declarations agree. Not
//! here: choosing at random, and helpers (`helper`).

use std::fmt::Write as _;

/// A number that C and Rust both have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    Bool,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    Isize,
    Usize,
    I128,
    U128,
    F32,
    F64,
}

impl Scalar {
    /// All of them; small ones twice, since ABIs have most to say about them.
    pub const ALL: &[Scalar] = {
        use Scalar::*;
        &[
            Bool, I8, U8, I16, U16, I8, U8, I16, U16, I32, U32, I64, U64, Isize, Usize, I128, U128,
            F32, F64,
        ]
    };
    /// What buffers are made of.
    pub const ELEMENTS: &[Scalar] = {
        use Scalar::*;
        &[I8, U8, I16, U16, I32, U32, I64, U64]
    };

    pub fn c(self) -> &'static str {
        use Scalar::*;
        match self {
            Bool => "_Bool",
            I8 => "s8",
            U8 => "u8",
            I16 => "s16",
            U16 => "u16",
            I32 => "s32",
            U32 => "u32",
            I64 => "s64",
            U64 => "u64",
            Isize => "ssize",
            Usize => "usize",
            I128 => "s128",
            U128 => "u128",
            F32 => "f32",
            F64 => "f64",
        }
    }

    pub fn rust(self) -> &'static str {
        use Scalar::*;
        match self {
            Bool => "bool",
            I8 => "i8",
            U8 => "u8",
            I16 => "i16",
            U16 => "u16",
            I32 => "i32",
            U32 => "u32",
            I64 => "i64",
            U64 => "u64",
            Isize => "isize",
            Usize => "usize",
            I128 => "i128",
            U128 => "u128",
            F32 => "f32",
            F64 => "f64",
        }
    }

    pub fn bytes(self) -> usize {
        use Scalar::*;
        match self {
            Bool | I8 | U8 => 1,
            I16 | U16 => 2,
            I32 | U32 | F32 => 4,
            I64 | U64 | Isize | Usize | F64 => 8,
            I128 | U128 => 16,
        }
    }

    pub fn is_float(self) -> bool {
        matches!(self, Scalar::F32 | Scalar::F64)
    }
}

/// A struct that is passed by value and by pointer.
#[derive(Debug, Clone)]
pub struct Struct {
    pub name: String,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub scalar: Scalar,
    pub shape: Shape,
}

#[derive(Debug, Clone)]
pub enum Shape {
    One,
    Array(usize),
    /// Bit-fields that fill the scalar, by their widths. Rust sees the scalar.
    Bits(Vec<usize>),
}

impl Struct {
    pub fn c(&self) -> String {
        let mut text = format!("struct {} {{", self.name);
        for (at, field) in self.fields.iter().enumerate() {
            let (name, scalar) = (&field.name, field.scalar.c());
            if at > 0 && matches!(field.shape, Shape::Bits(_)) {
                // Or else bit-fields begin in what is left of a unit before.
                let _ = write!(text, " {scalar} :0;");
            }
            let _ = match &field.shape {
                Shape::One => write!(text, " {scalar} {name};"),
                Shape::Array(length) => write!(text, " {scalar} {name}[{length}];"),
                Shape::Bits(widths) => widths
                    .iter()
                    .enumerate()
                    .try_for_each(|(at, width)| write!(text, " {scalar} {name}_{at}:{width};")),
            };
        }
        text + " };\n"
    }

    pub fn rust(&self) -> String {
        let mut text = format!(
            "#[repr(C)]\n#[derive(Clone, Copy)]\npub struct {} {{",
            self.name
        );
        for field in &self.fields {
            let (name, scalar) = (&field.name, field.scalar.rust());
            let _ = match &field.shape {
                Shape::Array(length) => write!(text, " pub {name}: [{scalar}; {length}],"),
                Shape::One | Shape::Bits(_) => write!(text, " pub {name}: {scalar},"),
            };
        }
        text + " }\n"
    }
}

/// How many elements every buffer has.
pub const BUFFER: usize = 8;

/// A parameter's or a result's type; structs by their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Void,
    Scalar(Scalar),
    Struct(usize),
    Pointer { to: usize, mutable: bool },
    Buffer { of: Scalar, mutable: bool },
    Callback,
}

impl Type {
    /// C's declaration of something of this type.
    pub fn c(self, name: &str, structs: &[Struct]) -> String {
        let constant = |mutable| if mutable { "" } else { "const " };
        match self {
            Type::Void => format!("void {name}"),
            Type::Scalar(scalar) => format!("{} {name}", scalar.c()),
            Type::Struct(number) => format!("struct {} {name}", structs[number].name),
            Type::Pointer { to, mutable } => {
                format!("{}struct {} *{name}", constant(mutable), structs[to].name)
            }
            Type::Buffer { of, mutable } => format!("{}{} *{name}", constant(mutable), of.c()),
            Type::Callback => format!("u64 (*{name})(u64)"),
        }
    }

    pub fn rust(self, structs: &[Struct]) -> String {
        let pointer = |mutable| if mutable { "*mut" } else { "*const" };
        match self {
            Type::Void => "()".into(),
            Type::Scalar(scalar) => scalar.rust().into(),
            Type::Struct(number) => structs[number].name.clone(),
            Type::Pointer { to, mutable } => format!("{} {}", pointer(mutable), structs[to].name),
            Type::Buffer { of, mutable } => format!("{} {}", pointer(mutable), of.rust()),
            Type::Callback => "extern \"C\" fn(u64) -> u64".into(),
        }
    }
}
