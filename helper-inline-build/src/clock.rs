//! Times of steps, in milliseconds, for the report.

use std::collections::BTreeMap;
use std::time::Instant;

/// A clock that is read at the end of each step.
pub(crate) struct Clock {
    since: Instant,
    /// The steps so far.
    pub(crate) laps: BTreeMap<String, u64>,
}

impl Clock {
    pub(crate) fn start() -> Clock {
        Clock {
            since: Instant::now(),
            laps: BTreeMap::new(),
        }
    }

    /// A clock that begins now, with the steps so far.
    #[cfg(feature = "dist")]
    pub(crate) fn again(&self) -> Clock {
        Clock {
            since: Instant::now(),
            laps: self.laps.clone(),
        }
    }

    /// Notes the time since the last step under a name.
    pub(crate) fn lap(&mut self, step: &str) {
        let now = Instant::now();
        let elapsed = now.duration_since(self.since).as_millis();
        let elapsed = u64::try_from(elapsed).unwrap_or(u64::MAX);
        self.laps.insert(step.to_owned(), elapsed);
        self.since = now;
    }
}
