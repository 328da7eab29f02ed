//! What a sync did: the document that `sync --json` prints, `runs show` repeats and the cache keeps.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use crm_sync_domain::{Platform, Reason};
use serde::{Deserialize, Serialize};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// All that was asked for succeeded.
    Ok,
    /// Something failed, needs a person, or a thread that was due could not be read; what succeeded is saved.
    Partial,
    /// Nothing could be done.
    Failed,
    /// Stopped by a person or a program; what was read until then is saved.
    Cancelled,
}

impl RunOutcome {
    /// The word in documents and in the cache.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// How a platform's part of a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlatformOutcome {
    /// Listed, and read as planned.
    Ok,
    /// A person has to act before it can be read.
    NeedsAttention,
    /// The service does not answer.
    Unreachable,
    /// It answered, but not usably, or stopped doing so.
    Failed,
    /// Not asked for: switched off in the settings, or the run was cancelled before its turn.
    Skipped,
}

/// A thread that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableThread {
    /// The contact.
    pub username: String,
    /// Why.
    pub reason: Reason,
    /// What a person does next.
    pub fix: String,
}

/// What happened on one platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformReport {
    /// How it ended.
    pub outcome: PlatformOutcome,
    /// Why it did not end well, or what limits it.
    pub reason: Option<Reason>,
    /// What a person does next.
    pub fix: Option<String>,
    /// What was seen, in one line: the service's own words, shortened; never message text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Contacts of the listing.
    pub conversations: u32,
    /// Threads opened.
    pub opened: u32,
    /// Contacts whose thread was not opened, because nothing showed a change.
    pub unchanged: u32,
    /// Threads that can't be read at present, those known before included.
    pub unreadable: u32,
    /// Those threads.
    pub unreadable_threads: Vec<UnreadableThread>,
    /// Contacts seen for the first time.
    pub new_contacts: u32,
    /// Known contacts that this run changed.
    pub changed_contacts: u32,
    /// Messages stored for the first time.
    pub new_messages: u32,
    /// Calls to the service.
    pub requests: u64,
    /// Milliseconds.
    pub duration_ms: u64,
    /// A listing was stored.
    #[serde(skip)]
    pub listed: bool,
    /// Something that was due failed in this run (a thread known to be unreadable before doesn't count).
    #[serde(skip)]
    pub fell_short: bool,
}

impl PlatformReport {
    /// A report with nothing done yet.
    pub fn new(outcome: PlatformOutcome) -> Self {
        Self {
            outcome,
            reason: None,
            fix: None,
            detail: None,
            conversations: 0,
            opened: 0,
            unchanged: 0,
            unreadable: 0,
            unreadable_threads: Vec::new(),
            new_contacts: 0,
            changed_contacts: 0,
            new_messages: 0,
            requests: 0,
            duration_ms: 0,
            listed: false,
            fell_short: false,
        }
    }
}

/// What a run did with one sink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkReport {
    /// `ok`, `partial`, `failed` or `skipped`.
    pub outcome: String,
    /// Rows the sink accepted.
    pub pushed: u32,
    /// Rows it already had.
    pub unchanged: u32,
    /// Rows it refused.
    pub rejected: u32,
    /// Calls to the sink.
    pub requests: u64,
}

/// The record of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunDocument {
    /// Sorts by time.
    pub run_id: String,
    /// UTC.
    pub started_at: DateTime<Utc>,
    /// UTC.
    pub finished_at: DateTime<Utc>,
    /// How it ended.
    pub outcome: RunOutcome,
    /// One entry per platform that was asked for.
    pub platforms: BTreeMap<Platform, PlatformReport>,
    /// One entry per sink that was pushed to.
    pub sinks: BTreeMap<String, SinkReport>,
    /// The file that was written.
    pub output: Option<PathBuf>,
}

impl RunDocument {
    /// The outcome that follows from what the platforms report.
    pub fn outcome_of(platforms: &BTreeMap<Platform, PlatformReport>, cancelled: bool) -> RunOutcome {
        let mut asked = platforms.values().filter(|r| r.outcome != PlatformOutcome::Skipped).peekable();
        if cancelled {
            RunOutcome::Cancelled
        } else if asked.peek().is_none() || asked.clone().all(|r| !r.listed) {
            RunOutcome::Failed
        } else if asked.all(|r| r.outcome == PlatformOutcome::Ok && !r.fell_short) {
            RunOutcome::Ok
        } else {
            RunOutcome::Partial
        }
    }
}
