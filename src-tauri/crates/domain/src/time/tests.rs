//! A table of what platforms show, and whole lives of an event: shown over and over as it grows older.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn at(zone: Tz, local: &str) -> DateTime<Tz> {
    let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M:%S").unwrap();
    local.and_local_timezone(zone).earliest().unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Seen in Berlin on Thursday 26 February 2026 at 18:30 (17:30 UTC).
#[rstest]
#[case("17:51", "2026-02-26T16:51:00Z", "2026-02-26T16:51:59.999Z", Precision::Minute)]
#[case(" 5:51\u{202f}PM ", "2026-02-26T16:51:00Z", "2026-02-26T16:51:59.999Z", Precision::Minute)]
#[case("5:51 p.m.", "2026-02-26T16:51:00Z", "2026-02-26T16:51:59.999Z", Precision::Minute)]
#[case("12:05 AM", "2026-02-25T23:05:00Z", "2026-02-25T23:05:59.999Z", Precision::Minute)]
#[case("18:31", "2026-02-25T17:31:00Z", "2026-02-25T17:31:59.999Z", Precision::Minute)]
#[case("18:30", "2026-02-26T17:30:00Z", "2026-02-26T17:30:00Z", Precision::Minute)]
#[case("Today", "2026-02-25T23:00:00Z", "2026-02-26T17:30:00Z", Precision::Day)]
#[case("YESTERDAY", "2026-02-24T23:00:00Z", "2026-02-25T22:59:59.999Z", Precision::Day)]
#[case("Yesterday at 17:51", "2026-02-25T16:51:00Z", "2026-02-25T16:51:59.999Z", Precision::Minute)]
#[case("Thursday", "2026-02-18T23:00:00Z", "2026-02-19T22:59:59.999Z", Precision::Day)]
#[case("wed", "2026-02-24T23:00:00Z", "2026-02-25T22:59:59.999Z", Precision::Day)]
#[case("2/14", "2026-02-13T23:00:00Z", "2026-02-14T22:59:59.999Z", Precision::Day)]
#[case("14/2", "2026-02-13T23:00:00Z", "2026-02-14T22:59:59.999Z", Precision::Day)]
#[case("14.2.", "2026-02-13T23:00:00Z", "2026-02-14T22:59:59.999Z", Precision::Day)]
#[case("3/3", "2025-03-02T23:00:00Z", "2025-03-03T22:59:59.999Z", Precision::Day)]
#[case("12/28", "2025-12-27T23:00:00Z", "2025-12-28T22:59:59.999Z", Precision::Day)]
#[case("2/29", "2024-02-28T23:00:00Z", "2024-02-29T22:59:59.999Z", Precision::Day)]
// 2 January this year, or 1 February this year
#[case("1/2", "2026-01-01T23:00:00Z", "2026-02-01T22:59:59.999Z", Precision::Vague)]
// 4 March last year, or 3 April last year
#[case("3/4/2025", "2025-03-03T23:00:00Z", "2025-04-03T21:59:59.999Z", Precision::Vague)]
#[case("1/3/2025", "2025-01-02T23:00:00Z", "2025-03-01T22:59:59.999Z", Precision::Vague)]
// 2 December would be in the future
#[case("12/2/2026", "2026-02-11T23:00:00Z", "2026-02-12T22:59:59.999Z", Precision::Day)]
#[case("2/14/2025", "2025-02-13T23:00:00Z", "2025-02-14T22:59:59.999Z", Precision::Day)]
#[case("2/14/25", "2025-02-13T23:00:00Z", "2025-02-14T22:59:59.999Z", Precision::Day)]
#[case("Feb 22", "2026-02-21T23:00:00Z", "2026-02-22T22:59:59.999Z", Precision::Day)]
#[case("22 Feb", "2026-02-21T23:00:00Z", "2026-02-22T22:59:59.999Z", Precision::Day)]
#[case("Sun, Feb 22", "2026-02-21T23:00:00Z", "2026-02-22T22:59:59.999Z", Precision::Day)]
#[case("February 22, 2025", "2025-02-21T23:00:00Z", "2025-02-22T22:59:59.999Z", Precision::Day)]
#[case("Feb 22, 2025, 5:51 PM", "2025-02-22T16:51:00Z", "2025-02-22T16:51:59.999Z", Precision::Minute)]
#[case("2025-02-22", "2025-02-21T23:00:00Z", "2025-02-22T22:59:59.999Z", Precision::Day)]
#[case("now", "2026-02-26T17:29:00Z", "2026-02-26T17:30:00Z", Precision::Minute)]
#[case("3m", "2026-02-26T17:26:00Z", "2026-02-26T17:27:00Z", Precision::Minute)]
#[case("3 min", "2026-02-26T17:26:00Z", "2026-02-26T17:27:00Z", Precision::Minute)]
#[case("5h", "2026-02-26T11:30:00Z", "2026-02-26T12:30:00Z", Precision::Hour)]
#[case("2d", "2026-02-23T17:30:00Z", "2026-02-24T22:59:59.999Z", Precision::Day)]
#[case("22w", "2025-09-18T17:30:00Z", "2025-09-25T17:30:00Z", Precision::Week)]
#[case("1y", "2024-02-25T17:30:00Z", "2025-02-27T17:30:00Z", Precision::Vague)]
#[case("2026-02-26T12:00:00Z", "2026-02-26T12:00:00Z", "2026-02-26T12:00:00Z", Precision::Exact)]
#[case("2026-02-26T12:00:00+02:00", "2026-02-26T10:00:00Z", "2026-02-26T10:00:00Z", Precision::Exact)]
#[case("2026-02-26T12:00:00", "2026-02-26T11:00:00Z", "2026-02-26T11:00:00Z", Precision::Exact)]
// a clock that runs three minutes ahead
#[case("2026-02-26T17:33:00Z", "2026-02-26T17:33:00Z", "2026-02-26T17:33:00Z", Precision::Exact)]
#[case("1772000000", "2026-02-25T06:13:20Z", "2026-02-25T06:13:20Z", Precision::Exact)]
#[case("1772000000000", "2026-02-25T06:13:20Z", "2026-02-25T06:13:20Z", Precision::Exact)]
fn a_time_as_shown_is_an_interval_seen_from_the_moment_of_observation(
    #[case] text: &str,
    #[case] earliest: &str,
    #[case] latest: &str,
    #[case] precision: Precision,
) {
    let moment = Moment::parse(text, &at(Tz::Europe__Berlin, "2026-02-26 18:30:00")).unwrap();
    assert_eq!(moment.text.as_deref(), Some(text));
    assert_eq!((moment.earliest, moment.latest), (Some(utc(earliest)), Some(utc(latest))));
    assert_eq!(moment.precision, precision);
}

