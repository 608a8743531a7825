//! Keys that cannot sign, beside one that does: its signature holds, for just the
//! bytes that were signed.

use crate::support::{Fixture, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the kernel looks for at a module's end.
const MARK: &[u8] = b"~Module signature appended~\n";

/// A key and its certificate, made for this test.
fn key(dir: &Path, name: &str) -> (PathBuf, PathBuf) {
    let (key, certificate) = (
        dir.join(format!("{name}.pem")),
        dir.join(format!("{name}.x509")),
    );
    let made = Command::new("openssl")
        .args([
            "req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args(["-subj", "/CN=a test of helper-inline-build/"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    (key, certificate)
}

/// A module without its signature, and the signature.
fn split(module: &[u8]) -> (&[u8], &[u8]) {
    let rest = module.strip_suffix(MARK).expect("it is signed");
    // struct module_signature: twelve bytes, of which the last four are the
    // signature's length.
    let (rest, information) = rest.split_at(rest.len() - 12);
    let length = u32::from_be_bytes(information[8..].try_into().unwrap()) as usize;
    rest.split_at(rest.len() - length)
}

/// Whether openssl finds a signature to be that of some bytes by a certificate.
fn verifies(dir: &Path, bytes: &[u8], signature: &[u8], certificate: &Path) -> bool {
    fs::write(dir.join("content"), bytes).unwrap();
    fs::write(dir.join("signature"), signature).unwrap();
    let verified = Command::new("openssl")
        .args(["cms", "-verify", "-binary", "-noverify", "-inform", "DER"])
        .args([
            "-in",
            "signature",
            "-content",
            "content",
            "-out",
            "out",
            "-certfile",
        ])
        .arg(certificate)
        .current_dir(dir)
        .output()
        .unwrap();
    verified.status.success()
}

#[test]
fn a_module_is_signed_with_the_authors_key_and_no_other() {
    let fixture = Fixture::new("signed");
    let dir = tempfile::tempdir().unwrap();
    let (own, certificate) = key(dir.path(), "own");
    let (_, other) = key(dir.path(), "other");
    let mut dist = fixture.dist();
    dist.arg("--sign-key").arg(&own);
    dist.arg("--sign-cert").arg(&certificate);
    let made = run(&mut dist);
    assert_eq!(made.code, Some(0), "{}", made.stderr);

    let module = &fixture.left()["fixture.ko"];
    let (bytes, signature) = split(module);
    assert!(bytes.starts_with(b"\x7fELF"));
    assert!(verifies(dir.path(), bytes, signature, &certificate));
    assert!(!verifies(dir.path(), bytes, signature, &other));
    let mut forged = bytes.to_vec();
    *forged.last_mut().unwrap() ^= 1;
    assert!(!verifies(dir.path(), &forged, signature, &certificate));

    // Another wish makes another module, and nothing is signed unasked.
    fixture.make();
    assert!(!fixture.left()["fixture.ko"].ends_with(MARK));
}

#[test]
fn a_key_that_is_not_there_or_no_key_is_refused_and_nothing_is_left() {
    let fixture = Fixture::new("unsigned");
    let dir = tempfile::tempdir().unwrap();
    let (own, certificate) = key(dir.path(), "own");
    let mut dist = fixture.dist();
    dist.arg("--sign-key").arg(dir.path().join("none.pem"));
    dist.arg("--sign-cert").arg(&certificate);
    fixture.fails(2, &mut dist, &["signing key `", "none.pem` does not exist"]);

    let mut dist = fixture.dist();
    dist.arg("--sign-key").arg(&certificate);
    dist.arg("--sign-cert").arg(&own);
    fixture.fails(
        3,
        &mut dist,
        &["signing the module failed", "scripts/sign-file sha256"],
    );

    let mut dist = fixture.dist();
    dist.arg("--sign-key").arg(&own);
    fixture.fails(2, &mut dist, &["--sign-cert <FILE>"]);
}
