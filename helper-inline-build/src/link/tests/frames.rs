//! Helpers with large frames: out of recursive and of large callers, in all others.
//!
//! Not here: that the programs do not overflow (`tests/cargo_build/copies.rs`).

use super::fixture::{Fixture, Linked};
use super::units::lowered;
use crate::link::job::{Cause, OptLevel};

/// A helper with so many bytes of variables, in itself or in what it calls.
fn helper(own: u32, below: u32) -> String {
    format!(
        "static inline unsigned long below(unsigned long a) {{
           char p[{below} + 1]; __asm__ volatile(\"\" : \"+r\"(a) : \"r\"(p) : \"memory\"); return a + p[0]; }}
         unsigned long rust_helper_f(unsigned long a) {{
           char p[{own} + 1]; __asm__ volatile(\"\" : \"+r\"(a) : \"r\"(p) : \"memory\"); return below(a) + p[0]; }}"
    )
}

/// Callers, of which `rec`, `two`, `wrap`, `by_pointer` are recursive or part of it. What
/// follows a call keeps it from being made a loop.
const RUST: &str = "
unsafe extern \"C\" { fn rust_helper_f(a: u64) -> u64; fn opaque(a: *mut u64); }
fn then(a: u64) -> u64 { let mut a = [a]; unsafe { opaque(a.as_mut_ptr()) }; a[0] }
#[unsafe(no_mangle)] pub extern \"C\" fn leaf(a: u64) -> u64 { unsafe { rust_helper_f(a) } }
#[unsafe(no_mangle)] pub extern \"C\" fn above(a: u64) -> u64 { rec(a) + unsafe { rust_helper_f(a) } }
#[unsafe(no_mangle)] #[inline(never)] pub extern \"C\" fn rec(a: u64) -> u64 {
    let b = unsafe { rust_helper_f(a) };
    if a == 0 { b } else { then(rec(a - 1)) ^ b } }
#[unsafe(no_mangle)] #[inline(never)] pub extern \"C\" fn one(a: u64) -> u64 {
    if a == 0 { 0 } else { then(two(a - 1)) ^ a } }
#[unsafe(no_mangle)] #[inline(never)] pub extern \"C\" fn two(a: u64) -> u64 {
    let b = unsafe { rust_helper_f(a) };
    if a == 7 { b } else { then(one(a - 1)) ^ b } }
#[unsafe(no_mangle)] pub extern \"C\" fn outer(a: u64) -> u64 {
    if a == 0 { 0 } else { then(outer(a - 1)) ^ wrap(a) ^ apart(a) } }
#[unsafe(no_mangle)] pub extern \"C\" fn wrap(a: u64) -> u64 { unsafe { rust_helper_f(a) + 1 } }
#[unsafe(no_mangle)] #[inline(never)] pub extern \"C\" fn apart(a: u64) -> u64 { unsafe { rust_helper_f(a) + 2 } }
#[unsafe(no_mangle)] pub static mut TABLE: [extern \"C\" fn(u64) -> u64; 1] = [by_pointer];
#[unsafe(no_mangle)] pub extern \"C\" fn by_pointer(a: u64) -> u64 {
    let b = unsafe { rust_helper_f(a) };
    b ^ then(unsafe { TABLE[0](a - 1) }) }
";

/// Who still calls the helper, each once, and with which cause.
fn stayed(linked: &Linked) -> Vec<String> {
    let f = linked.helper("rust_helper_f");
    for call in &f.remaining {
        assert_eq!(call.cause, Cause::LargeFrame, "{call}");
        let said = call.attribute.as_deref().unwrap_or_default();
        assert!(said.contains("the caller is recursive"), "{said}");
        assert!(call.location.is_some());
    }
    let mut callers: Vec<String> = f.remaining.iter().map(|call| call.caller.clone()).collect();
    callers.sort();
    callers.dedup();
    callers
}

