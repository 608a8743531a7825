//! Counting calls of helpers: marked before inlining, looked for after it.
//!
//! Each call carries its number as an attribute, which copies keep, so a call
//! that was duplicated and a call that was inlined are told apart exactly. Not
//! here: whether the object agrees (`prove`).

use super::assembly;
use super::below::{self, WrappedCalls};
use super::copyable::{Copyable, Uncopyable};
use super::frames::Frames;
use super::harmonize::Profile;
use super::job::{Cause, HelperOutcome, RemainingCall};
use super::llvm::{AttributeKey, AttributeValue, Function, Global, Instruction, Linkage, Module};
use super::replace;
use std::collections::{BTreeMap, BTreeSet};

/// The call attribute that holds a call's number.
pub(super) const SITE: &str = "helper-inline-site";

/// What calls of another type call begins so.
pub(super) const HIDDEN: &str = "hidden.";

/// LLVM's own words on a call that it did not inline
/// (`-inline-remark-attribute`).
pub(super) const REMARK: &str = "inline-remark";

/// What is known of a helper before inlining.
#[derive(Default)]
struct Before {
    call_sites: u64,
    /// Why all of its calls stay, if they must.
    bars: Option<(Cause, Option<String>)>,
    /// Why single calls stay, by their number.
    barred_sites: BTreeMap<String, (Cause, Option<String>)>,
    /// What calls of another type call meanwhile.
    hidden: Vec<String>,
    /// The functions that hold calls, by the calls' numbers.
    callers: BTreeMap<String, String>,
    /// Whether the final linker may take another definition.
    is_replaceable: bool,
}

impl Before {
    /// Has what meanwhile called declarations call the helper.
    fn show_callee(&self, module: &Module<'_>, helper: Global<'_>) {
        for hidden in self.hidden.iter().filter_map(|name| module.function(name)) {
            hidden.global().replace_uses_with(helper);
        }
    }
}

/// What is wanted of the helpers.
pub(super) struct Policy {
    /// Whether any is inlined.
    pub(super) inline: bool,
    /// Those that LLVM may leave out of line.
    pub(super) exempt: BTreeSet<String>,
    /// Where an archive has all bodies, and copies are only looked into: those of which
    /// there is no copy, and why.
    pub(super) archive: Option<BTreeMap<String, (Cause, String)>>,
    /// The calls in wrappers, which are marked before.
    pub(super) wrapped: WrappedCalls,
    /// What the rest of a program needs, which is not seen here.
    pub(super) needed: BTreeSet<String>,
}

/// All helpers' calls before inlining.
pub(super) struct Sites {
    helpers: BTreeMap<String, Before>,
    policy: Policy,
}

/// Numbers every call of a helper and marks those that may be inlined.
///
/// `helpers` are the symbols; those that the module does not define are unused.
pub(super) fn mark(
    module: &Module<'_>,
    helpers: &BTreeSet<String>,
    profile: &Profile,
    frames: &mut Frames,
    policy: Policy,
) -> Sites {
    let mut sites = BTreeMap::new();
    for name in helpers {
        let withheld = policy.archive.as_ref().and_then(|all| all.get(name));
        let before = match module.function(name) {
            Some(helper) if withheld.is_some() && helper.global().is_declaration() => {
                mark_withheld(helper, withheld)
            }
            Some(helper) if !helper.global().is_declaration() => {
                let exempt = policy.exempt.contains(name);
                mark_helper(module, helper, profile, frames, policy.inline, exempt)
            }
            _ => match other_definition(module, name) {
                Some(other) => mark_other(module, other, policy.inline),
                None => Before::default(),
            },
        };
        sites.insert(name.clone(), before);
    }
    Sites {
        helpers: sites,
        policy,
    }
}

fn mark_helper(
    module: &Module<'_>,
    helper: Function<'_>,
    profile: &Profile,
    frames: &mut Frames,
    inline: bool,
    exempt: bool,
) -> Before {
    let is_replaceable = replace::is_replaceable(helper.global());
    let Marked { sites, hidden } = mark_calls(module, helper, profile, frames, inline, "");
    if !hidden.is_empty() {
        helper.global().set_linkage(Linkage::External);
    }
    let call_sites = sites.len() as u64;
    let callers = sites
        .iter()
        .map(|site| (site.number.clone(), site.call.function().name()));
    let callers = callers.collect();
    let barred = sites
        .into_iter()
        .filter_map(|site| Some((site.number, site.bar?)));
    Before {
        call_sites,
        barred_sites: barred.collect(),
        bars: mark_definition(helper, inline, exempt),
        hidden,
        callers,
        is_replaceable,
    }
}

