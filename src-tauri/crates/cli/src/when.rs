//! Times for people: in the machine's zone, and no more exact than they are known.

use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use crm_sync_domain::{Moment, Precision};

use crate::text;

/// A known time to the minute.
pub fn minute<Z: TimeZone>(at: DateTime<Utc>, zone: &Z) -> String
where
    Z::Offset: std::fmt::Display,
{
    at.with_timezone(zone).format("%Y-%m-%d %H:%M").to_string()
}

/// A moment by its latest possible time, marked with ≈ where it is less exact than a minute; the service's own
/// words where nothing could be concluded; empty where nothing is known.
pub fn moment<Z: TimeZone>(moment: Option<&Moment>, zone: &Z) -> String
where
    Z::Offset: std::fmt::Display,
{
    let Some(moment) = moment else { return String::new() };
    let Some(latest) = moment.latest else {
        return moment.text.as_deref().map(text::one_line).unwrap_or_default();
    };
    match moment.precision {
        Precision::Exact | Precision::Minute => minute(latest, zone),
        Precision::Hour => format!("≈{}", minute(latest, zone)),
        Precision::Day | Precision::Week | Precision::Vague => {
            format!("≈{}", latest.with_timezone(zone).format("%Y-%m-%d"))
        }
    }
}

/// A duration as people say it: "0.4 s", "31 s", "4 min 5 s", "2 h 3 min".
pub fn lasted(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;
    use rstest::rstest;

    use super::*;

    fn zone() -> FixedOffset {
        FixedOffset::east_opt(2 * 3600).unwrap()
    }

    fn known(precision: Precision, latest: Option<&str>) -> Moment {
        Moment {
            text: Some("Yest\u{1b}erday".to_owned()),
            earliest: None,
            latest: latest.map(|t| t.parse().unwrap()),
            precision,
        }
    }

    #[rstest]
    #[case(Precision::Exact, Some("2026-02-26T22:15:40Z"), "2026-02-27 00:15")]
    #[case(Precision::Hour, Some("2026-02-26T20:15:00Z"), "≈2026-02-26 22:15")]
    #[case(Precision::Day, Some("2026-02-26T21:59:59Z"), "≈2026-02-26")]
    #[case(Precision::Vague, None, "Yest␛erday")]
    fn a_time_is_shown_as_exactly_as_it_is_known(
        #[case] precision: Precision,
        #[case] latest: Option<&str>,
        #[case] shown: &str,
    ) {
        assert_eq!(moment(Some(&known(precision, latest)), &zone()), shown);
    }

    #[rstest]
    #[case(430, "0.4 s")]
    #[case(31_900, "31 s")]
    #[case(245_000, "4 min 5 s")]
    #[case(7_380_000, "2 h 3 min")]
    fn durations_read_well(#[case] millis: u64, #[case] said: &str) {
        assert_eq!(lasted(Duration::from_millis(millis)), said);
    }
}
