//! Contacts and messages for people: listing, finding, searching, and the one thing that a person sets here, the stage.

use std::cmp::Ordering;
use std::collections::HashMap;

use crm_sync_domain::{Contact, Direction, Moment, NameKey, Platform, StoredMessage};
pub use crm_sync_store::MessageHit;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::Engine;
use crate::error::{ApiError, Code, Fix};

/// Which contacts, in which order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// On these platforms; empty: on all.
    pub platforms: Vec<Platform>,
    /// In one of these stages, compared without case; empty: in any or none.
    pub stages: Vec<String>,
    /// With at least this score (0–10); contacts without a score are left out.
    pub min_score: Option<f64>,
    /// Listed as unread.
    pub unread: bool,
    /// The newest cached message is the contact's.
    pub awaiting_reply: bool,
    /// This text stands in a name or the last message, compared without case and accents.
    pub search: Option<String>,
    /// In this order.
    pub sort: Sort,
    /// At most this many.
    pub limit: Option<u32>,
}

/// The order of a list of contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// The highest engagement first; where the service gives none, ours; those without any last.
    Score,
    /// The latest activity first; those of unknown activity in the order of their inbox, last.
    #[default]
    Activity,
    /// Platforms in their order, then by name.
    Name,
}

/// What a filter found.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactList {
    /// How many match; more than are given where the limit cut them off.
    pub matching: usize,
    /// In the order asked for.
    pub contacts: Vec<ContactRow>,
}

/// One contact of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactRow {
    /// The contact.
    pub contact: Contact,
    /// As [`last_message`] says.
    pub last_message: Option<String>,
    /// The later of the listing's time and that of the newest cached message.
    pub last_activity: Option<Moment>,
    /// Whether the newest cached message is the contact's; `None` where none is cached or its direction is unknown.
    pub awaiting_reply: Option<bool>,
}

/// Lists contacts.
pub async fn list(engine: &Engine, filter: &Filter) -> Result<ContactList, ApiError> {
    let mut contacts = engine.store().all_contacts().await?;
    contacts.retain(|contact| passes(filter, contact));
    let mut newest = HashMap::new();
    for platform in Platform::ALL {
        if contacts.iter().any(|contact| contact.platform == platform) {
            newest.extend(engine.store().newest_messages(platform).await?);
        }
    }
    let mut rows: Vec<ContactRow> =
        contacts.into_iter().map(|contact| row(newest.remove(&contact.id), contact)).collect();
    let search = filter.search.as_deref().map(fold).filter(|text| !text.is_empty());
    rows.retain(|row| {
        search.as_deref().is_none_or(|text| mentions(row, text))
            && (!filter.awaiting_reply || row.awaiting_reply == Some(true))
    });
    // Stable, so that what compares equal stays in the order of platforms and names.
    rows.sort_by(|a, b| compare(filter.sort, a, b));
    let matching = rows.len();
    rows.truncate(filter.limit.map_or(usize::MAX, |limit| limit as usize));
    Ok(ContactList { matching, contacts: rows })
}

fn row(newest: Option<StoredMessage>, contact: Contact) -> ContactRow {
    let last_message = last_message(&contact, newest.as_ref()).map(str::to_owned);
    let (direction, sent) = newest.map_or((None, None), |newest| (newest.message.direction, newest.sent));
    ContactRow {
        last_message,
        awaiting_reply: direction.map(|direction| direction == Direction::Inbound),
        // Instagram's list gives no times, but its messages may.
        last_activity: contact.activity.clone().into_iter().chain(sent).max_by_key(|moment| moment.latest),
        contact,
    }
}

fn passes(filter: &Filter, contact: &Contact) -> bool {
    let stage = contact.stage().map(|(stage, _)| stage.to_lowercase());
    (filter.platforms.is_empty() || filter.platforms.contains(&contact.platform))
        && (filter.stages.is_empty()
            || stage.is_some_and(|stage| {
                filter.stages.iter().any(|wanted| wanted.trim().to_lowercase() == stage)
            }))
        && filter.min_score.is_none_or(|least| shown_score(contact).is_some_and(|score| score >= least))
        && (!filter.unread || contact.unread == Some(true))
}

fn mentions(row: &ContactRow, text: &str) -> bool {
    [Some(&row.contact.username), row.contact.display_name.as_ref(), row.last_message.as_ref()]
        .into_iter()
        .flatten()
        .any(|field| fold(field).contains(text))
        || row.contact.aliases.iter().any(|alias| fold(alias.as_str()).contains(text))
}

/// Text for comparing: compatible forms as one, without accents, without case.
fn fold(text: &str) -> String {
    text.trim().nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase()
}

/// The score to show and to sort by: the service's, else the one worked out here.
pub fn shown_score(contact: &Contact) -> Option<f64> {
    contact.score.or(contact.local_score)
}

