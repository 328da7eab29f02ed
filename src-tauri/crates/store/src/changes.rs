//! Which contacts changed since a reader last looked. Every write transaction that changes contacts gives them one new
//! generation; a contact keeps its newest only.

use crm_sync_domain::ContactId;
use sqlx::SqliteConnection;

use crate::{Store, StoreError};

pub(crate) const NEWEST: &str = "SELECT coalesce(max(generation), 0) FROM changes";

pub(crate) const SINCE: &str =
    "SELECT generation, contact_id FROM changes WHERE generation > ?1 ORDER BY generation, contact_id";

impl Store {
    /// The newest generation; 0 before the first change.
    pub async fn generation(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(NEWEST).fetch_one(self.read()).await?)
    }

    /// The contacts that changed after `generation`, each once with its newest generation, oldest change first. One
    /// that is gone ([`Store::contact`] finds none) was joined into another.
    pub async fn changes_since(&self, generation: i64) -> Result<Vec<(i64, ContactId)>, StoreError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(SINCE).bind(generation).fetch_all(self.read()).await?;
        Ok(rows.into_iter().map(|(generation, contact)| (generation, ContactId(contact))).collect())
    }

    /// A number that differs from the one before whenever anything was committed in between, by this process or
    /// another: what to ask once a second before asking for the generations.
    pub async fn data_version(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("PRAGMA data_version").fetch_one(&self.watcher).await?)
    }
}

/// Gives the contacts one new generation. Belongs into the transaction that changed them; at most once in each.
pub(crate) async fn add(connection: &mut SqliteConnection, contacts: &[ContactId]) -> Result<(), StoreError> {
    if contacts.is_empty() {
        return Ok(());
    }
    let ids = serde_json::Value::from(contacts.iter().map(|contact| contact.0).collect::<Vec<_>>());
    sqlx::query(
        "INSERT INTO changes (contact_id, generation) \
         SELECT value, (SELECT coalesce(max(generation), 0) + 1 FROM changes) FROM json_each(?1) WHERE true \
         ON CONFLICT (contact_id) DO UPDATE SET generation = excluded.generation",
    )
    .bind(ids.to_string())
    .execute(connection)
    .await?;
    Ok(())
}
