//! Calls each helper with values whose upper bits matter.

use std::hint::black_box as hidden;

#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(include_str!("../stubs-x86_64.s"), options(att_syntax));
#[cfg(target_arch = "aarch64")]
std::arch::global_asm!(include_str!("../stubs-aarch64.s"));

#[allow(warnings)]
mod c {
    include!(concat!(env!("OUT_DIR"), "/helpers.rs"));
}

unsafe extern "C" fn widen(c: c::letter_t) -> i32 {
    c.into()
}

/// A C `char`, whatever its sign.
fn char(value: i32) -> c::letter_t {
    hidden(value) as c::letter_t
}

fn main() {
    unsafe {
        println!(
            "{} {} {}",
            c::widen(char(-1)),
            c::narrow(hidden(255)),
            c::letter(char(200))
        );
        let s = c::make(hidden(-2));
        println!("{} {} {} {}", s.c, s.l, s.a[2], c::sum(s));
        println!(
            "{} {}",
            c::back(Some(widen), hidden(-3)),
            c::first(c"a".as_ptr())
        );
        println!(
            "{} {}",
            c::small(hidden(c::small_SMALL_B)),
            c::small(hidden(c::small_SMALL_A))
        );
        let (one, other) = (c::negative_NEGATIVE_A, c::negative_NEGATIVE_B);
        println!(
            "{} {} {}",
            c::negative(hidden(one)),
            c::negative(hidden(other)),
            c::big(hidden(c::big_BIG))
        );
        let (one, other) = (c::of_bool(hidden(true)), c::of_bool(hidden(false)));
        println!(
            "{one} {other} {} {}",
            i32::from(c::to_bool(hidden(4))),
            i32::from(c::to_bool(hidden(3)))
        );
        println!("{}", c::mixed(hidden(-300), hidden(255), hidden(-128)));
        println!(
            "{} {} {} {}",
            c::always(hidden(1)),
            c::internal(hidden(1)),
            c::hidden(char(-1)),
            c::label(hidden(1))
        );
        println!("{} {} {}", c::left_char(), c::left_short(), c::left_bool());
        let handed = (c::handed_char(), c::handed_short(), c::handed_bool());
        println!("{} {} {}", handed.0, handed.1, i32::from(handed.2));
        println!("{}", c::passed());
    }
}
