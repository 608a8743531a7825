//! The tables that a kernel's own build leaves in a module for the kernel to work
//! with: where to patch, how to unwind, where a fault goes on.
//!
//! A rule applies when the configuration says so, and holds a table against the code
//! as it is disassembled: a missing entry is a call that is never patched. Not here:
//! which tables a module must have something in (`samples`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use helper_inline_build::kernel::KernelDir;
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget};

use super::disassembly::{Function, Instruction};
use crate::kernels::Arch;

/// A place in a file: section and offset.
type Place = (String, u64);

/// What a file has besides its code.
#[derive(Debug, Default)]
pub struct Tables {
    /// Contents by name.
    sections: BTreeMap<String, Vec<u8>>,
    /// Where the words of a section lead, with their offsets, in their order.
    targets: BTreeMap<String, Vec<(u64, Place)>>,
}

impl Tables {
    /// Reads a relocatable file.
    pub fn read(path: &Path) -> Result<Tables> {
        let data = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let file = object::File::parse(data.as_slice())?;
        let mut tables = Tables::default();
        for section in file.sections() {
            let name = section.name()?.to_owned();
            let mut relocations: Vec<_> = section.relocations().collect();
            relocations.sort_by_key(|(offset, _)| *offset);
            for (offset, relocation) in relocations {
                let RelocationTarget::Symbol(index) = relocation.target() else {
                    continue;
                };
                let symbol = file.symbol_by_index(index)?;
                let place = match symbol.section_index() {
                    Some(index) => (
                        file.section_by_index(index)?.name()?.to_owned(),
                        symbol.address().wrapping_add_signed(relocation.addend()),
                    ),
                    None => (symbol.name()?.to_owned(), 0),
                };
                let targets = tables.targets.entry(name.clone()).or_default();
                targets.push((offset, place));
            }
            let data = section.data()?;
            tables.sections.entry(name).or_default().extend(data);
        }
        Ok(tables)
    }

    /// The names of all sections that hold something.
    pub fn names(&self) -> BTreeSet<&str> {
        let filled = self.sections.iter().filter(|(_, data)| !data.is_empty());
        filled.map(|(name, _)| name.as_str()).collect()
    }

    fn data(&self, name: &str) -> &[u8] {
        self.sections.get(name).map_or(&[], Vec::as_slice)
    }

    /// Where a table's words lead that are at the beginning of its entries.
    fn places(&self, name: &str, entry: u64) -> BTreeSet<&Place> {
        let targets = self.targets.get(name).into_iter().flatten();
        let first = targets.filter(|(offset, _)| offset % entry == 0);
        first.map(|(_, place)| place).collect()
    }
}

/// What a rule looks at.
struct Module<'a> {
    tables: &'a Tables,
    functions: &'a [Function],
    /// Whether the kernel's headers came with the image that `.BTF` is made from.
    has_vmlinux: bool,
}

/// What must be so, where the configuration says so.
struct Rule {
    name: &'static str,
    arch: Option<Arch>,
    /// Options of which one switches it on; always on when there is none.
    options: &'static [&'static str],
    /// What is wrong, if anything.
    broken: fn(&Module<'_>) -> Option<String>,
}

const RETPOLINE: &[&str] = &["CONFIG_RETPOLINE", "CONFIG_MITIGATION_RETPOLINE"];
const RETHUNK: &[&str] = &["CONFIG_RETHUNK", "CONFIG_MITIGATION_RETHUNK"];
const CALL_DEPTH: &[&str] = &[
    "CONFIG_CALL_DEPTH_TRACKING",
    "CONFIG_MITIGATION_CALL_DEPTH_TRACKING",
];

