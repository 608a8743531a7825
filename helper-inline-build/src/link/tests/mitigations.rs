//! What the C build hardens, Rust's functions have too; read from the object.

use super::fixture::Fixture;

/// An indirect call and a stack buffer in Rust itself, and a helper.
const RUST: &str = "
unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; fn fill(buffer: *mut u8); }
#[unsafe(no_mangle)] pub extern \"C\" fn indirect(f: extern \"C\" fn(u64) -> u64) -> u64 {
    f(unsafe { rust_helper_f(7) }) + 1
}
#[unsafe(no_mangle)] pub extern \"C\" fn buffer() -> u8 {
    let mut buffer = [0u8; 64];
    unsafe { fill(buffer.as_mut_ptr()) };
    buffer[5]
}";
const C: &str = "unsigned long rust_helper_f(unsigned long a) { return a * 3; }";

fn linked(mut fixture: Fixture, flags: &[&'static str]) -> super::fixture::Linked {
    fixture.flags.extend(flags);
    fixture.c(C);
    fixture.rust(RUST);
    fixture.link()
}

/// The instructions of a disassembly, one a line, without relocations.
fn instructions(disassembly: &str) -> impl Iterator<Item = &str> {
    disassembly
        .lines()
        .filter_map(|line| Some(line.split_once(':')?.1.trim()))
        .filter(|text| !text.is_empty() && !text.starts_with("R_"))
}

#[test]
fn x86_thunks_and_guards_reach_rusts_functions() {
    let hard = linked(
        Fixture::new(),
        &[
            "-mretpoline-external-thunk",
            "-mfunction-return=thunk-extern",
            "-mharden-sls=all",
            "-fstack-protector-strong",
            "-mcmodel=kernel",
            "-mno-red-zone",
        ],
    );
    let text = hard.disassembly();
    assert!(!instructions(&text).any(|i| i.starts_with("ret")), "{text}");
    let indirect = |i: &str| (i.starts_with("call") || i.starts_with("jmp")) && i.contains('*');
    assert!(!instructions(&text).any(indirect), "{text}");
    let undefined = hard.facts().undefined;
    for thunk in [
        "__x86_return_thunk",
        "__x86_indirect_thunk_r11",
        "__stack_chk_fail",
    ] {
        assert!(undefined.iter().any(|u| u == thunk), "{undefined:?}");
    }

    // The control: without the flags there is all of that.
    let plain = linked(Fixture::new(), &[]).disassembly();
    assert!(
        instructions(&plain).any(|i| i.starts_with("ret")),
        "{plain}"
    );
    assert!(instructions(&plain).any(indirect), "{plain}");
}

#[test]
fn landing_pads_are_at_the_entry_of_each_function_that_needs_one() {
    let text = linked(Fixture::new(), &["-fcf-protection=branch"]).disassembly();
    for function in ["indirect", "buffer"] {
        let start = text.find(&format!("<{function}>:")).unwrap();
        let first = instructions(&text[start..]).next().unwrap();
        assert_eq!(first, "endbr64", "{text}");
    }
    let plain = linked(Fixture::new(), &[]).disassembly();
    assert!(!plain.contains("endbr64"), "{plain}");
}

#[test]
fn arm_return_addresses_are_signed() {
    let flags = &[
        "-mbranch-protection=pac-ret+leaf",
        "-fstack-protector-strong",
    ];
    let text = linked(Fixture::aarch64(), flags).disassembly();
    for function in ["indirect", "buffer"] {
        let start = text.find(&format!("<{function}>:")).unwrap();
        let first = instructions(&text[start..]).next().unwrap();
        assert!(
            ["paciasp", "hint\t#0x19", "hint #0x19"].contains(&first),
            "{first}: {text}"
        );
    }
    let plain = linked(Fixture::aarch64(), &[]).disassembly();
    assert!(
        !plain.contains("paciasp") && !plain.contains("hint"),
        "{plain}"
    );
}

#[test]
fn no_vector_register_where_the_c_build_has_none() {
    // A copy of 64 bytes, which LLVM does in vector registers where it may.
    let rust = "
        unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; }
        #[unsafe(no_mangle)] pub unsafe extern \"C\" fn copy(to: *mut [u64; 8], from: *const [u64; 8]) -> u64 {
            unsafe { *to = *from; rust_helper_f(1) }
        }";
    for mut fixture in [Fixture::new(), Fixture::aarch64()] {
        fixture.c(C);
        fixture.rust(rust);
        let text = fixture.link().disassembly();
        let vector = |i: &str| i.contains("xmm") || i.contains("\tq0") || i.contains("v0.");
        assert!(!instructions(&text).any(vector), "{text}");
    }
}