#[rstest]
#[case("")]
#[case("  ")]
#[case("Active now")]
#[case("25:00")]
#[case("13:00 PM")]
#[case("0:30 PM")]
#[case("30/2")]
#[case("13/13")]
#[case("Feb 30")]
#[case("2/14/2031")]
#[case("2026-02-26T17:40:00Z")]
#[case("1234")]
#[case("9999w")]
#[case("12345678901234567890")]
#[case("5")]
#[case("m")]
#[case("\u{200e}")]
fn what_is_no_time_in_the_past_says_nothing(#[case] text: &str) {
    assert_eq!(Moment::parse(text, &at(Tz::Europe__Berlin, "2026-02-26 18:30:00")), None);
}

#[test]
fn a_time_that_the_clocks_show_twice_is_known_to_the_hour() {
    let moment = Moment::parse("2:30", &at(Tz::Europe__Berlin, "2025-10-26 12:00:00")).unwrap();
    assert_eq!(moment.earliest, Some(utc("2025-10-26T00:30:00Z")));
    assert_eq!(moment.latest, Some(utc("2025-10-26T01:30:59.999Z")));
    assert!(moment.precision > Precision::Minute);
    assert_eq!(moment.exact_to_the_minute(), None);
}

#[test]
fn a_time_that_the_clocks_jumped_over_today_was_yesterday() {
    let moment = Moment::parse("2:30", &at(Tz::Europe__Berlin, "2025-03-30 12:00:00")).unwrap();
    assert_eq!(moment.earliest, Some(utc("2025-03-29T01:30:00Z")));
}

