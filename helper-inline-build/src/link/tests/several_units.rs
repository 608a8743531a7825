//! Helpers of several crates that need one another.

use super::fixture::Fixture;

const CALLER: &str = "unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; }\n\
    #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: u64) -> u64 { unsafe { rust_helper_f(a) } }";

#[test]
fn a_unit_takes_functions_and_variables_from_those_before_and_after_it() {
    let [provider, user] = [
        "unsigned long shared = 7; unsigned long rust_helper_g(unsigned long a) { return a ^ shared++; }",
        "extern unsigned long shared; unsigned long rust_helper_g(unsigned long);\n\
         unsigned long rust_helper_f(unsigned long a) { return rust_helper_g(a) + shared; }",
    ];
    for units in [[provider, user], [user, provider]] {
        let mut fixture = Fixture::new();
        for unit in units {
            fixture.c(unit);
        }
        fixture.rust(CALLER);
        let linked = fixture.link();
        assert_eq!(linked.facts().undefined, [""; 0]);
        for helper in ["rust_helper_f", "rust_helper_g"] {
            assert_eq!(linked.helper(helper).inlined, 1, "{helper}");
        }
    }
}

#[test]
fn what_another_unit_could_need_but_nothing_uses_is_dropped() {
    let mut fixture = Fixture::new();
    fixture.c("unsigned long shared = 7; unsigned long rust_helper_g(void) { return shared; }");
    fixture.c("unsigned long rust_helper_g(void);\n\
         unsigned long rust_helper_f(unsigned long a) { return a * 3; }\n\
         unsigned long rust_helper_h(void) { return rust_helper_g(); }");
    fixture.rust(CALLER);
    let linked = fixture.link();
    assert_eq!(linked.symbols(), ["caller"]);
}

#[test]
fn an_extern_inline_function_of_a_header_may_be_in_several_units() {
    let header = "extern inline __attribute__((gnu_inline, always_inline))\n\
        unsigned long checked(unsigned long a) { return a > 9 ? 9 : a; }\n";
    let mut fixture = Fixture::new();
    fixture.c(&format!(
        "{header} unsigned long rust_helper_g(unsigned long a) {{ return checked(a) + 1; }}"
    ));
    fixture.c(&format!(
        "{header} unsigned long rust_helper_g(unsigned long);\n\
         unsigned long rust_helper_f(unsigned long a) {{ return rust_helper_g(checked(a)); }}"
    ));
    fixture.rust(CALLER);
    let linked = fixture.link();
    assert_eq!(linked.symbols(), ["caller"]);
    assert_eq!(linked.facts().undefined, [""; 0]);
}

#[test]
fn what_else_is_linked_finds_what_it_needs() {
    let mut fixture = Fixture::hosted();
    fixture.c(
        "unsigned long shared = 7; unsigned long kept(void) { return shared; }\n\
         unsigned long dropped(void) { return 1; }\n\
         unsigned long rust_helper_f(unsigned long a) { return a ^ shared++; }",
    );
    fixture.rust(&format!(
        "{CALLER}\n#[unsafe(export_name = \"_ZN4hook\")] pub extern \"C\" fn hook() {{}}\n\
         #[unsafe(export_name = \"_ZN5other\")] pub extern \"C\" fn other() {{}}"
    ));
    fixture.keep = vec!["_ZN4hook".into(), "kept".into()];
    let linked = fixture.link();
    // What is local and unused would be gone.
    assert_eq!(linked.symbols(), ["shared", "_ZN4hook", "caller", "kept"]);
    assert_eq!(linked.helper("rust_helper_f").inlined, 1);
}
