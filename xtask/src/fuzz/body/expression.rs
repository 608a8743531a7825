//! Expressions: pure, of type `u64`, with a value for all operands.
//!
//! Not here: what changes something (`statement`).

use super::Body;
use crate::fuzz::model::Scalar;

impl Body<'_> {
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
    pub(super) fn expression(&mut self, depth: u32) -> String {
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
        match self.rng.u32(0..31) {
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
            27 => format!("operations[({a}) & 1]({b})"),
            28 => format!("(is_twist({a}) + {b})"),
            29 => format!("((u64)names[({a}) & 3][({b}) & 3] << 1)"),
            _ => {
                let condition = self.expression(depth - 1);
                format!("((({condition}) & 1) ? {a} : {b})")
            }
        }
    }

    /// An expression of a scalar's type, for assigning to a place.
    pub(super) fn value(&mut self, place: &str, scalar: Scalar) -> String {
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
}
