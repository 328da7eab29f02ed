//! Contacts as rows of a CSV file.

use std::borrow::Cow;
use std::io::{self, Write};

use super::PayloadContact;

const COLUMNS: [&str; 13] = [
    "platform",
    "username",
    "displayName",
    "lastMessage",
    "lastMessageAt",
    "unread",
    "messageCount",
    "engagementScore",
    "stage",
    "messagesSent",
    "repliesReceived",
    "lastContactedAt",
    "syncedAt",
];

/// The last column, where bodies were asked for: the messages as a JSON list, so that a row stays a contact.
const MESSAGES: &str = "messages";

pub(super) fn header(to: &mut impl Write, with_bodies: bool) -> io::Result<()> {
    write_row(to, COLUMNS.into_iter().chain(with_bodies.then_some(MESSAGES)).map(Cow::Borrowed))
}

pub(super) fn contact(to: &mut impl Write, contact: &PayloadContact) -> io::Result<()> {
    let messages = contact.messages.as_ref().map(serde_json::to_string).transpose()?;
    let cells = [
        contact.platform.as_str().into(),
        cell(&contact.username),
        cell(&contact.display_name),
        given(contact.last_message.as_deref()),
        given(contact.last_message_at.as_deref()),
        number(contact.unread),
        number(Some(contact.message_count)),
        number(contact.engagement_score),
        given(contact.stage.as_deref()),
        number(contact.messages_sent),
        number(contact.replies_received),
        given(contact.last_contacted_at.as_deref()),
        cell(&contact.synced_at),
    ];
    // A JSON list begins with a bracket: it is no formula.
    write_row(to, cells.into_iter().chain(messages.map(Cow::Owned)))
}

fn given(text: Option<&str>) -> Cow<'_, str> {
    text.map_or(Cow::Borrowed(""), cell)
}

fn number<'a>(value: Option<impl std::fmt::Display>) -> Cow<'a, str> {
    value.map_or(Cow::Borrowed(""), |value| value.to_string().into())
}

/// A text as a cell that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it,
/// which spreadsheets read as "this is text". Source: OWASP, CSV injection.
pub(super) fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        return Cow::Owned(format!("'{text}"));
    }
    Cow::Borrowed(text)
}

fn write_row<'a>(to: &mut impl Write, cells: impl Iterator<Item = Cow<'a, str>>) -> io::Result<()> {
    // One writer per row: it holds no state between rows, and the target stays the caller's.
    let mut row = csv::WriterBuilder::new().from_writer(Vec::new());
    row.write_record(cells.map(Cow::into_owned))?;
    let row = row.into_inner().map_err(csv::IntoInnerError::into_error)?;
    to.write_all(&row)
}
