//! Helpers that cannot be compiled or linked.

use crate::support::{Fixture, run};

#[test]
fn a_source_that_does_not_compile_is_shown_by_clangs_own_message() {
    let fixture = Fixture::new("does-not-compile");
    fixture.make();
    fixture.write(
        "helpers/wrong.c",
        "int rust_helper_wrong(void)\n{\n\treturn nowhere;\n}\n",
    );
    // Said once, though helpers are compiled for two uses.
    let said = run(&mut fixture.dist()).stderr;
    assert_eq!(
        said.matches("error: use of undeclared").count(),
        1,
        "{said}"
    );
    // The good module of before is still of a time before this.
    fixture.refuses(
        3,
        &mut fixture.dist(),
        &[
            "helpers/wrong.c:3:9: error: use of undeclared identifier 'nowhere'",
            "compiling the helpers failed",
        ],
    );
    fixture.write(
        "helpers/wrong.c",
        "int rust_helper_wrong(void)\n{\n\treturn 1;\n}\n",
    );
    fixture.make();
}

#[test]
fn a_helper_that_is_defined_twice_is_shown_with_both_places() {
    let fixture = Fixture::new("twice");
    let helper = "int rust_helper_twice(void) { return 1; }\n";
    fixture.write("helpers/one.c", helper);
    fixture.write("helpers/two.c", &format!("\n{helper}"));
    fixture.fails(
        3,
        &mut fixture.dist(),
        &[
            "helpers/two.c:2:5: error: redefinition of 'rust_helper_twice'",
            "helpers/one.c:1:5: note: previous definition is here",
        ],
    );
}

#[test]
fn a_helper_that_two_packages_define_is_told_with_both_files() {
    let fixture = Fixture::new("two-packages");
    let helper = "int rust_helper_twice(void) { return 1; }\n";
    fixture.write("helpers/one.c", helper);
    fixture.write("b/helpers/two.c", helper);
    let library = "helper-inline-build = {";
    let manifest = std::fs::read_to_string(fixture.dir.join("Cargo.toml")).unwrap();
    let line = manifest.lines().find(|l| l.starts_with(library)).unwrap();
    fixture.write(
        "b/Cargo.toml",
        &format!(
            "[package]\nname = \"twice-b\"\nedition = \"2024\"\n[build-dependencies]\n{line}\n"
        ),
    );
    std::fs::copy(fixture.dir.join("build.rs"), fixture.dir.join("b/build.rs")).unwrap();
    fixture.write(
        "b/src/lib.rs",
        "#![no_std]\nunsafe extern \"C\" { fn rust_helper_twice() -> i32; }\npub fn b() -> i32 { unsafe { rust_helper_twice() } }\n",
    );
    fixture.append("Cargo.toml", "[dependencies]\ntwice-b = { path = \"b\" }\n");
    fixture.append(
        "src/lib.rs",
        "#[unsafe(no_mangle)] pub extern \"C\" fn f() -> c_int { unsafe { twice_b::b() + bindings::twice() } }\n",
    );
    fixture.fails(
        3,
        &mut fixture.dist(),
        &[
            "`rust_helper_twice` is also defined in",
            "/twice-b-",
            "/fixture-two-packages-",
            "rename one of them",
        ],
    );
}

#[test]
fn a_helper_that_no_source_defines_is_named_with_its_caller() {
    let fixture = Fixture::new("undefined");
    fixture.write(
        "src/calls.rs",
        "unsafe extern \"C\" {\n    fn rust_helper_missing();\n}\n\n\
         pub fn call() {\n    unsafe { rust_helper_missing() }\n}\n",
    );
    fixture.append(
        "src/lib.rs",
        "mod calls;\n#[unsafe(no_mangle)] pub extern \"C\" fn f() { calls::call() }\n",
    );
    fixture.fails(
        3,
        &mut fixture.dist(),
        &[
            "`rust_helper_missing` (called by `",
            "src/calls.rs:6:14",
            "no helper source defines",
        ],
    );
}

#[test]
fn a_helper_directory_that_is_not_there_or_empty_is_named() {
    let fixture = Fixture::new("no-sources");
    fixture.edit("build.rs", "\"helpers\"", "\"hepers\"");
    fixture.fails(
        3,
        &mut fixture.dist(),
        &["helper directory `hepers` does not exist"],
    );
    std::fs::create_dir(fixture.dir.join("hepers")).unwrap();
    fixture.fails(3, &mut fixture.dist(), &["no helper source given"]);
}

#[test]
fn an_exemption_of_no_helper_is_named() {
    let fixture = Fixture::new("exempt-none");
    fixture.edit(
        "build.rs",
        ".compile()",
        ".exempt(\"atomic_inc\").compile()",
    );
    let words = ["`atomic_inc` is exempted", "give its C symbol"];
    fixture.fails(3, &mut fixture.dist(), &words);
}

#[test]
fn helpers_compiled_twice_in_one_build_script_are_refused() {
    let fixture = Fixture::new("compiled-twice");
    let twice = ".compile()?;\n    helper_inline_build::Helpers::new().dir(\"helpers\").compile()";
    fixture.edit("build.rs", ".compile()", twice);
    let words = ["called twice in one build script", "to one `Helpers`"];
    fixture.fails(3, &mut fixture.dist(), &words);
}
