//! The last function of a module's code, in which a kernel on x86_64 must not be given a
//! kprobe.
//!
//! Where it may replace a probe by a jump (`CONFIG_OPTPROBES`), it decodes all of the
//! function first, whose end is to it where the next one begins. After the last that is the
//! end of the module's last page, and the decoder reads beyond it: 6.12.117 died of that.
//! Functions with an entry for tracing are spared, which those of these modules have not.

use object::{Architecture, Object, ObjectSection, ObjectSymbol, SymbolKind};

/// A section that every module has, and nothing else.
const OF_MODULES: &str = ".gnu.linkonce.this_module";

/// Where those functions begin, by section: one of the code that stays, one of that which
/// is dropped when the module has begun.
#[derive(Default)]
pub(super) struct LastFunctions(Vec<(usize, u64)>);

impl LastFunctions {
    /// Those of a relocatable file.
    pub(super) fn of<'data>(file: &impl Object<'data>) -> Result<LastFunctions, object::Error> {
        if file.architecture() != Architecture::X86_64 || file.section_by_name(OF_MODULES).is_none()
        {
            return Ok(LastFunctions::default());
        }
        let mut last: [Option<(usize, u64)>; 2] = [None; 2];
        for symbol in file.symbols() {
            let Some(index) = symbol.section_index() else {
                continue;
            };
            if symbol.kind() != SymbolKind::Text || symbol.size() == 0 {
                continue;
            }
            let section = file.section_by_index(index)?;
            // The kernel puts sections beside each other in their order in the file.
            let place = Some((index.0, symbol.address()));
            let group = &mut last[usize::from(section.name()?.starts_with(".init"))];
            *group = place.max(*group);
        }
        Ok(LastFunctions(last.into_iter().flatten().collect()))
    }

    /// Whether an address is in one of them.
    pub(super) fn hold(&self, section: usize, address: u64) -> bool {
        let mut last = self.0.iter();
        last.any(|(of, begin)| *of == section && address >= *begin)
    }
}
