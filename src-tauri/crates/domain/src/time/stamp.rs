//! Times that machines write: RFC 3339 with and without an offset, and Unix times.

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};

use super::Precision;
use super::local::{Span, around};

/// How far a service's clock may run ahead of ours.
pub(super) const SKEW: TimeDelta = TimeDelta::minutes(5);

/// The interval of a machine's time. A time without an offset is in the machine's zone, as the pages show it.
pub(super) fn stamp<Z: TimeZone>(text: &str, observed: &DateTime<Z>) -> Option<(Span, Precision)> {
    let (span, precision) = with_offset(text)
        .or_else(|| unix(text))
        .map(|time| (Span { earliest: time, latest: time }, Precision::Exact))
        .or_else(|| naive(text, observed))?;
    (span.latest <= observed.with_timezone(&Utc).checked_add_signed(SKEW)?).then_some((span, precision))
}

fn with_offset(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z"))
        .ok()
        .map(|time| time.with_timezone(&Utc))
}

fn naive<Z: TimeZone>(text: &str, observed: &DateTime<Z>) -> Option<(Span, Precision)> {
    let text = text.replacen(' ', "T", 1);
    let zone = observed.timezone();
    if let Ok(local) = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f") {
        return Some((around(&zone, local)?, Precision::Exact));
    }
    let local = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M").ok()?;
    Some((around(&zone, local)?.cover(around(&zone, super::end_of_minute(local))?), Precision::Minute))
}

/// Seconds (10 digits: 2001 to 2286) or milliseconds (13 digits); other numbers are no times.
fn unix(text: &str) -> Option<DateTime<Utc>> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = text.parse::<i64>().ok()?;
    match text.len() {
        10 => DateTime::from_timestamp(number, 0),
        13 => DateTime::from_timestamp_millis(number),
        _ => None,
    }
}
