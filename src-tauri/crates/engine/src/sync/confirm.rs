//! A second look at a thread that looks like others.
//!
//! Somebody else may use the same browser tab: then what shows after an open may be theirs. One coincidence is possible,
//! so the thread is opened again; a program that opens its thread after every n-th call can cause the same coincidence
//! twice, so after that another contact is opened, which must show something else, and is looked at for as many reads
//! as it would take such a program to come back.

use crm_sync_domain::Contact;
use crm_sync_domain::evidence::PaneBefore;
use crm_sync_services::Window;

use super::context::PlatformSync;
use super::halt::Halt;
use super::inbox::Inbox;
use super::read::{Before, Reader, Reading};

/// How many other contacts are tried where some don't open.
const CONTROLS: usize = 3;

/// What a second look showed.
pub(super) enum Confirmed {
    /// The same, and another contact's open showed something else. Holds what the pane showed before the second open,
    /// where it was emptied for it.
    Yes(Option<Before>),
    /// Something else than the first look, or the same for another contact.
    No,
    /// It could not be opened or read again.
    Failed(Reading),
}

impl PlatformSync {
    /// Opens a contact's thread again and compares; where thread ids show, the id is what must be the same, elsewhere
    /// the pane is emptied in between.
    pub(super) async fn confirm(
        &mut self,
        contact: &Contact,
        inbox: &Inbox,
        first: &Window,
        reader: &mut Reader,
    ) -> Result<Confirmed, Halt> {
        let first_read = reader.first_read.unwrap_or(reader.reads);
        let first_thread = reader.thread.clone();
        let mut before = None;
        if inbox.shows_thread_ids {
            if let Some(failed) = self.open(contact, inbox).await? {
                return Ok(Confirmed::Failed(failed));
            }
            reader.opened();
        } else {
            let mut emptied = Before { pane: PaneBefore::Unknown, thread: None };
            if let Some(failed) = self.open_from_empty(contact, inbox, &mut emptied, reader).await? {
                return Ok(Confirmed::Failed(failed));
            }
            before = Some(emptied);
        }
        loop {
            let thread = self.thread_now(inbox).await?;
            let Some(window) = self.read_window(reader).await? else {
                return Ok(Confirmed::Failed(Reading::unreadable(reader.failure(), false)));
            };
            let empty = window.messages.is_empty();
            // A page that is still loading shows nothing; whatever else it shows is somebody else's doing.
            if (!empty && window.messages != first.messages) || thread != first_thread {
                self.tab.disturbed = true;
                return Ok(Confirmed::No);
            }
            if reader.steady && !empty {
                break;
            }
            if reader.since_open.elapsed() >= self.settle_timeout() {
                return Ok(Confirmed::No);
            }
            self.pause(reader.next_pause()).await?;
        }
        let second_read = reader.first_read.unwrap_or(reader.reads);
        let until = second_read + (second_read - first_read) + 1;
        let shows_another = self.another_shows_another(contact, inbox, first, until, reader).await?;
        Ok(if shows_another { Confirmed::Yes(before) } else { Confirmed::No })
    }

    /// Opens another contact, which must show something else than `first`, at least until read number `until`.
    async fn another_shows_another(
        &mut self,
        contact: &Contact,
        inbox: &Inbox,
        first: &Window,
        until: u32,
        reader: &mut Reader,
    ) -> Result<bool, Halt> {
        let controls = inbox.controls(contact, self.leaves_unread(), self.tab.disturbed);
        let first_thread = reader.thread.clone();
        for control in controls.into_iter().take(CONTROLS) {
            if self.open(&control, inbox).await?.is_some() {
                continue;
            }
            reader.opened();
            return self.stays_another(inbox, first, first_thread.as_ref(), until, reader).await;
        }
        // Nobody else to compare with waits to be read: nothing is opened for that alone, unless there is cause.
        Ok(!self.tab.disturbed)
    }

    async fn stays_another(
        &mut self,
        inbox: &Inbox,
        first: &Window,
        first_thread: Option<&String>,
        until: u32,
        reader: &mut Reader,
    ) -> Result<bool, Halt> {
        let mut changed = false;
        loop {
            let thread = self.thread_now(inbox).await?;
            let Some(window) = self.read_window(reader).await? else { return Ok(false) };
            let another = if inbox.shows_thread_ids {
                thread.is_some() && thread.as_ref() != first_thread
            } else {
                !window.messages.is_empty() && window.messages != first.messages
            };
            if changed && !another {
                // It came back by itself: somebody else keeps opening it.
                self.tab.disturbed = true;
                return Ok(false);
            }
            changed |= another;
            if changed && reader.steady && reader.reads >= until {
                return Ok(true);
            }
            if !changed && reader.since_open.elapsed() >= self.settle_timeout() {
                self.tab.disturbed = true;
                return Ok(false);
            }
            if !changed {
                self.pause(reader.next_pause()).await?;
            }
        }
    }
}
