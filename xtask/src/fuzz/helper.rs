//! One random helper: its signature, its place, its two spellings.
//!
//! Not here: what its body does (`body`), how Rust calls it (`callers`).

use super::body::Body;
use super::model::{Scalar, Struct, Type};
use fastrand::Rng;

/// One helper.
#[derive(Debug, Clone)]
pub struct Helper {
    /// Its name in Rust, without the prefix.
    pub name: String,
    /// Its symbol, prefix included.
    pub symbol: String,
    /// Its name in C, where that is another unit's helper's too.
    shared: Option<String>,
    /// The unit that defines it.
    unit: usize,
    pub parameters: Vec<Type>,
    pub result: Type,
    /// Attributes in C.
    attribute: &'static str,
    /// Whether it only calls a `static inline` function, as helpers around headers
    /// do.
    wraps: bool,
    /// What C needs to have seen before.
    declarations: String,
    body: String,
    /// All of it in C, where it is no ordinary one.
    text: Option<String>,
    /// The causes for which its calls may stay out of line.
    pub may_stay: Vec<&'static str>,
}

/// Where a new helper goes.
pub struct Place<'a> {
    pub number: usize,
    pub unit: usize,
    /// The prefix of the unit's helpers.
    pub prefix: &'a str,
    /// Whether it has the constant that a planted fault changes.
    pub planted: bool,
    /// The functions of constructs that it can call.
    pub functions: &'a [String],
}

impl Helper {
    pub fn random(
        rng: &mut Rng,
        place: &Place<'_>,
        structs: &[Struct],
        earlier: &[Helper],
    ) -> Helper {
        // Up to nine parameters, so that some are passed on the stack.
        let count = [0, 1, 1, 2, 2, 3, 3, 4, 5, 9][rng.usize(0..10)];
        let parameters: Vec<Type> = (0..count).map(|_| parameter(rng, structs)).collect();
        let planted = place.planted;
        let result = match rng.u32(0..8) {
            _ if planted => Type::Scalar(Scalar::U64),
            0 => Type::Void,
            1..4 => Type::Struct(rng.usize(0..structs.len())),
            _ => Type::Scalar(scalar(rng)),
        };
        let wraps = rng.bool();
        let (attribute, may_stay) = match rng.u32(0..24) {
            _ if planted => ("", vec![]),
            // Of a wrapped function it says nothing about the helper.
            0 if wraps => ("__attribute__((noinline)) ", vec![]),
            0 => ("__attribute__((noinline)) ", vec!["noinline"]),
            1 => ("__attribute__((always_inline)) ", vec![]),
            2 => ("__attribute__((cold)) ", vec![]),
            3 => ("__attribute__((flatten)) ", vec![]),
            4 | 5 => ("", vec!["exempt"]),
            _ => ("", vec![]),
        };
        let callable: Vec<&Helper> = earlier.iter().filter(|h| h.scalars().is_some()).collect();
        let calls = !callable.is_empty() && rng.u32(0..4) == 0;
        let callee = calls.then(|| callable[rng.usize(0..callable.len())]);
        let statements = rng.u32(0..7);
        let mut body = Body::new(rng, &parameters, structs, place.functions);
        for _ in 0..statements {
            body.statement(2);
        }
        let mut declarations = String::new();
        if let Some((callee, (parameters, result))) = callee.and_then(|c| Some((c, c.scalars()?))) {
            body.call(&callee.symbol, &parameters, result);
            if callee.unit != place.unit {
                declarations = format!("{};\n", callee.head(&callee.symbol, structs));
            }
        }
        let name = format!("f{}", place.number);
        Helper {
            symbol: format!("{}{name}", place.prefix),
            name,
            shared: None,
            unit: place.unit,
            body: body.finish(result, structs, planted),
            parameters,
            result,
            attribute,
            wraps,
            declarations,
            text: None,
            may_stay,
        }
    }

