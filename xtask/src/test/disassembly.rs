//! The functions of an object's code, as instructions in words.
//!
//! llvm-objdump reads them. Not here: what is looked for (`mitigations`), or
//! which of them are called through pointers (`targets`).

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::targets::Targets;
use crate::command;

/// A function and its instructions.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// Its section and where it begins there.
    pub section: String,
    pub address: u64,
    pub instructions: Vec<Instruction>,
    /// Whether it may be called through a pointer.
    pub indirect_target: bool,
}

/// An instruction as it is written, without its address and comment.
#[derive(Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Its place in the section.
    pub address: u64,
    pub text: String,
    /// The symbols that the linker puts into it.
    pub symbols: Vec<String>,
}

impl Instruction {
    /// Its first word.
    pub fn mnemonic(&self) -> &str {
        self.text.split_whitespace().next().unwrap_or_default()
    }

    /// What it works on; targets' names, which may be any word, are left out.
    pub fn operands(&self) -> &str {
        let rest = self
            .text
            .split_once(char::is_whitespace)
            .map_or("", |t| t.1);
        rest.split('<').next().unwrap_or_default().trim()
    }
}

/// Disassembles the functions of a file.
pub fn read(objdump: &Path, file: &Path) -> Result<Vec<Function>> {
    let mut command = Command::new(objdump);
    command.args(["-d", "-r", "--no-show-raw-insn"]).arg(file);
    let targets = Targets::of(file)?;
    let functions = parse(&command::output(&mut command)?, &targets);
    ensure!(
        !functions.is_empty(),
        "{} shows no function of {}",
        objdump.display(),
        file.display()
    );
    Ok(functions)
}

/// objtool's names for the padding before functions.
const PADDING: &str = "__pfx_";

/// Code that is copied over other code at run time is no function of its own.
const REPLACEMENTS: &str = ".altinstr_replacement";

fn parse(text: &str, targets: &Targets) -> Vec<Function> {
    let mut functions: Vec<Function> = Vec::new();
    let (mut section, mut padding) = ("", false);
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("Disassembly of section ") {
            section = name.trim_end_matches(':');
        } else if section == REPLACEMENTS {
            // Until the next section.
        } else if let Some((address, name)) = line
            .strip_suffix(">:")
            .and_then(|line| line.split_once(" <"))
        {
            let address = u64::from_str_radix(address, 16).unwrap_or_default();
            padding = name.starts_with(PADDING);
            if padding {
                continue;
            }
            functions.push(Function {
                name: name.to_owned(),
                section: section.to_owned(),
                address,
                instructions: Vec::new(),
                indirect_target: targets.contains(section, address),
            });
        } else if let (false, Some(function)) = (padding, functions.last_mut()) {
            add_line(function, line);
        }
    }
    functions
}

/// Adds a line such as `  1c4:  movq  %gs:0x28, %rax`, or the relocation of the
/// instruction before it.
fn add_line(function: &mut Function, line: &str) {
    let Some((address, rest)) = line.split_once(':') else {
        return;
    };
    let rest = rest.trim();
    let (Ok(address), false) = (u64::from_str_radix(address.trim(), 16), rest.is_empty()) else {
        return;
    };
    if rest.starts_with("R_") {
        let symbol = rest.split_whitespace().nth(1).unwrap_or_default();
        if let Some(instruction) = function.instructions.last_mut() {
            instruction.symbols.push(symbol.to_owned());
        }
        return;
    }
    // Comments begin so on x86-64 and on AArch64.
    let end = rest.find(" # ").or_else(|| rest.find("//"));
    function.instructions.push(Instruction {
        address,
        text: rest[..end.unwrap_or(rest.len())].trim().to_owned(),
        symbols: Vec::new(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_symbols_and_replacements_are_told_apart() {
        let text = "
Disassembly of section .text:

0000000000000000 <core::f>:
       0:      \tmovabsq\t$-0x21, %r15 # imm = 0xDEAD
       a:      \tcallq\t0xf <xmm0+0xf>
\t\t000000000000000b:  R_X86_64_PLT32\tkfree-0x4
Disassembly of section .altinstr_replacement:

0000000000000000 <.altinstr_replacement>:
       0:      \tcallq\t*%rax
Disassembly of section .init.text:

0000000000000000 <__pfx_init_module>:
       0:      \tnop
0000000000000010 <init_module>:
      10:      \tmov\tx21, #0x100             // =256
";
        let functions = parse(text, &Targets::from_iter([(".init.text", 16)]));
        let names: Vec<&str> = functions.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["core::f", "init_module"]);
        let targets: Vec<bool> = functions.iter().map(|f| f.indirect_target).collect();
        assert_eq!(targets, [false, true]);
        assert_eq!(
            (functions[1].section.as_str(), functions[1].address),
            (".init.text", 16)
        );
        let [load, call] = functions[0].instructions.as_slice() else {
            panic!("{functions:?}")
        };
        assert_eq!(load.text, "movabsq\t$-0x21, %r15");
        assert_eq!((call.mnemonic(), call.operands()), ("callq", "0xf"));
        assert_eq!(call.symbols, ["kfree-0x4"]);
        assert_eq!(call.address, 10);
        assert_eq!(functions[1].instructions[0].operands(), "x21, #0x100");
    }
}
