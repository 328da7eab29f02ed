//! Opening one thread and reading it until the decision table ([`crm_sync_domain::evidence`]) has an answer.

use std::time::Duration;

use crm_sync_domain::contact::Unreadable;
use crm_sync_domain::evidence::{
    self, Claim, Disproof, Elsewhere, Missing, PaneBefore, ThreadIds, ThreadOwner, Verdict,
};
use crm_sync_domain::plan::Mode;
use crm_sync_domain::{
    Contact, ContactId, NameKey, Platform, ReadMessage, Reason, Shape, StoredMessage, plan,
};
use crm_sync_services::{ErrorClass, Window};
use tokio::time::Instant;

use super::confirm::Confirmed;
use super::context::PlatformSync;
use super::halt::{self, Halt};
use super::inbox::{Inbox, names_of};
use super::tab::KnownThread;

/// The first pause between two reads of a pane that has not settled; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(40);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// A pane that has shown the same for this long, or for a third of the time it is given, is not going to prove more
/// by itself.
const SETTLED: Duration = Duration::from_millis(1500);
/// Calls for one thread that may fail before it is given up.
const FAILED_READS: usize = 3;
/// More messages than a thread has.
const WHOLE_THREAD: u32 = 5000;

/// What became of one thread.
#[derive(Debug)]
pub(super) enum Reading {
    /// Proved.
    Proved {
        /// The contact it was proved to belong to: the opened one, or the one it was renamed from.
        contact: Box<Contact>,
        /// What is cached of it.
        cached: Vec<StoredMessage>,
        /// The window.
        window: Window,
        /// Instagram's thread id.
        thread_id: Option<String>,
    },
    /// Nothing is stored.
    Unreadable {
        /// Why.
        reason: Reason,
        /// Nothing at all came up: counts towards a service that can't open anything.
        nothing_opened: bool,
    },
}

/// How one open went.
enum Attempt {
    Done(Reading),
    /// Another thread came up, perhaps because somebody else uses the tab.
    Wrong(Reason),
}

impl Reading {
    pub(super) const fn unreadable(reason: Reason, nothing_opened: bool) -> Self {
        Self::Unreadable { reason, nothing_opened }
    }
}

impl PlatformSync {
    /// Opens and reads one contact's thread.
    pub(super) async fn read_thread(&mut self, contact: &Contact, inbox: &Inbox) -> Result<Reading, Halt> {
        let cached = self.engine.store().thread(contact.id).await?;
        match self.attempt(contact, &cached, inbox).await? {
            Attempt::Done(reading) => Ok(reading),
            // Once more: whoever else moved the tab has moved on.
            Attempt::Wrong(_) => match self.attempt(contact, &cached, inbox).await? {
                Attempt::Done(reading) => Ok(reading),
                Attempt::Wrong(reason) => Ok(Reading::unreadable(reason, false)),
            },
        }
    }

