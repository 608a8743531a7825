//! Arguments by the System V ABI for x86_64, as LLVM's `CC_X86_64_C` places them.
//!
//! Not here: results, which are placed alike on all targets (`abi`).

use super::{Leaf, Located, Passing, Registers, Signature, Stack, Type};

/// What every slot of the stack is a multiple of, in bytes.
const SLOT: u64 = 8;
/// The largest struct on the stack that is worth an adapter, in bytes.
const LARGEST: u64 = 1 << 16;

/// What becomes of r9 when an i128 finds it alone and goes to the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastRegister {
    /// It is there for what comes after, as GCC has it (seen in LLVM 22).
    Stays,
    /// It is lost (seen in LLVM 19).
    Goes,
}

pub(super) fn arguments(signature: &Signature, last: LastRegister) -> Option<Vec<Located>> {
    // rdi, rsi, rdx, rcx, r8, r9; xmm0 to xmm7.
    let mut registers = Registers::new(6, 8);
    let mut stack = Stack::default();
    let mut located = Vec::new();
    for (value, parameter) in signature.parameters.iter().enumerate() {
        if parameter.stack_align.is_some() {
            return None;
        }
        let leaves = match parameter.passing {
            Passing::Unknown => return None,
            // The address of the result is an argument like any other.
            Passing::Direct | Passing::Result => parameter.r#type.leaves()?,
            Passing::ByValue { bytes, align } => {
                let align = align?;
                vec![(Vec::new(), Leaf::Memory { bytes, align })]
            }
        };
        // How the halves of an i128 inside a struct are placed is not known.
        let alone = matches!(parameter.r#type, Type::Leaf(_));
        for (path, leaf) in leaves {
            let place = match leaf {
                Leaf::Integer(128) if !alone => return None,
                // Both halves in registers or none.
                Leaf::Integer(128) => registers.general(2).or_else(|| {
                    if last == LastRegister::Goes {
                        registers.general(1);
                    }
                    stack.take(16, 16)
                }),
                Leaf::Integer(_) | Leaf::Pointer => {
                    registers.general(1).or_else(|| stack.take(SLOT, SLOT))
                }
                Leaf::Float | Leaf::Double => {
                    registers.vectors(1).or_else(|| stack.take(SLOT, SLOT))
                }
                Leaf::TwoFloats | Leaf::Vector128 => {
                    registers.vectors(1).or_else(|| stack.take(16, 16))
                }
                Leaf::Memory { bytes, .. } if bytes == 0 || bytes > LARGEST => return None,
                Leaf::Memory { bytes, align } => {
                    stack.take(bytes.checked_next_multiple_of(SLOT)?, align.max(SLOT))
                }
            };
            located.push(Located {
                value,
                path,
                leaf,
                place: place?,
            });
        }
    }
    Some(located)
}