#[test]
fn a_day_that_never_was_does_not_panic() {
    // Samoa went from 29 to 31 December 2011.
    let moment = Moment::parse("Yesterday", &at(Tz::Pacific__Apia, "2011-12-31 08:00:00")).unwrap();
    assert!(moment.earliest <= moment.latest);
}

#[test]
fn only_what_is_known_to_the_minute_is_exact() {
    let seen = at(Tz::Europe__Berlin, "2026-02-26 18:30:20");
    let exact = |text| Moment::parse(text, &seen).unwrap().exact_to_the_minute();
    assert_eq!(exact("17:51"), Some(utc("2026-02-26T16:51:00Z")));
    assert_eq!(exact("2026-02-26T12:00:07Z"), Some(utc("2026-02-26T12:00:07Z")));
    assert_eq!((exact("3m"), exact("Yesterday")), (None, None));
}

#[test]
fn between_two_reads_is_as_exact_as_the_reads_are_close() {
    let later = utc("2026-02-26T12:00:00Z");
    let within = |minutes| Moment::between(Some(later - TimeDelta::minutes(minutes)), later).precision;
    assert_eq!(within(60), Precision::Hour);
    assert_eq!(within(61), Precision::Day);
    assert_eq!(Moment::between(None, later).precision, Precision::Vague);
    let backwards = Moment::between(Some(later + TimeDelta::hours(1)), later);
    assert_eq!((backwards.earliest, backwards.latest), (None, Some(later)));
}

#[test]
fn the_words_in_files_stay_what_they_are() {
    let moment = Moment::parse("2026-02-26T12:00:00Z", &utc("2026-02-26T13:00:00Z")).unwrap();
    let json = serde_json::to_string(&moment).unwrap();
    assert_eq!(
        json,
        r#"{"text":"2026-02-26T12:00:00Z","earliest":"2026-02-26T12:00:00Z","latest":"2026-02-26T12:00:00Z","precision":"exact"}"#
    );
    assert_eq!(serde_json::from_str::<Moment>(&json).unwrap(), moment);
}

const ZONES: [Tz; 8] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::America__Sao_Paulo,
    Tz::Asia__Kolkata,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Apia,
    Tz::America__St_Johns,
];

/// Everything that some platform would show for an event, seen later.
fn renderings(event: &DateTime<Tz>, seen: &DateTime<Tz>) -> Vec<String> {
    let age = *seen - event;
    let (on, today): (NaiveDate, NaiveDate) = (event.date_naive(), seen.date_naive());
    let days = (today - on).num_days();
    let mut texts = vec![
        event.to_rfc3339(),
        event.with_timezone(&Utc).to_rfc3339(),
        event.timestamp_millis().to_string(),
        event.format("%b %-d, %Y").to_string(),
        event.format("%-d %B %Y").to_string(),
        event.format("%-m/%-d/%Y").to_string(),
        event.format("%-d/%-m/%Y").to_string(),
        event.format("%-d.%-m.%Y").to_string(),
        event.format("%Y-%m-%d").to_string(),
        event.format("%b %-d, %Y, %-I:%M %p").to_string(),
    ];
    match days {
        0 => texts.extend(
            ["%H:%M", "%-I:%M %p", "Today", "Today at %H:%M"].map(|form| event.format(form).to_string()),
        ),
        1 => texts.extend(["Yesterday", "Yesterday %H:%M"].map(|form| event.format(form).to_string())),
        _ => {}
    }
    // Some show the time of day for a whole day.
    if days == 1
        && age < TimeDelta::hours(23)
        && event.format("%H:%M").to_string() > seen.format("%H:%M").to_string()
    {
        texts.push(event.format("%H:%M").to_string());
    }
    if (1..=7).contains(&days) {
        texts.extend(["%A", "%a"].map(|form| event.format(form).to_string()));
    }
    // Without a year where it is this one, or the last twelve months.
    if days > 0 && (on.year() == today.year() || days < 365) {
        texts.extend(["%-m/%-d", "%-d/%-m", "%b %-d", "%-d %b"].map(|form| event.format(form).to_string()));
    }
    texts.extend(match age.num_seconds() {
        seconds if seconds < 60 => vec!["now".to_owned(), "just now".to_owned()],
        seconds if seconds < 3_600 => vec![format!("{}m", seconds / 60), format!("{} min", seconds / 60)],
        seconds if seconds < 86_400 => {
            vec![format!("{}h", seconds / 3_600), format!("{} hours ago", seconds / 3_600)]
        }
        seconds => vec![format!("{}w", seconds / 604_800), format!("{}d", seconds / 86_400)],
    });
    if days > 0 {
        texts.push(format!("{days}d"));
    }
    texts
}

