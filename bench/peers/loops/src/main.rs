//! Hot loops over three C libraries' inline functions: `loops <rust|c> <loop> <n>`.

mod hash;
mod rcu;
mod uring;

unsafe extern "C" {
    safe fn c_uring(n: u64) -> u64;
    safe fn c_hash(n: u64) -> u64;
    safe fn c_rcu(n: u64) -> u64;
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [language, name, n] = arguments.as_slice() else {
        panic!("usage: loops <rust|c> <uring|hash|rcu> <n>");
    };
    let run: fn(u64) -> u64 = match (language.as_str(), name.as_str()) {
        ("rust", "uring") => uring::run,
        ("rust", "hash") => hash::run,
        ("rust", "rcu") => rcu::run,
        ("c", "uring") => |n| c_uring(n),
        ("c", "hash") => |n| c_hash(n),
        ("c", "rcu") => |n| c_rcu(n),
        other => panic!("there is no loop {other:?}"),
    };
    let started = std::time::Instant::now();
    let sum = run(n.parse().expect("a number of rounds"));
    println!("{sum} {}", started.elapsed().as_nanos());
}
