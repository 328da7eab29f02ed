//! Times of day: "17:51", "5:51 PM".

use chrono::NaiveTime;

/// The time of day that a text (lower case, single spaces) ends in, and what stands before it.
///
/// "feb 22 at 5:51 pm" gives ("feb 22", 17:51), "17:51" gives ("", 17:51).
pub(super) fn split_off(text: &str) -> Option<(&str, NaiveTime)> {
    let (rest, half) = match text.strip_suffix('.').unwrap_or(text) {
        t if t.ends_with("am") || t.ends_with("a.m") => (trim_half(t, "am", "a.m"), Some(0)),
        t if t.ends_with("pm") || t.ends_with("p.m") => (trim_half(t, "pm", "p.m"), Some(12)),
        _ => (text, None),
    };
    let start = rest.rfind(|c: char| !(c.is_ascii_digit() || c == ':')).map_or(0, |at| {
        // The character before the digits may be longer than a byte.
        at + rest[at..].chars().next().map_or(1, char::len_utf8)
    });
    let (before, digits) = rest.split_at(start);
    let time = time_of_day(digits, half)?;
    let before = before.trim_end();
    let before = before.strip_suffix(" at").unwrap_or(before).trim_end_matches([',', ' ', '·']);
    Some((before, time))
}

fn trim_half<'a>(text: &'a str, plain: &str, dotted: &str) -> &'a str {
    text.strip_suffix(plain).or_else(|| text.strip_suffix(dotted)).unwrap_or(text).trim_end()
}

/// "17:51", "17:51:09", or with `half` (0 for AM, 12 for PM) "5:51" and "5".
fn time_of_day(digits: &str, half: Option<u32>) -> Option<NaiveTime> {
    let mut parts = digits.split(':');
    let hour = number(parts.next()?)?;
    let minute = match (parts.next(), half) {
        (Some(minute), _) if minute.len() == 2 => number(minute)?,
        (None, Some(_)) => 0,
        _ => return None,
    };
    let second = match parts.next() {
        Some(second) if second.len() == 2 => number(second)?,
        None => 0,
        Some(_) => return None,
    };
    let hour = match half {
        None => hour,
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
    };
    // Seconds are checked, then left out: a display text is a minute.
    NaiveTime::from_hms_opt(hour, minute, second).and(NaiveTime::from_hms_opt(hour, minute, 0))
}

fn number(digits: &str) -> Option<u32> {
    (1..=2).contains(&digits.len()).then(|| digits.parse().ok()).flatten()
}
