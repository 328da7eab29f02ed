//! The sync: reads the inboxes of the platforms side by side into the cache.
//!
//! The decisions are the domain's (`identity`, `plan`, `evidence`, `merge`); what stands here carries them out:
//! `ready` → `list` → store → plan → `read` → commit, one platform in `platform`, all of them side by side in [`run`].
//!
//! What always holds:
//! - The contacts of a listing are stored before the first open; every thread is one transaction. So whatever ends a
//!   run loses at most the thread in flight.
//! - One platform's failure is its own: the others go on.
//! - A cancel drops the call in flight and ends the run within a second.

mod browse;
mod confirm;
mod context;
mod events;
mod halt;
mod inbox;
mod list;
mod platform;
mod read;
mod ready;
mod report;
mod scores;
mod tab;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crm_sync_domain::plan::Mode;
use crm_sync_domain::{Platform, Reason};
use crm_sync_store::{RunId, RunStart};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use events::{SyncEvent, SyncStage, ThreadOutcome};
pub use report::{PlatformOutcome, PlatformReport, RunDocument, RunOutcome, SinkReport, UnreadableThread};

use crate::settings::Concurrency;
use crate::{ApiError, Engine, export};
use context::PlatformSync;

/// What started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// `crm-sync sync`.
    CommandLine,
    /// A person, in the app.
    Hand,
    /// The schedule.
    Schedule,
    /// The app's start.
    Start,
}

impl Trigger {
    /// The word in the run's record.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CommandLine => "command_line",
            Self::Hand => "hand",
            Self::Schedule => "schedule",
            Self::Start => "start",
        }
    }
}

/// What to sync, and how.
#[derive(Debug, Clone)]
pub struct SyncRequest {
    /// These platforms; none means all that are enabled.
    pub platforms: Vec<Platform>,
    /// What to read.
    pub mode: Mode,
    /// Leave unread threads unopened; `None` is as the settings say.
    pub leave_unread: Option<bool>,
    /// Messages asked for per thread; `None` is as the settings say.
    pub message_limit: Option<u32>,
    /// Let the services recalculate their scores first.
    pub rescore: bool,
    /// What started the run.
    pub trigger: Trigger,
    /// The file to write; `None` is as the settings say.
    pub output: Option<PathBuf>,
}

impl SyncRequest {
    /// Syncs what changed on all enabled platforms, as the settings say.
    pub const fn new(trigger: Trigger) -> Self {
        Self {
            platforms: Vec::new(),
            mode: Mode::Changed,
            leave_unread: None,
            message_limit: None,
            rescore: false,
            trigger,
            output: None,
        }
    }
}

/// Syncs. The caller holds the lock of the data directory ([`crate::lock::SyncLock`]).
///
/// Errors: the cache can't be written, or the output file can't. Everything that goes wrong with a platform is in the
/// document instead.
pub async fn run(
    engine: &Engine,
    request: SyncRequest,
    events: UnboundedSender<SyncEvent>,
    cancel: CancellationToken,
) -> Result<RunDocument, ApiError> {
    let started_at = engine.clock().now();
    let run_id = RunId(uuid::Uuid::now_v7().to_string());
    let start = RunStart {
        id: run_id.clone(),
        trigger: request.trigger.as_str().to_owned(),
        started_at,
        pid: std::process::id(),
        kind: "sync".to_owned(),
    };
    engine.store().start_run(&start).await?;
    let (reading, mut reports) = chosen(engine, &request.platforms);
    // Nobody watching is no error.
    drop(events.send(SyncEvent::Started { run_id: run_id.0.clone(), platforms: reading.clone() }));
    let sequential = engine.settings().sync.concurrency == Concurrency::Sequential;
    let mut tasks = JoinSet::new();
    for platform in reading {
        tasks.spawn(one_platform(
            engine.clone(),
            platform,
            request.clone(),
            run_id.clone(),
            events.clone(),
            cancel.clone(),
        ));
        if sequential {
            collect(&mut tasks, &mut reports).await;
        }
    }
    collect(&mut tasks, &mut reports).await;
    let cancelled = cancel.is_cancelled();
    let mut document = RunDocument {
        run_id: run_id.0.clone(),
        started_at,
        finished_at: engine.clock().now(),
        outcome: RunDocument::outcome_of(&reports, cancelled),
        platforms: reports,
        sinks: BTreeMap::new(),
        output: None,
    };
    document.output = output_of(engine, &request, &document);
    finish(engine, &run_id, &document).await?;
    if let Some(path) = &document.output {
        // After the run is recorded: the file says when the last finished run ended.
        let written = export::write_file(
            engine,
            export::Options { format: export::Format::Json, messages: true },
            path,
        )
        .await;
        if let Err(error) = written {
            document.output = None;
            finish(engine, &run_id, &document).await?;
            return Err(error);
        }
    }
    Ok(document)
}

