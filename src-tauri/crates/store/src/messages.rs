//! The rows of the messages table: how one is read, added, and learns what was unknown; and which texts and ids stand
//! in another contact's thread.

use std::collections::{HashMap, HashSet};
use std::hash::Hasher;

use chrono::{DateTime, Utc};
use crm_sync_domain::{ContactId, Platform, ReadMessage, StoredMessage};
use futures_util::TryStreamExt as _;
use siphasher::sip::SipHasher13;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::columns::{Columns, bind_moment, millis, storable, word};
use crate::{Store, StoreError};

/// The columns of a message in the order in which [`decode`] takes them.
macro_rules! message_columns {
    () => {
        "m.id, m.source_id, m.sender, m.text, m.direction, m.time_text, m.sent_text, m.sent_earliest, m.sent_latest, \
         m.sent_precision, m.gap_before"
    };
}
pub(crate) use message_columns;

/// Rows of one INSERT and of one question: far below the limit of 32,766 values in a statement.
const ROWS: usize = 500;

/// Which of the texts and ids of a read stand in another thread of the platform.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Elsewhere {
    /// Texts that another contact's cached thread holds too.
    pub texts: HashSet<String>,
    /// Real ids that another contact's cached thread holds too.
    pub ids: HashSet<String>,
}

/// A cached message and its place in the thread.
pub(crate) struct Placed {
    pub(crate) stored: StoredMessage,
    pub(crate) position: i64,
}

/// A message to add, and its place in the thread.
pub(crate) struct NewMessage<'a> {
    pub(crate) message: &'a StoredMessage,
    pub(crate) position: i64,
}

impl Store {
    /// Which of these texts and real ids stand in another contact's thread of the platform.
    pub async fn elsewhere(
        &self,
        platform: Platform,
        contact: ContactId,
        messages: &[ReadMessage],
    ) -> Result<Elsewhere, StoreError> {
        let texts: HashSet<&str> = messages.iter().map(|message| message.text.as_str()).collect();
        let ids: HashSet<&str> = messages.iter().filter_map(|message| message.id.as_deref()).collect();
        Ok(Elsewhere {
            texts: self.found_elsewhere(TEXTS_ELSEWHERE, platform, contact, texts).await?,
            ids: self.found_elsewhere(IDS_ELSEWHERE, platform, contact, ids).await?,
        })
    }

    async fn found_elsewhere(
        &self,
        question: [&str; 2],
        platform: Platform,
        contact: ContactId,
        wanted: HashSet<&str>,
    ) -> Result<HashSet<String>, StoreError> {
        let wanted: Vec<_> = wanted.into_iter().collect();
        let mut found = HashSet::new();
        for chunk in wanted.chunks(ROWS) {
            let mut query = QueryBuilder::<Sqlite>::new(question[0]);
            query.push_values(chunk, |mut row, value| {
                row.push_bind(hash(platform, value)).push_bind(*value);
            });
            query.push(question[1]).push_bind(contact.0).push(")");
            let values: Vec<String> =
                query.build_query_scalar().persistent(false).fetch_all(self.read()).await?;
            found.extend(values);
        }
        Ok(found)
    }
}

/// The hash finds the candidates, the text itself decides.
pub(crate) const TEXTS_ELSEWHERE: [&str; 2] = [
    "WITH wanted (hash, value) AS (",
    ") SELECT value FROM wanted WHERE EXISTS (SELECT 1 FROM messages AS m WHERE m.text_hash = wanted.hash \
     AND m.text = wanted.value AND m.contact_id <> ",
];

pub(crate) const IDS_ELSEWHERE: [&str; 2] = [
    "WITH wanted (hash, value) AS (",
    ") SELECT value FROM wanted WHERE EXISTS (SELECT 1 FROM messages AS m WHERE m.source_id_hash = wanted.hash \
     AND m.source_id = wanted.value AND m.contact_id <> ",
];

/// SipHash-1-3 with a zero key over platform and value. Stored, so it must never change: not the standard library's
/// hasher, which may.
fn hash(platform: Platform, value: &str) -> i64 {
    let mut hasher = SipHasher13::new();
    hasher.write(platform.as_str().as_bytes());
    hasher.write(&[0]);
    hasher.write(value.as_bytes());
    hasher.finish().cast_signed()
}

pub(crate) const OF_CONTACT: &str = concat!(
    "SELECT ",
    message_columns!(),
    ", m.position FROM messages AS m WHERE m.contact_id = ?1 ORDER BY m.position, m.id"
);

pub(crate) async fn of_contact(
    connection: &mut SqliteConnection,
    contact: ContactId,
) -> Result<Vec<Placed>, StoreError> {
    let rows = sqlx::query(OF_CONTACT).bind(contact.0).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok(Placed { stored: decode(&mut columns)?, position: columns.take()? })
        })
        .collect()
}