    /// One of a construct's, from `u64` to `u64`.
    pub fn of_kind(
        name: String,
        symbol: String,
        unit: usize,
        text: String,
        may_stay: &[&'static str],
    ) -> Helper {
        Helper {
            name,
            symbol,
            shared: None,
            unit,
            parameters: vec![Type::Scalar(Scalar::U64)],
            result: Type::Scalar(Scalar::U64),
            attribute: "",
            wraps: false,
            declarations: String::new(),
            body: String::new(),
            text: Some(text),
            may_stay: may_stay.to_vec(),
        }
    }

    /// Gives it the name in C that a helper of another unit has, as helpers of several
    /// crates can have one. It stays apart by its symbol.
    pub fn share_name(&mut self, earlier: &[Helper]) {
        // Of others' functions C calls those with scalars alone, by their symbols.
        let is_uncalled = |h: &Helper| h.text.is_none() && h.scalars().is_none();
        let others = earlier
            .iter()
            .filter(|h| is_uncalled(h) && h.unit != self.unit && h.shared.is_none());
        let taken = |name: &String| {
            let own = earlier.iter().filter(|h| h.unit == self.unit);
            own.filter_map(|h| h.shared.as_ref()).any(|n| n == name)
        };
        if is_uncalled(self) {
            self.shared = others.map(|h| h.symbol.clone()).find(|n| !taken(n));
        }
    }

    /// Its parameters and result, if all of them are scalars.
    fn scalars(&self) -> Option<(Vec<Scalar>, Scalar)> {
        let scalar = |of: &Type| match of {
            Type::Scalar(scalar) => Some(*scalar),
            _ => None,
        };
        let parameters = self.parameters.iter().map(scalar).collect::<Option<_>>()?;
        Some((parameters, scalar(&self.result)?))
    }

    /// C's declaration of it under some name.
    fn head(&self, name: &str, structs: &[Struct]) -> String {
        let parameters = self.parameters.iter().enumerate();
        let parameters: Vec<String> = parameters
            .map(|(at, parameter)| parameter.c(&format!("p{at}"), structs))
            .collect();
        let parameters = match parameters.is_empty() {
            true => "void".into(),
            false => parameters.join(", "),
        };
        self.result.c(&format!("{name}({parameters})"), structs)
    }

    /// Its definition in C.
    pub fn c(&self, structs: &[Struct]) -> String {
        if let Some(text) = &self.text {
            return format!("{text}\n");
        }
        let symbol = &self.symbol;
        let (name, pragma) = match &self.shared {
            None => (symbol, String::new()),
            Some(name) => {
                let pragma = format!("#pragma redefine_extname {name} {symbol}\n");
                (name, pragma)
            }
        };
        let head = self.head(name, structs);
        let declarations = format!("{pragma}{}", self.declarations);
        let (attribute, body) = (self.attribute, &self.body);
        if !self.wraps {
            return format!("{declarations}{attribute}{head}\n{{\n{body}}}\n\n");
        }
        let inner = self.head(&format!("inline_{}", self.name), structs);
        let arguments: Vec<String> = (0..self.parameters.len())
            .map(|at| format!("p{at}"))
            .collect();
        let give = if self.result == Type::Void {
            ""
        } else {
            "return "
        };
        format!(
            "{declarations}{attribute}static inline {inner}\n{{\n{body}}}\n\
             {head}\n{{\n\t{give}inline_{}({});\n}}\n\n",
            self.name,
            arguments.join(", ")
        )
    }

    /// Its type in Rust, as that of a function pointer.
    pub fn rust_type(&self, structs: &[Struct]) -> String {
        let parameters: Vec<String> = self.parameters.iter().map(|p| p.rust(structs)).collect();
        let result = self.result.rust(structs);
        format!(
            "unsafe extern \"C\" fn({}) -> {result}",
            parameters.join(", ")
        )
    }

    /// Its declaration in Rust, as bindgen writes it.
    pub fn rust_declaration(&self, structs: &[Struct]) -> String {
        let parameters = self.parameters.iter().enumerate();
        let parameters: Vec<String> = parameters
            .map(|(at, parameter)| format!("p{at}: {}", parameter.rust(structs)))
            .collect();
        let result = self.result.rust(structs);
        format!(
            "    #[link_name = \"{}\"]\n    fn {}({}) -> {result};\n",
            self.symbol,
            self.name,
            parameters.join(", ")
        )
    }
}

fn scalar(rng: &mut Rng) -> Scalar {
    Scalar::ALL[rng.usize(0..Scalar::ALL.len())]
}

fn parameter(rng: &mut Rng, structs: &[Struct]) -> Type {
    match rng.u32(0..12) {
        0..6 => Type::Scalar(scalar(rng)),
        6..8 => Type::Struct(rng.usize(0..structs.len())),
        8 | 9 => Type::Pointer {
            to: rng.usize(0..structs.len()),
            mutable: rng.bool(),
        },
        10 => Type::Buffer {
            of: Scalar::ELEMENTS[rng.usize(0..Scalar::ELEMENTS.len())],
            mutable: rng.bool(),
        },
        _ => Type::Callback,
    }
}
