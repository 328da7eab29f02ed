//! The unified payload: everything that is cached, in the form that CRMs and scripts read.
//!
//! What always holds in here:
//! - What isn't known is null, never 0, "" or "cold"; times are there only when known to the minute.
//! - Contacts are written one by one: a cache of millions of messages doesn't stand in memory.
//! - A file is replaced as a whole or left as it was.
//! - A cell of a CSV file is data: text that a spreadsheet would take for a formula is marked as text.

use std::io::{self, Write};
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use crm_sync_domain::{Contact, Direction, Platform, StoredMessage};
use crm_sync_store::StoreError;
use serde::Serialize;

use crate::atomic::AtomicFile;
use crate::error::{ApiError, Code, Fix};
use crate::{Engine, contacts};

mod csv_rows;

/// How many of the latest runs are looked at for one that ended.
const RUNS_LOOKED_AT: u32 = 200;

/// What an export looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One document, `crm_sync_output.json`: indented by two, always with the messages.
    Json,
    /// A header, then one row per contact; with messages, a last column holds them as a JSON list.
    Csv,
    /// One JSON object per line and contact.
    Ndjson,
}

/// What to export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// In which form.
    pub format: Format,
    /// With the bodies of the messages, where the form leaves a choice.
    pub messages: bool,
}

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Exported {
    /// Contacts.
    pub contacts: u64,
    /// Messages written; 0 where they were left out.
    pub messages: u64,
}

/// One contact of the payload. The order of the fields is the order of the keys.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PayloadContact {
    /// `instagram`, `twitter` or `tiktok`.
    pub platform: Platform,
    /// The spelling first seen.
    pub username: String,
    /// The service's display name, else the user name.
    pub display_name: String,
    /// The newest stored message if it was read after the last listing, else the listing's preview, else the newest
    /// stored message.
    pub last_message: Option<String>,
    /// RFC 3339, UTC.
    pub last_message_at: Option<String>,
    /// As last listed.
    pub unread: Option<bool>,
    /// Oldest first; left out where bodies were not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<PayloadMessage>>,
    /// How many are cached.
    pub message_count: usize,
    /// 0–10, as the service says.
    pub engagement_score: Option<f64>,
    /// What a person set, else what the service says.
    pub stage: Option<String>,
    /// As the service says.
    pub messages_sent: Option<i64>,
    /// As the service says.
    pub replies_received: Option<i64>,
    /// RFC 3339, UTC.
    pub last_contacted_at: Option<String>,
    /// The last sync that saw the contact; RFC 3339, UTC.
    pub synced_at: String,
}

/// One message of the payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PayloadMessage {
    /// The service's own id, where it has one.
    pub id: Option<String>,
    /// As given; else the contact's `username` for what the contact wrote.
    pub sender: Option<String>,
    /// As given.
    pub text: String,
    /// RFC 3339, UTC.
    pub timestamp: Option<String>,
    /// Whether the owner of the inbox wrote it.
    pub is_outbound: Option<bool>,
}

/// A contact and its whole cached thread as the payload shows them.
pub fn payload_contact(contact: &Contact, thread: &[StoredMessage]) -> PayloadContact {
    let newest_sent = contacts::shows_thread(contact, thread.last()).then(|| thread.last()?.sent.as_ref());
    PayloadContact {
        platform: contact.platform,
        username: contact.username.clone(),
        display_name: contact.shown_name().to_owned(),
        last_message: contacts::last_message(contact, thread.last()).map(str::to_owned),
        last_message_at: newest_sent
            .flatten()
            .and_then(crm_sync_domain::Moment::exact_to_the_minute)
            .or_else(|| contact.activity.as_ref()?.exact_to_the_minute())
            .map(rfc3339),
        unread: contact.unread,
        messages: Some(thread.iter().map(|stored| payload_message(contact, stored)).collect()),
        message_count: thread.len(),
        engagement_score: contact.score,
        stage: contact.stage().map(|(stage, _)| stage.to_owned()),
        messages_sent: contact.messages_sent,
        replies_received: contact.replies_received,
        last_contacted_at: contact
            .last_contacted
            .as_ref()
            .and_then(crm_sync_domain::Moment::exact_to_the_minute)
            .map(rfc3339),
        synced_at: rfc3339(contact.listed_at),
    }
}

fn payload_message(contact: &Contact, stored: &StoredMessage) -> PayloadMessage {
    let message = &stored.message;
    PayloadMessage {
        id: message.id.clone(),
        sender: message
            .sender
            .clone()
            .or_else(|| (message.direction == Some(Direction::Inbound)).then(|| contact.username.clone())),
        text: message.text.clone(),
        timestamp: stored.sent.as_ref().and_then(crm_sync_domain::Moment::exact_to_the_minute).map(rfc3339),
        is_outbound: message.direction.map(|direction| direction == Direction::Outbound),
    }
}