pub(crate) const NEWEST_OF_PLATFORM: &str = concat!(
    "SELECT c.id, ",
    message_columns!(),
    " FROM contacts AS c JOIN messages AS m ON m.id = \
     (SELECT id FROM messages WHERE contact_id = c.id ORDER BY position DESC, id DESC LIMIT 1) WHERE c.platform = ?1"
);

impl Store {
    /// The newest cached message of every contact of a platform that has one.
    pub async fn newest_messages(
        &self,
        platform: Platform,
    ) -> Result<HashMap<ContactId, StoredMessage>, StoreError> {
        let mut rows = sqlx::query(NEWEST_OF_PLATFORM).bind(platform.as_str()).fetch(self.read());
        let mut newest = HashMap::new();
        while let Some(row) = rows.try_next().await? {
            let mut columns = Columns::of(&row);
            newest.insert(ContactId(columns.take()?), decode(&mut columns)?);
        }
        Ok(newest)
    }
}

pub(crate) fn decode(columns: &mut Columns<'_>) -> Result<StoredMessage, StoreError> {
    Ok(StoredMessage {
        row_id: columns.take()?,
        message: ReadMessage {
            id: columns.take()?,
            sender: columns.take()?,
            text: columns.take()?,
            direction: columns.opt_word()?,
            time_text: columns.take()?,
        },
        sent: columns.moment()?,
        gap_before: columns.take()?,
    })
}

/// Adds messages in few statements.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    platform: Platform,
    contact: ContactId,
    at: DateTime<Utc>,
    new: &[NewMessage<'_>],
) -> Result<(), StoreError> {
    for chunk in new.chunks(ROWS) {
        let mut words = Vec::with_capacity(chunk.len());
        for NewMessage { message, .. } in chunk {
            let direction = message.message.direction.as_ref().map(word).transpose()?;
            let precision = message.sent.as_ref().map(|sent| word(&sent.precision)).transpose()?;
            words.push((direction, precision));
        }
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO messages (contact_id, position, source_id, sender, text, direction, time_text, sent_text, \
             sent_earliest, sent_latest, sent_precision, gap_before, first_seen_at, text_hash, source_id_hash) ",
        );
        query.push_values(chunk.iter().zip(words), |mut row, (new, (direction, precision))| {
            let read = &new.message.message;
            let sent = new.message.sent.as_ref();
            row.push_bind(contact.0)
                .push_bind(new.position)
                .push_bind(read.id.as_deref())
                .push_bind(read.sender.as_deref())
                .push_bind(read.text.as_str())
                .push_bind(direction)
                .push_bind(read.time_text.as_deref())
                .push_bind(sent.and_then(|sent| sent.text.as_deref()))
                .push_bind(sent.and_then(|sent| sent.earliest).map(millis))
                .push_bind(sent.and_then(|sent| sent.latest).map(millis))
                .push_bind(precision)
                .push_bind(new.message.gap_before)
                .push_bind(millis(at))
                .push_bind(hash(platform, &read.text))
                .push_bind(read.id.as_deref().map(|id| hash(platform, id)));
        });
        query.build().persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Brings a cached message up to what the merge knows now: what was unknown is filled in, what was known is never
/// blanked. Rows that stay the same are not written.
pub(crate) async fn update(
    connection: &mut SqliteConnection,
    platform: Platform,
    before: &Placed,
    merged: &StoredMessage,
    position: i64,
) -> Result<(), StoreError> {
    let known = &before.stored;
    let now = StoredMessage {
        row_id: known.row_id,
        message: ReadMessage {
            id: merged.message.id.clone().or_else(|| known.message.id.clone()),
            sender: merged.message.sender.clone().or_else(|| known.message.sender.clone()),
            text: known.message.text.clone(),
            direction: merged.message.direction.or(known.message.direction),
            time_text: merged.message.time_text.clone().or_else(|| known.message.time_text.clone()),
        },
        sent: merged.sent.as_ref().map(storable).or_else(|| known.sent.clone()),
        gap_before: merged.gap_before,
    };
    if now == *known && position == before.position {
        return Ok(());
    }
    let statement = sqlx::query(
        "UPDATE messages SET position = ?, source_id = ?, source_id_hash = ?, sender = ?, direction = ?, \
         time_text = ?, gap_before = ?, sent_text = ?, sent_earliest = ?, sent_latest = ?, sent_precision = ? \
         WHERE id = ?",
    )
    .bind(position)
    .bind(now.message.id.as_deref())
    .bind(now.message.id.as_deref().map(|id| hash(platform, id)))
    .bind(now.message.sender.as_deref())
    .bind(now.message.direction.as_ref().map(word).transpose()?)
    .bind(now.message.time_text.as_deref())
    .bind(now.gap_before);
    bind_moment(statement, now.sent.as_ref())?.bind(now.row_id).execute(connection).await?;
    Ok(())
}

/// A message of a search's row; see [`message_columns`].
pub(crate) fn decode_row(row: &SqliteRow) -> Result<(StoredMessage, Columns<'_>), StoreError> {
    let mut columns = Columns::of(row);
    Ok((decode(&mut columns)?, columns))
}
