//! The simulator's clock: passed in, and movable by a test ("a day passes").

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta};

/// What time it is for the simulated services, with the offset that their pages show times in. Cheap to clone; all
/// clones share the offset that [`Clock::advance`] adds.
#[derive(Clone)]
pub struct Clock {
    source: Arc<dyn Fn() -> DateTime<FixedOffset> + Send + Sync>,
    /// Milliseconds added by `advance`.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that stands still until it is advanced.
    pub fn fixed(at: DateTime<FixedOffset>) -> Self {
        Self::from_fn(move || at)
    }

    /// A clock that asks `source`: the demo passes the machine's clock in.
    pub fn from_fn(source: impl Fn() -> DateTime<FixedOffset> + Send + Sync + 'static) -> Self {
        Self { source: Arc::new(source), ahead: Arc::default() }
    }

    /// What time it is.
    pub fn now(&self) -> DateTime<FixedOffset> {
        (self.source)() + TimeDelta::milliseconds(self.ahead.load(Ordering::SeqCst))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Default for Clock {
    /// Standing still at [`base_time`].
    fn default() -> Self {
        Self::fixed(base_time())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

/// Where generated worlds begin unless a test says otherwise: Monday, 2 March 2026, 18:30 UTC.
pub fn base_time() -> DateTime<FixedOffset> {
    DateTime::from_timestamp(1_772_476_200, 0).unwrap_or_default().fixed_offset()
}
