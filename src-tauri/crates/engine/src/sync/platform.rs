//! One platform's part of a run, from "is it there?" to "leave the tab on its inbox". Strictly serial: there is one
//! browser tab behind each service.

use std::collections::HashMap;

use crm_sync_domain::merge::{self, WindowFacts};
use crm_sync_domain::plan::{self, PlannedOpen, RunFacts, Step};
use crm_sync_domain::{Contact, NameKey, Platform, Reason, Shape, identity, score};
use crm_sync_store::{StoredListing, ThreadCommit};

use super::context::PlatformSync;
use super::events::{SyncEvent, SyncStage, ThreadOutcome};
use super::halt::Halt;
use super::inbox::Inbox;
use super::list::Listed;
use super::read::Reading;
use super::report::UnreadableThread;

/// Opens that fail in a row before a service is taken to be unable to open anything.
const BROKEN_AFTER: u32 = 5;
/// Calls in a row that fail by the service's fault before its part of the run ends.
const FAULTS_IN_A_ROW: u32 = 3;

/// How the opens have gone so far.
#[derive(Default)]
struct Luck {
    proved: u32,
    nothing_opened_in_a_row: u32,
    faults_in_a_row: u32,
    /// Contacts that failed before anything was proved.
    failed: Vec<Contact>,
}

impl PlatformSync {
    /// Runs the platform's part. Whatever ends it early, what was stored stays stored and the report is true.
    pub(super) async fn run(&mut self) -> Result<(), Halt> {
        self.state.runs += 1;
        self.make_ready().await?;
        let (contacts, mut inbox) = self.list_and_store().await?;
        self.fetch_scores().await?;
        let plan = plan::plan(&contacts, &self.facts(inbox.shape));
        self.report.conversations = count(contacts.len());
        self.report.unchanged = count(contacts.len().saturating_sub(plan.opens()));
        self.tell(SyncEvent::Planned {
            platform: self.platform(),
            conversations: self.report.conversations,
            to_open: count(plan.opens()),
            unchanged: self.report.unchanged,
        });
        self.note_unreadable(&contacts, &plan).await?;
        let read = self.read_all(&plan, &contacts, &mut inbox).await;
        // Whatever ended the reading, the tab is left on its inbox unless nobody waits for that any more.
        if self.tab.moved && !matches!(read, Err(Halt::Cancelled)) {
            self.stage(SyncStage::Leaving);
            self.show_inbox().await?;
        }
        read?;
        if self.report.reason.is_none() {
            self.state.last_ok_at = Some(self.now());
        }
        Ok(())
    }

    /// Lists, stores, and returns the contacts of the listing in its order. Everything that only the listing needed is
    /// let go here: inboxes can be large.
    async fn list_and_store(&mut self) -> Result<(Vec<Contact>, Inbox), Halt> {
        let known = self.engine.store().contacts(self.platform()).await?;
        let listed = self.list(&known).await?;
        let contacts = self.store_listing(&listed, &known).await?;
        let shows_ids = self.platform() == Platform::Instagram && self.real_routes;
        // Whose a thread id is matters only where ids show.
        let known = if shows_ids { self.engine.store().contacts(self.platform()).await? } else { Vec::new() };
        let inbox = Inbox::new(listed.listing.shape, shows_ids, &contacts, known, listed.depth);
        Ok((contacts, inbox))
    }

    /// Identifies the rows, notices what changed, and stores both before the first open. Returns the contacts of the
    /// listing in its order.
    async fn store_listing(&mut self, listed: &Listed, known: &[Contact]) -> Result<Vec<Contact>, Halt> {
        let at = self.now();
        let local = self.engine.clock().local();
        let mut seen = identity::identify(&listed.listing, known, &local);
        let due = plan::changes(&seen, known, self.state.last_listed_at);
        for (contact, due) in seen.iter_mut().zip(due) {
            contact.due = due;
        }
        let keys: Vec<NameKey> = seen.iter().map(|contact| contact.key.clone()).collect();
        let listing = StoredListing { run: self.run.clone(), platform: self.platform(), at, seen };
        let counts = self.engine.store().store_listing(&listing).await?;
        self.report.new_contacts = count(counts.new);
        self.report.changed_contacts = count(counts.changed);
        self.report.listed = true;
        self.state.last_listed_at = Some(at);
        self.state.rows_seen = self.state.rows_seen.max(count(keys.len()));
        if listed.whole {
            self.state.last_full_list_at = Some(at);
        }
        self.engine.store().save_platform_state(self.platform(), &self.state).await?;
        let mut stored: HashMap<NameKey, Contact> = self
            .engine
            .store()
            .contacts(self.platform())
            .await?
            .into_iter()
            .map(|c| (c.key.clone(), c))
            .collect();
        Ok(keys.iter().filter_map(|key| stored.remove(key)).collect())
    }

