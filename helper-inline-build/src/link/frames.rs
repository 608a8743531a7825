//! Helpers whose frames are too large for a caller: such a call stays.
//!
//! A caller that is on the stack many times would hold the helper's variables as often, and
//! one that has a large frame already would grow beyond what it may. Not here: who is
//! recursive (`recursion`).

use super::below::WRAPPED;
use super::harmonize::Side;
use super::job::Cause;
use super::llvm::{AttributeKey, AttributeValue, Function, GlobalId, Module};
use super::recursion::recursive;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What a recursive function may take in, in bytes: as much as LLVM's own inliner has it
/// take in (`recursive-inline-max-stacksize`).
const RECURSIVE: u64 = 1024;

/// What it may take in of several helpers whose variables do not share their place.
const TOGETHER: u64 = 4 * RECURSIVE;

/// Of how many bytes caller and helper must both be to make a frame too large: half of what
/// a kernel warns of (`CONFIG_FRAME_WARN`), and a small part of a thread's stack elsewhere.
fn large(side: Side) -> u64 {
    match side {
        Side::Kernel => 1024,
        Side::Rust => 16 * 1024,
    }
}

/// Variables of fewer bytes are taken to end up in registers where code is optimized.
const IN_MEMORY: u64 = 64;

/// What is asked of frames.
pub(super) struct Terms {
    side: Side,
    /// Whether code is not optimized: variables then never share their place.
    pub(super) adds_up: bool,
    /// The crates of which a module has only a part.
    pub(super) crates: Vec<String>,
}

impl Terms {
    /// Those of a whole module that is optimized.
    pub(super) fn of(side: Side) -> Terms {
        Terms {
            side,
            adds_up: false,
            crates: Vec::new(),
        }
    }

    /// Those of a part of a crate, by the name of its object or bitcode, which begins with
    /// the crate's.
    pub(super) fn is_part_of(&mut self, unit: &str) {
        let krate = unit.split(['-', '.']).next();
        self.crates.extend(krate.map(str::to_owned));
    }
}

/// The function attribute that has the bytes of a helper that is defined elsewhere.
const FRAME: &str = "helper-inline-frame";

/// Notes the bytes of the helpers that a module defines on their declarations elsewhere.
pub(super) fn note(module: &Module<'_>, declared: &[Function<'_>]) {
    let mut below = Below::of(module, false);
    for helper in declared {
        let own = module.function(&helper.name());
        if let Some(own) = own.filter(|own| !own.global().is_declaration()) {
            let bytes = below.bytes(own, IN_MEMORY).to_string();
            let key = AttributeKey::String(FRAME.into());
            helper.set_attribute(&key, &AttributeValue::String(bytes));
        }
    }
}

fn noted(helper: Function<'_>) -> Option<u64> {
    if !helper.global().is_declaration() {
        return None;
    }
    let value = helper.attribute(&AttributeKey::String(FRAME.into()))?;
    value.to_string().parse().ok()
}

/// The frames of helpers and of their callers.
pub(super) struct Frames {
    large: u64,
    adds_up: bool,
    /// Bytes by function: helpers' with what is inlined below them.
    bytes: HashMap<GlobalId, u64>,
    recursive: HashSet<GlobalId>,
    /// What callers took in.
    taken: HashMap<GlobalId, u64>,
}

