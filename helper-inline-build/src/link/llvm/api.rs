//! The functions of LLVM's C API that this crate calls, loaded from a shared
//! library at run time.
//!
//! Signatures are those of `llvm-c/*.h` from LLVM 19 to 22. Not here: any
//! policy, or any safe meaning; the modules beside this one give that.
#![allow(non_snake_case)]

use crate::Version;
use crate::clang::library;
use libloading::Library;
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::path::Path;

macro_rules! opaque {
    ($($name:ident),* $(,)?) => {
        $(
            /// A pointer that only LLVM looks behind.
            #[repr(transparent)]
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
            pub(super) struct $name(pub(super) *mut c_void);
            impl $name {
                #[allow(dead_code)]
                pub(super) const NULL: $name = $name(std::ptr::null_mut());
                #[allow(dead_code)]
                pub(super) fn is_null(self) -> bool {
                    self.0.is_null()
                }
            }
        )*
    };
}

opaque!(
    Attribute,
    BasicBlock,
    Buffer,
    Builder,
    Ctx,
    DiagInfo,
    Error,
    Metadata,
    Mod,
    PassOptions,
    Target,
    TargetData,
    Machine,
    Type,
    Use,
    Val,
);

pub(super) type DiagHandler = extern "C" fn(DiagInfo, *mut c_void);

macro_rules! api {
    ($($name:ident($($arg:ty),*) $(-> $ret:ty)?;)*) => {
        /// The loaded functions; each is named as in C, without `LLVM`.
        pub(super) struct Api {
            $(pub(super) $name: unsafe extern "C" fn($($arg),*) $(-> $ret)?,)*
            /// Keeps the functions' code mapped.
            _library: Library,
        }

        impl Api {
            pub(super) fn load(path: &Path) -> Result<Api, libloading::Error> {
                // SAFETY: loading runs the library's initializers. The path is
                // rustc's own libLLVM or one that the user named as such.
                let library = unsafe { Library::new(path)? };
                $(
                    // SAFETY: the type is that of the C header for this name.
                    let $name = unsafe {
                        *library.get::<unsafe extern "C" fn($($arg),*) $(-> $ret)?>(
                            concat!("LLVM", stringify!($name), "\0").as_bytes(),
                        )?
                    };
                )*
                Ok(Api { $($name,)* _library: library })
            }

            /// The version of a library that lacks some of the functions. LLVM 14
            /// and 15 do not tell; their file names have the major number.
            pub(super) fn version(path: &Path) -> Option<Version> {
                // SAFETY: as in `load`.
                let library = unsafe { Library::new(path) }.ok()?;
                let (mut major, mut minor, mut patch) = (0, 0, 0);
                // SAFETY: the type is that of the C header for this name, and the
                // three pointers are valid for writes.
                unsafe {
                    match library
                        .get::<unsafe extern "C" fn(*mut c_uint, *mut c_uint, *mut c_uint)>(
                            b"LLVMGetVersion\0",
                        ) {
                        Ok(version) => version(&mut major, &mut minor, &mut patch),
                        Err(_) => major = library::major_of(&path.file_name()?.to_string_lossy())?,
                    }
                }
                Some(Version { major, minor, patch })
            }
        }
    };
}

