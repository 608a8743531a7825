//! Every row of the table, applied to real modules.

use super::flags::{FlagRule, apply_flags, is_needless_warning};
use super::table::{FLAGS, LINKAGE, ROWS, Row, TRIPLE};
use super::{Profile, Rule, Side, Unit, key_of};
use crate::link::find_llvm;
use crate::link::llvm::{
    AttributeKey, AttributeValue, Context, FlagBehavior, FlagValue, Function, Llvm, Module,
};
use crate::link::tests::Fixture;
use crate::manifest::BASELINE;
use crate::{Rustc, files};

/// A helper unit and a Rust crate in memory, whose functions differ in nothing
/// but what a test gives them.
struct Modules<'c> {
    c: Module<'c>,
    rust: Module<'c>,
}

impl<'c> Modules<'c> {
    fn read(context: &'c Context<'c>) -> Modules<'c> {
        let mut fixture = Fixture::new();
        let c = fixture.c("unsigned long rust_helper_f(unsigned long a) { return a; }");
        let rust = fixture.rust("#[unsafe(no_mangle)] pub extern \"C\" fn caller() -> u64 { 7 }");
        let read = |path| Module::read(context, &files::read(path).unwrap(), "m").unwrap();
        let modules = Modules {
            c: read(&c),
            rust: read(&rust),
        };
        for row in ROWS {
            for function in [modules.baseline(), modules.helper(), modules.caller()] {
                function.remove_attribute(&key(row));
            }
        }
        modules
    }

    fn baseline(&self) -> Function<'_> {
        self.c.function(BASELINE).unwrap()
    }

    fn helper(&self) -> Function<'_> {
        self.c.function("rust_helper_f").unwrap()
    }

    fn caller(&self) -> Function<'_> {
        self.rust.function("caller").unwrap()
    }

    fn profile(&self, side: Side) -> Result<Profile, String> {
        let unit = Unit {
            input: "helpers.bc",
            baseline: self.baseline(),
            helpers: vec![self.helper()],
        };
        Profile::of(&[unit], side)
    }
}

/// The row's attribute; for a row with `*`, one that it covers.
fn key(row: &Row) -> AttributeKey {
    match row.name.strip_suffix('*') {
        Some(prefix) => AttributeKey::String(format!("{prefix}wcslen")),
        None => key_of(row),
    }
}

fn value(row: &Row) -> AttributeValue {
    match (row.is_enum, row.name) {
        (true, "uwtable") => AttributeValue::Int(2),
        (true, _) => AttributeValue::Int(0),
        (false, _) => AttributeValue::String("+x".into()),
    }
}

/// Returns true if Rust's functions are left as they are, and one helper refused.
fn is_compared(row: &Row) -> bool {
    matches!(row.rule, Rule::Keep | Rule::Instrument | Rule::Denormals)
}

