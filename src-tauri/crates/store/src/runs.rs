//! The record of every run and what it did, step by step.

use std::fmt;

use chrono::{DateTime, Utc};
use crm_sync_domain::{Platform, Reason};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::columns::{Columns, millis};
use crate::{Store, StoreError};

/// The id of a run: a UUID as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub String);

impl RunId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A run that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStart {
    /// Its id.
    pub id: RunId,
    /// What set it off: `hand`, `command_line`, `schedule` or `start`.
    pub trigger: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// The process that does it.
    pub pid: u32,
    /// What it does: `sync`.
    pub kind: String,
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStep {
    /// When it ended.
    pub at: DateTime<Utc>,
    /// On which platform, where it was on one.
    pub platform: Option<Platform>,
    /// What it was.
    pub name: String,
    /// What came of it; never a message's text.
    pub detail: Option<String>,
    /// Milliseconds.
    pub duration_ms: Option<u64>,
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Its id.
    pub id: RunId,
    /// What it did.
    pub kind: String,
    /// What set it off.
    pub trigger: String,
    /// The process that did it.
    pub pid: u32,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; unknown while it runs and where it was interrupted.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended; `None` while it runs, `interrupted` where it ended without saying so.
    pub outcome: Option<String>,
}

/// A run with all that was noted of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// As in a list.
    pub summary: RunSummary,
    /// Its steps in their order.
    pub steps: Vec<RunStep>,
    /// The document that it ended with.
    pub document: Option<serde_json::Value>,
}

pub(crate) const NEWEST: &str = "SELECT id, kind, trigger, pid, started_at, finished_at, outcome FROM runs \
     ORDER BY started_at DESC, id DESC LIMIT ?1";

/// A range instead of LIKE: no character of the id means anything but itself, and the index is used.
pub(crate) const BEGINNING: &str = "SELECT id, kind, trigger, pid, started_at, finished_at, outcome, document \
     FROM runs WHERE id >= ?1 AND id < ?1 || char(1114111) ORDER BY id LIMIT 2";

impl Store {
    /// Notes that a run begins and marks unfinished ones of its kind as interrupted: the caller holds the lock that
    /// lets only one of them run, so whoever began them is gone.
    pub async fn start_run(&self, run: &RunStart) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query("UPDATE runs SET outcome = ?1 WHERE kind = ?2 AND outcome IS NULL")
            .bind(Reason::Interrupted.as_str())
            .bind(&run.kind)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO runs (id, kind, trigger, pid, started_at) VALUES (?, ?, ?, ?, ?)")
            .bind(&run.id.0)
            .bind(&run.kind)
            .bind(&run.trigger)
            .bind(i64::from(run.pid))
            .bind(millis(run.started_at))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Adds a step to a run.
    pub async fn add_step(&self, run: &RunId, step: &RunStep) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        must_exist(&mut transaction, run).await?;
        sqlx::query(
            "INSERT INTO run_steps (run_id, at, platform, name, detail, duration_ms) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&run.0)
        .bind(millis(step.at))
        .bind(step.platform.map(Platform::as_str))
        .bind(&step.name)
        .bind(step.detail.as_deref())
        .bind(step.duration_ms.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX)))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Notes how a run ended.
    pub async fn finish_run(
        &self,
        run: &RunId,
        finished_at: DateTime<Utc>,
        outcome: &str,
        document: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        must_exist(&mut transaction, run).await?;
        sqlx::query("UPDATE runs SET finished_at = ?, outcome = ?, document = ? WHERE id = ?")
            .bind(millis(finished_at))
            .bind(outcome)
            .bind(document.to_string())
            .bind(&run.0)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The newest runs, newest first.
    pub async fn runs(&self, limit: u32) -> Result<Vec<RunSummary>, StoreError> {
        let rows = sqlx::query(NEWEST).bind(i64::from(limit)).fetch_all(self.read()).await?;
        rows.iter().map(|row| decode(&mut Columns::of(row))).collect()
    }

    /// The run of that id, or the only one whose id begins like this; `None` where there is none.
    ///
    /// Errors: [`StoreError::AmbiguousRun`] where several begin like this.
    pub async fn run(&self, id_or_prefix: &str) -> Result<Option<RunRecord>, StoreError> {
        if id_or_prefix.is_empty() {
            return Ok(None);
        }
        let rows = sqlx::query(BEGINNING).bind(id_or_prefix).fetch_all(self.read()).await?;
        let (summary, document) = match rows.as_slice() {
            [] => return Ok(None),
            [first, rest @ ..] => {
                let found = decode_with_document(first)?;
                // The id itself sorts before everything that it begins.
                if found.0.id.0 != id_or_prefix && !rest.is_empty() {
                    return Err(StoreError::AmbiguousRun(id_or_prefix.to_owned()));
                }
                found
            }
        };
        let rows = sqlx::query(
            "SELECT at, platform, name, detail, duration_ms FROM run_steps WHERE run_id = ?1 ORDER BY id",
        )
        .bind(&summary.id.0)
        .fetch_all(self.read())
        .await?;
        let steps = rows.iter().map(decode_step).collect::<Result<_, _>>()?;
        Ok(Some(RunRecord { summary, steps, document }))
    }
}

async fn must_exist(connection: &mut SqliteConnection, run: &RunId) -> Result<(), StoreError> {
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM runs WHERE id = ?1)")
        .bind(&run.0)
        .fetch_one(connection)
        .await?;
    if exists { Ok(()) } else { Err(StoreError::NoRun(run.0.clone())) }
}

fn decode(columns: &mut Columns<'_>) -> Result<RunSummary, StoreError> {
    Ok(RunSummary {
        id: RunId(columns.take()?),
        kind: columns.take()?,
        trigger: columns.take()?,
        pid: columns.number()?,
        started_at: columns.time()?,
        finished_at: columns.opt_time()?,
        outcome: columns.take()?,
    })
}

fn decode_with_document(row: &SqliteRow) -> Result<(RunSummary, Option<serde_json::Value>), StoreError> {
    let mut columns = Columns::of(row);
    let summary = decode(&mut columns)?;
    let document: Option<String> = columns.take()?;
    let document = document.map(|text| serde_json::from_str(&text)).transpose().map_err(|error| {
        StoreError::UnknownValue { column: "document".to_owned(), value: error.to_string() }
    })?;
    Ok((summary, document))
}

fn decode_step(row: &SqliteRow) -> Result<RunStep, StoreError> {
    let mut columns = Columns::of(row);
    let at = columns.time()?;
    let platform = columns.opt_word()?;
    let name = columns.take()?;
    let detail = columns.take()?;
    let duration: Option<i64> = columns.take()?;
    Ok(RunStep { at, platform, name, detail, duration_ms: duration.and_then(|ms| u64::try_from(ms).ok()) })
}
