//! What a generated world holds, said in numbers. Shares are exact counts of the contacts, never chances.

use std::ops::RangeInclusive;

use chrono::{DateTime, FixedOffset};
use crm_sync_domain::Platform;

use crate::clock::base_time;

/// Names as people give themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// First and last names in Latin letters; no name is part of another.
    Plain,
    /// One in three is odd: right-to-left, emoji, combining marks, apostrophes, pipes, markup, formulas, very long.
    Odd,
}

/// Texts as people write them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// Sentences in Latin letters of 20 to 100 characters.
    Plain,
    /// One in four is odd: right-to-left, emoji only, combining marks, markup, formulas, a NUL, line breaks, capitals,
    /// 500 to 2,500 characters, attachments.
    Odd,
    /// Believable outreach without traces of its writer; for people, not for tests.
    Demo,
}

/// One platform's inbox in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxSpec {
    /// How many people.
    pub contacts: u32,
    /// Messages per thread, spread evenly over the range.
    pub messages: RangeInclusive<u32>,
    /// How they are called.
    pub names: Names,
    /// What they write.
    pub texts: Texts,
    /// Per cent of the threads that hold one outbound message, the same in all of them (cold outreach).
    pub template_share: u32,
    /// One message in this many is a common short reply ("ok", "thanks!"), the same for everybody; 0: none.
    pub short_reply_every: u32,
    /// Per cent of the contacts in Instagram's General tab.
    pub general_share: u32,
    /// Per cent of the contacts in the requests tab (Instagram, Twitter).
    pub requests_share: u32,
    /// Per cent of the contacts in Instagram's hidden requests.
    pub hidden_share: u32,
    /// People listed in a second tab too (Instagram).
    pub duplicates: u32,
    /// Pairs of people with one display name in the same tab.
    pub same_name_one_tab: u32,
    /// Pairs of people with one display name in two tabs (Instagram, Twitter).
    pub same_name_two_tabs: u32,
    /// Pairs of people of whom one's name is part of the other's: a fuzzy `open` mixes them up.
    pub names_within_names: u32,
    /// Per cent of the contacts whose row is unread.
    pub unread_share: u32,
    /// Per cent of the contacts that the service's own CRM knows; one in ten of those was never scored.
    pub scored_share: u32,
}

impl Default for InboxSpec {
    /// 12 contacts with 3 to 20 plain messages, nothing unusual.
    fn default() -> Self {
        Self {
            contacts: 12,
            messages: 3..=20,
            names: Names::Plain,
            texts: Texts::Plain,
            template_share: 0,
            short_reply_every: 0,
            general_share: 0,
            requests_share: 0,
            hidden_share: 0,
            duplicates: 0,
            same_name_one_tab: 0,
            same_name_two_tabs: 0,
            names_within_names: 0,
            unread_share: 20,
            scored_share: 50,
        }
    }
}

impl InboxSpec {
    /// `contacts` people, the rest as in [`InboxSpec::default`].
    pub fn of(contacts: u32) -> Self {
        Self { contacts, ..Self::default() }
    }

    /// Everything that makes real inboxes hard, in one: odd names and texts, short replies, three tabs.
    pub fn odd(contacts: u32) -> Self {
        Self {
            contacts,
            names: Names::Odd,
            texts: Texts::Odd,
            short_reply_every: 5,
            general_share: 20,
            requests_share: 20,
            ..Self::default()
        }
    }
}

/// A world in numbers. Equal specifications make equal worlds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldSpec {
    /// All that is arbitrary follows from it.
    pub seed: u64,
    /// The newest message is minutes older than this.
    pub now: DateTime<FixedOffset>,
    /// Instagram's inbox.
    pub instagram: InboxSpec,
    /// Twitter's inbox.
    pub twitter: InboxSpec,
    /// TikTok's inbox.
    pub tiktok: InboxSpec,
}

impl WorldSpec {
    /// The same numbers for all three platforms, at the default time.
    pub fn uniform(seed: u64, inbox: &InboxSpec) -> Self {
        Self {
            seed,
            now: base_time(),
            instagram: inbox.clone(),
            twitter: inbox.clone(),
            tiktok: inbox.clone(),
        }
    }

    /// One platform's numbers.
    pub fn inbox(&self, platform: Platform) -> &InboxSpec {
        match platform {
            Platform::Instagram => &self.instagram,
            Platform::Twitter => &self.twitter,
            Platform::TikTok => &self.tiktok,
        }
    }

    /// One platform's numbers, to be changed.
    pub fn inbox_mut(&mut self, platform: Platform) -> &mut InboxSpec {
        match platform {
            Platform::Instagram => &mut self.instagram,
            Platform::Twitter => &mut self.twitter,
            Platform::TikTok => &mut self.tiktok,
        }
    }
}
