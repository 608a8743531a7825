//! Who produced a bitcode file, read from its identification block alone.
//!
//! An LLVM older than the producer may abort, or by luck not, on the rest of the
//! file; so this comes before any reading by LLVM. Not here: reading a module.

use crate::Version;

/// The producer of a bitcode file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Producer {
    /// Its own name, such as `LLVM22.1.2-rust-1.95.0-stable`.
    pub name: String,
    /// The LLVM version in it.
    pub version: Version,
}

const IDENTIFICATION_BLOCK: u64 = 13;
const STRING_RECORD: u64 = 1;

/// Blocks that every module's file has, the last of them at its end.
const MODULE_BLOCK: u64 = 8;
const STRING_TABLE_BLOCK: u64 = 23;

/// Reads the producer and checks that no block of the file is cut short.
///
/// # Errors
/// A text that says what the bytes are instead: empty, foreign or truncated.
///
/// ```
/// use helper_inline_build::link::identify;
///
/// assert!(identify(b"no bitcode").is_err());
/// ```
pub fn identify(bytes: &[u8]) -> Result<Producer, String> {
    if bytes.is_empty() {
        return Err("the file is empty".into());
    }
    if !bytes.starts_with(b"BC\xC0\xDE") {
        return Err(format!(
            "it does not begin with bitcode's magic number (it begins with {:02x?})",
            &bytes[..bytes.len().min(4)]
        ));
    }
    let truncated = || format!("it is truncated: {} bytes are there", bytes.len());
    let mut reader = Bits {
        bytes,
        position: 32,
    };
    let mut producer = None;
    let mut blocks = Vec::new();
    // Blocks at the top: identification, module, symbol and string tables.
    while reader.remaining() >= 32 {
        match reader.fixed(2).ok_or_else(truncated)? {
            1 => {}
            // Padding after the last block.
            0 if producer.is_some() => break,
            other => return Err(format!("it has no block where one must be ({other})")),
        }
        let block = reader.vbr(8).ok_or_else(truncated)?;
        let width = reader.vbr(4).ok_or_else(truncated)?;
        reader.align();
        let words = reader.fixed(32).ok_or_else(truncated)?;
        let end = reader.position + usize::try_from(words).map_err(|_| truncated())? * 32;
        if end > bytes.len() * 8 {
            return Err(truncated());
        }
        blocks.push(block);
        if block == IDENTIFICATION_BLOCK && producer.is_none() {
            let mut block = Bits {
                bytes: &bytes[..end / 8],
                position: reader.position,
            };
            producer = identification_string(&mut block, width);
        }
        reader.position = end;
    }
    let whole = [MODULE_BLOCK, STRING_TABLE_BLOCK]
        .iter()
        .all(|block| blocks.contains(block));
    if !whole {
        return Err(truncated());
    }
    let name = producer.ok_or("it names no producer (no identification block)")?;
    let version = Version::find(&name)
        .ok_or_else(|| format!("its producer `{name}` has no version number"))?;
    Ok(Producer { name, version })
}

/// The string record of an identification block.
fn identification_string(block: &mut Bits<'_>, width: u64) -> Option<String> {
    let mut abbreviations: Vec<Vec<Operand>> = Vec::new();
    loop {
        match block.fixed(width)? {
            0 => return None,
            2 => abbreviations.push(definition(block)?),
            3 => {
                let code = block.vbr(6)?;
                let count = block.vbr(6)?;
                let values: Option<Vec<u64>> = (0..count).map(|_| block.vbr(6)).collect();
                if code == STRING_RECORD {
                    return Some(text(&values?));
                }
            }
            id => {
                let index = usize::try_from(id.checked_sub(4)?).ok()?;
                let values = record(block, abbreviations.get(index)?)?;
                if values.first() == Some(&STRING_RECORD) {
                    return Some(text(&values[1..]));
                }
            }
        }
    }
}

/// How one value of an abbreviated record is stored.
#[derive(Clone, Copy)]
enum Operand {
    Literal(u64),
    Fixed(u64),
    Vbr(u64),
    Array,
    Char6,
}

fn definition(block: &mut Bits<'_>) -> Option<Vec<Operand>> {
    let count = block.vbr(5)?;
    let mut operands = Vec::new();
    for _ in 0..count {
        operands.push(if block.fixed(1)? == 1 {
            Operand::Literal(block.vbr(8)?)
        } else {
            match block.fixed(3)? {
                1 => Operand::Fixed(block.vbr(5)?),
                2 => Operand::Vbr(block.vbr(5)?),
                3 => Operand::Array,
                4 => Operand::Char6,
                _ => return None,
            }
        });
    }
    Some(operands)
}

