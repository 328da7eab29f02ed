//! Which contact each row of a listing is.
//!
//! The key is the name ([`NameKey`]), because the real servers give nothing better. So the question is when one name
//! stands for two people, and the answer leans to the safe side: a contact that may be two people is shown as
//! ambiguous and is not read, because a message stored under the wrong person can't be taken back from a CRM.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeZone};

use crate::name::{self, NameKey};
use crate::plan::OpenReason;
use crate::{Contact, ContactId, InboxTab, ListedConversation, Listing, Moment, Shape, preview};

/// One contact as a listing showed it. `None` is "the service did not say" and changes nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenContact {
    /// The cached contact that the row is, when there is one. `None` still finds one by key or alias: another process
    /// may have stored it meanwhile.
    pub existing: Option<ContactId>,
    /// The folded name; used only where the contact is new.
    pub key: NameKey,
    /// The spelling; used only where the contact is new.
    pub username: String,
    /// What `open` is called with from now on.
    pub open_name: String,
    /// A proved further name of the contact.
    pub new_alias: Option<NameKey>,
    /// The service's display name.
    pub display_name: Option<String>,
    /// The real thread id.
    pub thread_id: Option<String>,
    /// The tab that showed the row.
    pub tab: InboxTab,
    /// Place in that tab, from 0.
    pub position: u32,
    /// The preview; `Some("")` means that the service said "empty" and is stored.
    pub preview: Option<String>,
    /// Whether that preview is ours.
    pub preview_outbound: Option<bool>,
    /// Whether the row is unread.
    pub unread: Option<bool>,
    /// The time of the last activity.
    pub activity: Option<Moment>,
    /// Several people may stand behind the name; goes both ways.
    pub ambiguous: bool,
    /// A change that makes its thread due; one that is cached stays when this is `None`.
    pub due: Option<OpenReason>,
}

/// The contacts of a listing, in the order of their first rows. Rows whose name is nothing but white space or `@`
/// are left out; the caller counts them as skipped.
pub fn identify<Z: TimeZone>(
    listing: &Listing,
    known: &[Contact],
    observed: &DateTime<Z>,
) -> Vec<SeenContact> {
    let by_name = by_name(known);
    let by_thread: HashMap<&str, &Contact> =
        known.iter().filter_map(|c| Some((c.thread_id.as_deref()?, c))).collect();
    let mut order: Vec<NameKey> = Vec::new();
    let mut groups: HashMap<NameKey, (Option<&Contact>, Vec<&ListedConversation>)> = HashMap::new();
    for row in without_copied_tab(listing) {
        let Some(row_key) = NameKey::of(&row.name) else { continue };
        let contact = row
            .thread_id
            .as_deref()
            .and_then(|id| by_thread.get(id).copied())
            .or_else(|| by_name.get(&row_key).copied());
        let key = contact.map_or(row_key, |c| c.key.clone());
        let group = groups.entry(key.clone()).or_insert_with(|| {
            order.push(key);
            (contact, Vec::new())
        });
        group.1.push(row);
    }
    let shared = shared_previews(&groups);
    order
        .into_iter()
        .filter_map(|key| {
            let (contact, rows) = groups.remove(&key)?;
            let ambiguous = match contact {
                Some(c) if c.ambiguous => rows.len() > 1 || c.message_count > 0,
                _ => false,
            } || may_be_two(listing.shape, &rows, &shared);
            Some(gather(key, contact, &rows, ambiguous, observed))
        })
        .collect()
}

/// Twitter answers a second copy of the inbox as `requests` when it can't find that tab: such a copy says nothing.
fn without_copied_tab(listing: &Listing) -> impl Iterator<Item = &ListedConversation> {
    let rows_of = |tab| listing.rows.iter().filter(move |r| r.tab == tab).map(|r| (&r.name, &r.preview));
    let copied =
        rows_of(InboxTab::Inbox).next().is_some() && rows_of(InboxTab::Inbox).eq(rows_of(InboxTab::Requests));
    listing.rows.iter().filter(move |row| !(copied && row.tab == InboxTab::Requests))
}

