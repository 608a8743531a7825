//! Bitcode that is spoilt after cargo made it, which cargo does not notice.

use crate::support::{Fixture, X86, files_below, real_clang, run, target_dir};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MAGIC: usize = 4;

/// A fixture that is built, its helpers' bitcode, and that file's content.
fn built(name: &str) -> (Fixture, PathBuf, Vec<u8>) {
    let fixture = Fixture::new(name);
    fixture.make();
    let bitcode = fixture.out_dir().join("helpers.bc");
    let content = fs::read(&bitcode).unwrap();
    (fixture, bitcode, content)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_truncated_file_is_refused_at_every_length() {
    let (fixture, bitcode, whole) = built("truncated");
    let build_dir = target_dir().join("dist/.build");
    let mend = format!("remove `{}`", build_dir.display());
    let end = whole.len();
    for length in [0, MAGIC - 1, MAGIC, 40, end / 3, end / 2, end - 4, end - 1] {
        fs::write(&bitcode, &whole[..length]).unwrap();
        fixture.refuses(
            3,
            &mut fixture.dist(),
            &[text(&bitcode), "is not valid LLVM bitcode", &mend],
        );
    }
    fs::write(&bitcode, whole).unwrap();
    fixture.make();
}

#[test]
fn a_foreign_or_overwritten_file_is_refused() {
    let (fixture, bitcode, whole) = built("foreign");
    let object = fs::read(bitcode.with_file_name("kbuild/helpers-out-of-line.o")).unwrap();
    assert!(object.starts_with(b"\x7fELF"));
    for foreign in [&b"int rust_helper_count(int *);\n"[..], &object] {
        fs::write(&bitcode, foreign).unwrap();
        fixture.refuses(
            3,
            &mut fixture.dist(),
            &[
                text(&bitcode),
                "is not valid LLVM bitcode: it does not begin with bitcode's magic number",
            ],
        );
    }
    // The frame of a bitcode file around nonsense. LLVM may refuse it or die of
    // it; either way the file is named.
    let mut nonsense = whole.clone();
    let end = whole.len();
    nonsense[end / 4..end / 2].fill(0xA5);
    fs::write(&bitcode, nonsense).unwrap();
    fixture.refuses(3, &mut fixture.dist(), &[text(&bitcode)]);
}

#[test]
fn bitcode_of_another_architecture_is_refused() {
    let (fixture, bitcode, _) = built("other-architecture");
    let source = fixture.dir.join("other.c");
    fs::write(
        &source,
        "int rust_helper_counted(const int *c) { return *c; }\nvoid helper_inline_baseline(void) {}\n",
    )
    .unwrap();
    let status = Command::new(real_clang())
        .args(["--target=aarch64-linux-gnu", "-emit-llvm", "-c", "-o"])
        .args([&bitcode, &source])
        .status()
        .unwrap();
    assert!(status.success());
    fixture.refuses(
        3,
        &mut fixture.dist(),
        &[
            text(&bitcode),
            "data layout",
            "compile both for one target and ABI",
        ],
    );
}

#[test]
fn a_producer_newer_than_the_linking_llvm_is_refused_with_both_versions() {
    let (fixture, bitcode, whole) = built("newer-producer");
    fs::write(&bitcode, with_producer_99(&whole)).unwrap();
    let llvm = helper_inline_build::Rustc::from_env().unwrap().llvm;
    fixture.refuses(
        3,
        &mut fixture.dist(),
        &[
            text(&bitcode),
            "was produced by LLVM99.",
            &format!("newer than the linking LLVM {llvm}"),
            "HELPER_INLINE_CLANG",
        ],
    );
}

/// The same bitcode by an LLVM 99, as its identification block says. That string
/// is stored in six bits a character when it has no other than these.
fn with_producer_99(bitcode: &[u8]) -> Vec<u8> {
    const CHAR6: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._";
    let bits: Vec<bool> = (0..bitcode.len() * 8)
        .map(|bit| bitcode[bit / 8] >> (bit % 8) & 1 == 1)
        .collect();
    let codes = |text: &str, width: usize| -> Vec<bool> {
        let code = |c: char| match width {
            6 => CHAR6.find(c).unwrap(),
            _ => c as usize,
        };
        let bit = |c| (0..width).map(move |bit| code(c) >> bit & 1 == 1);
        text.chars().flat_map(bit).collect()
    };
    for width in [6, 7, 8] {
        let name = codes("LLVM", width);
        let Some(at) = bits.windows(name.len()).position(|window| window == name) else {
            continue;
        };
        let mut bits = bits;
        let from = at + name.len();
        for (bit, new) in bits[from..].iter_mut().zip(codes("99", width)) {
            *bit = new;
        }
        let byte = |bits: &[bool]| (0..8).map(|b| u8::from(bits[b]) << b).sum();
        return bits.chunks(8).map(byte).collect();
    }
    panic!("the bitcode names no LLVM for producer");
}

#[test]
fn a_truncated_rust_crate_or_manifest_is_refused() {
    let (fixture, bitcode, _) = built("truncated-crate");
    let deps = target_dir().join(format!("dist/.build/{X86}/release/deps"));
    let krate = files_below(&deps)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "bc"))
        .filter(|path| text(path).contains("/fixture_truncated_crate-"))
        // One of an older rustc may be there too.
        .max_by_key(|path| path.metadata().unwrap().modified().unwrap())
        .unwrap();
    let whole = fs::read(&krate).unwrap();
    fs::write(&krate, &whole[..whole.len() / 2]).unwrap();
    let words = [text(&krate), "is not valid LLVM bitcode", "remove `"];
    fixture.refuses(3, &mut fixture.dist(), &words);
    fs::write(&krate, &whole).unwrap();
    fixture.make();

    let manifest = bitcode.with_file_name("helper-inline.json");
    let whole = fs::read(&manifest).unwrap();
    fs::write(&manifest, &whole[..whole.len() / 2]).unwrap();
    let refused = run(&mut fixture.dist());
    refused.expect(
        3,
        &[
            text(&manifest),
            "is not valid hand-off manifest",
            "remove `",
        ],
    );
    fs::write(&manifest, whole).unwrap();
    fixture.make();
}
