//! Units of a thin link: what crates and helpers are made before it, and what is left of
//! the helpers after.
//!
//! Not here: the thin link and the back ends, which are programs (`xtask`'s tests).

use super::fixture::{Fixture, PREFIX};
use crate::link::job::{Cause, Failure};
use crate::link::llvm::{Context, Llvm, Module};
use crate::link::thin::{
    Account, CheckJob, CrateJob, Facts, HelperFacts, HelperUnit, HelpersJob, Request, RestJob,
    Target, run,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const CALLER: &str = "unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; }\n\
    #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: u64) -> u64 { unsafe { rust_helper_f(a) } }\n\
    pub fn for_others(a: u64) -> u64 { unsafe { rust_helper_f(a + 9) } }";

/// Where units are made.
pub(super) struct Units {
    dir: tempfile::TempDir,
    pub(super) fixture: Fixture,
}

impl Units {
    pub(super) fn new(helpers: &[&str], crates: &[&str]) -> Units {
        let mut fixture = Fixture::new();
        for helper in helpers {
            fixture.c(helper);
        }
        for krate in crates {
            fixture.rust(krate);
        }
        Units {
            dir: tempfile::tempdir().unwrap(),
            fixture,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn target(&self) -> Target {
        let job = self.fixture.job();
        Target {
            llvm: job.llvm,
            llvm_file: String::new(),
            kernel: job.kernel,
            inline: job.inline,
            debug: job.debug,
        }
    }

    pub(super) fn helpers(&self) -> Result<HelperFacts, Failure> {
        let helpers = self.fixture.job().helpers;
        let units = (0..helpers.len()).map(|number| HelperUnit {
            tag: format!("unit{number}"),
            thin: self.path(&format!("{number}.thin.bc")),
            whole: self.path(&format!("{number}.whole.bc")),
        });
        let units = units.collect();
        let job = HelpersJob {
            target: self.target(),
            helpers,
            units,
            interface: self.path("interface.bc"),
        };
        let answer = run(&Request::Helpers(job), &mut |_| {})?;
        Ok(serde_json::from_str(&answer).unwrap())
    }

    pub(super) fn krate(&self, number: usize) -> Facts {
        let job = CrateJob {
            target: self.target(),
            unit: format!("crate{number}"),
            bitcode: self.fixture.job().crates[number].bitcode.clone(),
            interface: self.path("interface.bc"),
            prefixes: vec![PREFIX.into()],
            by_name: Default::default(),
            keep: Vec::new(),
            output: self.path(&format!("crate{number}.bc")),
        };
        let answer = run(&Request::Crate(job), &mut |_| {}).unwrap();
        serde_json::from_str(&answer).unwrap()
    }

    /// The symbols of what is left when an object needs these.
    fn rest(&self, helpers: &HelperFacts, needed: &[&str]) -> Vec<String> {
        let object = self.path("needs.o");
        let asm: String = needed
            .iter()
            .map(|name| format!(".quad {name}\n"))
            .collect();
        let mut other = Fixture::new();
        other.c("unsigned long rust_helper_unused(void) { return 0; }");
        other.rust(&format!(
            "core::arch::global_asm!({asm:?});\n#[unsafe(no_mangle)] pub extern \"C\" fn f() {{}}"
        ));
        std::fs::copy(other.link().object, &object).unwrap();
        let units = (0..helpers.units.len()).map(|number| self.path(&format!("{number}.whole.bc")));
        let job = RestJob {
            target: self.target(),
            name: "module".into(),
            units: units.collect(),
            objects: vec![object],
            helpers: helpers.helpers.keys().cloned().collect(),
            wrapped: helpers.wrapped.clone(),
            replaceable: helpers.replaceable.clone(),
            keep: Vec::new(),
            pic: false,
            object: self.path("rest.o"),
        };
        run(&Request::Rest(job), &mut |_| {}).unwrap();
        let outcome = Fixture::outcome_of_nothing();
        let linked = self.fixture.linked(self.path("rest.o"), outcome);
        let mut symbols = linked.symbols();
        symbols.sort();
        symbols
    }
}

fn defined(facts: &Facts) -> BTreeSet<&str> {
    let symbols = facts.symbols.iter().filter(|symbol| symbol.is_defined);
    symbols.map(|symbol| symbol.name.as_str()).collect()
}

fn text(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

const COUNTING: &str = "static unsigned long counter;\n\
    static unsigned long twice(unsigned long a) { return 2 * a; }\n\
    unsigned long rust_helper_f(unsigned long a) { counter += twice(a); return counter; }";

#[test]
fn what_is_local_to_helpers_is_named_for_all_units() {
    let asm = "static unsigned long kept(unsigned long a) { return a; }\n\
        unsigned long (*const table)(unsigned long) = kept;\n\
        __asm__(\".pushsection .discard, \\\"a\\\"\\n.quad kept\\n.popsection\");\n";
    let units = Units::new(&[COUNTING, asm], &[]);
    let facts = units.helpers().unwrap();
    let first = defined(&facts.units[0]);
    for name in [
        "helper_inline.unit0.counter",
        "helper_inline.unit0.twice",
        "rust_helper_f",
    ] {
        assert!(first.contains(name), "{first:?}");
    }
    // By its own name there: assembly knows no other.
    assert!(defined(&facts.units[1]).contains("kept"));
}

#[test]
fn of_helpers_that_vanished_what_there_is_one_of_is_left() {
    let units = Units::new(&[COUNTING], &[]);
    let facts = units.helpers().unwrap();
    assert_eq!(units.rest(&facts, &[]), [""; 0]);
    let counter = "helper_inline.unit0.counter";
    assert_eq!(units.rest(&facts, &[counter]), [counter]);
    assert_eq!(
        units.rest(&facts, &["rust_helper_f"]),
        [counter, "rust_helper_f"]
    );
}

#[test]
fn a_crate_stays_as_it_is_when_only_a_helpers_code_changes() {
    let units = ["return a + 1;", "return a ^ 77;"].map(|code| {
        let helper = format!("unsigned long rust_helper_f(unsigned long a) {{ {code} }}");
        let units = Units::new(&[&helper], &[CALLER]);
        units.helpers().unwrap();
        units.krate(0);
        units
    });
    let [one, other] = units.each_ref().map(|units| text(&units.path("crate0.bc")));
    assert!(one == other);
    let [one, other] = units.each_ref().map(|units| text(&units.path("0.thin.bc")));
    assert!(one != other);
}

#[test]
fn calls_count_where_they_can_be_reached() {
    let units = Units::new(&[COUNTING], &[CALLER]);
    let helpers = units.helpers().unwrap();
    let krate = units.krate(0);
    assert_eq!(krate.exports, ["caller"]);
    assert_eq!(krate.sites.len(), 2);
    let account = Account::of(&helpers, [&krate], BTreeSet::new());
    account.check().unwrap();
    // `for_others` is called by no one.
    let outcomes = account.outcomes(&[], &[]);
    assert_eq!((outcomes[0].call_sites, outcomes[0].inlined), (1, 1));
    assert!(outcomes[0].remaining.is_empty());
}

/// On AArch64 clang returns such a struct by its name, which each unit has of its own.
#[test]
fn helpers_of_all_units_return_structs_without_names() {
    let helper = |name: &str| {
        format!(
            "struct pair {{ double a, b; }};\n\
             struct pair rust_helper_{name}(double a) {{ struct pair p = {{ a, a }}; return p; }}\n\
             double rust_helper_{name}_sum(double a)\n\
             {{ struct pair p = rust_helper_{name}(a); return p.a + p.b; }}"
        )
    };
    let caller = "#[repr(C)] pub struct Pair { a: f64, b: f64 }\n\
        unsafe extern \"C\" { fn rust_helper_f(a: f64) -> Pair; fn rust_helper_g(a: f64) -> Pair; }\n\
        #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: f64) -> f64 {\n\
        let (f, g) = unsafe { (rust_helper_f(a), rust_helper_g(a)) }; f.a + g.b }";
    let mut units = Units::new(&[], &[]);
    units.fixture.target = "aarch64-unknown-linux-gnu";
    units.fixture.kernel = false;
    units.fixture.flags = Vec::new();
    let inputs = ["f", "g"].map(|name| units.fixture.c(&helper(name)));
    units.fixture.rust(caller);
    units.helpers().unwrap();
    units.krate(0);
    let llvm = Llvm::load(&units.target().llvm).unwrap();
    let context = Context::new(&llvm);
    let signature = |file: &str, name: &str| {
        let module = Module::read(&context, &text(&units.path(file)), file).unwrap();
        let function = module.function(name).unwrap();
        let is_defined = !function.global().is_declaration();
        (function.signature(), is_defined)
    };
    // The control: as C has it there is a name, and read beside it the other's is another.
    let names = ["rust_helper_f", "rust_helper_g"];
    let read = inputs
        .each_ref()
        .map(|path| Module::read(&context, &text(path), "in C").unwrap());
    let named = read
        .iter()
        .zip(names)
        .map(|(module, name)| module.function(name).unwrap().signature());
    let named: Vec<String> = named.collect();
    assert!(
        named.iter().all(|of| of.starts_with("%struct.pair")),
        "{named:?}"
    );
    assert_ne!(named[0], named[1]);
    for (file, name) in [
        ("0.thin.bc", "rust_helper_f"),
        ("1.thin.bc", "rust_helper_g"),
    ] {
        let unnamed = "{ double, double } (double)".to_owned();
        assert_eq!(signature(file, name), (unnamed.clone(), true));
        assert_eq!(signature("crate0.bc", name), (unnamed, false));
    }
}

#[test]
fn what_must_stay_is_known_before_the_thin_link() {
    let noinline =
        "__attribute__((noinline)) unsigned long rust_helper_f(unsigned long a) { return a; }";
    let units = Units::new(&[noinline], &[CALLER]);
    let helpers = units.helpers().unwrap();
    let bar = helpers.helpers["rust_helper_f"].clone().unwrap();
    assert_eq!(bar, (Cause::Noinline, Some("noinline".into())));

    let other_type = CALLER.replace("(a: u64) -> u64;", "(a: f64) -> u64;");
    let other_type = other_type.replace("rust_helper_f(a)", "rust_helper_f(a as f64)");
    let other_type = other_type.replace("rust_helper_f(a + 9)", "rust_helper_f(9.5)");
    let units = Units::new(&[COUNTING], &[&other_type]);
    units.helpers().unwrap();
    let facts = units.krate(0);
    for site in &facts.sites {
        let (cause, types) = site.bar.clone().unwrap();
        assert_eq!(cause, Cause::TypeMismatch);
        assert!(types.unwrap().contains("Rust calls"));
    }
    // Until there is an object they call something else.
    let hidden: BTreeSet<&str> = facts.hidden.values().map(String::as_str).collect();
    assert_eq!(hidden, ["rust_helper_f"].into());
}

#[test]
fn a_helper_that_nothing_defines_is_told_with_its_live_callers() {
    let units = Units::new(
        &["unsigned long rust_helper_g(void) { return 1; }"],
        &[CALLER],
    );
    let helpers = units.helpers().unwrap();
    let krate = units.krate(0);
    let error = Account::of(&helpers, [&krate], BTreeSet::new())
        .check()
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`rust_helper_f` (called by `caller`"),
        "{error}"
    );
}

#[test]
fn a_helper_that_two_units_define_is_refused() {
    let failure = Units::new(&[COUNTING, COUNTING], &[])
        .helpers()
        .unwrap_err();
    let text = crate::Error::from(failure).to_string();
    assert!(
        text.contains("`rust_helper_f` is also defined in"),
        "{text}"
    );
}

#[test]
fn a_variable_that_two_units_define_is_refused() {
    let other = "unsigned long shared; unsigned long rust_helper_g(void) { return shared; }";
    let one = "unsigned long shared; unsigned long rust_helper_f(void) { return shared; }";
    let failure = Units::new(&[one, other], &[]).helpers().unwrap_err();
    let text = crate::Error::from(failure).to_string();
    assert!(text.contains("`shared` is also defined in"), "{text}");
}

/// What an engine that runs the jobs without `dist` ends with.
#[test]
fn an_object_with_a_helper_that_was_inlined_before_is_refused() {
    let units = Units::new(&[COUNTING], &[]);
    let facts = units.helpers().unwrap();
    units.rest(&facts, &["rust_helper_f"]);
    let check = |inlined: &str| {
        let job = CheckJob {
            object: units.path("rest.o"),
            inlined: [inlined.to_owned()].into(),
        };
        run(&Request::Check(job), &mut |_| {})
    };
    check("rust_helper_other").unwrap();
    let text = crate::Error::from(check("rust_helper_f").unwrap_err()).to_string();
    assert!(
        text.contains("stayed out of line that were inlined before: rust_helper_f"),
        "{text}"
    );
    assert!(text.contains("`dist --lto thin` says why"), "{text}");
}
