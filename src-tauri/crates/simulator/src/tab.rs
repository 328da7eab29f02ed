//! The one browser tab behind a service: which list it shows, which thread its pane shows now, and what it will
//! show once the page has caught up. Nothing locks it: whoever calls next changes it for everybody.

use std::time::Duration;

use crm_sync_domain::{InboxTab, Platform};
use tokio::time::Instant;

use crate::scenario::{Late, Meanwhile};
use crate::world::PersonId;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Inbox,
    /// TikTok after an `open` that found nothing: somebody's profile, neither list nor thread.
    Profile,
}

#[derive(Debug)]
pub(crate) struct Tab {
    /// Whose list is shown.
    pub(crate) shown: InboxTab,
    pub(crate) page: Page,
    pane: Option<PersonId>,
    address: Option<PersonId>,
    /// What the pane will show, and from when on; without a time, when it is told to.
    coming: Option<(Option<Instant>, PersonId)>,
    /// Rows that the list has rendered (TikTok).
    pub(crate) rendered: usize,
    /// Pages of the open thread that are loaded (Twitter).
    pub(crate) loaded_pages: usize,
}

impl Tab {
    pub(crate) fn new(platform: Platform, rendered: usize) -> Self {
        Self {
            shown: first_tab(platform),
            page: Page::Inbox,
            pane: None,
            address: None,
            coming: None,
            rendered,
            loaded_pages: 1,
        }
    }

    /// A click on a person's row. `answer_in` is when the server will answer the call.
    pub(crate) fn click(&mut self, person: PersonId, answer_in: Duration, late: Option<Late>) {
        self.catch_up();
        self.loaded_pages = 1;
        let Some(late) = late else {
            (self.pane, self.address, self.coming) = (Some(person), Some(person), None);
            return;
        };
        if late.meanwhile == Meanwhile::Nothing {
            self.pane = None;
        }
        if late.url_first {
            self.address = Some(person);
        }
        // A delay beyond what the clock can hold is a page that catches up only when it is told to.
        let due = answer_in.checked_add(late.delay).and_then(|wait| Instant::now().checked_add(wait));
        self.coming = Some((due, person));
    }

    /// Another list, or the inbox loaded anew: no thread is open.
    pub(crate) fn show(&mut self, tab: InboxTab) {
        self.page = Page::Inbox;
        self.shown = tab;
        self.close();
    }

    /// A profile page instead of the inbox.
    pub(crate) fn leave_for_profile(&mut self) {
        self.page = Page::Profile;
        self.close();
    }

    fn close(&mut self) {
        (self.pane, self.address, self.coming) = (None, None, None);
        self.loaded_pages = 1;
    }

    /// Whose thread the pane shows now.
    pub(crate) fn pane(&mut self) -> Option<PersonId> {
        self.catch_up();
        self.pane
    }

    /// Whose thread the address names now.
    pub(crate) fn address(&mut self) -> Option<PersonId> {
        self.catch_up();
        self.address
    }

    fn catch_up(&mut self) {
        if let Some((Some(due), _)) = self.coming
            && due <= Instant::now()
        {
            self.settle();
        }
    }

    /// Catches up at once.
    pub(crate) fn settle(&mut self) {
        if let Some((_, person)) = self.coming.take() {
            (self.pane, self.address) = (Some(person), Some(person));
        }
    }
}

/// The list that an inbox opens with.
pub(crate) const fn first_tab(platform: Platform) -> InboxTab {
    match platform {
        Platform::Instagram => InboxTab::Primary,
        Platform::Twitter | Platform::TikTok => InboxTab::Inbox,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: PersonId = PersonId(1);
    const B: PersonId = PersonId(2);
    const MS: Duration = Duration::from_millis(1);

    fn showing_a() -> Tab {
        let mut tab = Tab::new(Platform::Instagram, 0);
        tab.click(A, Duration::ZERO, None);
        tab
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_page_shows_the_previous_thread_until_it_has_caught_up() {
        let mut tab = showing_a();
        tab.click(B, 20 * MS, Some(Late::previous(100 * MS)));
        assert_eq!((tab.pane(), tab.address()), (Some(A), Some(A)));
        tokio::time::advance(119 * MS).await;
        assert_eq!(tab.pane(), Some(A));
        tokio::time::advance(2 * MS).await;
        assert_eq!((tab.pane(), tab.address()), (Some(B), Some(B)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_page_may_show_nothing_and_the_address_may_come_first() {
        let mut tab = showing_a();
        tab.click(B, Duration::ZERO, Some(Late::nothing(100 * MS).url_first()));
        assert_eq!((tab.pane(), tab.address()), (None, Some(B)));
        tokio::time::advance(101 * MS).await;
        assert_eq!(tab.pane(), Some(B));
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_is_left_never_catches_up() {
        let mut tab = showing_a();
        tab.click(B, Duration::ZERO, Some(Late::previous(100 * MS)));
        tab.show(InboxTab::General);
        tokio::time::advance(200 * MS).await;
        assert_eq!((tab.pane(), tab.address(), tab.shown), (None, None, InboxTab::General));
    }
}
