//! Whose inboxes the simulated services show: people, their threads, and where they are listed.
//!
//! A world is made from a seed ([`WorldSpec`]) and is the same for the same seed. Threads that
//! nobody has touched are kept as recipes, so that a world of 30,000 contacts with 50 messages each costs a few
//! megabytes.

pub(crate) mod demo;
mod generate;
mod names;
mod spec;
mod texts;
mod thread;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use crm_sync_domain::{InboxTab, Platform};

pub use demo::demo;
pub use spec::{InboxSpec, Names, Texts, WorldSpec};
pub(crate) use texts::owner_in_text;
pub use thread::Message;
pub(crate) use thread::{Recipe, Thread};

/// A person of one inbox, whatever they call themselves there. Never reused within an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u32);

/// Everything the services can show: one inbox per platform.
#[derive(Debug, Clone)]
pub struct World {
    pub(crate) inboxes: [Inbox; 3],
}

impl World {
    /// The world of a specification; the same for the same specification.
    pub fn generate(spec: &WorldSpec) -> Self {
        Self { inboxes: Platform::ALL.map(|platform| generate::inbox(spec, platform)) }
    }

    /// Nobody has written yet; fill it with [`Inbox::add`].
    pub fn empty() -> Self {
        Self { inboxes: Platform::ALL.map(|platform| Inbox::new(platform, "our.account", Vec::new())) }
    }

    /// One platform's inbox.
    pub fn inbox(&self, platform: Platform) -> &Inbox {
        &self.inboxes[index(platform)]
    }

    /// One platform's inbox, to be changed before the simulator is started.
    pub fn inbox_mut(&mut self, platform: Platform) -> &mut Inbox {
        &mut self.inboxes[index(platform)]
    }
}

/// A platform's place in arrays of three.
pub(crate) const fn index(platform: Platform) -> usize {
    match platform {
        Platform::Instagram => 0,
        Platform::Twitter => 1,
        Platform::TikTok => 2,
    }
}

/// One platform's inbox.
#[derive(Debug, Clone)]
pub struct Inbox {
    /// Whose.
    pub platform: Platform,
    /// The handle of the account that the inbox belongs to: the documented `sender` of outbound messages.
    pub owner: String,
    people: Vec<Person>,
    /// People by newest activity first, and by what their handles fold to; rebuilt when somebody changed.
    order: Vec<PersonId>,
    by_handle: HashMap<String, Vec<PersonId>>,
    stale: bool,
    /// Counts what was said since the start.
    said: u64,
}

impl Inbox {
    pub(crate) fn new(platform: Platform, owner: &str, people: Vec<Person>) -> Self {
        Self {
            platform,
            owner: owner.to_owned(),
            people,
            order: Vec::new(),
            by_handle: HashMap::new(),
            stale: true,
            said: 0,
        }
    }

    /// Everybody, also those who are in no list.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// One person; `None` where the id is of another world.
    pub fn person(&self, id: PersonId) -> Option<&Person> {
        self.people.get(usize::try_from(id.0).ok()?)
    }

    /// One person, to be changed.
    pub fn person_mut(&mut self, id: PersonId) -> Option<&mut Person> {
        self.stale = true;
        self.people.get_mut(usize::try_from(id.0).ok()?)
    }

    /// Adds a person with a first message of theirs.
    pub fn add(
        &mut self,
        handle: &str,
        display_name: &str,
        tab: InboxTab,
        text: &str,
        at: DateTime<Utc>,
    ) -> PersonId {
        let id = PersonId(u32::try_from(self.people.len()).unwrap_or(u32::MAX));
        self.people.push(Person {
            id,
            handle: handle.to_owned(),
            display_name: display_name.to_owned(),
            thread_id: generate::thread_id(self.platform, id),
            tabs: vec![tab],
            unread: true,
            openable: true,
            listed: true,
            crm: None,
            rank: 0,
            thread: Thread::of(vec![Message {
                seq: 0,
                text: text.to_owned(),
                outbound: false,
                at,
                attachment: false,
            }]),
        });
        self.touch(id);
        id
    }

    /// Something was said in this thread: among those of the same moment it is the newest.
    pub(crate) fn touch(&mut self, id: PersonId) {
        self.said += 1;
        let rank = self.said;
        if let Some(person) = self.person_mut(id) {
            person.rank = rank;
        }
    }

    /// The row was opened. Changes neither order nor names.
    pub(crate) fn mark_read(&mut self, id: PersonId) {
        if let Some(person) = self.people.get_mut(id.0 as usize) {
            person.unread = false;
        }
    }

