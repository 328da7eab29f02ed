//! Reading contacts, and what is written to one contact alone.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use crm_sync_domain::contact::Unreadable;
use crm_sync_domain::score::RawScore;
use crm_sync_domain::{Contact, ContactId, Fingerprint, NameKey, Platform};
use futures_util::TryStreamExt as _;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::columns::{Columns, bind_moment, millis};
use crate::{Store, StoreError, changes};

/// The columns of a contact in the order in which [`decode`] takes them.
macro_rules! select_contacts {
    ($rest:literal) => {
        concat!(
            "SELECT id, platform, key, username, open_name, display_name, thread_id, ambiguous, listed_at, tab, \
             position, preview, preview_outbound, unread, \
             activity_text, activity_earliest, activity_latest, activity_precision, due, read_at, read_preview, \
             read_activity_text, read_activity_earliest, read_activity_latest, read_activity_precision, \
             message_count, unreadable_reason, unreadable_failures, unreadable_rest_until_run, unreadable_preview, \
             unreadable_activity_text, unreadable_activity_earliest, unreadable_activity_latest, \
             unreadable_activity_precision, service_contact_id, service_stage, score, raw_score, raw_score_field, \
             messages_sent, replies_received, last_contacted_text, last_contacted_earliest, last_contacted_latest, \
             last_contacted_precision, local_score, person_stage FROM contacts ",
            $rest
        )
    };
}

pub(crate) const OF_PLATFORM: &str = select_contacts!("WHERE platform = ?1 ORDER BY key");

pub(crate) const FIND: &str = select_contacts!(
    "WHERE id = coalesce((SELECT id FROM contacts WHERE platform = ?1 AND key = ?2), \
                         (SELECT contact_id FROM contact_aliases WHERE platform = ?1 AND alias = ?2))"
);

/// How many contacts and messages of a platform are cached, and in what state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Contacts.
    pub contacts: u64,
    /// Contacts whose thread was proved at least once.
    pub read: u64,
    /// Contacts behind whose name two people may stand.
    pub ambiguous: u64,
    /// Contacts whose thread can't be read at the moment.
    pub unreadable: u64,
    /// Contacts that the last listing showed as unread.
    pub unread: u64,
    /// Messages.
    pub messages: u64,
    /// Messages known to be written by the contact.
    pub inbound: u64,
    /// Messages known to be written by the owner of the inbox.
    pub outbound: u64,
}

impl Store {
    /// The contacts of a platform, by key (byte order).
    pub async fn contacts(&self, platform: Platform) -> Result<Vec<Contact>, StoreError> {
        let mut connection = self.read().acquire().await?;
        of_platform(&mut connection, platform).await
    }

    /// Every contact: platforms in their order, then by key (byte order).
    pub async fn all_contacts(&self) -> Result<Vec<Contact>, StoreError> {
        let mut contacts = Vec::new();
        for platform in Platform::ALL {
            contacts.append(&mut self.contacts(platform).await?);
        }
        Ok(contacts)
    }

    /// The contact of that name: by its key, else by a name it was proved to have had.
    pub async fn find_contact(
        &self,
        platform: Platform,
        key: &NameKey,
    ) -> Result<Option<Contact>, StoreError> {
        let mut connection = self.read().acquire().await?;
        let row = sqlx::query(FIND)
            .bind(platform.as_str())
            .bind(key.as_str())
            .fetch_optional(&mut *connection)
            .await?;
        with_aliases(&mut connection, row).await
    }

    /// The contact of that row id.
    pub async fn contact(&self, contact: ContactId) -> Result<Option<Contact>, StoreError> {
        let mut connection = self.read().acquire().await?;
        by_id(&mut connection, contact).await
    }

    /// Notes why a thread could not be read and how long it rests. Its messages stay.
    pub async fn mark_unreadable(
        &self,
        contact: ContactId,
        unreadable: &Unreadable,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        let statement = sqlx::query(
            "UPDATE contacts SET unreadable_reason = ?, unreadable_failures = ?, unreadable_rest_until_run = ?, \
             unreadable_preview = ?, unreadable_activity_text = ?, unreadable_activity_earliest = ?, \
             unreadable_activity_latest = ?, unreadable_activity_precision = ? WHERE id = ?",
        )
        .bind(unreadable.reason.as_str())
        .bind(i64::from(unreadable.failures))
        .bind(i64::try_from(unreadable.rest_until_run).unwrap_or(i64::MAX))
        .bind(unreadable.seen.preview.as_deref());
        let done = bind_moment(statement, unreadable.seen.activity.as_ref())?
            .bind(contact.0)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NoContact(contact));
        }
        changes::add(&mut transaction, &[contact]).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Sets or clears the stage that a person chose. Only a person's own act may call this: no sync changes it.
    pub async fn set_stage(
        &self,
        contact: ContactId,
        stage: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        let done = sqlx::query("UPDATE contacts SET person_stage = ?, person_stage_at = ? WHERE id = ?")
            .bind(stage)
            .bind(millis(at))
            .bind(contact.0)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NoContact(contact));
        }
        changes::add(&mut transaction, &[contact]).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// How much of a platform is cached.
    pub async fn counts(&self, platform: Platform) -> Result<Counts, StoreError> {
        let row = sqlx::query(
            "SELECT count(*), count(read_at), coalesce(sum(ambiguous), 0), count(unreadable_reason), \
             coalesce(sum(unread), 0), coalesce(sum(message_count), 0), coalesce(sum(inbound_count), 0), \
             coalesce(sum(outbound_count), 0) FROM contacts WHERE platform = ?1",
        )
        .bind(platform.as_str())
        .fetch_one(self.read())
        .await?;
        let mut columns = Columns::of(&row);
        Ok(Counts {
            contacts: columns.number()?,
            read: columns.number()?,
            ambiguous: columns.number()?,
            unreadable: columns.number()?,
            unread: columns.number()?,
            messages: columns.number()?,
            inbound: columns.number()?,
            outbound: columns.number()?,
        })
    }
}

