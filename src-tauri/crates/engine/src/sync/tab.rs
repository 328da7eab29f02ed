//! What is known of a service's one browser tab. Everything that was known of it is void the moment somebody else
//! moves it, so this is a belief that gets checked, never a fact.

use crm_sync_domain::evidence::PaneBefore;
use crm_sync_domain::{InboxTab, ReadMessage};

/// Which thread the tab's address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KnownThread {
    /// Nobody looked.
    Unknown,
    /// This one, or none.
    Seen(Option<String>),
}

/// The tab as this run left it.
#[derive(Debug)]
pub(super) struct Tab {
    /// What the pane showed last.
    pub(super) pane: PaneBefore,
    /// Instagram's thread id as last seen.
    pub(super) thread: KnownThread,
    /// Somebody else moved the tab during this run, or an earlier call may still be moving it.
    pub(super) disturbed: bool,
    /// This run opened something: the tab is to be left on its inbox.
    pub(super) moved: bool,
    /// Which part of the inbox it shows, where there are several.
    pub(super) shown: Option<InboxTab>,
    /// How often TikTok's list was scrolled since it was shown anew.
    pub(super) scrolled: u32,
}

impl Tab {
    pub(super) const fn new() -> Self {
        Self {
            pane: PaneBefore::Unknown,
            thread: KnownThread::Unknown,
            disturbed: false,
            moved: false,
            shown: None,
            scrolled: 0,
        }
    }

    /// Nothing is known any more: a call was dropped and may still be going on.
    pub(super) fn forget(&mut self) {
        self.pane = PaneBefore::Unknown;
        self.thread = KnownThread::Unknown;
        self.shown = None;
        self.disturbed = true;
        self.moved = true;
    }

    /// The pane shows this now.
    pub(super) fn showed(&mut self, window: Vec<ReadMessage>) {
        self.pane = PaneBefore::Showed(window);
    }

    /// Records what a fresh look at the pane found; true where that is not what this run left there.
    pub(super) fn looked(&mut self, window: Vec<ReadMessage>) -> bool {
        let now = PaneBefore::Showed(window);
        let moved_by_another = self.pane != PaneBefore::Unknown && self.pane != now;
        self.pane = now;
        self.disturbed |= moved_by_another;
        moved_by_another
    }
}
