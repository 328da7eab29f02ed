//! Listing an inbox: all tabs, TikTok's scrolls, and the difference between empty and not loaded.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::TimeDelta;
use crm_sync_domain::plan::{self, Mode};
use crm_sync_domain::{
    Contact, ContactId, InboxTab, ListedConversation, Listing, NameKey, Platform, Reason, identity,
};
use crm_sync_services::{ErrorClass, ListKind};

use super::context::PlatformSync;
use super::events::{SyncEvent, SyncStage};
use super::halt::Halt;

/// How long an inbox is given to load before it is asked again. Source: the services' troubleshooting table.
const LOADING: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(5)];
/// How often the whole of TikTok's list is read.
const WHOLE_LIST_EVERY: TimeDelta = TimeDelta::days(1);

/// A platform's listing.
pub(super) struct Listed {
    pub(super) listing: Listing,
    /// Read to the end, so that a contact that isn't in it isn't in the inbox (as far as the service shows it).
    pub(super) whole: bool,
    /// How many scrolls it takes until a row can be opened, by name (TikTok).
    pub(super) depth: HashMap<NameKey, u32>,
}

impl PlatformSync {
    pub(super) async fn list(&mut self, known: &[Contact]) -> Result<Listed, Halt> {
        self.stage(SyncStage::Listing { found: None });
        let mut listing = self.first_list().await?;
        if listing.rows.is_empty() {
            listing = self.list_again().await?;
        }
        if self.request.mode == Mode::UnreadOnly {
            self.mark_unread(&mut listing).await?;
        }
        let mut listed = Listed { listing, whole: true, depth: HashMap::new() };
        if self.platform() == Platform::TikTok {
            self.scroll(&mut listed, known).await?;
        }
        let skipped = listed.listing.skipped;
        let detail = format!("{} rows", listed.listing.rows.len())
            + &if skipped > 0 {
                format!(", {skipped} entries that can't be understood")
            } else {
                String::new()
            };
        self.step("listed", Some(detail)).await;
        Ok(listed)
    }

    async fn first_list(&mut self) -> Result<Listing, Halt> {
        // Listing all tabs leaves the page on the last of them.
        self.tab.shown = match self.platform() {
            Platform::Instagram => Some(InboxTab::HiddenRequests),
            Platform::Twitter => Some(InboxTab::Requests),
            Platform::TikTok => Some(InboxTab::Inbox),
        };
        let all =
            self.call_patiently(|service| async move { service.conversations(ListKind::All).await }).await?;
        match all {
            // Twitter's document knows one list only.
            Err(error) if error.class == ErrorClass::Missing => {
                let shown =
                    self.call_patiently(|s| async move { s.conversations(ListKind::Shown).await }).await?;
                Ok(shown?)
            }
            answer => Ok(answer?),
        }
    }

    /// An empty list is not an empty inbox: it may not have loaded.
    async fn list_again(&mut self) -> Result<Listing, Halt> {
        let service = self.service.clone();
        match self.call(async move { service.navigate_inbox().await }).await? {
            Ok(navigated) if !navigated.success => {
                return Err(Halt::because(Reason::NeedsSession, navigated.error.unwrap_or_default()));
            }
            Ok(_) => {}
            Err(error) if error.class == ErrorClass::Missing => {}
            Err(error) => return Err(error.into()),
        }
        for pause in LOADING {
            self.wait(pause, "the inbox came back empty and may still be loading").await?;
            let listing = self.first_list().await?;
            if !listing.rows.is_empty() {
                return Ok(listing);
            }
        }
        Err(Halt::because(Reason::InboxNotLoaded, "the list of conversations came back empty"))
    }

