//! Days: "Yesterday", "Monday", "2/14", "1/3/2025", "Feb 22", "22 Feb 2025", "2025-02-22".

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// The days that a text (lower case, single spaces) can mean, seen on `today`: none, one, or two where day and month
/// are in doubt. Never a day in the future.
pub(super) fn days(text: &str, today: NaiveDate) -> Vec<NaiveDate> {
    if let Some(date) = relative(text, today) {
        return vec![date];
    }
    // "mon, feb 22" says the same as "feb 22".
    let text = text
        .split_once([' ', ','])
        .filter(|(first, _)| weekday(first).is_some())
        .map_or(text, |(_, rest)| rest.trim_start_matches([' ', ',']));
    let mut dates =
        named_month(text).or_else(|| numeric(text)).map_or_else(Vec::new, |dates| dates.on(today));
    dates.dedup();
    dates
}

/// "today", "yesterday", and the names of weekdays, which mean the last such day before today.
fn relative(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    match text {
        "today" => Some(today),
        "yesterday" => today.pred_opt(),
        _ => {
            let back = today.weekday().days_since(weekday(text)?);
            today.checked_sub_days(Days::new(if back == 0 { 7 } else { back.into() }))
        }
    }
}

/// A weekday by its full or short English name. chrono knows the full names and the first three letters.
fn weekday(word: &str) -> Option<Weekday> {
    match word {
        "tues" => Some(Weekday::Tue),
        "thur" | "thurs" => Some(Weekday::Thu),
        _ => word.parse().ok(),
    }
}

/// Readings of a date as (day, month), and its year where given.
struct Dates {
    readings: Vec<(u32, u32)>,
    year: Option<i32>,
}

impl Dates {
    fn on(self, today: NaiveDate) -> Vec<NaiveDate> {
        let Self { readings, year } = self;
        readings
            .into_iter()
            .filter_map(|(day, month)| match year {
                Some(year) => NaiveDate::from_ymd_opt(year, month, day).filter(|date| *date <= today),
                // Eight years back finds every 29 February, also across 2100.
                None => (0..=8)
                    .filter_map(|back| NaiveDate::from_ymd_opt(today.year() - back, month, day))
                    .find(|date| *date <= today),
            })
            .collect()
    }
}

/// "feb 22", "february 22, 2025", "22 feb", "22. feb. 2025".
fn named_month(text: &str) -> Option<Dates> {
    let words: Vec<&str> = text
        .split([' ', ','])
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| !word.is_empty())
        .collect();
    let (first, second, year) = match words.as_slice() {
        [first, second] => (first, second, None),
        [first, second, year] => (first, second, Some(full_year(year)?)),
        _ => return None,
    };
    let (day, month) = match (month(first), month(second)) {
        (Some(month), None) => (number(second)?, month),
        (None, Some(month)) => (number(first)?, month),
        _ => return None,
    };
    Some(Dates { readings: vec![(day, month)], year })
}

fn month(word: &str) -> Option<u32> {
    let word = if word == "sept" { "sep" } else { word };
    word.parse::<chrono::Month>().ok().map(|month| month.number_from_month())
}

/// "2/14", "14/2/2025", "14.2.", "14.2.2025", "2025-02-14", "2025/2/14".
fn numeric(text: &str) -> Option<Dates> {
    let separator = text.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let text = if separator == '.' { text.trim_end_matches('.') } else { text };
    let parts: Vec<&str> = text.split(separator).collect();
    let (a, b, year) = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => {
            return Some(Dates {
                readings: vec![(number(day)?, number(month)?)],
                year: Some(full_year(year)?),
            });
        }
        [a, b] if separator != '-' => (number(a)?, number(b)?, None),
        [a, b, year] if year.len() == 2 => (number(a)?, number(b)?, Some(2000 + year.parse::<i32>().ok()?)),
        [a, b, year] => (number(a)?, number(b)?, Some(full_year(year)?)),
        _ => return None,
    };
    // Dots are written day first everywhere; for the others the platforms follow the language of the page.
    let readings = if separator == '.' { vec![(a, b)] } else { vec![(b, a), (a, b)] };
    Some(Dates { readings, year })
}

fn full_year(text: &str) -> Option<i32> {
    (text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn number(text: &str) -> Option<u32> {
    ((1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}
