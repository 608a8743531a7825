//! Which functions are helpers: those of the manifest that the bitcode defines, and
//! nothing else that is called like one.
//!
//! Not here: equal names of several crates (`several_units`).

use super::fixture::{Fixture, Linked, PREFIX};
use super::thin::Units;
use super::units::lowered;
use crate::link::engine;
use crate::link::job::{Failure, OptLevel};
use crate::link::thin::Account;
use crate::prove::check;
use std::collections::BTreeSet;

/// C that has a helper, a variable and a function of the archive's own, all with the
/// prefix, and that calls back into Rust by such a name.
const C: &str = "unsigned long rust_helper_state;\n\
    unsigned long rust_helper_callback(unsigned long a);\n\
    __attribute__((noinline)) unsigned long rust_helper_internal(unsigned long a) {\n  \
        __asm__ volatile(\"\" : \"+r\"(a)); return a; }\n\
    unsigned long rust_helper_f(unsigned long a) {\n  \
        rust_helper_state += a; return rust_helper_callback(rust_helper_internal(a)); }\n";

/// Rust that defines what C calls back, and another function with the prefix.
const RUST: &str = "unsafe extern \"C\" {\n\
        fn rust_helper_f(a: u64) -> u64; static mut rust_helper_state: u64; }\n\
    #[unsafe(no_mangle)] #[inline(never)]\n\
    pub extern \"C\" fn rust_helper_callback(a: u64) -> u64 { a ^ 1 }\n\
    #[unsafe(no_mangle)] #[inline(never)]\n\
    pub extern \"C\" fn rust_helper_hot(a: u64) -> u64 {\n    \
        unsafe { rust_helper_f(a) + rust_helper_state } }\n";

/// All of them; the manifest lists what is declared too.
fn fixture(mut fixture: Fixture) -> Fixture {
    let listed = ["f", "callback"].map(|name| format!("{PREFIX}{name}"));
    fixture.listed = Some(listed.into());
    fixture.c(C);
    fixture.rust(RUST);
    fixture
}

/// The one helper, inlined, and the account that the object agrees with.
fn is_right(linked: &Linked) {
    let names: Vec<&str> = linked.outcome.helpers.iter().map(|h| &*h.name).collect();
    assert_eq!(names, ["rust_helper_f"]);
    let f = linked.helper("rust_helper_f");
    assert_eq!((f.inlined, f.remaining.len()), (1, 0));
    check(&linked.facts(), &linked.outcome.helpers).unwrap();
    // The control: what is not a helper stays, prefix or not.
    assert!(linked.symbols().contains(&"rust_helper_hot".to_owned()));
}

#[test]
fn a_variable_and_rust_functions_with_the_prefix_are_no_helpers() {
    is_right(&fixture(Fixture::new()).link());
    for level in [OptLevel::O0, OptLevel::O2] {
        let (_, units) = lowered(&fixture(Fixture::hosted()), level);
        is_right(&units[0]);
    }
}

#[test]
fn a_thin_link_takes_a_crates_function_for_one_that_is_there() {
    // The callback is in a crate of its own, so that each unit lacks something.
    let (callback, hot) = RUST.split_at(RUST.rfind("#[unsafe(no_mangle)]").unwrap());
    let (declarations, callback) = callback.split_at(callback.find("#[unsafe").unwrap());
    let crates = [&format!("{declarations}{hot}"), callback];
    let mut units = Units::new(&[], &crates);
    units.fixture.listed = Some(["rust_helper_f".to_owned()].into());
    units.fixture.c(C);
    let helpers = units.helpers().unwrap();
    assert_eq!(
        helpers.helpers.keys().collect::<Vec<_>>(),
        ["rust_helper_f"]
    );
    let facts = [units.krate(0), units.krate(1)];
    assert!(
        helpers.units[0]
            .missing
            .contains_key("rust_helper_callback")
    );
    Account::of(&helpers, &facts, BTreeSet::new())
        .check()
        .unwrap();
    // Without that crate it is missing.
    let error = Account::of(&helpers, &facts[..1], BTreeSet::new())
        .check()
        .unwrap_err();
    assert!(
        error.to_string().contains("rust_helper_callback"),
        "{error}"
    );
}

/// Helpers of one C name in so many crates, each with a symbol of its own, and a call by the
/// C name.
fn by_name(crates: usize) -> Result<Linked, Failure> {
    let mut fixture = Fixture::new();
    for number in 0..crates {
        fixture.c(&format!(
            "#pragma redefine_extname rust_helper_f rust_helper_f__{number}\n\
             unsigned long rust_helper_f(unsigned long a) {{ return a + {number}; }}"
        ));
    }
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn caller(a: u64) -> u64 { unsafe { rust_helper_f(a) } }",
    );
    let mut job = fixture.job();
    for (number, helper) in job.helpers.iter_mut().enumerate() {
        let symbol = format!("rust_helper_f__{number}");
        helper.c_names = [(symbol, "rust_helper_f".to_owned())].into();
        helper.helpers.remove("rust_helper_f");
    }
    let outcome = engine::run(&job, &mut |_| {})?;
    Ok(fixture.linked(job.object, outcome))
}

#[test]
fn a_call_by_the_c_name_is_the_helpers_if_one_has_it() {
    let linked = by_name(1).unwrap_or_else(|failure| panic!("{failure:?}"));
    let f = linked.helper("rust_helper_f__0");
    assert_eq!((f.call_sites, f.inlined), (1, 1));
    assert_eq!(linked.undefined_symbols(), [""; 0]);
    let error = crate::Error::from(by_name(2).err().unwrap()).to_string();
    for part in [
        "`rust_helper_f` is also defined in",
        "helpers0.bc",
        "helpers1.bc",
        "rename one",
    ] {
        assert!(error.contains(part), "{error}");
    }
}
