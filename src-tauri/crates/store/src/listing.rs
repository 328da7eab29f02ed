//! What a listing of an inbox leaves in the cache: contacts appear and learn, none goes and nothing is blanked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use crm_sync_domain::identity::SeenContact;
use crm_sync_domain::{Contact, ContactId, InboxTab, NameKey, Platform};
use sqlx::SqliteConnection;

use crate::columns::{bind_moment, millis, storable, word};
use crate::{RunId, Store, StoreError, changes, contacts};

/// One listing, its rows already tied to contacts.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredListing {
    /// The run that listed.
    pub run: RunId,
    /// Whose inbox.
    pub platform: Platform,
    /// When.
    pub at: DateTime<Utc>,
    /// The contacts seen.
    pub seen: Vec<SeenContact>,
}

/// What a listing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListingCounts {
    /// Contacts met for the first time.
    pub new: u32,
    /// Contacts already cached of which the listing showed something new. Their place in the list alone, which moves
    /// with everybody else's, is stored but not counted.
    pub changed: u32,
}

impl Store {
    /// Stores a listing in one transaction. Contacts that it doesn't show are left as they are.
    pub async fn store_listing(&self, listing: &StoredListing) -> Result<ListingCounts, StoreError> {
        let mut transaction = self.write().await?;
        let mut cached = Cached::load(&mut transaction, listing.platform).await?;
        let mut before = BTreeMap::new();
        let mut created = BTreeSet::new();
        let mut changed = BTreeSet::new();
        let mut places = BTreeMap::new();

        for seen in &listing.seen {
            let id = if let Some(id) = cached.find(seen)? {
                id
            } else {
                let contact = insert(&mut transaction, listing, seen).await?;
                created.insert(contact.id);
                cached.insert(contact)
            };
            if let Some(contact) = cached.contacts.get_mut(&id) {
                before.entry(id).or_insert_with(|| contact.clone());
                apply(contact, seen);
            }
            if let Some(alias) = &seen.new_alias {
                changed.extend(cached.learn_alias(&mut transaction, listing.platform, id, alias).await?);
            }
            places.insert(id, (seen.tab, seen.position));
        }
        // Compared after the last row: a contact that stands in two tabs is one contact, and what counts is whether it
        // ends up different.
        for (id, before) in before {
            if let Some(contact) = cached.contacts.get(&id).filter(|contact| **contact != before) {
                update(&mut transaction, contact).await?;
                changed.insert(id);
            }
        }
        note_places(&mut transaction, listing, &places).await?;

        changed.retain(|id| !created.contains(id));
        let counts = ListingCounts { new: count(created.len()), changed: count(changed.len()) };
        let touched: Vec<_> = created.into_iter().chain(changed).collect();
        changes::add(&mut transaction, &touched).await?;
        transaction.commit().await?;
        Ok(counts)
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The platform's contacts as they stand within the transaction, found by id, key and alias.
struct Cached {
    contacts: HashMap<ContactId, Contact>,
    keys: HashMap<NameKey, ContactId>,
    aliases: HashMap<NameKey, ContactId>,
}

impl Cached {
    async fn load(connection: &mut SqliteConnection, platform: Platform) -> Result<Self, StoreError> {
        let mut cached = Self { contacts: HashMap::new(), keys: HashMap::new(), aliases: HashMap::new() };
        for contact in contacts::of_platform(connection, platform).await? {
            cached.insert(contact);
        }
        Ok(cached)
    }

    fn insert(&mut self, contact: Contact) -> ContactId {
        let id = contact.id;
        self.keys.insert(contact.key.clone(), contact.id);
        self.aliases.extend(contact.aliases.iter().map(|alias| (alias.clone(), contact.id)));
        self.contacts.insert(id, contact);
        id
    }

    fn find(&self, seen: &SeenContact) -> Result<Option<ContactId>, StoreError> {
        match seen.existing {
            Some(id) if self.contacts.contains_key(&id) => Ok(Some(id)),
            Some(id) => Err(StoreError::NoContact(id)),
            None => Ok(self.keys.get(&seen.key).or_else(|| self.aliases.get(&seen.key)).copied()),
        }
    }

    /// Stores a further name of a contact. A name goes to whom it was proved for last; the contacts that gained or lost
    /// it are returned.
    async fn learn_alias(
        &mut self,
        connection: &mut SqliteConnection,
        platform: Platform,
        contact: ContactId,
        alias: &NameKey,
    ) -> Result<Vec<ContactId>, StoreError> {
        let before = self.aliases.insert(alias.clone(), contact);
        if before == Some(contact) || self.contacts.get(&contact).is_some_and(|c| c.key == *alias) {
            return Ok(Vec::new());
        }
        sqlx::query(
            "INSERT INTO contact_aliases (platform, alias, contact_id) VALUES (?, ?, ?) \
             ON CONFLICT (platform, alias) DO UPDATE SET contact_id = excluded.contact_id",
        )
        .bind(platform.as_str())
        .bind(alias.as_str())
        .bind(contact.0)
        .execute(connection)
        .await?;
        Ok(before.into_iter().chain([contact]).collect())
    }
}

/// Takes over what the row says beyond its position. `username` and `key` never change.
pub(crate) fn apply(contact: &mut Contact, seen: &SeenContact) {
    contact.open_name.clone_from(&seen.open_name);
    contact.tab = seen.tab;
    contact.ambiguous = seen.ambiguous;
    // The direction belongs to the preview: an old one says nothing about a new text.
    if seen.preview.is_some() && seen.preview != contact.preview {
        contact.preview_outbound = seen.preview_outbound;
    } else {
        learn(&mut contact.preview_outbound, seen.preview_outbound.as_ref());
    }
    learn(&mut contact.preview, seen.preview.as_ref());
    learn(&mut contact.display_name, seen.display_name.as_ref());
    learn(&mut contact.thread_id, seen.thread_id.as_ref());
    learn(&mut contact.unread, seen.unread.as_ref());
    learn(&mut contact.activity, seen.activity.as_ref().map(storable).as_ref());
    learn(&mut contact.due, seen.due.as_ref());
}

/// An unknown never overwrites a known value.
fn learn<T: Clone>(known: &mut Option<T>, said: Option<&T>) {
    if let Some(said) = said {
        *known = Some(said.clone());
    }
}

pub(crate) async fn update(connection: &mut SqliteConnection, contact: &Contact) -> Result<(), StoreError> {
    let statement = sqlx::query(
        "UPDATE contacts SET open_name = ?, display_name = ?, thread_id = ?, ambiguous = ?, preview = ?, \
         preview_outbound = ?, unread = ?, due = ?, activity_text = ?, activity_earliest = ?, activity_latest = ?, \
         activity_precision = ? WHERE id = ?",
    )
    .bind(&contact.open_name)
    .bind(contact.display_name.as_deref())
    .bind(contact.thread_id.as_deref())
    .bind(contact.ambiguous)
    .bind(contact.preview.as_deref())
    .bind(contact.preview_outbound)
    .bind(contact.unread)
    .bind(contact.due.as_ref().map(word).transpose()?);
    bind_moment(statement, contact.activity.as_ref())?.bind(contact.id.0).execute(connection).await?;
    Ok(())
}

async fn insert(
    connection: &mut SqliteConnection,
    listing: &StoredListing,
    seen: &SeenContact,
) -> Result<Contact, StoreError> {
    let statement = sqlx::query(
        "INSERT INTO contacts (platform, key, username, open_name, display_name, thread_id, ambiguous, \
         first_seen_at, listed_at, listed_run, tab, position, preview, preview_outbound, unread, due, activity_text, \
         activity_earliest, activity_latest, activity_precision) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(listing.platform.as_str())
    .bind(seen.key.as_str())
    .bind(&seen.username)
    .bind(&seen.open_name)
    .bind(seen.display_name.as_deref())
    .bind(seen.thread_id.as_deref())
    .bind(seen.ambiguous)
    .bind(millis(listing.at))
    .bind(millis(listing.at))
    .bind(&listing.run.0)
    .bind(seen.tab.as_str())
    .bind(i64::from(seen.position))
    .bind(seen.preview.as_deref())
    .bind(seen.preview_outbound)
    .bind(seen.unread)
    .bind(seen.due.as_ref().map(word).transpose()?);
    let done = bind_moment(statement, seen.activity.as_ref())?.execute(connection).await?;
    Ok(Contact {
        id: ContactId(done.last_insert_rowid()),
        platform: listing.platform,
        key: seen.key.clone(),
        username: seen.username.clone(),
        open_name: seen.open_name.clone(),
        aliases: Vec::new(),
        display_name: seen.display_name.clone(),
        thread_id: seen.thread_id.clone(),
        tab: seen.tab,
        position: seen.position,
        preview: seen.preview.clone(),
        preview_outbound: seen.preview_outbound,
        unread: seen.unread,
        activity: seen.activity.as_ref().map(storable),
        ambiguous: seen.ambiguous,
        listed_at: listing.at,
        read_at: None,
        fingerprint: None,
        due: seen.due,
        unreadable: None,
        service_stage: None,
        person_stage: None,
        score: None,
        raw_score: None,
        local_score: None,
        messages_sent: None,
        replies_received: None,
        last_contacted: None,
        service_contact_id: None,
        message_count: 0,
    })
}

pub(crate) const PLACES: &str = "UPDATE contacts SET listed_at = ?1, listed_run = ?2, \
     tab = place.value ->> 1, position = place.value ->> 2 \
     FROM json_each(?3) AS place WHERE contacts.id = place.value ->> 0";

/// Where and when the contacts were seen: one statement, because when one row climbs all rows above it move.
async fn note_places(
    connection: &mut SqliteConnection,
    listing: &StoredListing,
    places: &BTreeMap<ContactId, (InboxTab, u32)>,
) -> Result<(), StoreError> {
    let places: Vec<_> = places
        .iter()
        .map(|(id, (tab, position))| serde_json::json!([id.0, tab.as_str(), position]))
        .collect();
    sqlx::query(PLACES)
        .bind(millis(listing.at))
        .bind(&listing.run.0)
        .bind(serde_json::Value::from(places).to_string())
        .execute(connection)
        .await?;
    Ok(())
}
