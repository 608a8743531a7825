//! Numbered pieces of work, as many at once as there are processors.

use crate::command;
use anyhow::{Result, anyhow};
use std::sync::atomic::{AtomicU64, Ordering};

/// Does the pieces 0 to `count`; an error or Ctrl-C ends it early.
pub fn run(count: u64, work: impl Fn(u64) -> Result<()> + Sync) -> Result<()> {
    let next = AtomicU64::new(0);
    let worker = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(());
            }
            let done = command::check_interrupt().and_then(|()| work(number));
            if done.is_err() {
                // The others end after the piece at hand.
                next.store(count, Ordering::Relaxed);
                return done;
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| {
            let panicked = |_| Err(anyhow!("a trial panicked"));
            worker.join().unwrap_or_else(panicked)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::run;
    use anyhow::bail;
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    #[test]
    fn every_piece_is_done_once() {
        let done = Mutex::new(BTreeSet::new());
        run(100, |number| {
            assert!(done.lock().unwrap().insert(number));
            Ok(())
        })
        .unwrap();
        assert_eq!(done.into_inner().unwrap(), (0..100).collect());
    }

    #[test]
    fn an_error_ends_it() {
        let done = Mutex::new(0);
        let result = run(1_000_000, |number| {
            *done.lock().unwrap() += 1;
            if number == 5 {
                bail!("no");
            }
            Ok(())
        });
        assert_eq!(format!("{:#}", result.unwrap_err()), "no");
        assert!(done.into_inner().unwrap() < 1_000_000);
    }
}
