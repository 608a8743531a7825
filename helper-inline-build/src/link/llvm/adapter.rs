//! Building a function between a call and a callee that differ in the integer
//! type that is returned.
//!
//! Not here: when that is sound (`link::adapt`).

use super::api::{Type, Val};
use super::text::c_string;
use super::value::{Function, Global, Instruction};
use super::{Module, attribute};

/// The types of a function, as far as an adapter needs them.
#[derive(PartialEq, Eq)]
pub(crate) struct Shape {
    /// The parameters' types and whether there may be more, as LLVM prints them.
    parameters: (Vec<Type>, bool),
    /// The width of the integer that is returned; `None` for anything else.
    pub(crate) returned_bits: Option<u32>,
}

impl Shape {
    /// Whether both take the same arguments.
    pub(crate) fn takes_the_same_as(&self, other: &Shape) -> bool {
        self.parameters == other.parameters
    }
}

impl Function<'_> {
    /// The types that it is defined with.
    pub(crate) fn shape(self) -> Shape {
        let api = &self.global.context.llvm.api;
        // SAFETY: the function is alive.
        shape(self.global, unsafe {
            (api.GlobalGetValueType)(self.global.raw)
        })
    }
}

impl Instruction<'_> {
    /// The types that this call is made with.
    pub(crate) fn call_shape(self) -> Shape {
        let api = &self.context.llvm.api;
        let global = Global {
            context: self.context,
            raw: self.raw,
        };
        // SAFETY: this is a call (`Function::calls`).
        shape(global, unsafe { (api.GetCalledFunctionType)(self.raw) })
    }
}

fn shape(of: Global<'_>, function: Type) -> Shape {
    const INTEGER: i32 = 8; // LLVMIntegerTypeKind
    let api = &of.context.llvm.api;
    // SAFETY: the type is a function's; the vector has room for as many
    // parameters as LLVM says there are.
    unsafe {
        let mut parameters = vec![Type::NULL; (api.CountParamTypes)(function) as usize];
        (api.GetParamTypes)(function, parameters.as_mut_ptr());
        let returned = (api.GetReturnType)(function);
        Shape {
            parameters: (parameters, (api.IsFunctionVarArg)(function) != 0),
            returned_bits: ((api.GetTypeKind)(returned) == INTEGER)
                .then(|| (api.GetIntTypeWidth)(returned)),
        }
    }
}

impl<'c> Module<'c> {
    /// Has a call go through a new function of the call's own type, which calls
    /// the callee and widens or narrows the integer that it returns. The new
    /// function is local and has the callee's attributes.
    ///
    /// Both return integers and take the same parameters.
    pub(crate) fn adapt_return<'m>(
        &'m self,
        call: Instruction<'m>,
        callee: Function<'m>,
        name: &str,
    ) -> Function<'m> {
        let api = &self.context.llvm.api;
        let name = c_string(name);
        // SAFETY: all values and types are of this module and its context; the
        // argument list is that of the callee's type, as the caller promises; the
        // last operand of a call is what it calls.
        unsafe {
            let outer_type = (api.GetCalledFunctionType)(call.raw);
            let inner_type = (api.GlobalGetValueType)(callee.global.raw);
            let adapter = (api.AddFunction)(self.raw, name.as_ptr(), outer_type);
            let block = (api.AppendBasicBlockInContext)(self.context.raw, adapter, c"".as_ptr());
            let builder = (api.CreateBuilderInContext)(self.context.raw);
            (api.PositionBuilderAtEnd)(builder, block);
            let count = (api.CountParamTypes)(inner_type);
            let mut arguments: Vec<Val> = (0..count).map(|i| (api.GetParam)(adapter, i)).collect();
            let inner = (api.BuildCall2)(
                builder,
                inner_type,
                callee.global.raw,
                arguments.as_mut_ptr(),
                count,
                c"".as_ptr(),
            );
            let wanted = (api.GetReturnType)(outer_type);
            let returned = (api.BuildIntCast2)(builder, inner, wanted, 0, c"".as_ptr());
            (api.BuildRet)(builder, returned);
            (api.DisposeBuilder)(builder);

            let operands = (api.GetNumOperands)(call.raw);
            let callee_operand = u32::try_from(operands - 1).expect("a call has operands");
            (api.SetOperand)(call.raw, callee_operand, adapter);
            let adapter = Function {
                global: Global {
                    context: self.context,
                    raw: adapter,
                },
            };
            attribute::copy_all(callee, adapter);
            adapter.global.set_linkage(super::value::Linkage::Internal);
            adapter
        }
    }
}
