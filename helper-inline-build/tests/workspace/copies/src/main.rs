use low::b::*;
use std::hint::black_box;
#[inline(never)]
fn deep(n: i32) -> i64 {
    if n == 0 {
        return 0;
    }
    let own = unsafe { large(n & 7) } as i64;
    let below = deep(black_box(n - 1));
    black_box(&below);
    own + below
}
fn main() {
    let p = [0u8, 1, 0, 1, 2, 2, 2, 2];
    let q = [0u8, 1, 0, 2, 0, 2];
    unsafe {
        println!("labels {} {} {}", run(p.as_ptr()), low::run(&p), nested(q.as_ptr()));
        println!("weak {} {} {}", weak(1), weak_const(), optional(2));
        low::on();
        println!("addresses {} {} {}", has_one(), unregister(Some(one)), unregister(Some(two)));
        println!("tables {} {} {}", index(Some(one)), index(Some(two)), index(low::below()));
        println!("below {} {}", is_below(low::below()), is_below(below()));
        let mut v = [3, 1, 2];
        sort(v.as_mut_ptr(), 3);
        println!("sorted {v:?}");
        println!("alias {} {} {} {}", alias(1), local_alias(2), both(3), same());
        low::set(9);
        println!("alias of a variable {}", get_v());
        println!("chosen {} {}", chosen(5), clones(5));
        println!("assembly {} {} {} {}", asm_inc(), low::increase(), asm_get(), label(label(1)));
        println!("top {} {}", triple(4), asm_global(2));
        println!("ready {} {}", ready(), thread());
        println!("deep {} {}", deep(500), large(1));
    }
}
