//! A cache filled by hand, for tests of what is made of it.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::allow_attributes,
    clippy::unwrap_used,
    reason = "each test uses its part"
)]

use std::sync::Arc;

use chrono::{DateTime, Utc};
use crm_sync_domain::{
    ContactId, Direction, Fingerprint, InboxTab, Moment, NameKey, Platform, Precision, ReadMessage,
    StoredMessage,
};
use crm_sync_engine::Engine;
use crm_sync_engine::clock::FixedClock;
use crm_sync_engine::data_dir::DataDir;
use crm_sync_store::{RunId, RunStart, SeenContact, StoredListing, ThreadCommit};

/// An engine on a data directory of its own.
pub struct World {
    pub home: tempfile::TempDir,
    pub engine: Engine,
}

pub fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn exact(text: &str) -> Moment {
    let at = time(text);
    Moment { text: Some(text.to_owned()), earliest: Some(at), latest: Some(at), precision: Precision::Exact }
}

pub fn vague(text: &str) -> Moment {
    Moment {
        text: Some(text.to_owned()),
        earliest: None,
        latest: Some(time("2026-02-27T00:00:00Z")),
        precision: Precision::Day,
    }
}

pub fn message(direction: Direction, text: &str) -> StoredMessage {
    StoredMessage {
        row_id: 0,
        message: ReadMessage {
            id: None,
            sender: None,
            text: text.to_owned(),
            direction: Some(direction),
            time_text: None,
        },
        sent: None,
        gap_before: false,
    }
}

pub fn seen(name: &str) -> SeenContact {
    SeenContact {
        existing: None,
        key: NameKey::of(name).unwrap(),
        username: name.to_owned(),
        open_name: name.to_owned(),
        new_alias: None,
        display_name: None,
        thread_id: None,
        tab: InboxTab::Inbox,
        position: 0,
        preview: None,
        preview_outbound: None,
        unread: None,
        activity: None,
        ambiguous: false,
        due: None,
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with_settings("{}").await
    }

    pub async fn with_settings(settings: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let dir = DataDir::at(home.path()).unwrap();
        std::fs::write(dir.settings_path(), settings).unwrap();
        let clock = Arc::new(FixedClock::at(time("2026-02-27T12:00:00Z")));
        Self { engine: Engine::open(dir, clock).await.unwrap(), home }
    }

    pub async fn run(&self, id: &str, finished: Option<&str>) -> RunId {
        let run = RunId(id.to_owned());
        let start = RunStart {
            id: run.clone(),
            trigger: "hand".to_owned(),
            started_at: time("2026-02-26T20:30:00Z"),
            pid: 1,
            kind: "sync".to_owned(),
        };
        self.engine.store().start_run(&start).await.unwrap();
        if let Some(finished) = finished {
            let document = serde_json::json!({});
            self.engine.store().finish_run(&run, time(finished), "ok", &document).await.unwrap();
        }
        run
    }

    pub async fn list(&self, run: &RunId, platform: Platform, at: &str, seen: Vec<SeenContact>) {
        let listing = StoredListing { run: run.clone(), platform, at: time(at), seen };
        self.engine.store().store_listing(&listing).await.unwrap();
    }

    pub async fn read(
        &self,
        run: &RunId,
        platform: Platform,
        name: &str,
        at: &str,
        thread: Vec<StoredMessage>,
    ) {
        let commit = ThreadCommit {
            run: run.clone(),
            contact: self.id(platform, name).await,
            at: time(at),
            thread,
            fingerprint: Fingerprint::default(),
            thread_id: None,
            local_score: None,
        };
        self.engine.store().commit_thread(&commit).await.unwrap();
    }

    pub async fn id(&self, platform: Platform, name: &str) -> ContactId {
        let key = NameKey::of(name).unwrap();
        self.engine.store().find_contact(platform, &key).await.unwrap().unwrap().id
    }
}