    async fn attempt(
        &mut self,
        contact: &Contact,
        cached: &[StoredMessage],
        inbox: &Inbox,
    ) -> Result<Attempt, Halt> {
        let look_alike = !inbox.preview_is_its_own(contact);
        let mut before = self.look_before(inbox, look_alike).await?;
        if let Some(failed) = self.open(contact, inbox).await? {
            return Ok(Attempt::Done(failed));
        }
        let names = names_of(contact);
        let display_name = contact.display_name.as_deref().and_then(NameKey::of);
        let mut reader =
            Reader::new(self.thread_now(inbox).await?, self.limit(), SETTLED.min(self.settle_timeout() / 3));
        loop {
            let Some(window) = self.read_window(&mut reader).await? else {
                return Ok(Attempt::Done(Reading::unreadable(reader.failure(), false)));
            };
            let ids = self.thread_ids(contact, inbox, &before, &mut reader, &window).await?;
            let claim = Claim {
                platform: self.platform(),
                shape: inbox.shape,
                names: &names,
                display_name: display_name.as_ref(),
                preview: contact.preview.as_deref(),
                preview_unique: !look_alike,
                name_unique: inbox.name_is_its_own(contact),
                cached,
                window: &window.messages,
                limit: window.limit,
                before: &before.pane,
                steady: reader.steady,
                ids: ids.as_ref(),
                elsewhere: None,
                second_open_agrees: false,
                disturbed: self.tab.disturbed,
            };
            let verdict = self.judge(contact.id, &claim).await?;
            let still_as_before = before.pane == PaneBefore::Showed(window.messages.clone());
            match verdict {
                Verdict::Proved(_) if !reader.deepened && self.reads_deep(contact) => {
                    reader.deepened = true;
                    if self.scroll_thread().await? {
                        (reader.limit, reader.last) = (WHOLE_THREAD, None);
                    }
                    continue;
                }
                Verdict::Proved(proof) => {
                    tracing::debug!(platform = %self.platform(), contact = contact.id.0, ?proof, "proved");
                    return Ok(Attempt::Done(proved(contact, cached, window, ids)));
                }
                Verdict::Disproved(Disproof::AnothersThread) if reader.steady => {
                    if let Some(reading) = self.renamed(contact, inbox, &claim, &window).await? {
                        return Ok(Attempt::Done(reading));
                    }
                    return Ok(Attempt::Wrong(Reason::WrongThread));
                }
                Verdict::Disproved(disproof) if !still_as_before && reader.settled() => {
                    return Ok(Attempt::Wrong(match disproof {
                        Disproof::NotItsThread => Reason::AnotherPersonSameName,
                        _ => Reason::WrongThread,
                    }));
                }
                // The pane shows what it showed before, and that fits the contact: a look-alike, or nothing opened.
                Verdict::Open(Missing::Change) if reader.settled() && !reader.emptied => {
                    if let Some(failed) =
                        self.open_from_empty(contact, inbox, &mut before, &mut reader).await?
                    {
                        return Ok(Attempt::Done(failed));
                    }
                    continue;
                }
                Verdict::Open(Missing::SecondOpen) if reader.steady => {
                    let again = match self.confirm(contact, inbox, &window, &mut reader).await? {
                        Confirmed::Yes(again) => again,
                        Confirmed::No => return Ok(Attempt::Wrong(Reason::ThreadUnreadable)),
                        Confirmed::Failed(failed) => return Ok(Attempt::Done(failed)),
                    };
                    let pane = again.map_or_else(|| before.pane.clone(), |before| before.pane);
                    let claim = Claim { second_open_agrees: true, before: &pane, ..claim };
                    let Verdict::Proved(_) = self.judge(contact.id, &claim).await? else {
                        return Ok(Attempt::Done(Reading::unreadable(Reason::ThreadUnreadable, false)));
                    };
                    return Ok(Attempt::Done(proved(contact, cached, window, ids)));
                }
                // A pane that is still as it was may only be late.
                Verdict::Open(Missing::Evidence) if reader.settled() && !still_as_before => {
                    return Ok(Attempt::Done(Reading::unreadable(Reason::ThreadUnreadable, false)));
                }
                Verdict::Disproved(_) | Verdict::Open(_) => {}
            }
            if reader.since_open.elapsed() >= self.settle_timeout() {
                return Ok(Attempt::Done(gave_up(verdict, still_as_before)));
            }
            // A read that only lacks its confirmation is repeated at once.
            if verdict != Verdict::Open(Missing::SteadyRead) || reader.steady {
                self.pause(reader.next_pause()).await?;
            }
        }
    }

    /// Judges, looking other threads up only when the table asks for them.
    async fn judge(&self, contact: ContactId, claim: &Claim<'_>) -> Result<Verdict, Halt> {
        let verdict = evidence::judge(claim);
        if verdict != Verdict::Open(Missing::Elsewhere) {
            return Ok(verdict);
        }
        let found = self.engine.store().elsewhere(self.platform(), contact, claim.window).await?;
        let elsewhere = Elsewhere { texts: found.texts, ids: found.ids };
        Ok(evidence::judge(&Claim { elsewhere: Some(&elsewhere), ..*claim }))
    }

    /// What the pane shows before the open. This run's own last read is believed, except where look-alikes or a
    /// second user of the tab could make the difference.
    async fn look_before(&mut self, inbox: &Inbox, look_alike: bool) -> Result<Before, Halt> {
        let mut thread = None;
        if inbox.shows_thread_ids {
            let left = self.tab.thread.clone();
            let now = self.thread_now(inbox).await?;
            let moved = matches!(left, KnownThread::Seen(left) if left != now);
            if moved && self.tab.moved {
                self.tab.disturbed = true;
                self.tab.pane = PaneBefore::Unknown;
            }
            self.tab.thread = KnownThread::Seen(now.clone());
            thread = now;
        }
        let believed = self.tab.pane != PaneBefore::Unknown;
        let limit = self.limit();
        let fresh = !believed || (inbox.shape == Shape::Real && !inbox.shows_thread_ids && look_alike);
        if fresh {
            let service = self.service.clone();
            match self.call(async move { service.messages(limit).await }).await? {
                Ok(window) => {
                    self.tab.looked(window.messages);
                }
                Err(error) if halt::ends_the_platform(error.class) => return Err(error.into()),
                Err(_) => self.tab.pane = PaneBefore::Unknown,
            }
        }
        Ok(Before { pane: self.tab.pane.clone(), thread })
    }

