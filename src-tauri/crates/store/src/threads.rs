//! The cached threads: reading one, and committing a proved read of it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use crm_sync_domain::{ContactId, Direction, Fingerprint, Platform, StoredMessage};
use sqlx::{Row, SqliteConnection};

use crate::columns::{bind_moment, millis};
use crate::messages::{self, NewMessage};
use crate::{RunId, Store, StoreError, changes};

/// A proved read, merged with what was cached.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadCommit {
    /// The run that read.
    pub run: RunId,
    /// Whose thread it was proved to be.
    pub contact: ContactId,
    /// When it was read.
    pub at: DateTime<Utc>,
    /// The whole thread, oldest first: every cached message with its `row_id`, new ones with 0.
    pub thread: Vec<StoredMessage>,
    /// What the listing showed of it.
    pub fingerprint: Fingerprint,
    /// The real thread id, where the read proved one.
    pub thread_id: Option<String>,
    /// Engagement on 0–10 as worked out here.
    pub local_score: Option<f64>,
}

/// What a commit added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ThreadCounts {
    /// Messages that were not cached before.
    pub new_messages: u32,
}

impl Store {
    /// The cached messages of a contact, oldest first.
    pub async fn thread(&self, contact: ContactId) -> Result<Vec<StoredMessage>, StoreError> {
        let mut connection = self.read().acquire().await?;
        let placed = messages::of_contact(&mut connection, contact).await?;
        Ok(placed.into_iter().map(|placed| placed.stored).collect())
    }

    /// Commits a proved read in one transaction: messages, fingerprint, counts, thread id and local score; the due and
    /// the unreadable mark are cleared. Unknown values become known, known ones are never blanked, and a thread that
    /// leaves out or rewrites a cached message is refused whole.
    pub async fn commit_thread(&self, commit: &ThreadCommit) -> Result<ThreadCounts, StoreError> {
        let mut transaction = self.write().await?;
        let (platform, username) = owner(&mut transaction, commit.contact).await?;
        let cached = messages::of_contact(&mut transaction, commit.contact).await?;

        let refuse = |problem: String| StoreError::WouldLose { username: username.clone(), problem };
        // New older messages count down from the first cached one, so what is cached keeps its place.
        let first = cached.first().map_or(0, |first| {
            let before = commit.thread.iter().take_while(|m| m.row_id != first.stored.row_id).count();
            first.position - i64::try_from(before).unwrap_or(0)
        });
        let mut left: HashMap<i64, _> =
            cached.into_iter().map(|placed| (placed.stored.row_id, placed)).collect();

        let mut new = Vec::new();
        for (message, position) in commit.thread.iter().zip(first..) {
            if message.row_id == 0 {
                new.push(NewMessage { message, position });
                continue;
            }
            let before = left.remove(&message.row_id).ok_or_else(|| {
                refuse(format!("taken in message {}, which is not its own", message.row_id))
            })?;
            if before.stored.message.text != message.message.text {
                return Err(refuse(format!("changed the text of message {}", message.row_id)));
            }
            messages::update(&mut transaction, platform, &before, message, position).await?;
        }
        if !left.is_empty() {
            return Err(refuse(format!("lost {} of its cached messages", left.len())));
        }
        messages::insert(&mut transaction, platform, commit.contact, commit.at, &new).await?;
        close_read(&mut transaction, commit).await?;
        changes::add(&mut transaction, &[commit.contact]).await?;
        transaction.commit().await?;
        Ok(ThreadCounts { new_messages: u32::try_from(new.len()).unwrap_or(u32::MAX) })
    }
}

/// The contact's platform and user name, unless its thread can't be proved to be its own.
async fn owner(
    connection: &mut SqliteConnection,
    contact: ContactId,
) -> Result<(Platform, String), StoreError> {
    let row = sqlx::query("SELECT platform, username, ambiguous FROM contacts WHERE id = ?1")
        .bind(contact.0)
        .fetch_optional(connection)
        .await?
        .ok_or(StoreError::NoContact(contact))?;
    let username: String = row.try_get(1)?;
    if row.try_get(2)? {
        return Err(StoreError::AmbiguousContact { username });
    }
    let platform: String = row.try_get(0)?;
    let platform = platform
        .parse()
        .map_err(|_| StoreError::UnknownValue { column: "platform".to_owned(), value: platform })?;
    Ok((platform, username))
}

/// Writes what a proved read means for its contact.
async fn close_read(connection: &mut SqliteConnection, commit: &ThreadCommit) -> Result<(), StoreError> {
    let statement = sqlx::query(
        "UPDATE contacts SET read_at = ?, read_run = ?, thread_id = coalesce(?, thread_id), \
         local_score = coalesce(?, local_score), read_preview = ?, read_activity_text = ?, \
         read_activity_earliest = ?, read_activity_latest = ?, read_activity_precision = ?, \
         due = NULL, unreadable_reason = NULL, unreadable_failures = 0, unreadable_rest_until_run = 0, \
         unreadable_preview = NULL, unreadable_activity_text = NULL, unreadable_activity_earliest = NULL, \
         unreadable_activity_latest = NULL, unreadable_activity_precision = NULL \
         WHERE id = ?",
    )
    .bind(millis(commit.at))
    .bind(&commit.run.0)
    .bind(commit.thread_id.as_deref())
    .bind(commit.local_score.filter(|score| score.is_finite()))
    .bind(commit.fingerprint.preview.as_deref());
    bind_moment(statement, commit.fingerprint.activity.as_ref())?
        .bind(commit.contact.0)
        .execute(&mut *connection)
        .await?;

    // Counted anew instead of added to: a direction that became known is counted too.
    sqlx::query(
        "UPDATE contacts SET (message_count, inbound_count, outbound_count) = \
         (SELECT count(*), count(*) FILTER (WHERE direction = ?2), count(*) FILTER (WHERE direction = ?3) \
          FROM messages WHERE contact_id = ?1) WHERE id = ?1",
    )
    .bind(commit.contact.0)
    .bind(crate::columns::word(&Direction::Inbound)?)
    .bind(crate::columns::word(&Direction::Outbound)?)
    .execute(connection)
    .await?;
    Ok(())
}
