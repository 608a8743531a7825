//! One static for the test program, its library and what is between them.

#[test]
fn every_way_counts_in_one_static() {
    let before = counter::generic(0u8) % 1000;
    app_library::app_run();
    assert_eq!(counter::generic(0u8) % 1000, before + 5);
}