prop_compose! {
    /// An event after 2010, and two later moments of observation, near and far.
    fn seen_twice()(
        zone in prop::sample::select(ZONES.to_vec()),
        event in 1_262_304_000_000_i64..2_000_000_000_000,
        ages in (age(), age()),
    ) -> (DateTime<Tz>, DateTime<Tz>, DateTime<Tz>) {
        let event = DateTime::from_timestamp_millis(event).unwrap().with_timezone(&zone);
        let (first, second) = (ages.0.min(ages.1), ages.0.max(ages.1));
        (event, event + first, event + second)
    }
}

fn age() -> impl Strategy<Value = TimeDelta> {
    let hour = 3_600_000_i64;
    prop_oneof![0..hour, 0..26 * hour, 0..10 * 24 * hour, 0..900 * 24 * hour]
        .prop_map(TimeDelta::milliseconds)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_shown_of_an_event_always_means_an_interval_that_holds_it((event, seen, _) in seen_twice()) {
        for text in renderings(&event, &seen) {
            let moment = Moment::parse(&text, &seen);
            let Some(Moment { earliest: Some(earliest), latest: Some(latest), .. }) = moment else {
                return Err(TestCaseError::fail(format!("{text} seen at {seen} says nothing")));
            };
            prop_assert!(earliest <= event && event <= latest, "{text} seen at {seen}: {earliest} to {latest}, not {event}");
            prop_assert!(latest <= seen, "{text} seen at {seen} ends at {latest}");
        }
    }

    #[test]
    fn a_day_that_passes_is_no_news((event, first, second) in seen_twice()) {
        for before in renderings(&event, &first) {
            for after in renderings(&event, &second) {
                let (before, after) = (Moment::parse(&before, &first).unwrap(), Moment::parse(&after, &second).unwrap());
                prop_assert!(!after.is_after(&before), "{after:?} after {before:?}");
            }
        }
    }

    #[test]
    fn no_text_panics_or_lies_in_the_future(text in "\\PC{0,20}", zone in prop::sample::select(ZONES.to_vec()), seen in 0_i64..4_000_000_000) {
        let seen = DateTime::from_timestamp(seen, 0).unwrap().with_timezone(&zone);
        if let Some(moment) = Moment::parse(&text, &seen) {
            prop_assert!(moment.earliest <= moment.latest);
            prop_assert!(moment.latest.unwrap() <= seen.with_timezone(&Utc) + stamp::SKEW);
        }
    }

    #[test]
    fn numbers_and_words_in_any_order_never_panic(
        text in "[0-9]{0,5}[ :/.,-]?[0-9]{0,5}[ :/.,-]?(am|pm|Feb|Monday|yesterday|d|w|T|Z|ago)?[0-9]{0,4}",
        zone in prop::sample::select(ZONES.to_vec()), seen in 0_i64..4_000_000_000,
    ) {
        let seen = DateTime::from_timestamp(seen, 0).unwrap().with_timezone(&zone);
        if let Some(moment) = Moment::parse(&text, &seen) {
            prop_assert!(moment.earliest <= moment.latest);
            prop_assert!(moment.latest.unwrap() <= seen.with_timezone(&Utc) + stamp::SKEW);
        }
    }
}
