//! Two crates whose helpers have one C name, in one program: each has its own, and the
//! report tells them apart.
//!
//! Not here: plain builds and the wrapper (`helper-inline-build`'s `cargo_build`).

use crate::support::Hosted;
use std::fs;

const BUILD: &str = "fn main() -> Result<(), helper_inline_build::Error> {\n    \
    helper_inline_build::Helpers::new().file(\"helpers.c\").compile().map(drop)\n}\n";
const LIBRARY: &str = "#[allow(warnings)]\nmod b {\n    \
    include!(concat!(env!(\"OUT_DIR\"), \"/helpers.rs\"));\n}\n\
    pub fn version() -> i32 {\n    unsafe { b::version() }\n}\n";

/// The fixture with two such crates and a program that has both.
fn two_crates() -> Hosted {
    let hosted = Hosted::at("names");
    let needs = fs::read_to_string(hosted.dir.join("counter/Cargo.toml")).unwrap();
    let needs = needs.split_once("[build-dependencies]").unwrap().1;
    for (name, version) in [("first", 1), ("second", 2)] {
        let manifest = format!("[build-dependencies]{needs}");
        hosted.add(name, &manifest, "src/lib.rs", LIBRARY);
        let dir = hosted.dir.join(name);
        fs::write(dir.join("build.rs"), BUILD).unwrap();
        let c = format!("int rust_helper_version(void) {{ return {version}; }}\n");
        fs::write(dir.join("helpers.c"), c).unwrap();
    }
    let manifest = "[dependencies]\nhosted-first = { path = \"../first\" }\n\
        hosted-second = { path = \"../second\" }\n";
    let main = "fn main() {\n    println!(\"{} {}\", hosted_first::version(), \
        hosted_second::version());\n}\n";
    hosted.add("both", manifest, "src/main.rs", main);
    hosted
}

#[test]
fn each_crate_has_its_own_helper_of_one_name() {
    let hosted = two_crates();
    for how in [&[][..], &["--inline", "off"], &["--lto", "thin"]] {
        hosted.make("hosted-both", how);
        assert_eq!(hosted.run("hosted-both"), "1 2\n", "{how:?}");
        let report = hosted.report("report.json");
        let helpers = report.helpers.iter();
        let told: Vec<String> = helpers.map(|helper| helper.label()).collect();
        let name = "rust_helper_version";
        let both = ["first", "second"].map(|of| format!("{name} (hosted-{of})"));
        assert_eq!(told, both, "{how:?}");
        assert!(report.helpers.iter().all(|helper| helper.name == name));
        // The control: out of line they are there.
        let left = hosted.helpers("hosted-both");
        assert_eq!(left.contains(name), how.contains(&"off"), "{how:?}");
    }

    // Where C names must be global, there can be one.
    for name in ["first", "second"] {
        let build = BUILD.replace(".compile()", ".keep_c_names().compile()");
        fs::write(hosted.dir.join(name).join("build.rs"), build).unwrap();
    }
    hosted.fails(
        3,
        "hosted-both",
        &[
            "`hosted-first` and `hosted-second` each have a helper",
            "keep_c_names",
        ],
    );
    // What it says mends it.
    fs::write(hosted.dir.join("second/build.rs"), BUILD).unwrap();
    hosted.make("hosted-both", &[]);
    assert_eq!(hosted.run("hosted-both"), "1 2\n");
}