    /// Reads the pane; `None` where it can't be read.
    pub(super) async fn read_window(&mut self, reader: &mut Reader) -> Result<Option<Window>, Halt> {
        let limit = reader.limit;
        loop {
            let service = self.service.clone();
            match self.call(async move { service.messages(limit).await }).await? {
                Ok(window) => {
                    reader.saw(&window.messages);
                    self.tab.showed(window.messages.clone());
                    return Ok(Some(window));
                }
                Err(error) if halt::ends_the_platform(error.class) => return Err(error.into()),
                Err(error) => {
                    reader.failed.push(error.reason());
                    // A slow call may still hold the tab: asking again would only add to it.
                    if error.class == ErrorClass::TimedOut || reader.failed.len() >= FAILED_READS {
                        return Ok(None);
                    }
                    self.pause(reader.next_pause()).await?;
                }
            }
        }
    }

    /// The thread ids around a read. The id after it is fetched only when the pane shows the same twice: until then
    /// no id could prove anything.
    async fn thread_ids(
        &mut self,
        contact: &Contact,
        inbox: &Inbox,
        before: &Before,
        reader: &mut Reader,
        window: &Window,
    ) -> Result<Option<ThreadIds>, Halt> {
        if !inbox.shows_thread_ids {
            return Ok(None);
        }
        let at_read = reader.thread.clone();
        let mut after_read = None;
        if reader.steady && !window.messages.is_empty() {
            after_read = self.thread_now(inbox).await?;
            self.tab.thread = KnownThread::Seen(after_read.clone());
            // One open changes the address once.
            self.tab.disturbed |= at_read.is_some() && at_read != before.thread && at_read != after_read;
            // Where it changed in between, the next read is measured against the new one.
            reader.thread.clone_from(&after_read);
        }
        let owner = at_read.as_deref().map_or(ThreadOwner::Nobody, |id| inbox.owner_of(id, contact));
        Ok(Some(ThreadIds {
            before: before.thread.clone(),
            at_read,
            after_read,
            stored: contact.thread_id.clone(),
            owner,
        }))
    }

    /// Opens a thread once more with nothing open before. `None`: go on reading.
    pub(super) async fn open_from_empty(
        &mut self,
        contact: &Contact,
        inbox: &Inbox,
        before: &mut Before,
        reader: &mut Reader,
    ) -> Result<Option<Reading>, Halt> {
        reader.emptied = true;
        if !self.empty_pane(reader).await? {
            self.tab.disturbed = true;
            return Ok(Some(Reading::unreadable(Reason::ThreadUnreadable, false)));
        }
        *before = Before { pane: PaneBefore::Showed(Vec::new()), thread: self.thread_now(inbox).await? };
        if let Some(failed) = self.open(contact, inbox).await? {
            return Ok(Some(failed));
        }
        reader.opened();
        reader.thread = self.thread_now(inbox).await?;
        Ok(None)
    }

    /// Shows the inbox and waits until the pane is empty; false where it doesn't become so.
    async fn empty_pane(&mut self, reader: &mut Reader) -> Result<bool, Halt> {
        self.show_inbox().await?;
        reader.opened();
        loop {
            let Some(window) = self.read_window(reader).await? else { return Ok(false) };
            if window.messages.is_empty() {
                return Ok(true);
            }
            if reader.since_open.elapsed() >= self.settle_timeout() {
                return Ok(false);
            }
            self.pause(reader.next_pause()).await?;
        }
    }

    /// A stored thread that opens under a name nobody had before is its contact, renamed: if everything else fits.
    async fn renamed(
        &mut self,
        contact: &Contact,
        inbox: &Inbox,
        claim: &Claim<'_>,
        window: &Window,
    ) -> Result<Option<Reading>, Halt> {
        let Some(ids) = claim.ids else { return Ok(None) };
        let owner = ids.at_read.as_deref().and_then(|id| inbox.unlisted_owner(id));
        let Some(owner) = owner.filter(|_| contact.fingerprint.is_none() && contact.message_count == 0)
        else {
            return Ok(None);
        };
        let cached = self.engine.store().thread(owner.id).await?;
        let as_owner = ThreadIds { stored: owner.thread_id.clone(), owner: ThreadOwner::This, ..ids.clone() };
        let claim = Claim { cached: &cached, ids: Some(&as_owner), ..*claim };
        if !matches!(self.judge(owner.id, &claim).await?, Verdict::Proved(_)) {
            return Ok(None);
        }
        let owner = self.engine.store().rename_into(contact.id, owner.id).await?;
        self.step("renamed", Some("a known thread now carries another name".to_owned())).await;
        let thread_id = owner.thread_id.clone();
        Ok(Some(Reading::Proved { contact: Box::new(owner), cached, window: window.clone(), thread_id }))
    }

