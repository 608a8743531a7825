//! Compiles the same loops in C, by the clang and with the level that the benchmark
//! names.

fn main() {
    println!("cargo::rerun-if-changed=loops.c");
    println!("cargo::rerun-if-env-changed=PEERS_C_LEVEL");
    println!("cargo::rerun-if-env-changed=PEERS_CLANG");
    let level = std::env::var("PEERS_C_LEVEL").unwrap_or_else(|_| "2".into());
    let clang = std::env::var("PEERS_CLANG").unwrap_or_else(|_| "clang".into());
    cc::Build::new()
        .compiler(clang)
        .opt_level_str(&level)
        .file("loops.c")
        .define("_LGPL_SOURCE", "")
        .define("URCU_INLINE_SMALL_FUNCTIONS", "")
        .define("XXH_INLINE_ALL", "")
        .compile("loops_in_c");
}
