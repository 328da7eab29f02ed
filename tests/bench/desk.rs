//! A data directory whose settings point at some services.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crm_sync_domain::Platform;
use crm_sync_engine::Engine;
use crm_sync_engine::clock::SystemClock;
use crm_sync_engine::data_dir::DataDir;
use crm_sync_engine::sync::{self, RunDocument, SyncRequest, Trigger};
use serde_json::{Map, json};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub(crate) struct Desk {
    directory: TempDir,
}

impl Desk {
    pub(crate) fn new(base_urls: &[(Platform, String)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let services: Map<_, _> =
            base_urls.iter().map(|(p, url)| (p.as_str().to_owned(), json!({ "baseUrl": url }))).collect();
        let settings = json!({ "services": services, "sync": { "tiktokMaxScrolls": 10_000 } });
        let desk = Self { directory };
        std::fs::write(desk.data_dir().settings_path(), settings.to_string()).unwrap();
        desk
    }

    pub(crate) fn data_dir(&self) -> DataDir {
        DataDir::at(&self.directory.path().join("data")).unwrap()
    }

    pub(crate) async fn engine(&self) -> Engine {
        Engine::open(self.data_dir(), Arc::new(SystemClock)).await.unwrap()
    }

    /// Syncs as a new process would, and says how long that took.
    pub(crate) async fn sync(&self) -> (RunDocument, Duration) {
        let began = Instant::now();
        let engine = self.engine().await;
        let (events, mut watched) = mpsc::unbounded_channel();
        let watching = tokio::spawn(async move { while watched.recv().await.is_some() {} });
        let document =
            sync::run(&engine, SyncRequest::new(Trigger::CommandLine), events, CancellationToken::new())
                .await
                .unwrap();
        watching.await.unwrap();
        engine.close().await;
        (document, began.elapsed())
    }
}
