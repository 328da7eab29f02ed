//! What the services' own CRMs say about contacts.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use crm_sync_domain::score::RawScore;
use crm_sync_domain::{Contact, ContactId, Moment, NameKey, Platform};
use sqlx::SqliteConnection;

use crate::columns::{Columns, bind_moment, millis, storable, word};
use crate::{Store, StoreError, changes, contacts};

/// What a service says of one contact. `None` is "not said" and changes nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreUpdate {
    /// The folded name: matched by key, else by alias.
    pub key: NameKey,
    /// The service's own id of the contact.
    pub service_contact_id: Option<String>,
    /// On 0–10. A number that is none (NaN, infinite) counts as not said.
    pub score: Option<f64>,
    /// As given.
    pub raw: Option<RawScore>,
    /// As given.
    pub stage: Option<String>,
    /// As given.
    pub messages_sent: Option<i64>,
    /// As given.
    pub replies_received: Option<i64>,
    /// The last time that we wrote.
    pub last_contacted: Option<Moment>,
}

/// A service's score from one moment on.
#[derive(Debug, Clone, PartialEq)]
pub struct ScorePoint {
    /// When the change was seen.
    pub at: DateTime<Utc>,
    /// On 0–10.
    pub score: Option<f64>,
    /// As given.
    pub raw: Option<RawScore>,
}

impl Store {
    /// Stores what a service says of its contacts in one transaction and returns how many contacts changed. What a
    /// person set is not touched; names that aren't cached are ignored.
    pub async fn store_scores(
        &self,
        platform: Platform,
        at: DateTime<Utc>,
        scored: &[ScoreUpdate],
    ) -> Result<u32, StoreError> {
        let mut transaction = self.write().await?;
        let mut cached = contacts::of_platform(&mut transaction, platform).await?;
        let mut index: HashMap<NameKey, usize> = HashMap::new();
        for (place, contact) in cached.iter().enumerate() {
            index.extend(contact.aliases.iter().map(|alias| (alias.clone(), place)));
        }
        // After the aliases: a contact's own key wins over another's former name.
        index.extend(cached.iter().enumerate().map(|(place, contact)| (contact.key.clone(), place)));

        let mut changed = BTreeSet::new();
        for update in scored {
            let Some(contact) = index.get(&update.key).and_then(|place| cached.get_mut(*place)) else {
                continue;
            };
            let before = contact.clone();
            apply(contact, update);
            if before == *contact {
                continue;
            }
            write(&mut transaction, contact, at).await?;
            if before.score != contact.score || before.raw_score != contact.raw_score {
                add_point(&mut transaction, contact, at).await?;
            }
            changed.insert(contact.id);
        }
        let changed: Vec<_> = changed.into_iter().collect();
        changes::add(&mut transaction, &changed).await?;
        transaction.commit().await?;
        Ok(u32::try_from(changed.len()).unwrap_or(u32::MAX))
    }

    /// How a contact's score went, oldest first.
    pub async fn score_points(&self, contact: ContactId) -> Result<Vec<ScorePoint>, StoreError> {
        let rows = sqlx::query(
            "SELECT at, score, raw_score, raw_score_field FROM score_points WHERE contact_id = ?1 ORDER BY at, id",
        )
        .bind(contact.0)
        .fetch_all(self.read())
        .await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                let at = columns.time()?;
                let score = columns.take()?;
                let value: Option<f64> = columns.take()?;
                let field = columns.opt_word()?;
                Ok(ScorePoint {
                    at,
                    score,
                    raw: value.zip(field).map(|(value, field)| RawScore { value, field }),
                })
            })
            .collect()
    }
}

fn apply(contact: &mut Contact, update: &ScoreUpdate) {
    if let Some(score) = update.score.filter(|score| score.is_finite()) {
        contact.score = Some(score);
    }
    if let Some(raw) = update.raw.filter(|raw| raw.value.is_finite()) {
        contact.raw_score = Some(raw);
    }
    if update.stage.is_some() {
        contact.service_stage.clone_from(&update.stage);
    }
    if update.service_contact_id.is_some() {
        contact.service_contact_id.clone_from(&update.service_contact_id);
    }
    contact.messages_sent = update.messages_sent.or(contact.messages_sent);
    contact.replies_received = update.replies_received.or(contact.replies_received);
    if let Some(moment) = &update.last_contacted {
        contact.last_contacted = Some(storable(moment));
    }
}

async fn write(
    connection: &mut SqliteConnection,
    contact: &Contact,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let statement = sqlx::query(
        "UPDATE contacts SET service_contact_id = ?, service_stage = ?, score = ?, raw_score = ?, \
         raw_score_field = ?, scored_at = ?, messages_sent = ?, replies_received = ?, last_contacted_text = ?, \
         last_contacted_earliest = ?, last_contacted_latest = ?, last_contacted_precision = ? WHERE id = ?",
    )
    .bind(contact.service_contact_id.as_deref())
    .bind(contact.service_stage.as_deref())
    .bind(contact.score)
    .bind(contact.raw_score.map(|raw| raw.value))
    .bind(contact.raw_score.map(|raw| word(&raw.field)).transpose()?)
    .bind(millis(at))
    .bind(contact.messages_sent)
    .bind(contact.replies_received);
    bind_moment(statement, contact.last_contacted.as_ref())?.bind(contact.id.0).execute(connection).await?;
    Ok(())
}

async fn add_point(
    connection: &mut SqliteConnection,
    contact: &Contact,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO score_points (contact_id, at, score, raw_score, raw_score_field) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(contact.id.0)
    .bind(millis(at))
    .bind(contact.score)
    .bind(contact.raw_score.map(|raw| raw.value))
    .bind(contact.raw_score.map(|raw| word(&raw.field)).transpose()?)
    .execute(connection)
    .await?;
    Ok(())
}