#[test]
fn a_large_frame_stays_out_of_what_is_recursive() {
    for (own, below) in [(60_000, 0), (1100, 0), (0, 4000)] {
        let mut fixture = Fixture::hosted();
        fixture.c(&helper(own, below));
        fixture.rust(RUST);
        let whole = fixture.link();
        // rustc has made `wrap` a part of `outer`, and what is left of it is no one's part.
        let callers = ["by_pointer", "outer", "rec", "two"];
        assert_eq!(stayed(&whole), callers);
        let f = whole.helper("rust_helper_f");
        assert_eq!((f.call_sites, f.inlined), (8, 4), "{own} {below}");
        let units = lowered(&fixture, OptLevel::O2).1;
        let f = units[0].helper("rust_helper_f");
        assert_eq!((f.call_sites, f.inlined), (8, 4), "{own} {below}");
    }
    // Without optimization what is below is called, and every caller is as it was written.
    let mut fixture = Fixture::hosted();
    fixture.level = "0";
    fixture.c(&helper(4000, 0));
    fixture.rust(RUST);
    let units = lowered(&fixture, OptLevel::O0).1;
    assert_eq!(stayed(&units[0]), ["by_pointer", "rec", "two", "wrap"]);
    // The control: a small one is inlined everywhere.
    let mut fixture = Fixture::hosted();
    fixture.c(&helper(200, 300));
    fixture.rust(RUST);
    for linked in [fixture.link(), lowered(&fixture, OptLevel::O0).1.remove(0)] {
        let f = linked.helper("rust_helper_f");
        assert_eq!((f.inlined, f.remaining.len()), (f.call_sites, 0));
    }
}

#[test]
fn variables_that_do_not_share_their_place_add_up() {
    let calls = "b ^= rust_helper_f(b);".repeat(6);
    let mut fixture = Fixture::hosted();
    fixture.level = "0";
    fixture.c(&helper(1000, 0));
    fixture.rust(&format!(
        "unsafe extern \"C\" {{ fn rust_helper_f(a: u64) -> u64; }}
         #[unsafe(no_mangle)] pub extern \"C\" fn rec(a: u64) -> u64 {{ unsafe {{
         let mut b = a; {calls} if a == 0 {{ b }} else {{ rec(a - 1) ^ b }} }} }}"
    ));
    let units = lowered(&fixture, OptLevel::O0).1;
    let f = units[0].helper("rust_helper_f");
    assert_eq!((f.call_sites, f.inlined), (6, 4), "{f:?}");
    assert_eq!(stayed(&units[0]), ["rec"]);
    // The control: where they do, each is inlined.
    assert_eq!(fixture.link().helper("rust_helper_f").inlined, 6);
}

#[test]
fn a_large_frame_stays_out_of_one_that_is_large_already() {
    let link = |own: u32, callers: u32| {
        let mut fixture = Fixture::new();
        fixture.c(&helper(own, 0));
        fixture.rust(&format!(
            "unsafe extern \"C\" {{ fn rust_helper_f(a: u64) -> u64; fn opaque(a: *mut u8); }}
             #[unsafe(no_mangle)] pub extern \"C\" fn leaf(a: u64) -> u64 {{ unsafe {{
             let mut own = [0u8; {callers}]; opaque(own.as_mut_ptr()); rust_helper_f(own[7] as u64) }} }}"
        ));
        fixture.link().helper("rust_helper_f").clone()
    };
    let f = link(1500, 1600);
    let [call] = f.remaining.as_slice() else {
        panic!("{f:?}");
    };
    assert_eq!(call.cause, Cause::LargeFrame);
    let said = call.attribute.as_deref().unwrap_or_default();
    assert_eq!(
        said,
        "its variables take 1501 bytes of stack, and the caller's 1600"
    );
    assert_eq!(link(1500, 100).inlined, 1);
    assert_eq!(link(100, 1600).inlined, 1);
}
