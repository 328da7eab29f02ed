//! A cache in a folder of its own, and short ways to say what was listed and read.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use crm_sync_domain::{
    Contact, ContactId, Direction, Fingerprint, InboxTab, Moment, NameKey, Platform, Precision, ReadMessage,
    StoredMessage,
};
use crm_sync_store::{RunId, SeenContact, Store, StoredListing, ThreadCommit};
use tempfile::TempDir;

/// An open cache; its folder goes with it.
pub(crate) struct Cache {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
}

impl Cache {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store =
            Store::open(&folder.path().join("cache.db"), &folder.path().join("backups")).await.unwrap();
        Self { folder, store }
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("cache.db")
    }

    /// Another process on the same file, as far as the database can tell.
    pub(crate) async fn another(&self) -> Store {
        Store::open(&self.database(), &self.folder.path().join("backups")).await.unwrap()
    }

    pub(crate) async fn contact(&self, name: &str) -> Contact {
        self.store.find_contact(Platform::Instagram, &key(name)).await.unwrap().unwrap()
    }

    /// Lists one contact and returns its id.
    pub(crate) async fn listed(&self, name: &str) -> ContactId {
        self.store.store_listing(&listing(0, vec![seen(name)])).await.unwrap();
        self.contact(name).await.id
    }
}

/// Minute `n` of a day.
pub(crate) fn minute(n: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_261_600 + n * 60, 0).unwrap()
}

pub(crate) fn moment(n: i64) -> Moment {
    Moment {
        text: Some(format!("{n}m")),
        earliest: Some(minute(n)),
        latest: Some(minute(n + 1)),
        precision: Precision::Minute,
    }
}

pub(crate) fn key(name: &str) -> NameKey {
    NameKey::of(name).unwrap()
}

pub(crate) fn run(n: i64) -> RunId {
    RunId(format!("run-{n}"))
}

/// A row of which the service said nothing but the name.
pub(crate) fn seen(name: &str) -> SeenContact {
    SeenContact {
        existing: None,
        key: key(name),
        username: name.to_owned(),
        open_name: name.to_owned(),
        new_alias: None,
        display_name: None,
        thread_id: None,
        tab: InboxTab::Primary,
        position: 0,
        preview: None,
        preview_outbound: None,
        unread: None,
        activity: None,
        ambiguous: false,
        due: None,
    }
}

/// A row of which the service said everything.
pub(crate) fn fully_seen(name: &str) -> SeenContact {
    SeenContact {
        display_name: Some(format!("{name} the Great")),
        thread_id: Some(format!("thread-of-{name}")),
        preview: Some("Shall we talk?".to_owned()),
        preview_outbound: Some(false),
        unread: Some(true),
        activity: Some(moment(3)),
        due: Some(crm_sync_domain::plan::OpenReason::NeverRead),
        ..seen(name)
    }
}

/// The listing of minute `n`.
pub(crate) fn listing(n: i64, seen: Vec<SeenContact>) -> StoredListing {
    StoredListing { run: run(n), platform: Platform::Instagram, at: minute(n), seen }
}

pub(crate) fn read_message(text: &str) -> ReadMessage {
    ReadMessage { id: None, sender: None, text: text.to_owned(), direction: None, time_text: None }
}

/// A message that is not cached yet.
pub(crate) fn new_message(text: &str) -> StoredMessage {
    StoredMessage { row_id: 0, message: read_message(text), sent: None, gap_before: false }
}

/// A message of which everything is known.
pub(crate) fn full_message(id: &str, text: &str) -> StoredMessage {
    StoredMessage {
        row_id: 0,
        message: ReadMessage {
            id: Some(id.to_owned()),
            sender: Some("sarah".to_owned()),
            text: text.to_owned(),
            direction: Some(Direction::Inbound),
            time_text: Some("17:51".to_owned()),
        },
        sent: Some(moment(7)),
        gap_before: false,
    }
}

/// A proved read of minute `n`, with nothing known beside the messages.
pub(crate) fn commit(n: i64, contact: ContactId, thread: Vec<StoredMessage>) -> ThreadCommit {
    ThreadCommit {
        run: run(n),
        contact,
        at: minute(n),
        thread,
        fingerprint: Fingerprint::default(),
        thread_id: None,
        local_score: None,
    }
}

pub(crate) fn texts(thread: &[StoredMessage]) -> Vec<&str> {
    thread.iter().map(|message| message.message.text.as_str()).collect()
}
