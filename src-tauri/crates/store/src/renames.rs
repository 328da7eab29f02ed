//! A contact that turned out to be a known one under a new name.

use crm_sync_domain::{Contact, ContactId};
use sqlx::SqliteConnection;

use crate::SeenContact;
use crate::listing;
use crate::{Store, StoreError, changes, contacts};

impl Store {
    /// Joins a contact that was only ever listed into the contact whose thread it was proved to be. The known contact
    /// keeps its user name and its messages, takes over what the listing says, and answers to the new name as well;
    /// a stage that a person set on either of them stays. The listed contact is gone: its row id, which is never given
    /// to another, shows up once more in [`Store::changes_since`].
    ///
    /// Errors: [`StoreError::CannotJoin`] where the listed contact has messages of its own.
    pub async fn rename_into(&self, listed: ContactId, known: ContactId) -> Result<Contact, StoreError> {
        let mut transaction = self.write().await?;
        let from = contacts::by_id(&mut transaction, listed).await?.ok_or(StoreError::NoContact(listed))?;
        let mut into = contacts::by_id(&mut transaction, known).await?.ok_or(StoreError::NoContact(known))?;
        let refusal = if listed == known {
            Some("they are the same")
        } else if from.platform != into.platform {
            Some("they belong to different platforms")
        } else if from.message_count > 0 {
            Some("both have messages")
        } else {
            None
        };
        if let Some(why) = refusal {
            return Err(StoreError::CannotJoin { listed: from.username, known: into.username, why });
        }
        let seen = as_seen(&from, into.ambiguous);
        listing::apply(&mut into, &seen);
        listing::update(&mut transaction, &into).await?;
        take_over(&mut transaction, listed, known).await?;
        changes::add(&mut transaction, &[listed, known]).await?;
        let joined = contacts::by_id(&mut transaction, known).await?.ok_or(StoreError::NoContact(known))?;
        transaction.commit().await?;
        Ok(joined)
    }
}

/// The listed contact as the row that it was listed by.
fn as_seen(from: &Contact, ambiguous: bool) -> SeenContact {
    SeenContact {
        existing: None,
        key: from.key.clone(),
        username: from.username.clone(),
        open_name: from.open_name.clone(),
        new_alias: None,
        display_name: Some(from.shown_name().to_owned()),
        // The known contact's own thread is what proved them to be one.
        thread_id: None,
        tab: from.tab,
        position: from.position,
        preview: from.preview.clone(),
        preview_outbound: from.preview_outbound,
        unread: from.unread,
        activity: from.activity.clone(),
        ambiguous,
        due: None,
    }
}

/// Moves what hangs on the listed contact's row id, then removes the row.
async fn take_over(
    connection: &mut SqliteConnection,
    listed: ContactId,
    known: ContactId,
) -> Result<(), StoreError> {
    for statement in [
        "UPDATE contacts SET (listed_at, listed_run, tab, position) = \
         (SELECT listed_at, listed_run, tab, position FROM contacts WHERE id = ?1) WHERE id = ?2",
        "UPDATE contacts SET (person_stage, person_stage_at) = \
         (SELECT person_stage, person_stage_at FROM contacts WHERE id = ?1) WHERE id = ?2 \
         AND person_stage IS NULL AND EXISTS (SELECT 1 FROM contacts WHERE id = ?1 AND person_stage IS NOT NULL)",
        "INSERT INTO contact_aliases (platform, alias, contact_id) SELECT platform, key, ?2 FROM contacts \
         WHERE id = ?1 ON CONFLICT (platform, alias) DO UPDATE SET contact_id = excluded.contact_id",
        "UPDATE contact_aliases SET contact_id = ?2 WHERE contact_id = ?1",
        "UPDATE score_points SET contact_id = ?2 WHERE contact_id = ?1",
        "DELETE FROM contacts WHERE id = ?1 AND id <> ?2",
    ] {
        sqlx::query(statement).bind(listed.0).bind(known.0).execute(&mut *connection).await?;
    }
    Ok(())
}
