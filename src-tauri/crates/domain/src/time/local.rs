//! Local times to instants, in zones whose clocks jump.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};

use super::{LAST_MILLISECOND, end_of_minute};

/// An interval of instants, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) earliest: DateTime<Utc>,
    pub(super) latest: DateTime<Utc>,
}

impl Span {
    /// The smallest interval that holds both.
    pub(super) fn cover(self, other: Self) -> Self {
        Self { earliest: self.earliest.min(other.earliest), latest: self.latest.max(other.latest) }
    }

    /// The part that is not later than `end`; `None` where all of it is.
    pub(super) fn until(self, end: DateTime<Utc>) -> Option<Self> {
        (self.earliest <= end).then_some(Self { latest: self.latest.min(end), ..self })
    }
}

/// The instants at which a zone's clocks can show a local time: one, two where they are set back, and none where they
/// jump over it.
pub(super) fn instants<Z: TimeZone>(zone: &Z, local: NaiveDateTime) -> Option<Span> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) => {
            let time = time.with_timezone(&Utc);
            Some(Span { earliest: time, latest: time })
        }
        LocalResult::Ambiguous(a, b) => {
            let (a, b) = (a.with_timezone(&Utc), b.with_timezone(&Utc));
            Some(Span { earliest: a.min(b), latest: a.max(b) })
        }
        LocalResult::None => None,
    }
}

/// Like [`instants`]; a local time that the clocks jump over becomes the interval around the jump.
pub(super) fn around<Z: TimeZone>(zone: &Z, local: NaiveDateTime) -> Option<Span> {
    instants(zone, local).or_else(|| {
        // A day off the jump on either side, further than any zone is from UTC.
        let by_offset_at = |at: NaiveDateTime| {
            let offset = chrono::Offset::fix(&zone.offset_from_utc_datetime(&at)).local_minus_utc();
            local.checked_sub_signed(TimeDelta::seconds(offset.into())).map(|utc| utc.and_utc())
        };
        let before = by_offset_at(local.checked_sub_days(Days::new(1))?)?;
        let after = by_offset_at(local.checked_add_days(Days::new(1))?)?;
        Some(Span { earliest: before.min(after), latest: before.max(after) })
    })
}

/// All of a local day.
pub(super) fn day<Z: TimeZone>(zone: &Z, date: NaiveDate) -> Option<Span> {
    let last = NaiveTime::from_hms_nano_opt(23, 59, 59, LAST_MILLISECOND)?;
    Some(around(zone, date.and_time(NaiveTime::MIN))?.cover(around(zone, date.and_time(last))?))
}

/// All of a local minute; `None` where the clocks jump over it.
pub(super) fn minute<Z: TimeZone>(zone: &Z, local: NaiveDateTime) -> Option<Span> {
    Some(instants(zone, local)?.cover(instants(zone, end_of_minute(local))?))
}
