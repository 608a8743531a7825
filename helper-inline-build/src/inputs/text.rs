//! The list of inputs as a file: a line for each, which is read far more often than it is
//! written.
//!
//! Not here: what the inputs are.

use super::{Input, Inputs};

/// The first line.
pub(super) const HEAD: &str = "helper-inline-inputs 1";

/// The last one, without which a list is not whole.
pub(super) const END: &str = "end\n";

/// The list as a text: after the first line the kernel, or `-`.
pub(super) fn of(inputs: &Inputs) -> String {
    let kernel = inputs
        .kernel
        .as_deref()
        .map_or("-".into(), |dir| dir.to_string_lossy());
    let mut text = format!("{HEAD}\n{kernel}\n");
    for input in inputs.iter() {
        // What no line can hold is never found again, and so has helpers compiled anew.
        let path = input.path().to_string_lossy().replace('\n', "\u{fffd}");
        let facts = match input {
            Input::Arguments { asked, digest } => {
                let asked = serde_json::to_string(asked).expect("it is plain data");
                text += &format!("arguments {digest} {asked}\n");
                continue;
            }
            Input::File {
                digest, identity, ..
            } => format!("file {digest} {}", identity.text()),
            Input::Tool { identity, .. } => format!("tool {}", identity.text()),
            Input::Absent { .. } => "absent".to_owned(),
            Input::Sources { digest, .. } => format!("sources {digest}"),
        };
        text += &format!("{facts} {path}\n");
    }
    text += END;
    text
}
