//! Definitions that are special, where all becomes one module: weak ones, other names,
//! sections, assembly, constructors.
//!
//! Not here: units that take copies (`copies`), and what such programs print
//! (`tests/cargo_build/dist.rs`).

use super::fixture::Fixture;
use super::thin::Units;
use crate::link::job::Cause;

const CALL: &str = "unsafe extern \"C\" { fn rust_helper_f(a: u32) -> u32; }\n\
    #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: u32) -> u32 { unsafe { rust_helper_f(a) } }";

const STRONG: &str = "unsigned rust_helper_f(unsigned a) { return a + 1234567; }";
const WEAK: &str = "__attribute__((weak)) unsigned rust_helper_f(unsigned a) { return a + 7654321; }\n\
     unsigned rust_helper_g(unsigned a) { return rust_helper_f(a); }";

/// Whichever order they come in, for a program and for a module.
#[test]
fn a_strong_definition_of_another_unit_counts() {
    for sources in [[STRONG, WEAK], [WEAK, STRONG]] {
        for mut fixture in [Fixture::new(), Fixture::hosted()] {
            sources.iter().for_each(|source| drop(fixture.c(source)));
            fixture.rust(CALL);
            let linked = fixture.link();
            assert_eq!(linked.helper("rust_helper_f").remaining, []);
            let code = linked.disassembly();
            assert!(code.contains("12d687"), "{code}");
            assert!(!code.contains("74cbb1"), "{code}");
        }
    }
}

/// The control is the kernel module, for which no linker comes afterwards.
#[test]
fn what_the_linker_may_replace_stays_weak_in_a_program() {
    for inline in [true, false] {
        let mut fixture = Fixture::hosted();
        fixture.inline = inline;
        fixture.c(WEAK);
        fixture.rust(CALL);
        let linked = fixture.link();
        let helper = linked.helper("rust_helper_f");
        let cause = match inline {
            true => Cause::Replaceable,
            false => Cause::InliningOff,
        };
        assert_eq!(helper.remaining.len(), 1);
        assert_eq!(helper.remaining[0].cause, cause);
        let weak = linked.global_symbols();
        assert!(weak.contains(&"rust_helper_f".to_owned()), "{weak:?}");
        assert!(linked.facts().helper_calls.contains_key("rust_helper_f"));
    }
    let mut module = Fixture::new();
    module.c(WEAK);
    module.rust(CALL);
    assert_eq!(module.link().helper("rust_helper_f").remaining, []);
}

#[test]
fn a_weak_constant_is_not_looked_into() {
    let source = "__attribute__((weak)) const unsigned limit = 1234567;\n\
        unsigned rust_helper_f(unsigned a) { return a + limit; }";
    let strong =
        "const unsigned limit = 7654321;\nunsigned rust_helper_h(unsigned a) { return a; }";
    let link = |mut fixture: Fixture, sources: &[&str]| {
        sources.iter().for_each(|source| drop(fixture.c(source)));
        fixture.rust(CALL);
        fixture.link().disassembly()
    };
    assert!(!link(Fixture::hosted(), &[source]).contains("12d687"));
    assert!(link(Fixture::new(), &[source]).contains("12d687"));
    for sources in [[source, strong], [strong, source]] {
        assert!(link(Fixture::hosted(), &sources).contains("74cbb1"));
    }
}

#[test]
fn other_names_are_called_and_counted() {
    let source = "unsigned rust_helper_g(unsigned a) { return a + 1; }\n\
        unsigned rust_helper_f(unsigned a) __attribute__((alias(\"rust_helper_g\")));";
    let chosen = "static unsigned one(unsigned a) { return a + 1; }\n\
        static void *choose(void) { return one; }\n\
        unsigned rust_helper_f(unsigned a) __attribute__((ifunc(\"choose\")));";
    for (source, cause) in [(source, Cause::Alias), (chosen, Cause::Replaceable)] {
        for inline in [true, false] {
            let mut fixture = Fixture::hosted();
            fixture.inline = inline;
            fixture.c(source);
            fixture.rust(CALL);
            let linked = fixture.link();
            let helper = linked.helper("rust_helper_f");
            let cause = if inline { cause } else { Cause::InliningOff };
            assert_eq!(helper.remaining[0].cause, cause, "{source}");
            crate::prove::check(&linked.facts(), &linked.outcome.helpers).unwrap();
        }
    }
}