const RULES: &[Rule] = &[
    Rule {
        name: "unwinding data for each function",
        arch: Some(Arch::Amd64),
        options: &["CONFIG_UNWINDER_ORC"],
        broken: orc,
    },
    Rule {
        name: "each retpoline listed",
        arch: Some(Arch::Amd64),
        options: RETPOLINE,
        broken: |m| {
            m.lists(".retpoline_sites", 4, |i| {
                goes_to(i, "__x86_indirect_thunk_")
            })
        },
    },
    Rule {
        name: "each return listed",
        arch: Some(Arch::Amd64),
        options: RETHUNK,
        broken: |m| m.lists(".return_sites", 4, |i| goes_to(i, "__x86_return_thunk")),
    },
    Rule {
        name: "each call listed",
        arch: Some(Arch::Amd64),
        options: CALL_DEPTH,
        broken: |m| {
            m.lists(".call_sites", 4, |i| {
                let other = ["__SCT__", "__x86_indirect_thunk_", "__fentry__"];
                i.mnemonic().starts_with("call") && !other.iter().any(|name| goes_to(i, name))
            })
        },
    },
    Rule {
        name: "each static call listed",
        arch: Some(Arch::Amd64),
        options: &["CONFIG_HAVE_STATIC_CALL_INLINE"],
        broken: |m| m.lists(".static_call_sites", 8, |i| goes_to(i, "__SCT__")),
    },
    Rule {
        name: "a trap where each bug is",
        arch: None,
        options: &["CONFIG_GENERIC_BUG"],
        broken: |m| m.leads_to("__bug_table", 4, is_trap),
    },
    Rule {
        name: "an instruction where each static key is",
        arch: None,
        options: &["CONFIG_JUMP_LABEL"],
        broken: |m| m.leads_to("__jump_table", 16, |i| i.text.starts_with(['n', 'j', 'b'])),
    },
    Rule {
        name: "an instruction where each fault may be",
        arch: None,
        options: &[],
        broken: |m| m.leads_to("__ex_table", 12, |_| true),
    },
    Rule {
        name: "an instruction where each alternative is",
        arch: None,
        options: &[],
        broken: |m| m.leads_to(".altinstructions", 2, |_| true),
    },
    Rule {
        name: "type information as the kernel's build can make it",
        arch: None,
        options: &["CONFIG_DEBUG_INFO_BTF_MODULES"],
        broken: btf,
    },
    Rule {
        name: "no bitcode and no debug section",
        arch: None,
        options: &[],
        broken: |m| {
            let names = m.tables.names().into_iter();
            let mut stray = names.filter(|n| {
                n.starts_with(".llvmbc") || n.starts_with(".llvmcmd") || n.contains("debug")
            });
            stray.next().map(|name| format!("{name} is there"))
        },
    },
];

/// Holds a module's tables to its code and to what its kernel is configured for;
/// returns the names of the rules that applied.
pub fn check(
    kernel: &KernelDir,
    arch: Arch,
    tables: &Tables,
    functions: &[Function],
) -> Result<Vec<&'static str>> {
    let module = Module {
        tables,
        functions,
        has_vmlinux: kernel.path().join("vmlinux").is_file(),
    };
    hold(&|option| kernel.is_set(option), arch, &module)
}

fn hold(
    is_set: &dyn Fn(&str) -> bool,
    arch: Arch,
    module: &Module<'_>,
) -> Result<Vec<&'static str>> {
    let in_force = |rule: &&Rule| {
        rule.arch.is_none_or(|only| only == arch)
            && (rule.options.is_empty() || rule.options.iter().any(|option| is_set(option)))
    };
    let mut applied = Vec::new();
    for rule in RULES.iter().filter(in_force) {
        let broken = (rule.broken)(module);
        ensure!(
            broken.is_none(),
            "`{}` does not hold: {}",
            rule.name,
            broken.unwrap_or_default()
        );
        applied.push(rule.name);
    }
    Ok(applied)
}

