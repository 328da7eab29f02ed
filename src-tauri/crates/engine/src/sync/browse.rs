//! Moving the browser tab behind a service: showing a list, opening a thread, scrolling. After each move the
//! [`Tab`](super::tab::Tab) says what is known of it.

use crm_sync_domain::evidence::PaneBefore;
use crm_sync_domain::{Contact, InboxTab, Platform, Reason, Shape};
use crm_sync_services::{ListKind, Opened, ServiceError};

use super::context::PlatformSync;
use super::halt::{self, Halt};
use super::inbox::Inbox;
use super::read::Reading;
use super::tab::KnownThread;

impl PlatformSync {
    /// `None` when the service said that it opened the thread.
    pub(super) async fn open(&mut self, contact: &Contact, inbox: &Inbox) -> Result<Option<Reading>, Halt> {
        self.bring_into_view(contact, inbox).await?;
        let (service, name) = (self.service.clone(), contact.open_name.clone());
        self.tab.moved = true;
        match self.call(async move { service.open(&name).await }).await? {
            Ok(Opened::Yes) => Ok(None),
            Ok(Opened::No { .. }) => {
                if self.platform() == Platform::TikTok {
                    // A miss leaves TikTok's tab on a profile page.
                    self.show_inbox().await?;
                }
                Ok(Some(Reading::unreadable(Reason::NotFound, true)))
            }
            Err(error) => self.after_failed_call(&error).await.map(Some),
        }
    }

    /// A call for one thread failed: either the platform is gone, or only this thread is.
    pub(super) async fn after_failed_call(&mut self, error: &ServiceError) -> Result<Reading, Halt> {
        if halt::ends_the_platform(error.class) {
            return Err(Halt::because(error.reason(), error.to_string()));
        }
        if error.may_go_on_for().is_some() {
            self.show_inbox().await?;
        }
        Ok(Reading::unreadable(error.reason(), true))
    }

    /// Shows the inbox with no thread open, where the service can.
    pub(super) async fn show_inbox(&mut self) -> Result<(), Halt> {
        let service = self.service.clone();
        let answer = self.call(async move { service.navigate_inbox().await }).await?;
        self.tab.pane = PaneBefore::Unknown;
        self.tab.thread = KnownThread::Unknown;
        self.tab.scrolled = 0;
        self.tab.shown = match self.platform() {
            Platform::Instagram => Some(InboxTab::Primary),
            Platform::Twitter | Platform::TikTok => Some(InboxTab::Inbox),
        };
        match answer {
            Err(error) if halt::ends_the_platform(error.class) => Err(error.into()),
            // Without that route, or when it fails, nothing is known of the tab; the evidence decides.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Shows one of Instagram's tabs.
    pub(super) async fn select_tab(&mut self, tab: InboxTab) -> Result<(), Halt> {
        let service = self.service.clone();
        let answer = self.call(async move { service.select_tab(tab).await }).await?;
        self.shows_another_list(tab);
        match answer {
            Err(error) if halt::ends_the_platform(error.class) => Err(error.into()),
            // If the tab is not shown, `open` finds nothing there and says so.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Shows Twitter's requests: listing everything is the only way there.
    async fn show_requests(&mut self) -> Result<(), Halt> {
        let service = self.service.clone();
        let answer = self.call(async move { service.conversations(ListKind::All).await }).await?;
        self.shows_another_list(InboxTab::Requests);
        match answer {
            Err(error) if halt::ends_the_platform(error.class) => Err(error.into()),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn shows_another_list(&mut self, tab: InboxTab) {
        self.tab.thread = KnownThread::Unknown;
        self.tab.pane = PaneBefore::Unknown;
        self.tab.moved = true;
        self.tab.shown = Some(tab);
    }

    /// `open` finds only rows that the page shows: shows the row's part of the inbox, and on TikTok scrolls down to
    /// where it was listed.
    pub(super) async fn bring_into_view(&mut self, contact: &Contact, inbox: &Inbox) -> Result<(), Halt> {
        if inbox.shape == Shape::Real && self.tab.shown != Some(contact.tab) {
            match (self.platform(), contact.tab) {
                (Platform::Instagram, tab) => self.select_tab(tab).await?,
                (Platform::Twitter, InboxTab::Requests) => self.show_requests().await?,
                (Platform::Twitter, _) => self.show_inbox().await?,
                (Platform::TikTok, _) => {}
            }
        }
        while self.tab.scrolled < inbox.depth_of(contact) {
            let service = self.service.clone();
            match self.call(async move { service.scroll_inbox().await }).await? {
                Ok(_) => self.tab.scrolled += 1,
                Err(error) if halt::ends_the_platform(error.class) => return Err(error.into()),
                // Then `open` says that it did not find the row.
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    /// Loads older messages of the open thread; false where the service can't.
    pub(super) async fn scroll_thread(&mut self) -> Result<bool, Halt> {
        let (service, scrolls) = (self.service.clone(), self.engine.settings().sync.twitter_thread_scrolls);
        match self.call(async move { service.scroll_thread(scrolls).await }).await? {
            Ok(_) => Ok(true),
            Err(error) if halt::ends_the_platform(error.class) => Err(error.into()),
            // The newest messages are proved all the same.
            Err(_) => Ok(false),
        }
    }

    /// Instagram's thread id now.
    pub(super) async fn thread_now(&mut self, inbox: &Inbox) -> Result<Option<String>, Halt> {
        if !inbox.shows_thread_ids {
            return Ok(None);
        }
        let service = self.service.clone();
        match self.call(async move { service.page_status().await }).await? {
            Ok(status) => Ok(status.thread_id),
            Err(error) if halt::ends_the_platform(error.class) => Err(error.into()),
            Err(_) => Ok(None),
        }
    }
}
