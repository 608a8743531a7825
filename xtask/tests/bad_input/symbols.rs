//! Modules that need what their kernel would not give them.

use crate::support::Fixture;

/// A fixture with a helper, called from `init_module`.
fn with_helper(name: &str, c: &str) -> Fixture {
    let fixture = Fixture::new(name);
    fixture.write("helpers/needs.c", c);
    fixture.edit(
        "src/lib.rs",
        "        bindings::warn_on(",
        "        bindings::needs(core::ptr::null_mut());\n        bindings::warn_on(",
    );
    fixture
}

#[test]
fn a_symbol_that_is_not_exported_is_told_with_its_helper_and_line() {
    // The kernel has it and exports it to no module; a header's inline function
    // stands between.
    let fixture = with_helper(
        "not-exported",
        "#include <linux/types.h>\n\
         void set_task_comm_hidden(void *task);\n\
         static inline void inner(void *task) { set_task_comm_hidden(task); }\n\
         void rust_helper_needs(void *task)\n\
         {\n\
         \tinner(task);\n\
         }\n",
    );
    fixture.fails(
        3,
        &mut fixture.dist(),
        &[
            "would refuse the module",
            "`set_task_comm_hidden` is not exported; needed by helper `rust_helper_needs` at ",
            "helpers/needs.c:6:2 (through inner)",
        ],
    );
}

#[test]
fn a_gpl_only_symbol_is_refused_to_a_module_of_another_licence() {
    let fixture = with_helper(
        "gpl-only",
        "#include <linux/kobject.h>\n\
         void rust_helper_needs(struct kobject *kobject)\n\
         {\n\
         \tkobject_put(kobject);\n\
         \tkobject_uevent(kobject, KOBJ_ADD);\n\
         }\n",
    );
    // Under the GPL all of it is to be had.
    fixture.make();
    fixture.edit(
        "src/lib.rs",
        "LICENSE: [u8; 12] = *b\"license=GPL\\0\"",
        "LICENSE: [u8; 12] = *b\"license=MIT\\0\"",
    );
    fixture.refuses(
        3,
        &mut fixture.dist(),
        &[
            "`kobject_uevent` is for modules under the GPL only, and this one is under `MIT`",
            "needed by helper `rust_helper_needs` at ",
            "helpers/needs.c:5:2",
        ],
    );
}

#[test]
fn a_module_without_a_licence_is_refused() {
    let fixture = Fixture::new("no-licence");
    fixture.edit(
        "src/lib.rs",
        "LICENSE: [u8; 12] = *b\"license=GPL\\0\"",
        "LICENSE: [u8; 12] = *b\"licence=GPL\\0\"",
    );
    fixture.fails(
        3,
        &mut fixture.dist(),
        &["states no licence: put `license=…` into its .modinfo section"],
    );
}
