//! What objtool and modpost warn of is told: that `dist` is silent about the sample
//! modules means that they were silent.

use crate::support::{Fixture, run};

#[test]
fn objtool_is_heard_on_a_call_that_no_retpoline_guards() {
    let fixture = Fixture::new("bare-call");
    fixture.append(
        "src/lib.rs",
        "\n// SAFETY: no other object has the name; nobody calls it.\n\
         #[unsafe(no_mangle)]\n\
         pub extern \"C\" fn bare(to: u64) {\n\
         \x20   // SAFETY: it is here to be looked at.\n\
         \x20   unsafe { core::arch::asm!(\"call {}\", in(reg) to, clobber_abi(\"C\")) };\n\
         }\n",
    );
    let made = run(&mut fixture.dist());
    made.expect(
        0,
        &[
            "warning: Kbuild: ",
            "bare+0x",
            "indirect call found in RETPOLINE build",
        ],
    );
}

#[test]
fn modpost_is_heard_on_code_that_is_freed_before_its_caller() {
    let fixture = Fixture::new("freed-early");
    fixture.edit(
        "src/lib.rs",
        "pub extern \"C\" fn cleanup_module() {}",
        "pub extern \"C\" fn cleanup_module() { early() }\n\n\
         // SAFETY: none; the section is freed when the module is loaded.\n\
         #[inline(never)]\n\
         #[unsafe(link_section = \".init.text\")]\n\
         #[unsafe(no_mangle)]\n\
         pub extern \"C\" fn early() {\n\
         \x20   // SAFETY: it does nothing that the compiler may know.\n\
         \x20   unsafe { core::arch::asm!(\"nop\") };\n\
         }",
    );
    let made = run(&mut fixture.dist());
    made.expect(
        0,
        &["warning: Kbuild: WARNING: modpost: ", "mismatch", "early"],
    );
}