/// A time as the payload shows it.
pub fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Writes the whole cache.
pub async fn write_to(
    engine: &Engine,
    options: Options,
    to: &mut (impl Write + Send),
) -> Result<Exported, ApiError> {
    write(engine, options, to).await.map_err(|error| match error {
        Failed::Cache(error) => error.into(),
        Failed::Write(error) => {
            ApiError::new(Code::Unwritable, format!("the export could not be written: {error}"))
        }
    })
}

/// Writes the whole cache to a file, which is replaced only when everything is written.
pub async fn write_file(engine: &Engine, options: Options, path: &Path) -> Result<Exported, ApiError> {
    let unwritable = |error: &io::Error| {
        ApiError::new(
            Code::Unwritable,
            format!("{} could not be written ({error}); what stood there stands", path.display()),
        )
        .with_fix(Fix::say("Free some space or mend the folder's rights, or name another file."))
    };
    let mut file = AtomicFile::create(path).map_err(|error| unwritable(&error))?;
    let exported = write(engine, options, &mut file).await.map_err(|error| match error {
        Failed::Cache(error) => error.into(),
        Failed::Write(error) => unwritable(&error),
    })?;
    file.commit().map_err(|error| unwritable(&error))?;
    Ok(exported)
}

#[derive(Debug)]
enum Failed {
    Cache(StoreError),
    Write(io::Error),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Cache(error)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl From<serde_json::Error> for Failed {
    fn from(error: serde_json::Error) -> Self {
        Self::Write(error.into())
    }
}

async fn write(engine: &Engine, options: Options, to: &mut (impl Write + Send)) -> Result<Exported, Failed> {
    let contacts = engine.store().all_contacts().await?;
    let mut exported = Exported { contacts: contacts.len() as u64, messages: 0 };
    let mut form = match options.format {
        Format::Json => {
            let synced_at = last_finished(engine).await?.map(rfc3339);
            Form::Json { first: true, synced_at, total: contacts.len() }
        }
        Format::Csv => Form::Csv,
        Format::Ndjson => Form::Ndjson,
    };
    let with_bodies = options.messages || options.format == Format::Json;
    form.begin(to, with_bodies)?;
    for contact in &contacts {
        let thread = engine.store().thread(contact.id).await?;
        let mut payload = payload_contact(contact, &thread);
        if with_bodies {
            exported.messages += thread.len() as u64;
        } else {
            payload.messages = None;
        }
        form.contact(to, &payload)?;
    }
    form.end(to)?;
    Ok(exported)
}

/// The end of the last sync that ended.
async fn last_finished(engine: &Engine) -> Result<Option<DateTime<Utc>>, StoreError> {
    let runs = engine.store().runs(RUNS_LOOKED_AT).await?;
    Ok(runs.into_iter().filter(|run| run.kind == "sync").filter_map(|run| run.finished_at).max())
}

/// The forms, each written piece by piece.
enum Form {
    Json { first: bool, synced_at: Option<String>, total: usize },
    Csv,
    Ndjson,
}

impl Form {
    fn begin(&self, to: &mut impl Write, with_bodies: bool) -> Result<(), Failed> {
        match self {
            Self::Json { synced_at, total, .. } => {
                let synced_at = serde_json::to_string(synced_at)?;
                write!(
                    to,
                    "{{\n  \"syncedAt\": {synced_at},\n  \"totalContacts\": {total},\n  \"contacts\": ["
                )?;
            }
            Self::Csv => csv_rows::header(to, with_bodies)?,
            Self::Ndjson => {}
        }
        Ok(())
    }

    fn contact(&mut self, to: &mut impl Write, contact: &PayloadContact) -> Result<(), Failed> {
        match self {
            Self::Json { first, .. } => {
                // Line breaks stand between JSON's tokens only; inside of texts they are escaped.
                let text = serde_json::to_string_pretty(contact)?.replace('\n', "\n    ");
                let comma = if std::mem::take(first) { "" } else { "," };
                write!(to, "{comma}\n    {text}")?;
            }
            Self::Csv => csv_rows::contact(to, contact)?,
            Self::Ndjson => {
                serde_json::to_writer(&mut *to, contact)?;
                writeln!(to)?;
            }
        }
        Ok(())
    }

    fn end(&self, to: &mut impl Write) -> Result<(), Failed> {
        if let Self::Json { first, .. } = self {
            to.write_all(if *first { b"]\n}\n" } else { b"\n  ]\n}\n" })?;
        }
        to.flush()?;
        Ok(())
    }
}
