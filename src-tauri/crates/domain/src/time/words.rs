//! Ages in words and letters: "2d", "5h", "3 min", "22w", "just now".

use chrono::{DateTime, Days, TimeDelta, TimeZone, Utc};

use super::Precision;
use super::local::{Span, day};

/// A unit of age: seconds at least, seconds at most (months and years differ), how exact an age in it is.
struct Unit {
    least: i64,
    most: i64,
    precision: Precision,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const fn unit(least: i64, most: i64, precision: Precision) -> Unit {
    Unit { least, most, precision }
}

/// The units as platforms write them. "m" is a minute: months are "mo" where they are shown at all.
fn unit_of(word: &str) -> Option<Unit> {
    Some(match word {
        "s" | "sec" | "secs" | "second" | "seconds" => unit(1, 1, Precision::Minute),
        "m" | "min" | "mins" | "minute" | "minutes" => unit(MINUTE, MINUTE, Precision::Minute),
        "h" | "hr" | "hrs" | "hour" | "hours" => unit(HOUR, HOUR, Precision::Hour),
        "d" | "day" | "days" => unit(DAY, DAY, Precision::Day),
        "w" | "wk" | "wks" | "week" | "weeks" => unit(7 * DAY, 7 * DAY, Precision::Week),
        "mo" | "mos" | "month" | "months" => unit(28 * DAY, 31 * DAY, Precision::Vague),
        "y" | "yr" | "yrs" | "year" | "years" => unit(364 * DAY, 366 * DAY, Precision::Vague),
        _ => return None,
    })
}

/// The interval of an age. Platforms cut ages off ("5h" is five hours and up to an hour more); a number of days may
/// also count midnights, so it covers both readings.
pub(super) fn age<Z: TimeZone>(text: &str, observed: &DateTime<Z>) -> Option<(Span, Precision)> {
    let now = observed.with_timezone(&Utc);
    if matches!(text, "now" | "just now") {
        return Some((ages(now, 0, MINUTE)?, Precision::Minute));
    }
    let text = text.strip_suffix(" ago").unwrap_or(text);
    let letters = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, word) = text.split_at(letters);
    let unit = unit_of(word.trim().trim_end_matches('.'))?;
    let count = match digits {
        "" => return None,
        digits if digits.len() > 4 => return None,
        digits => digits.parse::<i64>().ok()?,
    };
    let mut span = ages(now, count * unit.least, (count + 1) * unit.most)?;
    if unit.precision == Precision::Day {
        let date = observed.date_naive().checked_sub_days(Days::new(count.unsigned_abs()))?;
        span = span.cover(day(&observed.timezone(), date)?);
    }
    Some((span.until(now)?, unit.precision))
}

/// From `most` to `least` seconds ago.
fn ages(now: DateTime<Utc>, least: i64, most: i64) -> Option<Span> {
    let ago = |seconds| now.checked_sub_signed(TimeDelta::seconds(seconds));
    Some(Span { earliest: ago(most)?, latest: ago(least)? })
}
