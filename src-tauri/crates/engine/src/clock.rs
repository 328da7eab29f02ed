//! The one home of the clock: everything else is given the time.

use std::fmt;
use std::sync::Mutex;

use chrono::{
    DateTime, Duration, FixedOffset, Local, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc,
};

/// What time it is, and in which zone the person (and so the platforms' pages) counts it.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> DateTime<Utc>;

    /// The zone that display times ("17:51", "Yesterday") are meant in.
    fn zone(&self) -> Zone;

    /// Now, in that zone.
    fn local(&self) -> DateTime<Zone> {
        self.now().with_timezone(&self.zone())
    }
}

/// The machine's clock and zone.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock's one home")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn zone(&self) -> Zone {
        Zone::Machine
    }
}

/// A clock that stands still until it is moved: for tests and for worlds that play through days in a moment.
#[derive(Debug)]
pub struct FixedClock {
    now: Mutex<DateTime<Utc>>,
    zone: Zone,
}

impl FixedClock {
    /// A clock that shows `now`, in UTC.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { now: Mutex::new(now), zone: Zone::Fixed(Utc.fix()) }
    }

    /// The same clock in another zone.
    #[must_use]
    pub const fn in_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        *self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += by;
    }

    /// Sets the clock.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = now;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn zone(&self) -> Zone {
        self.zone
    }
}

/// The machine's zone with its summer time, or one fixed offset. A plain offset would not do: "Monday" may lie on the
/// other side of a change of the clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// As the operating system says.
    Machine,
    /// Always this far from UTC.
    Fixed(FixedOffset),
}

/// The offset of a [`Zone`] at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZoneOffset {
    zone: Zone,
    offset: FixedOffset,
}

impl Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        self.offset
    }
}

impl fmt::Display for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.offset.fmt(f)
    }
}

impl TimeZone for Zone {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Self {
        offset.zone
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> MappedLocalTime<ZoneOffset> {
        self.offset_from_local_datetime(&local.and_time(chrono::NaiveTime::MIN))
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<ZoneOffset> {
        match self {
            Self::Machine => Local.offset_from_local_datetime(local),
            Self::Fixed(offset) => MappedLocalTime::Single(*offset),
        }
        .map(|offset| ZoneOffset { zone: *self, offset })
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        self.offset_from_utc_datetime(&utc.and_time(chrono::NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        let offset = match self {
            Self::Machine => Local.offset_from_utc_datetime(utc),
            Self::Fixed(offset) => *offset,
        };
        ZoneOffset { zone: *self, offset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_shows_its_zone_and_moves_only_when_told() {
        let start = DateTime::from_timestamp(1_771_000_000, 0).unwrap();
        let clock = FixedClock::at(start).in_zone(Zone::Fixed(FixedOffset::east_opt(5 * 3600).unwrap()));
        assert_eq!(clock.now(), start);
        assert_eq!(clock.local().naive_local(), start.naive_utc() + Duration::hours(5));
        clock.advance(Duration::days(1));
        assert_eq!(clock.now(), start + Duration::days(1));
    }

    #[test]
    fn the_machines_zone_agrees_with_the_operating_system() {
        let moment = DateTime::from_timestamp(1_771_000_000, 0).unwrap();
        assert_eq!(
            moment.with_timezone(&Zone::Machine).naive_local(),
            moment.with_timezone(&Local).naive_local()
        );
    }
}
