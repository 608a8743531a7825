//! Building a function between a call and a callee of another type.
//!
//! What is passed goes through memory that stands for the registers and the
//! stack, as a plan says; optimizing leaves nothing of it. Not here: when that is
//! sound, and the plan (`link::abi`).

use super::api::{Api, BasicBlock, Builder as RawBuilder, Type, Val};
use super::context::Context;
use super::signature::Typed;
use super::text::c_string;
use super::value::{Function, Global, Instruction, Linkage};
use super::{Module, attribute};
use crate::link::abi::{Leaf, Piece, Plan, Transfer};

/// Attributes of parameters and of results that belong to the ABI.
const ABI: &[&str] = &["byval", "sret", "align", "alignstack", "zeroext", "signext"];

impl<'c> Module<'c> {
    /// Has a call go through a new function of the call's own type, which calls
    /// the callee and copies arguments and result as a plan made for the two
    /// says. The new function is local and has the callee's attributes.
    pub(crate) fn adapt<'m>(
        &'m self,
        call: Instruction<'m>,
        callee: Function<'m>,
        plan: &Plan,
        name: &str,
    ) -> Function<'m> {
        let api = &self.context.llvm.api;
        let (outer, inner) = (call.typed(), callee.typed());
        let name = c_string(name);
        // SAFETY: all values and types are of this module and its context; the
        // function has the type of the call; the builder is at the end of the only block.
        unsafe {
            let adapter = (api.AddFunction)(self.raw, name.as_ptr(), outer.function_type());
            copy_abi(outer, |index, attribute| {
                (api.AddAttributeAtIndex)(adapter, index, attribute);
            });
            let block = (api.AppendBasicBlockInContext)(self.context.raw, adapter, c"".as_ptr());
            let builder = Builder::at_end(self.context, block);

            let given = (0..).zip(outer.parameters());
            let given: Vec<Val> = given.map(|(i, _)| (api.GetParam)(adapter, i)).collect();
            let mut arguments = builder.transfer(&plan.arguments, &given, &inner.parameters());
            let result = builder.call(inner.function_type(), callee, &mut arguments);
            copy_abi(inner, |index, attribute| {
                (api.AddCallSiteAttribute)(result, index, attribute);
            });
            let wanted = (api.GetReturnType)(outer.function_type());
            if plan.returned.taken.is_empty() && (api.GetTypeKind)(wanted) == VOID {
                (api.BuildRetVoid)(builder.raw);
            } else {
                let returned = builder.transfer(&plan.returned, &[result], &[wanted]);
                (api.BuildRet)(builder.raw, returned[0]);
            }
            drop(builder);

            let adapter = Function {
                global: Global {
                    context: self.context,
                    raw: adapter,
                },
            };
            call.set_callee(adapter);
            attribute::copy_all(callee, adapter);
            adapter.global.set_linkage(Linkage::Internal);
            adapter
        }
    }
}

const VOID: i32 = 0; // LLVMVoidTypeKind

/// Hands on the attributes of parameters and of the result that belong to the
/// ABI, each with its index.
fn copy_abi(from: Typed<'_>, to: impl Fn(u32, super::api::Attribute)) {
    for index in 0..=u32::try_from(from.parameters().len()).expect("a function has few parameters")
    {
        for name in ABI {
            if let Some(attribute) = from.attribute(index, name) {
                to(index, attribute);
            }
        }
    }
}

/// An instruction builder at the end of a block.
pub(super) struct Builder<'c> {
    pub(super) context: &'c Context<'c>,
    pub(super) raw: RawBuilder,
}

impl Drop for Builder<'_> {
    fn drop(&mut self) {
        // SAFETY: nothing else holds the builder.
        unsafe { (self.api().DisposeBuilder)(self.raw) };
    }
}

impl<'c> Builder<'c> {
    /// A builder at the end of a block of this context.
    pub(super) fn at_end(context: &'c Context<'c>, block: BasicBlock) -> Builder<'c> {
        let api = &context.llvm.api;
        // SAFETY: the block is alive, and of this context.
        unsafe {
            let raw = (api.CreateBuilderInContext)(context.raw);
            (api.PositionBuilderAtEnd)(raw, block);
            Builder { context, raw }
        }
    }

    /// Calls a function of this type.
    pub(super) fn call(&self, of: Type, callee: Function<'_>, arguments: &mut [Val]) -> Val {
        let count = u32::try_from(arguments.len()).expect("a function has few parameters");
        let arguments = arguments.as_mut_ptr();
        // SAFETY: the arguments are of the function's parameters' types.
        unsafe {
            let callee = callee.global.raw;
            (self.api().BuildCall2)(self.raw, of, callee, arguments, count, c"".as_ptr())
        }
    }
}