    /// The people with that handle, case and leading `@`s aside.
    pub(crate) fn with_handle(&mut self, handle: &str) -> Vec<PersonId> {
        self.order();
        self.by_handle.get(&fold(handle)).cloned().unwrap_or_default()
    }

    /// People by newest activity first.
    pub(crate) fn order(&mut self) -> &[PersonId] {
        if self.stale {
            self.order = self.people.iter().map(|p| p.id).collect();
            self.order.sort_by_cached_key(|id| {
                let newest = self.people.get(id.0 as usize).map(|person| (person.activity(), person.rank));
                (std::cmp::Reverse(newest), *id)
            });
            self.by_handle.clear();
            for person in &self.people {
                self.by_handle.entry(fold(&person.handle)).or_default().push(person.id);
            }
            self.stale = false;
        }
        &self.order
    }
}

/// A name as `open` compares it.
pub(crate) fn fold(name: &str) -> String {
    name.to_lowercase().trim_start_matches('@').to_owned()
}

/// One person and their thread.
#[derive(Debug, Clone)]
pub struct Person {
    /// Stays the same whatever the names become.
    pub id: PersonId,
    /// The user name: unique, what the documented shape lists.
    pub handle: String,
    /// What the real servers list instead; need not be unique.
    pub display_name: String,
    /// The platform's own id of the thread.
    pub thread_id: String,
    /// The tabs whose lists hold a row of this person; usually one.
    pub tabs: Vec<InboxTab>,
    /// The row is marked unread; opening the thread clears it.
    pub unread: bool,
    /// False: `open` never finds the row, although it is listed.
    pub openable: bool,
    /// False: no list shows the person (a removed conversation).
    pub listed: bool,
    /// What the service's own CRM knows; `None` where it never wrote to this person.
    pub crm: Option<CrmEntry>,
    /// Orders what happened at one moment of a clock that stands still.
    pub(crate) rank: u64,
    pub(crate) thread: Thread,
}

impl Person {
    /// The whole thread, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.thread.messages()
    }

    /// The newest message.
    pub fn newest(&self) -> Option<Message> {
        self.thread.newest()
    }

    /// When something last happened in the thread.
    pub fn activity(&self) -> DateTime<Utc> {
        self.thread.activity()
    }

    /// Appends a message.
    pub fn say(&mut self, text: &str, outbound: bool, at: DateTime<Utc>) {
        let held = self.thread.hold();
        let seq = held.last().map_or(0, |m| m.seq + 1);
        held.push(Message { seq, text: text.to_owned(), outbound, at, attachment: false });
        if !outbound {
            self.unread = true;
        }
    }

    /// Appends a photo or video.
    pub fn attach(&mut self, outbound: bool, at: DateTime<Utc>) {
        self.say("", outbound, at);
        if let Some(last) = self.thread.hold().last_mut() {
            last.attachment = true;
        }
    }

    /// Replaces the whole thread, oldest first; times count back from `newest`, ten minutes apart.
    pub fn set_thread(&mut self, newest: DateTime<Utc>, texts: &[(&str, bool)]) {
        let count = u32::try_from(texts.len()).unwrap_or(u32::MAX);
        let messages = texts.iter().zip(0_u32..).map(|((text, outbound), seq)| Message {
            seq,
            text: (*text).to_owned(),
            outbound: *outbound,
            at: newest - chrono::TimeDelta::minutes(10 * i64::from(count - 1 - seq)),
            attachment: false,
        });
        self.thread = Thread::of(messages.collect());
    }

    /// Takes a message back; false where there is none with that number.
    pub fn unsend(&mut self, seq: u32) -> bool {
        let held = self.thread.hold();
        let before = held.len();
        held.retain(|message| message.seq != seq);
        held.len() < before
    }
}

/// One contact of the service's own CRM. Scores are on 0–100, as the real servers keep them.
#[derive(Debug, Clone, PartialEq)]
pub struct CrmEntry {
    /// `contact_…` in the documented shape, a UUID in the real one.
    pub id: String,
    /// `None`: never scored. The real servers list such a contact first, with a score of 0.
    pub score: Option<u8>,
    /// The documented `stage`.
    pub stage: String,
    /// Messages sent through the service.
    pub messages_sent: u32,
    /// Replies received.
    pub replies_received: u32,
    /// Last sending.
    pub last_contacted: Option<DateTime<Utc>>,
}
