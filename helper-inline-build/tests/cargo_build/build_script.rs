//! What the workspace's build script does, as users write it.
//!
//! It runs in this program and not as the build script itself, so that the library and
//! bindgen are compiled once, and not again for each profile and LTO setting that the
//! tests try. As a dependency the library is built by the fixtures of `xtask`, by new
//! projects and by the examples.

use helper_inline_build::{Helpers, Policy};

fn helpers() -> Helpers<'static> {
    // cargo reads whole lines, and the harness may have begun one.
    println!();
    Helpers::new().file("helpers.c")
}

/// With a header that the compiler names by a relative path.
fn counter() -> Helpers<'static> {
    helpers().flag("-Ivendor/inc")
}

#[test]
#[ignore = "run by the workspace's build script, in the environment that cargo gives it"]
fn plain() {
    counter().compile().unwrap();
}

#[test]
#[ignore = "run by the workspace's build script, in the environment that cargo gives it"]
fn requiring() {
    counter().policy(Policy::Require).compile().unwrap();
}

#[test]
#[ignore = "run by the build script of `values`, in the environment that cargo gives it"]
fn values() {
    let flags = std::env::var("VALUES_FLAGS").unwrap();
    let flags = flags.split_whitespace();
    flags.fold(helpers(), Helpers::flag).compile().unwrap();
}

#[test]
#[ignore = "run by the build script of `cures`, in the environment that cargo gives it"]
fn cures() {
    let expressions = std::fs::read_to_string("expressions").unwrap();
    let expressions = expressions.lines().map(|line| line.split_once(" = "));
    expressions
        .map(Option::unwrap)
        .fold(helpers(), |helpers, (prototype, expression)| {
            helpers.wrap_expression(prototype, expression)
        })
        .compile()
        .unwrap();
}

#[test]
#[ignore = "run by the build scripts of `names`, in the environment that cargo gives them"]
fn named() {
    let kept = std::env::var("KEEP_C_NAMES").unwrap_or_default();
    let package = std::env::var("CARGO_PKG_NAME").unwrap();
    let helpers = match kept.split(' ').any(|name| name == package) {
        true => helpers().keep_c_names(),
        false => helpers(),
    };
    helpers.compile().unwrap();
}
