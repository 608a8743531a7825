//! Reading from a small function's instructions where it finds what it returns.

use super::*;

/// Where a function takes from what it returns: the first instruction, or the
/// one after a call, moves it to the first register, unless it is there.
pub(super) fn find(abi: Abi, code: &[String], is_vector: bool) -> Option<Place> {
    let called = code
        .iter()
        .position(|line| line.starts_with("call") || line.starts_with("bl"));
    let moved = &code[called.map_or(0, |call| call + 1)];
    let (operation, operands) = moved
        .split_once(char::is_whitespace)
        .unwrap_or((moved.as_str(), ""));
    let loads = called.is_none() && operation.starts_with("ld");
    let moves = operation.contains("mov") || operation == "and";
    if !moves && !loads {
        let first = if is_vector {
            Place::Vector
        } else {
            Place::General
        };
        return Some(first(0));
    }
    let source = match abi {
        Abi::X86_64 => operands.rsplit_once(", ")?.0,
        Abi::Aarch64 => operands.split_once(", ")?.1,
    };
    match abi {
        Abi::X86_64 => x86_source(source, called.is_some()),
        Abi::Aarch64 => arm_source(source),
    }
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(text) => u64::from_str_radix(text, 16).ok(),
        None => text.parse().ok(),
    }
}

fn x86_source(source: &str, is_result: bool) -> Option<Place> {
    const RETURN_ADDRESS: u64 = 8;
    if let Some(offset) = source.strip_suffix("(%rsp)") {
        return Some(Place::Stack(number(offset)? - RETURN_ADDRESS));
    }
    let register = source.strip_prefix('%')?;
    if let Some(vector) = register.strip_prefix("xmm") {
        return Some(Place::Vector(number(vector)?));
    }
    let arguments = ["di", "si", "dx", "cx", "r8", "r9"];
    let results = ["ax", "dx"];
    let registers: &[&str] = if is_result { &results } else { &arguments };
    let place = registers.iter().position(|name| register.contains(name))?;
    Some(Place::General(place as u64))
}

fn arm_source(source: &str) -> Option<Place> {
    if let Some(address) = source.strip_prefix("[sp").and_then(|s| s.strip_suffix(']')) {
        let offset = address.strip_prefix(", #").map_or(Some(0), number)?;
        return Some(Place::Stack(offset));
    }
    let register = source.split(['.', ',']).next()?;
    let place = number(register.get(1..)?)?;
    match register.chars().next()? {
        'x' | 'w' => Some(Place::General(place)),
        's' | 'd' | 'q' | 'v' => Some(Place::Vector(place)),
        _ => None,
    }
}