/// The alias or ifunc of a name.
fn other_definition<'m>(module: &'m Module<'_>, name: &str) -> Option<Global<'m>> {
    let all = module.aliases().into_iter().chain(module.ifuncs());
    all.into_iter().find(|other| other.name() == name)
}

/// Numbers the calls of a helper that is an alias or an ifunc, which has no body to inline.
/// Meanwhile they call a declaration, so that LLVM does not look through it.
fn mark_other(module: &Module<'_>, other: Global<'_>, inline: bool) -> Before {
    let name = other.name();
    let reason = match inline {
        true => {
            let why = Copyable::of_other(module, other);
            (why.cause(), Some(why.to_string()))
        }
        false => (Cause::InliningOff, None),
    };
    let mut before = Before {
        bars: Some(reason),
        ..Before::default()
    };
    for Site { number, call, .. } in number_calls(other, "") {
        before.callers.insert(number, call.function().name());
        let hidden = module.hide_callee(call, &format!("{HIDDEN}{name}"));
        before.hidden.push(hidden);
        before.call_sites += 1;
    }
    show(other);
    if before.call_sites > 0 {
        // Nothing calls it by its name meanwhile.
        other.keep_if_unused();
        // As the final linker may replace all the same. Else calls go by a table of
        // addresses, in which they look like other uses.
        other.hide();
    }
    before
}

/// Numbers the calls of what has no body to inline.
pub(super) fn number_calls<'m>(other: Global<'m>, prefix: &str) -> Vec<Site<'m>> {
    let key = AttributeKey::String(SITE.into());
    let calls = other.calls().direct.into_iter().enumerate();
    calls
        .map(|(number, call)| {
            let number = format!("{prefix}{number}");
            call.set_call_attribute(&key, &AttributeValue::String(number.clone()));
            Site {
                number,
                call,
                bar: None,
            }
        })
        .collect()
}

/// Has what is no function of its own be called by name, so that each call needs a
/// relocation that can be counted.
fn show(other: Global<'_>) {
    if other.is_local() {
        other.set_linkage(Linkage::External);
        other.hide();
    }
}

/// Numbers the calls of a helper that only the archive has.
fn mark_withheld(helper: Function<'_>, reason: Option<&(Cause, String)>) -> Before {
    let sites = number_calls(helper.global(), "").into_iter();
    let callers = sites.map(|site| (site.number, site.call.function().name()));
    let callers: BTreeMap<String, String> = callers.collect();
    Before {
        call_sites: callers.len() as u64,
        bars: reason.map(|(cause, text)| (*cause, Some(text.clone()))),
        callers,
        ..Before::default()
    }
}

/// The calls of one helper, marked.
pub(super) struct Marked<'m> {
    pub(super) sites: Vec<Site<'m>>,
    /// What calls of another type call meanwhile.
    pub(super) hidden: Vec<String>,
}

/// One call of a helper.
pub(super) struct Site<'m> {
    pub(super) number: String,
    pub(super) call: Instruction<'m>,
    /// Why it stays, if it must.
    pub(super) bar: Option<(Cause, Option<String>)>,
}

/// Numbers the calls of a helper, which the module defines or declares as it is, and
/// bars those that must not be inlined. The numbers begin with `prefix`.
pub(super) fn mark_calls<'m>(
    module: &'m Module<'_>,
    helper: Function<'m>,
    profile: &Profile,
    frames: &mut Frames,
    inline: bool,
    prefix: &str,
) -> Marked<'m> {
    let noinline = AttributeKey::Enum("noinline");
    let key = AttributeKey::String(SITE.into());
    let mut marked = Marked {
        sites: Vec::new(),
        hidden: Vec::new(),
    };
    for (number, call) in helper.calls().direct.into_iter().enumerate() {
        let number = format!("{prefix}{number}");
        call.set_call_attribute(&key, &AttributeValue::String(number.clone()));
        // A call that rustc marked otherwise has no say in this.
        call.remove_call_attribute(&noinline);
        // Where both differ, an adapter may mend the type once the attribute agrees.
        let conflict = profile.conflict(helper, call.function());
        let conflict = conflict.map(|difference| (Cause::ConflictingAttribute, Some(difference)));
        let bar = conflict.or_else(|| {
            let types = || {
                let (in_rust, in_c) = (call.call_signature(), helper.signature());
                format!("Rust calls `{in_rust}`, C defines `{in_c}`")
            };
            (!call.is_typed_as(helper)).then(|| (Cause::TypeMismatch, Some(types())))
        });
        let bar = bar.or_else(|| frames.bar(helper, call.function()));
        let bar = bar.filter(|_| inline);
        if bar.is_some() {
            call.set_call_attribute(&noinline, &AttributeValue::Int(0));
        }
        if !call.is_typed_as(helper) {
            // LLVM takes such a call for one that never happens, or makes up the
            // arguments; a call of what is compiled elsewhere it leaves alone.
            let name = format!("{HIDDEN}{}", helper.name());
            marked.hidden.push(module.hide_callee(call, &name));
        }
        marked.sites.push(Site { number, call, bar });
    }
    marked
}

