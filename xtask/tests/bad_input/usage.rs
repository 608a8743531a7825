//! Wrong requests: packages and workspaces that are none.

use crate::support::{Fixture, X86, run, xtask_dist};
use std::process::Command;

#[test]
fn an_unknown_package_is_refused_with_those_that_there_are() {
    let fixture = Fixture::good();
    fixture.refuses(
        2,
        fixture.dist().args(["--package", "fixture"]),
        &["has no package `fixture`; it has fixture-good"],
    );
}

#[test]
fn what_is_about_jobs_needs_a_link_that_has_some_and_a_distributor_that_is_there() {
    let fixture = Fixture::good();
    let refuses = |arguments: &[&str], words: &[&str]| {
        fixture.refuses(2, fixture.dist().args(arguments), words);
    };
    refuses(
        &["--distributor", "true"],
        &["--distributor and --emit-ninja are about the jobs of --lto thin"],
    );
    refuses(
        &["--emit-ninja", "build.ninja"],
        &["--distributor and --emit-ninja are about the jobs of --lto thin"],
    );
    refuses(
        &["--lto", "thin", "--distributor", "no-such-program"],
        &["distributor `no-such-program` does not exist"],
    );
    refuses(&["--lto", "fat"], &["possible values: one, thin"]);
}

#[test]
fn a_distributor_that_fails_leaves_the_module_of_before() {
    let fixture = Fixture::new("distributor");
    fixture.make();
    fixture.refuses(
        3,
        fixture
            .dist()
            .args(["--lto", "thin", "--distributor", "false"]),
        &["distributing jobs failed", "command: false"],
    );
}

#[test]
fn an_unknown_profile_is_cargos_to_refuse() {
    let fixture = Fixture::good();
    fixture.refuses(
        3,
        fixture.dist().args(["--profile", "fast"]),
        &["profile `fast` is not defined"],
    );
}

#[test]
fn of_several_packages_one_must_be_marked_or_named() {
    let fixture = Fixture::new("several");
    fixture.edit("Cargo.toml", "[package.metadata.helper-inline]", "");
    fixture.edit("Cargo.toml", "module = \"fixture\"", "");
    fixture.edit(
        "Cargo.toml",
        "[workspace]",
        "[workspace]\nmembers = [\"b\"]",
    );
    let package = "[package]\nname = \"b\"\nedition = \"2024\"\n";
    fixture.write("b/Cargo.toml", package);
    fixture.write("b/src/lib.rs", "");
    fixture.fails(
        2,
        &mut fixture.dist(),
        &[
            "no package of the workspace is marked as a module",
            "--package",
            "[package.metadata.helper-inline]",
        ],
    );
}

#[test]
fn a_package_without_helpers_is_refused() {
    let fixture = Fixture::new("without-helpers");
    // Not even what an earlier build script made.
    fixture.make();
    fixture.write("build.rs", "fn main() {}");
    fixture.edit("src/lib.rs", "include!(", "// include!(");
    fixture.edit("src/lib.rs", "bindings::", "// bindings::");
    fixture.refuses(
        2,
        &mut fixture.dist(),
        &[
            "no build script of `fixture-without-helpers` or its dependencies compiled helpers",
            "build.rs",
        ],
    );
}

#[test]
fn a_workspace_that_is_none_is_refused() {
    let fixture = Fixture::new("no-workspace");
    let dist = |manifest: &str| -> Command {
        let mut command = xtask_dist();
        command
            .args(["--target", X86, "--manifest-path"])
            .arg(fixture.dir.join(manifest));
        command
    };
    run(&mut dist("none/Cargo.toml")).expect(2, &["none/Cargo.toml", "No such file"]);
    run(&mut dist("src")).expect(2, &["src", "does not name a Cargo.toml"]);
    fixture.write("Cargo.toml", "[package\n");
    run(&mut dist("Cargo.toml")).expect(2, &["is no cargo workspace", "Cargo.toml:1:9"]);
    fixture.fails(2, &mut fixture.dist(), &["is no cargo workspace"]);
}

#[test]
fn an_unknown_option_or_policy_is_refused_with_what_there_is() {
    let fixture = Fixture::good();
    fixture.refuses(2, fixture.dist().arg("--inlin"), &["--inline"]);
    fixture.refuses(
        2,
        fixture.dist().args(["--inline", "always"]),
        &["[possible values: require, prefer, off]"],
    );
}

#[test]
fn built_in_code_needs_a_kernel_and_no_key() {
    let fixture = Fixture::good();
    fixture.refuses(
        2,
        fixture
            .dist()
            .args(["--built-in", "--sign-key", "k", "--sign-cert", "c"]),
        &["--built-in", "cannot be used with", "--sign-key"],
    );
    // A target of programs has no kernel.
    let target = "x86_64-unknown-linux-gnu";
    fixture.refuses(
        2,
        fixture.xtask().args(["--built-in", "--target", target]),
        &[target, "is built for no kernel: give --kernel"],
    );
}

#[test]
fn a_modules_own_entry_is_refused_in_built_in_code() {
    let fixture = Fixture::good();
    fixture.refuses(
        2,
        fixture.dist().arg("--built-in"),
        &[
            "`fixture-good` defines `",
            "_module`, which nobody calls in built-in code",
            "helper_inline_module::module!",
        ],
    );
}
