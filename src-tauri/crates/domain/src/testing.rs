//! Contacts, rows and messages for the rules' own tests.

use chrono::{DateTime, TimeDelta, Utc};

use crate::identity::SeenContact;
use crate::{
    Contact, ContactId, Direction, Fingerprint, InboxTab, ListedConversation, Listing, NameKey, Platform,
    ReadMessage, Shape, StoredMessage,
};

/// The moment of the tests: a Monday.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-03-02T18:30:00Z").unwrap().to_utc()
}

/// A contact that was listed and read an hour ago and shows the same since.
pub(crate) fn read_contact(id: i64, name: &str, preview: &str) -> Contact {
    Contact {
        id: ContactId(id),
        platform: Platform::Twitter,
        key: NameKey::of(name).unwrap(),
        username: name.to_owned(),
        open_name: name.to_owned(),
        aliases: Vec::new(),
        display_name: None,
        thread_id: None,
        tab: InboxTab::Inbox,
        position: u32::try_from(id).unwrap(),
        preview: Some(preview.to_owned()),
        preview_outbound: None,
        unread: Some(false),
        activity: None,
        ambiguous: false,
        listed_at: now() - TimeDelta::hours(1),
        read_at: Some(now() - TimeDelta::hours(1)),
        fingerprint: Some(Fingerprint { preview: Some(preview.to_owned()), activity: None }),
        due: None,
        unreadable: None,
        service_stage: None,
        person_stage: None,
        score: None,
        raw_score: None,
        local_score: None,
        messages_sent: None,
        replies_received: None,
        last_contacted: None,
        service_contact_id: None,
        message_count: 1,
    }
}

/// A contact that was listed and never read.
pub(crate) fn new_contact(id: i64, name: &str, preview: &str) -> Contact {
    Contact { read_at: None, fingerprint: None, message_count: 0, ..read_contact(id, name, preview) }
}

/// What a listing says that shows the contact as it was.
pub(crate) fn seen(contact: &Contact) -> SeenContact {
    SeenContact {
        existing: Some(contact.id),
        key: contact.key.clone(),
        username: contact.username.clone(),
        open_name: contact.open_name.clone(),
        new_alias: None,
        display_name: contact.display_name.clone(),
        thread_id: contact.thread_id.clone(),
        tab: contact.tab,
        position: contact.position,
        preview: contact.preview.clone(),
        preview_outbound: contact.preview_outbound,
        unread: contact.unread,
        activity: contact.activity.clone(),
        ambiguous: contact.ambiguous,
        due: None,
    }
}

pub(crate) fn row(name: &str, tab: InboxTab, position: u32, preview: Option<&str>) -> ListedConversation {
    ListedConversation {
        name: name.to_owned(),
        display_name: None,
        preview: preview.map(str::to_owned),
        preview_outbound: None,
        time_text: None,
        unread: None,
        thread_id: None,
        tab,
        position,
    }
}

pub(crate) fn listing(platform: Platform, shape: Shape, rows: Vec<ListedConversation>) -> Listing {
    Listing { platform, shape, rows, skipped: 0 }
}

pub(crate) fn inbound(text: &str) -> ReadMessage {
    ReadMessage {
        id: None,
        sender: None,
        text: text.to_owned(),
        direction: Some(Direction::Inbound),
        time_text: None,
    }
}

pub(crate) fn outbound(text: &str) -> ReadMessage {
    ReadMessage { direction: Some(Direction::Outbound), ..inbound(text) }
}

pub(crate) fn stored(messages: &[ReadMessage]) -> Vec<StoredMessage> {
    let store = |(i, message): (usize, &ReadMessage)| StoredMessage {
        row_id: i64::try_from(i).unwrap() + 1,
        message: message.clone(),
        sent: None,
        gap_before: false,
    };
    messages.iter().enumerate().map(store).collect()
}
