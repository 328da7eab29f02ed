//! Contacts as a table.

use chrono::{DateTime, TimeZone, Utc};
use crm_sync_domain::{Contact, Moment, Platform, Reason, StageSource};
use crm_sync_engine::contacts::ContactRow;
use serde::Serialize;

use super::{UNKNOWN, score};
use crate::style::Style;
use crate::table::{self, Column};
use crate::{text, when};

const COLUMNS: [Column; 8] = [
    Column::fixed("platform"),
    Column::text("name", 12),
    Column::fixed("stage"),
    Column::number("score"),
    Column::number("messages"),
    Column::fixed("last activity"),
    Column::fixed(""),
    Column::text("last message", 12),
];

/// The table; one line per contact.
pub fn table<Z: TimeZone>(contacts: &[ContactRow], zone: &Z, room: Option<usize>, style: Style) -> String
where
    Z::Offset: std::fmt::Display,
{
    let rows: Vec<Vec<String>> = contacts.iter().map(|found| row(found, zone)).collect();
    table::render(&COLUMNS, &rows, room, style)
}

fn row<Z: TimeZone>(found: &ContactRow, zone: &Z) -> Vec<String>
where
    Z::Offset: std::fmt::Display,
{
    let contact = &found.contact;
    vec![
        contact.platform.to_string(),
        name(contact),
        contact
            .stage()
            .map_or_else(|| UNKNOWN.to_owned(), |(stage, _)| text::cut(&text::one_line(stage), 16)),
        engagement(contact),
        if contact.read_at.is_some() { contact.message_count.to_string() } else { UNKNOWN.to_owned() },
        when::moment(found.last_activity.as_ref(), zone),
        marks(contact),
        found.last_message.as_deref().map(text::one_line).unwrap_or_default(),
    ]
}

fn name(contact: &Contact) -> String {
    let shown = text::one_line(contact.shown_name());
    let username = text::one_line(&contact.username);
    // The name that other commands take stands first, so that it is the last to be cut.
    if shown == username { username } else { format!("{username} ({shown})") }
}

/// The service's score; where it gives none, ours, marked.
fn engagement(contact: &Contact) -> String {
    match (contact.score, contact.local_score) {
        (None, Some(local)) => format!("~{}", score(Some(local))),
        (given, _) => score(given),
    }
}

fn marks(contact: &Contact) -> String {
    let unread = if contact.unread == Some(true) { "●" } else { " " };
    let trouble = if contact.ambiguous {
        "?"
    } else if contact.unreadable.is_some() {
        "!"
    } else {
        ""
    };
    format!("{unread}{trouble}").trim_end().to_owned()
}

/// What stands below the table: how many there are, and what the marks mean that stand in it.
pub fn below(rows: &[ContactRow], matching: usize) -> String {
    let any = |there: fn(&Contact) -> bool| rows.iter().any(|row| there(&row.contact));
    let of = if rows.len() < matching { format!(" of {matching}") } else { String::new() };
    let mut parts = vec![format!("{}{of} contact{}", rows.len(), if matching == 1 { "" } else { "s" })];
    let marks = [
        (any(|c| c.unread == Some(true)), "● unread"),
        (any(|c| c.unreadable.is_some() && !c.ambiguous), "! can't be read at present"),
        (any(|c| c.ambiguous), "? two people may stand behind this name"),
        (any(|c| c.score.is_none() && c.local_score.is_some()), "~ score worked out here"),
    ];
    parts.extend(marks.iter().filter(|(there, _)| *there).map(|(_, said)| (*said).to_owned()));
    parts.join(" · ")
}

/// A contact as JSON: what the table shows, and what it leaves out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document<'a> {
    platform: Platform,
    username: &'a str,
    display_name: &'a str,
    stage: Option<&'a str>,
    stage_source: Option<StageSource>,
    engagement_score: Option<f64>,
    local_score: Option<f64>,
    unread: Option<bool>,
    last_activity: Option<&'a Moment>,
    message_count: u32,
    messages_sent: Option<i64>,
    replies_received: Option<i64>,
    last_contacted: Option<&'a Moment>,
    ambiguous: bool,
    unreadable: Option<Reason>,
    read_at: Option<DateTime<Utc>>,
    synced_at: DateTime<Utc>,
}

