//! Digests of contents: 128 bits that differ when contents do.
//!
//! Against accidents and not against forgers, who could as well change the compiler. No
//! cryptographic one, because build scripts are compiled without optimization and with
//! as few dependencies as can be; this one is quick there too. Its numbers may not change
//! between versions of the library that read each other's lists. Not here: what is kept
//! of digests (`memo`).

use std::fs::File;
use std::io::{Error, Read as _, Result};
use std::path::Path;

/// Two hashes side by side, each of all 64-bit words of the content. A step is a
/// bijection of the state, so two contents that differ in one word differ in both.
struct Digest {
    lanes: [u64; 2],
    bytes: u64,
}

/// Odd numbers, of the golden ratio and of the square root of 3.
const FACTORS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xbb67_ae85_84ca_a73b];

impl Digest {
    fn new() -> Digest {
        Digest {
            lanes: [1, 2],
            bytes: 0,
        }
    }

    fn word(&mut self, word: u64) {
        let [mut a, mut b] = self.lanes;
        a = (a ^ word).wrapping_mul(FACTORS[0]);
        b = (b ^ word).wrapping_mul(FACTORS[1]);
        // A multiplication carries upwards alone.
        self.lanes = [a ^ (a >> 32), b ^ (b >> 29)];
    }

    /// Takes content; all but the last part of it in multiples of eight bytes.
    fn update(&mut self, content: &[u8]) {
        self.bytes += content.len() as u64;
        // No iterator: without optimization it takes several times as long.
        let mut at = 0;
        while at < content.len() {
            let end = content.len().min(at + 8);
            let mut word = [0; 8];
            word[..end - at].copy_from_slice(&content[at..end]);
            self.word(u64::from_le_bytes(word));
            at = end;
        }
    }

    fn finish(mut self) -> String {
        self.word(self.bytes);
        self.word(0);
        format!("{:016x}{:016x}", self.lanes[0], self.lanes[1])
    }
}

/// The digest of some bytes.
pub(crate) fn of_bytes(content: &[u8]) -> String {
    let mut digest = Digest::new();
    digest.update(content);
    digest.finish()
}

/// The digest of a file's content. Not of a device or a pipe, which may have no end.
pub(crate) fn of_file(path: &Path) -> Result<String> {
    if !path.metadata()?.is_file() {
        return Err(Error::other("it is not a regular file"));
    }
    let mut file = File::open(path)?;
    let mut digest = Digest::new();
    let mut part = vec![0; 1 << 18];
    let mut filled = 0;
    loop {
        match file.read(&mut part[filled..])? {
            0 => break,
            read => filled += read,
        }
        if filled == part.len() {
            digest.update(&part);
            filled = 0;
        }
    }
    digest.update(&part[..filled]);
    Ok(digest.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_that_differ_anywhere_have_other_digests() {
        let content = vec![b'a'; 1000];
        let mut seen = std::collections::BTreeSet::from([of_bytes(&content)]);
        for at in 0..content.len() {
            let mut other = content.clone();
            // The highest bit, which a product does not carry anywhere.
            other[at] ^= 0x80;
            assert!(seen.insert(of_bytes(&other)), "{at}");
        }
        // Two such bits do not undo each other.
        for at in (7..992).step_by(8) {
            let mut other = content.clone();
            other[at] ^= 0x80;
            other[at + 8] ^= 0x80;
            assert!(seen.insert(of_bytes(&other)), "{at}");
        }
        // Nor is a zero at the end nothing.
        for zeros in 1..20 {
            let mut other = content.clone();
            other.extend(vec![0; zeros]);
            assert!(seen.insert(of_bytes(&other)), "{zeros}");
        }
    }

    #[test]
    fn a_file_has_the_digest_of_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        for size in [0, 1, 8, (1 << 18) - 1, 1 << 18, (1 << 18) + 9] {
            let content: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            std::fs::write(&path, &content).unwrap();
            assert_eq!(of_file(&path).unwrap(), of_bytes(&content), "{size}");
        }
        assert!(of_file(dir.path()).is_err());
    }

    #[test]
    fn digests_stay_what_they_are() {
        // Programs of several versions compare them.
        expect_test::expect!["6210f7a0117a20b06ddec0039710ad70"]
            .assert_eq(&of_bytes(b"int f(void);\n"));
    }
}
