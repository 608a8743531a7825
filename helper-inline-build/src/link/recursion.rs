//! Which functions of a module may be on the stack more than once.
//!
//! Whoever holds a function's address may have it called, and a call through a pointer
//! may be of any function of its type whose address is used. Where only a part of a crate
//! is seen, the rest of it may call what it sees. Not here: what follows from it (`frames`).

use super::count::demangle;
use super::internalize::is_llvms_own;
use super::llvm::{AttributeKey, Function, GlobalId, Linkage, Module};
use std::collections::{HashMap, HashSet};

/// The functions that may be on the stack more than once, and those that the optimizer may
/// make a part of one. `crates` are those of which the module has only a part.
pub(super) fn recursive(module: &Module<'_>, crates: &[String]) -> HashSet<GlobalId> {
    let graph = Graph::of(module, crates);
    let mut found: HashSet<usize> = graph.in_cycles();
    let mut left: Vec<usize> = found.iter().copied().collect();
    while let Some(node) = left.pop() {
        for &callee in &graph.inlinable_calls[node] {
            if found.insert(callee) {
                left.push(callee);
            }
        }
    }
    let ids = graph.ids.into_iter();
    ids.filter_map(|(id, node)| found.contains(&node).then_some(id))
        .collect()
}

/// Who may call whom, by number.
struct Graph {
    ids: HashMap<GlobalId, usize>,
    /// What may run, or be reached, from each.
    uses: Vec<Vec<usize>>,
    /// The functions that each calls by name and that may be inlined.
    inlinable_calls: Vec<Vec<usize>>,
}

impl Graph {
    fn of(module: &Module<'_>, crates: &[String]) -> Graph {
        let symbols = module.symbols().into_iter();
        let symbols: Vec<_> = symbols.filter(|s| !is_llvms_own(&s.name())).collect();
        let ids: HashMap<GlobalId, usize> = symbols.iter().map(|s| s.id()).zip(0..).collect();
        // The last one stands for the rest of the crate.
        let rest = symbols.len();
        let mut uses = vec![Vec::new(); rest + 1];
        let mut inlinable_calls = vec![Vec::new(); rest + 1];
        for (used, symbol) in symbols.iter().enumerate() {
            for holder in symbol.holders() {
                if let Some(&holder) = ids.get(&holder) {
                    uses[holder].push(used);
                }
            }
        }
        let noinline = AttributeKey::Enum("noinline");
        let mut called_by_address: Vec<(usize, Function<'_>)> = Vec::new();
        let functions = module.functions();
        for function in &functions {
            let Some(&node) = ids.get(&function.global().id()) else {
                continue;
            };
            let name = function.name();
            let calls = function.calls();
            if function.global().is_declaration() {
                if is_of(&name, crates) {
                    uses[node].push(rest);
                }
                continue;
            }
            if calls.address_taken > 0 {
                called_by_address.push((node, *function));
            }
            if function.attribute(&noinline).is_none() {
                for call in calls.direct {
                    let caller = call.function().global().id();
                    if let Some(&caller) = ids.get(&caller) {
                        inlinable_calls[caller].push(node);
                    }
                }
            }
            let is_seen = !function.global().is_local()
                && !function.global().has_linkage(Linkage::AvailableExternally);
            if is_seen && is_of(&name, crates) && !is_main(&name) {
                uses[rest].push(node);
            }
        }
        for function in &functions {
            let Some(&node) = ids.get(&function.global().id()) else {
                continue;
            };
            for call in function.indirect_calls() {
                let of_its_type = called_by_address.iter();
                let of_its_type = of_its_type.filter(|(_, f)| call.is_typed_as(*f));
                uses[node].extend(of_its_type.map(|(node, _)| *node));
            }
        }
        Graph {
            ids,
            uses,
            inlinable_calls,
        }
    }

    /// The nodes that can be reached from themselves: those of components of more than one,
    /// and those that use themselves (Kosaraju).
    fn in_cycles(&self) -> HashSet<usize> {
        let count = self.uses.len();
        let mut reversed = vec![Vec::new(); count];
        for (user, used) in self.uses.iter().enumerate() {
            for &used in used {
                reversed[used].push(user);
            }
        }
        let mut order = Vec::new();
        let mut seen = vec![false; count];
        for start in 0..count {
            walk(&self.uses, start, &mut seen, &mut order);
        }
        let mut found = HashSet::new();
        let mut seen = vec![false; count];
        for start in order.into_iter().rev() {
            let mut component = Vec::new();
            walk(&reversed, start, &mut seen, &mut component);
            if component.len() > 1 || self.uses[start].contains(&start) && !component.is_empty() {
                found.extend(component);
            }
        }
        found
    }
}

/// Appends what is reached from a node and was not seen, each after all that it leads to.
fn walk(edges: &[Vec<usize>], start: usize, seen: &mut [bool], order: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[start], true) {
        return;
    }
    let mut stack = vec![(start, 0)];
    while let Some((node, next)) = stack.pop() {
        match edges[node].get(next) {
            Some(&to) => {
                stack.push((node, next + 1));
                if !std::mem::replace(&mut seen[to], true) {
                    stack.push((to, 0));
                }
            }
            None => order.push(node),
        }
    }
}

/// Whether a symbol is of one of some crates, or made of something of theirs.
fn is_of(symbol: &str, crates: &[String]) -> bool {
    if crates.is_empty() {
        return false;
    }
    let name = demangle(symbol);
    name != symbol
        && crates.iter().any(|krate| {
            let path = format!("{}::", krate.replace('-', "_"));
            name.match_indices(&path).any(|(at, _)| {
                let before = name[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            })
        })
}

/// Whether it is a program's `main`, which nothing else of it calls.
fn is_main(symbol: &str) -> bool {
    let name = demangle(symbol);
    name.strip_suffix("::main")
        .is_some_and(|krate| !krate.contains("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_known_to_be_of_its_crate() {
        let crates = ["big-frame".to_owned()];
        for (symbol, is) in [
            ("_ZN9big_frame3rec17h0123456789abcdefE", true),
            ("_ZN10abig_frame3rec17h0123456789abcdefE", false),
            ("_ZN3std2io6_print17h0123456789abcdefE", false),
            ("big_frame_rec", false),
        ] {
            assert_eq!(is_of(symbol, &crates), is, "{symbol}");
            assert!(!is_of(symbol, &[]));
        }
        assert!(is_main("_ZN9big_frame4main17h0123456789abcdefE"));
        assert!(!is_main("_ZN9big_frame1a4main17h0123456789abcdefE"));
    }

    #[test]
    fn cycles_are_found() {
        let graph = |uses: &[&[usize]]| Graph {
            ids: HashMap::new(),
            uses: uses.iter().map(|u| u.to_vec()).collect(),
            inlinable_calls: Vec::new(),
        };
        // 1 and 2 call each other, 4 itself.
        let found = graph(&[&[1], &[2], &[1, 3], &[], &[4, 3]]).in_cycles();
        assert_eq!(found, HashSet::from([1, 2, 4]));
        assert!(graph(&[&[1, 2], &[2], &[]]).in_cycles().is_empty());
    }
}