/// The contact of that row id with its aliases.
pub(crate) async fn by_id(
    connection: &mut SqliteConnection,
    contact: ContactId,
) -> Result<Option<Contact>, StoreError> {
    let row = sqlx::query(select_contacts!("WHERE id = ?1"))
        .bind(contact.0)
        .fetch_optional(&mut *connection)
        .await?;
    with_aliases(connection, row).await
}

async fn with_aliases(
    connection: &mut SqliteConnection,
    row: Option<SqliteRow>,
) -> Result<Option<Contact>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    let mut contact = decode(&row)?;
    let rows = sqlx::query("SELECT alias FROM contact_aliases WHERE contact_id = ?1 ORDER BY id")
        .bind(contact.id.0)
        .fetch_all(connection)
        .await?;
    for row in &rows {
        contact.aliases.push(Columns::of(row).word()?);
    }
    Ok(Some(contact))
}

/// The contacts of a platform with their aliases, by key.
pub(crate) async fn of_platform(
    connection: &mut SqliteConnection,
    platform: Platform,
) -> Result<Vec<Contact>, StoreError> {
    let rows = sqlx::query("SELECT contact_id, alias FROM contact_aliases WHERE platform = ?1 ORDER BY id")
        .bind(platform.as_str())
        .fetch_all(&mut *connection)
        .await?;
    let mut aliases: HashMap<i64, Vec<NameKey>> = HashMap::new();
    for row in &rows {
        let mut columns = Columns::of(row);
        aliases.entry(columns.take()?).or_default().push(columns.word()?);
    }
    // Row by row: a fetched row holds many times what the contact does, and inboxes can be large.
    let mut rows = sqlx::query(OF_PLATFORM).bind(platform.as_str()).fetch(connection);
    let mut contacts = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let mut contact = decode(&row)?;
        contact.aliases = aliases.remove(&contact.id.0).unwrap_or_default();
        contacts.push(contact);
    }
    Ok(contacts)
}

/// A contact without its aliases.
fn decode(row: &SqliteRow) -> Result<Contact, StoreError> {
    let mut columns = Columns::of(row);
    let id = ContactId(columns.take()?);
    let platform = columns.platform()?;
    let key = columns.word()?;
    let username = columns.take()?;
    let open_name = columns.take()?;
    let display_name = columns.take()?;
    let thread_id = columns.take()?;
    let ambiguous = columns.take()?;
    let listed_at = columns.time()?;
    let tab = columns.word()?;
    let position = columns.number()?;
    let preview = columns.take()?;
    let preview_outbound = columns.take()?;
    let unread = columns.take()?;
    let activity = columns.moment()?;
    let due = columns.opt_word()?;
    let read_at = columns.opt_time()?;
    let read = Fingerprint { preview: columns.take()?, activity: columns.moment()? };
    let message_count = columns.number()?;
    let unreadable_reason = columns.opt_word()?;
    let failures = columns.number()?;
    let rest_until_run = columns.number()?;
    let seen = Fingerprint { preview: columns.take()?, activity: columns.moment()? };
    let service_contact_id = columns.take()?;
    let service_stage = columns.take()?;
    let score = columns.take()?;
    let raw_value: Option<f64> = columns.take()?;
    let raw_field = columns.opt_word()?;
    Ok(Contact {
        id,
        platform,
        key,
        username,
        open_name,
        aliases: Vec::new(),
        display_name,
        thread_id,
        tab,
        position,
        preview,
        preview_outbound,
        unread,
        activity,
        ambiguous,
        listed_at,
        read_at,
        // A read always stores what was listed, even where that was nothing.
        fingerprint: read_at.map(|_| read),
        due,
        unreadable: unreadable_reason.map(|reason| Unreadable { reason, failures, rest_until_run, seen }),
        score,
        raw_score: raw_value.zip(raw_field).map(|(value, field)| RawScore { value, field }),
        messages_sent: columns.take()?,
        replies_received: columns.take()?,
        last_contacted: columns.moment()?,
        local_score: columns.take()?,
        person_stage: columns.take()?,
        service_contact_id,
        service_stage,
        message_count,
    })
}
