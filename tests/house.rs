//! One data directory, one engine and one simulated world.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crm_sync_domain::Platform;
use crm_sync_engine::Engine;
use crm_sync_engine::clock::{FixedClock, Zone};
use crm_sync_engine::data_dir::DataDir;
use crm_sync_engine::sync::{self, PlatformReport, RunDocument, SyncEvent, SyncRequest, Trigger};
use crm_sync_simulator::{Clock, Scenario, Simulator, World, base_time};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::Verdict;

/// A data directory whose settings point at a simulated world. Time stands still unless it is moved, for the engine
/// and the simulator alike.
pub struct House {
    /// The servers.
    pub simulator: Simulator,
    /// The engine's clock; move both with [`House::later`].
    pub clock: Arc<FixedClock>,
    settings: Value,
    directory: TempDir,
}

/// The outcome of one sync.
pub struct Sync {
    /// The record.
    pub document: RunDocument,
    /// Everything it told.
    pub events: Vec<SyncEvent>,
}

impl Sync {
    /// The platforms' reports in a few lines, for a failed test's output.
    pub fn summary(&self) -> String {
        let platforms = self.document.platforms.iter().map(|(platform, report)| {
            let PlatformReport { outcome, reason, detail, conversations, opened, unchanged, .. } = report;
            let threads = report.unreadable_threads.iter().map(|t| format!("\n    {} {}", t.username, t.reason));
            format!(
                "{platform}: {outcome:?} {reason:?} {detail:?} {conversations} conversations, {opened} opened, \
                 {unchanged} unchanged, {} new messages, {} requests, {} ms{}",
                report.new_messages,
                report.requests,
                report.duration_ms,
                threads.collect::<String>()
            )
        });
        let lines: Vec<String> = platforms.collect();
        format!("{:?}\n{}", self.document.outcome, lines.join("\n"))
    }

    /// One platform's report.
    pub fn of(&self, platform: Platform) -> &PlatformReport {
        &self.document.platforms[&platform]
    }
}

impl House {
    /// Starts the world and writes the settings.
    pub async fn new(world: World, scenario: Scenario) -> Self {
        let now = base_time();
        let clock = Arc::new(FixedClock::at(now.to_utc()).in_zone(Zone::Fixed(*now.offset())));
        let simulator = Simulator::start(world, scenario.clock(Clock::fixed(now))).await.unwrap();
        let services: serde_json::Map<String, Value> = Platform::ALL
            .into_iter()
            .map(|platform| {
                (platform.as_str().to_owned(), json!({ "baseUrl": simulator.base_url(platform) }))
            })
            .collect();
        let house = Self {
            simulator,
            clock,
            settings: json!({ "version": 1, "services": services, "sync": { "settleTimeoutMs": 4000 } }),
            directory: tempfile::tempdir().unwrap(),
        };
        house.write_settings();
        house
    }

    /// Changes a setting, named by its path.
    #[must_use]
    pub fn with(mut self, path: &[&str], value: Value) -> Self {
        self.set(path, value);
        self
    }

    /// Changes a setting, named by its path.
    pub fn set(&mut self, path: &[&str], value: Value) {
        let mut place = &mut self.settings;
        for key in path {
            place = &mut place[*key];
        }
        *place = value;
        self.write_settings();
    }

    fn write_settings(&self) {
        std::fs::write(self.data_dir().settings_path(), self.settings.to_string()).unwrap();
    }

    /// The data directory.
    pub fn data_dir(&self) -> DataDir {
        DataDir::at(&self.directory.path().join("data")).unwrap()
    }

    /// An engine on the data directory, as a new process would open it.
    pub async fn engine(&self) -> Engine {
        Engine::open(self.data_dir(), self.clock.clone()).await.unwrap()
    }

    /// Syncs what changed.
    pub async fn sync(&self) -> Sync {
        self.sync_with(|_| {}).await
    }

    /// Syncs with another request.
    pub async fn sync_with(&self, change: impl FnOnce(&mut SyncRequest)) -> Sync {
        self.sync_until(change, CancellationToken::new()).await
    }

    /// Syncs until it is done or cancelled.
    pub async fn sync_until(&self, change: impl FnOnce(&mut SyncRequest), cancel: CancellationToken) -> Sync {
        let engine = self.engine().await;
        let mut request = SyncRequest::new(Trigger::CommandLine);
        change(&mut request);
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let document = sync::run(&engine, request, sender, cancel).await.unwrap();
        let mut events = Vec::new();
        while let Ok(event) = receiver.try_recv() {
            events.push(event);
        }
        engine.close().await;
        Sync { document, events }
    }

    /// Compares what is stored with what is true.
    pub async fn verdict(&self, platform: Platform) -> Verdict {
        let engine = self.engine().await;
        let verdict = Verdict::of(&engine, &self.simulator, platform, 50).await;
        engine.close().await;
        verdict
    }

    /// What is cached of a platform: every contact with its texts, oldest first.
    pub async fn snapshot(&self, platform: Platform) -> BTreeMap<String, Vec<String>> {
        let engine = self.engine().await;
        let mut snapshot = BTreeMap::new();
        for contact in engine.store().contacts(platform).await.unwrap() {
            let thread = engine.store().thread(contact.id).await.unwrap();
            snapshot.insert(contact.username, thread.into_iter().map(|m| m.message.text).collect());
        }
        engine.close().await;
        snapshot
    }

    /// Time passes for everybody.
    pub fn later(&self, by: Duration) {
        self.clock.advance(chrono::Duration::from_std(by).unwrap());
        self.simulator.advance_clock(by);
    }
}