/// Two in one section, so that its relocations alone do not say which is called.
#[test]
fn a_section_of_the_helpers_own_is_kept_where_it_stays() {
    let attributes = "__attribute__((section(\".text.own\"), noinline))";
    let source = format!(
        "{attributes} unsigned rust_helper_g(unsigned a) {{ return a * 3; }}\n\
         {attributes} unsigned rust_helper_f(unsigned a) {{ return rust_helper_g(a) + 1; }}"
    );
    let mut fixture = Fixture::new();
    fixture.c(&source);
    fixture.rust(CALL);
    let linked = fixture.link();
    assert!(linked.sections().contains(&".text.own".to_owned()));
    assert!(
        !linked
            .sections()
            .contains(&".text.rust_helper_f".to_owned())
    );
    crate::prove::check(&linked.facts(), &linked.outcome.helpers).unwrap();
}

#[test]
fn assembly_that_defines_a_symbol_is_there_once() {
    let mut fixture = Fixture::new();
    fixture.c(
        "unsigned rust_helper_f(unsigned a) { __asm__ volatile(\"defined_here: nop\"); return a; }",
    );
    fixture.rust(&format!(
        "{CALL}\n#[unsafe(no_mangle)] pub extern \"C\" fn again(a: u32) -> u32 {{ unsafe {{ rust_helper_f(a) * 3 }} }}"
    ));
    let linked = fixture.link();
    let causes: Vec<Cause> = linked
        .helper("rust_helper_f")
        .remaining
        .iter()
        .map(|c| c.cause)
        .collect();
    assert_eq!(causes, [Cause::AssemblySymbol; 2]);
}

const CONSTRUCTOR: &str = "static unsigned ready;\n\
    __attribute__((constructor(200))) static void up(void) { ready = 3; }\n\
    unsigned rust_helper_f(unsigned a) { return ready + a; }";
const DESTRUCTOR: &str = "extern void goodbye(void);\n\
    __attribute__((destructor)) static void down(void) { goodbye(); }\n\
    unsigned rust_helper_f(unsigned a) { return a; }";

#[test]
fn constructors_and_destructors_are_where_they_are_looked_for() {
    for inline in [true, false] {
        let mut fixture = Fixture::hosted();
        fixture.inline = inline;
        fixture.c(&CONSTRUCTOR.replace("ready = 3", "ready = *(volatile unsigned *)&ready + 3"));
        fixture.c(&DESTRUCTOR.replace("rust_helper_f", "rust_helper_g"));
        fixture.rust(CALL);
        let sections = fixture.link().sections();
        for section in [".init_array.00200", ".fini_array"] {
            assert!(sections.contains(&section.to_owned()), "{sections:?}");
        }
    }
}

/// Told with the cure, which helps.
#[test]
fn a_kernel_is_told_what_it_would_not_run() {
    for (source, name, attribute) in [
        (CONSTRUCTOR, "`up` (", "__attribute__((constructor(200)))"),
        (DESTRUCTOR, "`down` (", "__attribute__((destructor))"),
    ] {
        let fixture = |source: &str| {
            let mut fixture = Fixture::new();
            fixture.c(source);
            fixture.rust(CALL);
            fixture
        };
        let refusal = fixture(source).refusal();
        assert!(refusal.contains(name), "{refusal}");
        assert!(refusal.contains("helpers0.c:2)"), "{refusal}");
        let units = Units::new(&[source], &[CALL]);
        let failure = units.helpers().unwrap_err();
        let refusal = crate::Error::from(failure).to_string();
        assert!(refusal.contains("helpers0.c:2)"), "{refusal}");
        let cured = source.replace(attribute, "__attribute__((used))");
        fixture(&cured).link();
        Units::new(&[&cured], &[CALL]).helpers().unwrap();
    }
}