api! {
    // Core.h: library, context, diagnostics
    GetVersion(*mut c_uint, *mut c_uint, *mut c_uint);
    ContextCreate() -> Ctx;
    ContextDispose(Ctx);
    ContextSetDiagnosticHandler(Ctx, Option<DiagHandler>, *mut c_void);
    GetDiagInfoDescription(DiagInfo) -> *mut c_char;
    GetDiagInfoSeverity(DiagInfo) -> c_int;
    DisposeMessage(*mut c_char);
    ParseCommandLineOptions(c_int, *const *const c_char, *const c_char);

    // Core.h, BitReader.h, BitWriter.h, Linker.h, Analysis.h: modules
    CreateMemoryBufferWithMemoryRangeCopy(*const c_char, usize, *const c_char) -> Buffer;
    GetBufferStart(Buffer) -> *const c_char;
    GetBufferSize(Buffer) -> usize;
    DisposeMemoryBuffer(Buffer);
    GetBitcodeModuleInContext2(Ctx, Buffer, *mut Mod) -> c_int;
    ParseBitcodeInContext2(Ctx, Buffer, *mut Mod) -> c_int;
    PrintModuleToString(Mod) -> *mut c_char;
    ParseIRInContext(Ctx, Buffer, *mut Mod, *mut *mut c_char) -> c_int;
    ModuleCreateWithNameInContext(*const c_char, Ctx) -> Mod;
    DisposeModule(Mod);
    LinkModules2(Mod, Mod) -> c_int;
    VerifyModule(Mod, c_int, *mut *mut c_char) -> c_int;
    GetTarget(Mod) -> *const c_char;
    SetTarget(Mod, *const c_char);
    GetDataLayoutStr(Mod) -> *const c_char;
    SetDataLayout(Mod, *const c_char);
    GetModuleInlineAsm(Mod, *mut usize) -> *const c_char;
    SetModuleInlineAsm2(Mod, *const c_char, usize);
    WriteBitcodeToMemoryBuffer(Mod) -> Buffer;
    GetNamedMetadataNumOperands(Mod, *const c_char) -> c_uint;
    GetNamedMetadataOperands(Mod, *const c_char, *mut Val);
    GetMDNodeNumOperands(Val) -> c_uint;
    GetMDNodeOperands(Val, *mut Val);
    GetMDString(Val, *mut c_uint) -> *const c_char;
    IsAConstantInt(Val) -> Val;
    ConstIntGetZExtValue(Val) -> u64;
    AddModuleFlag(Mod, c_int, *const c_char, usize, Metadata);
    ValueAsMetadata(Val) -> Metadata;
    StripModuleDebugInfo(Mod) -> c_int;

    // Core.h: globals
    GetFirstFunction(Mod) -> Val;
    GetNextFunction(Val) -> Val;
    GetFirstGlobal(Mod) -> Val;
    GetNextGlobal(Val) -> Val;
    GetFirstGlobalAlias(Mod) -> Val;
    GetNextGlobalAlias(Val) -> Val;
    GetFirstGlobalIFunc(Mod) -> Val;
    GetNextGlobalIFunc(Val) -> Val;
    GetGlobalIFuncResolver(Val) -> Val;
    AliasGetAliasee(Val) -> Val;
    AliasSetAliasee(Val, Val);
    AddAlias2(Mod, Type, c_uint, Val, *const c_char) -> Val;
    EraseGlobalIFunc(Val);
    GetNamedFunction(Mod, *const c_char) -> Val;
    GetNamedGlobal(Mod, *const c_char) -> Val;
    AddGlobal(Mod, Type, *const c_char) -> Val;
    DeleteGlobal(Val);
    DeleteFunction(Val);
    IsAGlobalValue(Val) -> Val;
    IsAFunction(Val) -> Val;
    IsAGlobalVariable(Val) -> Val;
    IsAGlobalAlias(Val) -> Val;
    IsAGlobalIFunc(Val) -> Val;
    GetVisibility(Val) -> c_int;
    GetAsString(Val, *mut usize) -> *const c_char;
    GetInitializer(Val) -> Val;
    SetInitializer(Val, Val);
    IsDeclaration(Val) -> c_int;
    IsGlobalConstant(Val) -> c_int;
    SetGlobalConstant(Val, c_int);
    GetThreadLocalMode(Val) -> c_int;
    SetThreadLocalMode(Val, c_int);
    GetAlignment(Val) -> c_uint;
    GetUnnamedAddress(Val) -> c_int;
    GetLinkage(Val) -> c_int;
    SetLinkage(Val, c_int);
    SetVisibility(Val, c_int);
    SetComdat(Val, *mut c_void);
    GetSection(Val) -> *const c_char;
    SetSection(Val, *const c_char);
    GlobalGetValueType(Val) -> Type;

    // Core.h: values, uses, instructions
    GetValueName2(Val, *mut usize) -> *const c_char;
    PrintTypeToString(Type) -> *mut c_char;
    GetOperand(Val, c_uint) -> Val;
    GetNumOperands(Val) -> c_int;
    GetFirstBasicBlock(Val) -> BasicBlock;
    GetNextBasicBlock(BasicBlock) -> BasicBlock;
    GetFirstInstruction(BasicBlock) -> Val;
    GetNextInstruction(Val) -> Val;
    GetNumArgOperands(Val) -> c_uint;
    CanValueUseFastMathFlags(Val) -> c_int;
    GetFastMathFlags(Val) -> c_uint;
    IsAGlobalObject(Val) -> Val;
    SetValueName2(Val, *const c_char, usize);
    ReplaceAllUsesWith(Val, Val);
    GetFirstUse(Val) -> Use;
    GetNextUse(Use) -> Use;
    GetUser(Use) -> Val;
    IsAInstruction(Val) -> Val;
    IsACallInst(Val) -> Val;
    IsAInvokeInst(Val) -> Val;
    GetCalledValue(Val) -> Val;
    GetCalledFunctionType(Val) -> Type;
    BasicBlockAsValue(BasicBlock) -> Val;
    IsABlockAddress(Val) -> Val;
    IsACallBrInst(Val) -> Val;
    IsAInlineAsm(Val) -> Val;
    GetInlineAsmAsmString(Val, *mut usize) -> *const c_char;
    GetInstructionParent(Val) -> BasicBlock;
    GetBasicBlockParent(BasicBlock) -> Val;
    GetDebugLocFilename(Val, *mut c_uint) -> *const c_char;
    GetDebugLocDirectory(Val, *mut c_uint) -> *const c_char;
    GetDebugLocLine(Val) -> c_uint;
    GetDebugLocColumn(Val) -> c_uint;
    InstructionGetDebugLoc(Val) -> Metadata;
    DILocationGetInlinedAt(Metadata) -> Metadata;
    DILocationGetScope(Metadata) -> Metadata;
    DILocationGetLine(Metadata) -> c_uint;
    DILocationGetColumn(Metadata) -> c_uint;
    DIScopeGetFile(Metadata) -> Metadata;
    DIFileGetFilename(Metadata, *mut c_uint) -> *const c_char;
    DIFileGetDirectory(Metadata, *mut c_uint) -> *const c_char;
    GetSubprogram(Val) -> Metadata;
    MetadataAsValue(Ctx, Metadata) -> Val;
    MDStringInContext2(Ctx, *const c_char, usize) -> Metadata;
    ReplaceMDNodeOperandWith(Val, c_uint, Metadata);
    DISubprogramGetLine(Metadata) -> c_uint;
    IsAIndirectBrInst(Val) -> Val;
    ConstInt(Type, u64, c_int) -> Val;
    ConstArray2(Type, *const Val, u64) -> Val;
    Int8TypeInContext(Ctx) -> Type;
    Int32TypeInContext(Ctx) -> Type;
    FunctionType(Type, *mut Type, c_uint, c_int) -> Type;
    VoidTypeInContext(Ctx) -> Type;
    PointerTypeInContext(Ctx, c_uint) -> Type;
    ArrayType2(Type, u64) -> Type;

    // Core.h, Target.h: types and their layout
    CountParamTypes(Type) -> c_uint;
    GetParamTypes(Type, *mut Type);
    IsFunctionVarArg(Type) -> c_int;
    GetReturnType(Type) -> Type;
    GetTypeKind(Type) -> c_int;
    GetIntTypeWidth(Type) -> c_uint;
    GetPointerAddressSpace(Type) -> c_uint;
    GetElementType(Type) -> Type;
    GetArrayLength2(Type) -> u64;
    GetVectorSize(Type) -> c_uint;
    CountStructElementTypes(Type) -> c_uint;
    StructGetTypeAtIndex(Type, c_uint) -> Type;
    StructTypeInContext(Ctx, *mut Type, c_uint, c_int) -> Type;
    IsPackedStruct(Type) -> c_int;
    TypeOf(Val) -> Type;
    IntTypeInContext(Ctx, c_uint) -> Type;
    GetGlobalParent(Val) -> Mod;
    GetModuleDataLayout(Mod) -> TargetData;
    ABISizeOfType(TargetData, Type) -> u64;
    IsAAllocaInst(Val) -> Val;
    GetAllocatedType(Val) -> Type;
    GetFunctionCallConv(Val) -> c_uint;
    SetFunctionCallConv(Val, c_uint);
    GetInstructionCallConv(Val) -> c_uint;

    // Core.h: building
    AddFunction(Mod, *const c_char, Type) -> Val;
    GetParam(Val, c_uint) -> Val;
    AppendBasicBlockInContext(Ctx, Val, *const c_char) -> BasicBlock;
    CreateBuilderInContext(Ctx) -> Builder;
    PositionBuilderAtEnd(Builder, BasicBlock);
    BuildCall2(Builder, Type, Val, *mut Val, c_uint, *const c_char) -> Val;
    BuildIntCast2(Builder, Val, Type, c_int, *const c_char) -> Val;
    BuildAlloca(Builder, Type, *const c_char) -> Val;
    BuildLoad2(Builder, Type, Val, *const c_char) -> Val;
    BuildStore(Builder, Val, Val) -> Val;
    BuildMemCpy(Builder, Val, c_uint, Val, c_uint, Val) -> Val;
    BuildInBoundsGEP2(Builder, Type, Val, *mut Val, c_uint, *const c_char) -> Val;
    BuildExtractValue(Builder, Val, c_uint, *const c_char) -> Val;
    BuildInsertValue(Builder, Val, Val, c_uint, *const c_char) -> Val;
    BuildRet(Builder, Val) -> Val;
    BuildRetVoid(Builder) -> Val;
    DisposeBuilder(Builder);
    SetAlignment(Val, c_uint);
    SetOperand(Val, c_uint, Val);
    ConstNull(Type) -> Val;
    GetPoison(Type) -> Val;

    // Core.h: attributes
    GetEnumAttributeKindForName(*const c_char, usize) -> c_uint;
    CreateEnumAttribute(Ctx, c_uint, u64) -> Attribute;
    GetEnumAttributeKind(Attribute) -> c_uint;
    GetEnumAttributeValue(Attribute) -> u64;
    CreateStringAttribute(Ctx, *const c_char, c_uint, *const c_char, c_uint) -> Attribute;
    GetStringAttributeKind(Attribute, *mut c_uint) -> *const c_char;
    GetStringAttributeValue(Attribute, *mut c_uint) -> *const c_char;
    IsEnumAttribute(Attribute) -> c_int;
    IsStringAttribute(Attribute) -> c_int;
    GetAttributeCountAtIndex(Val, c_uint) -> c_uint;
    GetAttributesAtIndex(Val, c_uint, *mut Attribute);
    AddAttributeAtIndex(Val, c_uint, Attribute);
    RemoveEnumAttributeAtIndex(Val, c_uint, c_uint);
    RemoveStringAttributeAtIndex(Val, c_uint, *const c_char, c_uint);
    AddCallSiteAttribute(Val, c_uint, Attribute);
    GetCallSiteStringAttribute(Val, c_uint, *const c_char, c_uint) -> Attribute;
    RemoveCallSiteStringAttribute(Val, c_uint, *const c_char, c_uint);
    RemoveCallSiteEnumAttribute(Val, c_uint, c_uint);
    GetEnumAttributeAtIndex(Val, c_uint, c_uint) -> Attribute;
    GetCallSiteEnumAttribute(Val, c_uint, c_uint) -> Attribute;
    GetTypeAttributeValue(Attribute) -> Type;

    // Transforms/PassBuilder.h, Error.h
    CreatePassBuilderOptions() -> PassOptions;
    DisposePassBuilderOptions(PassOptions);
    RunPasses(Mod, *const c_char, Machine, PassOptions) -> Error;
    GetErrorMessage(Error) -> *mut c_char;
    DisposeErrorMessage(*mut c_char);

    // TargetMachine.h, Target.h
    GetTargetFromTriple(*const c_char, *mut Target, *mut *mut c_char) -> c_int;
    CreateTargetMachine(Target, *const c_char, *const c_char, *const c_char, c_int, c_int, c_int) -> Machine;
    DisposeTargetMachine(Machine);
    TargetMachineEmitToMemoryBuffer(Machine, Mod, c_int, *mut *mut c_char, *mut Buffer) -> c_int;
    InitializeX86TargetInfo();
    InitializeX86Target();
    InitializeX86TargetMC();
    InitializeX86AsmPrinter();
    InitializeX86AsmParser();
    InitializeAArch64TargetInfo();
    InitializeAArch64Target();
    InitializeAArch64TargetMC();
    InitializeAArch64AsmPrinter();
    InitializeAArch64AsmParser();
}
