//! Whether what one side of a call puts into places is what the other side
//! takes from them, and which copies that makes.
//!
//! Not here: the code that copies (`link::llvm`).

use super::{Abi, Leaf, Located, Signature};
use std::ops::Range;

/// The copies between a call and a helper of another type.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::link) struct Plan {
    /// From the call's arguments to the helper's.
    pub(in crate::link) arguments: Transfer,
    /// From the helper's result to the call's.
    pub(in crate::link) returned: Transfer,
}

/// Copies through a piece of memory that stands for registers and stack.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::link) struct Transfer {
    /// Its size in bytes.
    pub(in crate::link) bytes: u64,
    /// What is written to it.
    pub(in crate::link) given: Vec<Piece>,
    /// What is zero before that, in bytes.
    pub(in crate::link) zeroed: Vec<Range<u64>>,
    /// What is then read from it.
    pub(in crate::link) taken: Vec<Piece>,
}

/// One part that is copied.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::link) struct Piece {
    /// The argument's number; 0 for a result.
    pub(in crate::link) value: usize,
    /// The way to the part inside the argument or the result.
    pub(in crate::link) path: Vec<u32>,
    pub(in crate::link) leaf: Leaf,
    /// Where it is in the memory, in bytes.
    pub(in crate::link) offset: u64,
}

/// The copies that stand for a call by the ABI; `None` if a side's places are
/// not known, or one takes what the other does not give.
pub(in crate::link) fn plan(abi: Abi, call: &Signature, helper: &Signature) -> Option<Plan> {
    if !call.is_known() || !helper.is_known() {
        return None;
    }
    let given = abi.arguments(call)?.into_iter();
    let mut versions = given
        .zip(abi.arguments(helper)?)
        .map(|(given, taken)| Transfer::new(given, taken));
    let arguments = versions.next()?;
    // What another LLVM would copy from elsewhere is not certain.
    if !versions.all(|version| version.sources() == arguments.sources()) {
        return None;
    }
    let returned = Transfer::new(
        abi.returned(&helper.returned)?,
        abi.returned(&call.returned)?,
    );
    // The upper bits of a register that a struct does not fill are anything, so
    // they may be zero. A number has no such bits: widths that differ are a wrong
    // declaration.
    let is_number = call.returns_number || helper.returns_number;
    let sound = arguments.zeroed.is_empty()
        && (returned.zeroed.is_empty() || !is_number)
        && returned
            .taken
            .iter()
            .all(|piece| returned.gives_part_of(piece));
    sound.then_some(Plan {
        arguments,
        returned,
    })
}

impl Transfer {
    fn new(given: Vec<Located>, taken: Vec<Located>) -> Transfer {
        let given: Vec<Piece> = given.into_iter().map(Piece::of).collect();
        let taken: Vec<Piece> = taken.into_iter().map(Piece::of).collect();
        let zeroed = taken
            .iter()
            .filter(|piece| !is_covered(piece.bits(), &given));
        Transfer {
            bytes: given
                .iter()
                .chain(&taken)
                .map(|piece| piece.bytes().end)
                .max()
                .unwrap_or(0),
            zeroed: zeroed.map(Piece::bytes).collect(),
            given,
            taken,
        }
    }

    /// For each part that is taken, which of those given it is taken from, and
    /// how far into them, in bytes.
    fn sources(&self) -> Vec<Vec<(usize, i128)>> {
        let source = |taken: &Piece, (number, given): (usize, &Piece)| {
            let into = i128::from(taken.offset) - i128::from(given.offset);
            overlap(&taken.bits(), &given.bits()).then_some((number, into))
        };
        self.taken
            .iter()
            .map(|taken| {
                let given = self.given.iter().enumerate();
                given.filter_map(|given| source(taken, given)).collect()
            })
            .collect()
    }

    fn gives_part_of(&self, taken: &Piece) -> bool {
        let wanted = taken.bits();
        self.given
            .iter()
            .any(|given| overlap(&given.bits(), &wanted))
    }
}

fn overlap(one: &Range<u64>, other: &Range<u64>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Whether every bit of a range is among those given.
fn is_covered(range: Range<u64>, given: &[Piece]) -> bool {
    let mut next = range.start;
    while next < range.end {
        let more = given
            .iter()
            .map(Piece::bits)
            .find(|given| given.contains(&next));
        match more {
            Some(more) => next = more.end,
            None => return false,
        }
    }
    true
}

impl Piece {
    fn of(located: Located) -> Piece {
        Piece {
            value: located.value,
            path: located.path,
            leaf: located.leaf,
            offset: located.place.offset(),
        }
    }

    fn bits(&self) -> Range<u64> {
        let start = self.offset * 8;
        start..start + self.leaf.bits()
    }

    fn bytes(&self) -> Range<u64> {
        self.offset..self.offset + self.leaf.bits().div_ceil(8)
    }
}
