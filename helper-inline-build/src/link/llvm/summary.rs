//! Bitcode with a summary, as a thin link reads it.
//!
//! LLVM's C API writes plain bitcode alone. A pass of LLVM's embeds a module with its
//! summary into itself, and what it embedded is taken from there. Not here: what the
//! summary is for.

use super::Module;
use super::machine::Machine;

/// Embeds the module into itself: first written, then embedded.
const EMBED: &str = "embed-bitcode<thinlto>";

impl Module<'_> {
    /// The module as bitcode with a ThinLTO summary and a hash of its content. It is not
    /// to be used for anything else afterwards: it holds a copy of itself.
    ///
    /// The error is LLVM's message.
    pub(crate) fn into_thin_bitcode(mut self, machine: &Machine<'_>) -> Result<Vec<u8>, String> {
        self.run_passes(EMBED, machine)?;
        let api = &self.context.llvm.api;
        // SAFETY: the variable is looked up in this module and has an array of bytes for
        // its initializer, which is copied.
        unsafe {
            let embedded = (api.GetNamedGlobal)(self.raw, c"llvm.embedded.object".as_ptr());
            if embedded.is_null() {
                return Err("LLVM embedded no bitcode".to_owned());
            }
            let mut length = 0;
            let bytes = (api.GetAsString)((api.GetInitializer)(embedded), &mut length);
            Ok(std::slice::from_raw_parts(bytes.cast::<u8>(), length).to_vec())
        }
    }
}
