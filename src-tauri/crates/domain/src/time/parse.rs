//! From a display text to a [`Moment`].

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};

use super::local::{Span, day, minute};
use super::{Moment, Precision, calendar, clock, stamp, words};

/// No message is older than this (1 January 2000, in Unix seconds): an older date is a misread number.
const FIRST_PLAUSIBLE: i64 = 946_684_800;

/// Longest text that can be a time, in bytes; anything longer is not looked at.
const LONGEST: usize = 64;

impl Moment {
    /// What a time as shown (or a machine's time) means, seen at `observed` in the machine's zone.
    ///
    /// `None` where nothing can be concluded: an empty text, one that is no time, a time in the future.
    /// Case, surrounding white space and no-break spaces don't matter. The text is kept as given.
    pub fn parse<Z: TimeZone>(text: &str, observed: &DateTime<Z>) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let visible = |c: &char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        let clean = text.chars().filter(visible).collect::<String>();
        let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
        let (span, precision) = stamp::stamp(&clean, observed)
            .or_else(|| shown(&clean.to_lowercase(), observed))
            .filter(|(span, _)| span.latest.timestamp() >= FIRST_PLAUSIBLE)?;
        Some(Self {
            text: Some(text.to_owned()),
            earliest: Some(span.earliest),
            latest: Some(span.latest),
            // A time of day that the clocks show twice is known to the hour only.
            precision: precision.max(match precision {
                Precision::Exact | Precision::Minute => Precision::of_width(span.latest - span.earliest),
                _ => precision,
            }),
        })
    }
}

/// A time as pages show it.
fn shown<Z: TimeZone>(text: &str, observed: &DateTime<Z>) -> Option<(Span, Precision)> {
    words::age(text, observed).or_else(|| on_days(text, None, observed)).or_else(|| {
        let (before, time) = clock::split_off(text)?;
        if before.is_empty() {
            last_time_of_day(time, observed)
        } else {
            on_days(before, Some(time), observed)
        }
    })
}

/// A day, with or without a time of day.
fn on_days<Z: TimeZone>(
    text: &str,
    time: Option<NaiveTime>,
    observed: &DateTime<Z>,
) -> Option<(Span, Precision)> {
    let zone = observed.timezone();
    let now = observed.with_timezone(&Utc);
    let span_of = |date: &NaiveDate| match time {
        Some(time) => minute(&zone, date.and_time(time)),
        None => day(&zone, *date),
    };
    let dates = calendar::days(text, observed.date_naive());
    let spans = dates.iter().filter_map(|date| span_of(date)?.until(now)).collect::<Vec<_>>();
    let precision = match (spans.len(), time) {
        (1, Some(_)) => Precision::Minute,
        (1, None) => Precision::Day,
        _ => Precision::Vague,
    };
    spans.into_iter().reduce(Span::cover).map(|span| (span, precision))
}

/// The last time that the clocks showed this time of day: today, else yesterday. A time that they jumped over today
/// was yesterday's; two jumps in a row have never been.
fn last_time_of_day<Z: TimeZone>(time: NaiveTime, observed: &DateTime<Z>) -> Option<(Span, Precision)> {
    let zone = observed.timezone();
    let now = observed.with_timezone(&Utc);
    (0..=2).find_map(|back| {
        let date = observed.date_naive().checked_sub_days(Days::new(back))?;
        Some((minute(&zone, date.and_time(time))?.until(now)?, Precision::Minute))
    })
}
