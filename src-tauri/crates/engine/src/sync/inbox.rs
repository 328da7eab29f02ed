//! A platform's listing as stored, with what the evidence needs to know of it as a whole.

use std::collections::{HashMap, HashSet};

use crm_sync_domain::evidence::ThreadOwner;
use crm_sync_domain::plan;
use crm_sync_domain::{Contact, ContactId, NameKey, Shape, name, preview};

/// The contacts of one listing, seen together.
pub(super) struct Inbox {
    pub(super) shape: Shape,
    /// The service shows the id of the open thread (Instagram's real server does, in its address).
    pub(super) shows_thread_ids: bool,
    /// How many contacts show each usable preview.
    previews: HashMap<String, u32>,
    /// How many contacts have each name or display name.
    names: HashMap<NameKey, u32>,
    /// Whose each stored thread id is.
    owners: HashMap<String, ContactId>,
    /// Contacts that have a stored thread and are not in this listing.
    unlisted: HashMap<ContactId, Contact>,
    /// How many scrolls it takes until a row can be opened.
    depth: HashMap<NameKey, u32>,
    /// The contacts of the listing that can be opened to compare with, in its order.
    openable: Vec<Contact>,
}

impl Inbox {
    pub(super) fn new(
        shape: Shape,
        shows_thread_ids: bool,
        listed: &[Contact],
        known: Vec<Contact>,
        depth: HashMap<NameKey, u32>,
    ) -> Self {
        let mut previews = HashMap::new();
        let mut names = HashMap::new();
        for contact in listed {
            if let Some(text) = plan::usable_preview(contact, shape) {
                *previews.entry(text).or_insert(0) += 1;
            }
            let mut own: Vec<NameKey> = names_of(contact);
            own.extend(contact.display_name.as_deref().and_then(NameKey::of));
            own.sort();
            own.dedup();
            for name in own {
                *names.entry(name).or_insert(0) += 1;
            }
        }
        let owners = known.iter().filter_map(|c| Some((c.thread_id.clone()?, c.id))).collect();
        let openable = listed.iter();
        let listed: HashSet<ContactId> = listed.iter().map(|c| c.id).collect();
        let unlisted = known.into_iter().filter(|c| c.thread_id.is_some() && !listed.contains(&c.id));
        let unlisted = unlisted.map(|c| (c.id, c)).collect();
        // Only in the real shape can two threads look alike.
        let openable = openable.filter(|c| {
            shape == Shape::Real && !c.ambiguous && name::can_be_opened(c.platform, &c.open_name)
        });
        let openable = openable.cloned().collect();
        Self { shape, shows_thread_ids, previews, names, owners, unlisted, depth, openable }
    }

    /// The preview is usable, and no other contact of the listing shows it.
    pub(super) fn preview_is_its_own(&self, contact: &Contact) -> bool {
        plan::usable_preview(contact, self.shape).is_some_and(|text| self.previews.get(&text) == Some(&1))
    }

    /// No other contact of the listing goes by one of its names.
    pub(super) fn name_is_its_own(&self, contact: &Contact) -> bool {
        !contact.ambiguous && names_of(contact).iter().all(|name| self.names.get(name) == Some(&1))
    }

    pub(super) fn owner_of(&self, thread_id: &str, contact: &Contact) -> ThreadOwner {
        match self.owners.get(thread_id) {
            None => ThreadOwner::Nobody,
            Some(owner) if *owner == contact.id => ThreadOwner::This,
            Some(_) => ThreadOwner::Another,
        }
    }

    /// Contacts whose open must show something else than this one's, those of the same tab first: another thread id
    /// or, where none show, another preview. Only those that wait to be read anyway, unless there is cause to open any.
    pub(super) fn controls(&self, contact: &Contact, leave_unread: bool, any: bool) -> Vec<Contact> {
        let look = |c: &Contact| c.preview.as_deref().map(preview::folded);
        let mut controls: Vec<Contact> = self
            .openable
            .iter()
            .filter(|c| c.id != contact.id && (self.shows_thread_ids || look(c) != look(contact)))
            .filter(|c| !(leave_unread && c.unread == Some(true)))
            .filter(|c| any || c.due.is_some() || c.fingerprint.is_none())
            .cloned()
            .collect();
        controls.sort_by_key(|c| c.tab != contact.tab);
        controls
    }

    /// The owner of a thread that this listing no longer shows: perhaps it shows it under another name.
    pub(super) fn unlisted_owner(&self, thread_id: &str) -> Option<&Contact> {
        self.unlisted.get(self.owners.get(thread_id)?)
    }

    /// A thread id was proved.
    pub(super) fn learned(&mut self, thread_id: Option<&str>, contact: ContactId) {
        if let Some(id) = thread_id {
            self.owners.insert(id.to_owned(), contact);
            self.unlisted.remove(&contact);
        }
    }

    /// How many scrolls below the top of the list the contact's row stands.
    pub(super) fn depth_of(&self, contact: &Contact) -> u32 {
        NameKey::of(&contact.open_name).and_then(|name| self.depth.get(&name).copied()).unwrap_or(0)
    }
}

/// The names that a contact goes by, and that a sender of its messages may have.
pub(super) fn names_of(contact: &Contact) -> Vec<NameKey> {
    let mut names = vec![contact.key.clone()];
    names.extend(contact.aliases.iter().cloned());
    names.extend(NameKey::of(&contact.open_name));
    names.sort();
    names.dedup();
    names
}
