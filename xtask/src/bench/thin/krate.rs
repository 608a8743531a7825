//! One crate of the generated workspace: a driver of some hundred lines, with a state
//! machine, error paths, tables and generic code, that calls helpers and functions of
//! other crates.
//!
//! Not here: which helpers and crates those are (`workspace`).

use std::fmt::Write as _;

use fastrand::Rng;

use super::helpers::Kind;

/// Helpers that one operation calls.
const PER_OPERATION: usize = 3;

/// What an edit changes: a constant in one of the functions.
pub const EDITED: &str = "const EDITED: u64 = 1;";

/// A crate to be written.
pub struct Krate<'a> {
    pub number: usize,
    /// Crates that it calls.
    pub others: &'a [usize],
    /// Helpers that it calls, in an order of its own.
    pub helpers: &'a [usize],
}

impl Krate<'_> {
    pub fn name(number: usize) -> String {
        format!("unit{number:03}")
    }

    /// Its `lib.rs`.
    pub fn text(&self, rng: &mut Rng) -> String {
        let mut text = PREAMBLE.replace("@number@", &self.number.to_string());
        text += "static TABLE: [u64; 32] = [\n";
        for _ in 0..8 {
            let row: Vec<String> = (0..4).map(|_| format!("{:#018x}", rng.u64(..))).collect();
            writeln!(text, "    {},", row.join(", ")).expect("a String takes all");
        }
        text += "];\n";
        text += BODY;
        let operations: Vec<&[usize]> = self.helpers.chunks(PER_OPERATION).collect();
        text += "\nimpl Device {\n";
        for (number, helpers) in operations.iter().enumerate() {
            operation(&mut text, number, helpers, rng);
        }
        self.dispatch(&mut text, operations.len());
        text += "}\n";
        self.shared(&mut text, rng);
        text
    }

    /// The choice of an operation.
    fn dispatch(&self, text: &mut String, operations: usize) {
        *text += "    /// Does one operation.\n    \
                  pub fn dispatch(&mut self, which: u64, x: u64) -> Result<u64, Fault> {\n        \
                  match which {\n";
        for number in 0..operations {
            writeln!(text, "            {number} => self.operation_{number}(x),")
                .expect("a String takes all");
        }
        *text += "            other => Err(Fault::Unknown { which: other }),\n        }\n    }\n\n";
        write!(
            text,
            "    /// How many there are.\n    pub const OPERATIONS: u64 = {operations};\n"
        )
        .expect("a String takes all");
    }

    /// What other crates and the program call.
    fn shared(&self, text: &mut String, rng: &mut Rng) {
        let first = self.helpers.iter().copied();
        let cheap = first.filter(|h| matches!(Kind::of(*h), Kind::Bits | Kind::Scramble));
        let helper = cheap.map(|h| format!("unsafe {{ bt_sys::bt_{h}(x, y) }}"));
        let helper = helper.into_iter().next().unwrap_or_else(|| "x ^ y".into());
        let calls: String = self
            .others
            .iter()
            .map(|other| {
                let name = Krate::name(*other);
                format!("        sum = sum.wrapping_mul(31) ^ {name}::mix(sum, round);\n")
            })
            .collect();
        let key = rng.u64(..);
        write!(
            text,
            "\n/// Of two numbers one.\npub fn mix(x: u64, y: u64) -> u64 {{\n    \
             // SAFETY: the helper has no conditions.\n    let z = {helper};\n    \
             TABLE[(z >> 3) as usize % TABLE.len()] ^ x.wrapping_mul({key:#x})\n}}\n\n\
             /// Works for some rounds.\npub fn work(rounds: u64, seed: u64) -> u64 {{\n    \
             let mut device = Device::new(seed);\n    let mut sum = seed;\n    \
             for round in 0..rounds {{\n        \
             sum = sum.rotate_left(7) ^ device.round(round, sum);\n{calls}    }}\n    \
             sum ^ device.close()\n}}\n"
        )
        .expect("a String takes all");
    }
}

/// A method that calls some helpers, on one of three paths.
fn operation(text: &mut String, number: usize, helpers: &[usize], rng: &mut Rng) {
    let constant = match number {
        0 => EDITED,
        _ => "const EDITED: u64 = 0;",
    };
    write!(
        text,
        "    fn operation_{number}(&mut self, x: u64) -> Result<u64, Fault> {{\n        {constant}\n        \
         let mut acc = x ^ {:#x};\n        \
         if self.state == State::Failed && x & 0xf0 == 0 {{\n            \
         return Err(Fault::Bus(-5));\n        }}\n        \
         // SAFETY: all pointers are to the device's own words and lists.\n        unsafe {{\n",
        rng.u64(..) >> 1
    )
    .expect("a String takes all");
    for helper in helpers {
        let call = call(*helper, rng);
        match rng.u8(0..3) {
            0 => writeln!(text, "            acc = acc.wrapping_add({call});"),
            1 => writeln!(
                text,
                "            if acc & {:#x} != 0 {{\n                acc ^= {call};\n            \
                 }} else {{\n                self.faults += 1;\n            }}",
                1u64 << rng.u32(0..8) | 1
            ),
            _ => writeln!(text, "            acc = acc.rotate_left(9) ^ {call};"),
        }
        .expect("a String takes all");
    }
    write!(
        text,
        "        }}\n        let slot = acc as usize % self.bank.words.len();\n        \
         self.bank.write(slot, acc);\n        \
         if acc % {} == 0 {{\n            return Err(Fault::Range(acc & 0xff));\n        }}\n        \
         Ok(acc.wrapping_add(EDITED))\n    }}\n\n",
        rng.u64(90..200)
    )
    .expect("a String takes all");
}

/// The call of a helper on a device.
fn call(helper: usize, rng: &mut Rng) -> String {
    let arguments = match Kind::of(helper) {
        Kind::Add => format!("&mut self.words[{}], acc", rng.usize(0..16)),
        Kind::Bits => "acc, x".to_owned(),
        Kind::Move => "self.lists.as_mut_ptr(), acc".to_owned(),
        Kind::Count => "acc & 0xffff".to_owned(),
        Kind::Scramble => "acc, x".to_owned(),
        Kind::TestAndSet => "self.flags.as_mut_ptr(), acc & 0xff".to_owned(),
        Kind::Bounds => {
            let low = rng.i64(-50..50);
            format!("(acc % 512) as i64, {low}, {}", low + rng.i64(100..400))
        }
        Kind::Sequence => "self.lock.as_mut_ptr()".to_owned(),
    };
    let cast = match Kind::of(helper) {
        Kind::Bounds => " as u64",
        _ => "",
    };
    format!("bt_sys::bt_{helper}({arguments}){cast}")
}

/// What comes before the table.
const PREAMBLE: &str = "\
//! Driver @number@. Generated by `cargo xtask bench thin`.

";

/// What every crate has.
const BODY: &str = include_str!("krate_body.rs.txt");
