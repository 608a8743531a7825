//! Random structs: mostly what ABIs pass in registers, sometimes what they do not.
//!
//! Not here: who takes them as parameters (`helper`).

use super::model::{Field, Scalar, Shape, Struct};
use fastrand::Rng;

/// The struct of a number.
pub fn structure(rng: &mut Rng, number: usize) -> Struct {
    let limit = [4, 8, 12, 16, 24, 40][rng.usize(0..6)];
    let mut fields = Vec::new();
    let mut bytes = 0;
    for at in 0..rng.usize(1..5) {
        let scalar = Scalar::ALL[rng.usize(0..Scalar::ALL.len())];
        let unsigned = matches!(scalar, Scalar::U8 | Scalar::U16 | Scalar::U32 | Scalar::U64);
        let shape = match rng.u32(0..6) {
            0 if unsigned => Shape::Bits(widths(rng, scalar.bytes() * 8)),
            1 | 2 => Shape::Array(rng.usize(1..5)),
            _ => Shape::One,
        };
        let size = match shape {
            Shape::Array(length) => scalar.bytes() * length,
            _ => scalar.bytes(),
        };
        if at > 0 && bytes + size > limit {
            break;
        }
        bytes += size;
        fields.push(Field {
            name: format!("f{at}"),
            scalar,
            shape,
        });
    }
    Struct {
        name: format!("S{number}"),
        fields,
    }
}

/// Widths of bit-fields that fill a scalar.
fn widths(rng: &mut Rng, bits: usize) -> Vec<usize> {
    let mut widths = Vec::new();
    let mut left = bits;
    while left > 0 {
        let width = rng.usize(1..=left);
        widths.push(width);
        left -= width;
    }
    widths
}
