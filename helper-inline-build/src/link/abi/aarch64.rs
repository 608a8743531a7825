//! Arguments by AAPCS64, as LLVM's `CC_AArch64_AAPCS` places them.
//!
//! Not here: results, which are placed alike on all targets (`abi`).

use super::{Leaf, Located, Parameter, Passing, Place, Registers, Signature, Stack, Type};

/// What every argument's slot of the stack is a multiple of, in bytes.
const SLOT: u64 = 8;
/// What the stack itself is aligned to, in bytes.
const STACK_ALIGN: u64 = 16;
const REGISTERS: u64 = 8;

pub(super) fn arguments(signature: &Signature) -> Option<Vec<Located>> {
    let mut state = State {
        // x0 to x7; v0 to v7.
        registers: Registers::new(REGISTERS, REGISTERS),
        stack: Stack::default(),
        located: Vec::new(),
    };
    for (value, parameter) in signature.parameters.iter().enumerate() {
        match (&parameter.passing, &parameter.r#type) {
            (Passing::Result, Type::Leaf(leaf @ Leaf::Pointer)) => {
                state.put(value, Vec::new(), *leaf, Place::Result);
            }
            (Passing::Direct, Type::Array(..)) => state.array(value, parameter)?,
            (Passing::Direct, of) if parameter.stack_align.is_none() => {
                state.single(value, of)?;
            }
            // Neither compiler makes `byval` here.
            _ => return None,
        }
    }
    Some(state.located)
}

struct State {
    registers: Registers,
    stack: Stack,
    located: Vec<Located>,
}

impl State {
    fn put(&mut self, value: usize, path: Vec<u32>, leaf: Leaf, place: Place) {
        self.located.push(Located {
            value,
            path,
            leaf,
            place,
        });
    }

    /// Each part for itself.
    fn single(&mut self, value: usize, of: &Type) -> Option<()> {
        let alone = matches!(of, Type::Leaf(_));
        for (path, leaf) in of.leaves()? {
            let Self {
                registers, stack, ..
            } = self;
            let place = match leaf {
                Leaf::Integer(128) if !alone => return None,
                Leaf::Integer(128) => {
                    // A pair begins at an even number; what is skipped, or left
                    // over, stays unused.
                    registers.next_general = registers.next_general.next_multiple_of(2);
                    let pair = registers.general(2);
                    pair.or_else(|| {
                        registers.next_general = REGISTERS;
                        stack.take(16, 16)
                    })
                }
                Leaf::Integer(_) | Leaf::Pointer => {
                    registers.general(1).or_else(|| stack.take(SLOT, SLOT))
                }
                Leaf::Float | Leaf::Double | Leaf::TwoFloats => {
                    registers.vectors(1).or_else(|| stack.take(SLOT, SLOT))
                }
                Leaf::Vector128 => registers.vectors(1).or_else(|| stack.take(16, 16)),
                Leaf::Memory { .. } => return None,
            };
            self.put(value, path, leaf, place?);
        }
        Some(())
    }

    /// All of it in registers or all of it on the stack, without gaps.
    fn array(&mut self, value: usize, parameter: &Parameter) -> Option<()> {
        let leaves = parameter.r#type.leaves()?;
        let (_, first) = *leaves.first()?;
        if leaves.iter().any(|(_, leaf)| *leaf != first) {
            return None;
        }
        let bytes = first.bits() / 8;
        let count = leaves.len() as u64;
        let block = match first {
            Leaf::Integer(64) | Leaf::Pointer => {
                let block = self.registers.general(count);
                if block.is_none() {
                    self.registers.next_general = REGISTERS;
                }
                block
            }
            Leaf::Float | Leaf::Double | Leaf::TwoFloats | Leaf::Vector128 => {
                let block = self.registers.vectors(count);
                if block.is_none() {
                    self.registers.next_vector = REGISTERS;
                }
                block
            }
            // Not kept together by LLVM.
            _ => return None,
        };
        let mut align = parameter.stack_align.unwrap_or(bytes);
        align = align.clamp(SLOT, STACK_ALIGN);
        for ((path, leaf), number) in leaves.into_iter().zip(0..) {
            let place = match block {
                Some(Place::General(first)) => Place::General(first + number),
                Some(Place::Vector(first)) => Place::Vector(first + number),
                _ => self.stack.take(bytes, std::mem::replace(&mut align, 1))?,
            };
            self.put(value, path, leaf, place);
        }
        Some(())
    }
}
