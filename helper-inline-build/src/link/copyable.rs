//! Which definitions of helpers may be copied, and why others may not.
//!
//! A copy of a function in another unit, or inlined into a caller, is right only where it
//! cannot be told from the original. What must not be copied is called, or looked up, where
//! it is. Not here: what LLVM itself does not inline, or what has a copy taken.

use super::assembly::{self, Symbols};
use super::job::Cause;
use super::llvm::{AttributeKey, AttributeValue, Function, Global, GlobalId, Linkage, Module};
use std::collections::{BTreeSet, HashMap};

/// Linkages of what another definition may take the place of.
const REPLACEABLE: &[(Linkage, &str)] = &[
    (Linkage::WeakAny, "weak"),
    (Linkage::LinkOnceAny, "linkonce"),
    (Linkage::Common, "common"),
];

/// Why no copy of a definition may be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Uncopyable {
    /// A copy has other labels: a jump to an address would leave it.
    LabelAddress,
    /// The linker may choose another definition.
    Replaceable(&'static str),
    /// The program chooses one when it starts.
    Resolved,
    /// Another name of something, named here.
    Alias(String),
    /// It uses the address of an alias, which elsewhere looks like something of its own.
    UsesAlias(String),
    /// Its assembly names something of its own source.
    NamesLocal(String),
    /// Its assembly defines a symbol, of which there can be one.
    DefinesSymbol(String),
}

impl Uncopyable {
    /// The cause of its calls.
    pub(super) fn cause(&self) -> Cause {
        match self {
            Uncopyable::LabelAddress => Cause::NotInlinable,
            Uncopyable::Replaceable(_) | Uncopyable::Resolved => Cause::Replaceable,
            Uncopyable::Alias(_) | Uncopyable::UsesAlias(_) => Cause::Alias,
            Uncopyable::NamesLocal(_) | Uncopyable::DefinesSymbol(_) => Cause::AssemblySymbol,
        }
    }
}

impl std::fmt::Display for Uncopyable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Uncopyable::LabelAddress => {
                f.write_str("the addresses of its labels are taken (computed goto)")
            }
            Uncopyable::Replaceable(linkage) => {
                write!(
                    f,
                    "its definition is {linkage}, and another may take its place"
                )
            }
            Uncopyable::Resolved => {
                f.write_str("it is chosen when the program starts (ifunc or target_clones)")
            }
            Uncopyable::Alias(of) => write!(f, "it is another name of `{of}`"),
            Uncopyable::UsesAlias(alias) => write!(f, "it uses the address of the alias `{alias}`"),
            Uncopyable::NamesLocal(name) => {
                write!(f, "its assembly names `{name}`, a symbol of its own source")
            }
            Uncopyable::DefinesSymbol(name) => {
                write!(
                    f,
                    "its assembly defines the symbol `{name}`, of which there can be one"
                )
            }
        }
    }
}

/// A label of assembly that other units know by another name.
pub(super) struct Label {
    name: String,
    promoted: String,
}

impl Label {
    /// Has a module that has no such assembly refer to it.
    pub(super) fn rename(&self, module: &Module<'_>) {
        let symbols = module.symbols().into_iter();
        let mut declared = symbols.filter(|s| s.is_declaration() && s.name() == self.name);
        if let Some(declared) = declared.next() {
            declared.set_name(&self.promoted);
            declared.hide();
        }
    }
}

/// What of a module may be copied.
pub(super) struct Copyable {
    reasons: HashMap<GlobalId, Uncopyable>,
    /// What assembly outside of functions has.
    outside: Symbols,
    /// What all of its assembly names.
    named: BTreeSet<String>,
}

impl Copyable {
    /// Looks at all definitions of a module of helpers, which must have been linked whole:
    /// of one that is only read, LLVM has no bodies yet.
    pub(super) fn of(module: &Module<'_>) -> Copyable {
        let mut found = Copyable {
            reasons: HashMap::new(),
            outside: assembly::symbols(&module.inline_asm()),
            named: BTreeSet::new(),
        };
        found.named.extend(found.outside.named.iter().cloned());
        found.replaceable(module);
        found.resolved(module);
        found.aliases(module);
        let functions = module.functions().into_iter();
        let defined = functions.filter(|f| !f.global().is_declaration());
        let defined: Vec<Function<'_>> = defined.collect();
        let local = found.local_names(module);
        for function in defined {
            for holder in function.label_holders() {
                found.add_id(holder, || Uncopyable::LabelAddress);
                found.add(function.global(), || Uncopyable::LabelAddress);
            }
            for template in function.assembly() {
                let Symbols { named, defined, .. } = assembly::symbols(&template);
                if let Some(name) = named.intersection(&local).next() {
                    found.add(function.global(), || Uncopyable::NamesLocal(name.clone()));
                }
                if let Some(name) = defined.first() {
                    found.add(function.global(), || {
                        Uncopyable::DefinesSymbol(name.clone())
                    });
                }
                found.named.extend(named);
            }
        }
        found
    }

    /// Why an alias or an ifunc may not be copied.
    pub(super) fn of_other(module: &Module<'_>, other: Global<'_>) -> Uncopyable {
        match module.ifuncs().iter().any(|ifunc| ifunc.id() == other.id()) {
            true => Uncopyable::Resolved,
            false => Uncopyable::Alias(other.aliasee().name()),
        }
    }