impl Builder<'_> {
    fn api(&self) -> &Api {
        &self.context.llvm.api
    }

    /// Writes parts of given values to memory and reads values of other types
    /// from it.
    fn transfer(&self, transfer: &Transfer, given: &[Val], taken: &[Type]) -> Vec<Val> {
        const ALIGN: u32 = 16;
        let memory = self.memory(transfer.bytes, ALIGN);
        for zeroed in &transfer.zeroed {
            // SAFETY: the type is an integer's.
            let zero = unsafe {
                let bits = 8 * (zeroed.end - zeroed.start);
                (self.api().ConstNull)(self.integer(bits))
            };
            self.store(zero, self.at(memory, zeroed.start));
        }
        for piece in &transfer.given {
            self.give(piece, self.part(given[piece.value], &piece.path), memory);
        }
        // SAFETY: any type has a poison value, of which every part is replaced.
        let poison = |of: &Type| unsafe { (self.api().GetPoison)(*of) };
        let mut values: Vec<Val> = taken.iter().map(poison).collect();
        for piece in &transfer.taken {
            let value = values[piece.value];
            let of = self.type_of(self.part(value, &piece.path));
            values[piece.value] = self.with_part(value, &piece.path, self.take(piece, of, memory));
        }
        values
    }

    fn give(&self, piece: &Piece, value: Val, memory: Val) {
        let place = self.at(memory, piece.offset);
        match piece.leaf {
            Leaf::Memory { bytes, .. } => self.copy(place, value, bytes),
            Leaf::Integer(bits) => self.store(self.cast(value, whole_bytes(bits)), place),
            _ => self.store(value, place),
        }
    }

    fn take(&self, piece: &Piece, of: Type, memory: Val) -> Val {
        let place = self.at(memory, piece.offset);
        match piece.leaf {
            Leaf::Memory { bytes, align } => {
                let align = u32::try_from(align).expect("LLVM's alignments are small");
                let own = self.memory(bytes, align);
                self.copy(own, place, bytes);
                own
            }
            Leaf::Integer(bits) => {
                let loaded = self.load(self.integer(whole_bytes(bits)), place);
                self.cast(loaded, bits.into())
            }
            _ => self.load(of, place),
        }
    }

    /// Memory of so many bytes in the adapter's frame.
    fn memory(&self, bytes: u64, align: u32) -> Val {
        let api = self.api();
        // SAFETY: the type has a size; the alignment is a power of two.
        unsafe {
            let of = (api.ArrayType2)(self.integer(8), bytes);
            let memory = (api.BuildAlloca)(self.raw, of, c"".as_ptr());
            (api.SetAlignment)(memory, align);
            memory
        }
    }

    fn at(&self, memory: Val, offset: u64) -> Val {
        // SAFETY: the offset is inside the memory, as the plan promises.
        unsafe {
            let mut offset = (self.api().ConstInt)(self.integer(64), offset, 0);
            let byte = self.integer(8);
            (self.api().BuildInBoundsGEP2)(self.raw, byte, memory, &mut offset, 1, c"".as_ptr())
        }
    }

    fn store(&self, value: Val, to: Val) {
        // SAFETY: the value fits the memory, as the plan promises.
        unsafe {
            let store = (self.api().BuildStore)(self.raw, value, to);
            (self.api().SetAlignment)(store, 1);
        }
    }

    fn load(&self, of: Type, from: Val) -> Val {
        // SAFETY: the memory is as large as the type, as the plan promises.
        unsafe {
            let load = (self.api().BuildLoad2)(self.raw, of, from, c"".as_ptr());
            (self.api().SetAlignment)(load, 1);
            load
        }
    }

    fn copy(&self, to: Val, from: Val, bytes: u64) {
        // SAFETY: both are pointers to so many bytes that do not overlap.
        unsafe {
            let bytes = (self.api().ConstInt)(self.integer(64), bytes, 0);
            (self.api().BuildMemCpy)(self.raw, to, 1, from, 1, bytes);
        }
    }

    fn integer(&self, bits: u64) -> Type {
        let bits = u32::try_from(bits).expect("a register's width");
        // SAFETY: the context is alive; LLVM has integers of any small width.
        unsafe { (self.api().IntTypeInContext)(self.context.raw, bits) }
    }

    /// Cuts an integer off or fills it up with zeros.
    fn cast(&self, value: Val, bits: u64) -> Val {
        // SAFETY: the value is an integer.
        unsafe { (self.api().BuildIntCast2)(self.raw, value, self.integer(bits), 0, c"".as_ptr()) }
    }

    fn type_of(&self, value: Val) -> Type {
        // SAFETY: the value is alive.
        unsafe { (self.api().TypeOf)(value) }
    }

    /// The part of a value at the end of a path.
    fn part(&self, value: Val, path: &[u32]) -> Val {
        path.iter().fold(value, |value, &part| {
            // SAFETY: the path was made by walking the value's type.
            unsafe { (self.api().BuildExtractValue)(self.raw, value, part, c"".as_ptr()) }
        })
    }

    /// A value with its part at the end of a path replaced.
    fn with_part(&self, value: Val, path: &[u32], with: Val) -> Val {
        let Some((&first, rest)) = path.split_first() else {
            return with;
        };
        let with = self.with_part(self.part(value, &[first]), rest, with);
        // SAFETY: as in `part`.
        unsafe { (self.api().BuildInsertValue)(self.raw, value, with, first, c"".as_ptr()) }
    }
}

/// The width of the bytes that hold an integer of so many bits.
fn whole_bytes(bits: u32) -> u64 {
    u64::from(bits.next_multiple_of(8))
}
