//! An object's instructions in words, as llvm-objdump writes them.
//!
//! Not here: what they are of (`twin`).

use crate::{Result, command};
use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::process::Command;

/// The instructions of a section, by address.
pub(super) type Instructions = Vec<(u64, String)>;

/// Sections by their names, those of one name in their order.
pub(super) type Sections = HashMap<String, VecDeque<Instructions>>;

/// Disassembles an object.
///
/// # Errors
/// [`crate::Error::Command`] when llvm-objdump is not there or fails.
pub(super) fn read(objdump: &Path, object: &Path) -> Result<Sections> {
    let mut command = Command::new(objdump);
    command
        .args(["-d", "--no-show-raw-insn", "--no-print-imm-hex"])
        .arg(object);
    let output = command::run("disassembling", &mut command)?;
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

fn parse(text: &str) -> Sections {
    let mut sections = Sections::new();
    let mut current: Option<&mut Instructions> = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("Disassembly of section ") {
            let name = name.trim_end_matches(':').to_owned();
            let of_name = sections.entry(name).or_default();
            of_name.push_back(Instructions::new());
            current = of_name.back_mut();
        } else if let Some(instructions) = &mut current {
            instructions.extend(instruction(line));
        }
    }
    sections
}

/// Reads a line such as `  1c4:  movq  %gs:40, %rax  # comment`.
fn instruction(line: &str) -> Option<(u64, String)> {
    let (address, rest) = line.split_once(':')?;
    let address = u64::from_str_radix(address.trim(), 16).ok()?;
    let rest = rest.trim();
    // Comments begin so on x86-64 and on AArch64.
    let end = rest.find(" # ").or_else(|| rest.find("//"));
    let text = rest[..end.unwrap_or(rest.len())].trim();
    let text = text.replace('\t', " ");
    (!text.is_empty()).then_some((address, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_words_are_read_and_labels_are_not() {
        let text = "
a.o:\tfile format elf64-x86-64

Disassembly of section .text:

0000000000000000 <f>:
       0:      \tmovabsq\t$-33, %r15 # imm = 0xDEAD
       a:      \tcallq\t0xf <f+0xf>
Disassembly of section .init.text:

0000000000000010 <init_module>:
      10:      \tmov\tx21, #256             // =0x100
";
        let sections = parse(text);
        let shown = |name: &str| format!("{:?}", sections[name][0]);
        assert_eq!(
            shown(".text"),
            r#"[(0, "movabsq $-33, %r15"), (10, "callq 0xf <f+0xf>")]"#
        );
        assert_eq!(shown(".init.text"), r#"[(16, "mov x21, #256")]"#);
    }
}