/// Marks a helper's definition. Returns why all of its calls stay, if they must.
pub(super) fn mark_definition(
    helper: Function<'_>,
    inline: bool,
    exempt: bool,
) -> Option<(Cause, Option<String>)> {
    let noinline = AttributeKey::Enum("noinline");
    let always = AttributeKey::Enum("alwaysinline");
    let set = AttributeValue::Int(0);
    let bars = if inline {
        barred(helper)
    } else {
        Some((Cause::InliningOff, None))
    };
    if bars.is_some() {
        helper.remove_attribute(&always);
        helper.set_attribute(&noinline, &set);
        if !inline {
            // The optimizer must not look into it, as it could not if it were
            // compiled on its own.
            helper.global().set_linkage(Linkage::WeakAny);
        }
    } else if exempt {
        helper.remove_attribute(&always);
    } else {
        helper.remove_attribute(&AttributeKey::Enum("inlinehint"));
        helper.set_attribute(&always, &set);
    }
    bars
}

/// Why C has a helper stay out of line, if it does.
fn barred(helper: Function<'_>) -> Option<(Cause, Option<String>)> {
    if replace::is_replaceable(helper.global()) {
        let why = Uncopyable::Replaceable("weak");
        return Some((why.cause(), Some(why.to_string())));
    }
    let mut templates = helper.assembly().into_iter();
    let defined = templates.find_map(|text| assembly::symbols(&text).defined.pop_first());
    if let Some(name) = defined {
        let why = Uncopyable::DefinesSymbol(name);
        return Some((why.cause(), Some(why.to_string())));
    }
    ["optnone", "noinline"]
        .into_iter()
        .find(|name| helper.attribute(&AttributeKey::Enum(name)).is_some())
        .map(|name| (Cause::Noinline, Some(name.to_owned())))
}

impl Sites {
    /// Looks for the calls again, after inlining, and gives each helper that is
    /// still there a section of its own, so that every call of it needs a
    /// relocation that can be counted. Where an archive has the bodies, copies are to be
    /// dropped before, and what they call in it is no call of this module.
    pub(super) fn outcomes(&self, module: &Module<'_>) -> Vec<HelperOutcome> {
        let wrapped = &self.policy.wrapped;
        let left = below::left_below(module, wrapped);
        below::separate(module, &left);
        let mut below = below::remaining(&left, wrapped);
        let outcomes = self.helpers.iter().map(|(name, before)| {
            let exempt = self.policy.exempt.contains(name);
            let helper = module.function(name);
            let helper = helper.filter(|helper| {
                self.policy.archive.is_some() || !helper.global().is_declaration()
            });
            let other = match helper {
                Some(_) => None,
                None => other_definition(module, name),
            };
            let own = match (helper, other) {
                (Some(helper), _) => {
                    before.show_callee(module, helper.global());
                    self.place(name, before, helper);
                    let mut own = outcome(name, before, helper.global(), Some(helper), exempt);
                    if self.policy.needed.contains(name) && self.policy.archive.is_none() {
                        own.remaining.push(needed_elsewhere());
                    }
                    own
                }
                (None, Some(other)) => {
                    before.show_callee(module, other);
                    let outcome = outcome(name, before, other, None, exempt);
                    if outcome.remaining.is_empty() && self.policy.archive.is_none() {
                        other.drop_if_unused();
                    }
                    outcome
                }
                (None, None) => HelperOutcome {
                    name: name.clone(),
                    call_sites: before.call_sites,
                    inlined: before.call_sites,
                    remaining: Vec::new(),
                    exempt,
                },
            };
            own.and_below(below.remove(name))
        });
        let mut outcomes: Vec<HelperOutcome> = outcomes.collect();
        if self.policy.archive.is_some() {
            self.forget_calls_of_copies(&mut outcomes);
        }
        outcomes
    }

    /// Has calls of a helper go to a body of its own, or to the archive's.
    fn place(&self, name: &str, before: &Before, helper: Function<'_>) {
        let global = helper.global();
        if self.policy.archive.is_none() {
            let has_section = !global.section().is_empty();
            let is_needed = self.policy.needed.contains(name);
            global.set_linkage(match before.is_replaceable {
                true => Linkage::WeakAny,
                false if is_needed => Linkage::External,
                false => Linkage::Internal,
            });
            if has_section && !is_needed {
                // It can share C's own section with its callers.
                show(global);
            } else if !has_section {
                global.set_section(&format!(".text.{name}"));
            }
            return;
        }
        if !global.is_declaration() {
            global.set_linkage(Linkage::AvailableExternally);
        }
        // rustc has C functions called through a table of addresses, in which calls and
        // other uses look the same.
        helper.remove_attribute(&AttributeKey::Enum("nonlazybind"));
    }