fn record(block: &mut Bits<'_>, operands: &[Operand]) -> Option<Vec<u64>> {
    let mut values = Vec::new();
    let mut operands = operands.iter();
    while let Some(operand) = operands.next() {
        if let Operand::Array = operand {
            let element = *operands.next()?;
            // Values without bits could be more than memory holds.
            if let Operand::Literal(_) | Operand::Fixed(0) = element {
                return None;
            }
            for _ in 0..block.vbr(6)? {
                values.push(scalar(block, element)?);
            }
        } else {
            values.push(scalar(block, *operand)?);
        }
    }
    Some(values)
}

fn scalar(block: &mut Bits<'_>, operand: Operand) -> Option<u64> {
    const CHAR6: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._";
    match operand {
        Operand::Literal(value) => Some(value),
        Operand::Fixed(width) => block.fixed(width),
        Operand::Vbr(width) => block.vbr(width),
        Operand::Char6 => {
            let index = usize::try_from(block.fixed(6)?).ok()?;
            Some(CHAR6[index].into())
        }
        Operand::Array => None,
    }
}

fn text(values: &[u64]) -> String {
    let bytes: Vec<u8> = values.iter().map(|v| *v as u8).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A reader of LLVM's bit stream: little-endian words, lowest bit first.
struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Bits<'_> {
    fn remaining(&self) -> usize {
        (self.bytes.len() * 8).saturating_sub(self.position)
    }

    fn fixed(&mut self, width: u64) -> Option<u64> {
        if width > 64 || self.remaining() < usize::try_from(width).ok()? {
            return None;
        }
        let mut value = 0;
        for bit in 0..width {
            let byte = self.bytes[self.position / 8];
            value |= u64::from(byte >> (self.position % 8) & 1) << bit;
            self.position += 1;
        }
        Some(value)
    }

    fn vbr(&mut self, width: u64) -> Option<u64> {
        // LLVM's own limit.
        if !(1..=32).contains(&width) {
            return None;
        }
        let more = 1 << (width - 1);
        let mut value: u64 = 0;
        let mut shift = 0;
        loop {
            let chunk = self.fixed(width)?;
            value |= (chunk & (more - 1)).checked_shl(shift)?;
            if chunk & more == 0 {
                return Some(value);
            }
            shift += u32::try_from(width).ok()? - 1;
        }
    }

    fn align(&mut self) {
        self.position = self.position.next_multiple_of(32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// Bitcode of the rustc that compiled this test.
    fn bitcode() -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("lib.rs");
        std::fs::write(&source, "pub fn f() -> u32 { 7 }").unwrap();
        let out = dir.path().join("lib.bc");
        let status = Command::new("rustc")
            .args(["--crate-type=rlib", "--emit=llvm-bc", "-o"])
            .arg(&out)
            .arg(&source)
            .status()
            .unwrap();
        assert!(status.success());
        std::fs::read(&out).unwrap()
    }

    #[test]
    fn the_producer_is_rustcs_own_llvm() {
        let producer = identify(&bitcode()).unwrap();
        let rustc = crate::Rustc::from_env().unwrap();
        assert_eq!(producer.version, rustc.llvm);
        assert!(producer.name.contains("rust"), "{}", producer.name);
    }

    #[test]
    fn every_truncation_is_told() {
        let whole = bitcode();
        // Every length below 300 bytes, and then in large steps.
        let lengths = (0..300).chain((300..whole.len() - 4).step_by(97));
        for length in lengths {
            let error = identify(&whole[..length]).unwrap_err();
            assert!(
                ["truncated", "empty", "magic", "no producer", "no block"]
                    .iter()
                    .any(|word| error.contains(word)),
                "{length}: {error}"
            );
        }
    }

    #[test]
    fn widths_and_counts_that_cannot_be_are_refused() {
        let bytes = [0xff; 64];
        let bits = || Bits {
            bytes: &bytes,
            position: 0,
        };
        for width in [0, 33, 64, 65, u64::MAX] {
            assert_eq!(bits().vbr(width), None, "{width}");
        }
        // 2^40 values of no bits each: the count in parts of six bits, lowest first.
        let count = [0x20, 0x08, 0x82, 0x20, 0x08, 0x82, 0x01];
        for element in [Operand::Literal(7), Operand::Fixed(0)] {
            let mut bits = Bits {
                bytes: &count,
                position: 0,
            };
            assert_eq!(record(&mut bits, &[Operand::Array, element]), None);
        }
        let mut bits = Bits {
            bytes: &count,
            position: 0,
        };
        assert!(bits.vbr(6).is_some_and(|count| count > 1 << 32));
    }

    #[test]
    fn foreign_files_are_told() {
        let error = identify(b"\x7fELF\x02\x01\x01").unwrap_err();
        expect_test::expect![
            "it does not begin with bitcode's magic number (it begins with [7f, 45, 4c, 46])"
        ]
        .assert_eq(&error);
    }
}
