//! Times as the platforms show them, and what can be concluded from them.
//!
//! An inbox says "17:51", "Yesterday", "Monday" or "2/14". Each of these is an interval that depends on the moment
//! it was seen at and on the zone of the machine that showed it; [`Moment::parse`] works the interval out, and keeps
//! the text. Everything else compares intervals: the same event seen twice ("17:51", a day later "Yesterday") gives
//! two intervals that overlap, so neither [is after](Moment::is_after) the other and nothing looks like news.
//!
//! What always holds: a moment never lies in the future of its observation (but for a small difference between two
//! clocks), and `earliest <= latest` where both are known. A new kind of display text is a line in `words`,
//! `calendar` or `clock`, a case in the table of tests, and a rendering in the property tests.

mod calendar;
mod clock;
mod local;
mod parse;
mod stamp;
mod words;

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

/// How exactly a moment is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// To the second or better: an RFC 3339 time.
    Exact,
    /// To the minute: "17:51" with its day known.
    Minute,
    /// To the hour: "5h".
    Hour,
    /// To the day: "Yesterday", "Monday", "2/14", "2d".
    Day,
    /// To the week: "22w".
    Week,
    /// Wider or not at all: day and month in doubt ("3/4"), or only an order is known.
    Vague,
}

/// A moment as an interval: it lies between the two bounds, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The text as given; `None` where the interval was concluded from the times of two syncs.
    pub text: Option<String>,
    /// The earliest possible time; `None` is "unknown".
    pub earliest: Option<DateTime<Utc>>,
    /// The latest possible time; `None` is "unknown".
    pub latest: Option<DateTime<Utc>>,
    /// How exact that is.
    pub precision: Precision,
}

impl Moment {
    /// When something happened that was not there at `earlier` and was first seen at `later`.
    ///
    /// Where the clock went backwards between the two, `earlier` says nothing.
    pub fn between(earlier: Option<DateTime<Utc>>, later: DateTime<Utc>) -> Self {
        let earliest = earlier.filter(|earlier| *earlier <= later);
        let precision = earliest.map_or(Precision::Vague, |earliest| Precision::of_width(later - earliest));
        Self { text: None, earliest, latest: Some(later), precision }
    }

    /// The moment where it is known to the minute, for export and push; the first instant that it can be.
    pub fn exact_to_the_minute(&self) -> Option<DateTime<Utc>> {
        let (earliest, latest) = (self.earliest?, self.latest?);
        let minute = |time: DateTime<Utc>| time.timestamp().div_euclid(60);
        (self.precision <= Precision::Minute && minute(earliest) == minute(latest)).then_some(earliest)
    }

    /// True where the whole of this moment lies later than the whole of the other. What is unknown is after nothing.
    pub fn is_after(&self, other: &Self) -> bool {
        matches!((self.earliest, other.latest), (Some(earliest), Some(latest)) if earliest > latest)
    }
}

impl Precision {
    /// The precision of an interval by its width alone.
    fn of_width(width: TimeDelta) -> Self {
        const STEPS: [(Precision, i64); 5] = [
            (Precision::Exact, 1),
            (Precision::Minute, 60),
            (Precision::Hour, 3_600),
            (Precision::Day, 86_400),
            (Precision::Week, 604_800),
        ];
        let seconds = width.num_seconds();
        STEPS.into_iter().find(|(_, limit)| seconds <= *limit).map_or(Self::Vague, |(precision, _)| precision)
    }
}

/// The last instant of the minute that `time` lies in, to the millisecond.
fn end_of_minute(time: chrono::NaiveDateTime) -> chrono::NaiveDateTime {
    time.with_second(59).and_then(|time| time.with_nanosecond(LAST_MILLISECOND)).unwrap_or(time)
}

/// The last millisecond of a second, in nanoseconds: no platform counts finer.
const LAST_MILLISECOND: u32 = 999_000_000;