    fn facts(&self, shape: Shape) -> RunFacts<'_> {
        let settings = self.engine.settings();
        RunFacts {
            platform: self.platform(),
            shape,
            mode: self.request.mode,
            leave_unread: self.leaves_unread(),
            run: self.state.runs,
            now: self.now(),
            rechecks: settings.sync.recheck_per_run as usize,
            open_tabs: &settings.service(self.platform()).open_tabs,
            opens_broken: self.state.opens_broken,
        }
    }

    /// Records the threads that the plan can't open, and those that still rest.
    async fn note_unreadable(&mut self, contacts: &[Contact], plan: &plan::Plan) -> Result<(), Halt> {
        for (i, reason, news) in &plan.unreadable {
            let contact = &contacts[*i];
            self.report_unreadable(contact, *reason);
            if *news {
                self.report.fell_short = true;
                self.engine.store().mark_unreadable(contact.id, &self.unreadable(contact, *reason)).await?;
            }
        }
        Ok(())
    }

    fn report_unreadable(&mut self, contact: &Contact, reason: Reason) {
        self.report.unreadable += 1;
        self.report.unreadable_threads.push(UnreadableThread {
            username: contact.username.clone(),
            reason,
            fix: reason.fix(self.platform()),
        });
    }

    async fn read_all(
        &mut self,
        plan: &plan::Plan,
        contacts: &[Contact],
        inbox: &mut Inbox,
    ) -> Result<(), Halt> {
        if plan.opens() == 0 {
            return Ok(());
        }
        self.stage(SyncStage::Reading);
        if self.state.quiet_until.is_some_and(|until| self.now() < until) {
            // A call of an earlier run may still be moving the tab.
            self.tab.forget();
            self.show_inbox().await?;
        }
        let known_broken = self.state.opens_broken;
        let mut luck = Luck::default();
        for step in &plan.steps {
            match step {
                Step::SelectTab(tab) => self.select_tab(*tab).await?,
                Step::NavigateInbox => self.show_inbox().await?,
                Step::Open(open) => {
                    self.read_one(open, contacts, inbox, &mut luck, plan.opens()).await?;
                    if luck.proved == 0 && (known_broken || luck.nothing_opened_in_a_row >= BROKEN_AFTER) {
                        return self.opens_are_broken(&luck, known_broken).await;
                    }
                }
            }
        }
        self.step("read", Some(format!("{} of {} threads", luck.proved, plan.opens()))).await;
        Ok(())
    }

    async fn read_one(
        &mut self,
        open: &PlannedOpen,
        contacts: &[Contact],
        inbox: &mut Inbox,
        luck: &mut Luck,
        to_open: usize,
    ) -> Result<(), Halt> {
        let contact = &contacts[open.contact];
        self.report.opened += 1;
        let outcome = match self.read_thread(contact, inbox).await? {
            Reading::Proved { contact, cached, window, thread_id } => {
                let read_at = self.engine.clock().local();
                let facts = WindowFacts {
                    complete: window.messages.len() < window.limit as usize,
                    first_n: self.platform() == Platform::TikTok && inbox.shape == Shape::Real,
                    drops_repeats: self.platform() == Platform::Instagram && inbox.shape == Shape::Real,
                    previous_read: contact.read_at,
                    read_at: read_at.to_utc(),
                    times: merge::message_times(&window.messages, &read_at),
                };
                let merged = merge::merge(cached, &window.messages, &facts);
                inbox.learned(thread_id.as_deref(), contact.id);
                let commit = ThreadCommit {
                    run: self.run.clone(),
                    contact: contact.id,
                    at: self.now(),
                    fingerprint: plan::shown(&contacts[open.contact]),
                    thread_id,
                    local_score: score::local_score(&merged.thread, self.now()),
                    thread: merged.thread,
                };
                let counts = self.engine.store().commit_thread(&commit).await?;
                (luck.nothing_opened_in_a_row, luck.faults_in_a_row) = (0, 0);
                luck.proved += 1;
                luck.failed.clear();
                self.state.opens_broken = false;
                self.report.new_messages += count(counts.new_messages);
                ThreadOutcome::Read { new_messages: count(counts.new_messages) }
            }
            Reading::Unreadable { reason, nothing_opened } => {
                self.report_unreadable(contact, reason);
                self.report.fell_short = true;
                self.engine.store().mark_unreadable(contact.id, &self.unreadable(contact, reason)).await?;
                luck.nothing_opened_in_a_row =
                    if nothing_opened { luck.nothing_opened_in_a_row + 1 } else { 0 };
                luck.failed.push(contact.clone());
                let fault = matches!(reason, Reason::TooSlow | Reason::BadReply | Reason::ServiceError);
                luck.faults_in_a_row = if fault { luck.faults_in_a_row + 1 } else { 0 };
                let enough = if reason == Reason::TooSlow { 2 } else { FAULTS_IN_A_ROW };
                if luck.faults_in_a_row >= enough {
                    return Err(Halt::because(reason, "one thread after another failed"));
                }
                ThreadOutcome::Unreadable { reason }
            }
        };
        self.tell(SyncEvent::Thread {
            platform: self.platform(),
            done: self.report.opened,
            to_open: count(to_open),
            username: contact.username.clone(),
            outcome,
        });
        Ok(())
    }

    /// Every open failed: that is the service's state and not each contact's. They are tried anew as soon as one
    /// open succeeds.
    async fn opens_are_broken(&mut self, luck: &Luck, known_broken: bool) -> Result<(), Halt> {
        self.state.opens_broken = true;
        self.limited_by(Reason::OpenBroken);
        // A state that is known is not news.
        self.report.fell_short = !known_broken;
        self.report.unreadable_threads.retain(|t| luck.failed.iter().all(|c| c.username != t.username));
        self.report.unreadable -= count(luck.failed.len());
        for contact in &luck.failed {
            self.report_unreadable(contact, Reason::OpenBroken);
            let mut unreadable = self.unreadable(contact, Reason::OpenBroken);
            unreadable.rest_until_run = 0;
            self.engine.store().mark_unreadable(contact.id, &unreadable).await?;
        }
        self.step("open_broken", None).await;
        Ok(())
    }
}

pub(super) fn count<N: TryInto<u32>>(n: N) -> u32 {
    n.try_into().unwrap_or(u32::MAX)
}
