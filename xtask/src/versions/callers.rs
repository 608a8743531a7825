//! Calls every helper of helpers.c, with constants and with values that no
//! compiler can know, and hands each result over. In Rust 2021, which every rustc
//! of the table knows.
#![no_std]
// clang and rustc agree on 128-bit integers, which older rustcs doubt.
#![allow(improper_ctypes)]

macro_rules! structs {
    ($($name:ident { $($field:ident: $of:ty),* })*) => {$(
        #[repr(C)]
        #[derive(Clone, Copy)]
        pub struct $name { $($field: $of),* }
    )*};
}

structs! {
    Small { a: u32, b: u32 }
    Bytes { b: [u8; 3] }
    Odd { a: u32, b: u8 }
    Twelve { a: u32, b: u32, c: u32 }
    Pair { a: u64, b: u64 }
    Point { x: f32, y: f32, z: f32 }
    Mixed { n: u64, d: f64 }
    Large { word: [u64; 5] }
    Fields { bits: u32 }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub union Word {
    n: u32,
    f: f32,
}

extern "C" {
    fn rust_helper_small(a: u32, b: u32) -> Small;
    fn rust_helper_bytes(v: Bytes) -> Bytes;
    fn rust_helper_odd(v: Odd, by: u32) -> Odd;
    fn rust_helper_twelve(v: Twelve) -> Twelve;
    fn rust_helper_pair(v: Pair, by: u64) -> Pair;
    fn rust_helper_point(v: Point, by: f32) -> Point;
    fn rust_helper_mixed(v: Mixed) -> Mixed;
    fn rust_helper_sret(seed: u64) -> Large;
    fn rust_helper_byval(v: Large, at: i32) -> u64;
    fn rust_helper_transparent(v: Word) -> Word;
    fn rust_helper_wide_product(a: u64, b: u64) -> u128;
    fn rust_helper_wide_shift(v: i128, by: u32) -> i128;
    fn rust_helper_wide_store(to: *mut u128, v: u128) -> u64;
    fn rust_helper_narrow(a: i8, b: i16) -> i8;
    fn rust_helper_is_odd(v: u32) -> bool;
    fn rust_helper_fold(
        step: extern "C" fn(*mut u64, u64) -> u64,
        data: *mut u64,
        count: u32,
    ) -> u64;
    fn rust_helper_swap(v: u64) -> u64;
    fn rust_helper_branch(v: u32) -> u32;
    fn rust_helper_compare_exchange(at: *mut u64, old: *mut u64, new: u64) -> bool;
    fn rust_helper_fetch_add(at: *mut u32, by: u32) -> u32;
    fn rust_helper_count(by: u64) -> u64;
    fn rust_helper_counted() -> u64;
    fn rust_helper_local_static() -> u32;
    fn rust_helper_table(at: u32) -> u32;
    fn rust_helper_variadic(a: u64, b: u64, c: u64) -> u64;
    fn rust_helper_field_get(f: *const Fields) -> i32;
    fn rust_helper_field_set(f: *mut Fields, v: i32);
    fn rust_helper_fields(f: Fields) -> Fields;
    fn rust_helper_reverse(data: *mut u8, count: u32) -> u32;
    fn rust_helper_choose(which: u32, v: u32) -> u32;
}

extern "C" fn step(data: *mut u64, value: u64) -> u64 {
    // SAFETY: it is the `data` that the caller below hands over with it.
    unsafe {
        *data += value;
        *data
    }
}

/// Hands values over, each under the number of its group.
struct Out {
    sink: extern "C" fn(u32, u64),
    group: u32,
}

impl Out {
    fn group(&mut self) {
        self.group += 1;
    }

    fn put(&self, value: u64) {
        (self.sink)(self.group, value);
    }

    fn wide(&self, value: u128) {
        self.put(value as u64);
        self.put((value >> 64) as u64);
    }
}

/// A value that the compilers cannot know.
#[inline(never)]
fn unknown<T: Copy>(value: T) -> T {
    // SAFETY: a reference is valid to read.
    unsafe { core::ptr::read_volatile(&value) }
}

#[no_mangle]
pub extern "C" fn run(sink: extern "C" fn(u32, u64)) {
    let mut out = Out { sink, group: 0 };
    // SAFETY: each helper is declared as helpers.c defines it, and every pointer
    // is to a live local.
    unsafe {
        structs(&mut out);
        scalars(&mut out);
        code(&mut out);
        memory(&mut out);
    }
}

unsafe fn structs(out: &mut Out) {
    for a in [7, unknown(0xffff_fff0)] {
        out.group();
        let v = rust_helper_small(a, 0x21);
        out.put(v.a.into());
        out.put(v.b.into());
    }
    out.group();
    let v = rust_helper_bytes(unknown(Bytes {
        b: [0x5a, 0x0f, 0xc3],
    }));
    v.b.iter().for_each(|b| out.put((*b).into()));
    out.group();
    let v = rust_helper_odd(
        unknown(Odd {
            a: 0xffff_ffff,
            b: 0,
        }),
        5,
    );
    out.put(v.a.into());
    out.put(v.b.into());
    out.group();
    let v = rust_helper_twelve(unknown(Twelve { a: 1, b: 2, c: 3 }));
    [v.a, v.b, v.c].iter().for_each(|n| out.put((*n).into()));
    out.group();
    let v = rust_helper_pair(
        unknown(Pair {
            a: u64::MAX,
            b: 0xff00,
        }),
        0x1_0000_0001,
    );
    out.put(v.a);
    out.put(v.b);
    out.group();
    let v = rust_helper_point(
        unknown(Point {
            x: 1.5,
            y: -2.25,
            z: 8.0,
        }),
        0.5,
    );
    [v.x, v.y, v.z]
        .iter()
        .for_each(|f| out.put(f.to_bits().into()));
    out.group();
    let v = rust_helper_mixed(unknown(Mixed { n: 1 << 62, d: 3.0 }));
    out.put(v.n);
    out.put(v.d.to_bits());
    out.group();
    let v = rust_helper_sret(unknown(42));
    v.word.iter().for_each(|word| out.put(*word));
    out.group();
    out.put(rust_helper_byval(v, unknown(2)));
    out.put(rust_helper_byval(v, 0));
    v.word.iter().for_each(|word| out.put(*word));
    out.group();
    out.put(rust_helper_transparent(unknown(Word { f: 0.75 })).n.into());
}

unsafe fn scalars(out: &mut Out) {
    out.group();
    out.wide(rust_helper_wide_product(unknown(u64::MAX), u64::MAX - 1));
    out.group();
    out.wide(rust_helper_wide_shift(unknown(i128::MIN), 65) as u128);
    out.wide(rust_helper_wide_shift(-1, unknown(100)) as u128);
    out.group();
    let mut wide = unknown(u128::from(u64::MAX));
    out.put(rust_helper_wide_store(&mut wide, unknown(1)));
    out.wide(wide);
    out.group();
    out.put(rust_helper_narrow(unknown(-100), -100) as u64);
    out.put(rust_helper_narrow(127, unknown(1)) as u64);
    out.group();
    out.put(rust_helper_is_odd(unknown(0x101)).into());
    out.put(rust_helper_is_odd(0x100).into());
}

unsafe fn code(out: &mut Out) {
    out.group();
    let mut data = unknown(1000);
    out.put(rust_helper_fold(step, &mut data, unknown(4)));
    out.put(data);
    out.group();
    out.put(rust_helper_swap(unknown(0x0102_0304_0506_0708)));
    out.group();
    out.put(rust_helper_branch(unknown(12)).into());
    out.put(rust_helper_branch(3).into());
    out.group();
    out.put(rust_helper_variadic(1, unknown(20), 300));
    out.group();
    for which in 0..6 {
        out.put(rust_helper_choose(unknown(which), 20 + which).into());
    }
    out.put(rust_helper_choose(1, 9).into());
}

unsafe fn memory(out: &mut Out) {
    out.group();
    let (mut at, mut old) = (unknown(5), 4);
    out.put(rust_helper_compare_exchange(&mut at, &mut old, 6).into());
    out.put(old);
    out.put(rust_helper_compare_exchange(&mut at, &mut old, 6).into());
    out.put(at);
    out.group();
    let mut count = unknown(u32::MAX);
    out.put(rust_helper_fetch_add(&mut count, 3).into());
    out.put(count.into());
    out.group();
    out.put(rust_helper_count(unknown(40)));
    out.put(rust_helper_count(2));
    out.put(rust_helper_counted());
    out.group();
    out.put(rust_helper_local_static().into());
    out.put(rust_helper_local_static().into());
    out.group();
    out.put(rust_helper_table(unknown(5)).into());
    out.put(rust_helper_table(15).into());
    out.group();
    let mut fields = unknown(Fields { bits: 0xffff_e005 });
    rust_helper_field_set(&mut fields, unknown(-300));
    out.put(rust_helper_field_get(&fields) as u64);
    out.put(fields.bits.into());
    out.put(rust_helper_fields(fields).bits.into());
    out.group();
    let mut data = unknown([1, 2, 3, 4, 5, 6, 7]);
    out.put(rust_helper_reverse(data.as_mut_ptr(), unknown(7)).into());
    data.iter().for_each(|byte| out.put((*byte).into()));
}
