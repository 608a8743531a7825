//! Random operations on uthash's structures and on Rust's own, which must agree after
//! each of them.

use example_uthash::{Array, List, Map, Stack, Text};
use std::collections::{HashMap, VecDeque};

const ROUNDS: u64 = 40;
const STEPS: u32 = 400;

/// xorshift: a seed's numbers are the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % end
    }
}

fn rounds(mut run: impl FnMut(&mut Random)) {
    for seed in 1..=ROUNDS {
        run(&mut Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    }
}

#[test]
fn a_table_is_a_hash_map() {
    rounds(|random| {
        let (mut table, mut model) = (Map::new(), HashMap::new());
        // Many of few keys, or few of many: both replace and find nothing.
        let keys = [8, 64, 1000][random.below(3) as usize];
        for _ in 0..STEPS {
            // Keys that differ in all bytes.
            let key = random.below(keys).wrapping_mul(0x0102_0408_1020_4081);
            match random.below(8) {
                0..4 => {
                    let value = random.below(u64::MAX);
                    assert_eq!(table.insert(key, value), model.insert(key, value));
                }
                4 | 5 => assert_eq!(table.remove(key), model.remove(&key)),
                _ => assert_eq!(table.get(key), model.get(&key).copied()),
            }
            assert_eq!(table.len(), model.len());
            assert_eq!(table.is_empty(), model.is_empty());
        }
        let mut expected: Vec<_> = model.into_iter().collect();
        expected.sort_unstable();
        let mut entries = table.entries();
        entries.sort_unstable();
        assert_eq!(entries, expected);
        table.sort();
        assert_eq!(table.entries(), expected);
        for (key, value) in expected {
            assert_eq!(table.get(key), Some(value), "after sorting");
        }
    });
}

#[test]
fn a_table_keeps_the_order_of_insertion() {
    let mut table = Map::new();
    for key in [5, 1, 9, 3] {
        assert_eq!(table.insert(key, key * 2), None);
    }
    assert_eq!(table.insert(1, 7), Some(2));
    assert_eq!(table.entries(), [(5, 10), (9, 18), (3, 6), (1, 7)]);
}

#[test]
fn a_doubly_linked_list_is_a_deque() {
    rounds(|random| {
        let (mut list, mut model) = (List::new(), VecDeque::new());
        for _ in 0..STEPS {
            let value = random.below(20) as i32 - 10;
            match random.below(16) {
                0..5 => {
                    list.push_back(value);
                    model.push_back(value);
                }
                5..10 => {
                    list.push_front(value);
                    model.push_front(value);
                }
                10..15 => {
                    let at = model.iter().position(|&other| other == value);
                    assert_eq!(list.remove(value), at.is_some());
                    at.map(|at| model.remove(at));
                }
                _ => {
                    list.sort();
                    model.make_contiguous().sort();
                }
            }
            assert!(list.iter().eq(model.iter().copied()));
            assert_eq!(
                (list.len(), list.is_empty()),
                (model.len(), model.is_empty())
            );
        }
    });
}

#[test]
fn a_singly_linked_list_is_a_stack() {
    rounds(|random| {
        let (mut stack, mut model) = (Stack::new(), Vec::new());
        for _ in 0..STEPS {
            if random.below(2) == 0 {
                assert_eq!(stack.pop(), model.pop());
            } else {
                let value = random.below(1 << 32) as u32 as i32;
                stack.push(value);
                model.push(value);
            }
        }
    });
}

#[test]
fn an_array_is_a_vector() {
    rounds(|random| {
        let (mut array, mut model) = (Array::new(), Vec::new());
        for _ in 0..STEPS {
            let value = random.below(1 << 32) as u32 as i32;
            let at = random.below(model.len() as u64 + 1) as usize;
            match random.below(12) {
                0..5 => {
                    array.push(value);
                    model.push(value);
                }
                5..7 => {
                    array.insert(at, value);
                    model.insert(at, value);
                }
                7..9 if at < model.len() => assert_eq!(array.remove(at), model.remove(at)),
                9 => {
                    array.sort();
                    model.sort_unstable();
                }
                _ => assert_eq!(array.pop(), model.pop()),
            }
            assert_eq!(array.as_slice(), model);
        }
    });
}

#[test]
fn a_text_is_a_vector_of_bytes() {
    rounds(|random| {
        let (mut text, mut model) = (Text::new(), Vec::new());
        for _ in 0..STEPS {
            let mut piece = vec![0; random.below(20) as usize];
            piece.fill_with(|| b'a' + random.below(3) as u8);
            match random.below(8) {
                0..3 => {
                    text.push(&piece);
                    model.extend(&piece);
                }
                3 => {
                    let mut other = Text::new();
                    other.push(&piece);
                    text.push_text(&other);
                    model.extend(&piece);
                }
                4 | 5 => {
                    let number = random.below(u64::MAX) as i64;
                    text.push_number(number);
                    model.extend(number.to_string().into_bytes());
                }
                6 if random.below(20) == 0 => {
                    text.clear();
                    model.clear();
                }
                _ => {
                    piece.truncate(4);
                    if !piece.is_empty() {
                        let at = model.windows(piece.len()).position(|part| part == piece);
                        assert_eq!(text.find(&piece), at);
                    }
                }
            }
            assert_eq!(text.as_bytes(), model);
        }
    });
}