fn compare(sort: Sort, a: &ContactRow, b: &ContactRow) -> Ordering {
    // `None` sorts last: it is smaller than everything, and the larger comes first.
    let falling = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    match sort {
        Sort::Name => Ordering::Equal,
        Sort::Score => falling(shown_score(&a.contact), shown_score(&b.contact)),
        Sort::Activity => {
            let latest = |row: &ContactRow| row.last_activity.as_ref().and_then(|activity| activity.latest);
            let place = |row: &ContactRow| (row.contact.platform, row.contact.tab, row.contact.position);
            latest(b).cmp(&latest(a)).then_with(|| place(a).cmp(&place(b)))
        }
    }
}

/// What stands as a contact's last message: the newest cached one where it was read after the last listing, else the
/// listing's preview. A listing without a preview says nothing, so it blanks nothing: the newest cached one stays.
pub fn last_message<'a>(contact: &'a Contact, newest: Option<&'a StoredMessage>) -> Option<&'a str> {
    let newest_text = newest.map(|newest| newest.message.text.as_str());
    if shows_thread(contact, newest) { newest_text } else { listed_preview(contact) }
}

/// Whether the newest cached message, not the preview, is the last message.
pub(crate) fn shows_thread(contact: &Contact, newest: Option<&StoredMessage>) -> bool {
    newest.is_some()
        && (listed_preview(contact).is_none()
            || contact.read_at.is_some_and(|read| read >= contact.listed_at))
}

/// The preview, where it says anything.
fn listed_preview(contact: &Contact) -> Option<&str> {
    contact.preview.as_deref().filter(|preview| !preview.trim().is_empty())
}

/// Finds a contact by its name, with or without @, in any case, or by a former name.
///
/// Errors: no such contact; similar names are named.
pub async fn find(engine: &Engine, platform: Platform, username: &str) -> Result<Contact, ApiError> {
    let unknown = |message: String| {
        ApiError::new(Code::InvalidInput, message).with_fix(Fix::say(format!(
            "See the names with: crm-sync contacts --platform {platform} --sort name"
        )))
    };
    let Some(key) = NameKey::of(username) else {
        return Err(unknown("the user name is empty".to_owned()));
    };
    if let Some(contact) = engine.store().find_contact(platform, &key).await? {
        return Ok(contact);
    }
    let similar = similar(&engine.store().contacts(platform).await?, &key);
    let hint = if similar.is_empty() { String::new() } else { format!("; similar: {}", similar.join(", ")) };
    Err(unknown(format!("{} has no contact {username:?} in the cache{hint}", platform.title())))
}

/// Up to three contacts whose names are most like the one looked for.
fn similar(contacts: &[Contact], key: &NameKey) -> Vec<String> {
    const ALIKE: f64 = 0.6;
    let likeness = |contact: &Contact| {
        [Some(contact.key.as_str().to_owned()), contact.display_name.as_deref().map(str::to_lowercase)]
            .into_iter()
            .flatten()
            .map(|name| {
                let contained = name.contains(key.as_str());
                if contained { 1.0 } else { strsim::normalized_damerau_levenshtein(&name, key.as_str()) }
            })
            .fold(0.0, f64::max)
    };
    let mut alike: Vec<_> = contacts
        .iter()
        .map(|contact| (likeness(contact), contact))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    alike.into_iter().take(3).map(|(_, contact)| contact.username.clone()).collect()
}

/// Sets a contact's stage as a person's decision, which no sync changes; `None` gives it back to the service. A stage
/// that differs from one of the settings only by case takes the settings' spelling; any other is kept as it is.
pub async fn set_stage(
    engine: &Engine,
    platform: Platform,
    username: &str,
    stage: Option<&str>,
) -> Result<Contact, ApiError> {
    let stage = stage.map(str::trim);
    if stage == Some("") {
        return Err(ApiError::new(Code::InvalidInput, "the stage is empty; nothing was changed")
            .with_fix(Fix::say("Name a stage, or take it away with --clear.")));
    }
    let offered = &engine.settings().stages;
    let stage = stage.map(|stage| {
        offered
            .iter()
            .find(|known| known.to_lowercase() == stage.to_lowercase())
            .map_or(stage, String::as_str)
    });
    let contact = find(engine, platform, username).await?;
    engine.store().set_stage(contact.id, stage, engine.clock().now()).await?;
    find(engine, platform, username).await
}

/// A contact and its cached thread, oldest first.
pub async fn thread(
    engine: &Engine,
    platform: Platform,
    username: &str,
) -> Result<(Contact, Vec<StoredMessage>), ApiError> {
    let contact = find(engine, platform, username).await?;
    let thread = engine.store().thread(contact.id).await?;
    Ok((contact, thread))
}

/// Messages that hold all the words of a text, without case and accents.
pub async fn search_messages(engine: &Engine, text: &str, limit: u32) -> Result<Vec<MessageHit>, ApiError> {
    if text.trim().is_empty() {
        return Err(ApiError::new(Code::InvalidInput, "there is nothing to search for: the text is empty"));
    }
    Ok(engine.store().search_messages(text, limit).await?)
}
