//! The loaded library and one context with the diagnostics that it collects.

use super::api::{Api, Ctx, DiagInfo};
use super::text::take_message;
use crate::{Error, Result, Version};
use std::cell::RefCell;
use std::ffi::{CString, c_char, c_int, c_void};
use std::path::Path;

/// The oldest LLVM that links, that of the oldest rustc which is supported. Some
/// of the functions called are not in older ones.
const OLDEST: u32 = 19;

/// A loaded libLLVM.
pub(crate) struct Llvm {
    pub(super) api: Api,
}

impl Llvm {
    /// Loads the library.
    pub(crate) fn load(path: &Path) -> Result<Llvm> {
        let api = Api::load(path).map_err(|e| Error::LlvmUnusable {
            detail: match Api::version(path) {
                Some(version) if version.major < OLDEST => format!(
                    "`{}` is LLVM {}, too old to link: {OLDEST} is the oldest",
                    path.display(),
                    version.major
                ),
                _ => format!("`{}` cannot be loaded: {e}", path.display()),
            },
        })?;
        Ok(Llvm { api })
    }

    /// Initializes the back end that a triple needs. For a triple that this crate
    /// does not serve there is none, as its target machine will say.
    pub(super) fn initialize(&self, triple: &str) {
        let api = &self.api;
        // SAFETY: these take no arguments and may be called once or more.
        unsafe {
            if triple.starts_with("x86_64") {
                (api.InitializeX86TargetInfo)();
                (api.InitializeX86Target)();
                (api.InitializeX86TargetMC)();
                (api.InitializeX86AsmPrinter)();
                (api.InitializeX86AsmParser)();
            } else if triple.starts_with("aarch64") {
                (api.InitializeAArch64TargetInfo)();
                (api.InitializeAArch64Target)();
                (api.InitializeAArch64TargetMC)();
                (api.InitializeAArch64AsmPrinter)();
                (api.InitializeAArch64AsmParser)();
            }
        }
    }

    /// The version of a library that [`Llvm::load`] refused, if it is one of
    /// LLVM's.
    pub(crate) fn version_of(path: &Path) -> Option<Version> {
        Api::version(path)
    }

    /// The library's version.
    pub(crate) fn version(&self) -> Version {
        let (mut major, mut minor, mut patch) = (0, 0, 0);
        // SAFETY: the three pointers are valid for writes.
        unsafe { (self.api.GetVersion)(&mut major, &mut minor, &mut patch) };
        Version {
            major,
            minor,
            patch,
        }
    }

    /// Sets options as `opt` and `llc` take them; unknown ones are ignored by
    /// LLVM. Meant to be called once, before anything is compiled.
    pub(crate) fn set_options(&self, options: &[&str]) {
        let words: Vec<CString> = std::iter::once(&"helper-inline")
            .chain(options)
            .map(|o| CString::new(*o).expect("options are literals without NUL"))
            .collect();
        let pointers: Vec<*const c_char> = words.iter().map(|w| w.as_ptr()).collect();
        let count = c_int::try_from(pointers.len()).expect("a handful of options");
        // SAFETY: `pointers` holds `count` NUL-terminated strings that outlive
        // the call.
        unsafe { (self.api.ParseCommandLineOptions)(count, pointers.as_ptr(), std::ptr::null()) };
    }
}

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
    Remark,
    Note,
}

type Diagnostics = RefCell<Vec<(Severity, String)>>;

/// An LLVM context and the diagnostics reported in it.
pub(crate) struct Context<'l> {
    pub(super) llvm: &'l Llvm,
    pub(super) raw: Ctx,
    diagnostics: Box<(&'l Llvm, Diagnostics)>,
}

impl<'l> Context<'l> {
    pub(crate) fn new(llvm: &'l Llvm) -> Context<'l> {
        let diagnostics: Box<(&'l Llvm, Diagnostics)> = Box::new((llvm, RefCell::default()));
        let user = std::ptr::from_ref(&*diagnostics)
            .cast::<c_void>()
            .cast_mut();
        // SAFETY: the handler reads `user` as what it was made from; the box
        // lives as long as the context, which `Drop` disposes of first.
        let raw = unsafe {
            let raw = (llvm.api.ContextCreate)();
            (llvm.api.ContextSetDiagnosticHandler)(raw, Some(collect), user);
            raw
        };
        Context {
            llvm,
            raw,
            diagnostics,
        }
    }

    /// Takes the diagnostics collected since the last call.
    pub(crate) fn take_diagnostics(&self) -> Vec<(Severity, String)> {
        self.diagnostics.1.take()
    }

    /// The errors among the diagnostics, joined, or a given text without any.
    pub(super) fn errors_or(&self, otherwise: &str) -> String {
        let errors: Vec<String> = self
            .take_diagnostics()
            .into_iter()
            .filter(|(severity, _)| *severity == Severity::Error)
            .map(|(_, text)| text)
            .collect();
        if errors.is_empty() {
            otherwise.to_owned()
        } else {
            errors.join("; ")
        }
    }
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        // SAFETY: modules borrow the context, so none is left.
        unsafe { (self.llvm.api.ContextDispose)(self.raw) };
    }
}

extern "C" fn collect(info: DiagInfo, user: *mut c_void) {
    // SAFETY: `user` is the box of `Context::new`, which outlives the context;
    // it is only ever shared, and the cell is not borrowed across a call.
    let (llvm, diagnostics) = unsafe { &*user.cast::<(&Llvm, Diagnostics)>() };
    // SAFETY: `info` is valid for the time of this call.
    let (severity, text) = unsafe {
        let text = take_message(llvm, (llvm.api.GetDiagInfoDescription)(info));
        ((llvm.api.GetDiagInfoSeverity)(info), text)
    };
    let severity = match severity {
        0 => Severity::Error,
        1 => Severity::Warning,
        2 => Severity::Remark,
        _ => Severity::Note,
    };
    diagnostics.borrow_mut().push((severity, text));
}