    /// Why a definition may not be copied; `None` when it may.
    pub(super) fn reason(&self, global: Global<'_>) -> Option<&Uncopyable> {
        self.reasons.get(&global.id())
    }

    /// Whether assembly, of a function or outside of all, names a symbol, which must
    /// then be called so.
    pub(super) fn is_named_in_assembly(&self, name: &str) -> bool {
        self.named.contains(name)
    }

    /// What assembly outside of functions defines for its own unit alone.
    pub(super) fn local_labels(&self) -> BTreeSet<String> {
        let Symbols {
            defined,
            set,
            exported,
            ..
        } = &self.outside;
        let all = defined.union(set);
        all.filter(|name| !exported.contains(*name) && !name.starts_with(".L"))
            .cloned()
            .collect()
    }

    /// Gives labels of assembly outside of functions that functions refer to, which only
    /// their own object knows, another name that all of the program's units know. Returns
    /// what has to be renamed in a module without that assembly.
    pub(super) fn export_labels(
        &self,
        module: &mut Module<'_>,
        promoted: impl Fn(&str) -> String,
    ) -> Vec<Label> {
        let labels = self.local_labels();
        let symbols = module.symbols().into_iter();
        let declared = symbols.filter(|s| s.is_declaration() && labels.contains(&s.name()));
        let labels: Vec<Label> = declared
            .map(|symbol| Label {
                promoted: promoted(&symbol.name()),
                name: symbol.name(),
            })
            .collect();
        if !labels.is_empty() {
            let mut assembly = module.inline_asm();
            for Label { name, promoted } in &labels {
                assembly += &format!(
                    "\n.globl \"{promoted}\"\n.hidden \"{promoted}\"\n.set \"{promoted}\", {name}\n"
                );
            }
            module.set_inline_asm(&assembly);
        }
        labels
    }

    /// Has functions whose assembly defines a symbol be there once.
    pub(super) fn define_once(&self, module: &Module<'_>) {
        let noinline = AttributeKey::Enum("noinline");
        for function in module.functions() {
            if let Some(Uncopyable::DefinesSymbol(_)) = self.reason(function.global()) {
                function.set_attribute(&noinline, &AttributeValue::Int(0));
            }
        }
    }

    /// What no other unit knows by its name, and functions: a call by assembly is none
    /// that is seen.
    fn local_names(&self, module: &Module<'_>) -> BTreeSet<String> {
        let symbols = module.symbols().into_iter().chain(module.ifuncs());
        let local = symbols.filter(|global| global.is_local());
        let functions = module.functions().into_iter().map(|f| f.global());
        let local = local.chain(functions.filter(|f| !f.is_declaration()));
        let names = local.map(Global::name).filter(|name| !name.is_empty());
        let Symbols { exported, .. } = &self.outside;
        let labels = self.outside.defined.union(&self.outside.set);
        let labels = labels.filter(|name| !exported.contains(*name)).cloned();
        names.chain(labels).collect()
    }

    fn replaceable(&mut self, module: &Module<'_>) {
        for global in module.symbols() {
            let linkage = REPLACEABLE.iter().find(|(l, _)| global.has_linkage(*l));
            if let Some((_, word)) = linkage.filter(|_| !global.is_declaration()) {
                self.add(global, || Uncopyable::Replaceable(word));
            }
        }
    }

    /// Ifuncs, what chooses for them, and what that can choose.
    fn resolved(&mut self, module: &Module<'_>) {
        let mut resolvers = BTreeSet::new();
        for ifunc in module.ifuncs() {
            self.add(ifunc, || Uncopyable::Resolved);
            self.add(ifunc.resolver(), || Uncopyable::Resolved);
            resolvers.insert(ifunc.resolver().name());
        }
        if resolvers.is_empty() {
            return;
        }
        // Tables that it looks into count as it does.
        let mut choosing: BTreeSet<String> = resolvers;
        let by_id: HashMap<GlobalId, String> = module
            .symbols()
            .into_iter()
            .map(|g| (g.id(), g.name()))
            .collect();
        for variable in module.variables() {
            let holders = variable.address_holders();
            if holders
                .iter()
                .any(|id| by_id.get(id).is_some_and(|name| choosing.contains(name)))
            {
                choosing.insert(variable.name());
            }
        }
        for function in module.functions() {
            let holders = function.global().address_holders();
            let chosen = holders
                .iter()
                .any(|id| by_id.get(id).is_some_and(|n| choosing.contains(n)));
            if chosen && !function.global().is_declaration() {
                self.add(function.global(), || Uncopyable::Resolved);
            }
        }
    }

    fn aliases(&mut self, module: &Module<'_>) {
        for alias in module.aliases() {
            self.add(alias, || Uncopyable::Alias(alias.aliasee().name()));
        }
        for alias in module.aliases() {
            for holder in alias.address_holders() {
                self.add_id(holder, || Uncopyable::UsesAlias(alias.name()));
            }
        }
    }

    fn add(&mut self, global: Global<'_>, reason: impl FnOnce() -> Uncopyable) {
        self.add_id(global.id(), reason);
    }

    /// The first reason is told.
    fn add_id(&mut self, id: GlobalId, reason: impl FnOnce() -> Uncopyable) {
        self.reasons.entry(id).or_insert_with(reason);
    }
}