impl Frames {
    /// Looks at the helpers of a module and at those who call them.
    pub(super) fn of(module: &Module<'_>, helpers: &BTreeSet<String>, terms: &Terms) -> Frames {
        let mut frames = Frames {
            large: large(terms.side),
            adds_up: terms.adds_up,
            bytes: HashMap::new(),
            recursive: HashSet::new(),
            taken: HashMap::new(),
        };
        let least = if terms.adds_up { 1 } else { IN_MEMORY };
        let mut below = Below::of(module, terms.adds_up);
        let mut helped: HashMap<GlobalId, (Function<'_>, u64)> = HashMap::new();
        let mut largest = 0;
        for helper in helpers.iter().filter_map(|name| module.function(name)) {
            let bytes = noted(helper).unwrap_or_else(|| below.bytes(helper, least));
            frames.bytes.insert(helper.global().id(), bytes);
            largest = largest.max(bytes);
            for call in helper.calls().direct {
                let caller = call.function();
                let entry = helped.entry(caller.global().id()).or_insert((caller, 0));
                entry.1 = entry.1.saturating_add(bytes);
            }
        }
        let taken = helped.values().map(|(_, sum)| *sum).max().unwrap_or(0);
        if largest > RECURSIVE || terms.adds_up && taken > TOGETHER {
            frames.recursive = recursive(module, &terms.crates);
            for (id, (caller, _)) in helped {
                let bytes = caller.local_bytes(least);
                frames.bytes.entry(id).or_insert(bytes);
            }
        }
        frames
    }

    /// Why a helper is not to be inlined into a caller, if so.
    pub(super) fn bar(
        &mut self,
        helper: Function<'_>,
        caller: Function<'_>,
    ) -> Option<(Cause, Option<String>)> {
        let bytes = *self.bytes.get(&helper.global().id())?;
        let id = caller.global().id();
        let own = self.bytes.get(&id).copied().unwrap_or(0);
        let taken = self.taken.entry(id).or_default();
        let sum = match self.adds_up {
            true => taken.saturating_add(bytes),
            false => bytes,
        };
        let too_many = bytes >= IN_MEMORY && sum > TOGETHER;
        let why = if (bytes > RECURSIVE || too_many) && self.recursive.contains(&id) {
            let others = match sum - bytes {
                0 => String::new(),
                others => format!(" beside {others} of other helpers"),
            };
            format!(
                "its variables take {bytes} bytes of stack{others}, and the caller is recursive"
            )
        } else if bytes > self.large && own > self.large {
            format!("its variables take {bytes} bytes of stack, and the caller's {own}")
        } else {
            *taken = sum;
            return None;
        };
        Some((Cause::LargeFrame, Some(why)))
    }
}

/// What helpers call that is inlined with them.
struct Below<'m> {
    calls: HashMap<GlobalId, Vec<Function<'m>>>,
    adds_up: bool,
    /// What is known already; nothing of a function that is being looked at.
    known: HashMap<GlobalId, u64>,
}

impl<'m> Below<'m> {
    fn of(module: &'m Module<'_>, adds_up: bool) -> Below<'m> {
        let noinline = AttributeKey::Enum("noinline");
        let always = AttributeKey::Enum("alwaysinline");
        let mut calls: HashMap<GlobalId, Vec<Function<'m>>> = HashMap::new();
        for function in module.functions() {
            if function.global().is_declaration() || function.attribute(&noinline).is_some() {
                continue;
            }
            let is_always = function.attribute(&always).is_some();
            for call in function.calls().direct {
                // Code that is not optimized has nothing else inlined.
                if !adds_up || is_always || call.call_attribute(WRAPPED).is_some() {
                    let caller = call.function().global().id();
                    calls.entry(caller).or_default().push(function);
                }
            }
        }
        Below {
            calls,
            adds_up,
            known: HashMap::new(),
        }
    }

    /// The bytes of a function and of what is inlined into it; of that the largest, where
    /// bodies share their place.
    fn bytes(&mut self, function: Function<'m>, least: u64) -> u64 {
        let id = function.global().id();
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        self.known.insert(id, 0);
        let mut below: u64 = 0;
        for callee in self.calls.get(&id).cloned().unwrap_or_default() {
            let bytes = self.bytes(callee, least);
            below = match self.adds_up {
                true => below.saturating_add(bytes),
                false => below.max(bytes),
            };
        }
        let bytes = function.local_bytes(least).saturating_add(below);
        self.known.insert(id, bytes);
        bytes
    }
}