    /// Where the rows don't say which are unread, the list of unread conversations does.
    async fn mark_unread(&mut self, listing: &mut Listing) -> Result<(), Halt> {
        if listing.rows.iter().any(|row| row.unread.is_some()) {
            return Ok(());
        }
        let unread = self
            .call_patiently(|service| async move { service.conversations(ListKind::Unread).await })
            .await?;
        let unread: Vec<NameKey> = match unread {
            Ok(unread) => unread.rows.iter().filter_map(|row| NameKey::of(&row.name)).collect(),
            Err(error) if error.class == ErrorClass::Missing => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        for row in &mut listing.rows {
            if NameKey::of(&row.name).is_some_and(|key| unread.contains(&key)) {
                row.unread = Some(true);
            }
        }
        Ok(())
    }

    /// TikTok shows its newest rows; older ones come with scrolling.
    async fn scroll(&mut self, listed: &mut Listed, known: &[Contact]) -> Result<(), Halt> {
        let to_the_end = self.request.mode == Mode::Full
            || self.state.last_full_list_at.is_none_or(|at| self.now() - at >= WHOLE_LIST_EVERY);
        let most = self.engine.settings().sync.tiktok_max_scrolls;
        let mut nothing_new = 0;
        note_depth(&mut listed.depth, &listed.listing.rows, 0);
        let mut fresh: Vec<ListedConversation> = listed.listing.rows.clone();
        listed.whole = false;
        loop {
            if !to_the_end && self.all_unchanged(listed, &fresh, known) {
                return Ok(());
            }
            if self.tab.scrolled >= most {
                self.limited_by(Reason::ListCapped);
                return Ok(());
            }
            self.tell_found(listed);
            let added =
                match self.call_patiently(|service| async move { service.scroll_inbox().await }).await? {
                    Ok(added) => added,
                    Err(error) if error.class == ErrorClass::Missing => {
                        listed.whole = true;
                        return Ok(());
                    }
                    Err(error) => return self.stop_scrolling(&error),
                };
            self.tab.scrolled += 1;
            if added == 0 {
                nothing_new += 1;
                if nothing_new == 2 {
                    listed.whole = true;
                    return Ok(());
                }
                continue;
            }
            nothing_new = 0;
            let answer = self
                .call_patiently(|service| async move { service.conversations(ListKind::Shown).await })
                .await?;
            let page = match answer {
                Ok(page) => page,
                Err(error) => return self.stop_scrolling(&error),
            };
            listed.listing.skipped = listed.listing.skipped.max(page.skipped);
            fresh = unite(&mut listed.listing.rows, page.rows);
            note_depth(&mut listed.depth, &fresh, self.tab.scrolled);
        }
    }

    /// What was listed until then counts; the rest is listed by the next run.
    fn stop_scrolling(&mut self, error: &crm_sync_services::ServiceError) -> Result<(), Halt> {
        if super::halt::ends_the_platform(error.class) {
            return Err(Halt::because(error.reason(), error.to_string()));
        }
        self.limited_by(error.reason());
        self.report.fell_short = true;
        Ok(())
    }

    fn tell_found(&self, listed: &Listed) {
        let found = Some(listed.listing.rows.len());
        self.tell(SyncEvent::Stage { platform: self.platform(), stage: SyncStage::Listing { found } });
    }

    /// True where the rows that came last are all known and unchanged, and nothing that waits to be read lies deeper.
    fn all_unchanged(&self, listed: &Listed, fresh: &[ListedConversation], known: &[Contact]) -> bool {
        let seen = identity::identify(&listed.listing, known, &self.engine.clock().local());
        let fresh: HashSet<NameKey> = fresh.iter().filter_map(|row| NameKey::of(&row.name)).collect();
        let resting: HashSet<ContactId> = known.iter().filter(|c| self.rests(c)).map(|c| c.id).collect();
        let rests = |id: Option<ContactId>| id.is_some_and(|id| resting.contains(&id));
        let changes = plan::changes(&seen, known, self.state.last_listed_at);
        let news = seen.iter().zip(&changes).any(|(contact, change)| {
            change.is_some() && fresh.contains(&contact.key) && !rests(contact.existing)
        });
        let listed: HashSet<ContactId> = seen.iter().filter_map(|contact| contact.existing).collect();
        let waits = |c: &&Contact| {
            (c.due.is_some() || c.fingerprint.is_none()) && c.unreadable.is_none() && !c.ambiguous
        };
        !news && known.iter().filter(waits).all(|contact| listed.contains(&contact.id))
    }

    fn rests(&self, contact: &Contact) -> bool {
        contact.ambiguous || contact.unreadable.as_ref().is_some_and(|u| u.rest_until_run > self.state.runs)
    }
}

fn note_depth(depth: &mut HashMap<NameKey, u32>, rows: &[ListedConversation], scrolled: u32) {
    for key in rows.iter().filter_map(|row| NameKey::of(&row.name)) {
        depth.entry(key).or_insert(scrolled);
    }
}

/// Adds a page to the rows so far and returns what it brought. A virtual list shows a window of its rows, so a page
/// need not hold the rows before it; a name that stands in one page more often than before is another conversation.
fn unite(rows: &mut Vec<ListedConversation>, page: Vec<ListedConversation>) -> Vec<ListedConversation> {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (i, row) in rows.iter().enumerate() {
        places.entry(row.name.clone()).or_default().push(i);
    }
    let mut used: HashMap<String, usize> = HashMap::new();
    let mut fresh = Vec::new();
    for mut row in page {
        let nth = used.entry(row.name.clone()).or_insert(0);
        let known = places.get(&row.name).and_then(|p| p.get(*nth)).copied();
        *nth += 1;
        if let Some(place) = known {
            row.position = rows[place].position;
            row.tab = rows[place].tab;
            rows[place] = row;
        } else {
            row.position = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            row.tab = InboxTab::Inbox;
            rows.push(row.clone());
            fresh.push(row);
        }
    }
    fresh
}