/// Two statics of one name, which assembly names.
#[test]
fn assembly_that_could_mean_either_of_two_is_refused() {
    let source = |helper: &str, name: &str| {
        format!(
            "static unsigned {name} __attribute__((used)) = 5;\n\
             unsigned {helper}(unsigned a) {{ __asm__ volatile(\"incl {name}(%%rip)\" ::: \"memory\"); \
             return a; }}"
        )
    };
    let calls = format!(
        "{CALL}\nunsafe extern \"C\" {{ fn rust_helper_g(a: u32) -> u32; }}\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn second(a: u32) -> u32 {{ unsafe {{ rust_helper_g(a) }} }}"
    );
    let fixture = |second: &str| {
        let mut fixture = Fixture::new();
        fixture.c(&source("rust_helper_f", "mine"));
        fixture.c(&source("rust_helper_g", second));
        fixture.rust(&calls);
        fixture
    };
    let refusal = fixture("mine").refusal();
    assert!(
        refusal.contains("`mine`") && refusal.contains("rename"),
        "{refusal}"
    );
    let linked = fixture("yours").link();
    for name in ["mine", "yours"] {
        assert!(linked.symbols().contains(&name.to_owned()), "{name}");
    }
    let units = |second: &str| {
        let sources = [
            source("rust_helper_f", "mine"),
            source("rust_helper_g", second),
        ];
        Units::new(&sources.each_ref().map(String::as_str), &[]).helpers()
    };
    let refusal = crate::Error::from(units("mine").unwrap_err()).to_string();
    assert!(
        refusal.contains("`mine`") && refusal.contains("rename"),
        "{refusal}"
    );
    units("yours").unwrap();
}

/// What a program's C calls is there, and has the one address.
#[test]
fn a_helper_that_the_programs_c_needs_is_visible() {
    let mut fixture = Fixture::hosted();
    fixture.c("unsigned rust_helper_f(unsigned a) { return a + 1; }");
    fixture.rust(&format!(
        "{CALL}\n#[unsafe(no_mangle)] pub static KEPT: unsafe extern \"C\" fn(u32) -> u32 = rust_helper_f;"
    ));
    fixture.keep = vec!["rust_helper_f".into()];
    let linked = fixture.link();
    let visible = linked.global_symbols();
    assert!(visible.contains(&"rust_helper_f".to_owned()), "{visible:?}");
    crate::prove::check(&linked.facts(), &linked.outcome.helpers).unwrap();
}

/// Assembly alone uses it, and no attribute says so.
#[test]
fn what_only_assembly_names_is_linked() {
    for inline in [true, false] {
        let mut fixture = Fixture::new();
        fixture.inline = inline;
        fixture.c(
            "unsigned only_here = 77;\n\
             unsigned rust_helper_f(unsigned a) { unsigned r; \
             __asm__ volatile(\"movl only_here(%%rip), %0\" : \"=r\"(r) :: \"memory\"); return r + a; }",
        );
        fixture.rust(CALL);
        let linked = fixture.link();
        assert_eq!(linked.undefined_symbols(), Vec::<String>::new());
        assert!(linked.symbols().contains(&"only_here".to_owned()));
    }
}

/// Also one that is weak, so that LLVM drops it where nothing calls it by its name.
#[test]
fn a_weak_alias_is_called_by_its_name() {
    for (inline, calls) in [(true, 1), (false, 1), (true, 0)] {
        let mut fixture = Fixture::hosted();
        fixture.inline = inline;
        fixture.c("static unsigned base(unsigned a) { return a * 3; }\n\
             unsigned rust_helper_f(unsigned a) __attribute__((weak, alias(\"base\")));\n\
             unsigned rust_helper_g(unsigned a) { return base(a); }");
        fixture.rust(&match calls {
            0 => CALL.replace("_f(", "_g("),
            _ => CALL.to_owned(),
        });
        let linked = fixture.link();
        assert_eq!(linked.undefined_symbols(), Vec::<String>::new());
        assert_eq!(linked.helper("rust_helper_f").remaining.len(), calls);
        crate::prove::check(&linked.facts(), &linked.outcome.helpers).unwrap();
    }
}
