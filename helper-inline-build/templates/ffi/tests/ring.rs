//! The ring as a C program would use it.

use @CRATE@::Ring;

#[test]
fn numbers_come_out_in_the_order_in_which_they_went_in() {
    let mut ring = Ring::default();
    assert!(ring.is_empty() && ring.pop().is_none());
    for round in 0..3 {
        for number in 0..8 {
            assert!(ring.push(10 * round + number));
        }
        assert!(!ring.push(99));
        assert_eq!(ring.len(), ring.capacity());
        for number in 0..8 {
            assert_eq!(ring.pop(), Some(10 * round + number));
        }
    }
    assert_eq!(ring.pop(), None);
}