/// The platforms to read, and a report for each that is asked for but switched off.
fn chosen(engine: &Engine, asked: &[Platform]) -> (Vec<Platform>, BTreeMap<Platform, PlatformReport>) {
    let (on, off): (Vec<Platform>, Vec<Platform>) = Platform::ALL
        .into_iter()
        .filter(|platform| asked.is_empty() || asked.contains(platform))
        .partition(|platform| engine.settings().service(*platform).enabled);
    let skipped = off.into_iter().map(|platform| {
        let mut report = PlatformReport::new(PlatformOutcome::Skipped);
        report.reason = Some(Reason::Disabled);
        report.fix = Some(Reason::Disabled.fix(platform));
        (platform, report)
    });
    (on, skipped.collect())
}

async fn one_platform(
    engine: Engine,
    platform: Platform,
    request: SyncRequest,
    run: RunId,
    events: UnboundedSender<SyncEvent>,
    cancel: CancellationToken,
) -> (Platform, PlatformReport) {
    let prepared = async {
        let state = engine.store().platform_state(platform).await?;
        Ok::<_, ApiError>((engine.service(platform)?, state))
    };
    let (report, state) = match prepared.await {
        Ok((service, state)) => {
            let mut sync =
                PlatformSync::new(engine.clone(), service, request, run, events.clone(), cancel, state);
            let halted = sync.run().await.err();
            sync.finish(halted.as_ref())
        }
        Err(error) => {
            let mut report = PlatformReport::new(PlatformOutcome::Failed);
            report.reason = Some(Reason::CacheUnwritable);
            report.fix = error.fix.map(|fix| fix.sentence);
            report.detail = Some(error.message);
            return (platform, report);
        }
    };
    if let Err(error) = engine.store().save_platform_state(platform, &state).await {
        tracing::error!(%platform, %error, "the platform's state was not saved");
    }
    drop(events.send(SyncEvent::Finished { platform, report: Box::new(report.clone()) }));
    (platform, report)
}

async fn collect(
    tasks: &mut JoinSet<(Platform, PlatformReport)>,
    reports: &mut BTreeMap<Platform, PlatformReport>,
) {
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok((platform, report)) => {
                reports.insert(platform, report);
            }
            // A defect of ours on one platform must not take the others with it.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// The file to write, if one is wanted and the run did anything.
fn output_of(engine: &Engine, request: &SyncRequest, document: &RunDocument) -> Option<PathBuf> {
    let in_settings = engine.settings().output.file.as_deref();
    let wanted = request.output.clone().or_else(|| Some(engine.data_dir().resolve_path(in_settings?)));
    wanted.filter(|_| document.platforms.values().any(|report| report.listed))
}

async fn finish(engine: &Engine, run: &RunId, document: &RunDocument) -> Result<(), ApiError> {
    let json = serde_json::to_value(document)
        .map_err(|error| ApiError::new(crate::Code::CacheUnusable, format!("the run's record: {error}")))?;
    engine.store().finish_run(run, document.finished_at, document.outcome.as_str(), &json).await?;
    Ok(())
}