    /// How many messages are asked for. TikTok answers the FIRST ones, so it is asked for more than a thread has.
    fn limit(&self) -> u32 {
        match self.platform() {
            Platform::TikTok => WHOLE_THREAD,
            _ => self.request.message_limit.unwrap_or(self.engine.settings().sync.message_limit),
        }
    }

    /// Whether older messages are loaded before the read counts: on Twitter, for whole threads, when asked for.
    fn reads_deep(&self, contact: &Contact) -> bool {
        self.platform() == Platform::Twitter
            && self.engine.settings().sync.twitter_thread_scrolls > 0
            && (contact.fingerprint.is_none() || self.request.mode == Mode::Full)
    }

    pub(super) fn settle_timeout(&self) -> Duration {
        Duration::from_millis(self.engine.settings().sync.settle_timeout_ms)
    }

    /// Records that a thread could not be read, and how long it rests.
    pub(super) fn unreadable(&self, contact: &Contact, reason: Reason) -> Unreadable {
        let failures = contact.unreadable.as_ref().map_or(0, |known| known.failures) + 1;
        let rest_until_run = plan::rest_until(self.state.runs, failures);
        Unreadable { reason, failures, rest_until_run, seen: plan::shown(contact) }
    }
}

fn proved(contact: &Contact, cached: &[StoredMessage], window: Window, ids: Option<ThreadIds>) -> Reading {
    Reading::Proved {
        contact: Box::new(contact.clone()),
        cached: cached.to_vec(),
        window,
        thread_id: ids.and_then(|ids| ids.at_read),
    }
}

/// What a pane that never settled on the contact's thread means.
const fn gave_up(verdict: Verdict, still_as_before: bool) -> Reading {
    match verdict {
        Verdict::Open(Missing::Messages) => Reading::unreadable(Reason::NoMessagesShown, true),
        Verdict::Disproved(_) if !still_as_before => Reading::unreadable(Reason::WrongThread, false),
        _ => Reading::unreadable(Reason::ThreadUnreadable, still_as_before),
    }
}

/// The tab before an open.
pub(super) struct Before {
    pub(super) pane: PaneBefore,
    pub(super) thread: Option<String>,
}

/// The reads after one open.
pub(super) struct Reader {
    pub(super) since_open: Instant,
    last: Option<Vec<ReadMessage>>,
    same_since: Instant,
    /// Reads so far, all opens together.
    pub(super) reads: u32,
    /// Which of them was the first after the last open.
    pub(super) first_read: Option<u32>,
    /// The last two reads showed the same.
    pub(super) steady: bool,
    /// Instagram's thread id before the last read.
    pub(super) thread: Option<String>,
    pause: Duration,
    /// The pane was emptied for this contact.
    emptied: bool,
    /// How many messages are asked for.
    limit: u32,
    settles_after: Duration,
    /// Older messages were loaded.
    deepened: bool,
    failed: Vec<Reason>,
}

impl Reader {
    fn new(thread: Option<String>, limit: u32, settles_after: Duration) -> Self {
        let now = Instant::now();
        Self {
            since_open: now,
            last: None,
            same_since: now,
            reads: 0,
            first_read: None,
            steady: false,
            thread,
            pause: FIRST_PAUSE,
            emptied: false,
            limit,
            settles_after,
            deepened: false,
            failed: Vec::new(),
        }
    }

    /// Another open began: what was read before it confirms nothing.
    pub(super) fn opened(&mut self) {
        let now = Instant::now();
        (self.since_open, self.same_since) = (now, now);
        (self.last, self.first_read, self.steady, self.pause) = (None, None, false, FIRST_PAUSE);
    }

    fn saw(&mut self, window: &[ReadMessage]) {
        self.reads += 1;
        self.first_read.get_or_insert(self.reads);
        self.steady = self.last.as_deref() == Some(window);
        if !self.steady {
            self.last = Some(window.to_vec());
            self.same_since = Instant::now();
        }
    }

    fn settled(&self) -> bool {
        self.steady && self.same_since.elapsed() >= self.settles_after
    }

    pub(super) fn next_pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        pause
    }

    pub(super) fn failure(&self) -> Reason {
        self.failed.last().copied().unwrap_or(Reason::ThreadUnreadable)
    }
}
