//! Inputs that cannot be linked soundly, refused with the input and the reason.

use super::fixture::{Fixture, file_name};
use crate::link::producers;
use crate::{Clang, Rustc, Version};

const CALLER: &str = "unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; }\n\
    #[unsafe(no_mangle)] pub extern \"C\" fn caller() -> u64 { unsafe { rust_helper_f(7) } }";
const HELPER: &str = "unsigned long rust_helper_f(unsigned long a) { return a * 3; }";

#[test]
fn a_helper_that_no_source_defines_is_named_with_its_caller() {
    let mut fixture = Fixture::new();
    fixture.c("void rust_helper_other(void) {}");
    fixture.rust(CALLER);
    let text = fixture.refusal();
    assert!(
        text.contains("`rust_helper_f` (called by `caller` at "),
        "{text}"
    );
    assert!(text.contains("module.rs:3:67"), "{text}");
}

#[test]
fn another_data_layout_is_shown_beside_the_first() {
    let mut fixture = Fixture::new();
    fixture.flags = vec!["-m32"];
    fixture.c(HELPER);
    fixture.rust(CALLER);
    let text = fixture.refusal();
    assert!(text.contains("its data layout is `e-"), "{text}");
    assert!(
        text.contains("that of") && text.contains("compile both for one target"),
        "{text}"
    );
}

#[test]
fn one_helper_in_two_crates_names_both() {
    let mut fixture = Fixture::new();
    let first = fixture.c(HELPER);
    let second = fixture.c(HELPER);
    fixture.rust(CALLER);
    let text = fixture.refusal();
    for path in [first, second] {
        assert!(text.contains(&file_name(&path)), "{text}");
    }
    assert!(
        text.contains("`rust_helper_f` is also defined in"),
        "{text}"
    );
}

#[test]
fn damaged_and_foreign_bitcode_is_named() {
    let mut fixture = Fixture::new();
    let bitcode = fixture.c(HELPER);
    fixture.rust(CALLER);
    let whole = std::fs::read(&bitcode).unwrap();
    for (bytes, reason) in [
        (whole[..whole.len() / 2].to_vec(), "it is truncated"),
        (
            b"int f(void);\n".to_vec(),
            "does not begin with bitcode's magic number",
        ),
        (Vec::new(), "the file is empty"),
    ] {
        std::fs::write(&bitcode, bytes).unwrap();
        let text = fixture.refusal();
        assert!(
            text.contains("helpers0.bc` is not valid LLVM bitcode"),
            "{text}"
        );
        assert!(text.contains(reason), "{text}");
    }
}

#[test]
fn units_compiled_with_different_flags_are_refused_with_both_values() {
    let mut fixture = Fixture::new();
    fixture.c(HELPER);
    fixture.flags.push("-fstack-protector-strong");
    fixture.c("void rust_helper_g(void) {}");
    fixture.rust(CALLER);
    let text = fixture.refusal();
    assert!(
        text.contains("different `sspstrong` (not set and `set`)"),
        "{text}"
    );
}

#[test]
fn units_with_different_module_flags_are_refused_with_both_values() {
    let mut fixture = Fixture::new();
    fixture.c(HELPER);
    fixture.flags.push("-fcf-protection=branch");
    fixture.c("void rust_helper_g(void) {}");
    fixture.rust(CALLER);
    let text = fixture.refusal();
    let difference = "module flag cf-protection-branch: 1 and not set";
    assert!(
        text.contains("helpers1.bc") && text.contains(difference),
        "{text}"
    );
}

#[test]
fn a_reader_older_than_a_producer_is_refused_with_both_producers() {
    let mut fixture = Fixture::new();
    let helpers = fixture.c(HELPER);
    let krate = fixture.rust(CALLER);
    let rustc = Rustc::from_env().unwrap();
    let clang = Clang::find(rustc.llvm).unwrap();
    let job = fixture.job();
    producers::check(&job, rustc.llvm.max(clang.version)).unwrap();
    let older = Version {
        major: clang.version.major.min(rustc.llvm.major) - 1,
        minor: 1,
        patch: 7,
    };
    let text = crate::Error::from(producers::check(&job, older).unwrap_err()).to_string();
    for part in [
        format!(
            "{}` was produced by LLVM{}",
            helpers.display(),
            clang.version
        ),
        format!(
            "newer than the linking LLVM {older}, beside LLVM{}",
            rustc.llvm
        ),
        "-rust-".to_owned(),
        format!("(`{}`)", krate.display()),
        "set HELPER_INLINE_LLVM to a newer libLLVM".to_owned(),
    ] {
        assert!(text.contains(&part), "{part}: {text}");
    }
    // Either side may be the one that is too new.
    let only_crates = crate::link::job::Job {
        helpers: Vec::new(),
        ..job
    };
    let text = crate::Error::from(producers::check(&only_crates, older).unwrap_err()).to_string();
    assert!(
        text.starts_with(&format!("`{}` was", krate.display())),
        "{text}"
    );
}