impl Module<'_> {
    /// Every instruction with its function.
    fn code(&self) -> impl Iterator<Item = (&Function, &Instruction)> {
        let functions = self.functions.iter();
        functions.flat_map(|f| f.instructions.iter().map(move |i| (f, i)))
    }

    fn is_code(&self, place: &Place) -> bool {
        self.functions.iter().any(|f| f.section == place.0)
    }

    /// That a table lists exactly these instructions, of those that are run where they
    /// stand.
    fn lists(&self, table: &str, entry: u64, wanted: fn(&Instruction) -> bool) -> Option<String> {
        let listed = self.tables.places(table, entry);
        let found = self.code().filter(|(_, i)| wanted(i));
        let found: BTreeSet<Place> = found.map(place).collect();
        let missing: Vec<&Place> = found.iter().filter(|p| !listed.contains(p)).collect();
        let strange = listed.iter().copied();
        let strange = strange.filter(|place| self.is_code(place) && !found.contains(*place));
        let strange: Vec<&Place> = strange.collect();
        (!missing.is_empty() || !strange.is_empty()).then(|| {
            format!(
                "{table} has {} entries for {} instructions; it lacks {missing:x?}, and has {strange:x?}",
                listed.len(),
                found.len()
            )
        })
    }

    /// That each word at the beginning of an entry, if it leads to code that is run
    /// where it stands, leads to an instruction of this kind.
    fn leads_to(&self, table: &str, entry: u64, kind: fn(&Instruction) -> bool) -> Option<String> {
        let of_kind = self.code().filter(|(_, i)| kind(i)).map(place);
        let of_kind: BTreeSet<Place> = of_kind.collect();
        let places = self.tables.places(table, entry).into_iter();
        let mut wrong = places.filter(|place| self.is_code(place) && !of_kind.contains(*place));
        wrong
            .next()
            .map(|place| format!("{table} leads to {place:x?}"))
    }
}

fn place((function, instruction): (&Function, &Instruction)) -> Place {
    (function.section.clone(), instruction.address)
}

/// Whether an instruction goes to a symbol whose name begins so.
fn goes_to(instruction: &Instruction, name: &str) -> bool {
    let mnemonic = instruction.mnemonic();
    let goes = mnemonic.starts_with("call") || mnemonic.starts_with('j');
    goes && instruction
        .symbols
        .iter()
        .any(|symbol| symbol.starts_with(name))
}

fn is_trap(instruction: &Instruction) -> bool {
    ["ud2", "brk"].contains(&instruction.mnemonic())
}

/// `struct orc_entry`: the registers are in the low four bits of its last two bytes.
const ORC_ENTRY: usize = 6;

/// That each function begins where the unwinder knows what is on the stack. An entry
/// holds up to the next one.
fn orc(module: &Module<'_>) -> Option<String> {
    let (entries, places) = (module.tables.data(".orc_unwind"), ".orc_unwind_ip");
    let targets = module
        .tables
        .targets
        .get(places)
        .map_or(&[][..], Vec::as_slice);
    if entries.len() != targets.len() * ORC_ENTRY || targets.is_empty() {
        return Some(format!(
            "{} bytes for {} places",
            entries.len(),
            targets.len()
        ));
    }
    let entry = |offset: u64| &entries[offset as usize / 4 * ORC_ENTRY..][..ORC_ENTRY];
    let by_place: BTreeMap<Place, u64> = targets
        .iter()
        .map(|(at, place)| (place.clone(), *at))
        .collect();
    let mut unknown = module.functions.iter().filter(|function| {
        let begin = (function.section.clone(), function.address);
        let before = by_place.range(..=begin).next_back();
        !before.is_some_and(|(place, at)| place.0 == function.section && entry(*at)[4] & 15 != 0)
    });
    unknown.next().map(|f| format!("none for `{}`", f.name))
}

/// The first bytes of BTF, and the length of its header.
const BTF: (u16, usize) = (0xeb9f, 24);

/// That there is BTF, and that its header accounts for all of it; or none, where there
/// is no image to make it from.
fn btf(module: &Module<'_>) -> Option<String> {
    let data = module.tables.data(".BTF");
    if !module.has_vmlinux {
        return (!data.is_empty()).then(|| "there is one, made of what?".to_owned());
    }
    let word = |at: usize| {
        let bytes = data.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    };
    let parts = || Some([word(4)?, word(8)?, word(12)?, word(16)?, word(20)?]);
    let Some([header, types_at, types, strings_at, strings]) = parts() else {
        return Some(format!("{} bytes", data.len()));
    };
    let whole = data.starts_with(&BTF.0.to_le_bytes())
        && header >= BTF.1
        && types_at == 0
        && types > 0
        && strings_at >= types
        && header + strings_at + strings == data.len();
    (!whole).then(|| format!("header {:x?} of {} bytes", &data[..BTF.1], data.len()))
}

#[cfg(test)]
mod tests;