    /// Takes calls out of the account that were in the copy of a helper which was inlined
    /// nowhere: they went with the copy.
    fn forget_calls_of_copies(&self, outcomes: &mut [HelperOutcome]) {
        let unused: BTreeSet<String> = outcomes
            .iter()
            .filter(|outcome| outcome.inlined == 0)
            .map(|outcome| outcome.name.clone())
            .collect();
        for outcome in outcomes {
            let callers = self.helpers[&outcome.name].callers.values();
            let forgotten = callers.filter(|caller| unused.contains(*caller)).count();
            let forgotten = (forgotten as u64).min(outcome.inlined);
            outcome.call_sites -= forgotten;
            outcome.inlined -= forgotten;
        }
    }
}

impl HelperOutcome {
    /// Adds calls of what the helper stands for, and of how many of its calls they are.
    pub(super) fn and_below(mut self, left: Option<(Vec<RemainingCall>, u64)>) -> HelperOutcome {
        if let Some((calls, of)) = left {
            self.remaining.extend(calls);
            sort(&mut self.remaining);
            self.inlined = self.inlined.saturating_sub(of);
        }
        self
    }
}

/// The use of a helper by what is no Rust, and is linked later.
fn needed_elsewhere() -> RemainingCall {
    RemainingCall {
        caller: "(another object of the program)".to_owned(),
        location: None,
        cause: Cause::AddressTaken,
        attribute: None,
        callee: None,
    }
}

fn sort(remaining: &mut [RemainingCall]) {
    remaining.sort_by(|a, b| (&a.caller, &a.location).cmp(&(&b.caller, &b.location)));
}

fn outcome(
    name: &str,
    before: &Before,
    helper: Global<'_>,
    function: Option<Function<'_>>,
    exempt: bool,
) -> HelperOutcome {
    let default = if exempt {
        Cause::Exempt
    } else {
        Cause::NotInlinable
    };
    let calls = helper.calls();
    let mut left = BTreeSet::new();
    let mut remaining = Vec::new();
    for call in &calls.direct {
        let number = call.call_attribute(SITE);
        let single = number.as_ref().and_then(|n| before.barred_sites.get(n));
        let (cause, attribute) = single.or(before.bars.as_ref()).cloned().unwrap_or_else(|| {
            let words = call.call_attribute(REMARK);
            (
                default,
                words.or_else(|| Some(function?.never_inlined()?.to_owned())),
            )
        });
        remaining.push(RemainingCall {
            caller: demangle(&call.function().name()),
            location: call.location().map(|l| l.to_string()),
            cause,
            attribute,
            callee: None,
        });
        left.extend(number);
    }
    // Who holds the address is not known for constants; instructions say.
    let holders = helper
        .users()
        .into_iter()
        .filter(|user| !user.is_some_and(|i| calls.direct.iter().any(|call| call.is(i))));
    for holder in holders {
        remaining.push(RemainingCall {
            caller: holder.map_or_else(
                || "(a constant)".to_owned(),
                |i| demangle(&i.function().name()),
            ),
            location: holder.and_then(|i| Some(i.location()?.to_string())),
            cause: Cause::AddressTaken,
            attribute: None,
            callee: None,
        });
    }
    sort(&mut remaining);
    HelperOutcome {
        name: name.to_owned(),
        call_sites: before.call_sites,
        inlined: before.call_sites.saturating_sub(left.len() as u64),
        remaining,
        exempt,
    }
}

/// Helpers that are called and are not among the known ones, with their callers.
pub(super) fn undefined(
    module: &Module<'_>,
    prefixes: &[String],
    known: &BTreeSet<String>,
) -> BTreeMap<String, String> {
    let mut missing = BTreeMap::new();
    for function in module.functions() {
        let name = function.name();
        let is_helper = prefixes.iter().any(|prefix| name.starts_with(prefix));
        if !is_helper || !function.global().is_declaration() || known.contains(&name) {
            continue;
        }
        let callers: BTreeSet<String> = function
            .global()
            .users()
            .into_iter()
            .flatten()
            .map(|user| {
                let caller = demangle(&user.function().name());
                match user.location() {
                    Some(location) => format!("`{caller}` at {location}"),
                    None => format!("`{caller}`"),
                }
            })
            .collect();
        if !callers.is_empty() {
            let callers: Vec<String> = callers.into_iter().collect();
            let text = format!("`{name}` (called by {})", callers.join(", "));
            missing.insert(name, text);
        }
    }
    missing
}

pub(super) fn demangle(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}