impl<'a> Document<'a> {
    /// Of a contact by itself.
    pub fn of(contact: &'a Contact) -> Self {
        let stage = contact.stage();
        Self {
            platform: contact.platform,
            username: &contact.username,
            display_name: contact.shown_name(),
            stage: stage.map(|(stage, _)| stage),
            stage_source: stage.map(|(_, source)| source),
            engagement_score: contact.score,
            local_score: contact.local_score,
            unread: contact.unread,
            last_activity: contact.activity.as_ref(),
            message_count: contact.message_count,
            messages_sent: contact.messages_sent,
            replies_received: contact.replies_received,
            last_contacted: contact.last_contacted.as_ref(),
            ambiguous: contact.ambiguous,
            unreadable: contact.unreadable.as_ref().map(|unreadable| unreadable.reason),
            read_at: contact.read_at,
            synced_at: contact.listed_at,
        }
    }
}

/// A contact of a list as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowDocument<'a> {
    #[serde(flatten)]
    contact: Document<'a>,
    last_message: Option<&'a str>,
    awaiting_reply: Option<bool>,
}

impl<'a> RowDocument<'a> {
    /// Of a contact as found.
    pub fn of(row: &'a ContactRow) -> Self {
        Self {
            contact: Document { last_activity: row.last_activity.as_ref(), ..Document::of(&row.contact) },
            last_message: row.last_message.as_deref(),
            awaiting_reply: row.awaiting_reply,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::Utc;
    use crm_sync_domain::{ContactId, InboxTab, Moment, NameKey, Platform, Precision};

    use super::*;

    pub(crate) fn contact() -> Contact {
        let at = "2026-02-26T20:15:00Z".parse().unwrap();
        Contact {
            id: ContactId(1),
            platform: Platform::Instagram,
            key: NameKey::of("saraheashley").unwrap(),
            username: "saraheashley".to_owned(),
            open_name: "saraheashley".to_owned(),
            aliases: Vec::new(),
            display_name: Some("Sarah E. Ashley".to_owned()),
            thread_id: None,
            tab: InboxTab::Primary,
            position: 0,
            preview: Some("Thanks!\nSee you".to_owned()),
            preview_outbound: Some(true),
            unread: Some(true),
            activity: Some(Moment {
                text: None,
                earliest: None,
                latest: Some(at),
                precision: Precision::Day,
            }),
            ambiguous: false,
            listed_at: at,
            read_at: None,
            fingerprint: None,
            due: None,
            unreadable: None,
            service_stage: Some("warm".to_owned()),
            person_stage: None,
            score: None,
            raw_score: None,
            local_score: Some(4.25),
            messages_sent: None,
            replies_received: None,
            last_contacted: None,
            service_contact_id: None,
            message_count: 0,
        }
    }

    fn row_of(contact: Contact) -> ContactRow {
        ContactRow {
            last_activity: contact.activity.clone(),
            contact,
            last_message: Some("Thanks!\nSee you".to_owned()),
            awaiting_reply: Some(false),
        }
    }

    #[test]
    fn json_says_null_for_what_is_unknown() {
        let row = row_of(contact());
        let document = serde_json::to_value(RowDocument::of(&row)).unwrap();
        assert_eq!(document["engagementScore"], serde_json::Value::Null);
        assert_eq!(document["localScore"], 4.25);
        assert_eq!(document["stageSource"], "service");
        assert_eq!(document["lastMessage"], "Thanks!\nSee you");
    }

    #[test]
    fn a_contact_is_one_line_and_what_is_unknown_is_no_number() {
        assert_eq!(
            table(&[row_of(contact())], &Utc, None, Style::PLAIN),
            "platform   name                            stage  score  messages  last activity     last message\n\
             instagram  saraheashley (Sarah E. Ashley)  warm    ~4.2         –  ≈2026-02-26    ●  Thanks! See you\n"
        );
        assert_eq!(below(&[row_of(contact())], 3), "1 of 3 contacts · ● unread · ~ score worked out here");
    }

    #[test]
    fn a_narrow_terminal_still_shows_every_contact_on_one_line() {
        let mut odd = contact();
        odd.display_name = Some("👩‍👩‍👧 مرحبا \u{1b}[31m | Travel & Life | Ω".to_owned());
        let narrow = table(&[row_of(contact()), row_of(odd)], &Utc, Some(90), Style::PLAIN);
        assert_eq!(narrow.lines().count(), 3);
        assert!(narrow.lines().all(|line| text::width(line) <= 90), "{narrow}");
    }
}
