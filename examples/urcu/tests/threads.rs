//! Threads that read a value while another one replaces it.

use example_urcu::{Rcu, Thread};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const READERS: usize = 4;
const UPDATES: usize = 300;

/// A value that is seen to go, by a mark that outlives it.
struct Value<'a> {
    number: usize,
    is_gone: &'a AtomicBool,
}

impl Drop for Value<'_> {
    fn drop(&mut self) {
        self.is_gone.store(true, Ordering::SeqCst);
    }
}

#[test]
fn no_reader_sees_a_value_that_is_gone() {
    let gone: Vec<_> = (0..=UPDATES).map(|_| AtomicBool::new(false)).collect();
    let value = |number: usize| Value {
        number,
        is_gone: &gone[number],
    };
    let rcu = Rcu::new(value(0));
    let (is_done, reading) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let read = || {
            let thread = Thread::register().unwrap();
            reading.fetch_add(1, Ordering::SeqCst);
            let mut last = 0;
            let mut seen = 0;
            while !is_done.load(Ordering::Relaxed) {
                let guard = thread.read_lock();
                let (number, is_gone) = {
                    let value = rcu.read(&guard);
                    (value.number, value.is_gone)
                };
                assert!(number >= last, "{number} after {last}");
                assert!(!is_gone.load(Ordering::SeqCst), "{number} was gone already");
                // Long enough for the writer to come in between, now and then.
                if seen % 8 == 0 {
                    thread::yield_now();
                }
                assert!(!is_gone.load(Ordering::SeqCst), "{number} went meanwhile");
                assert!(std::ptr::eq(is_gone, &gone[number]));
                drop(guard);
                last = number;
                seen += 1;
            }
            (last, seen)
        };
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(read)).collect();
        let mut thread = Thread::register().unwrap();
        while reading.load(Ordering::SeqCst) < READERS {
            thread::yield_now();
        }
        for number in 1..=UPDATES {
            let old = rcu.update(&mut thread, |old| value(old.number + 1));
            assert_eq!(old.number, number - 1);
            assert!(!gone[number - 1].load(Ordering::SeqCst));
        }
        is_done.store(true, Ordering::Relaxed);
        // Those whom the writer waits for must not wait for it.
        drop(thread);
        for reader in readers {
            let (last, seen) = reader.join().unwrap();
            assert!(seen > 0 && last <= UPDATES);
        }
    });
    drop(rcu);
    assert!(gone.iter().all(|gone| gone.load(Ordering::SeqCst)));
}

#[test]
fn an_update_waits_for_whoever_reads() {
    let rcu = Rcu::new(1);
    let thread = Thread::register().unwrap();
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let guard = thread.read_lock();
        let one = rcu.read(&guard);
        scope.spawn(|| {
            let mut thread = Thread::register().unwrap();
            tell.send(rcu.update(&mut thread, |one| one + 1)).unwrap();
        });
        // Published at once, for whoever begins to read.
        while *rcu.read(&guard) == 1 {
            thread::yield_now();
        }
        let early = told.recv_timeout(Duration::from_millis(200));
        assert!(early.is_err(), "the update did not wait");
        assert_eq!((*one, *rcu.read(&guard)), (1, 2));
        drop(guard);
        assert_eq!(told.recv(), Ok(1));
    });
}

#[test]
fn guards_nest() {
    let thread = Thread::register().unwrap();
    assert!(!thread.is_reading());
    let outer = thread.read_lock();
    let inner = thread.read_lock();
    drop(outer);
    assert!(thread.is_reading());
    drop(inner);
    assert!(!thread.is_reading());
}

#[test]
fn a_thread_is_registered_once_at_a_time() {
    let thread = Thread::register();
    assert!(thread.is_some() && Thread::register().is_none());
    drop(thread);
    assert!(Thread::register().is_some());
}
