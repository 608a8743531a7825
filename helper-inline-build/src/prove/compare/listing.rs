//! The instructions of a call's line in both twins.
//!
//! Not here: which they are of (`calls`).

use super::calls::{Calls, Marks, Site};
use super::source::Sources;
use super::twin::{Function, Instruction, Twin};
use crate::prove::listing::{Line, Listing, Listings, Part, Side};
use rustc_demangle::demangle;
use std::collections::{BTreeMap, BTreeSet};

/// How many calls are listed.
const CALLS: usize = 400;
/// How many instructions of a call are listed on each side, and of a helper.
const INSTRUCTIONS: usize = 48;

/// Lists calls, at least one of each helper first, and helpers.
pub(super) fn all(
    before: &Twin,
    after: &Twin,
    calls: &Calls,
    helpers: &BTreeSet<&str>,
) -> Listings {
    let mut sources = Sources::default();
    let mut listed: Vec<Listing> = chosen(calls)
        .into_iter()
        .map(|(site, marks)| Listing {
            helper: site.helper.clone(),
            caller: site.caller.clone(),
            location: site.place.as_ref().map(ToString::to_string),
            source: site
                .place
                .as_ref()
                .map_or_else(Vec::new, |p| sources.around(p)),
            before: out_of_line(before, after, site, marks),
            after: inlined(before, after, site, marks),
        })
        .collect();
    listed.sort_by(|a, b| {
        let key = |l: &Listing| (l.helper.clone(), l.location.clone(), l.caller.clone());
        key(a).cmp(&key(b))
    });
    let called: BTreeSet<String> = listed.iter().map(|l| l.helper.clone()).collect();
    let bodies = before.functions.iter().filter(|function| {
        let symbol = function.symbol.as_str();
        helpers.contains(symbol) && called.contains(symbol)
    });
    Listings {
        calls: listed,
        total: calls.len(),
        helpers: bodies
            .map(|function| {
                let body = side(function, 0, |_| Some(Part::Helper));
                (function.symbol.clone(), body)
            })
            .collect(),
    }
}