fn with_each_row(test: impl Fn(&Row, &Modules<'_>)) {
    let library = find_llvm(&Rustc::from_env().unwrap()).unwrap();
    let llvm = Llvm::load(&library.path).unwrap();
    let context = Context::new(&llvm);
    for row in ROWS {
        test(row, &Modules::read(&context));
    }
}

#[test]
fn what_c_has_reaches_rust_and_is_reported_or_is_refused_where_rust_lacks_it() {
    with_each_row(|row, modules| {
        let (key, value) = (key(row), value(row));
        modules.baseline().set_attribute(&key, &value);
        modules.helper().set_attribute(&key, &value);
        // A name that LLVM does not know would be set without a word, and lost.
        let known = modules.helper().attribute(&key);
        assert_eq!(known, Some(value.clone()), "{} is unknown", row.name);

        let mut profile = modules.profile(Side::Kernel).unwrap();
        profile.apply(&modules.rust);
        if is_compared(row) {
            assert_eq!(modules.caller().attribute(&key), None, "{}", row.name);
            let conflict = profile.conflict(modules.helper(), modules.caller());
            let conflict = conflict.unwrap_or_else(|| panic!("{} is not refused", row.name));
            assert!(conflict.starts_with(row.name) && conflict.contains(row.reason));
            // A caller that has the same takes it in.
            modules.caller().set_attribute(&key, &value);
            assert_eq!(profile.conflict(modules.helper(), modules.caller()), None);
            return;
        }
        assert_eq!(
            modules.caller().attribute(&key),
            Some(value),
            "{}",
            row.name
        );
        let reported = profile.harmonized();
        let line = reported.iter().find(|line| line.attribute == key.name());
        let line = line.unwrap_or_else(|| panic!("{} is not reported", row.name));
        assert!(line.action.starts_with("adopted from C"), "{line:?}");
        assert_eq!(profile.conflict(modules.helper(), modules.caller()), None);
    });
}

#[test]
fn what_only_rust_has_stays_or_goes_as_the_rule_says() {
    with_each_row(|row, modules| {
        let (key, value) = (key(row), value(row));
        modules.caller().set_attribute(&key, &value);
        modules.profile(Side::Kernel).unwrap().apply(&modules.rust);
        let kept = modules.caller().attribute(&key).is_some();
        let stays = row.rule == Rule::Adopt || is_compared(row);
        assert_eq!(kept, stays, "{}", row.name);

        // Outside a kernel Rust's own frames, entries and instruction sets stay.
        modules.caller().set_attribute(&key, &value);
        modules.profile(Side::Rust).unwrap().apply(&modules.rust);
        assert!(modules.caller().attribute(&key).is_some(), "{}", row.name);
    });
}

#[test]
fn a_helper_with_a_mitigation_of_its_own_is_not_inlined_without_it() {
    with_each_row(|row, modules| {
        let key = key(row);
        let profile = modules.profile(Side::Kernel).unwrap();
        modules.helper().set_attribute(&key, &value(row));
        let profile = if row.name.ends_with('*') {
            // Which of these there are is read off the helpers.
            modules.profile(Side::Kernel).unwrap()
        } else {
            profile
        };
        let conflict = profile.conflict(modules.helper(), modules.caller());
        match row.rule {
            Rule::Adopt | Rule::Features | Rule::Keep | Rule::Instrument | Rule::Denormals => {
                let conflict = conflict.unwrap_or_else(|| panic!("{} is lost", row.name));
                assert!(conflict.starts_with(key.name()), "{conflict}");
            }
            // The helper's own frame and entry vanish with it.
            Rule::Mirror => assert_eq!(conflict, None),
        }
    });
}

#[test]
fn each_module_flag_is_treated_as_its_row_says() {
    let library = find_llvm(&Rustc::from_env().unwrap()).unwrap();
    let llvm = Llvm::load(&library.path).unwrap();
    for side in [Side::Kernel, Side::Rust] {
        for row in FLAGS {
            let key = row.name.trim_end_matches('*');
            let context = Context::new(&llvm);
            let c = Module::new(&context, "c");
            c.add_int_flag(FlagBehavior::Override, key, 1);
            let linked = Module::new(&context, "linked");
            let applied = apply_flags(&linked, &c, side);
            let found = linked.flags().into_iter().find(|(name, _)| name == key);
            let value = found.map(|(_, value)| value);
            let adopted = match row.rule {
                FlagRule::Refuse => {
                    let reason = applied.unwrap_err();
                    assert!(reason.contains(key) && reason.contains(row.reason));
                    continue;
                }
                FlagRule::Adopt | FlagRule::AdoptFirst => true,
                FlagRule::Position => side == Side::Kernel,
                FlagRule::LeaveToLlvm => false,
            };
            assert_eq!(value, adopted.then_some(FlagValue::Int(1)), "{key}");
            let reported = applied.unwrap().into_iter();
            let lines = reported.filter(|line| line.attribute == format!("module flag {key}"));
            assert_eq!(lines.count(), usize::from(adopted), "{key}");
        }
    }
}

#[test]
fn landing_pads_survive_a_side_without_them() {
    let library = find_llvm(&Rustc::from_env().unwrap()).unwrap();
    let llvm = Llvm::load(&library.path).unwrap();
    let context = Context::new(&llvm);
    let c = Module::new(&context, "c");
    c.add_int_flag(FlagBehavior::Override, "cf-protection-branch", 1);
    let mut linked = Module::new(&context, "linked");
    apply_flags(&linked, &c, Side::Kernel).unwrap();
    linked.link(Module::new(&context, "rust")).unwrap();
    let kept = linked
        .flags()
        .into_iter()
        .find(|(key, _)| key == "cf-protection-branch");
    assert_eq!(kept.unwrap().1, FlagValue::Int(1));
}

#[test]
fn what_a_module_has_as_a_whole_is_reported() {
    let mut fixture = Fixture::new();
    fixture.c("unsigned long rust_helper_f(unsigned long a) { return a; }");
    fixture.rust(
        "unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; }\n\
         #[unsafe(no_mangle)] pub extern \"C\" fn caller() -> u64 { unsafe { rust_helper_f(7) } }",
    );
    let linked = fixture.link();
    let line = |name: &str| {
        let mut lines = linked.outcome.harmonized.iter();
        lines.find(|line| line.attribute == name).unwrap().clone()
    };
    let triple = line(TRIPLE.name).action;
    assert_eq!(
        triple,
        "adopted from C: x86_64-unknown-linux-gnu; Rust has x86_64-unknown-none-elf"
    );
    // The helper and not `caller`, which is an export.
    assert_eq!(line(LINKAGE.name).functions, 1);
    assert_eq!(linked.symbols(), ["caller"]);
}

#[test]
fn a_warning_is_needless_only_for_flags_that_are_left_to_llvm() {
    let library = find_llvm(&Rustc::from_env().unwrap()).unwrap();
    let llvm = Llvm::load(&library.path).unwrap();
    for row in FLAGS {
        let key = row.name.trim_end_matches('*');
        let context = Context::new(&llvm);
        let (mut linked, other) = (Module::new(&context, "a"), Module::new(&context, "b"));
        linked.add_int_flag(FlagBehavior::Warning, key, 4);
        other.add_int_flag(FlagBehavior::Warning, key, 5);
        linked.link(other).unwrap();
        let warnings = context.take_diagnostics();
        assert_eq!(warnings.len(), 1, "{key}");
        let needless = is_needless_warning(&warnings[0].1);
        assert_eq!(needless, row.rule == FlagRule::LeaveToLlvm, "{key}");
    }
    assert!(!is_needless_warning("another warning"));
}
