//! What a kernel says when something is wrong, line by line.

/// What a kernel says when something is wrong: text that only then appears, and a name for it.
const SIGNS: [(&str, &str); 33] = [
    ("Oops:", "oops"),
    ("Oops -", "oops"),
    ("Internal error:", "oops"),
    ("BUG:", "bug"),
    ("kernel BUG at", "bug"),
    ("BUG kmalloc", "slab corruption"),
    (
        "=============================================================================",
        "slab corruption",
    ),
    ("Objects remaining in", "slab leak"),
    ("suspected memory leaks", "memory leak"),
    ("WARNING:", "warning"),
    ("[ cut here ]", "warning or bug"),
    ("Call Trace:", "call trace"),
    ("Call trace:", "call trace"),
    ("general protection fault", "oops"),
    ("Unable to handle kernel", "oops"),
    ("unable to handle page fault", "oops"),
    ("Kernel panic", "panic"),
    ("refcount_t:", "reference count"),
    ("detected stall", "RCU stall"),
    ("soft lockup", "lock-up"),
    ("hard LOCKUP", "lock-up"),
    ("blocked for more than", "hung task"),
    ("possible circular locking", "lockdep"),
    ("possible recursive locking", "lockdep"),
    ("inconsistent lock state", "lockdep"),
    ("suspicious RCU usage", "lockdep"),
    ("lock held when returning to user space", "lockdep"),
    ("scheduling while atomic", "sleep in atomic context"),
    (
        "sleeping function called from invalid context",
        "sleep in atomic context",
    ),
    ("list_add corruption", "list corruption"),
    ("list_del corruption", "list corruption"),
    ("UBSAN:", "undefined behaviour"),
    ("Unknown symbol", "module not loadable"),
];

/// More of these, which name the module loader's complaints.
const LOADER_SIGNS: [(&str, &str); 7] = [
    ("disagrees about version of symbol", "module not loadable"),
    ("version magic", "module not loadable"),
    ("section size must match", "module not loadable"),
    ("Invalid relocation target", "module not loadable"),
    ("Unknown rela relocation", "module not loadable"),
    ("unsupported RELA relocation", "module not loadable"),
    ("Unpatched return thunk in use", "mitigation missing"),
];

/// Lines that a healthy kernel prints at boot although they look like a sign.
const HARMLESS: [&str; 2] = [
    "Spectre V2 : WARNING: Unprivileged eBPF is enabled",
    "MDS: WARNING:",
];

/// A problem for each of these lines that is a sign of one.
pub fn problems<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    lines
        .filter_map(|line| Some(problem(sign_in(line)?, line)))
        .collect()
}

/// How a sign in a line is told.
pub fn problem(sign: &str, line: &str) -> String {
    format!("{sign}: {}", line.trim())
}

/// What a line is a sign of.
pub fn sign_in(line: &str) -> Option<&'static str> {
    // The guest quotes what it saw; it has its own word for a failure.
    if line.contains(super::MARK) || HARMLESS.iter().any(|text| line.contains(text)) {
        return None;
    }
    let found = SIGNS
        .iter()
        .chain(&LOADER_SIGNS)
        .find(|(text, _)| line.contains(text));
    found.map(|(_, name)| *name)
}
