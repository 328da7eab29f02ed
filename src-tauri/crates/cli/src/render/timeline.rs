//! A conversation as one reads it: by day, who said what, and where something may be missing.

use chrono::TimeZone;
use crm_sync_domain::{Contact, Direction, Moment, Precision, StoredMessage};
use crm_sync_engine::contacts::MessageHit;
use serde::Serialize;
use serde_json::{Value, json};

use super::Lines;
use crate::out::Out;
use crate::style::Style;
use crate::table::{self, Column};
use crate::{text, when};

const GAP: &str = "⋯ messages may be missing here ⋯";

/// The thread, oldest message first.
pub fn thread<Z: TimeZone>(contact: &Contact, messages: &[StoredMessage], zone: &Z, style: Style) -> String
where
    Z::Offset: std::fmt::Display,
{
    let mut out = Lines::default();
    out.line(style.bold(&format!("{} · {}", text::one_line(contact.shown_name()), contact.platform.title())));
    if messages.is_empty() {
        out.line(nothing(contact));
        return out.done();
    }
    let mut day = String::new();
    for message in messages {
        if message.gap_before {
            out.line(format!("    {}", style.warn(GAP)));
        }
        let (of_day, at) = day_and_time(message, zone);
        if !of_day.is_empty() && of_day != day {
            out.line(style.dim(&of_day));
            day = of_day;
        }
        entry(&mut out, contact, message, &at, style);
    }
    out.done()
}

fn nothing(contact: &Contact) -> String {
    contact.unreadable.as_ref().map_or_else(
        || "No messages read yet.".to_owned(),
        |unreadable| {
            format!("No messages: {}. {}", unreadable.reason, unreadable.reason.fix(contact.platform))
        },
    )
}

/// The day, and the time of the day where that is known.
fn day_and_time<Z: TimeZone>(message: &StoredMessage, zone: &Z) -> (String, String)
where
    Z::Offset: std::fmt::Display,
{
    let Some(sent) = &message.sent else { return Default::default() };
    let Some(latest) = &sent.latest else { return (String::new(), when::moment(Some(sent), zone)) };
    let local = latest.with_timezone(zone);
    match sent.precision {
        Precision::Exact | Precision::Minute => {
            (local.format("%Y-%m-%d").to_string(), local.format("%H:%M").to_string())
        }
        Precision::Hour => (local.format("%Y-%m-%d").to_string(), local.format("≈%H:%M").to_string()),
        Precision::Day | Precision::Week | Precision::Vague => {
            (local.format("≈%Y-%m-%d").to_string(), String::new())
        }
    }
}

fn entry(out: &mut Lines, contact: &Contact, message: &StoredMessage, at: &str, style: Style) {
    let who = match message.message.direction {
        Some(Direction::Outbound) => style.dim("you"),
        Some(Direction::Inbound) => {
            let name = message.message.sender.as_deref().unwrap_or_else(|| contact.shown_name());
            style.good(&text::cut(&text::one_line(name), 24))
        }
        None => style.dim("?"),
    };
    let mut lines = text::lines(&message.message.text).into_iter();
    let first = lines.next().unwrap_or_default();
    out.line(format!("  {} {who}: {first}", text::pad(at, 6)));
    for line in lines {
        out.line(format!("         {line}"));
    }
}

const HITS: [Column; 5] = [
    Column::fixed("platform"),
    Column::text("name", 12),
    Column::fixed("sent"),
    Column::fixed("by"),
    Column::text("message", 20),
];

/// The messages that a search found.
pub fn hits<Z: TimeZone>(hits: &[MessageHit], zone: &Z, out: &Out) -> String
where
    Z::Offset: std::fmt::Display,
{
    if hits.is_empty() {
        return "No message holds these words.\n".to_owned();
    }
    let rows: Vec<Vec<String>> = hits
        .iter()
        .map(|hit| {
            let by = match hit.message.message.direction {
                Some(Direction::Inbound) => "them",
                Some(Direction::Outbound) => "you",
                None => "?",
            };
            vec![
                hit.contact.platform.to_string(),
                text::one_line(hit.contact.display_name.as_deref().unwrap_or(&hit.contact.username)),
                when::moment(hit.message.sent.as_ref(), zone),
                by.to_owned(),
                text::one_line(&hit.message.message.text),
            ]
        })
        .collect();
    table::render(&HITS, &rows, out.room, out.style)
}

/// A message as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageDocument<'a> {
    id: Option<&'a str>,
    sender: Option<&'a str>,
    text: &'a str,
    is_outbound: Option<bool>,
    sent: Option<&'a Moment>,
    gap_before: bool,
}

impl<'a> MessageDocument<'a> {
    /// Of a cached message.
    pub fn of(stored: &'a StoredMessage) -> Self {
        let message = &stored.message;
        Self {
            id: message.id.as_deref(),
            sender: message.sender.as_deref(),
            text: &message.text,
            is_outbound: message.direction.map(|direction| direction == Direction::Outbound),
            sent: stored.sent.as_ref(),
            gap_before: stored.gap_before,
        }
    }
}

/// A hit as JSON.
pub fn hit_document(hit: &MessageHit) -> Value {
    json!({
        "platform": hit.contact.platform,
        "username": hit.contact.username,
        "displayName": hit.contact.display_name.as_ref().unwrap_or(&hit.contact.username),
        "message": MessageDocument::of(&hit.message),
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use crm_sync_domain::{Moment, ReadMessage};

    use super::*;
    use crate::render::contacts::tests::contact;

    fn message(
        direction: Direction,
        text: &str,
        sent: Option<(&str, Precision)>,
        gap_before: bool,
    ) -> StoredMessage {
        let sent = sent.map(|(at, precision)| {
            let at: DateTime<Utc> = at.parse().unwrap();
            Moment { text: None, earliest: Some(at), latest: Some(at), precision }
        });
        let message = ReadMessage {
            id: None,
            sender: None,
            text: text.to_owned(),
            direction: Some(direction),
            time_text: None,
        };
        StoredMessage { row_id: 1, message, sent, gap_before }
    }

    #[test]
    fn a_thread_reads_like_one_and_shows_where_something_may_be_missing() {
        let messages = [
            message(
                Direction::Outbound,
                "Hello\nthere",
                Some(("2026-02-25T09:05:00Z", Precision::Exact)),
                false,
            ),
            message(
                Direction::Inbound,
                "hi \u{202e}evil",
                Some(("2026-02-26T10:00:00Z", Precision::Day)),
                true,
            ),
            message(Direction::Inbound, "still here?", None, false),
        ];
        assert_eq!(
            thread(&contact(), &messages, &Utc, Style::PLAIN),
            "Sarah E. Ashley · Instagram\n\
             2026-02-25\n  09:05  you: Hello\n         there\n    \
             ⋯ messages may be missing here ⋯\n\
             ≈2026-02-26\n         Sarah E. Ashley: hi \u{fffd}evil\n         Sarah E. Ashley: still here?\n"
        );
    }

    #[test]
    fn an_unread_thread_says_so() {
        assert!(thread(&contact(), &[], &Utc, Style::PLAIN).ends_with("No messages read yet.\n"));
    }
}
