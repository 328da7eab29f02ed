//! The words that a scenario is told in: late pages, sessions, claims, scripts.

use std::time::Duration;

use crm_sync_domain::InboxTab;

use crate::Endpoint;
use crate::world::PersonId;

/// What the pane shows after an `open` until the page has caught up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meanwhile {
    /// Still what it showed before.
    Previous,
    /// Nothing.
    Nothing,
}

/// A page that catches up late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late {
    /// Counted from the answer to `open`. With [`Duration::MAX`] the page catches up only when
    /// [`Simulator::settle`](crate::Simulator::settle) says so, or never.
    pub delay: Duration,
    /// What the pane shows until then.
    pub meanwhile: Meanwhile,
    /// The address (Instagram's thread id in `GET /api/status`) changes at the click, before the pane does.
    pub url_first: bool,
    /// Only every n-th `open` is late; 1: all.
    pub every: u32,
}

impl Late {
    /// The pane shows the previous thread for so long.
    pub fn previous(delay: Duration) -> Self {
        Self { delay, meanwhile: Meanwhile::Previous, url_first: false, every: 1 }
    }

    /// The pane shows nothing for so long.
    pub fn nothing(delay: Duration) -> Self {
        Self { meanwhile: Meanwhile::Nothing, ..Self::previous(delay) }
    }

    /// The address changes before the pane.
    #[must_use]
    pub fn url_first(mut self) -> Self {
        self.url_first = true;
        self
    }

    /// Only every n-th `open`.
    #[must_use]
    pub fn every(mut self, n: u32) -> Self {
        self.every = n.max(1);
        self
    }
}

/// The browser session behind a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// Logged in, with a tab.
    In,
    /// 401, as the document says of `requireActiveSession`.
    Unauthorized,
    /// 403.
    Forbidden,
    /// No tab of the platform is open: the guards' 503.
    NoTab,
    /// The page shows its login: 200 with nothing.
    Out,
}

/// The service's claim on its browser tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Points at the right tab.
    Alive,
    /// The tab was closed, the claim lives on: 500 on every call (Instagram: 503) until it is released.
    Dead,
    /// Points at a tab of another site: 200 with nothing until it is released.
    WrongSite,
}

/// The service's own CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crm {
    /// Set up and answering.
    Healthy,
    /// Not set up: `stats` is null.
    NotConfigured,
    /// Set up but empty or failing: all zeros.
    AllZero,
}

/// The ids of documented messages. The real servers have none (TikTok: positional ones).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// One id per message, never used twice.
    Unique,
    /// No `id` at all.
    Missing,
    /// `msg-0`, `msg-1`, …: the place in the answer.
    Positional,
}

/// Before or after the call that it hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before the server acts.
    Before,
    /// After the server has acted, before it answers.
    After,
}

/// Something that happens because of the n-th call of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Which calls are counted.
    pub endpoint: Endpoint,
    /// At the n-th, counted from 1.
    pub call: u32,
    /// And at every multiple of it.
    pub repeats: bool,
    /// Before or after.
    pub when: When,
    /// What happens.
    pub change: Change,
}

/// A change to a running world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Another client of the same service opens that thread in the shared tab.
    OtherClientOpens(PersonId),
    /// Another client leaves the shared tab on its inbox.
    OtherClientNavigates,
    /// The person writes.
    Receive(PersonId, String),
    /// The owner of the inbox writes to the person.
    Send(PersonId, String),
    /// The person takes message number n back.
    Unsend(PersonId, u32),
    /// The person is called otherwise from now on: handle and display name.
    Rename(PersonId, String, String),
    /// The conversation leaves all lists.
    Remove(PersonId),
    /// The row is read (false) or unread (true).
    MarkUnread(PersonId, bool),
    /// The row can't be opened any more (false), or again (true).
    Openable(PersonId, bool),
    /// The row moves to that tab.
    Move(PersonId, InboxTab),
    /// The session changes.
    Login(Login),
    /// The claim changes.
    Claim(Claim),
    /// Time passes.
    Advance(Duration),
}