/// Every name and alias of the cached contacts.
pub fn by_name(known: &[Contact]) -> HashMap<NameKey, &Contact> {
    let aliases = known.iter().flat_map(|c| c.aliases.iter().map(move |a| (a.clone(), c)));
    // A contact's own key wins over somebody's alias.
    aliases.chain(known.iter().map(|c| (c.key.clone(), c))).collect()
}

/// Previews that stand with more than one name: agreeing in one of them proves nothing.
fn shared_previews<C>(groups: &HashMap<NameKey, (C, Vec<&ListedConversation>)>) -> BTreeMap<String, usize> {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for (_, rows) in groups.values() {
        let mut own: Vec<String> =
            rows.iter().filter_map(|r| r.preview.as_deref().map(preview::folded)).collect();
        own.sort();
        own.dedup();
        for text in own {
            *names.entry(text).or_default() += 1;
        }
    }
    names.retain(|_, count| *count > 1);
    names
}

/// Whether the rows of one name may belong to different people.
///
/// In the documented shape names are handles, so they can't. In the real shape two rows of one tab are two
/// conversations, and rows of two tabs are the same conversation only where their previews agree in a text that is
/// nobody else's, or where one of them is unknown. A thread id decides wherever both rows have one.
fn may_be_two(shape: Shape, rows: &[&ListedConversation], shared: &BTreeMap<String, usize>) -> bool {
    shape == Shape::Real
        && rows
            .iter()
            .enumerate()
            .any(|(i, a)| rows[i + 1..].iter().any(|b| !same_conversation(a, b, shared)))
}

fn same_conversation(
    a: &ListedConversation,
    b: &ListedConversation,
    shared: &BTreeMap<String, usize>,
) -> bool {
    if let (Some(a), Some(b)) = (&a.thread_id, &b.thread_id) {
        return a == b;
    }
    if a.tab == b.tab {
        return false;
    }
    let known =
        |row: &ListedConversation| row.preview.as_deref().map(preview::folded).filter(|p| !p.is_empty());
    match (known(a), known(b)) {
        (Some(a), Some(b)) => a == b && !shared.contains_key(&a),
        _ => true,
    }
}

fn gather<Z: TimeZone>(
    key: NameKey,
    contact: Option<&Contact>,
    rows: &[&ListedConversation],
    ambiguous: bool,
    observed: &DateTime<Z>,
) -> SeenContact {
    // The row to open it from: the tab that people look at first.
    let first = rows.iter().min_by_key(|row| (row.tab, row.position)).copied().unwrap_or(rows[0]);
    let said = |row: &&&ListedConversation| row.preview.as_deref().is_some_and(|p| !p.trim().is_empty());
    let speaking = rows.iter().find(said).copied().unwrap_or(first);
    let row_key = NameKey::of(&first.name);
    let known_by = |name: &NameKey| *name == key || contact.is_some_and(|c| c.aliases.contains(name));
    let activity = rows
        .iter()
        .filter_map(|row| Moment::parse(row.time_text.as_deref()?, observed))
        .max_by_key(|moment| moment.latest);
    let unread = if rows.iter().any(|row| row.unread == Some(true)) {
        Some(true)
    } else {
        rows.iter().find_map(|row| row.unread)
    };
    SeenContact {
        existing: contact.map(|c| c.id),
        username: contact.map_or_else(|| name::bare(&first.name).to_owned(), |c| c.username.clone()),
        open_name: first.name.trim().to_owned(),
        new_alias: row_key.filter(|k| !known_by(k)),
        display_name: rows.iter().find_map(|row| row.display_name.clone()),
        thread_id: rows.iter().find_map(|row| row.thread_id.clone()),
        tab: first.tab,
        position: first.position,
        preview: speaking.preview.clone().or_else(|| rows.iter().find_map(|row| row.preview.clone())),
        preview_outbound: speaking.preview_outbound,
        unread,
        activity,
        ambiguous,
        due: None,
        key,
    }
}

#[cfg(test)]
mod tests;