/// As many calls as there is room for: the first of each helper, then the second, and so
/// on.
fn chosen(calls: &Calls) -> Vec<(&Site, &Marks)> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ranked: Vec<(usize, (&Site, &Marks))> = calls
        .iter()
        .map(|call| {
            let rank = seen.entry(&call.0.helper).or_default();
            *rank += 1;
            (*rank, call)
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.truncate(CALLS);
    ranked.into_iter().map(|(_, call)| call).collect()
}

/// The call instruction and what else is of its line.
fn out_of_line(before: &Twin, after: &Twin, site: &Site, marks: &Marks) -> Option<Side> {
    let holders: BTreeSet<usize> = marks.called.iter().map(|(function, _)| *function).collect();
    let other: BTreeSet<&str> = symbols(after, marks.inlined.keys());
    let f = common(before, &holders, &other)?;
    let calls: BTreeSet<u64> = marks
        .called
        .iter()
        .filter(|(function, _)| *function == f)
        .map(|(_, i)| before.functions[f].instructions[*i].offset)
        .collect();
    Some(side(&before.functions[f], holders.len() - 1, |i| {
        if calls.contains(&i.offset) {
            return Some(Part::Call);
        }
        is_of_line(i, site).then_some(Part::Caller)
    }))
}

/// The helper's instructions and what else is of its line.
fn inlined(before: &Twin, after: &Twin, site: &Site, marks: &Marks) -> Option<Side> {
    let holders: BTreeSet<usize> = marks.inlined.keys().copied().collect();
    let callers = marks.called.iter().map(|(function, _)| function);
    let f = common(after, &holders, &symbols(before, callers))?;
    let function = &after.functions[f];
    let helper: BTreeSet<u64> = marks.inlined[&f]
        .iter()
        .map(|&i| function.instructions[i].offset)
        .collect();
    Some(side(function, holders.len() - 1, |i| {
        if helper.contains(&i.offset) {
            return Some(Part::Helper);
        }
        is_of_line(i, site).then_some(Part::Caller)
    }))
}

fn symbols<'a>(twin: &'a Twin, functions: impl Iterator<Item = &'a usize>) -> BTreeSet<&'a str> {
    let functions = functions.map(|&function| &twin.functions[function]);
    functions.map(|function| function.symbol.as_str()).collect()
}

/// Of some functions the first that the other twin has as well, else the first.
fn common(twin: &Twin, functions: &BTreeSet<usize>, other: &BTreeSet<&str>) -> Option<usize> {
    let mut in_both = functions
        .iter()
        .filter(|&&f| other.contains(twin.functions[f].symbol.as_str()));
    in_both.next().or(functions.first()).copied()
}

/// Whether an instruction is of the line that a call is in, and of no other helper.
fn is_of_line(instruction: &Instruction, site: &Site) -> bool {
    let Some(place) = &site.place else {
        return false;
    };
    let frame = instruction.frames.first();
    frame.is_some_and(|frame| {
        let at = frame.place.as_ref();
        frame.function == site.caller
            && at.is_some_and(|at| at.file == place.file && at.line == place.line)
    })
}

fn side(function: &Function, others: usize, part: impl Fn(&Instruction) -> Option<Part>) -> Side {
    let mut lines = Vec::new();
    let (mut left_out, mut bytes, mut end) = (0, 0, None);
    for instruction in &function.instructions {
        let Some(part) = part(instruction) else {
            continue;
        };
        bytes += instruction.bytes;
        if lines.len() == INSTRUCTIONS {
            left_out += 1;
            continue;
        }
        lines.push(Line {
            offset: instruction.offset,
            text: words(instruction, &function.symbol),
            part,
            after_gap: end.is_some_and(|end| end != instruction.offset),
        });
        end = Some(instruction.offset + instruction.bytes);
    }
    Side {
        symbol: function.symbol.clone(),
        function: function.name.clone(),
        others,
        bytes,
        lines,
        left_out,
    }
}

/// An instruction with names where an object has addresses to be filled in.
fn words(instruction: &Instruction, symbol: &str) -> String {
    let text = &instruction.text;
    // `jne 0x1c4 <f+0x34>`: what it would jump to, were nothing filled in.
    let (text, label) = match text
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once(" <"))
    {
        Some((text, label)) => (text, Some(label)),
        None => (text.as_str(), None),
    };
    let without_operand = || text.rsplit_once(' ').map_or(text, |(head, _)| head);
    match (&instruction.target, label) {
        (Some(target), Some(_)) => {
            format!("{} {:#}", without_operand(), demangle(target))
        }
        (Some(target), None) => format!("{text}  ⟵ {:#}", demangle(target)),
        (None, Some(label)) => {
            let here = label
                .strip_prefix(symbol)
                .filter(|rest| rest.is_empty() || rest.starts_with('+'));
            let to = match here {
                Some("") => "+0".to_owned(),
                // As offsets are written beside it.
                Some(offset) => offset.replacen("+0x", "+", 1),
                None => label.to_owned(),
            };
            format!("{} {to}", without_operand())
        }
        (None, None) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::compare::frames::{Frame, Place};
    use std::rc::Rc;

    fn instruction(offset: u64, text: &str, target: Option<&str>, line: u32) -> Instruction {
        let frame = Frame {
            function: "m::f".into(),
            place: Some(Place {
                file: "/no/such.rs".into(),
                line,
                column: 1,
            }),
        };
        Instruction {
            offset,
            bytes: 4,
            text: text.into(),
            target: target.map(str::to_owned),
            is_call: target.is_some(),
            frames: Rc::new([frame]),
        }
    }

    #[test]
    fn names_stand_where_an_object_has_nothing_yet() {
        let shown = |text: &str, target| words(&instruction(0, text, target, 1), "f");
        let mangled = "_ZN1m1g17h0123456789abcdefE";
        assert_eq!(shown("callq 0xf <f+0xf>", Some(mangled)), "callq m::g");
        assert_eq!(shown("bl 0x8 <f+0x8>", Some("kfree")), "bl kfree");
        assert_eq!(shown("cbz x0, 0x8 <f+0x8>", None), "cbz x0, +8");
        assert_eq!(shown("jmp 0x0 <f>", None), "jmp +0");
        assert_eq!(shown("jmp 0x40 <ff>", None), "jmp ff");
        assert_eq!(
            shown("movq (%rip), %rax", Some("jiffies")),
            "movq (%rip), %rax  ⟵ jiffies"
        );
        assert_eq!(shown("nop", None), "nop");
    }

    #[test]
    fn a_call_is_shown_with_what_else_is_of_its_line() {
        let function = |symbol: &str, instructions| Function {
            symbol: symbol.into(),
            name: symbol.into(),
            bytes: 64,
            instructions,
        };
        let twin = |functions| Twin {
            text_bytes: 64,
            functions,
            code: Vec::new(),
        };
        let before = twin(vec![
            function(
                "f",
                vec![
                    instruction(0, "push", None, 1),
                    instruction(4, "mov", None, 7),
                    instruction(8, "call 0xc <f+0xc>", Some("rust_helper_h"), 7),
                    instruction(12, "pop", None, 9),
                    instruction(16, "ret", None, 7),
                ],
            ),
            function("rust_helper_h", vec![instruction(0, "inc", None, 3)]),
        ]);
        let helpers = ["rust_helper_h"].into();
        let calls = super::super::calls::find(&before, &twin(vec![]), &helpers);
        let listed = all(&before, &twin(vec![]), &calls, &helpers);
        let [call] = &listed.calls[..] else {
            panic!("{listed:?}")
        };
        assert_eq!(call.location.as_deref(), Some("/no/such.rs:7:1"));
        assert!(call.source.is_empty() && call.after.is_none());
        let lines = &call.before.as_ref().unwrap().lines;
        let lines: Vec<_> = lines
            .iter()
            .map(|l| (l.text.as_str(), l.part, l.after_gap))
            .collect();
        assert_eq!(
            lines,
            [
                ("mov", Part::Caller, false),
                ("call rust_helper_h", Part::Call, false),
                ("ret", Part::Caller, true)
            ]
        );
        assert_eq!(listed.helpers["rust_helper_h"].lines[0].text, "inc");
    }
}
